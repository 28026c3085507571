package service_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// between lets a rival run after the reads of the next operation and before its
// commit.
func between(w *testkit.World, rival func(*service.Services)) {
	// The rival has its own store, because requests of the world's store wait
	// here.
	others := service.New(service.Config{Keys: testkit.Keys, Background: w.Background,
		Store: store.New(w.Client, w.Table), Now: w.Now, Log: quiet()})
	done := false
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "TransactWriteItems" && !done {
			done = true
			rival(others)
		}
		return testkit.NoFault
	})
}

func ptr[T any](v T) *T { return &v }

func at(id value.ProfileID) service.ProfileRef { return service.ProfileRef{ID: id} }

// keptToken is a token as the table has it. Its row in the list must agree.
func keptToken(w *testkit.World, text string) (tenancy.Token, bool) {
	w.Helper()
	batch := w.Store.Batch()
	found := batch.Token(value.TokenID(text[2:10]))
	w.OK(batch.Get(w.Context()))
	row := found.Value
	row.Hash = nil
	rows := 0
	for _, p := range w.Items() {
		if p.SK != "P" {
			continue
		}
		for r, err := range w.Store.TokenRows(w.Context(),
			value.ProfileID(p.PK[2:]), store.Walk{}) {
			w.OK(err)
			if r.ID != value.TokenID(text[2:10]) {
				continue
			}
			if rows++; !reflect.DeepEqual(r, row) {
				w.Errorf("the row of the token says\n%+v\nand the token\n%+v", r, row)
			}
		}
	}
	if found.OK != (rows == 1) || rows > 1 {
		w.Errorf("the token is there: %v, and it has %d rows", found.OK, rows)
	}
	return found.Value, found.OK
}

// tokenRace is a race between an edit of a token and another change of it.
type tokenRace struct {
	*testkit.World
	ana, ben    testkit.Person
	other       value.ProfileID
	token, bens string
}

// tokenChange is a change that a program makes.
type tokenChange func(tokenRace, *service.Services) error

type editAgainst struct {
	name  string
	do    tokenChange
	rival tokenChange
	code  problem.Code
	// the token: name, disabled, scope, networks, profile, version; empty when
	// it is deleted
	want string
}

// edits is the owner's edit of the token.
func edits(edit tenancy.TokenEdit) tokenChange {
	return func(s tokenRace, o *service.Services) error {
		return o.Tokens.Edit(s.Context(), s.ana.Client(operation.TokenEdit),
			at(s.ana.Home), s.token,
			edit, service.Credentials{})
	}
}

// moves moves the token by itself to the other profile.
func moves(s tokenRace, o *service.Services) error {
	return o.Profiles.Switch(s.Context(),
		testkit.ClientOf(s.token).For(operation.ProfileSwitch.Access), s.other)
}

// rotates rotates the token by itself.
func rotates(s tokenRace, o *service.Services) error {
	_, err := o.Tokens.Rotate(s.Context(),
		testkit.ClientOf(s.token).For(operation.TokenRotate.Access), at(s.ana.Home),
		tokens.Rotation{Token: s.token, Grace: "1 day"})
	return err
}

// A change between the reads and the commit of an edit is not lost, and the
// edit is decided again.
func TestAnEditOfATokenAgainstOthers(t *testing.T) {
	t.Parallel()
	rename := tenancy.TokenEdit{Name: ptr("renamed")}
	disable := tenancy.TokenEdit{Disabled: ptr(true)}
	limits := tenancy.TokenEdit{TokenLimits: tenancy.TokenLimits{AllowList: &[]string{"192.0.2.0/24"}}}
	narrow := tenancy.TokenEdit{TokenLimits: tenancy.TokenLimits{AllowList: &[]string{"203.0.113.1"}}}
	confine := tenancy.TokenEdit{TokenLimits: tenancy.TokenLimits{Scope: ptr("profile")}}
	for _, c := range []editAgainst{
		{"two edits of different fields",
			edits(rename), edits(disable), "", "renamed true account anywhere home 2"},
		{"a list that was within the one before, and is not within the one since",
			edits(narrow), edits(limits), problem.CodeInvalid, "minted false account 192.0.2.0/24 home 1"},
		{"an edit and a deletion",
			edits(rename), func(s tokenRace, o *service.Services) error {
				return o.Tokens.Delete(t.Context(), s.ana.Client(operation.TokenDelete),
					at(s.ana.Home), s.token)
			}, problem.CodeNotFound, ""},
		{"an edit and a report that the token is public",
			edits(rename), func(s tokenRace, o *service.Services) error {
				return o.Tokens.Leaked(t.Context(),
					testkit.ClientOf(s.ana.Token).For(operation.TokenLeaked.Access), s.token)
			}, problem.CodeNotFound, ""},
		{"an edit and a move",
			edits(rename), moves, problem.CodeNotFound, "minted false account anywhere other 1"},
		{"a move and an edit",
			moves, edits(limits), "", "minted false account 192.0.2.0/24 other 2"},
		{"a move and an edit that keeps the token at home",
			moves, edits(confine), problem.CodeForbidden, "minted false profile anywhere home 1"},
		{"a move and an edit that disables the token",
			moves, edits(disable), problem.CodeUnauthenticated, "minted true account anywhere home 1"},
		{"enabling, and the owner's word against it",
			func(s tokenRace, _ *service.Services) error {
				s.OK(s.Tokens.Edit(t.Context(), s.ben.Client(operation.TokenEdit), at(s.ana.Home),
					s.bens, disable, service.Credentials{}))
				between(s.World, func(o *service.Services) {
					s.OK(o.Tokens.Edit(t.Context(), s.ana.Client(operation.TokenEdit),
						at(s.ana.Home), s.bens, disable, service.Credentials{}))
				})
				return s.Tokens.Edit(t.Context(), s.ben.Client(operation.TokenEdit),
					at(s.ana.Home), s.bens, tenancy.TokenEdit{Disabled: ptr(false)},
					service.Credentials{Password: testkit.Password})
			}, nil, problem.CodeForbidden, "minted false account anywhere home 0"},
		{"an edit and a rotation with grace",
			edits(disable), rotates, problem.CodeConflict, "minted false account anywhere home 1"},
		{"a rotation and an edit that disables the token",
			rotates, edits(disable), problem.CodeUnauthenticated, "minted true account anywhere home 1"},
		{"a rotation by another token, and an edit that disables that one",
			func(s tokenRace, _ *service.Services) error {
				_, err := s.Tokens.Rotate(t.Context(), s.ana.Client(operation.TokenRotate),
					at(s.ana.Home), tokens.Rotation{Token: s.token, Grace: "1 day",
						Credentials: service.Credentials{Password: testkit.Password}})
				return err
			},
			func(s tokenRace, o *service.Services) error {
				return o.Tokens.Edit(t.Context(), s.ana.Client(operation.TokenEdit), at(s.ana.Home),
					s.ana.Token, disable, service.Credentials{})
			}, problem.CodeUnauthenticated, "minted false account anywhere home 0"},
		{"a rotation and a policy that forbids the new token",
			rotates,
			func(s tokenRace, o *service.Services) error {
				return o.Profiles.SetTokenPolicy(t.Context(),
					s.ana.Client(operation.TokenPolicySet), at(s.ana.Home),
					tenancy.TokenPolicyEdit{LongestDays: ptr(7)}, service.Credentials{})
			}, problem.CodeForbidden, "minted false account anywhere home 0"},
		{"a member's edit and the end of the membership",
			func(s tokenRace, _ *service.Services) error {
				return s.Tokens.Edit(t.Context(),
					testkit.ClientOf(s.bens).For(operation.TokenEdit.Access), at(s.ana.Home),
					s.bens, rename, service.Credentials{})
			},
			func(s tokenRace, o *service.Services) error {
				return o.Teams.Remove(t.Context(), s.ana.Client(operation.TeamRemove),
					at(s.ana.Home), string(s.ben.ID))
			}, problem.CodeUnauthenticated, "minted false account anywhere home 0"},
	} {
		t.Run(c.name, c.play)
	}
}

func (c editAgainst) play(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := tokenRace{World: w, ana: w.Quick("ana"), ben: w.Quick("ben")}
	w.Share(s.ana.Home, s.ben, tenancy.PermissionFull)
	s.other = s.ana.Profile("other")
	s.token, s.bens = s.ana.Mint(s.ana.Home, ""), s.ben.Mint(s.ana.Home, "")
	if c.rival != nil {
		between(w, func(o *service.Services) { w.OK(c.rival(s, o)) })
	}
	w.Refused(c.do(s, s.Services), c.code)
	w.Faults.Always(nil)
	got := ""
	if tok, ok := keptToken(w, s.token); ok {
		place := map[value.ProfileID]string{s.ana.Home: "home", s.other: "other"}[tok.Profile]
		got = fmt.Sprint(tok.Name, " ", tok.Disabled(), " ", tok.Scope, " ", tok.Networks, " ", place,
			" ", tok.Version)
	}
	if got != c.want {
		t.Errorf("the token is %q, want %q", got, c.want)
	}
	keptToken(w, s.bens)
}

// No token that a policy forbids exists together with the policy, in any order
// of their commits.
func TestAPolicyAgainstNewTokens(t *testing.T) {
	t.Parallel()
	tighten := tenancy.TokenPolicyEdit{LongestDays: ptr(7), Never: ptr(false)}
	for _, c := range []struct {
		name string
		do   func(*testkit.World, testkit.Person, tokens.NewToken) (tenancy.Token, error)
	}{
		{"made by hand", func(w *testkit.World, ana testkit.Person, n tokens.NewToken) (tenancy.Token, error) {
			made, err := w.Tokens.Create(w.Context(), ana.Client(operation.TokenCreate), n)
			return made.Token, err
		}},
		{"made signing in", func(w *testkit.World, ana testkit.Person, n tokens.NewToken) (tenancy.Token, error) {
			made, err := w.Tokens.CreateAtLogin(w.Context(),
				service.Client{Source: testkit.Home}, n)
			return made.Token, err
		}},
		{"brought", func(w *testkit.World, ana testkit.Person, n tokens.NewToken) (tenancy.Token, error) {
			if n.Expires == "" {
				n.Expires = "7 days"
			}
			token := ana.Mint(ana.Profile("second"), n.Expires)
			policyBetween(w, ana, tighten)
			err := w.Profiles.Switch(w.Context(),
				testkit.ClientOf(token).For(operation.ProfileSwitch.Access), ana.Home)
			got, _ := keptToken(w, token)
			return got, err
		}},
	} {
		for _, expires := range []string{"never", "8 days", ""} {
			t.Run(c.name+" "+expires, func(t *testing.T) {
				t.Parallel()
				w := testkit.New(t)
				ana := w.Quick("ana")
				if c.name != "brought" {
					policyBetween(w, ana, tighten)
				}
				got, err := c.do(w, ana, tokens.NewToken{
					Profile: at(ana.Home), Email: string(ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x", Expires: expires,
				})
				if expires != "" {
					w.Refused(err, problem.CodeForbidden)
				} else if err != nil || got.Expires.After(w.Now().Add(7*24*time.Hour)) {
					t.Errorf("got a token until %s and the error %v, want one within the policy", got.Expires, err)
				}
				for row, err := range w.Store.TokenRows(t.Context(), ana.Home, store.Walk{}) {
					if w.OK(err); row.Name == "x" && expires != "" {
						t.Errorf("there is a token until %s", row.Expires)
					}
				}
			})
		}
	}
}

// policyBetween sets a token policy of ana's first profile after the reads of
// the next operation and before its commit.
func policyBetween(w *testkit.World, ana testkit.Person, e tenancy.TokenPolicyEdit) {
	between(w, func(o *service.Services) {
		w.OK(o.Profiles.SetTokenPolicy(w.Context(), ana.Client(operation.TokenPolicySet),
			at(ana.Home), e, service.Credentials{}))
	})
}

// A policy and an edit of the profile at the same time both take effect.
func TestAPolicyAgainstAnEditOfTheProfile(t *testing.T) {
	t.Parallel()
	policy := tenancy.TokenPolicyEdit{LongestDays: ptr(7)}
	name := tenancy.ProfileEdit{Name: ptr("renamed")}
	for _, first := range []bool{true, false} {
		w := testkit.New(t)
		ana := w.Quick("ana")
		set := func(s *service.Services) {
			w.OK(s.Profiles.SetTokenPolicy(t.Context(), ana.Client(operation.TokenPolicySet),
				at(ana.Home), policy, service.Credentials{}))
		}
		edit := func(s *service.Services) {
			w.OK(s.Profiles.Edit(t.Context(), ana.Client(operation.ProfileEdit),
				at(ana.Home), name))
		}
		if first {
			between(w, set)
			edit(w.Services)
		} else {
			between(w, edit)
			set(w.Services)
		}
		w.Faults.Always(nil)
		p, err := w.Profiles.Get(t.Context(), ana.Client(operation.ProfileGet), at(ana.Home))
		if w.OK(err); p.Name != "renamed" || p.TokenPolicy.LongestDays != 7 {
			t.Errorf("got the name %s with the policy %+v, want both changes", p.Name, p.TokenPolicy)
		}
	}
}

// Of many concurrent edits of one token each takes effect once, and the token
// agrees with its row at the end.
func TestManyEditsOfOneToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "")
	edits := []tenancy.TokenEdit{
		{Disabled: ptr(true)}, {TokenLimits: tenancy.TokenLimits{Scope: ptr("profile")}}, {TokenLimits: tenancy.TokenLimits{AllowList: &[]string{"192.0.2.0/24"}}},
	}
	for i := range 5 {
		edits = append(edits, tenancy.TokenEdit{Name: ptr(fmt.Sprint("name ", i))})
	}
	all := make([]func() error, len(edits))
	for i, e := range edits {
		all[i] = func() error {
			return w.Tokens.Edit(t.Context(), ana.Client(operation.TokenEdit), at(ana.Home), token,
				e, service.Credentials{})
		}
	}
	for _, err := range together(all...) {
		w.OK(err)
	}
	got, _ := keptToken(w, token)
	if !got.Disabled() || got.Scope != tenancy.ScopeProfile || got.Networks.String() != "192.0.2.0/24" ||
		got.Name == "minted" || got.Version != int64(len(edits)) {
		t.Errorf("got the token %+v, want every edit in it", got)
	}
}

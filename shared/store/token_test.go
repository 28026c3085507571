package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func tokenConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CreateToken": {
			{"a new id", nil, s.createToken, nil},
			{"an id in use", steps{s.createToken},
				func(tx *store.Tx) { tx.CreateToken(s.hijacked()) }, problem.ErrConflict},
		},
		"DeleteToken": {
			{"a token of the profile", steps{s.createToken},
				func(tx *store.Tx) { tx.DeleteToken(s.token, errRefused) }, nil},
			{"a token that moved away", steps{s.createToken},
				func(tx *store.Tx) { tx.DeleteToken(s.hijacked(), errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.DeleteToken(s.token, errRefused) },
				errRefused},
		},
		"ExpireToken": {
			{"at its end", steps{s.createToken},
				func(tx *store.Tx) { tx.ExpireToken(s.token, s.now, errRefused) }, nil},
			{
				"a millisecond early",
				steps{s.createToken},
				func(tx *store.Tx) {
					tx.ExpireToken(s.token, s.now.Add(-time.Millisecond), errRefused)
				},
				errRefused,
			},
			{"a token without end", steps{func(tx *store.Tx) {
				tx.CreateToken(with(s.token, func(t *tenancy.Token) { t.Expires = time.Time{} }))
			}}, func(tx *store.Tx) { tx.ExpireToken(s.token, s.now, errRefused) }, errRefused},
			{"a token that moved away", steps{s.createToken},
				func(tx *store.Tx) { tx.ExpireToken(s.hijacked(), s.now, errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.ExpireToken(s.token, s.now, errRefused) },
				errRefused},
		},
		"MoveToken": {
			{"a token of the profile", steps{s.createToken},
				func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, nil},
			{"a token that moved away", steps{s.createToken},
				func(tx *store.Tx) { tx.MoveToken(s.hijacked(), s.token, errRefused) }, errRefused},
			{"no token", nil,
				func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, errRefused},
			{"a token that was edited since", steps{s.createToken, s.editToken},
				func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, errRefused},
			{"a token as it was edited", steps{s.createToken, s.editToken}, func(tx *store.Tx) {
				edited := with(
					s.token,
					func(t *tenancy.Token) {
						t.Name, t.Scope, t.Version = "edited", tenancy.ScopeProfile, 1
					},
				)
				tx.MoveToken(edited, with(edited, func(t *tenancy.Token) { t.Profile = "another" }),
					errRefused)
			}, nil},
			{"a token that was rotated meanwhile", steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.MoveToken(s.endless(), s.hijacked(), errRefused) },
				errRefused},
		},
		"EditToken": {
			{"a token as it was made", steps{s.createToken}, s.editToken, nil},
			{"a token as it was edited", steps{s.createToken, s.editToken}, func(tx *store.Tx) {
				tx.EditToken(s.edited(), s.edited(), errRefused)
			}, nil},
			{"a token that was edited since", steps{s.createToken, s.editToken}, s.editToken,
				errRefused},
			{
				"a token that moved away",
				steps{s.createToken,
					func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }},
				s.editToken,
				errRefused,
			},
			{
				"a token that moved away and back",
				steps{
					s.createToken,
					func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) },
					func(tx *store.Tx) {
						tx.MoveToken(with(s.hijacked(), func(t *tenancy.Token) { t.Version = 1 }),
							with(s.token, func(t *tenancy.Token) { t.Version = 1 }), errRefused)
					},
				},
				s.editToken,
				errRefused,
			},
			{"a token that was rotated", steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.EditToken(s.endless(), s.endless(), errRefused) },
				errRefused},
			{"a token that was deleted",
				steps{s.createToken, func(tx *store.Tx) { tx.DeleteToken(s.token, errRefused) }},
				s.editToken, errRefused},
			{"a token that a sweep attended to since", steps{s.createToken, s.attendToken},
				s.editToken, errRefused},
			{"no token", nil, s.editToken, errRefused},
		},
	}
}

// tokenReadConditions are those of what relies on a token as it was read.
func tokenReadConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"AttendToken": {
			{"as it was read", steps{s.createToken}, s.attendToken, nil},
			{"attended to meanwhile", steps{s.createToken, s.attendToken}, s.attendToken,
				errRefused},
			{"edited meanwhile", steps{s.createToken, s.editToken}, s.attendToken, errRefused},
			{"no token", nil, s.attendToken, errRefused},
		},
		"CheckToken": {
			{"a token as it was read", steps{s.createEndless},
				func(tx *store.Tx) { tx.CheckToken(s.endless(), errRefused) }, nil},
			{"rotated meanwhile", steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.CheckToken(s.endless(), errRefused) }, errRefused},
			{"edited meanwhile", steps{s.createToken, s.editToken},
				func(tx *store.Tx) { tx.CheckToken(s.token, errRefused) }, errRefused},
			{"as it was edited", steps{s.createToken, s.editToken}, func(tx *store.Tx) {
				tx.CheckToken(with(s.token, func(t *tenancy.Token) { t.Version = 1 }), errRefused)
			}, nil},
			{"a token that moved away", steps{s.createEndless},
				func(tx *store.Tx) { tx.CheckToken(s.hijacked(), errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.CheckToken(s.endless(), errRefused) },
				errRefused},
		},
	}
}

func (s situation) createToken(tx *store.Tx) { tx.CreateToken(s.token) }

func (s situation) hijacked() tenancy.Token {
	return with(s.token, func(t *tenancy.Token) { t.Profile = "another" })
}

func (s situation) editToken(tx *store.Tx) { tx.EditToken(s.token, s.edited(), errRefused) }

// edited is the token after editToken.
func (s situation) edited() tenancy.Token {
	return with(s.token, func(t *tenancy.Token) {
		t.Name, t.Scope, t.Version = "edited", tenancy.ScopeProfile, 1
	})
}

func (s situation) attendToken(tx *store.Tx) {
	tx.AttendToken(s.token, with(s.token, func(t *tenancy.Token) {
		t.Reminded, t.IdleCheck, t.IdleTold = s.now, s.now.Add(day), s.now
	}), errRefused)
}

// endless is the token without an end, which the cases of rotation use.
func (s situation) endless() tenancy.Token {
	return with(s.token, func(t *tenancy.Token) { t.Expires = time.Time{} })
}

func (s situation) createEndless(tx *store.Tx) { tx.CreateToken(s.endless()) }

func TestTokenRows(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	profile, other := newProfile(w, "ana"), newProfile(w, "ana")
	foreign(w, "P#"+string(profile.ID), "M#0", "P", "S#0", "T", "T$0", "TX", "U", "U#0", "X")
	foreign(w, "P#"+string(profile.ID)+"0", "T#0000000000000#0")
	var want []string
	add := func(name string) {
		w.Advance(time.Millisecond)
		mine, theirs := newToken(w, profile.ID), newToken(w, other.ID)
		mine.Name = name
		must(w, func(tx *store.Tx) { tx.CreateToken(mine) },
			func(tx *store.Tx) { tx.CreateToken(theirs) })
		want = append(want, string(mine.ID))
	}
	walk := func(pageSize int) {
		t.Helper()
		w.Meter.Reset()
		same(t, fmt.Sprintf("oldest first by %d", pageSize), rows(w, profile.ID, false, pageSize),
			want)
		paged(w)
		reversed := slices.Clone(want)
		slices.Reverse(reversed)
		same(t, fmt.Sprintf("newest first by %d", pageSize), rows(w, profile.ID, true, pageSize),
			reversed)
	}
	for range 7 {
		add("small")
	}
	for _, pageSize := range []int{1, 3, 7} {
		walk(pageSize)
	}
	// These tokens fill one answer, which ends at 1 MB.
	for range 5 {
		add(bulk)
	}
	for _, pageSize := range []int{0, 5000} {
		walk(pageSize)
	}
	same(t, "rows of no profile", rows(w, "000000000000000000000000", false, 0), nil)

	// A reader who stops within a page does not pay for the next one.
	w.Meter.Reset()
	for range w.Store.TokenRows(t.Context(), profile.ID, store.Walk{PageSize: 3}) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first row took %d requests, want 1", used.Requests)
	}
}

// The replacement of a token is a copy of it, so its condition must know each
// attribute that a token may lack.
func TestATokenAsItWasReadIsAllOfIt(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"token": "accountEpoch disabledBy duePK dueSK expires family grantEpoch hash idleCheck " +
			"idleTold networks previous previousRetires reminded retires reused scope signIn ttl version",
		"profile": "alerts bannerURL cost disableUnusedTokens logoURL longestTokenDays " +
			"noEndlessTokens quietNetworks softLimits",
		"account": "asked billing company country duePK dueSK factors lastLogin paidUntil phone " +
			"preferences proved roleBy roleSince schedule secured sources spent ttl undos unproven",
	} {
		got := strings.Join(store.Optional()[form], " ")
		same(t, "the attributes that a "+form+" may be without", got, want)
	}
}

package operation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// from sends a request from a network address.
func from(
	w *testkit.World, address string, o operation.Operation, method, path, token string,
) testkit.Answer {
	w.Helper()
	event := testkit.Event(method, path)
	event.RequestContext.HTTP.SourceIP = address
	event.Headers["token"] = token
	return w.Send(o, event)
}

// limitView is the part of a token's limits that clients see.
type limitView struct {
	Token      string
	Name       string
	AllowList  []string `json:"allow_list"`
	Scope      string
	Disabled   *bool
	ExpireTime string `json:"expire_time"`
}

func (v limitView) String() string {
	return fmt.Sprintf("%s %q %s %v", v.Name, v.AllowList, v.Scope, *v.Disabled)
}

// made makes a token of a profile.
func made(
	w *testkit.World, who testkit.Person, token string, id value.ProfileID, more object,
) testkit.Answer {
	w.Helper()
	body := object{"name": "made", "email": who.Email, "password": testkit.Password}
	for key, value := range more {
		body[key] = value
	}
	return w.Call(operation.TokenCreate, "POST", "/profile/"+string(id)+"/token", token, body)
}

func signedIn(
	w *testkit.World, who testkit.Person, id value.ProfileID, more object,
) testkit.Answer {
	w.Helper()
	body := object{"name": "made", "email": who.Email, "password": testkit.Password, "profile_id": id}
	for key, value := range more {
		body[key] = value
	}
	return w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", body)
}

func limit(
	w *testkit.World, token string, id value.ProfileID, target string, body object,
) testkit.Answer {
	w.Helper()
	return w.Call(operation.TokenEdit, "PUT", "/profile/"+string(id)+"/token/"+target, token, body)
}

func setPolicy(w *testkit.World, token string, id value.ProfileID, body object) testkit.Answer {
	w.Helper()
	return w.Call(operation.TokenPolicySet, "PUT", "/profile/"+string(id)+"/token_policy", token, body)
}

func (v limitView) in(w *testkit.World, token string, id value.ProfileID) (row limitView) {
	w.Helper()
	var rows []limitView
	w.Call(operation.TokenList, "GET", "/profile/"+string(id)+"/token?filter[token]="+v.Token, token, nil).Into(w, &rows)
	if len(rows) != 1 {
		w.Fatalf("got %d rows of the token, want 1", len(rows))
	}
	return rows[0]
}

// turned is a check that fails unless the answer is a refusal with a code and
// certain words.
func turned(t *testing.T, what string, got testkit.Answer, code int, words string) {
	t.Helper()
	if got.Code != code || !strings.Contains(got.Message, words) {
		t.Errorf("%s: got %d %q, want %d %q", what, got.Code, got.Message, code, words)
	}
}

// Both ways of making a token take limits, and everything that shows a token
// shows them.
func TestATokenIsMadeWithLimits(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for name, make := range map[string]func(object) testkit.Answer{
		"by hand":    func(more object) testkit.Answer { return made(w, ana, ana.Token, ana.Home, more) },
		"signing in": func(more object) testkit.Answer { return signedIn(w, ana, ana.Home, more) },
	} {
		for _, c := range []struct {
			more object
			want string
		}{
			{nil, `made [] account false`},
			{object{"allow_list": nil, "scope": nil}, `made [] account false`},
			{object{"allow_list": []string{}, "scope": "account"}, `made [] account false`},
			{object{"allow_list": []string{"192.0.2.99/24", "::ffff:203.0.113.7"}, "scope": "profile"}, `made ["192.0.2.0/24" "203.0.113.7"] profile false`},
		} {
			var token, info limitView
			make(c.more).Into(w, &token)
			w.Call(operation.TokenInfo, "GET", "/info", token.Token, nil).Into(w, &info)
			row := token.in(w, ana.Token, ana.Home)
			if token.String() != c.want || row.String() != c.want || info.String() != c.want {
				t.Errorf("%s with %v: made as %s, listed as %s, says of itself %s; want %s", name, c.more, token, row, info, c.want)
			}
		}
		before := w.State()
		for words, more := range map[string]object{
			"allow_list[1]":             {"allow_list": []string{"192.0.2.1", "x"}},
			"allow_list must be":        {"allow_list": "192.0.2.1"},
			"scope must be \"account\"": {"scope": "all"},
		} {
			turned(t, name, make(more), 400, words)
		}
		if w.State() != before && name == "by hand" {
			t.Errorf("%s: what was refused changed the table", name)
		}
	}
	var rows []limitView
	w.Call(operation.TokenList, "GET", "/profile/current/token?filter[scope]=profile&fields=scope,allow_list,disabled&orderBy=allow_list", ana.Token, nil).Into(w, &rows)
	if len(rows) != 2 || rows[0].Scope != "profile" || rows[0].Name != "" || len(rows[0].AllowList) != 2 {
		t.Errorf("filtered by scope: got %v", rows)
	}
}

// A caller with the secret learns from where a token may not be used, but not
// from where it may. Others learn nothing.
func TestATokenWorksFromItsNetworksOnly(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	var token limitView
	made(w, ana, ana.Token, ana.Home, object{"allow_list": []string{"203.0.113.0/24", "2001:db8::/32"}}).Into(w, &token)
	for _, restart := range []bool{true, false} {
		for address, want := range map[string]int{
			"203.0.113.1": 200, "203.0.113.255": 200, "203.0.114.0": 403, "192.0.2.1": 403, "::ffff:203.0.113.1": 200, "::ffff:192.0.2.1": 403,
			"2001:db8:1::1": 200, "2001:db9::1": 403, "": 403, "unknown": 403,
		} {
			for o, path := range map[*operation.Operation]string{
				&operation.TokenInfo: "/info", &operation.ProfileGet: "/profile/" + string(ana.Home),
				&operation.ProfileList: "/profile", &operation.TokenList: "/profile/current/token",
			} {
				if restart {
					w.Restart()
				}
				got := from(w, address, *o, "GET", path, token.Token)
				if got.Code != want || want == 403 &&
					(strings.Contains(got.Message, "203.0") || strings.Contains(got.Message, "2001:")) {
					t.Errorf("%s from %q: got %d %q, want %d", o.Name, address, got.Code, got.Message, want)
				}
			}
		}
	}
	wrong := []byte(token.Token)
	copy(wrong[10:], ana.Token[10:])
	if got := from(w, "192.0.2.1", operation.TokenInfo, "GET", "/info", string(wrong)); got.Code != 401 {
		t.Errorf("another secret from another address: got %d, want 401", got.Code)
	}
	w.Advance(32 * 24 * time.Hour)
	if got := from(w, "192.0.2.1", operation.TokenInfo, "GET", "/info", token.Token); got.Code != 401 {
		t.Errorf("an expired token from another address: got %d, want 401", got.Code)
	}
}

// A token of one profile works for that profile, and sees nothing else.
func TestATokenOfOneProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	other := ana.Profile("other")
	w.Share(ben.Home, ana, tenancy.PermissionFull)
	for _, home := range []value.ProfileID{ana.Home, ben.Home} {
		var token limitView
		made(w, ana, ana.Token, home, object{"scope": "profile"}).Into(w, &token)
		for _, restart := range []bool{true, false, false} {
			if restart {
				w.Restart()
			}
			for _, c := range []struct {
				o            operation.Operation
				method, path string
				body         object
				want         int
			}{
				{operation.TokenInfo, "GET", "/info", nil, 200},
				{operation.ProfileGet, "GET", "/profile/current", nil, 200},
				{operation.ProfileGet, "GET", "/profile/" + string(home), nil, 200},
				{operation.ProfileEdit, "PUT", "/profile/" + string(home), object{"name": "renamed"}, 200},
				{operation.ProfileGet, "GET", "/profile/" + string(other), nil, 404},
				{operation.ProfileEdit, "PUT", "/profile/" + string(other), object{"name": "renamed"}, 404},
				{operation.TokenList, "GET", "/profile/" + string(other) + "/token", nil, 404},
				{operation.StatisticsGet, "GET", "/profile/" + string(other) + "/statistics", nil, 404},
				{operation.AccountGet, "GET", "/account", nil, 200},
				{operation.AccountEdit, "PUT", "/account", object{"name": "x"}, 403},
				{operation.ProfileCreate, "POST", "/profile", object{"name": "third"}, 403},
				{operation.ProfileSwitch, "PUT", "/profile/switch/" + string(other), nil, 403},
				{operation.ProfileSwitch, "PUT", "/profile/switch/" + string(home), nil, 403},
			} {
				if got := w.Call(c.o, c.method, c.path, token.Token, c.body); got.Code != c.want {
					t.Errorf("%s %s: got %d %q, want %d", c.method, c.path, got.Code, got.Message, c.want)
				}
			}
			var rows []struct{ ID value.ProfileID }
			if w.Call(operation.ProfileList, "GET", "/profile",
				token.Token, nil).Into(w, &rows); len(rows) != 1 || rows[0].ID != home {
				t.Errorf("the list has %v, want %s alone", rows, home)
			}
		}
		remove := func(target string) testkit.Answer {
			return w.Call(operation.TokenDelete, "DELETE", "/profile/token/"+target, token.Token, nil)
		}
		turned(t, "deleting a token of another profile", remove(ana.Mint(other, "")), 404, "Token Not Found")
		if got := remove(ana.Mint(home, "")); got.Code != 200 {
			t.Errorf("deleting a token of its profile: got %d %q", got.Code, got.Message)
		}
		// The tokens that it creates have its limits.
		turned(t, "making a token of the account", made(w, ana, token.Token, home, object{"scope": "account"}), 403, "cannot give more")
		turned(t, "making a token of another profile", made(w, ana, token.Token, other, nil), 404, "Profile")
		var next limitView
		if made(w, ana, token.Token, home, nil).Into(w, &next); next.Scope != "profile" {
			t.Errorf("it makes %s", next)
		}
	}
}

func TestALimitedTokenMakesLimitedTokens(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Limited(ana.Home, tenancy.TokenLimits{AllowList: &[]string{"192.0.2.0/24"}})
	var next limitView
	if made(w, ana, token, ana.Home, nil).Into(w, &next); next.String() != `made ["192.0.2.0/24"] account false` {
		t.Errorf("nothing asked for: got %s", next)
	}
	if made(w, ana, token, ana.Home, object{"allow_list": []string{"192.0.2.7"}}).Into(w, &next); next.String() != `made ["192.0.2.7"] account false` {
		t.Errorf("less asked for: got %s", next)
	}
	before := w.State()
	turned(t, "no list", made(w, ana, token, ana.Home, object{"allow_list": []string{}}), 403, "cannot give more")
	turned(t, "another list", made(w, ana, token, ana.Home, object{"allow_list": []string{"203.0.113.1"}}), 403, "cannot give more")
	if rest := strings.ReplaceAll(w.State(), before, ""); w.Count("T#", "T") != 4 {
		t.Errorf("what was refused left %s", rest)
	}
}

// Disabling takes a full token, and enabling takes the password too. Both show
// at once wherever tokens are shown, and the log has both.
func TestATokenIsDisabledAndEnabled(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "")
	view := limitView{Token: token}
	w.Advance(time.Second)
	got := limit(w, ana.Token, ana.Home, token, object{"disabled": true})
	if got.Code != 200 || alive(w, token) != 401 {
		t.Fatalf("disabling: got %d %q, and the token gets %d", got.Code, got.Message, alive(w, token))
	}
	if row := view.in(w, ana.Token, ana.Home); !*row.Disabled {
		t.Errorf("the list has %s", row)
	}
	w.Advance(time.Second)
	before := w.State()
	turned(t, "enabling with itself",
		limit(w, token, ana.Home, token, object{"disabled": false, "password": testkit.Password}), 401, "not valid")
	turned(t, "enabling without a password", limit(w, ana.Token, ana.Home, token, object{"disabled": false}), 400, "password is required")
	turned(t, "renaming and enabling without a password", limit(w, ana.Token, ana.Home, token, object{"name": "x", "disabled": false}), 400, "password is required")
	if w.State() != before {
		t.Error("what was refused changed the table")
	}
	turned(t, "enabling with a wrong password", limit(w, ana.Token, ana.Home, token, object{"disabled": false, "password": "wrong"}), 401, "Invalid password")
	got = limit(w, ana.Token, ana.Home, token, object{"disabled": false, "password": testkit.Password})
	if got.Code != 200 || alive(w, token) != 200 {
		t.Errorf("enabling: got %d %q, and the token gets %d", got.Code, got.Message, alive(w, token))
	}
	if row := view.in(w, ana.Token, ana.Home); *row.Disabled {
		t.Errorf("the list has %s", row)
	}
	before = w.State()
	got = limit(w, ana.Token, ana.Home, token, object{"disabled": false, "name": "minted"})
	if got.Code != 200 || w.State() != before {
		t.Errorf("as it is: got %d %q, and the table may have changed", got.Code, got.Message)
	}
	w.Advance(time.Second)
	var changes []string
	for _, e := range auditLog(w, ana.Token, ana.Home, "").Events {
		if e.Message == "Token updated" {
			changes = append(changes, fmt.Sprint(e.Resource, " ", e.ResourceID == token[2:10], " ",
				e.Who == string(ana.ID), " ", e.Changes[0]))
		}
	}
	if got, want := strings.Join(changes, "; "), "token true true {disabled false true}; token true true {disabled true false}"; got != want {
		t.Errorf("the log has %s, want %s", got, want)
	}
}

// Each change of a token with the rights that it needs. A refused change has no
// effect.
func TestEditsOfATokenOverHTTP(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	w.Share(ana.Home, eve, tenancy.PermissionWrite)
	anas, bens := ana.Mint(ana.Home, ""), ben.Mint(ana.Home, "")
	eves := eve.Mint(ana.Home, "")
	write := ana.With("write", "")
	gone := ana.Mint(ana.Home, "")
	w.OK(w.Tokens.Delete(t.Context(), ana.Client(operation.TokenDelete), refOf(ana.Home), gone))
	lapsed := ana.Mint(ana.Home, "1 hour")
	elsewhere := ana.Mint(ana.Profile("other"), "")
	w.Advance(time.Hour)
	list := func(texts ...string) []string { return append([]string{}, texts...) }
	for _, c := range []struct {
		name, token, target string
		body                object
		code                int
		words               string
	}{
		{"a name", ana.Token, anas, object{"name": "phone"}, 200, ""},
		{"no name", ana.Token, anas, object{"name": ""}, 400, "name"},
		{"by its id", ana.Token, anas[2:10], object{"name": "laptop"}, 200, ""},
		{"a wrong type", ana.Token, anas, object{"disabled": "yes"}, 400, "disabled must be true or false"},
		{"a wrong list", ana.Token, anas, object{"allow_list": []int{1}}, 400, "allow_list[0] must be a text"},
		{"a write token", write, anas, object{"name": "x"}, 403, "full permission"},
		{"a member's own token without full permission", eves, eves, object{"name": "x"}, 403, "full permission"},
		{"a list", ana.Token, anas, object{"allow_list": list("192.0.2.0/24", "203.0.113.0/24")}, 200, ""},
		{"a narrower list", ana.Token, anas, object{"allow_list": list("192.0.2.0/25")}, 200, ""},
		{"a wider list without a password", ana.Token, anas, object{"allow_list": list("192.0.2.0/24")}, 400, "password is required"},
		{"a wider list", ana.Token, anas, object{"allow_list": list("192.0.2.0/24"), "password": testkit.Password}, 200, ""},
		{"a list that it would be locked out by, of itself", anas, anas, object{"allow_list": list("192.0.2.8")}, 400, "192.0.2.1"},
		{"a list of itself", anas, anas, object{"allow_list": list("192.0.2.0/30")}, 200, ""},
		{"one profile only", ana.Token, anas, object{"scope": "profile"}, 200, ""},
		{"the account without a password", ana.Token, anas, object{"scope": "account"}, 400, "password is required"},
		{"the account, of itself", anas, anas, object{"scope": "account", "password": testkit.Password}, 403, "cannot give more"},
		{"the account", ana.Token, anas, object{"scope": "account", "password": testkit.Password}, 200, ""},
		{"anywhere", ana.Token, anas, object{"allow_list": list(), "password": testkit.Password}, 200, ""},

		{"a member edits its own", bens, bens, object{"name": "own"}, 200, ""},
		{"a member edits the owner's", bens, anas, object{"name": "theirs"}, 404, "Token Not Found"},
		{"the owner disables a member's", ana.Token, bens, object{"disabled": true}, 200, ""},
		{"the member enables what the owner has disabled", ben.Mint(ana.Home, ""), bens, object{"disabled": false, "password": testkit.Password}, 403, "disabled the token"},
		{"the owner enables it", ana.Token, bens, object{"disabled": false, "password": testkit.Password}, 200, ""},
		{"the owner limits a member's", ana.Token, bens, object{"scope": "profile", "allow_list": list("192.0.2.1")}, 200, ""},
		{"the owner widens a member's", ana.Token, bens, object{"scope": "account", "password": testkit.Password}, 403, "Only the account that made"},
		{"the member widens it", ben.Mint(ana.Home, ""), bens, object{"scope": "account", "allow_list": list(), "password": testkit.Password}, 200, ""},

		{"a token that was deleted", ana.Token, gone, object{"name": "x"}, 404, "Token Not Found"},
		{"a token that has expired", ana.Token, lapsed, object{"name": "x"}, 404, "Token Not Found"},
		{"a token of another profile", ana.Token, elsewhere, object{"name": "x"}, 404, "Token Not Found"},
		{"no token", ana.Token, "x", object{"name": "x"}, 404, "Token Not Found"},
	} {
		before := w.State()
		got := limit(w, c.token, ana.Home, c.target, c.body)
		turned(t, c.name, got, c.code, c.words)
		if (w.State() == before) != (c.code != 200) {
			t.Errorf("%s: the table changed, or should have", c.name)
		}
	}
	for _, token := range []string{anas, bens} {
		if alive(w, token) != 200 {
			t.Error("a token that was opened again does not work")
		}
	}
}

// The owner limits the life of the tokens of a profile, whether they are made
// by hand, at sign-in, or moved to it.
func TestThePolicyOfAProfilesTokens(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	shown := func() string {
		var p struct {
			Policy struct {
				Days  *int `json:"longest_days"`
				Never bool
			} `json:"token_policy"`
		}
		w.Call(operation.ProfileGet, "GET", "/profile/"+string(ana.Home),
			ben.Mint(ana.Home, ""), nil).Into(w, &p)
		if p.Policy.Days == nil {
			return fmt.Sprint("any ", p.Policy.Never)
		}
		return fmt.Sprint(*p.Policy.Days, " ", p.Policy.Never)
	}
	life := func(got testkit.Answer) string {
		if got.Code != 200 {
			return fmt.Sprint(got.Code)
		}
		var v limitView
		if got.Into(w, &v); v.ExpireTime == "never" {
			return "never"
		}
		end, err := time.Parse(time.RFC3339, v.ExpireTime)
		w.OK(err)
		return fmt.Sprint(end.Sub(w.Now()).Hours()/24, " days")
	}
	lives := func(expires string) string {
		more := object{}
		if expires != "" {
			more["expire_time"] = expires
		}
		out := []string{
			life(made(w, ana, ana.Token, ana.Home, more)),
			life(made(w, ben, ben.Token, ana.Home, more)),
			life(signedIn(w, ana, ana.Home, more)), life(signedIn(w, ben, ana.Home, more)),
		}
		return strings.Join(out, ", ")
	}
	if got := shown(); got != "any true" {
		t.Errorf("a new profile shows %s", got)
	}
	before := w.State()
	turned(t, "a member", setPolicy(w, ben.Token, ana.Home, object{"never": false}), 403, "owner")
	turned(t, "nothing", setPolicy(w, ana.Token, ana.Home, object{}), 400, "longest_days, never, disable_unused or notify_new_network is required")
	turned(t, "no number", setPolicy(w, ana.Token, ana.Home, object{"longest_days": "30"}), 400, "longest_days must be a whole number")
	turned(t, "a fraction", setPolicy(w, ana.Token, ana.Home, object{"longest_days": 1.5}), 400, "longest_days must be a whole number")
	turned(t, "less than none", setPolicy(w, ana.Token, ana.Home, object{"longest_days": -1}), 400, "longest_days must be a whole number")
	if w.State() != before {
		t.Error("what was refused changed the table")
	}
	for _, c := range []struct {
		policy                                      object
		shown, unnamed, short, exact, over, endless string
	}{
		{object{"longest_days": 20, "never": false}, "20 false", "20 days", "1 days", "20 days", "403", "403"},
		{object{"longest_days": 20, "never": true, "password": testkit.Password}, "20 true", "20 days", "1 days", "20 days", "403", "never"},
		{object{"never": false, "longest_days": nil, "password": testkit.Password}, "any false", "", "1 days", "20 days", "21 days", "403"},
		{object{"never": true, "password": testkit.Password}, "any true", "", "1 days", "20 days", "21 days", "never"},
	} {
		w.Advance(time.Second)
		got := setPolicy(w, ana.Token, ana.Home, c.policy)
		if got.Code != 200 || shown() != c.shown {
			t.Fatalf("setting %v: got %d %q, and it shows %s", c.policy, got.Code, got.Message, shown())
		}
		four := func(s string) string { return strings.Join([]string{s, s, s, s}, ", ") }
		unnamed := four(c.unnamed)
		if c.unnamed == "" { // a month, or three
			unnamed = "31 days, 31 days, 92 days, 92 days"
		}
		for expires, want := range map[string]string{
			"": unnamed, "1 day": four(c.short), "20 days": four(c.exact), "21 days": four(c.over), "never": four(c.endless),
		} {
			if got := lives(expires); got != want {
				t.Errorf("with %v, expire_time %q: got %s, want %s", c.policy, expires, got, want)
			}
		}
	}
	// A looser policy asks for the password. An edit of the profile leaves the
	// policy as it is.
	w.Advance(time.Second)
	setPolicy(w, ana.Token, ana.Home, object{"longest_days": 20, "never": false})
	w.Call(operation.ProfileEdit, "PUT", "/profile/"+string(ana.Home), ana.Token, object{"name": "renamed"})
	before = w.State()
	for _, loose := range []object{{"longest_days": 21}, {"longest_days": nil}, {"longest_days": 0}, {"never": true}, {"longest_days": 1, "never": true}} {
		turned(t, fmt.Sprint(loose), setPolicy(w, ana.Token, ana.Home, loose), 400, "password is required")
	}
	if w.State() != before || shown() != "20 false" {
		t.Errorf("what was refused changed the table: it shows %s", shown())
	}
	if got := setPolicy(w, ana.Token, ana.Home, object{"longest_days": 20}); got.Code != 200 {
		t.Errorf("as it is: got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Second)
	var changes []string
	for _, e := range auditLog(w, ana.Token, ana.Home, "").Events {
		if e.Message == "Token policy updated" {
			changes = append(changes, fmt.Sprint(e.Changes))
		}
	}
	if len(changes) != 5 || changes[0] != "[{token_policy.longest_days no limit 20} {token_policy.never true false}]" {
		t.Errorf("the log has %v", changes)
	}
}

// The policy of a profile applies to the remaining life of a token that is
// moved to it.
func TestATokenIsBroughtToAProfileWithAPolicy(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	other := ana.Profile("other")
	w.Advance(time.Second)
	if got := setPolicy(w, ana.Token, other, object{"longest_days": 10, "never": false}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	to := func(token string) testkit.Answer {
		return w.Call(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(other), token, nil)
	}
	endless, month, week := ana.Mint(ana.Home, "never"), ana.Mint(ana.Home, "20 days"), ana.Mint(ana.Home, "10 days")
	before := w.State()
	turned(t, "a token without end", to(endless), 403, "never expire")
	turned(t, "a token with 20 days", to(month), 403, "10 days at most")
	if w.State() != before {
		t.Error("what was refused changed the table")
	}
	if got := to(week); got.Code != 200 {
		t.Errorf("a token with 10 days: got %d %q", got.Code, got.Message)
	}
	w.Advance(10 * 24 * time.Hour)
	if got := to(month); got.Code != 200 {
		t.Errorf("a token with 10 days left: got %d %q", got.Code, got.Message)
	}
}

// The limits of a token move with it. Those of a profile's tokens stay when the
// profile changes hands.
func TestLimitsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	other := ana.Profile("other")
	var token limitView
	made(w, ana, ana.Token, ana.Home, object{"allow_list": []string{"192.0.2.0/24"}}).Into(w, &token)
	got := w.Call(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(other), token.Token, nil)
	if got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if row := token.in(w, ana.Token, other); row.String() != `made ["192.0.2.0/24"] account false` {
		t.Errorf("after the move: got %s", row)
	}
	if got := limit(w, ana.Token, other, token.Token, object{"disabled": true}); got.Code != 200 ||
		alive(w, token.Token) != 401 {
		t.Errorf("disabling it there: got %d %q", got.Code, got.Message)
	}
	ben := w.Quick("ben")
	setPolicy(w, ana.Token, other, object{"longest_days": 10, "never": false})
	w.Move(other, ana, ben, w.Agent(w.Quick("sam")))
	turned(t, "the new owner", made(w, ben, ben.Token, other, object{"expire_time": "11 days"}), 403, "10 days at most")
	if got := setPolicy(w, ben.Token, other,
		object{"longest_days": nil, "password": testkit.Password}); got.Code != 200 {
		t.Errorf("the new owner loosens the policy: got %d %q", got.Code, got.Message)
	}
}

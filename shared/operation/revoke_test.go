package operation_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func leak(w *testkit.World, text string) testkit.Answer {
	w.Helper()
	return w.Call(operation.TokenLeaked, "POST", "/token/leaked", "", object{"token": text})
}

func notices(w *testkit.World, token string) (rows []notificationRow) {
	w.Helper()
	w.Call(operation.NotificationList, "GET", "/notification", token, nil).Into(w, &rows)
	return rows
}

// Anybody who finds a token in public can have it revoked at once. Its owner is
// notified once, by mail and in the service.
func TestALeakedToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	for _, c := range []struct {
		name  string
		whose testkit.Person
		token string
		as    func(string) string
	}{
		{"made by hand", ana, ana.Mint(ana.Home, ""), nil},
		{"without its prefix", ana, ana.Mint(ana.Home, ""), func(s string) string { return s[2:] }},
		{"made by signing in", ana, ana.SignIn(ana.Home, ""), nil},
		{"read only, without end", ana, ana.With("read", "never"), nil},
		{"a member's", ben, ben.Mint(ana.Home, ""), nil},
	} {
		text := c.token
		if c.as != nil {
			text = c.as(text)
		}
		before := mails(w, c.whose.Email, mailing.KindTokenLeaked)
		told := len(notices(w, c.whose.Token))
		for range 2 {
			if got := leak(w, text); got.Code != 200 {
				t.Errorf("%s: got %d %q", c.name, got.Code, got.Message)
			}
			if got := alive(w, c.token); got != 401 {
				t.Errorf("%s: the token gets %d, want 401", c.name, got)
			}
		}
		if n := mails(w, c.whose.Email, mailing.KindTokenLeaked) - before; n != 1 {
			t.Errorf("%s: reported twice, the owner got %d mails, want 1", c.name, n)
		}
		if n := len(notices(w, c.whose.Token)) - told; n != 1 {
			t.Errorf("%s: reported twice, the owner got %d notices, want 1", c.name, n)
		}
		if n := w.Count("T#"+c.token[2:10], "") + w.Count("P#", "T#") - len(liveRows(w)); n != 0 {
			t.Errorf("%s: something of the token is left", c.name)
		}
	}
	if alive(w, ana.Token) != 200 || alive(w, ben.Token) != 200 {
		t.Error("another token has died")
	}
	w.Advance(time.Second)
	n := 0
	for _, e := range auditLog(w, ana.Token, ana.Home, "").Events {
		if strings.Contains(e.Message, "found in public") {
			n++
			if e.Who == string(ana.ID) || e.Who == string(ben.ID) || e.Source == nil ||
				*e.Source != testkit.Home {
				t.Errorf("the entry says %+v, want that a stranger did it", e)
			}
		}
	}
	if n != 5 {
		t.Errorf("the audit log has %d entries of leaks, want 5", n)
	}
}

// liveRows are the rows of tokens in the table.
func liveRows(w *testkit.World) (ids []string) {
	w.Helper()
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "T#") && it.SK == "T" {
			ids = append(ids, it.PK)
		}
	}
	return ids
}

// The answer is the same for every text. For texts that are not tokens of this
// service it costs the same requests.
func TestReportsOfLeaksTellNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	gone, expired := ana.Mint(ana.Home, ""), ana.Mint(ana.Home, "1 hour")
	w.Call(operation.TokenDelete, "DELETE", "/profile/current/token/"+gone, ana.Token, nil)
	w.Advance(2 * time.Hour)
	live := ana.Mint(ana.Home, "")
	code := passwordCode(w, ana.Email)
	forged := []byte(live)
	copy(forged[10:], ana.Token[10:])
	w.Meter.Reset()
	var first testkit.Answer
	var cost testkit.Usage
	for _, c := range []struct {
		name, text string
		same       bool // costs as much as an unknown one
	}{
		{"a token that was never issued", "p-" + strings.Repeat("0", 34), true}, {"a token that is deleted", gone, true}, {"a token with another's secret", string(forged), true},
		{"a code from a mail", code, true}, {"nothing", "", true}, {"a long text", strings.Repeat("x", 60000), true}, {"an address", "ana@example.com", true}, {"a key of the table", "T#00000001", true},
		{"a token that has expired", expired, false}, {"a token that works", live, false},
	} {
		before := w.State()
		w.Meter.Reset()
		got := leak(w, c.text)
		usage := w.Meter.Reset()
		usage.Reads, usage.Writes, usage.Actions = 0, 0, nil
		if first.Code == 0 {
			first, cost = got, usage
		}
		if got.Code != 200 || !reflect.DeepEqual(got, first) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, first)
		}
		if c.same && (usage.Requests != cost.Requests || usage.RoundTrips != cost.RoundTrips) {
			t.Errorf("%s: cost %+v, want %+v", c.name, usage, cost)
		}
		if c.same && w.State() != before {
			t.Errorf("%s: changed the table", c.name)
		}
	}
	if alive(w, ana.Token) != 200 || alive(w, live) != 401 {
		t.Error("not the token that was reported has died")
	}
	if got := setPassword(w, code, another, ""); got.Code != 200 {
		t.Errorf("the code that was reported: got %d %q: only tokens are revoked", got.Code, got.Message)
	}
	for name, body := range map[string]string{"a number": `{"token":5}`, "a list": `[]`, "no JSON": `{`} {
		if got := w.Call(operation.TokenLeaked, "POST", "/token/leaked", "", body); got.Code != 400 {
			t.Errorf("%s: got %d, want 400", name, got.Code)
		}
	}
	if got := w.Call(operation.TokenLeaked, "POST", "/token/leaked", "", nil); got.Code != 200 && got.Code != 400 {
		t.Errorf("no body: got %d", got.Code)
	}
}

// A network address can send a hundred reports an hour, right and wrong ones
// together. Another address is not held up.
func TestReportsOfLeaksAreLimitedBySource(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	codes := map[int]int{}
	for range 102 {
		codes[leak(w, "x").Code]++
	}
	if codes[200] != 100 || codes[429] != 2 {
		t.Errorf("got %v, want a hundred and then 429", codes)
	}
	token := ana.Mint(ana.Home, "")
	if got := leak(w, token); got.Code != 429 || got.Header["Retry-After"] == "" || alive(w, token) != 200 {
		t.Errorf("past the limit: got %d %v", got.Code, got.Header)
	}
	event := testkit.Event("POST", "/token/leaked")
	event.RequestContext.HTTP.SourceIP = "203.0.113.5"
	event.Body = `{"token":"` + token + `"}`
	if got := w.Send(operation.TokenLeaked, event); got.Code != 200 || alive(w, token) != 401 {
		t.Errorf("from another address: got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Hour)
	if got := leak(w, "x"); got.Code != 200 {
		t.Errorf("an hour later: got %d", got.Code)
	}
}

// Many report one token at once. It is revoked, and its owner is notified once.
func TestReportsOfOneLeakAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := leak(w, token); got.Code != 200 {
				t.Errorf("got %d %q", got.Code, got.Message)
			}
		})
	}
	all.Wait()
	if n := mails(w, ana.Email, mailing.KindTokenLeaked); n != 1 || alive(w, token) != 401 {
		t.Errorf("the owner got %d mails", n)
	}
}

// A leaked token that moves to another profile while it is reported is revoked
// all the same.
func TestALeakedTokenThatMovesMeanwhile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	plant := ana.Profile("plant")
	for range 15 {
		token := ana.Mint(ana.Home, "")
		var all sync.WaitGroup
		all.Go(func() {
			w.Call(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(plant), token, nil)
			w.Call(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(ana.Home), token, nil)
		})
		var got testkit.Answer
		all.Go(func() { got = leak(w, token) })
		all.Wait()
		if got.Code != 200 || alive(w, token) != 401 {
			t.Fatalf("the report got %d %q, and the token still gets %d", got.Code, got.Message, alive(w, token))
		}
	}
}

// An owner revokes all tokens of a profile in one write, including those of
// members. Tokens of other profiles stay valid, and new ones work.
func TestRevokingAllTokensOfAProfile(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	plant := ana.Profile("plant")
	for _, p := range []testkit.Person{ben, eve} {
		w.Share(plant, p, tenancy.PermissionFull)
	}
	dead := map[string]string{
		"the owner's": ana.Mint(plant, ""), "the owner's, of signing in": ana.SignIn(plant, ""), "a member's": ben.Mint(plant, "never"), "another member's": eve.SignIn(plant, ""),
	}
	for i := range 30 {
		dead[fmt.Sprint("the owner's, number ", i)] = ana.Mint(plant, "never")
	}
	live := map[string]string{"the owner's of another profile": ana.Token, "a member's of its own profile": ben.Token}
	for name, token := range dead {
		if got := alive(w, token); got != 200 {
			t.Fatalf("%s, before: got %d", name, got)
		}
	}
	w.Meter.Reset()
	if got := w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(plant)+"/token",
		dead["the owner's"], nil); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if u := w.Meter.Reset(); u.Requests > 4 {
		t.Errorf("it took %+v for 34 tokens", u)
	}
	for name, token := range dead {
		for what, got := range map[string]int{
			"its profile":    w.Call(operation.ProfileGet, "GET", "/profile/current", token, nil).Code,
			"the profile":    w.Call(operation.ProfileGet, "GET", "/profile/"+string(plant), token, nil).Code,
			"what it is":     alive(w, token),
			"another change": w.Call(operation.AccountEdit, "PUT", "/account", token, object{"company": "x"}).Code,
		} {
			if got != 401 {
				t.Fatalf("%s asks for %s: got %d, want 401", name, what, got)
			}
		}
	}
	for name, token := range live {
		if got := w.Call(operation.ProfileGet, "GET", "/profile/"+string(plant), token, nil).Code; got != 200 {
			t.Errorf("%s: got %d, want 200", name, got)
		}
	}
	fresh := map[string]string{"the owner": ana.Mint(plant, ""), "the owner, by signing in": ana.SignIn(plant, ""),
		"a member": ben.Mint(plant, ""), "a member, by signing in": eve.SignIn(plant, "")}
	check := func(when string) {
		t.Helper()
		for name, token := range fresh {
			if got := w.Call(operation.ProfileGet, "GET", "/profile/current", token, nil).Code; got != 200 {
				t.Errorf("%s, a new token of %s: got %d", when, name, got)
			}
		}
	}
	check("then")
	var rows []object
	w.Call(operation.TokenList, "GET", "/profile/"+string(plant)+"/token", ana.Token, nil).Into(w, &rows)
	if len(rows) != 4 {
		t.Errorf("the list has %d tokens, want the 4 new ones", len(rows))
	}
	// The items of revoked tokens are reclaimed.
	w.Advance(time.Second)
	for range 10 {
		if n, err := operation.ProfilePurge.Sweep(w.Context(), w.Services); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			break
		}
	}
	if tokens, rows, due := len(liveRows(w)), w.Count("P#"+string(plant), "T#"),
		w.Count("D#", ""); tokens != 3+4 || rows != 4 || due != 0 {
		t.Errorf("after the purge there are %d tokens, %d rows of the profile and %d things to reclaim, want 7, 4 and 0", tokens, rows, due)
	}
	check("after the purge")
	// A second time, within the same millisecond.
	for range 2 {
		got := w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(plant)+"/token", ana.Token, nil)
		if got.Code != 200 {
			t.Fatalf("again: got %d %q", got.Code, got.Message)
		}
	}
	for name, token := range fresh {
		if got := alive(w, token); got != 401 {
			t.Errorf("again: %s got %d, want 401", name, got)
		}
	}
}

// An owner revokes the tokens that one member has made, and the member stays in
// the team.
func TestRevokingTheTokensOfAMember(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	for _, p := range []testkit.Person{ben, eve} {
		w.Share(ana.Home, p, tenancy.PermissionFull)
	}
	dead := []string{ben.Mint(ana.Home, "never"), ben.SignIn(ana.Home, "")}
	live := []string{ana.Token, ana.SignIn(ana.Home, ""), ben.Token, eve.Mint(ana.Home, "")}
	path := "/profile/" + string(ana.Home) + "/team/" + string(ben.ID) + "/token"
	if got := w.Call(operation.TokenRevokeMember, "DELETE", path, ana.Token, nil); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	for i, token := range dead {
		if got := alive(w, token); got != 401 {
			t.Errorf("token %d of the member: got %d, want 401", i, got)
		}
	}
	for i, token := range append(live, ben.Mint(ana.Home, "")) {
		got := w.Call(operation.ProfileGet, "GET", "/profile/"+string(ana.Home), token, nil).Code
		if got != 200 {
			t.Errorf("token %d of the others, and the member's new one: got %d, want 200", i, got)
		}
	}
	w.Advance(time.Second)
	if _, err := operation.ProfilePurge.Sweep(w.Context(), w.Services); err != nil {
		t.Fatal(err)
	}
	if n := w.Count("P#"+string(ana.Home), "T#"); n != 4 {
		t.Errorf("after the purge the profile has %d rows of tokens, want 4", n)
	}
	// The member is removed and joins again. No earlier token works, and
	// nothing new is reclaimed.
	last := ben.Mint(ana.Home, "")
	w.Advance(time.Second)
	w.OK(w.Teams.Remove(w.Context(), ana.Client(operation.TeamRemove), refOf(ana.Home),
		string(ben.ID)))
	w.Advance(time.Second)
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	back := ben.Mint(ana.Home, "")
	if was, is := alive(w, last), alive(w, back); was != 401 || is != 200 {
		t.Errorf("the token of before got %d, the new one %d", was, is)
	}
	if _, err := operation.ProfilePurge.Sweep(w.Context(), w.Services); err != nil {
		t.Fatal(err)
	}
	if got := alive(w, back); got != 200 {
		t.Errorf("after the purge the new one got %d", got)
	}
}

func TestWhoMayRevoke(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	all, one := "/profile/"+string(ana.Home)+"/token", "/profile/"+string(ana.Home)+"/team/"+string(ben.ID)+"/token"
	write := ana.With("write", "")
	before := w.State()
	for _, c := range []struct {
		name, path, token string
		code              int
	}{
		{"nobody, all", all, "", 401}, {"nobody, a member's", one, "", 401},
		{"a stranger, all", all, eve.Token, 404}, {"a stranger, a member's", one, eve.Token, 404},
		{"a member, all", all, ben.Token, 403}, {"a member, its own", one, ben.Token, 403},
		{"the owner with a write token, all", all, write, 403}, {"the owner with a write token, a member's", one, write, 403},
		{"of somebody who is no member", "/profile/" + string(ana.Home) + "/team/" + string(eve.ID) + "/token", ana.Token, 404},
		{"of the owner as a member", "/profile/" + string(ana.Home) + "/team/" + string(ana.ID) + "/token", ana.Token, 404},
		{"of a made-up id", "/profile/" + string(ana.Home) + "/team/x/token", ana.Token, 404},
		{"of a profile that does not exist", "/profile/0123456789abcdef01234567/token", ana.Token, 404},
	} {
		o := operation.TokenRevokeAll
		if strings.Contains(c.path, "/team/") {
			o = operation.TokenRevokeMember
		}
		if got := w.Call(o, "DELETE", c.path, c.token, nil); got.Code != c.code {
			t.Errorf("%s: got %d %q, want %d", c.name, got.Code, got.Message, c.code)
		}
	}
	if w.State() != before {
		t.Error("refusals changed the table")
	}
}

// Tokens that are made while all are revoked are either invalid or made after
// the revoking. None that was made before stays valid.
func TestMakingTokensWhileAllAreRevoked(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	plant := ana.Profile("plant")
	w.Share(plant, ben, tenancy.PermissionFull)
	for range 5 {
		var all sync.WaitGroup
		made := make([]string, 8)
		for i := range made {
			who := []testkit.Person{ana, ben}[i%2]
			all.Go(func() {
				m, err := w.Tokens.CreateAtLogin(w.Context(),
					who.Client(operation.AccountTokenCreate), newToken(who, plant))
				if err == nil {
					made[i] = m.Text
				}
			})
		}
		all.Go(func() {
			got := w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(plant)+"/token", ana.Token, nil)
			if got.Code != 200 {
				t.Errorf("got %d %q", got.Code, got.Message)
			}
		})
		all.Wait()
		got := w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(plant)+"/token", ana.Token, nil)
		if got.Code != 200 {
			t.Fatalf("got %d %q", got.Code, got.Message)
		}
		for i, token := range made {
			if token != "" && alive(w, token) != 401 {
				t.Errorf("token %d lives", i)
			}
		}
	}
}

func newToken(p testkit.Person, id value.ProfileID) tokens.NewToken {
	return tokens.NewToken{Profile: refOf(id), Email: string(p.Email),
		Credentials: service.Credentials{Password: testkit.Password}, Name: "x"}
}

// A profile that has changed its owner after its tokens were revoked has none
// of the first owner's tokens.
func TestRevokingAndMovingAProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam := w.Quick("ana"), w.Quick("ben"), w.Agent(w.Quick("sam"))
	plant := ana.Profile("plant")
	was := ana.Mint(plant, "never")
	got := w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(plant)+"/token", ana.Token, nil)
	if got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	is := ana.Mint(plant, "never")
	w.Advance(time.Second)
	w.Move(plant, ana, ben, sam)
	if a, b := alive(w, was), alive(w, is); a != 401 || b != 401 {
		t.Errorf("the first owner's tokens got %d and %d, want 401", a, b)
	}
	theirs := ben.Mint(plant, "never")
	for range 3 {
		if _, err := operation.ProfilePurge.Sweep(w.Context(), w.Services); err != nil {
			t.Fatal(err)
		}
	}
	if got := alive(w, theirs); got != 200 {
		t.Errorf("the new owner's token got %d after the purge", got)
	}
	got = w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(plant)+"/token", ben.Token, nil)
	if got.Code != 200 || alive(w, theirs) != 401 {
		t.Errorf("the new owner revokes: got %d %q", got.Code, got.Message)
	}
}

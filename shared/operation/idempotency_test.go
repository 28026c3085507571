package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/template"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// with makes every request of a world carry an Idempotency-Key.
func with(w *testkit.World, key string) {
	w.Edit = func(e *events.APIGatewayV2HTTPRequest) { e.Headers["idempotency-key"] = key }
}

// withOther does the same, and changes every request into another one with the
// same meaning.
func withOther(w *testkit.World, key string) {
	w.Edit = func(e *events.APIGatewayV2HTTPRequest) {
		e.Headers["idempotency-key"] = key
		e.Body += " "
	}
}

func replayed(a testkit.Answer) bool {
	for name, value := range a.Header {
		if strings.EqualFold(name, "Idempotency-Replayed") {
			return value == "true"
		}
	}
	return false
}

// table is the table without idempotency records.
func table(w *testkit.World) []testkit.Item {
	return slices.DeleteFunc(w.Items(), func(i testkit.Item) bool {
		return strings.HasPrefix(i.PK, "K#")
	})
}

// encloses reports whether a statement is for an action inside a transaction,
// whatever its keys.
func encloses(s template.Statement) bool {
	return slices.Equal(s.Condition["ForAnyValue:StringEquals"]["dynamodb:EnclosingOperation"], []string{"TransactWriteItems"})
}

// permits reports whether statements allow an action, as a Meter writes it.
func permits(policy []template.Statement, action string) bool {
	name, kind, _ := strings.Cut(action, " ")
	if whole, enclosed := strings.CutSuffix(action, testkit.Enclosed); enclosed {
		return slices.ContainsFunc(policy, func(s template.Statement) bool {
			return slices.Contains(s.Actions, whole) && (len(s.Condition) == 0 || encloses(s))
		})
	}
	return slices.ContainsFunc(policy, func(s template.Statement) bool {
		keys := s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
		return slices.Contains(s.Actions, name) && (len(keys) == 0 || slices.Contains(keys, kind))
	})
}

// spending are operations that can make the credential of their request
// invalid.
var spending = []string{operation.AccountDelete.Name, operation.PasswordSet.Name}

// Every POST, PUT and DELETE that is sent twice with one key takes effect once
// and gives one answer. Another request with the key does nothing.
func TestEveryChangeIsDoneOnce(t *testing.T) {
	t.Parallel()
	played := map[string]bool{}
	for _, c := range scenes {
		if !c.Operation.Idempotent() {
			continue
		}
		played[c.Operation.Name] = true
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			s := newModelledStage(t, c)
			s.LimitRates()
			s.Restart()
			with(s.World, "once")
			s.Meter.Reset()
			first := c.Run(s)
			if first.Code != 200 || replayed(first) {
				t.Fatalf("got %d %q, replayed: %t", first.Code, first.Message, replayed(first))
			}
			used := s.Meter.Reset()
			if used.Requests != c.Cost.Requests+2 {
				t.Errorf("%d requests, want %d", used.Requests, c.Cost.Requests+2)
			}
			kilobytes := float64(len(first.Body)/1024 + 1)
			if most := c.Cost.Reads + c.Cost.Writes + 3 + kilobytes; used.Capacity() > most {
				t.Errorf("%.1f capacity units, want at most %.1f", used.Capacity(), most)
			}
			allowed, _ := testkit.Template(t).Function(c.Operation.Name)
			for action := range used.Actions {
				if !permits(allowed.Policy, action) {
					t.Errorf("does %s, which its function may not", action)
				}
			}
			for _, it := range s.Items() {
				if !strings.HasPrefix(it.PK, "K#") {
					continue
				}
				secrets := []string{testkit.Password, "status", fmt.Sprintf("%x", "status"), testkit.Home}
				for _, p := range s.Callers() {
					secrets = append(secrets, p.Token)
				}
				for _, secret := range secrets {
					if strings.Contains(it.PK+it.Text, secret) {
						t.Errorf("the mark tells %q: %v", secret, it)
					}
				}
			}
			after := s.Items()
			s.Advance(time.Hour)
			s.Restart()
			s.Meter.Reset()
			second := c.Run(s)
			used = s.Meter.Reset()
			// a request that is always refused, and so has no first answer
			if len(first.Body) == 0 {
				if s.Count("K#", "K") != 0 {
					t.Error("a refused request has left a mark")
				}
				return
			}
			// The lookup of the answer, and the requests that authorize and
			// count the sender, which are more for a revoked token.
			if used.Requests > 6 || used.Capacity() > kilobytes+6 {
				t.Errorf("sent again: %d requests and %.1f capacity units, want at most 6 and %.1f", used.Requests, used.Capacity(), kilobytes+6)
			}
			for action := range used.Actions {
				if !permits(allowed.Policy, action) {
					t.Errorf("sent again, it does %s, which its function may not", action)
				}
			}
			if second.Code != first.Code || second.Body != first.Body || !replayed(second) {
				t.Errorf("sent again: got %d %s, replayed: %t; the first answer was %s", second.Code, second.Body, replayed(second), first.Body)
			}
			if !slices.Equal(uncounted(s.Items()), uncounted(after)) {
				t.Errorf("sent again, it has changed the table")
			}
			withOther(s.World, "once")
			// A token or code that the first request has used up is not sent in
			// another request.
			other := c.Run(s)
			// The session has ended meanwhile.
			spent := other.Code == 401 && slices.Contains(spending, c.Operation.Name) ||
				other.Reason == problem.ReasonSessionEnded
			if !spent && (other.Code != 409 || !strings.Contains(other.Message, "another request")) {
				t.Errorf("another request: got %d %s", other.Code, other.Body)
			}
			if !slices.Equal(uncounted(table(s.World)), uncounted(without(after))) {
				t.Errorf("another request with the key has changed the table")
			}
		})
	}
	for _, o := range operation.All() {
		if o.Idempotent() && !played[o.Name] {
			t.Errorf("%s plays in no scene", o.Name)
		}
	}
}

// uncounted is the table without the items that count requests.
func uncounted(items []testkit.Item) []testkit.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i testkit.Item) bool {
		return strings.HasPrefix(i.PK, "R#")
	})
}

func without(items []testkit.Item) []testkit.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i testkit.Item) bool {
		return strings.HasPrefix(i.PK, "K#")
	})
}

func TestOneKeyAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for round := range 3 {
		before := w.Count("P#", "P")
		with(w, fmt.Sprint("round-", round))
		answers := make([]testkit.Answer, 50)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				answers[i] = w.Call(operation.ProfileCreate, "POST", "/profile", ana.Token, object{"name": "one"})
			})
		}
		wg.Wait()
		body, given := "", 0
		for _, a := range answers {
			switch {
			case a.Code == 200 && (body == "" || a.Body == body):
				body = a.Body
				given++
			case a.Code == 409 && a.Message == problem.ErrInProgress.Message:
			default:
				t.Errorf("got %d %s, and another got %s", a.Code, a.Body, body)
			}
		}
		if given == 0 {
			t.Error("nobody got the answer")
		}
		if made := w.Count("P#", "P") - before; made != 1 {
			t.Errorf("%d profiles were made", made)
		}
		t.Logf("%d of %d got the answer", given, len(answers))
	}
}

// create asks for a profile.
func create(w *testkit.World, token, name string) testkit.Answer {
	w.Helper()
	return w.Call(operation.ProfileCreate, "POST", "/profile", token, object{"name": name})
}

// want checks the status of an answer, and whether it was a replay.
func want(t *testing.T, what string, got testkit.Answer, code int, again bool) {
	t.Helper()
	if got.Code != code || replayed(got) != again {
		t.Errorf("%s: got %d %s, replayed: %t; want %d, replayed: %t", what, got.Code, got.Body, replayed(got), code, again)
	}
}

func TestKeysOfOthersAreOthers(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	with(w, "k")
	first := create(w, ana.Token, "one")
	want(t, "the first", first, 200, false)
	want(t, "another account", create(w, ben.Token, "one"), 200, false)
	want(t, "another token of the account", create(w, ana.Mint(ana.Home, ""), "one"), 200, false)
	id := ana.Token[2:10]
	forged := secret.Credential{ID: id, Secret: strings.Repeat("0", 21) + "1"}.Token()
	if forged == ana.Token {
		t.Fatal("the forged token is the right one")
	}
	want(t, "the id of the token with another secret", create(w, forged, "one"), 401, false)
	want(t, "the first again", create(w, ana.Token, "one"), 200, true)

	login := func(from string) testkit.Answer {
		event := testkit.Event("POST", "/account/login")
		event.Body = `{"email":"ana@example.com","password":"` + testkit.Password + `"}`
		event.RequestContext.HTTP.SourceIP = from
		return w.Send(operation.AccountLogin, event)
	}
	want(t, "without a token", login("192.0.2.1"), 200, false)
	want(t, "from another address", login("192.0.2.2"), 200, false)
	want(t, "from the same address", login("192.0.2.1"), 200, true)
	want(t, "from one address of IPv6", login("2001:db8::1"), 200, false)
	want(t, "from its neighbour", login("2001:db8::2"), 200, true)
}

// Any difference makes it another request.
func TestWhatARequestIs(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	other := ana.Profile("other")
	with(w, "k")
	edit := func(target, body string) testkit.Answer {
		return w.Call(operation.ProfileEdit, "PUT", target, ana.Token, body)
	}
	home := "/profile/" + string(ana.Home)
	want(t, "the first", edit(home, `{"name":"a"}`), 200, false)
	want(t, "another body", edit(home, `{"name":"b"}`), 409, false)
	want(t, "another path", edit("/profile/"+string(other), `{"name":"a"}`), 409, false)
	want(t, "a query", edit(home+"?_=1", `{"name":"a"}`), 409, false)
	want(t, "another operation", w.Call(operation.ProfileDelete, "DELETE", home, ana.Token, `{"name":"a"}`), 409, false)
	want(t, "the same", edit(home, `{"name":"a"}`), 200, true)
	want(t, "the fifth other", edit(home, `{"name":"c"}`), 409, false)
	want(t, "the same after too many others", edit(home, `{"name":"a"}`), 409, false)
	w.Advance(24 * time.Hour)
	want(t, "another one a day later", edit(home, `{"name":"c"}`), 200, false)
}

// A key is free after 24 hours, and not before, whether or not the table has
// deleted its record.
func TestKeysLapse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	with(w, "k")
	first := create(w, ana.Token, "one")
	w.Advance(24*time.Hour - time.Second)
	if again := create(w, ana.Token, "one"); again.Body != first.Body {
		t.Errorf("just before the end: got %s, want %s", again.Body, first.Body)
	}
	w.Advance(time.Second)
	if w.Count("K#", "K") != 1 {
		t.Fatal("the mark is gone, and the test with it")
	}
	second := create(w, ana.Token, "one")
	want(t, "after the end", second, 200, false)
	want(t, "after the end, again", create(w, ana.Token, "one"), 200, true)
	if second.Body == first.Body || w.Count("P#", "P") != 3 {
		t.Errorf("got %s first and %s later, and %d profiles", first.Body, second.Body, w.Count("P#", "P"))
	}
}

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for name, key := range map[string]string{
		"empty": "", "a blank": "a b", "a line": "a\nb", "too long": strings.Repeat("k", 201), "not ASCII": "schl\u00fcssel", "a control": "a\x00",
	} {
		with(w, key)
		before := w.State()
		if got := create(w, ana.Token, "one"); got.Code != 400 || !strings.Contains(got.Message, "Idempotency-Key must") {
			t.Errorf("%s: got %d %s", name, got.Code, got.Body)
		}
		if w.State() != before {
			t.Errorf("%s: the table has changed", name)
		}
	}
	for name, key := range map[string]string{"the longest": strings.Repeat("~", 200), "one that looks like a key of the table": "K#a#b", "the least": "!"} {
		with(w, key)
		want(t, name, create(w, ana.Token, "one"), 200, false)
		want(t, name, create(w, ana.Token, "one"), 200, true)
	}
	with(w, "a b")
	want(t, "a GET", w.Call(operation.ProfileGet, "GET", "/profile/current", ana.Token, nil), 200, false)
}

// A refusal changes nothing and is not remembered: the request may be
// corrected.
func TestRefusalsLeaveTheKeyFree(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	with(w, "k")
	login := func(password string) testkit.Answer {
		return w.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": ana.Email, "password": password})
	}
	want(t, "a wrong password", login("wrong lantern otter"), 401, false)
	if w.Count("K#", "") != 0 {
		t.Error("a refused request has left a mark")
	}
	want(t, "the right one", login(testkit.Password), 200, false)
	want(t, "the right one again", login(testkit.Password), 200, true)
	want(t, "the wrong one again", login("wrong lantern otter"), 409, false)
	want(t, "no name", create(w, ana.Token, ""), 400, false)
	want(t, "a name", create(w, ana.Token, "one"), 200, false)
}

// An attacker who knows a request except for its password can try at most five
// guesses with its key, however many guesses are sent at once.
func TestKeysTellOfFewGuesses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	with(w, "k")
	login := func(password string) testkit.Answer {
		return w.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": ana.Email, "password": password})
	}
	want(t, "the person", login(testkit.Password), 200, false)
	answers := make([]testkit.Answer, 40)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = login(fmt.Sprint("guess ", i)) })
	}
	wg.Wait()
	told := 0
	for _, a := range answers {
		if a.Code != 409 {
			t.Errorf("got %d %s", a.Code, a.Body)
		}
		if strings.Contains(a.Message, "another request") {
			told++
		}
	}
	if told != 5 {
		t.Errorf("%d guesses were told to be wrong, want 5", told)
	}
	want(t, "the right one after that", login(testkit.Password), 409, false)
	w.Edit = nil
	want(t, "the right one without the key", login(testkit.Password), 200, false)
}

// The first answer is also sent to the token that the request has revoked, and
// to nobody without the secret of this token.
func TestARequestThatRevokesItsToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "")
	with(w, "k")
	remove := func() testkit.Answer {
		return w.Call(operation.TokenDelete, "DELETE", "/profile/"+string(ana.Home)+"/token/"+token, token, nil)
	}
	want(t, "the first", remove(), 200, false)
	want(t, "the same", remove(), 200, true)
	w.Edit = nil
	want(t, "without a key", remove(), 401, false)
	with(w, "new")
	want(t, "with a new key", remove(), 401, false)
}

// A token that rotates itself is invalid at once. The request sent again gets
// the same new token, and does not count as a use that ends the family.
func TestARotationThatIsSentAgain(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "")
	with(w, "k")
	var first, again struct{ Token string }
	got := rotateToken(w, token, ana.Home, token, nil)
	want(t, "the first", got, 200, false)
	got.Into(w, &first)
	got = rotateToken(w, token, ana.Home, token, nil)
	want(t, "the same", got, 200, true)
	got.Into(w, &again)
	w.Edit = nil
	if first.Token == "" || again.Token != first.Token || w.Count("J#", "") != 0 {
		t.Errorf("got %q and then %q, and %d reports", first.Token, again.Token, w.Count("J#", ""))
	}
	_, err := operation.TokenReuse.Sweep(w.Context(), w.Services)
	if err != nil || alive(w, first.Token) != 200 {
		t.Errorf("the new token is dead (%v)", err)
	}
	// Without the key it counts as a use.
	if rotateToken(w, token, ana.Home, token, nil).Code != 401 || w.Count("J#", "") != 1 {
		t.Error("the use of the old token is not reported")
	}
}

// A request that is sent again is authorized and counted as if it came for the
// first time.
func TestAReplayNeedsTheRightsOfItsRequest(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	limits := func(token string, body object) {
		w.Edit = nil
		got := w.Call(operation.TokenEdit, "PUT", "/profile/"+string(ana.Home)+"/token/"+token[2:10], ana.Token,
			and(object{"password": testkit.Password}, body))
		if got.Code != 200 {
			t.Fatalf("edit: got %d %q", got.Code, got.Message)
		}
	}
	from := func(source string) {
		w.Edit = func(e *events.APIGatewayV2HTTPRequest) {
			e.Headers["idempotency-key"] = "k"
			e.RequestContext.HTTP.SourceIP = source
		}
	}
	const here, there = "192.0.2.1", "203.0.113.9"
	for _, c := range []struct {
		name   string
		change func(token string)
		source string
		code   int
		again  bool
	}{
		{"as it was", func(string) {}, here, 200, true},
		{"from another source", func(string) {}, there, 200, true},
		{"disabled", func(token string) { limits(token, object{"disabled": true}) }, here, 401, false},
		{"from where it may not be used", func(token string) { limits(token, object{"allow_list": []string{"198.51.100.0/24"}}) }, here, 403, false},
		{"of a blocked account", func(string) { block(w, ana) }, here, 401, false},
	} {
		token := ana.Mint(ana.Home, "")
		edit := func(source string) testkit.Answer {
			from(source)
			return w.Call(operation.ProfileEdit, "PUT", "/profile/"+string(ana.Home), token, object{"name": "barn"})
		}
		want(t, c.name+", the first", edit(here), 200, false)
		c.change(token)
		want(t, c.name, edit(c.source), c.code, c.again)
	}
}

// A token that was rotated away gets its successor when the rotation is
// repeated from the same address. From elsewhere it counts as a use, which ends
// the family. The same holds for a token that became invalid in another way.
func TestAnInvalidTokenGetsReplaysFromItsSourceOnly(t *testing.T) {
	t.Parallel()
	const here, there = "192.0.2.1", "203.0.113.9"
	for _, spent := range []bool{true, false} {
		w := testkit.New(t)
		ana := w.Quick("ana")
		token := ana.Mint(ana.Home, "1 day")
		send := func(source string) testkit.Answer {
			w.Edit = func(e *events.APIGatewayV2HTTPRequest) {
				e.Headers["idempotency-key"] = "k"
				e.RequestContext.HTTP.SourceIP = source
			}
			if spent {
				return rotateToken(w, token, ana.Home, token, nil)
			}
			return w.Call(operation.TokenDelete, "DELETE", "/profile/"+string(ana.Home)+"/token/"+token, token, nil)
		}
		first := send(here)
		want(t, "the first", first, 200, false)
		want(t, "from the same source", send(here), 200, true)
		if n := w.Count("J#", ""); n != 0 {
			t.Errorf("spent %v: %d uses are reported, want none", spent, n)
		}
		got := send(there)
		want(t, "from elsewhere", got, 401, false)
		if strings.Contains(string(got.Result), "p-") {
			t.Errorf("spent %v: the answer is %s", spent, got.Result)
		}
		if !spent {
			continue
		}
		if n := w.Count("J#", ""); n != 1 {
			t.Errorf("%d uses are reported, want one", n)
		}
		var next struct{ Token string }
		first.Into(w, &next)
		w.Edit = nil
		_, err := operation.TokenReuse.Sweep(w.Context(), w.Services)
		if err != nil || alive(w, next.Token) != 401 {
			t.Errorf("the successor works (%v)", err)
		}
	}
}

// A rotated token that comes with the key of its rotation and a different
// request repeats nothing. It counts as a use, even from its first source.
func TestASpentTokenWithAnotherRequestIsAUse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "1 day")
	with(w, "k")
	want(t, "the first", rotateToken(w, token, ana.Home, token, nil), 200, false)
	got := rotateToken(w, token, ana.Home, token, object{"grace": "1 hour"})
	if got.Code != 401 {
		t.Errorf("another request: got %d %q, want 401", got.Code, got.Message)
	}
	if n := w.Count("J#", ""); n != 1 {
		t.Errorf("%d uses are reported, want one", n)
	}
}

// A replay counts towards the rate limit of its route, and one above the limit
// gets no answer. Without a token, and with an invalid one, it counts for its
// source.
func TestRepetitionsAreCounted(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(*testkit.World, testkit.Person) testkit.Answer{
		"with a token": func(w *testkit.World, p testkit.Person) testkit.Answer {
			return w.Call(operation.ProfileCreate, "POST", "/profile", p.Token, object{"name": "barn"})
		},
		"with a token that it has killed": func(w *testkit.World, p testkit.Person) testkit.Answer {
			return w.Call(operation.TokenDelete, "DELETE", "/profile/"+string(p.Home)+"/token/"+p.Token, p.Token, nil)
		},
		"without a token": func(w *testkit.World, p testkit.Person) testkit.Answer {
			return w.Call(operation.EmailConfirm, "POST", "/account/email/confirm", "", object{"code": p.Name})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			ana.Name = emailCode(w, ana.Token, "new@example.com")
			w.LimitRates()
			w.Advance(time.Duration(60-w.Now().Unix()%60) * time.Second)
			with(w, "k")
			want(t, "the first", send(w, ana), 200, false)
			codes := map[int]int{}
			for range 320 {
				got := send(w, ana)
				if codes[got.Code]++; got.Code == 429 {
					break
				}
			}
			if codes[429] == 0 || codes[200] == 0 || len(codes) != 2 {
				t.Errorf("320 repetitions in a minute got %v, want the answer and then a limit", codes)
			}
			w.Advance(time.Minute)
			want(t, "in the next minute", send(w, ana), 200, true)
		})
	}
}

// If any answer of the table is lost, the request takes effect once. Sent
// again, it gets its first answer, or 409.
func TestLostAnswersOfARequestWithAKey(t *testing.T) {
	t.Parallel()
	for _, fault := range []testkit.Fault{testkit.LostAnswer, testkit.BrokenService,
		testkit.Throttled, testkit.Contention} {
		for _, hard := range []bool{false, true} { // whether all tries of the SDK lose the answer
			for at := range 4 {
				w := testkit.NewModelled(t)
				ana := w.Quick("ana")
				with(w, "k")
				n := -1
				w.Faults.Always(func(name string, attempt int) testkit.Fault {
					if name == "BatchGetItem" || fault == testkit.Contention && name != "TransactWriteItems" {
						return testkit.NoFault
					}
					if attempt == 1 {
						n++
					}
					if n == at && (hard || attempt == 1) {
						return fault
					}
					return testkit.NoFault
				})
				first := create(w, ana.Token, "one")
				w.Faults.Always(nil)
				w.Advance(time.Hour)
				second := create(w, ana.Token, "one")
				name := fmt.Sprintf("fault %d, hard %t, at %d", fault, hard, at)
				if made := w.Count("P#", "P") - 1; made != 1 {
					t.Errorf("%s: %d profiles were made; answers %s and %s", name, made, first.Body, second.Body)
				}
				switch {
				case first.Code == 200 && second.Code == 200 && first.Body == second.Body &&
					replayed(second):
				case first.Code == 200 && second.Code == 409 &&
					second.Message == problem.ErrInProgress.Message:
				case (first.Code >= 500 || first.Code == 409) && second.Code == 200:
				default:
					t.Errorf("%s: got %d %s and then %d %s", name, first.Code, first.Body, second.Code, second.Body)
				}
				// The outcome of a commit whose answer was lost is found out.
				if fault == testkit.LostAnswer && first.Code != 200 && at == 1 {
					t.Errorf("%s: the commit was carried out, and answered %d %s", name, first.Code, first.Body)
				}
			}
		}
	}
}

// A function ends between the commit and the write of its answer. The request
// is not done again, and is answered without waiting.
func TestAnAnswerThatWasNotKept(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	with(w, "k")
	committed := false
	w.Faults.Always(func(name string, _ int) testkit.Fault {
		committed = committed || name == "TransactWriteItems"
		if committed && name == "UpdateItem" {
			return testkit.BrokenService
		}
		return testkit.NoFault
	})
	want(t, "the first", create(w, ana.Token, "one"), 200, false)
	w.Faults.Always(nil)
	want(t, "another body", create(w, ana.Token, "two"), 409, false)
	w.Advance(2 * time.Minute)
	start := time.Now()
	got := create(w, ana.Token, "one")
	if got.Code != 409 || got.Message != problem.ErrInProgress.Message ||
		time.Since(start) > 2*time.Second {
		t.Errorf("got %d %s after %v", got.Code, got.Body, time.Since(start))
	}
	if w.Count("P#", "P") != 2 {
		t.Errorf("%d profiles, want 2", w.Count("P#", "P"))
	}
}

// A full commit has no room for the record. It is written with the answer
// instead.
func TestAFullCommitWithAKey(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for _, n := range []int{99, 100} {
		var ids []tenancy.NotificationID
		for i := range n {
			id, err := w.Notifications.Create(w.Context(), ana.Client(operation.NotificationCreate),
				fmt.Sprint(i), "x", false)
			w.OK(err)
			ids = append(ids, id)
		}
		with(w, fmt.Sprint("k", n))
		read := func() testkit.Answer {
			return w.Call(operation.NotificationRead, "PUT", "/notification/read", ana.Token, object{"notification_ids": ids})
		}
		want(t, fmt.Sprint(n), read(), 200, false)
		want(t, fmt.Sprint(n, " again"), read(), 200, true)
	}
}

// A request that takes several commits, and is safe to repeat, is completed
// when it is sent again after an interruption.
func TestSeveralCommitsWithAKey(t *testing.T) {
	t.Parallel()
	secondBroken := func(w *testkit.World, commit string) {
		commits := 0
		w.Faults.Always(func(name string, attempt int) testkit.Fault {
			if name == commit && attempt == 1 {
				commits++
			}
			if name == commit && commits >= 2 {
				return testkit.BrokenService
			}
			return testkit.NoFault
		})
	}
	commits := map[string]string{
		"usage-report: 100 lines":                        "UpdateItem",
		"transfer-request: after one whose time is over": "TransactWriteItems",
	}
	for _, c := range scenes {
		if commits[c.Name()] == "" {
			continue
		}
		s := newModelledStage(t, c)
		with(s.World, "k")
		secondBroken(s.World, commits[c.Name()])
		want(t, c.Name()+" broken", c.Run(s), 503, false)
		s.Faults.Always(nil)
		want(t, c.Name()+" sent again", c.Run(s), 200, false)
		want(t, c.Name()+" and once more", c.Run(s), 200, true)
	}

	w := testkit.New(t)
	ana := w.Quick("ana")
	for i := range 150 {
		_, err := w.Notifications.Create(w.Context(), ana.Client(operation.NotificationCreate),
			fmt.Sprint(i), "x", false)
		w.OK(err)
	}
	with(w, "k")
	secondBroken(w, "TransactWriteItems")
	mark := func() testkit.Answer {
		return w.Call(operation.NotificationReadAll, "PUT", "/notification/markallread", ana.Token, nil)
	}
	want(t, "marking all, broken", mark(), 503, false)
	w.Faults.Always(nil)
	want(t, "marking all, sent again", mark(), 200, false)
	want(t, "marking all, once more", mark(), 200, true)
}

// A lost master key makes its sealed values unreadable. No request is done
// twice because of that.
func TestAnAnswerUnderAnotherMasterKey(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	with(w, "k")
	want(t, "the first", create(w, ana.Token, "one"), 200, false)
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "K#") {
			_, err := w.Client.UpdateItem(w.Context(), &dynamodb.UpdateItemInput{
				TableName: &w.Table, Key: map[string]types.AttributeValue{
					"PK": &types.AttributeValueMemberS{Value: it.PK}, "SK": &types.AttributeValueMemberS{Value: it.SK},
				},
				UpdateExpression:          aws.String("SET answer = :a"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":a": &types.AttributeValueMemberB{Value: make([]byte, 64)}},
			})
			w.OK(err)
		}
	}
	want(t, "the same", create(w, ana.Token, "one"), 409, false)
}

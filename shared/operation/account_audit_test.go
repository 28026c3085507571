package operation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func accountLog(w *testkit.World, token, query string) (page auditPage) {
	w.Helper()
	w.Call(operation.AccountAuditGet, "GET", "/account/auditlog"+query, token, nil).Into(w, &page)
	return page
}

func signsIn(w *testkit.World, email value.Email, password, source string) int {
	w.Helper()
	event := testkit.Event("POST", "/account/login")
	event.Body = `{"email":"` + string(email) + `","password":"` + password + `"}`
	event.RequestContext.HTTP.SourceIP = source
	return w.Send(operation.AccountLogin, event).Code
}

// The log of an account has its sign-ins, with the addresses that they came
// from, and the changes of the account. Only its own full tokens read it.
func TestTheLogOfAnAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	if got := signsIn(w, ana.Email, testkit.Password, "203.0.113.9"); got != 200 {
		t.Fatalf("sign in: got %d", got)
	}
	w.Advance(time.Second)
	signsIn(w, ana.Email, "wrong", "203.0.113.9")
	w.Advance(time.Second)
	w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
		"profile_id": ana.Home, "email": ana.Email, "password": testkit.Password, "name": "x",
	})
	w.Advance(time.Second)
	w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"name": "Ana B."})
	w.Advance(time.Second)

	page := accountLog(w, ana.Token, "")
	if got, want := page.messages(), "Signed in Sign-in failed: wrong password Signed in, with a new token Account updated"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	first, second := page.Events[0], page.Events[2]
	if first.Source == nil || *first.Source != "203.0.113.9" || first.Who != string(ana.ID) ||
		first.Resource != "account" || first.Request == nil || first.Token != nil {
		t.Errorf("the sign-in: %+v", first)
	}
	if second.Token == nil {
		t.Errorf("the sign-in with a token does not say which: %+v", second)
	}
	var again auditPage
	w.Call(operation.AccountAuditQuery, "GET", "/account/auditlog/"+page.QueryID, ana.Token, nil).Into(w, &again)
	if again.messages() != page.messages() {
		t.Errorf("the same query: got %q", again.messages())
	}
	if got := accountLog(w, ana.Token, "?find=signed*&limit=1"); got.messages() != "Signed in" || got.Next == "" {
		t.Errorf("a filter and a page: got %q, next %q", got.messages(), got.Next)
	}
	got := download(w, operation.AccountAuditGet, "/account/auditlog?format=csv", ana.Token)
	if got.StatusCode != 200 || !strings.Contains(got.Body, "Ana B.") {
		t.Errorf("as a file: got %d %s", got.StatusCode, got.Body)
	}
	// A member with full permission on ana's profile sees nothing of her
	// account.
	if got := accountLog(w, ben.Token, ""); got.messages() != "" {
		t.Errorf("ben's own log: got %q", got.messages())
	}
	for what, token := range map[string]string{"read": ana.With("read", ""), "write": ana.With("write", "")} {
		for path, o := range map[string]operation.Operation{"/account/auditlog": operation.AccountAuditGet,
			"/account/auditlog/" + everything: operation.AccountAuditQuery} {
			if got := w.Call(o, "GET", path, token, nil); got.Code != 403 {
				t.Errorf("%s with a %s token: got %d", path, what, got.Code)
			}
		}
	}
	for _, query := range []string{"?start_date=2030-13-01", "?limit=x", "?format=xml", "?nextToken=x"} {
		if got := w.Call(operation.AccountAuditGet, "GET", "/account/auditlog"+query, ana.Token, nil); got.Code != 400 {
			t.Errorf("%s: got %d", query, got.Code)
		}
	}
	if got := w.Call(operation.AccountAuditQuery, "GET", "/account/auditlog/x", ana.Token, nil); got.Code != 404 {
		t.Errorf("an id that is none: got %d", got.Code)
	}
}

// However often strangers guess, the log of an account has one entry about it
// in a quarter of an hour. Guessing costs the same for an address without an
// account.
func TestRefusedSignInsAreNotifiedOnce(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	w.Advance(time.Duration(15*60-w.Now().Unix()%(15*60)) * time.Second)
	guess := func(email value.Email, n int) (codes map[int]int, requests int) {
		codes = map[int]int{}
		w.Meter.Reset()
		for i := range n {
			codes[signsIn(w, email, "wrong", "203.0.113."+string(rune('1'+i%9)))]++
		}
		return codes, w.Meter.Reset().Requests
	}
	codes, known := guess(ana.Email, 60)
	if codes[429] != 40 || codes[401] != 20 {
		t.Errorf("got %v, want 20 times 401 and then 429", codes)
	}
	if _, unknown := guess("nobody@example.com", 60); unknown != known {
		t.Errorf("%d requests for an account, %d for an address without one", known, unknown)
	}
	w.Advance(time.Second)
	for _, want := range []string{"Sign-ins refused: too many wrong passwords", "Sign-in failed: wrong password"} {
		if got := accountLog(w, ana.Token, "").messages(); strings.Count(got, want) != 1 {
			t.Errorf("got %q, want %q once", got, want)
		}
	}
	e := accountLog(w, ana.Token, "").Events[0]
	if e.Who != "whoever tried" || e.Source == nil || !strings.HasPrefix(*e.Source, "203.0.113.") {
		t.Errorf("got %+v", e)
	}
	w.Advance(15 * time.Minute)
	guess(ana.Email, 25)
	w.Advance(time.Second)
	if got := len(accountLog(w, ana.Token, "").Events); got != 4 {
		t.Errorf("%d entries of two spans, want two of each", got)
	}
}

// A right password without a pin leaves one entry in a span of time. The person
// at home, who has the pin, leaves none.
func TestARightPasswordWithoutAPinLeavesATrace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ana.Authenticator()
	count := func() (n int) {
		for e, err := range w.Store.AuditEntries(t.Context(), string(ana.ID),
			w.Now().Add(-time.Hour), w.Now().Add(time.Minute), "", 0) {
			w.OK(err)
			if strings.HasPrefix(e.Message, "Right password without a pin") && e.Who == "whoever tried" && e.Source != "" {
				n++
			}
		}
		return n
	}
	for source, want := range map[string]int{testkit.Home: 0, "203.0.113.9": 1} {
		w.Edit = func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.SourceIP = source }
		before := count()
		for range 3 {
			if got := signIn(w, ana, nil); got.Code != 401 {
				t.Errorf("from %s: got %d %q", source, got.Code, got.Message)
			}
		}
		if got := count() - before; got != want {
			t.Errorf("from %s: %d entries, want %d", source, got, want)
		}
	}
}

// Each kind of failed reauthentication is in the log of the account once in a
// span of time, however often it happens. A few wrong ones are enough. The
// person's right ones leave no entry. The third wrong pin after a right
// password sends a mail.
func TestFailedProofsLeaveATrace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	app := ana.Authenticator()
	w.Advance(time.Duration(15*60-w.Now().Unix()%(15*60)) * time.Second)
	start := w.Now()
	wrong := func() string {
		for _, pin := range []string{"000000", "111111", "222222", "333333"} {
			if pin != app.At(-1) && pin != app.At(0) && pin != app.At(1) {
				return pin
			}
		}
		panic("three pins of four")
	}
	action := func(given object) testkit.Answer {
		return w.Call(operation.EmailRequest, "POST", "/account/email", ana.Token, and(object{"email": "new@example.com"}, given))
	}
	kinds := map[string]func() int{
		"Sign-in failed: wrong password":               func() int { return signIn(w, ana, object{"password": "wrong horse battery"}).Code },
		"Action refused: wrong password":               func() int { return action(object{"password": "wrong horse battery"}).Code },
		"Wrong pin given":                              func() int { return signIn(w, ana, credentials(wrong())).Code },
		"Pin not looked at, after too many wrong ones": func() int { return action(credentials(app.Next())).Code },
	}
	before := mails(w, ana.Email, mailing.KindFactors)
	for _, kind := range []string{"Sign-in failed: wrong password", "Action refused: wrong password", "Wrong pin given"} {
		for n := 1; n <= 2; n++ {
			if got := kinds[kind](); got != 401 {
				t.Fatalf("%s: got %d", kind, got)
			}
		}
	}
	if n := mails(w, ana.Email, mailing.KindFactors) - before; n != 0 {
		t.Errorf("%d mails after two wrong pins", n)
	}
	kinds["Wrong pin given"]()
	if n := mails(w, ana.Email, mailing.KindFactors) - before; n != 1 {
		t.Errorf("%d mails after three wrong pins, want 1", n)
	}
	for range 7 {
		kinds["Wrong pin given"]()
	}
	for range 2 {
		if got := kinds["Pin not looked at, after too many wrong ones"](); got != 429 {
			t.Fatalf("after ten wrong pins: got %d", got)
		}
	}
	count := func(kind string) (n int) {
		for e, err := range w.Store.AuditEntries(t.Context(), string(ana.ID), start,
			w.Now().Add(time.Minute), "", 0) {
			w.OK(err)
			if e.Message == kind && e.Who == "whoever tried" && e.Source != "" {
				n++
			}
		}
		return n
	}
	for kind := range kinds {
		if n := count(kind); n != 1 {
			t.Errorf("%q is in the log %d times, want once", kind, n)
		}
	}
	w.Advance(15 * time.Minute)
	for kind, do := range kinds {
		if kind == "Wrong pin given" {
			continue // none is looked at
		}
		do()
		do()
		if n := count(kind); n != 2 {
			t.Errorf("%q is in the log %d times after another span, want twice", kind, n)
		}
	}
	w.Advance(25 * time.Hour)
	block(w, ana)
	for range 2 {
		if got := signIn(w, ana, credentials(app.Next())).Code; got != 403 {
			t.Errorf("a blocked account: got %d", got)
		}
	}
	if n := count("Sign-in refused: the account may not sign in"); n != 1 {
		t.Errorf("the block is in the log %d times, want once", n)
	}
}

package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type sessionAnswer struct {
	ID, Account, Name, Email, Language, Timezone string
	Roles                                        []string
	Expires                                      string `json:"expires_at"`
	Ends                                         string `json:"ends_at"`
}

type sessionRow struct {
	ID             string
	Current        bool
	Agent, Address string
}

func openSession(w *testkit.World, email value.Email, password string) testkit.Answer {
	w.Helper()
	return w.Browse(operation.SessionCreate, "POST", "/console/session", "", object{"email": email, "password": password})
}

func session(w *testkit.World, text string) testkit.Answer {
	w.Helper()
	return w.Browse(operation.SessionGet, "GET", "/console/session", text, nil)
}

func sessions(w *testkit.World, token string) (rows []sessionRow) {
	w.Helper()
	w.Call(operation.SessionList, "GET", "/account/session", token, nil).Into(w, &rows)
	return rows
}

// A person signs in with a browser. The session is in the cookie and nowhere
// else, and every page can read which account it is for.
func TestSigningInWithABrowser(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	sam := w.Agent(w.Account("sam"))
	got := openSession(w, sam.Email, testkit.Password)
	text := got.SessionIn()
	if want := "__Host-session=" + text + "; Path=/; Secure; HttpOnly; SameSite=Strict"; got.Code != 200 || len(got.Cookies) != 1 || got.Cookies[0] != want {
		t.Fatalf("got %d %s with the cookies %q", got.Code, got.Body, got.Cookies)
	}
	if strings.Contains(got.Body, text[len(text)-26:]) {
		t.Error("the answer has the secret")
	}
	var begun, found sessionAnswer
	got.Into(w, &begun)
	session(w, text).Into(w, &found)
	now := w.Now().UTC()
	if begun.Account != string(sam.ID) || begun.Name != sam.Name ||
		begun.Email != string(sam.Email) || !slices.Equal(begun.Roles, []string{"support"}) ||
		begun.Expires != now.Add(time.Hour).Format(value.TimeFormat) ||
		begun.Ends != now.Add(24*time.Hour).Format(value.TimeFormat) ||
		fmt.Sprint(begun) != fmt.Sprint(found) {
		t.Errorf("got %+v, and read %+v", begun, found)
	}
	for _, it := range w.Items() {
		if strings.Contains(it.Text, text[len(text)-26:len(text)-4]) {
			t.Errorf("the secret is in %s %s", it.PK, it.SK)
		}
	}
	w.Advance(time.Second)
	if row := accountLog(w, sam.Token, "?find=signed+in&limit=1").Events[0]; row.Token == nil || *row.Token != begun.ID {
		t.Errorf("the log has %+v, want the session %s", row, begun.ID)
	}
}

// Each condition on requests with a session is checked on its own. A request
// that fails one of them is refused with the reason.
func TestASessionCountsUnderEachCondition(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	text := ana.Browser()
	header := func(name, value string) func(*events.APIGatewayV2HTTPRequest) {
		return func(e *events.APIGatewayV2HTTPRequest) {
			if e.Headers[name] = value; value == "" {
				delete(e.Headers, name)
			}
		}
	}
	for name, c := range map[string]struct {
		change          func(*events.APIGatewayV2HTTPRequest)
		reading, writes problem.Reason // "": it counts
	}{
		"as it should be":               {func(*events.APIGatewayV2HTTPRequest) {}, "", ""},
		"a token beside it":             {header("token", ana.Token[:10]), problem.ReasonTokenInvalid, problem.ReasonTokenInvalid},
		"a token of another client":     {header("authorization", "Bearer x"), problem.ReasonTokenInvalid, problem.ReasonTokenInvalid},
		"the word null for a token":     {header("token", "null"), "", ""},
		"from another origin here":      {header("sec-fetch-site", "same-site"), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"from another site":             {header("sec-fetch-site", "cross-site"), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"typed by a person":             {header("sec-fetch-site", "none"), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"from an unknown site":          {header("sec-fetch-site", ""), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"from two sites":                {header("sec-fetch-site", "same-origin,same-origin"), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"without the header":            {header("console", ""), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"with another header":           {header("console", "0"), problem.ReasonNotSameOrigin, problem.ReasonNotSameOrigin},
		"with no origin":                {header("origin", ""), "", problem.ReasonNotSameOrigin},
		"with the origin null":          {header("origin", "null"), "", problem.ReasonNotSameOrigin},
		"with the origin of another":    {header("origin", "https://example.com"), "", problem.ReasonNotSameOrigin},
		"with one that ends likewise":   {header("origin", "https://evil-api.example.com"), "", problem.ReasonNotSameOrigin},
		"with one that begins likewise": {header("origin", "https://api.example.com.evil.net"), "", problem.ReasonNotSameOrigin},
		"with another port":             {header("origin", "https://api.example.com:8443"), "", problem.ReasonNotSameOrigin},
		"with a user before it":         {header("origin", "https://api.example.com@evil.net"), "", problem.ReasonNotSameOrigin},
		"with another kind of page":     {header("origin", "file://api.example.com"), "", problem.ReasonNotSameOrigin},
		"with no host":                  {header("host", ""), "", problem.ReasonNotSameOrigin},
		"without a cookie":              {func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = nil }, problem.ReasonNoToken, problem.ReasonNoToken},
		"in another cookie":             {func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = []string{"session=" + text} }, problem.ReasonNoToken, problem.ReasonNoToken},
		"twice":                         {func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = append(e.Cookies, e.Cookies[1]) }, problem.ReasonNoToken, problem.ReasonNoToken},
		"in a header": {func(e *events.APIGatewayV2HTTPRequest) {
			e.Cookies, e.Headers["cookie"] = nil, testkit.SessionCookie+"="+text
		}, problem.ReasonNoToken, problem.ReasonNoToken},
		"as a token": {func(e *events.APIGatewayV2HTTPRequest) { e.Cookies, e.Headers["token"] = nil, text }, problem.ReasonTokenInvalid, problem.ReasonTokenInvalid},
	} {
		before := w.State()
		for method, want := range map[string]problem.Reason{"GET": c.reading, "PUT": c.writes} {
			event := testkit.PageEvent(method, "/account", text)
			o := operation.AccountGet
			if method == "PUT" {
				o, event.Body = operation.AccountEdit, `{"company":"`+name+`"}`
			}
			c.change(&event)
			if got := w.Send(o, event); got.Reason != want || (want == "") != (got.Code == 200) {
				t.Errorf("%s, %s: got %d %q, want %q", name, method, got.Code, got.Reason, want)
			}
		}
		if c.writes != "" && w.State() != before {
			t.Errorf("%s: the table has changed", name)
		}
	}
}

// A page of another origin cannot sign a person in. The person would use an
// account that belongs to somebody else.
func TestOnlyThisServicesPagesSignIn(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for _, missing := range []string{"sec-fetch-site", "console", "origin"} {
		event := testkit.PageEvent("POST", "/console/session", "")
		event.Body = `{"email":"` + string(ana.Email) + `","password":"` + testkit.Password + `"}`
		delete(event.Headers, missing)
		got := w.Send(operation.SessionCreate, event)
		if got.Reason != problem.ReasonNotSameOrigin || got.Code != 401 || len(got.Cookies) > 0 {
			t.Errorf("without %s: got %d %s %q", missing, got.Code, got.Body, got.Cookies)
		}
	}
	if rows := sessions(w, ana.Token); len(rows) > 0 {
		t.Errorf("there are the sessions %+v", rows)
	}
}

// Every operation that takes a credential gets every kind of session that does
// not work. A new operation is covered at once.
func TestEveryOperationRefusesEveryWrongSession(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana, ben, eve, kim, lou := w.Quick("ana"), w.Quick("ben"), w.Quick("eve"), w.Quick("kim"), w.Quick("lou")
	w.OK(w.Billing.EditAddons(t.Context(), ana.Client(operation.AddonEdit), refOf(ana.Home),
		map[plan.Addon]bool{plan.AddonMobile: true}))
	second := ana.Profile("second")
	ticket := w.Offer(second, ana, "zoe@example.com")
	idle := ana.Browser()
	w.Advance(time.Hour)
	signedOut, blocked, gone, locked := ana.Browser(), kim.Browser(), ben.Browser(), lou.Browser()
	if got := w.Browse(operation.SessionDelete, "DELETE", "/console/session", signedOut, nil); got.Code != 200 {
		t.Fatalf("signing out: got %d %q", got.Code, got.Message)
	}
	block(w, kim)
	w.OK(w.Accounts.Delete(t.Context(), ben.Client(operation.AccountDelete),
		service.Credentials{Password: testkit.Password}))
	if got := setPassword(w, lou.Token, another, testkit.Password); got.Code != 200 {
		t.Fatalf("a new password: got %d %q", got.Code, got.Message)
	}
	live, others := ana.Browser(), eve.Browser()
	parsed, _ := secret.ParseSession(live)
	stranger, _ := secret.ParseSession(others)
	guessed := secret.Session{Account: parsed.Account,
		Credential: secret.Credential{ID: parsed.ID, Secret: stranger.Secret}}.Text()
	moved := secret.Session{Account: parsed.Account, Credential: stranger.Credential}.Text()
	elsewhere := secret.Session{Account: strings.Repeat("0", 24),
		Credential: parsed.Credential}.Text()
	broken := []byte(live)
	broken[59] ^= 1
	nowhere := secret.NewCredential().Session(string(ana.ID), 'z').Text()
	tried, before := 0, w.State()
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Access == operation.Anonymous {
			continue
		}
		for _, route := range o.Routes {
			path := strings.NewReplacer("{id}", string(ana.Home), "{token}", ana.Token[2:10], "{member}",
				string(ana.ID), "{button}", "accept",
				"{ticket}", string(ticket.ID), "{addon}", "mobile", "{code}", "HALF", "{query}", everything, "{type}", "authenticator", "{session}",
				parsed.ID,
				"{webhook}", "0123456789abcdef01234567", "{alert}", "0123456789abcdef01234567", "{backup}", "0123456789abcdef01234567", "{delivery}", "0123456789abcdef01234568").Replace(route.Path)
			for name, text := range map[string]string{
				"an idle one": idle, "one that was signed out": signedOut, "one of a blocked account": blocked, "one of a deleted account": gone,
				"one from before a new password": locked, "a guessed secret": guessed, "another's in this account": moved, "one in another account": elsewhere,
				"a wrong checksum": string(broken), "a made-up place": nowhere, "no session at all": "x", "a token": ana.Token,
			} {
				tried++
				got := w.Browse(o, route.Method, path, text, bodyFor(o, ana))
				if got.Code != 401 || got.Reason != problem.ReasonSessionEnded {
					t.Errorf("%s %s with %s: got %d %q", route.Method, path, name, got.Code, got.Reason)
				}
			}
			event := testkit.PageEvent(route.Method, path, live)
			event.Headers["sec-fetch-site"] = "cross-site"
			got := w.Send(o, event)
			if got.Code != 401 || got.Reason != problem.ReasonNotSameOrigin ||
				len(got.Cookies) > 0 || got.Header["Clear-Site-Data"] != "" {
				t.Errorf("%s %s from another site: got %d %q", route.Method, path, got.Code, got.Reason)
			}
			if w.State() != before {
				t.Fatalf("%s %s has changed the table", route.Method, path)
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d requests were tried", tried)
	}
}

// A session can do for its account the same as a full token of the account, to
// own profiles and to shared ones, and reaches no others. It has no calling
// token and no profile of its own, and refuses requests about those.
func TestASessionActsForItsAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	w.Share(ben.Home, ana, tenancy.PermissionRead)
	text, token := ana.Browser(), ana.Token
	read := 0
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Access == operation.Anonymous ||
			o.Access == operation.Browser || o.Access == operation.DataPlane ||
			o.Access == operation.DataPlaneRead {
			continue
		}
		for _, route := range o.Routes {
			if route.Method != "GET" || strings.Contains(route.Path, "{ticket}") ||
				o.Name == operation.TokenInfo.Name || o.Name == operation.AnalysisList.Name {
				continue
			}
			for _, id := range []value.ProfileID{ana.Home, ben.Home, eve.Home} {
				path := strings.NewReplacer("{id}", string(id), "{query}", everything, "{code}", "HALF", "{token}", token[2:10],
					"{member}", string(ana.ID),
					"{webhook}", "0123456789abcdef01234567", "{alert}", "0123456789abcdef01234567", "{backup}", "0123456789abcdef01234567", "{delivery}", "0123456789abcdef01234568").Replace(route.Path)
				if o.Name == operation.PricingProrated.Name {
					path += "?plan=scale"
				}
				want, got := w.Call(o, "GET", path, token, nil), w.Browse(o, "GET", path, text, nil)
				if read++; got.Code != want.Code || got.Reason != want.Reason ||
					o.Name != operation.TokenList.Name && o.Name != operation.SessionList.Name &&
						string(got.Result) != string(want.Result) {
					t.Errorf("GET %s: got %d %s, and a token gets %d %s", path, got.Code, got.Body, want.Code, want.Body)
				}
			}
			if strings.HasPrefix(route.Path, "/profile/{id}") {
				path := strings.NewReplacer("{id}", "current", "{query}", everything,
					"{webhook}", "0123456789abcdef01234567", "{alert}", "0123456789abcdef01234567", "{backup}", "0123456789abcdef01234567", "{delivery}", "0123456789abcdef01234568").Replace(route.Path)
				got := w.Browse(o, "GET", path, text, nil)
				if got.Code != 400 || got.Reason != problem.ReasonNoOwnProfile {
					t.Errorf("GET %s: got %d %q", path, got.Code, got.Reason)
				}
			}
		}
	}
	if read < 60 {
		t.Errorf("only %d requests were tried", read)
	}
	for name, c := range map[string]struct {
		got  testkit.Answer
		code int
	}{
		"renames an own profile":       {w.Browse(operation.ProfileEdit, "PUT", "/profile/"+string(ana.Home), text, object{"name": "Plant"}), 200},
		"renames one that it may read": {w.Browse(operation.ProfileEdit, "PUT", "/profile/"+string(ben.Home), text, object{"name": "Plant"}), 403},
		"renames another's":            {w.Browse(operation.ProfileEdit, "PUT", "/profile/"+string(eve.Home), text, object{"name": "Plant"}), 404},
		"makes a profile":              {w.Browse(operation.ProfileCreate, "POST", "/profile", text, object{"name": "x"}), 200},
		"edits the account":            {w.Browse(operation.AccountEdit, "PUT", "/account", text, object{"company": "x"}), 200},
		"switches":                     {w.Browse(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(ana.Home), text, nil), 400},
		"lists analyses":               {w.Browse(operation.AnalysisList, "GET", "/analysis", text, nil), 400},
		"asks what it is":              {w.Browse(operation.TokenInfo, "GET", "/info", text, nil), 400},
		"reports use":                  {w.Browse(operation.UsageReport, "POST", "/usage/"+string(ana.Home), text, bodyFor(operation.UsageReport, ana)), 400},
		"makes a token": {w.Browse(operation.TokenCreate, "POST", "/profile/"+string(ana.Home)+"/token", text,
			object{"name": "x", "permission": "full", "email": ana.Email, "password": testkit.Password}), 200},
		"makes one without the password": {w.Browse(operation.TokenCreate, "POST", "/profile/"+string(ana.Home)+"/token", text,
			object{"name": "x", "permission": "full", "email": ana.Email}), 400},
		"rotates a token without the password": {w.Browse(operation.TokenRotate, "POST", "/profile/"+string(ana.Home)+"/token/"+token[2:10]+"/rotate", text, nil), 400},
		"rotates a token": {w.Browse(operation.TokenRotate, "POST", "/profile/"+string(ana.Home)+"/token/"+token[2:10]+"/rotate", text,
			object{"password": testkit.Password}), 200},
	} {
		if c.got.Code != c.code {
			t.Errorf("%s: got %d %q, want %d", name, c.got.Code, c.got.Message, c.code)
		}
		if strings.Contains("switches asks what it is reports use", name) && c.got.Reason != problem.ReasonTokenOnly {
			t.Errorf("%s: got %q", name, c.got.Reason)
		}
	}
	for _, r := range auditOf(w, ana.Home) {
		if r.Who == string(ana.ID) && r.Message == "Profile updated" &&
			string(r.Token) != string(w.SessionID(text)) {
			t.Errorf("the log of the profile has %+v, want the session", r)
		}
	}
}

// Operations that anybody may call read no session. They answer the same with a
// session that works, with one that does not, and without one.
func TestOpenOperationsReadNoSession(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	live := ana.Browser()
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Access != operation.Anonymous || o.Call == nil {
			continue
		}
		for _, route := range o.Routes {
			path := strings.NewReplacer("{token}", w.NextKey().Code(), "{email}", "nobody@example.com").Replace(route.Path)
			send := func(session string) string {
				event := testkit.PageEvent(route.Method, path, session)
				event.Headers["sec-fetch-site"] = "cross-site"
				event.Body = `{"email":"nobody@example.com","password":"x"}`
				got := w.Send(o, event)
				return fmt.Sprint(got.Code, got.Body, got.Cookies)
			}
			if want, got, ended := send(""), send(live), send("x"); got != want || ended != want {
				t.Errorf("%s %s: got %s and %s, and without a session %s", route.Method, path, got, ended, want)
			}
		}
	}
}

// A session lives an hour from its last extension, to the millisecond, and a
// day in all.
func TestASessionEndsToTheMillisecond(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	text := ana.Browser()
	w.Advance(time.Hour - time.Millisecond)
	if got := session(w, text); got.Code != 200 {
		t.Errorf("before its end: got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Millisecond)
	if got := session(w, text); got.Reason != problem.ReasonSessionEnded {
		t.Errorf("at its end: got %d %q", got.Code, got.Message)
	}
	extend := func() testkit.Answer {
		return w.Browse(operation.SessionExtend, "POST", "/console/session/extend", text, nil)
	}
	if got := extend(); got.Reason != problem.ReasonSessionEnded {
		t.Errorf("extended after its end: got %d %q", got.Code, got.Message)
	}
	text = ana.Browser()
	begun := w.Now().UTC()
	for range 26 {
		w.Advance(55 * time.Minute)
		var got sessionAnswer
		extend().Into(w, &got)
		end := w.Now().UTC().Add(time.Hour)
		if begun.Add(24 * time.Hour).Before(end) {
			end = begun.Add(24 * time.Hour)
		}
		if got.Expires != end.Format(value.TimeFormat) ||
			got.Ends != begun.Add(24*time.Hour).Format(value.TimeFormat) {
			t.Fatalf("after %v: got %+v, want the end %v", w.Now().Sub(begun), got, end)
		}
	}
	w.Advance(begun.Add(24 * time.Hour).Sub(w.Now()))
	if got := extend(); got.Reason != problem.ReasonSessionEnded {
		t.Errorf("after a day: got %d %q", got.Code, got.Message)
	}
}

// Every event that ends the tokens of signing in also ends sessions. The end of
// one session ends no other.
func TestEveryEndOfASessionIsImmediate(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *testkit.World, ana testkit.Person, text string){
		"signing out": func(w *testkit.World, _ testkit.Person, text string) {
			if got := w.Browse(operation.SessionDelete, "DELETE", "/console/session", text, nil); got.Code != 200 {
				t.Errorf("got %d %q", got.Code, got.Message)
			}
		},
		"a new password": func(w *testkit.World, _ testkit.Person, text string) {
			got := w.Browse(operation.PasswordSet, "POST", "/account/passwordreset", text,
				object{"password": another, "current_password": testkit.Password})
			if got.Code != 200 {
				t.Errorf("got %d %q", got.Code, got.Message)
			}
		},
		"a block": func(w *testkit.World, ana testkit.Person, _ string) { block(w, ana) },
		"deleting the account": func(w *testkit.World, _ testkit.Person, text string) {
			got := w.Browse(operation.AccountDelete, "DELETE", "/account", text, object{"password": testkit.Password})
			if got.Code != 200 {
				t.Errorf("got %d %q", got.Code, got.Message)
			}
		},
		"an operator": func(w *testkit.World, ana testkit.Person, _ string) {
			_, err := w.Operator.SignOut(w.Context(), string(ana.Email))
			w.OK(err)
		},
		"the list": func(w *testkit.World, ana testkit.Person, text string) {
			got := w.Call(operation.SessionRevoke, "DELETE", "/account/session/"+string(w.SessionID(text)), ana.Token, nil)
			if got.Code != 200 {
				t.Errorf("got %d %q", got.Code, got.Message)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana, ben := w.Quick("ana"), w.Quick("ben")
			text, other := ana.Browser(), ben.Browser()
			if got := session(w, text); got.Code != 200 {
				t.Fatalf("before: got %d %q", got.Code, got.Message)
			}
			end(w, ana, text)
			if got := session(w, text); got.Reason != problem.ReasonSessionEnded {
				t.Errorf("after: got %d %q", got.Code, got.Reason)
			}
			got := w.Browse(operation.ProfileGet, "GET", "/profile/"+string(ana.Home), text, nil)
			if got.Reason != problem.ReasonSessionEnded {
				t.Errorf("after, a profile: got %d %q", got.Code, got.Reason)
			}
			if got := session(w, other); got.Code != 200 {
				t.Errorf("another's: got %d %q", got.Code, got.Message)
			}
		})
	}
}

// The browser forgets the session and everything else when it signs out, also
// when the session had ended before. A page of another origin cannot cause
// that.
func TestSigningOutClearsTheBrowser(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	text := w.Quick("ana").Browser()
	for _, want := range []int{200, 401} {
		got := w.Browse(operation.SessionDelete, "DELETE", "/console/session", text, nil)
		if got.Code != want || got.Header["Clear-Site-Data"] != `"cache", "storage"` || len(got.Cookies) != 1 ||
			got.Cookies[0] != "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0" {
			t.Errorf("got %d %v %q, want %d", got.Code, got.Header, got.Cookies, want)
		}
	}
}

// A person whose sign-out failed can try again. The browser keeps its session
// until it has ended, or turns out not to exist.
func TestSigningOutThatFailsKeepsTheSession(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.LimitRates()
	text := w.Quick("ana").Browser()
	clears := func(change func(*events.APIGatewayV2HTTPRequest)) (testkit.Answer, bool) {
		event := testkit.PageEvent("DELETE", "/console/session", text)
		change(&event)
		got := w.Send(operation.SessionDelete, event)
		cleared := strings.Contains(strings.Join(got.Cookies, " "), "Max-Age=0")
		if data := got.Header["Clear-Site-Data"] != ""; data != cleared {
			t.Errorf("%d %q: the cookie is cleared: %v, and the rest: %v", got.Code, got.Reason, cleared, data)
		}
		return got, cleared
	}
	keyed := func(key string) func(*events.APIGatewayV2HTTPRequest) {
		return func(e *events.APIGatewayV2HTTPRequest) { e.Headers["idempotency-key"] = key }
	}
	as := func(*events.APIGatewayV2HTTPRequest) {}
	failing := func(operation string) func() {
		return func() {
			w.Faults.Always(func(o string, _ int) testkit.Fault {
				if o == operation {
					return testkit.Throttled
				}
				return testkit.NoFault
			})
		}
	}
	for _, c := range []struct {
		name   string
		before func()
		change func(*events.APIGatewayV2HTTPRequest)
		code   int
		clears bool
	}{
		{"a table that cannot be read", failing("BatchGetItem"), as, 503, false},
		{"a table that cannot be written", failing("TransactWriteItems"), as, 503, false},
		{"the same, with a key", failing("TransactWriteItems"), keyed("k"), 503, false},
		{"a body that says something", nil, func(e *events.APIGatewayV2HTTPRequest) { e.Body = `{"all":true}` }, 400, false},
		{"an unknown parameter", nil, func(e *events.APIGatewayV2HTTPRequest) { e.RawQueryString = "x=1" }, 400, false},
		{"a key that is none", nil, keyed(strings.Repeat("k", 300)), 400, false},
		{"a page of others", nil, func(e *events.APIGatewayV2HTTPRequest) { e.Headers["sec-fetch-site"] = "same-site" }, 401, false},
		{"success", nil, keyed("again"), 200, true},
		{"the same again", nil, keyed("again"), 200, true},
		{"one that has ended", nil, as, 401, true},
		{"without a session", nil, func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = nil }, 401, true},
		{"one that is none", nil, func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = []string{testkit.SessionCookie + "=x"} }, 401, true},
	} {
		if c.before != nil {
			c.before()
		}
		if got, cleared := clears(c.change); got.Code != c.code || cleared != c.clears {
			t.Errorf("%s: got %d %q, and the session is cleared: %v", c.name, got.Code, got.Message, cleared)
		}
		w.Faults.Always(nil)
	}
}

// The list has the sessions that work, the caller's own first. Each can be
// ended, and all others at once.
func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	old := ana.Browser()
	w.Advance(40 * time.Minute)
	own := ana.Browser()
	w.Advance(time.Minute)
	newest := ana.Browser()
	id := func(text string) string { return string(w.SessionID(text)) }
	var rows []sessionRow
	w.Browse(operation.SessionList, "GET", "/account/session", own, nil).Into(w, &rows)
	want := []sessionRow{{id(own), true, "testkit", testkit.Home}, {id(newest), false, "testkit", testkit.Home},
		{id(old), false, "testkit", testkit.Home}}
	if !slices.Equal(rows, want) {
		t.Errorf("got %+v, want %+v", rows, want)
	}
	for name, c := range map[string]struct {
		token, id string
	}{
		"another account's": {ben.Token, id(old)}, "an unknown one": {ana.Token, "s-0zzzzzzz"}, "one in no place": {ana.Token, "s-zzzzzzzz"}, "no id": {ana.Token, "x"},
	} {
		got := w.Call(operation.SessionRevoke, "DELETE", "/account/session/"+c.id, c.token, nil)
		if got.Code != 404 || got.Message != "Session Not Found" {
			t.Errorf("ending %s: got %d %q", name, got.Code, got.Message)
		}
	}
	w.Advance(20 * time.Minute) // old has come to its end
	if rows := sessions(w, ana.Token); len(rows) != 2 {
		t.Errorf("got %+v, want two", rows)
	}
	if got := w.Call(operation.SessionRevoke, "DELETE", "/account/session/"+id(old), ana.Token, nil); got.Code != 404 {
		t.Errorf("ending one that has ended: got %d %q", got.Code, got.Message)
	}
	for range 2 {
		if got := w.Browse(operation.SessionRevokeOthers, "DELETE", "/account/session", own, nil); got.Code != 200 {
			t.Errorf("got %d %q", got.Code, got.Message)
		}
		if rows := sessions(w, ana.Token); len(rows) != 1 || rows[0].ID != id(own) {
			t.Errorf("got %+v, want %s", rows, id(own))
		}
	}
	got := w.Call(operation.SessionRevokeOthers, "DELETE", "/account/session", ana.Token, nil)
	if got.Code != 200 || len(sessions(w, ana.Token)) != 0 {
		t.Errorf("with a token: got %d %q", got.Code, got.Message)
	}
}

// An account has at most twenty sessions, however many sign in at once. A
// further one ends the oldest.
func TestAnAccountHasTwentySessions(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	var texts []string
	for range 20 {
		texts = append(texts, ana.Browser())
		w.Advance(time.Second)
	}
	next := ana.Browser()
	if got := session(w, texts[0]); got.Reason != problem.ReasonSessionEnded {
		t.Errorf("the oldest: got %d %q", got.Code, got.Reason)
	}
	for _, text := range append(texts[1:], next) {
		if got := session(w, text); got.Code != 200 {
			t.Errorf("a later one: got %d %q", got.Code, got.Message)
		}
	}
	w.Advance(time.Second)
	got := accountLog(w, ana.Token, "?find=session+ended*")
	if len(got.Events) != 1 || got.Events[0].ResourceID != string(w.SessionID(texts[0])) {
		t.Errorf("the log has %+v", got.Events)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { openSession(w, ana.Email, testkit.Password) })
	}
	all.Wait()
	if rows := sessions(w, ana.Token); len(rows) != 20 {
		t.Errorf("there are %d", len(rows))
	}
}

// A browser has one session, whoever signs in with it. The session before ends
// in the same commit. A sign-in that fails ends none, and neither does a cookie
// that only looks like one of a session.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	again := func(p testkit.Person, password, cookie string) testkit.Answer {
		return w.Browse(operation.SessionCreate, "POST", "/console/session", cookie, object{"email": p.Email, "password": password})
	}
	elsewhere := ana.Browser()
	text := ana.Browser()
	for range 3 {
		before := text
		if got := again(ana, "a wrong one", before); got.Code != 401 || session(w, before).Code != 200 {
			t.Fatalf("a sign-in that fails: got %d, and then %q", got.Code, session(w, before).Reason)
		}
		w.Advance(time.Second)
		text = again(ana, testkit.Password, before).SessionIn()
		if got := session(w, before); got.Reason != problem.ReasonSessionEnded || text == before {
			t.Errorf("the one before: got %d %q", got.Code, got.Reason)
		}
	}
	if rows := sessions(w, ana.Token); len(rows) != 2 {
		t.Errorf("there are %+v, want two", rows)
	}
	ours, _ := secret.ParseSession(text)
	theirs, _ := secret.ParseSession(ben.Browser())
	guessed := secret.Session{Account: ours.Account,
		Credential: secret.Credential{ID: ours.ID, Secret: theirs.Secret}}.Text()
	for name, cookie := range map[string]string{"a guessed secret": guessed, "no session": "x",
		"one in no place": ours.Session(ours.Account, 'z').Text()} {
		got := again(ben, testkit.Password, cookie)
		if got.Code != 200 || session(w, text).Code != 200 {
			t.Errorf("%s: got %d %q, and the other %q", name, got.Code, got.Message, session(w, text).Reason)
		}
	}
	w.Advance(time.Second)
	bens := again(ben, testkit.Password, text)
	got := session(w, text)
	if got.Reason != problem.ReasonSessionEnded || session(w, bens.SessionIn()).Code != 200 {
		t.Errorf("another person in the browser: got %d %q", got.Code, got.Reason)
	}
	if got := session(w, elsewhere); got.Code != 200 {
		t.Errorf("in another browser: got %d %q", got.Code, got.Reason)
	}
	w.Advance(time.Second)
	if got := accountLog(w, ana.Token, "?find=session+ended*"); len(got.Events) != 4 ||
		got.Events[3].ResourceID != string(w.SessionID(text)) ||
		got.Events[3].Token == nil || *got.Events[3].Token != string(w.SessionID(text)) {
		t.Errorf("the log has %+v", got.Events)
	}
	if got := accountLog(w, ben.Token, "?find=session+ended*"); len(got.Events) != 0 {
		t.Errorf("the other log has %+v", got.Events)
	}
}

// A sign-in that is sent again gives the same session. Its secret is nowhere in
// the table.
func TestASignInThatIsSentAgain(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	send := func() testkit.Answer {
		event := testkit.PageEvent("POST", "/console/session", "")
		event.Headers["idempotency-key"] = "k"
		event.Body = `{"email":"` + string(ana.Email) + `","password":"` + testkit.Password + `"}`
		return w.Send(operation.SessionCreate, event)
	}
	first, second := send(), send()
	if first.Code != 200 || second.Header["Idempotency-Replayed"] != "true" || first.SessionIn() == "" ||
		first.SessionIn() != second.SessionIn() || second.Body != first.Body {
		t.Errorf("got %d %q, then %d %q", first.Code, first.Cookies, second.Code, second.Cookies)
	}
	if rows := sessions(w, ana.Token); len(rows) != 1 {
		t.Errorf("there are %+v", rows)
	}
	text := first.SessionIn()
	for _, it := range w.Items() {
		if strings.Contains(it.Text, text[len(text)-26:len(text)-4]) {
			t.Errorf("the secret is in %s %s", it.PK, it.SK)
		}
	}
}

// An account with a second factor asks for a pin, and one pin begins one
// session.
func TestABrowserNeedsTheSecondFactor(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	app := ana.Authenticator()
	got := openSession(w, ana.Email, testkit.Password)
	if got.Reason != problem.ReasonSecondFactorRequired || len(got.Cookies) > 0 {
		t.Errorf("without a pin: got %d %q", got.Code, got.Reason)
	}
	body := and(credentials(app.Next()), object{"email": ana.Email})
	for _, want := range []problem.Reason{"", problem.ReasonInvalidPin} {
		got := w.Browse(operation.SessionCreate, "POST", "/console/session", "", body)
		if got.Reason != want || (len(got.Cookies) > 0) != (want == "") {
			t.Errorf("got %d %q %q, want %q", got.Code, got.Reason, got.Cookies, want)
		}
	}
}

// Requests with a session count for their account where they are about the
// account, and for the profile where they are about a profile.
func TestSessionsCountForAccountAndProfile(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	text := ana.Browser()
	get := func(o operation.Operation, path string) testkit.Answer {
		return w.Browse(o, "GET", path, text, nil)
	}
	home := "/profile/" + string(ana.Home)
	get(operation.AccountGet, "/account") // from then on it is known here
	get(operation.ProfileGet, home)
	for _, c := range []struct {
		o     operation.Operation
		path  string
		group plan.RateGroup
	}{{operation.AccountGet, "/account", plan.RateAccount}, {operation.ProfileGet, home, plan.RateProfile},
		{operation.SessionGet, "/console/session", plan.RateAccount}} {
		limit := c.group.PerMinute(plan.Free)
		for i := range limit {
			got := get(c.o, c.path)
			if got.Code != 200 || got.Header["Ratelimit-Remaining"] != fmt.Sprint(limit-i-1) && c.path != home {
				t.Fatalf("%s, request %d: got %d %q %v", c.path, i+1, got.Code, got.Message, got.Header)
			}
		}
		if got := get(c.o, c.path); got.Code != 429 {
			t.Errorf("%s, past the limit: got %d", c.path, got.Code)
		}
	}
	if got := w.Browse(operation.SessionDelete, "DELETE", "/console/session", text, nil); got.Code != 200 {
		t.Errorf("signing out, past other limits: got %d", got.Code)
	}
}

// The sessions of an account are deleted with it.
func TestNothingIsLeftOfSessions(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ana.Browser()
	w.OK(w.Accounts.Delete(t.Context(), ana.Client(operation.AccountDelete),
		service.Credentials{Password: testkit.Password}))
	_, err := w.Accounts.Purge(t.Context())
	w.OK(err)
	for _, it := range w.Items() {
		if it.PK == "A#"+string(ana.ID) {
			t.Errorf("%s %s is left: %s", it.PK, it.SK, it.Text)
		}
	}
}

func auditOf(w *testkit.World, id value.ProfileID) (out []struct{ Who, Message, Token string }) {
	w.Helper()
	for e, err := range w.Store.AuditEntries(w.Context(), string(id), w.Now().Add(-time.Hour),
		w.Now().Add(time.Hour), "", 0) {
		w.OK(err)
		out = append(out, struct{ Who, Message, Token string }{e.Who, e.Message, string(e.Token)})
	}
	return out
}

package operation_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// another is a password that no fixture has.
const another = "cobalt heron thimble"

// mailed returns the code of the latest mail of a kind to an address, "" when
// there is none.
func mailed(w *testkit.World, to value.Email, kind mailing.Kind) (code string) {
	w.Helper()
	for _, m := range w.Mail(to) {
		if m.Kind == kind {
			code = m.Data["code"]
		}
	}
	return code
}

// mails counts the mails of a kind to an address.
func mails(w *testkit.World, to value.Email, kind mailing.Kind) (n int) {
	w.Helper()
	for _, m := range w.Mail(to) {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

func askPassword(w *testkit.World, to value.Email) testkit.Answer {
	w.Helper()
	return w.Call(operation.PasswordRequest, "GET", "/account/passwordreset/"+string(to), "", nil)
}

// passwordCode asks for a code that sets a new password, and reads it in the
// mail.
func passwordCode(w *testkit.World, to value.Email) string {
	w.Helper()
	if got := askPassword(w, to); got.Code != 200 {
		w.Fatalf("ask for a new password: got %d %q", got.Code, got.Message)
	}
	return mailed(w, to, mailing.KindPasswordReset)
}

func setPassword(w *testkit.World, token, password, current string) testkit.Answer {
	w.Helper()
	body := object{"password": password}
	if current != "" {
		body["current_password"] = current
	}
	return w.Call(operation.PasswordSet, "POST", "/account/passwordreset", token, body)
}

func askEmail(w *testkit.World, token string, to value.Email) testkit.Answer {
	w.Helper()
	return w.Call(operation.EmailRequest, "POST", "/account/email", token, object{"email": to, "password": testkit.Password})
}

// emailCode asks for another address, and reads the code in the mail to it.
func emailCode(w *testkit.World, token string, to value.Email) string {
	w.Helper()
	if got := askEmail(w, token, to); got.Code != 200 {
		w.Fatalf("ask for the address %s: got %d %q", to, got.Code, got.Message)
	}
	return mailed(w, to, mailing.KindEmailConfirm)
}

func confirmEmail(w *testkit.World, code string) testkit.Answer {
	w.Helper()
	return w.Call(operation.EmailConfirm, "POST", "/account/email/confirm", "", object{"code": code})
}

func undoEmail(w *testkit.World, code string) testkit.Answer {
	w.Helper()
	return w.Call(operation.EmailUndo, "POST", "/account/email/undo", "", object{"code": code})
}

// moveEmail changes an address by its mails, and returns the code that undoes
// it.
func moveEmail(w *testkit.World, token string, from, to value.Email) (undo string) {
	w.Helper()
	if got := confirmEmail(w, emailCode(w, token, to)); got.Code != 200 {
		w.Fatalf("move to %s: got %d %q", to, got.Code, got.Message)
	}
	return mailed(w, from, mailing.KindEmailChanged)
}

func login(w *testkit.World, email value.Email, password string) int {
	w.Helper()
	return w.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": email, "password": password}).Code
}

// alive is the status of a request with a token: 200 or 401.
func alive(w *testkit.World, token string) int {
	w.Helper()
	return w.Call(operation.TokenInfo, "GET", "/info", token, nil).Code
}

// A person who has forgotten the password sets a new one with the code of a
// mail. Everybody who was signed in has to sign in again, on own and shared
// profiles. Tokens that were made by hand stay valid.
func TestANewPasswordByMail(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ben.Home, ana, tenancy.PermissionFull)
	plant := ana.Profile("plant")
	dead := map[string]string{
		"on the own profile": ana.SignIn(ana.Home, ""), "on another own profile": ana.SignIn(plant, ""), "on a shared profile": ana.SignIn(ben.Home, ""),
		"without end": ana.SignIn(ana.Home, "never"),
	}
	moved := ana.SignIn(ana.Home, "")
	if got := w.Call(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(plant), moved, nil); got.Code != 200 {
		t.Fatalf("switch: got %d %q", got.Code, got.Message)
	}
	dead["switched to another profile"] = moved
	hand := map[string]string{
		"on the own profile": ana.Token, "read only": ana.With("read", "never"), "on a shared profile": ana.Mint(ben.Home, ""), "of the other person": ben.Token,
	}
	for name, token := range dead {
		if got := w.Call(operation.ProfileGet, "GET", "/profile/current", token, nil); got.Code != 200 {
			t.Fatalf("a token of signing in, %s, before: got %d", name, got.Code)
		}
	}

	code := passwordCode(w, ana.Email)
	if code == "" {
		t.Fatal("no code was mailed")
	}
	if got := alive(w, code); got != 401 {
		t.Errorf("the code as a token: got %d, want 401", got)
	}
	if got := setPassword(w, code, "password1", ""); got.Code != 400 {
		t.Errorf("a weak password: got %d %q, want 400", got.Code, got.Message)
	}
	if got := setPassword(w, code, "", ""); got.Code != 400 {
		t.Errorf("no password: got %d %q, want 400", got.Code, got.Message)
	}
	if got := setPassword(w, code, another, ""); got.Code != 200 {
		t.Fatalf("set it: got %d %q", got.Code, got.Message)
	}
	for name, token := range dead {
		for what, got := range map[string]int{
			"its profile": w.Call(operation.ProfileGet, "GET", "/profile/current", token, nil).Code,
			"the account": w.Call(operation.AccountGet, "GET", "/account", token, nil).Code,
			"by its path": w.Call(operation.ProfileGet, "GET", "/profile/"+string(ana.Home), token, nil).Code,
		} {
			if got != 401 {
				t.Errorf("a token of signing in, %s, then gets %s: %d, want 401", name, what, got)
			}
		}
	}
	for name, token := range hand {
		if got := alive(w, token); got != 200 {
			t.Errorf("a token made by hand, %s: got %d, want 200", name, got)
		}
	}
	was, is := login(w, ana.Email, testkit.Password), login(w, ana.Email, another)
	if was != 401 || is != 200 {
		t.Errorf("signing in with the old password got %d, with the new one %d", was, is)
	}
	if got := setPassword(w, code, "wicker falcon marble", ""); got.Code != 401 || !strings.HasPrefix(got.Message, "Authorization Denied: the code or token is not valid any more") {
		t.Errorf("the code again: got %d %q, want 401", got.Code, got.Message)
	}
	if mails(w, ana.Email, mailing.KindPasswordChanged) != 1 {
		t.Error("the person was not told by one mail")
	}
	var told []notificationRow
	w.Call(operation.NotificationList, "GET", "/notification", ana.Token, nil).Into(w, &told)
	told = slices.DeleteFunc(told, func(n notificationRow) bool {
		return !strings.Contains(n.Title, "password")
	})
	if len(told) != 1 {
		t.Errorf("the panel has %+v, want one notice", told)
	}
}

// A list of tokens has the valid ones, as its contract says. It lacks those
// that a new password has revoked.
func TestTokensThatANewPasswordRevokedAreNotListed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	dead := ana.SignIn(ana.Home, "never")
	if got := setPassword(w, passwordCode(w, ana.Email), another, ""); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if got := alive(w, dead); got != 401 {
		t.Fatalf("got %d, want 401", got)
	}
	var rows []object
	w.Call(operation.TokenList, "GET", "/profile/"+string(ana.Home)+"/token", ana.Token, nil).Into(w, &rows)
	if len(rows) != 1 || rows[0]["name"] != "minted" {
		t.Errorf("the list is %v, want the one token that works", rows)
	}
}

func TestANewPasswordWithTheCurrentOne(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	signedIn := ana.SignIn(ana.Home, "")
	for _, c := range []struct {
		name, token, password, current string
		code                           int
		says                           string
	}{
		{"no token", "", another, testkit.Password, 401, "Unauthorized"},
		{"a made-up token", "p-" + strings.Repeat("x", 34), another, testkit.Password, 401, "Authorization Denied"},
		{"a read token", ana.With("read", ""), another, testkit.Password, 403, "full"},
		{"a write token", ana.With("write", ""), another, testkit.Password, 403, "full"},
		{"no current password", ana.Token, another, "", 400, "current_password"},
		{"a wrong current password", ana.Token, another, "wrong horse battery", 401, "Invalid password"},
		{"no new password", ana.Token, "", testkit.Password, 400, "password"},
		{"a short one", ana.Token, "xk29fqz", testkit.Password, 400, "8 to 1024"},
		{"a common one", ana.Token, "password", testkit.Password, 400, "common"},
		{"one made of the address", ana.Token, "ana@example.com1", testkit.Password, 400, "your own"},
		{"one that is too long", ana.Token, strings.Repeat("ab cd", 300), testkit.Password, 400, "8 to 1024"},
	} {
		before := w.State()
		got := setPassword(w, c.token, c.password, c.current)
		if got.Code != c.code || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %d %q, want %d with %q", c.name, got.Code, got.Message, c.code, c.says)
		}
		if w.State() != before {
			t.Errorf("%s: the refusal changed the table", c.name)
		}
	}
	pending := passwordCode(w, ana.Email)
	if got := setPassword(w, signedIn, another, testkit.Password); got.Code != 200 {
		t.Fatalf("set it: got %d %q", got.Code, got.Message)
	}
	if dead, on := alive(w, signedIn), alive(w, ana.Token); dead != 401 || on != 200 {
		t.Errorf("the calling token of signing in got %d, want 401; one made by hand %d, want 200", dead, on)
	}
	if got := setPassword(w, pending, "wicker falcon marble", ""); got.Code != 400 {
		t.Errorf("a code that was mailed before: got %d %q, want 400", got.Code, got.Message)
	}
	if got := login(w, ana.Email, another); got != 200 {
		t.Errorf("sign in with the new one: got %d", got)
	}
}

// Guesses of the current password are limited like guesses at sign-in.
func TestGuessesOfTheCurrentPasswordAreCounted(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	codes := map[int]int{}
	for range 32 {
		codes[setPassword(w, ana.Token, another, "wrong horse battery").Code]++
	}
	if codes[429] != 2 || codes[401] != 30 {
		t.Errorf("32 guesses from one address got %v, want 30 times 401 and then 429", codes)
	}
	w.Advance(15 * time.Minute)
	codes = map[int]int{}
	for range 32 {
		codes[w.Call(operation.EmailRequest, "POST", "/account/email", ana.Token, object{"email": "x@example.com", "password": "wrong horse battery"}).Code]++
	}
	if codes[429] != 2 || codes[401] != 30 {
		t.Errorf("32 guesses for another address got %v, want 30 times 401 and then 429", codes)
	}
}

// Codes work up to the millisecond before their hour, day or week is over.
func TestCodesWorkForTheirTimeAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		life time.Duration
		get  func(*testkit.World, testkit.Person) string
		use  func(*testkit.World, string) testkit.Answer
	}{
		{"a code for a password, an hour", time.Hour,
			func(w *testkit.World, p testkit.Person) string { return passwordCode(w, p.Email) },
			func(w *testkit.World, code string) testkit.Answer {
				return setPassword(w, code, another, "")
			}},
		{"a code for an address, a day", 24 * time.Hour,
			func(w *testkit.World, p testkit.Person) string { return emailCode(w, p.Token, "new@example.com") },
			confirmEmail},
		{"a code that undoes, a week", 7 * 24 * time.Hour,
			func(w *testkit.World, p testkit.Person) string {
				return moveEmail(w, p.Token, p.Email, "new@example.com")
			}, undoEmail},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			code := c.get(w, ana)
			w.Advance(c.life)
			if got := c.use(w, code); got.Code != 400 || !strings.Contains(got.Message, "not valid any more") {
				t.Errorf("when the time is over: got %d %q, want 400", got.Code, got.Message)
			}
			w.Advance(-time.Millisecond)
			if got := c.use(w, code); got.Code != 200 {
				t.Errorf("a millisecond before: got %d %q", got.Code, got.Message)
			}
			if got := c.use(w, code); got.Code != 400 && got.Code != 401 {
				t.Errorf("a second time: got %d %q, want a refusal", got.Code, got.Message)
			}
		})
	}
}

// Each code works for its own purpose only, and a token is no code.
func TestCodesAreForTheirPurposeAlone(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	undo := moveEmail(w, ana.Token, ana.Email, "second@example.com")
	w.OK(w.Accounts.Create(w.Context(), service.Client{Source: "a"}, accounts.NewAccount{Name: "Zoe",
		Email: "zoe@example.com", Password: testkit.Password, Repeated: testkit.Password}))
	if got := w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, object{"email": "yan@example.com"}); got.Code != 200 {
		t.Fatalf("invite: got %d", got.Code)
	}
	codes := map[string]string{
		"password": passwordCode(w, "second@example.com"), "confirm": emailCode(w, ana.Token, "third@example.com"), "undo": undo,
		"sign-up": mailed(w, "zoe@example.com", mailing.KindAccountConfirm), "invitation": mailed(w, "yan@example.com", mailing.KindTeamInvitedNew),
		"token": ana.Token, "nothing": "", "rubbish": "../x", "the id alone": undo[:8], "with another secret": undo[:8] + codeTail(w),
	}
	doors := map[string]func(string) testkit.Answer{
		"password": func(code string) testkit.Answer { return setPassword(w, code, another, "") },
		"confirm":  func(code string) testkit.Answer { return confirmEmail(w, code) },
		"undo":     func(code string) testkit.Answer { return undoEmail(w, code) },
		"sign-up": func(code string) testkit.Answer {
			return w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+code, "", nil)
		},
		"a token": func(code string) testkit.Answer { return w.Call(operation.TokenInfo, "GET", "/info", code, nil) },
	}
	before := w.State()
	for kind, code := range codes {
		if code == "" && kind != "nothing" {
			t.Fatalf("no code for %s", kind)
		}
		for door, open := range doors {
			if door == kind || kind == "token" && door == "a token" || kind == "sign-up" && door == "password" {
				continue
			}
			if got := open(code); got.Code == 200 || got.Code >= 500 {
				t.Errorf("%s as %s: got %d %q", kind, door, got.Code, got.Message)
			}
		}
	}
	if w.State() != before {
		t.Error("codes at the wrong doors changed the table")
	}
	w.Advance(time.Second)
	// The wrong uses have changed nothing. Each code works for its own purpose,
	// except that the new password ends the code for an address. The undo works
	// after any change.
	if got := doors["password"](codes["password"]); got.Code != 200 {
		t.Errorf("the code for a password: got %d %q", got.Code, got.Message)
	}
	if got := doors["confirm"](codes["confirm"]); got.Code != 400 {
		t.Errorf("the code for an address, after the password was changed: got %d %q, want 400", got.Code, got.Message)
	}
	if got := doors["undo"](codes["undo"]); got.Code != 200 {
		t.Errorf("the code that undoes: got %d %q", got.Code, got.Message)
	}
}

// codeTail is the secret of a code that was never issued, with a wrong
// checksum.
func codeTail(*testkit.World) string { return strings.Repeat("7", 26) }

// Each change of password or address makes the codes invalid that were mailed
// before it, except those that undo.
func TestCodesAreVoidAfterAnotherChange(t *testing.T) {
	t.Parallel()
	codes := map[string]func(*testkit.World, testkit.Person) func() int{
		"a code for a password": func(w *testkit.World, p testkit.Person) func() int {
			code := passwordCode(w, p.Email)
			return func() int { return setPassword(w, code, "wicker falcon marble", "").Code }
		},
		"a code for an address": func(w *testkit.World, p testkit.Person) func() int {
			code := emailCode(w, p.Token, "later@example.com")
			return func() int { return confirmEmail(w, code).Code }
		},
	}
	changes := map[string]func(*testkit.World, testkit.Person){
		"a password set by a code": func(w *testkit.World, p testkit.Person) { setPassword(w, passwordCode(w, p.Email), another, "") },
		"a password set by the current one": func(w *testkit.World, p testkit.Person) {
			setPassword(w, p.Token, another, testkit.Password)
		},
		"a new address": func(w *testkit.World, p testkit.Person) { moveEmail(w, p.Token, p.Email, "new@example.com") },
	}
	for what, make := range codes {
		for by, change := range changes {
			t.Run(what+" after "+by, func(t *testing.T) {
				t.Parallel()
				w := testkit.New(t)
				ana := w.Quick("ana")
				use := make(w, ana)
				w.Advance(time.Second)
				change(w, ana)
				if got := use(); got != 400 {
					t.Errorf("got %d, want 400", got)
				}
			})
		}
	}
}

// A text that is not an address is refused. The letter case of an address does
// not matter.
func TestAskingForAPasswordByAnyText(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for name, text := range map[string]string{"no address": "ana", "a blank": "%20", "two addresses": "a@example.com,b@example.com"} {
		if got := w.Call(operation.PasswordRequest, "GET", "/account/passwordreset/"+text, "", nil); got.Code != 400 {
			t.Errorf("%s: got %d %q, want 400", name, got.Code, got.Message)
		}
	}
	got := w.Call(operation.PasswordRequest, "GET", "/account/passwordreset/ANA@Example.com", "", nil)
	if got.Code != 200 || mails(w, ana.Email, mailing.KindPasswordReset) != 1 {
		t.Errorf("an address in other letters: got %d, and %d mails", got.Code, mails(w, ana.Email, mailing.KindPasswordReset))
	}
}

// At most five mails an hour go to an address, and the sixth request has the
// same answer.
func TestMailsForAPasswordAreLimited(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for i := range 7 {
		if got := askPassword(w, ana.Email); got.Code != 200 {
			t.Errorf("request %d: got %d %q", i+1, got.Code, got.Message)
		}
	}
	if n := mails(w, ana.Email, mailing.KindPasswordReset); n != 5 {
		t.Errorf("got %d mails, want 5", n)
	}
	w.Advance(time.Hour)
	if passwordCode(w, ana.Email); mails(w, ana.Email, mailing.KindPasswordReset) != 6 {
		t.Error("an hour later there is no mail")
	}
	codes := map[int]int{}
	for i := range 40 {
		codes[askPassword(w, value.Email(fmt.Sprintf("x%d@example.com", i))).Code]++
	}
	if codes[429] == 0 {
		t.Errorf("40 addresses from one source got %v, want a limit", codes)
	}
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// Strangers who make this service send mails to an address cannot keep its
// owner from setting a new password.
func TestStrangersDoNotKeepAPersonFromANewPassword(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, eve := w.Quick("ana"), w.Quick("eve")
	for name, use := range map[string]func(){
		"by signing up with the address": func() {
			w.Call(operation.AccountCreate, "POST", "/account", "",
				object{"name": "x", "email": ana.Email, "password": another, "cpassword": another})
		},
		"by asking for the address": func() { askEmail(w, eve.Token, ana.Email) },
	} {
		w.Advance(time.Hour)
		for range 5 {
			use()
		}
		before := mails(w, ana.Email, mailing.KindPasswordReset)
		if passwordCode(w, ana.Email); mails(w, ana.Email, mailing.KindPasswordReset) == before {
			t.Errorf("%s, five times an hour, a stranger stops the mails with codes, and nobody hears of it", name)
		}
	}
}

// A person who signs in with the old password while a new one is set gets no
// token that works afterwards.
func TestSigningInWhileThePasswordIsChanged(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	code := passwordCode(w, ana.Email)
	made := make([]string, 12)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			m, err := w.Tokens.CreateAtLogin(w.Context(),
				service.Client{Source: testkit.Home}, newToken(ana, ana.Home))
			if err == nil {
				made[i] = m.Text
			}
		})
	}
	all.Go(func() {
		if got := setPassword(w, code, another, ""); got.Code != 200 {
			t.Errorf("set it: got %d %q", got.Code, got.Message)
		}
	})
	all.Wait()
	for i, token := range made {
		if token != "" && alive(w, token) != 401 {
			t.Errorf("token %d, made with the old password, works", i)
		}
	}
	if got := login(w, ana.Email, testkit.Password); got != 401 {
		t.Errorf("the old password: got %d", got)
	}
}

// While a new password is set, tokens are made by hand with the old one. None
// is made after the change.
func TestMakingATokenByHandWhileThePasswordIsChanged(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	signedIn := ana.SignIn(ana.Home, "")
	code := passwordCode(w, ana.Email)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				w.Call(operation.TokenCreate, "POST", "/profile/current/token", signedIn,
					object{"name": "x", "email": ana.Email, "password": testkit.Password})
			}
		})
	}
	all.Go(func() { setPassword(w, code, another, "") })
	all.Wait()
	n := w.Count("T#", "T")
	got := w.Call(operation.TokenCreate, "POST", "/profile/current/token", ana.Token,
		object{"name": "x", "email": ana.Email, "password": testkit.Password})
	if got.Code != 401 {
		t.Errorf("with the old password then: got %d, want 401", got.Code)
	}
	if w.Count("T#", "T") != n {
		t.Error("a token was made")
	}
}

package operation_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// credentials is the part of a body that has a new pin of an authenticator.
func credentials(pin string) object {
	return object{"password": testkit.Password, "otp_type": "authenticator", "pin_code": pin}
}

// and joins bodies.
func and(bodies ...object) object {
	all := object{}
	for _, b := range bodies {
		for name, value := range b {
			all[name] = value
		}
	}
	return all
}

func signIn(w *testkit.World, p testkit.Person, given object) testkit.Answer {
	w.Helper()
	return w.Call(operation.AccountLogin, "POST", "/account/login", "",
		and(object{"email": p.Email, "password": testkit.Password}, given))
}

func tokenAtLogin(w *testkit.World, p testkit.Person, given object) testkit.Answer {
	w.Helper()
	return w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "",
		and(object{"email": p.Email, "password": testkit.Password, "profile_id": p.Home, "name": "x"}, given))
}

func expect(t *testing.T, what string, got testkit.Answer, code int, says string) {
	t.Helper()
	if got.Code != code || !strings.Contains(got.Message, says) {
		t.Errorf("%s: got %d %q, want %d %q", what, got.Code, got.Message, code, says)
	}
}

// Clients of the original API read the JSON in the message of the refusal, ask
// for a pin, and send it with the sign-in and with the request for a token that
// follows. The pin does nothing else.
func TestSigningInWithAnAuthenticator(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")

	got := w.Call(operation.OtpEnable, "POST", "/account/otp/authenticator/enable", ana.Token,
		object{"email": ana.Email, "password": testkit.Password})
	var url string
	got.Into(w, &url)
	if !regexp.MustCompile(`^otpauth://totp/Profiles:ana@example\.com\?.*issuer=Profiles.*secret=[A-Z2-7]{32}`).MatchString(url) {
		t.Fatalf("the URL %q is none that an app reads", url)
	}
	if expect(t, "before it is confirmed", signIn(w, ana, nil), 200, ""); t.Failed() {
		t.FailNow()
	}
	expect(t, "a wrong first pin", w.Call(operation.OtpConfirm, "POST", "/account/otp/authenticator/confirm", ana.Token, object{"pin_code": "000000"}), 401, "Invalid PIN")
	app := ana.Authenticator()
	if len(app.Recovery) != 10 {
		t.Fatalf("got %d recovery codes", len(app.Recovery))
	}

	got = signIn(w, ana, nil)
	expect(t, "no pin", got, 401, "otp_enabled")
	var asked struct {
		Enabled []string `json:"otp_enabled"`
		First   string   `json:"otp_autosend"`
	}
	w.OK(json.Unmarshal([]byte(got.Message), &asked))
	if fmt.Sprint(asked) != "{[authenticator] authenticator}" {
		t.Errorf("the refusal says %+v", asked)
	}
	expect(t, "a wrong password tells nothing", signIn(w, ana, object{"password": "wrong horse battery"}), 401, "Invalid credentials")
	expect(t, "the pin that enabled it", signIn(w, ana, credentials(app.Now())), 401, "Invalid PIN")
	pin := app.Next()
	expect(t, "the token before signing in, with a wrong pin", tokenAtLogin(w, ana, credentials("000000")), 401, "Invalid PIN")
	expect(t, "the pin", signIn(w, ana, credentials(pin)), 200, "")
	expect(t, "the same pin once more", signIn(w, ana, credentials(pin)), 401, "Invalid PIN")
	expect(t, "the same pin for an action", w.Call(operation.TokenCreate, "POST", "/profile/"+string(ana.Home)+"/token", ana.Token,
		and(credentials(pin), object{"name": "x", "permission": "read", "email": ana.Email})), 401, "Invalid PIN")
	expect(t, "the token that follows", tokenAtLogin(w, ana, credentials(pin)), 200, "")
	expect(t, "another token", tokenAtLogin(w, ana, credentials(pin)), 401, "Invalid PIN")
	expect(t, "a token with a pin of its own", tokenAtLogin(w, ana, credentials(app.Next())), 200, "")

	var account struct {
		OTP map[string]bool `json:"otp"`
	}
	w.Call(operation.AccountGet, "GET", "/account", ana.Token, nil).Into(w, &account)
	if fmt.Sprint(account.OTP) != "map[authenticator:true email:false sms:false]" {
		t.Errorf("the account says %v", account.OTP)
	}
	w.Advance(tenancy.PinLife)
	expect(t, "a sign-in", signIn(w, ana, credentials(app.Now())), 200, "")
	pin = app.Now()
	w.Advance(tenancy.PinLife)
	expect(t, "the token ten minutes later", tokenAtLogin(w, ana, credentials(pin)), 401, "Invalid PIN")
}

// Every action that asks for the password asks for the second factor, too.
func TestFreshProofAsksForTheSecondFactor(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	other := ana.Profile("other")
	home := "/profile/" + string(ana.Home)
	app := ana.Authenticator()
	for _, c := range []struct {
		what string
		call func(given object) testkit.Answer
	}{
		{"a token", func(given object) testkit.Answer {
			return w.Call(operation.TokenCreate, "POST", home+"/token", ana.Token,
				and(given, object{"name": "x", "permission": "read", "email": ana.Email}))
		}},
		{"a transfer", func(given object) testkit.Answer {
			return w.Call(operation.TransferRequest, "POST", home+"/transfer", ana.Token,
				and(given, object{"email": ben.Email}))
		}},
		{"another address", func(given object) testkit.Answer {
			return w.Call(operation.EmailRequest, "POST", "/account/email", ana.Token, and(given, object{"email": "ana@example.net"}))
		}},
		{"recovery codes", func(given object) testkit.Answer {
			return w.Call(operation.OtpRecovery, "POST", "/account/otp/recovery", ana.Token,
				and(given, object{"email": ana.Email}))
		}},
		{"another factor", func(given object) testkit.Answer {
			return w.Call(operation.OtpEnable, "POST", "/account/otp/email/enable", ana.Token, and(given, object{"email": ana.Email}))
		}},
		{"deleting a profile", func(given object) testkit.Answer {
			return w.Call(operation.ProfileDelete, "DELETE", "/profile/"+string(other), ana.Token, given)
		}},
		{"no second factor any more", func(given object) testkit.Answer {
			return w.Call(operation.OtpDisable, "POST", "/account/otp/authenticator/disable", ana.Token,
				and(given, object{"email": ana.Email}))
		}},
		{"a password", func(given object) testkit.Answer {
			// The factor is disabled by now, so the password alone is enough.
			return w.Call(operation.PasswordSet, "POST", "/account/passwordreset", ana.Token,
				and(object{"pin_code": given["pin_code"]}, object{"password": another, "current_password": testkit.Password}))
		}},
	} {
		if c.what != "a password" {
			before := w.State()
			expect(t, c.what+" without a pin", c.call(object{"password": testkit.Password}), 401, "otp_enabled")
			if w.State() != before {
				t.Errorf("%s without a pin changed the table", c.what)
			}
			expect(t, c.what+" with a pin that is used", c.call(credentials(app.Now())), 401, "Invalid PIN")
			expect(t, c.what+" with sms", c.call(object{"password": testkit.Password, "otp_type": "sms", "pin_code": "123456"}), 400, "sms is not offered")
			expect(t, c.what+" with a text", c.call(object{"password": testkit.Password, "pin_code": "12345"}), 400, "six digits")
		}
		w.Advance(time.Minute)
		expect(t, c.what, c.call(credentials(app.Next())), 200, "")
		w.Advance(time.Minute)
		app.Now()
		if c.what != "no second factor any more" && c.what != "a password" {
			// Use up the present pin for the next round.
			expect(t, "a sign-in", signIn(w, ana, credentials(app.Next())), 200, "")
		}
	}
}

func TestPinsByMail(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	pins := func() (pins []string) {
		for _, m := range w.Mail(ana.Email) {
			if m.Kind == mailing.KindPin {
				pins = append(pins, m.Data["pin"])
			}
		}
		return pins
	}
	request := func(password string) testkit.Answer {
		w.Advance(time.Second)
		return w.Call(operation.OtpRequest, "POST", "/account/login/otp", "", object{"email": ana.Email, "password": password, "otp_type": "email"})
	}
	byMail := func(pin string) object { return object{"otp_type": "email", "pin_code": pin} }
	expect(t, "before it is enabled", request(testkit.Password), 400, "not enabled")
	expect(t, "enable", w.Call(operation.OtpEnable, "POST", "/account/otp/email/enable", ana.Token,
		object{"email": ana.Email, "password": testkit.Password}), 200, "")
	first := pins()[0]
	expect(t, "the first pin does not sign in", signIn(w, ana, byMail(first)), 200, "") // nothing is asked for yet
	expect(t, "confirm", w.Call(operation.OtpConfirm, "POST", "/account/otp/email/confirm", ana.Token, object{"pin_code": first}), 200, "")
	expect(t, "no pin", signIn(w, ana, nil), 401, `{"otp_enabled":["email"],"otp_autosend":"email"}`)
	expect(t, "the pin that enabled it", signIn(w, ana, byMail(first)), 401, "Invalid PIN")
	expect(t, "a wrong password causes no mail", request("wrong horse battery"), 401, "Invalid credentials")
	expect(t, "request", request(testkit.Password), 200, "")
	expect(t, "request another", request(testkit.Password), 200, "")
	sent := pins()
	if len(sent) != 3 {
		t.Fatalf("%d pins were mailed, want 3", len(sent))
	}
	if sent[1] != sent[2] {
		expect(t, "the older of two", signIn(w, ana, byMail(sent[1])), 401, "Invalid PIN")
	}
	expect(t, "the newest", signIn(w, ana, byMail(sent[2])), 200, "")
	expect(t, "the token", tokenAtLogin(w, ana, byMail(sent[2])), 200, "")
	expect(t, "another", tokenAtLogin(w, ana, byMail(sent[2])), 401, "Invalid PIN")
	expect(t, "request", request(testkit.Password), 200, "")
	pin := pins()[3]
	w.Advance(tenancy.PinLife)
	expect(t, "a pin of ten minutes ago", signIn(w, ana, byMail(pin)), 401, "Invalid PIN")
	w.Advance(time.Hour)
	for range 10 {
		expect(t, "request", request(testkit.Password), 200, "")
	}
	expect(t, "the eleventh in an hour", request(testkit.Password), 429, "Too many requests")
	for _, item := range w.Items() {
		for _, pin := range pins() {
			if strings.Contains(item.Text, `"`+pin+`"`) {
				t.Errorf("%s %s has a pin", item.PK, item.SK)
			}
		}
	}
}

func TestWhoMayHaveWhichFactor(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	free := w.Account("free", plan.Free)
	body := object{"email": free.Email, "password": testkit.Password}
	for path, c := range map[string]struct {
		code int
		says string
	}{
		"email": {403, "starter and scale"}, "sms": {400, "sms is not offered"}, "pigeon": {400, "authenticator or email"}, "authenticator": {200, ""},
	} {
		expect(t, path,
			w.Call(operation.OtpEnable, "POST", "/account/otp/"+path+"/enable", free.Token, body), c.code, c.says)
	}
	expect(t, "by sms", w.Call(operation.OtpRequest, "POST", "/account/login/otp", "", and(body, object{"otp_type": "sms"})), 400, "sms is not offered")
	expect(t, "confirm what does not wait", w.Call(operation.OtpConfirm, "POST", "/account/otp/email/confirm", free.Token, object{"pin_code": "123456"}), 400, "waits")
	expect(t, "disable what is not enabled", w.Call(operation.OtpDisable, "POST", "/account/otp/email/disable", free.Token, body), 400, "not enabled")
	expect(t, "recovery codes of nothing", w.Call(operation.OtpRecovery, "POST", "/account/otp/recovery", free.Token, body), 400, "no second factor")
	expect(t, "another's address",
		w.Call(operation.OtpEnable, "POST", "/account/otp/authenticator/enable", free.Token, and(body, object{"email": "ben@example.com"})), 400, "email must be")
	expect(t, "no password", w.Call(operation.OtpEnable, "POST", "/account/otp/authenticator/enable", free.Token, object{"email": free.Email}), 400, "password is required")
	w.Advance(tenancy.SetupLife)
	expect(t, "an hour later", w.Call(operation.OtpConfirm, "POST", "/account/otp/authenticator/confirm", free.Token, object{"pin_code": "123456"}), 400, "waits")
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	app := ana.Authenticator()
	code := app.Recovery[3]
	given := func(code string) object { return object{"pin_code": code} }
	expect(t, "a code", signIn(w, ana, given(code)), 200, "")
	expect(t, "the token that follows", tokenAtLogin(w, ana, given(code)), 200, "")
	expect(t, "the same code", signIn(w, ana, given(code)), 401, "Invalid PIN")
	expect(t, "as a person types it", signIn(w, ana,
		given(" "+strings.ToLower(strings.ReplaceAll(app.Recovery[4], "-", " ")))), 200, "")
	var renewed struct {
		Codes []string `json:"recovery_codes"`
	}
	w.Call(operation.OtpRecovery, "POST", "/account/otp/recovery", ana.Token,
		and(credentials(app.Next()), object{"email": ana.Email})).Into(w, &renewed)
	if len(renewed.Codes) != 10 {
		t.Fatalf("got the codes %v", renewed.Codes)
	}
	expect(t, "a code of before", signIn(w, ana, given(app.Recovery[5])), 401, "Invalid PIN")
	expect(t, "a new one", signIn(w, ana, given(renewed.Codes[0])), 200, "")
	if n := mails(w, ana.Email, mailing.KindFactors); n != 5 { // enabled, used twice, renewed, used
		t.Errorf("%d mails tell of it", n)
	}
	expect(t, "disable", w.Call(operation.OtpDisable, "POST", "/account/otp/authenticator/disable", ana.Token,
		and(credentials(app.Next()), object{"email": ana.Email})), 200, "")
	expect(t, "after that", signIn(w, ana, nil), 200, "")
	app = ana.Authenticator()
	expect(t, "a code of before, when there is a factor again", signIn(w, ana, given(renewed.Codes[1])), 401, "Invalid PIN")
	expect(t, "one that came with it", signIn(w, ana, given(app.Recovery[0])), 200, "")
}

// There are only a million pins. After ten wrong ones in a row none is checked
// for a day, even if the password changes.
func TestGuessingPins(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	app := ana.Authenticator()
	w.Advance(time.Minute)
	wrong := func() string {
		for _, pin := range []string{"000000", "111111", "222222", "333333"} {
			if pin != app.At(-1) && pin != app.At(0) && pin != app.At(1) {
				return pin
			}
		}
		panic("three pins of four")
	}
	guess := func(n int) {
		var group sync.WaitGroup
		for range n {
			group.Go(func() { signIn(w, ana, credentials(wrong())) })
		}
		group.Wait()
	}
	for range 9 {
		expect(t, "a guess", signIn(w, ana, credentials(wrong())), 401, "Invalid PIN")
	}
	expect(t, "a right one takes them back", signIn(w, ana, credentials(app.Next())), 200, "")
	w.Advance(time.Hour)
	for range 10 {
		guess(1)
	}
	expect(t, "the right one after ten", signIn(w, ana, credentials(app.Next())), 429, "Too many requests")
	expect(t, "a recovery code", signIn(w, ana, object{"pin_code": app.Recovery[0]}), 429, "Too many requests")
	// enabled, the third wrong one twice, and the tenth
	if n := mails(w, ana.Email, mailing.KindFactors); n != 4 {
		t.Errorf("%d mails tell of it, want 4", n)
	}
	w.Advance(24 * time.Hour)
	expect(t, "a day later", signIn(w, ana, credentials(app.Next())), 200, "")
	w.Advance(time.Hour)
	guess(20) // all at once: each answered one is counted
	w.Advance(time.Hour)
	guess(20)
	expect(t, "after many at once", signIn(w, ana, credentials(app.Next())), 429, "Too many requests")
	if n := mails(w, ana.Email, mailing.KindFactors); n != 6 {
		t.Errorf("%d mails tell of it, want 6", n)
	}
	w.Advance(time.Hour)
	expect(t, "a new password", setPassword(w, passwordCode(w, ana.Email), another, ""), 200, "")
	expect(t, "does not end the wait", signIn(w, ana, and(credentials(app.Next()), object{"password": another})), 429, "Too many requests")
	w.Advance(22 * time.Hour)
	expect(t, "a day does", signIn(w, ana, and(credentials(app.Next()), object{"password": another})), 200, "")
}

// One pin proves one thing, however many requests use it at once.
func TestOnePinAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	app := ana.Authenticator()
	for range 5 {
		w.Advance(time.Hour)
		pin := app.Next()
		var mu sync.Mutex
		codes := map[int]int{}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				got := w.Call(operation.TokenCreate, "POST", "/profile/"+string(ana.Home)+"/token", ana.Token,
					and(credentials(pin), object{"name": "x", "permission": "read", "email": ana.Email}))
				mu.Lock()
				defer mu.Unlock()
				codes[got.Code]++
			})
		}
		group.Wait()
		if codes[200] != 1 {
			t.Fatalf("one pin made %d tokens: %v", codes[200], codes)
		}
		w.Advance(25 * time.Hour)
	}
}

// A person who took over an account keeps no second factor of it after the
// owner took it back. The owner's own factor stays, because it existed when the
// owner last proved the address.
func TestFactorsOfTheNewHolderOfAnAddress(t *testing.T) {
	t.Parallel()
	for _, own := range []bool{true, false} {
		w := testkit.New(t)
		ana := w.Quick("ana")
		given := service.Credentials{Password: testkit.Password}
		var app *testkit.Authenticator
		if own {
			app = ana.Authenticator()
			w.Advance(time.Minute)
			expect(t, "the owner proves the address",
				setPassword(w, passwordCode(w, ana.Email), testkit.Password+" again", ""), 200, "")
			given = service.Credentials{Password: testkit.Password + " again", Pin: app.Now()}
			w.Advance(time.Minute)
			given.Pin = app.Now()
		}
		w.OK(w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest), "thief@example.com", given))
		w.OK(w.Accounts.ConfirmEmail(t.Context(),
			service.Client{}, mailed(w, "thief@example.com", mailing.KindEmailConfirm)))
		w.Advance(time.Minute)
		if own {
			given.Pin = app.Now()
		}
		_, err := w.Accounts.EnableFactor(t.Context(),
			ana.Client(operation.OtpEnable), "email", "thief@example.com", given)
		w.OK(err)
		pin := ""
		for _, m := range w.Mail("thief@example.com") {
			if m.Kind == mailing.KindPin {
				pin = m.Data["pin"]
			}
		}
		_, err = w.Accounts.ConfirmFactor(t.Context(), ana.Client(operation.OtpConfirm), "email", pin)
		w.OK(err)
		w.OK(w.Accounts.UndoEmail(t.Context(),
			service.Client{}, mailed(w, ana.Email, mailing.KindEmailChanged)))
		expect(t, "a new password",
			setPassword(w, mailed(w, ana.Email, mailing.KindPasswordReset), another, ""), 200, "")
		if !own {
			expect(t, "signing in", signIn(w, ana, object{"password": another}), 200, "")
			continue
		}
		expect(t, "signing in without a pin", signIn(w, ana, object{"password": another}), 401, `{"otp_enabled":["authenticator"],"otp_autosend":"authenticator"}`)
		expect(t, "signing in", signIn(w, ana, and(credentials(app.Next()), object{"password": another})), 200, "")
	}
}

// A change of factors holds back transfers as a change of the password does,
// and has an entry in the log of the account.
func TestFactorsAreChangesOfHowTheAccountIsEntered(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ana.Authenticator()
	batch := w.Store.Batch()
	found := batch.Account(ana.ID)
	w.OK(batch.Get(t.Context()))
	if !found.Value.CredentialsChanged.Equal(w.Now().UTC()) {
		t.Errorf("the account was secured at %s", found.Value.CredentialsChanged)
	}
	log := ""
	for e, err := range w.Store.AuditEntries(t.Context(), string(ana.ID), w.Now().Add(-time.Hour),
		w.Now().Add(time.Hour), "", 0) {
		w.OK(err)
		log += fmt.Sprintln(e.Message, e.Changes)
	}
	if !strings.Contains(log, "Second factor enabled [{otp.authenticator false true}]") {
		t.Errorf("the log says:\n%s", log)
	}
}

// An operator removes second factors of a person who has lost them, and signs
// out a person who has lost control of the account.
func TestOperatorsHelpWhoIsLockedOut(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ana.Authenticator()
	expect(t, "signing in", signIn(w, ana, nil), 401, "otp_enabled")
	_, err := w.Operator.ResetFactors(t.Context(), string(ana.Email))
	w.OK(err)
	expect(t, "signing in", signIn(w, ana, nil), 200, "")
	if n := mails(w, ana.Email, mailing.KindFactors); n != 2 { // enabled, and taken away
		t.Errorf("%d mails tell of it", n)
	}
	before := w.State()
	_, err = w.Operator.ResetFactors(t.Context(), string(ana.Email))
	w.OK(err)
	if w.State() != before {
		t.Error("an account without second factors was changed")
	}
	app := ana.Authenticator() // from its beginning, with its own codes
	expect(t, "with the new one", signIn(w, ana, credentials(app.Next())), 200, "")
	expect(t, "with a new code", signIn(w, ana, object{"pin_code": app.Recovery[0]}), 200, "")

	if got := alive(w, ana.Token); got != 200 {
		t.Fatalf("the token gets %d", got)
	}
	_, err = w.Operator.SignOut(t.Context(), string(ana.Email))
	w.OK(err)
	if got := alive(w, ana.Token); got != 401 {
		t.Errorf("after signing out the token gets %d", got)
	}
	for _, do := range []func(string) error{
		func(e string) error { _, err := w.Operator.SignOut(t.Context(), e); return err },
		func(e string) error { _, err := w.Operator.ResetFactors(t.Context(), e); return err },
	} {
		w.Refused(do("nobody@example.com"), problem.CodeNotFound)
		w.Refused(do("nobody"), problem.CodeInvalid)
	}
}

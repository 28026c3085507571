package operation_test

import (
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/testkit"
)

// Everything that was encrypted or stored as a MAC before a rotation of the
// master key works afterwards, in running functions and in new ones: factors,
// recovery codes, pins, answers to requests that are sent again, audit logs.
// Later values are under the new key.
func TestEverythingSurvivesARotationOfTheKey(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	app := ana.Authenticator()
	mailed := func() string {
		t.Helper()
		// Mails of the same moment are sent in any order. The one that says
		// that pins are enabled may be the last.
		pin := ""
		for _, m := range w.Mail(ben.Email) {
			if m.Data["pin"] != "" {
				pin = m.Data["pin"]
			}
		}
		return pin
	}
	byMail := func(pin string) object { return object{"pin_code": pin, "otp_type": "email"} }
	expect(t, "enabling pins by mail", w.Call(operation.OtpEnable, "POST", "/account/otp/email/enable", ben.Token,
		object{"email": ben.Email, "password": testkit.Password}), 200, "")
	first := mailed()
	seal := func() {
		w.OK(w.Chain.SealRest(w.Context(), "", time.Time{}, func(auditlog.SealedEntry) {}))
	}
	verify := func(s *service.Services) (findings int) {
		t.Helper()
		w.OK(s.Chain.Verify(w.Context(), "", nil, func(r auditlog.LogReport) {
			if r.Entries > 0 { // a quick account has no log from its beginning
				findings += len(r.Findings)
			}
		}))
		return findings
	}
	seal()
	if n := verify(w.Services); n != 0 {
		t.Fatalf("%d findings before a rotation", n)
	}
	turn := func(restart bool) {
		w.Advance(time.Second)
		w.RotateKeys()
		if restart {
			w.Restart()
		}
	}

	turn(false)
	expect(t, "the first pin by mail", w.Call(operation.OtpConfirm, "POST", "/account/otp/email/confirm", ben.Token, object{"pin_code": first}), 200, "")
	for round, restart := range []bool{false, true, true} {
		key := string(rune('a' + round))
		with(w, key)
		made := create(w, ana.Token, "one")
		w.Edit = nil
		want(t, "a request with a key", made, 200, false)
		expect(t, "asking for a pin", w.Call(operation.OtpRequest, "POST", "/account/login/otp", "",
			object{"email": ben.Email, "password": testkit.Password, "otp_type": "email"}), 200, "")
		pin := app.Next()
		expect(t, "signing in", signIn(w, ana, credentials(pin)), 200, "")

		turn(restart)
		expect(t, "the token after signing in, with the pin of before", tokenAtLogin(w, ana, credentials(pin)), 200, "")
		expect(t, "a pin by mail of before", signIn(w, ben, byMail(mailed())), 200, "")
		expect(t, "an authenticator of before", signIn(w, ana, credentials(app.Next())), 200, "")
		expect(t, "a recovery code of before", signIn(w, ana, credentials(app.Recovery[round])), 200, "")
		expect(t, "the same code", signIn(w, ana, credentials(app.Recovery[round])), 401, "Invalid PIN")
		with(w, key)
		again := create(w, ana.Token, "one")
		want(t, "the request sent again", again, 200, true)
		if again.Body != made.Body {
			t.Errorf("sent again: got %s, want %s", again.Body, made.Body)
		}
		want(t, "another request with its key", create(w, ana.Token, "two"), 409, false)
		w.Edit = nil
		seal()
		if n := verify(w.Services); n != 0 {
			t.Errorf("%d findings after %d rotations", n, round+2)
		}
	}
	if n := w.Count("P#", "P"); n != 5 {
		t.Errorf("there are %d profiles, want one each and one for each request", n)
	}
	// The first key alone does not verify entries that later ones sealed: it is
	// out of use.
	old := service.New(service.Config{Keys: testkit.Keys, Background: w.Background,
		Store: w.Store, Now: w.Now})
	if verify(old) == 0 {
		t.Error("what was sealed after a rotation is under the first key")
	}
}

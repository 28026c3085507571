package operation_test

import (
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

// A thief has the password and a token, and prepares before changing the
// address: an authenticator, new recovery codes, tokens, a set-up that waits,
// an invitation. The owner's undo removes all of it, and the owner signs in.
func TestUndoAfterAThiefWhoMadeReady(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, accomplice := w.Quick("ana"), w.Quick("accomplice")
	w.Advance(time.Hour)
	app := ana.Authenticator()
	w.Advance(30 * 24 * time.Hour)
	given := func() service.Credentials {
		return service.Credentials{Password: testkit.Password, Pin: app.Next()}
	}
	renewed, err := w.Accounts.RenewRecovery(t.Context(), ana.Client(operation.OtpRecovery),
		string(ana.Email), given())
	w.OK(err)
	got := w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, object{"email": accomplice.Email, "permission": "full"})
	if got.Code != 200 {
		t.Fatalf("invite: got %d %q", got.Code, got.Message)
	}
	minted := ana.Mint(ana.Home, "never")
	w.OK(w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest), "thief@example.com", given()))
	w.OK(w.Accounts.ConfirmEmail(t.Context(),
		service.Client{}, mailed(w, "thief@example.com", mailing.KindEmailConfirm)))
	_, err = w.Accounts.EnableFactor(t.Context(), ana.Client(operation.OtpEnable), "authenticator", "thief@example.com", given())
	w.OK(err)
	expect(t, "undo", undoEmail(w, mailed(w, ana.Email, mailing.KindEmailChanged)), 200, "")

	expect(t, "a new password",
		setPassword(w, mailed(w, ana.Email, mailing.KindPasswordReset), another, ""), 200, "")
	expect(t, "the owner signs in without a pin", signIn(w, ana, object{"password": another}), 200, "")
	if got := alive(w, minted); got != 401 {
		t.Errorf("a token of the thief: got %d, want 401", got)
	}
	if n := w.Count("A#"+string(ana.ID), "F"); n != 0 {
		t.Error("something is left in the keyring")
	}
	got = w.Call(operation.TeamAccept, "GET",
		"/profile/team/accept/"+mailed(w, accomplice.Email, mailing.KindTeamInvited), "", nil)
	if got.Code != 400 {
		t.Errorf("the thief's invitation: got %d %q, want 400", got.Code, got.Message)
	}
	fresh := ana.SignInWith(ana.Home, another)
	if got := w.Call(operation.TeamInvite, "POST", "/profile/current/team", fresh, object{"email": "ben@example.com"}); got.Code != 200 {
		t.Errorf("the owner invites: got %d %q", got.Code, got.Message)
	}
	setup, err := w.Accounts.EnableFactor(t.Context(),
		testkit.ClientOf(fresh).For(operation.OtpEnable.Access), "authenticator", string(ana.Email),
		service.Credentials{Password: another})
	w.OK(err)
	own := testkit.AppOf(w, setup.URL)
	_, err = w.Accounts.ConfirmFactor(t.Context(),
		testkit.ClientOf(fresh).For(operation.OtpConfirm.Access), "authenticator", own.Now())
	w.OK(err)
	for name, pin := range map[string]string{"an old recovery code": app.Recovery[0], "a renewed recovery code": renewed[0], "the thief's authenticator": app.Next()} {
		expect(t, name, signIn(w, ana, object{"password": another, "pin_code": pin}), 401, "Invalid PIN")
	}
}

// A set-up that waits for its first pin ends with a new password, because the
// person who began it may be the one whom the password shuts out.
func TestASetUpEndsWithANewPassword(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	given := service.Credentials{Password: testkit.Password}
	setup, err := w.Accounts.EnableFactor(t.Context(), ana.Client(operation.OtpEnable), "authenticator",
		string(ana.Email), given)
	w.OK(err)
	_, err = w.Accounts.EnableFactor(t.Context(), ana.Client(operation.OtpEnable), "email",
		string(ana.Email), given)
	w.OK(err)
	pin := ""
	for _, m := range w.Mail(ana.Email) {
		pin += m.Data["pin"]
	}
	w.Advance(time.Minute)
	expect(t, "a new password", setPassword(w, passwordCode(w, ana.Email), another, ""), 200, "")
	confirm := func(kind, pin string) testkit.Answer {
		return w.Call(operation.OtpConfirm, "POST", "/account/otp/"+kind+"/confirm", ana.Token, object{"pin_code": pin})
	}
	expect(t, "the authenticator", confirm("authenticator", testkit.AppOf(w, setup.URL).Now()), 400, "enable it again")
	expect(t, "mail", confirm("email", pin), 400, "enable email again")
	expect(t, "signing in", signIn(w, ana, object{"password": another}), 200, "")
}

// signUpAs signs somebody up.
func signUpAs(w *testkit.World, email value.Email, name, password, source string) {
	w.Helper()
	w.OK(w.Accounts.Create(w.Context(), service.Client{Source: source}, accounts.NewAccount{
		Name: name, Email: string(email), Password: password, Repeated: password, Company: name}))
}

// Somebody signs up with a person's address after the person did. A
// confirmation that is asked for again has nothing of either sign-up. The
// person chooses a password, and the stranger's opens nothing.
func TestAConfirmationThatIsAskedForAgain(t *testing.T) {
	t.Parallel()
	const zoe, strange = value.Email("zoe@example.com"), "velvet anchor prism"
	w := testkit.New(t)
	signUpAs(w, zoe, "Zoe", testkit.Password, "192.0.2.1")
	w.Advance(time.Minute)
	signUpAs(w, zoe, "Visit evil", strange, "203.0.113.9")
	told := map[string]bool{}
	for _, m := range w.Mail(zoe) {
		if m.Kind == mailing.KindAccountConfirm {
			told[m.Data["address"]+" "+m.Data["when"]] = true
		}
	}
	if len(told) != 2 || !told["203.0.113.9 "+w.Now().UTC().Format(time.RFC3339)] {
		t.Errorf("the mails of two sign-ups say %v", told)
	}
	expect(t, "ask again", w.Call(operation.AccountResend, "GET", "/account/resend_confirmation/"+string(zoe), "", nil), 200, "")
	code := mailed(w, zoe, mailing.KindAccountConfirmAgain)
	before := w.State()
	expect(t, "without a password", w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+code, "", nil), 400, "asks for a password")
	expect(t, "with a weak one", setPassword(w, code, "password1", ""), 400, "")
	expect(t, "with one made of the address", setPassword(w, code, "zoe@example.com1", ""), 400, "your own")
	if w.State() != before {
		t.Error("a refusal changed the table")
	}
	expect(t, "with a password", setPassword(w, code, another, ""), 200, "")
	for password, want := range map[string]int{another: 200, strange: 401, testkit.Password: 401} {
		if got := login(w, zoe, password); got != want {
			t.Errorf("signing in with %q: got %d, want %d", password, got, want)
		}
	}
	for _, it := range w.Items() {
		if !strings.HasPrefix(it.PK, "C#") &&
			(strings.Contains(it.Text, "Visit") || strings.Contains(it.Text, "203.0.113.9")) &&
			!strings.HasPrefix(it.PK, "L#") {
			t.Errorf("something of the stranger is in %s %s: %s", it.PK, it.SK, it.Text)
		}
	}
	for _, late := range []string{code, mailed(w, zoe, mailing.KindAccountConfirm)} {
		expect(t, "a code that is left", w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+late, "", nil), 400, "not valid any more")
	}
}

// A person's sign-up lapses, and a stranger signs up with the address, which is
// then the only sign-up. A confirmation that is asked for again has nothing of
// it. Without a password it opens nothing, and with a password the account is
// the person's.
func TestAConfirmationAskedForAgainAfterALapse(t *testing.T) {
	t.Parallel()
	const zoe, strange = value.Email("zoe@example.com"), "velvet anchor prism"
	for name, first := range map[string]bool{"a stranger's after the own lapsed": true, "a stranger's alone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			if first {
				signUpAs(w, zoe, "Zoe", testkit.Password, "192.0.2.1")
				w.Advance(tenancy.SignUpLife)
			}
			signUpAs(w, zoe, "Visit evil", strange, "203.0.113.9")
			expect(t, "ask again", w.Call(operation.AccountResend, "GET", "/account/resend_confirmation/"+string(zoe), "", nil), 200, "")
			code := mailed(w, zoe, mailing.KindAccountConfirmAgain)
			expect(t, "the bare link", w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+code, "", nil), 400, "asks for a password")
			if got := login(w, zoe, strange); got == 200 {
				t.Error("the stranger's password signs in")
			}
			expect(t, "with a password", setPassword(w, code, another, ""), 200, "")
			own, theirs := login(w, zoe, another), login(w, zoe, strange)
			if own != 200 || theirs != 401 {
				t.Errorf("signing in: the person got %d, the stranger %d", own, theirs)
			}
			for _, it := range w.Items() {
				if !strings.HasPrefix(it.PK, "C#") && !strings.HasPrefix(it.PK, "L#") &&
					strings.Contains(it.Text, "Visit") {
					t.Errorf("something of the stranger is in %s %s: %s", it.PK, it.SK, it.Text)
				}
			}
		})
	}
}

// If a person confirms another person's sign-up with a bare link, the other one
// has access until a new password comes from the mailbox, which removes
// everything that the other one made. A person who chose a password with the
// link keeps tokens that were made by hand.
func TestThePasswordOfAnotherPersonsSignUp(t *testing.T) {
	t.Parallel()
	const zoe = value.Email("zoe@example.com")
	for name, chosen := range map[string]bool{"a bare link": false, "a link and a password": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			signUpAs(w, zoe, "Zoe", testkit.Password, "203.0.113.9")
			code := mailed(w, zoe, mailing.KindAccountConfirm)
			if chosen {
				expect(t, "confirm", setPassword(w, code, testkit.Password, ""), 200, "")
			} else {
				expect(t, "confirm", w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+code, "", nil), 200, "")
			}
			p := w.Enter(zoe)
			hand := p.With("full", "never")
			app := testkit.ClientOf(hand)
			setup, err := w.Accounts.EnableFactor(t.Context(), app.For(operation.OtpEnable.Access),
				"authenticator", string(zoe), service.Credentials{Password: testkit.Password})
			w.OK(err)
			_, err = w.Accounts.ConfirmFactor(t.Context(), app.For(operation.OtpConfirm.Access), "authenticator",
				testkit.AppOf(w, setup.URL).Now())
			w.OK(err)
			w.Advance(time.Hour)
			expect(t, "a new password", setPassword(w, passwordCode(w, zoe), another, ""), 200, "")
			token, entry := 401, 200
			if chosen {
				token, entry = 200, 401
			}
			if got := alive(w, hand); got != token {
				t.Errorf("a token made by hand: got %d, want %d", got, token)
			}
			if got := login(w, zoe, another); got != entry {
				t.Errorf("signing in without a pin: got %d, want %d", got, entry)
			}
			if chosen {
				return
			}
			// From then on it is the person's account, like any other.
			p = w.EnterWith(zoe, another)
			again := p.Mint(p.Home, "never")
			w.Advance(time.Hour)
			expect(t, "another new password", setPassword(w, passwordCode(w, zoe), "wicker falcon marble", ""), 200, "")
			if got := alive(w, again); got != 200 {
				t.Errorf("a token made by hand after it: got %d, want 200", got)
			}
		})
	}
}

// A sign-up that nobody confirms does not keep an account from an address whose
// mailbox is proved, however often the sign-up is renewed. It is gone then. If
// it is confirmed at the same moment, either the sign-up or the change of
// address succeeds, never both.
func TestASignUpGivesWayToAMove(t *testing.T) {
	t.Parallel()
	const to = value.Email("fresh@example.com")
	t.Run("one that waits", func(t *testing.T) {
		t.Parallel()
		w := testkit.New(t)
		ana := w.Quick("ana")
		code := emailCode(w, ana.Token, to)
		signUpAs(w, to, "squatter", another, "203.0.113.9")
		expect(t, "confirm the move", confirmEmail(w, code), 200, "")
		if n := w.Count("A#", "A"); n != 1 {
			t.Errorf("there are %d accounts, want 1", n)
		}
		was, is := login(w, to, another), login(w, to, testkit.Password)
		if was != 401 || is != 200 {
			t.Errorf("signing in: the sign-up got %d, the account %d", was, is)
		}
		expect(t, "confirm the sign-up", w.Call(operation.AccountConfirm, "GET",
			"/account/confirm/"+mailed(w, to, mailing.KindAccountConfirm), "", nil), 400, "")
		expect(t, "undo the move", undoEmail(w, mailed(w, ana.Email, mailing.KindEmailChanged)), 200, "")
	})
	t.Run("one that is confirmed meanwhile", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			w := testkit.New(t)
			ana := w.Quick("ana")
			code := emailCode(w, ana.Token, to)
			signUpAs(w, to, "zoe", another, "203.0.113.9")
			signUp := mailed(w, to, mailing.KindAccountConfirm)
			var both sync.WaitGroup
			var moved, confirmed int
			both.Go(func() { moved = confirmEmail(w, code).Code })
			both.Go(func() {
				confirmed = w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+signUp, "", nil).Code
			})
			both.Wait()
			if (moved == 200) == (confirmed == 200) {
				t.Errorf("the move got %d, the sign-up %d: want one of them", moved, confirmed)
			}
			as, own := login(w, to, another), login(w, to, testkit.Password)
			if (as == 200) != (confirmed == 200) || (own == 200) != (moved == 200) {
				t.Errorf("signing in: the sign-up got %d, the account %d", as, own)
			}
		}
	})
}

// A thief requests a transfer of a profile and confirms it, before or after
// changing the address, and an accomplice accepts. The owner's undo ends the
// transfer at the next sweep, even if support approves. The owner may then
// transfer the profile to somebody else at once.
func TestUndoEndsTheTransferOfAThief(t *testing.T) {
	t.Parallel()
	for name, moveFirst := range map[string]bool{"asked for before the address changed": false, "asked for after it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana, accomplice, sam := w.Account("ana"), w.Account("accomplice"), w.Agent(w.Account("sam"))
			plant := ana.Profile("Plant")
			move := func() {
				w.OK(w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest), "thief@example.com",
					service.Credentials{Password: testkit.Password}))
				w.OK(w.Accounts.ConfirmEmail(t.Context(),
					service.Client{}, mailed(w, "thief@example.com", mailing.KindEmailConfirm)))
			}
			thief := ana
			if moveFirst {
				move()
				thief.Email = "thief@example.com"
			}
			ticket := w.Offer(plant, thief, accomplice.Email)
			at := "/transfer/" + string(ticket.ID)
			for _, word := range []struct {
				o    operation.Operation
				path string
				by   testkit.Person
				code string
			}{{operation.TransferConfirm, "/confirm", ana, ticket.Confirm},
				{operation.TransferAccept, "/accept", accomplice, ticket.Answer}} {
				expect(t, word.path, w.Call(word.o, "POST", at+word.path, word.by.Token,
					object{"code": word.code, "password": testkit.Password}), 200, "")
			}
			if !moveFirst {
				move()
			}
			expect(t, "undo", undoEmail(w, mailed(w, ana.Email, mailing.KindEmailChanged)), 200, "")
			expect(t, "approve", w.Call(operation.DeskApprove, "POST", "/desk"+at+"/approve", sam.Token, nil), 409, "secured anew")
			_, err := w.Transfers.Expire(t.Context())
			w.OK(err)
			var seen transferAnswer
			w.Call(operation.DeskGet, "GET", "/desk"+at, sam.Token, nil).Into(w, &seen)
			if seen.State != "failed" {
				t.Errorf("after the undo the transfer is %s, want failed", seen.State)
			}
			for range 8 {
				w.Advance(12 * time.Hour)
				_, err := w.Transfers.Expire(t.Context())
				w.OK(err)
			}
			p, _, err := w.Store.ProfileWithMembers(t.Context(), plant)
			w.OK(err)
			if p.Owner != ana.ID {
				t.Error("the profile has moved to the accomplice")
			}
			expect(t, "a new password", setPassword(w, passwordCode(w, ana.Email), another, ""), 200, "")
			own := ana.SignInWith(ana.Home, another)
			got := w.Call(operation.TransferRequest, "POST", "/profile/"+string(plant)+"/transfer", own,
				object{"email": "ben@example.com", "password": another})
			if got.Code != 200 {
				t.Errorf("the owner's own transfer: got %d %q", got.Code, got.Message)
			}
		})
	}
}

// The undo of a receiver ends the transfer that a thief accepted for it. An
// operator's sign-out of an account does the same.
func TestRecoveryOfTheReceiverEndsTheTransfer(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam := w.Account("ana"), w.Account("ben"), w.Agent(w.Account("sam"))
	plant := ana.Profile("Plant")
	ticket := w.Offer(plant, ana, ben.Email)
	at := "/transfer/" + string(ticket.ID)
	expect(t, "accept", w.Call(operation.TransferAccept, "POST", at+"/accept", ben.Token,
		object{"code": ticket.Answer, "password": testkit.Password}), 200, "")
	code := moveEmail(w, ben.Token, ben.Email, "thief@example.com")
	expect(t, "undo", undoEmail(w, code), 200, "")
	expect(t, "approve", w.Call(operation.DeskApprove, "POST", "/desk"+at+"/approve", sam.Token, nil), 409, "secured anew")
	expect(t, "confirm", w.Call(operation.TransferConfirm, "POST", at+"/confirm", ana.Token,
		object{"code": ticket.Confirm, "password": testkit.Password}), 409, "secured anew")
	// The owner need not wait for the sweep.
	w.Advance(time.Hour)
	got := w.Call(operation.TransferRequest, "POST", "/profile/"+string(plant)+"/transfer", ana.Token,
		object{"email": ben.Email, "password": testkit.Password})
	if got.Code != 200 {
		t.Errorf("the owner's next transfer: got %d %q", got.Code, got.Message)
	}
	_, err := w.Operator.SignOut(t.Context(), string(ana.Email))
	w.OK(err)
	w.Advance(time.Hour)
	fresh := ana.SignIn(ana.Home, "")
	got = w.Call(operation.TransferRequest, "POST", "/profile/"+string(plant)+"/transfer", fresh,
		object{"email": ben.Email, "password": testkit.Password})
	if got.Code != 200 {
		t.Errorf("the owner's next transfer after a sign-out by an operator: got %d %q", got.Code, got.Message)
	}
}

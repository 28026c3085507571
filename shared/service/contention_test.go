package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/service/transfers"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// countedGuesses returns how many windows count something as a wrong guess.
func countedGuesses(w *testkit.World) (n int) {
	w.Helper()
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "R#password#") && strings.Contains(it.Text, "ids=") {
			n++
		}
	}
	return n
}

// On AWS a transaction locks its items, and a request that meets one is
// refused. Concurrent scripts with the right password all succeed, and none of
// their attempts stays counted, so an owner cannot lock the own account.
func TestRightPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.Locks.Hold(3 * time.Millisecond)
	token := func() error {
		_, err := w.Tokens.Create(t.Context(), ana.Client(operation.TokenCreate), tokens.NewToken{
			Profile: service.ProfileRef{ID: ana.Home}, Email: string(ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "script",
		})
		return err
	}
	signIn := func() error {
		return login(w, service.Client{Source: testkit.Home}, ana.Email, testkit.Password)
	}
	for range 4 {
		for _, err := range together(token, token, token, token, signIn, signIn, signIn, signIn) {
			if err != nil {
				t.Errorf("a right password was refused: %v", err)
			}
		}
	}
	if w.Locks.Met("TransactWriteItems") == 0 {
		t.Error("no two transactions met")
	}
	if n := countedGuesses(w); n != 0 {
		t.Errorf("%d windows count a right password as a guess, want none", n)
	}
}

// A request with the right password that is refused for another reason is no
// guess. One with a wrong pin or password is.
func TestOnlyAWrongGuessStaysCounted(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	pins := ana.Authenticator()
	plain := w.Quick("ben")
	me := testkit.ClientOf(ana.Token)
	proven := func(password, pin string) service.Credentials {
		return service.Credentials{Password: password, Pin: pin}
	}
	signIn := func(p service.Credentials) error {
		_, err := w.Accounts.Login(t.Context(), me, string(ana.Email), p)
		return err
	}
	newToken := func(
		profile value.ProfileID, email value.Email, p service.Credentials,
	) tokens.NewToken {
		return tokens.NewToken{Profile: service.ProfileRef{ID: profile}, Email: string(email),
			Credentials: p, Name: "x"}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name  string
		guess bool
		do    func() error
	}{
		{"no pin", false, func() error { return signIn(proven(testkit.Password, "")) }},
		{"a pin of five digits", false, func() error { return signIn(proven(testkit.Password, "12345")) }},
		{"a kind of factor that there is not", false, func() error {
			return signIn(service.Credentials{Password: testkit.Password, Pin: "123456", Factor: "pigeon"})
		}},
		{"a pin by mail that is not enabled", false, func() error {
			return w.Accounts.RequestPin(t.Context(), me, string(plain.Email), testkit.Password, "email")
		}},
		{"a pin from an authenticator", false, func() error {
			return w.Accounts.RequestPin(t.Context(), me, string(ana.Email), testkit.Password, "authenticator")
		}},
		{"a profile that is not one's own", false, func() error {
			_, err := w.Tokens.CreateAtLogin(t.Context(), me,
				newToken(ana.Home, plain.Email, proven(testkit.Password, "")))
			return err
		}},
		{"another address than the account's", false, func() error {
			_, err := w.Tokens.Create(t.Context(), plain.Client(operation.TokenCreate),
				newToken(plain.Home, ana.Email, proven(testkit.Password, "")))
			return err
		}},
		{"a last profile", false, func() error {
			return w.Profiles.Delete(t.Context(), plain.Client(operation.ProfileDelete),
				service.ProfileRef{ID: plain.Home}, proven(testkit.Password, ""))
		}},
		{"a transfer of a last profile", false, func() error {
			_, err := w.Transfers.Request(t.Context(), plain.Client(operation.TransferRequest),
				service.ProfileRef{ID: plain.Home}, transfers.Request{
					Email: string(ana.Email), Credentials: proven(testkit.Password, ""),
				})
			return err
		}},
		{"time that is over", false, func() error {
			_, err := w.Accounts.Login(over, me, string(plain.Email), proven(testkit.Password, ""))
			return err
		}},
		{"a wrong pin", true, func() error { return signIn(proven(testkit.Password, wrongPin(pins.Now()))) }},
		{"a wrong password", true, func() error { return signIn(proven("wrong", "")) }},
		{"a wrong password where a token is used", true, func() error {
			return w.Profiles.Delete(t.Context(), plain.Client(operation.ProfileDelete),
				service.ProfileRef{ID: plain.Home}, proven("wrong", ""))
		}},
	} {
		if err := c.do(); err == nil {
			t.Errorf("%s: got no error, want a refusal", c.name)
		}
		if counted := countedGuesses(w) > 0; counted != c.guess {
			t.Errorf("%s: counted as a guess: %v, want %v", c.name, counted, c.guess)
		}
		w.Advance(15 * time.Minute)
		for _, it := range w.Items() {
			if strings.HasPrefix(it.PK, "R#password#") {
				remove(w, it.PK, it.SK)
			}
		}
	}
}

// wrongPin is a pin of six digits that is not the one given.
func wrongPin(right string) string {
	if right == "111111" {
		return "222222"
	}
	return "111111"
}

package service_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

const zoe = "zoe@example.com"

// another is a password that no account has.
const another = "cobalt heron thimble"

// object is a JSON object.
type object = map[string]any

// source is the n-th of many network addresses from which nobody has signed in.
func source(n int) service.Client {
	return service.Client{Source: fmt.Sprintf("198.51.%d.%d", n/250, n%250)}
}

// strangers gives each caller another network address.
type strangers struct{ n atomic.Int64 }

func (s *strangers) next() service.Client { return source(int(s.n.Add(1))) }

// signUp signs a person up with a password.
func signUp(w *testkit.World, c service.Client, email, password string) error {
	return w.Accounts.Create(w.Context(), c,
		accounts.NewAccount{Name: "Zoe", Email: email, Password: password, Repeated: password})
}

// codes are the confirmation codes that were mailed to an address, oldest
// first.
func codes(w *testkit.World, to value.Email) (out []string) {
	w.Helper()
	for _, m := range w.Mail(to) {
		if m.Kind == mailing.KindAccountConfirm {
			out = append(out, m.Data["code"])
		}
	}
	return out
}

// waiting writes an unconfirmed sign-up with the password testkit.Password and
// returns its code. It saves the work of hashing a real password.
func waiting(w *testkit.World, email value.Email) (code string) {
	w.Helper()
	now := w.Now()
	signUp := tenancy.SignUp{Account: value.AccountID(w.NextID()), Name: "Zoe", Timezone: "UTC",
		PasswordHash: testkit.QuickHash, Created: now}
	key := w.NextKey()
	lapses := now.Add(tenancy.SignUpLife)
	tx := w.Store.Begin()
	tx.ReserveEmail(tenancy.EmailReservation{Email: email, Account: signUp.Account,
		Expires: lapses}, now, problem.ErrConflict)
	tx.CreateAccount(signUp.NewAccount(email), lapses)
	tx.CreateConfirmation(tenancy.Confirmation{
		ID: value.CodeID(key.ID), Hash: key.Hash(), Email: email, SignUp: signUp, Expires: now.Add(tenancy.ConfirmationLife),
	})
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	return key.Code()
}

func login(w *testkit.World, c service.Client, email value.Email, password string) error {
	_, err := w.Accounts.Login(w.Context(), c, string(email),
		service.Credentials{Password: password})
	return err
}

// addresses makes one address of each kind that an anonymous client may ask
// about.
func addresses(w *testkit.World) map[string]value.Email {
	w.Helper()
	waiting(w, "lapsed@example.com")
	w.Advance(tenancy.SignUpLife)
	waiting(w, "waiting@example.com")
	return map[string]value.Email{
		"a new address": "new@example.com", "a waiting address": "waiting@example.com", "a lapsed address": "lapsed@example.com",
		"a taken address": w.Quick("taken").Email,
	}
}

// A sign-up has these effects on each kind of address.
func TestSignUpEffects(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	of := addresses(w)
	account := func(email value.Email) tenancy.Account {
		t.Helper()
		batch := w.Store.Batch()
		reservation := batch.EmailReservation(email)
		w.OK(batch.Get(t.Context()))
		a, _, err := w.Store.AccountWithGrants(t.Context(), reservation.Value.Account)
		w.OK(err)
		return a
	}
	taken, waiting, lapsed := account(of["a taken address"]), account(of["a waiting address"]), account(of["a lapsed address"])
	w.Advance(time.Minute)
	for _, email := range of {
		w.OK(signUp(w, source(1), strings.ToUpper(string(email)), "another "+testkit.Password))
	}
	if got := account(of["a taken address"]); fmt.Sprint(got) != fmt.Sprint(taken) {
		t.Errorf("somebody's account changed: got %+v, want %+v", got, taken)
	}
	got := account(of["a waiting address"])
	if got.ID != waiting.ID || !got.Created.Equal(waiting.Created) ||
		got.PasswordHash == waiting.PasswordHash {
		t.Errorf("a waiting sign-up: got %+v after %+v, want the same account with what was given last", got, waiting)
	}
	if got := account(of["a lapsed address"]); got.ID == lapsed.ID || got.Active || !got.Created.Equal(w.Now()) {
		t.Errorf("a lapsed address: got %+v, want a new sign-up", got)
	}
	got = account(of["a new address"])
	if got.ID == "" || got.Active || got.Plan != plan.Free || got.Email != "new@example.com" {
		t.Errorf("a new address: got the account %+v, want an unconfirmed one with the plan free", got)
	}
	for kind, email := range of {
		mails := w.Mail(email)
		last, want := mails[len(mails)-1], mailing.KindAccountConfirm
		if kind == "a taken address" {
			want = mailing.KindAccountExists
		}
		if last.Kind != want {
			t.Errorf("%s gets the mail %s, want %s", kind, last.Kind, want)
		}
		if _, has := last.Data["name"]; has != (kind == "a taken address") {
			t.Errorf("the mail to %s has the words %v: a stranger chose that name", kind, last.Data)
		}
	}
}

// Anonymous clients can cause five mails an hour to an address. Further mails
// are not sent, and nobody learns of it: neither the answer nor the table shows
// it.
func TestMailsPerAddressAreBoundedSilently(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	taken := w.Quick("taken").Email
	var from strangers
	for _, email := range []value.Email{zoe, taken} {
		for n := range 7 {
			before := w.State()
			if n%6 == 0 || email == taken {
				w.OK(signUp(w, from.next(), string(email), testkit.Password))
			} else {
				w.OK(w.Accounts.Resend(t.Context(), from.next(), string(email)))
			}
			if over := n >= 5; (w.State() == before) != over {
				t.Errorf("request %d for %s: the table changed: %v", n+1, email, !over)
			}
		}
		if n := len(w.Mail(email)); n != 5 {
			t.Errorf("%s got %d mails, want 5", email, n)
		}
	}
	// Another address has a limit of its own, and so has the next hour.
	w.OK(signUp(w, from.next(), "yan@example.com", testkit.Password))
	if n := len(w.Mail("yan@example.com")); n != 1 {
		t.Errorf("another address got %d mails, want 1", n)
	}
	w.Advance(w.Now().Truncate(time.Hour).Add(time.Hour - time.Millisecond).Sub(w.Now()))
	w.OK(w.Accounts.Resend(t.Context(), from.next(), zoe))
	if n := len(w.Mail(zoe)); n != 5 {
		t.Errorf("%d mails at the end of the hour, want 5", n)
	}
	w.Advance(time.Millisecond)
	w.OK(w.Accounts.Resend(t.Context(), from.next(), zoe))
	if n := len(w.Mail(zoe)); n != 6 {
		t.Errorf("%d mails in the next hour, want 6", n)
	}
}

// One source may send thirty sign-ups and confirmations an hour.
func TestSignUpsPerSourceAreBounded(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	me := service.Client{Source: "2001:db8:1:2::1"}
	for n := range 29 {
		w.OK(w.Accounts.Resend(t.Context(), me, fmt.Sprintf("nobody-%d@example.com", n)))
	}
	w.OK(signUp(w, me, zoe, testkit.Password))
	before := w.State()
	var refused *problem.Error
	for _, err := range []error{
		signUp(w, me, "another@example.com", testkit.Password),
		w.Accounts.Resend(t.Context(), me, zoe),
		// A person can have all addresses of such a network.
		w.Accounts.Resend(t.Context(), service.Client{Source: "2001:db8:1:2:ffff:ffff:ffff:ffff"}, zoe),
	} {
		w.Refused(err, problem.CodeTooMany)
		errors.As(err, &refused)
		left := w.Now().Truncate(time.Hour).Add(time.Hour).Sub(w.Now())
		if refused.RetryAfter != left.Truncate(time.Second)+time.Second {
			t.Errorf("the wait is %v, want until the end of the hour", refused.RetryAfter)
		}
	}
	if w.State() != before {
		t.Error("a refused request changed the table")
	}
	for _, other := range []string{"2001:db8:1:3::1", "192.0.2.77"} {
		w.OK(w.Accounts.Resend(t.Context(), service.Client{Source: other}, zoe))
	}
	w.Advance(refused.RetryAfter)
	w.OK(w.Accounts.Resend(t.Context(), me, zoe))
}

// An invalid sign-up is refused before anything is counted or read.
func TestSignUpsThatAreWrongCostNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	good := accounts.NewAccount{Name: "Zoe", Email: zoe, Password: testkit.Password,
		Repeated: testkit.Password}
	for field, change := range map[string]func(*accounts.NewAccount){
		"name":      func(n *accounts.NewAccount) { n.Name = " " },
		"email":     func(n *accounts.NewAccount) { n.Email = "zoe" },
		"password":  func(n *accounts.NewAccount) { n.Password, n.Repeated = "", "" },
		"Password":  func(n *accounts.NewAccount) { n.Password, n.Repeated = "short", "short" },
		"cpassword": func(n *accounts.NewAccount) { n.Repeated += "?" },
		"timezone":  func(n *accounts.NewAccount) { n.Timezone = "Europe Berlin" },
		"country":   func(n *accounts.NewAccount) { n.Country = strings.Repeat("x", 101) },
		"company":   func(n *accounts.NewAccount) { n.Company = "a\nb" },
	} {
		n := good
		change(&n)
		w.Meter.Reset()
		err := w.Accounts.Create(t.Context(), source(1), n)
		w.Refused(err, problem.CodeInvalid)
		if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(field)) {
			t.Errorf("got %q, want it to name %s", err, field)
		}
		if used := w.Meter.Reset(); used.Requests != 0 {
			t.Errorf("a wrong %s cost %d requests, want none", field, used.Requests)
		}
	}
	w.Refused(w.Accounts.Resend(t.Context(), source(1), "zoe"), problem.CodeInvalid)
	for _, code := range []string{"", "x", strings.Repeat("0", 34)} {
		w.Refused(w.Accounts.Confirm(t.Context(), service.Client{}, code), problem.CodeInvalid)
	}
	if used := w.Meter.Reset(); used.Requests != 0 {
		t.Errorf("invalid addresses and codes cost %d requests, want none", used.Requests)
	}
}

// A person signs up with the address of another one and a password of their
// own. The mail that the owner of the address answers decides which password
// the account gets: that of the owner's own sign-up, or that of the first one,
// which the owner did not ask for.
func TestTwoSignUpsStayApart(t *testing.T) {
	t.Parallel()
	passwords := []string{"first " + testkit.Password, "second " + testkit.Password}
	for answered := range passwords {
		w := testkit.New(t)
		for i, password := range passwords {
			w.OK(w.Accounts.Create(t.Context(), source(i), accounts.NewAccount{
				Name: fmt.Sprint("person ", i), Email: zoe, Password: password, Repeated: password, Company: fmt.Sprint("company ", i),
			}))
			w.Advance(time.Second)
		}
		got := codes(w, zoe)
		w.OK(w.Accounts.Confirm(t.Context(), service.Client{}, got[answered]))
		w.Refused(w.Accounts.Confirm(t.Context(), service.Client{}, got[1-answered]),
			problem.CodeInvalid)
		entered, err := w.Accounts.Login(t.Context(), source(3), zoe,
			service.Credentials{Password: passwords[answered]})
		account, grants := entered.Account, entered.Grants
		w.OK(err)
		want := fmt.Sprint("person ", answered)
		if account.Name != want || len(grants) != 1 || grants[0].Name != want {
			t.Errorf("got %+v with %+v, want those of %s", account, grants, want)
		}
		if want := fmt.Sprint("company ", answered); account.Company != want {
			t.Errorf("got company %q, want %q", account.Company, want)
		}
		w.Refused(login(w, source(3), zoe, passwords[1-answered]), problem.CodeUnauthenticated)
		if n := w.Count("A#", "A"); n != 1 {
			t.Errorf("got %d accounts, want 1", n)
		}
	}
}

// A code works once, within 24 hours to the millisecond. Its use makes every
// other code of the sign-up invalid.
func TestACodeWorksOnceForADay(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.OK(signUp(w, source(1), zoe, testkit.Password))
	w.OK(signUp(w, source(1), "yan@example.com", testkit.Password))
	first, other := codes(w, zoe)[0], codes(w, "yan@example.com")[0]
	w.Advance(tenancy.ConfirmationLife - time.Millisecond)
	w.OK(w.Accounts.Confirm(t.Context(), service.Client{}, other))
	w.Advance(time.Millisecond)
	before := w.State()
	stale := w.Accounts.Confirm(t.Context(), service.Client{}, first)
	w.Refused(stale, problem.CodeInvalid)
	used := w.Accounts.Confirm(t.Context(), service.Client{}, other)
	// The id of this code exists and its secret is made up.
	forged := w.NextKey()
	forged.ID = first[:8]
	unknown := w.Accounts.Confirm(t.Context(), service.Client{}, forged.Code())
	for _, err := range []error{used, unknown} {
		if err == nil || err.Error() != stale.Error() {
			t.Errorf("got %v, want what a code too old gets: %v", err, stale)
		}
	}
	if w.State() != before {
		t.Error("a code that is not valid changed the table")
	}

	// A new code is sent on request.
	w.OK(w.Accounts.Resend(t.Context(), source(1), zoe))
	w.OK(w.Accounts.Resend(t.Context(), source(1), zoe))
	var again []service.Client
	for _, m := range w.Mail(zoe) {
		if key, ok := secret.Parse(m.Data["code"]); ok && m.Kind == mailing.KindAccountConfirmAgain {
			again = append(again, service.Client{Token: key})
		}
	}
	w.OK(w.Accounts.SetPassword(t.Context(), again[0].For(operation.PasswordSet.Access),
		testkit.Password, service.Credentials{}))
	w.Refused(w.Accounts.SetPassword(t.Context(), again[1].For(operation.PasswordSet.Access),
		testkit.Password, service.Credentials{}), problem.CodeInvalid)
	w.OK(login(w, source(1), zoe, testkit.Password))
	// After the confirmation no mail asks for it any more.
	w.OK(w.Accounts.Resend(t.Context(), source(1), zoe))
	if n := len(w.Mail(zoe)); n != 3 {
		t.Errorf("%d codes were mailed, want 3", n)
	}
}

// A sign-up without a confirmation lapses seven days after the last request for
// it, and its address is free.
func TestASignUpLapses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	holder := func() value.AccountID {
		t.Helper()
		batch := w.Store.Batch()
		reservation := batch.EmailReservation(zoe)
		w.OK(batch.Get(t.Context()))
		return reservation.Value.Account
	}
	w.OK(signUp(w, source(1), zoe, testkit.Password))
	first := holder()
	w.Advance(5 * 24 * time.Hour)
	w.OK(w.Accounts.Resend(t.Context(), source(1), zoe))
	w.Advance(tenancy.SignUpLife - time.Millisecond)
	w.OK(signUp(w, source(1), zoe, testkit.Password))
	if got := holder(); got != first {
		t.Errorf("a sign-up that still waits lost its address to %s", got)
	}
	w.Advance(tenancy.SignUpLife - time.Millisecond)
	w.Refused(login(w, source(1), zoe, testkit.Password), problem.CodeForbidden)
	w.Advance(time.Millisecond)
	// From now on the address belongs to no account, whether or not the table
	// has deleted the sign-up.
	w.Refused(login(w, source(1), zoe, testkit.Password), problem.CodeUnauthenticated)
	mailed := len(w.Mail(zoe))
	w.OK(w.Accounts.Resend(t.Context(), source(1), zoe))
	if n := len(w.Mail(zoe)); n != mailed {
		t.Error("a lapsed sign-up got a new code")
	}
	const other = "other " + testkit.Password
	w.OK(signUp(w, source(1), zoe, other))
	second := holder()
	if second == first {
		t.Error("the new sign-up has the lapsed one's account")
	}
	all := codes(w, zoe)
	w.OK(w.Accounts.Confirm(t.Context(), service.Client{}, all[len(all)-1]))
	w.OK(login(w, source(1), zoe, other))
	w.Refused(login(w, source(1), zoe, testkit.Password), problem.CodeUnauthenticated)
}

// The code of a lapsed sign-up is invalid even within its own day, because
// another account may have the address by then.
func TestACodeDoesNotTakeAnAddressBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.OK(signUp(w, source(1), zoe, testkit.Password))
	old := codes(w, zoe)[0]
	// The reservation is deleted early, as an operator or the expiry of the
	// table may do.
	tx := w.Store.Begin()
	tx.ReserveEmail(tenancy.EmailReservation{Email: zoe, Account: "somebody-else"},
		w.Now().Add(tenancy.SignUpLife), problem.ErrConflict)
	w.OK(tx.CommitAside(t.Context(), store.Origin{}))
	before := w.State()
	w.Refused(w.Accounts.Confirm(t.Context(), service.Client{}, old), problem.CodeInvalid)
	if w.State() != before {
		t.Error("the code of a sign-up that lost its address changed the table")
	}
}

// A refused sign-in says that an account is blocked or unconfirmed only with
// the right password.
func TestRefusedSignInsTellOnlyTheOwner(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.OK(signUp(w, source(1), zoe, testkit.Password))
	ana := w.Quick("ana")
	set(w, "A#"+string(ana.ID), "A", "blocked", true)
	for _, email := range []value.Email{zoe, ana.Email} {
		w.Refused(login(w, source(1), email, testkit.Password), problem.CodeForbidden)
		if err := login(w, source(1), email, "wrong"); !errors.Is(err, problem.ErrInvalidCredentials) {
			t.Errorf("%s with a wrong password: got %v, want ErrInvalidCredentials", email, err)
		}
	}
	_, err := w.Tokens.CreateAtLogin(t.Context(), source(1), tokens.NewToken{
		Profile: service.ProfileRef{ID: ana.Home}, Email: string(ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
	})
	w.Refused(err, problem.CodeForbidden)
	if n := w.Count("T#", ""); n != 1 {
		t.Errorf("got %d tokens, want only the one made before the block", n)
	}
}

// attempting is one way to try a password.
type attempting struct {
	name  string
	wrong error
	try   func(c service.Client, password string) error
}

// guesses are all ways to try ana's password. All ways of a group share one
// counter.
func guesses(w *testkit.World, ana testkit.Person) map[string][]attempting {
	signedIn := func(c service.Client) service.Client {
		return service.Client{Token: testkit.ClientOf(ana.Token).Token, Source: c.Source}
	}
	return map[string][]attempting{
		"by address": {
			{"login", problem.ErrInvalidCredentials, func(c service.Client, password string) error {
				return login(w, c, ana.Email, password)
			}},
			{"token at sign-in", problem.ErrInvalidCredentials, func(c service.Client, password string) error {
				_, err := w.Tokens.CreateAtLogin(w.Context(), c, tokens.NewToken{
					Profile: service.ProfileRef{ID: ana.Home}, Email: string(ana.Email), Credentials: service.Credentials{Password: password}, Name: "x",
				})
				return err
			}},
		},
		"by token": {
			{"token", problem.ErrInvalidPassword, func(c service.Client, password string) error {
				_, err := w.Tokens.Create(w.Context(),
					signedIn(c).For(operation.TokenCreate.Access), tokens.NewToken{
						Profile: service.ProfileRef{ID: ana.Home}, Email: string(ana.Email), Credentials: service.Credentials{Password: password}, Name: "x",
					})
				return err
			}},
			{"profile delete", problem.ErrInvalidPassword, func(c service.Client, password string) error {
				// Each attempt gets a new profile, so that a right password has
				// one to delete.
				id, err := w.Profiles.Create(w.Context(),
					ana.Client(operation.ProfileCreate), "doomed", false)
				w.OK(err)
				err = w.Profiles.Delete(w.Context(),
					signedIn(c).For(operation.ProfileDelete.Access), service.ProfileRef{ID: id},
					service.Credentials{Password: password})
				if err != nil {
					w.OK(w.Profiles.Delete(w.Context(), ana.Client(operation.ProfileDelete),
						service.ProfileRef{ID: id},
						service.Credentials{Password: testkit.Password}))
				}
				return err
			}},
		},
	}
}

// After twenty wrong passwords from any source, a stranger has no more attempts
// on the account until the window ends. The owner is not locked out: addresses
// of earlier sign-ins still have attempts.
func TestAnAccountsAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	for group := range guesses(nil, testkit.Person{}) {
		w := testkit.New(t)
		ana := w.Quick("ana")
		known := service.Client{Source: testkit.Home}
		ways := guesses(w, ana)[group]
		var from strangers
		for n := range 20 {
			way := ways[n%len(ways)]
			if err := way.try(from.next(), "wrong"); !errors.Is(err, way.wrong) {
				t.Fatalf("%s, attempt %d: got %v, want %v", way.name, n+1, err, way.wrong)
			}
		}
		for _, way := range ways {
			for _, password := range []string{"wrong", testkit.Password} {
				err := way.try(from.next(), password)
				w.Refused(err, problem.CodeTooMany)
				var refused *problem.Error
				if errors.As(err, &refused); refused.RetryAfter <= 0 ||
					refused.RetryAfter > 15*time.Minute {
					t.Errorf("%s: the wait is %v", way.name, refused.RetryAfter)
				}
			}
			if err := way.try(known, "wrong"); !errors.Is(err, way.wrong) {
				t.Errorf("%s, wrong from a known address: got %v, want %v", way.name, err, way.wrong)
			}
			if err := way.try(known, testkit.Password); err != nil {
				t.Errorf("%s from a known address: got %v, want success", way.name, err)
			}
		}
		// The other group has another counter, and so has another account.
		ben := w.Quick("ben")
		err := login(w, from.next(), ben.Email, "wrong")
		if !errors.Is(err, problem.ErrInvalidCredentials) {
			t.Errorf("another account: got %v, want ErrInvalidCredentials", err)
		}
		w.Advance(15 * time.Minute)
		for _, way := range ways {
			if err := way.try(from.next(), "wrong"); !errors.Is(err, way.wrong) {
				t.Errorf("%s, wrong after the window: got %v, want the error for a wrong password", way.name, err)
			}
			if err := way.try(from.next(), testkit.Password); err != nil {
				t.Errorf("%s after the window: got %v, want success", way.name, err)
			}
		}
	}
}

// Attempts on an address without an account are limited like those on an
// account. A difference would tell them apart.
func TestUnknownAddressesAreThrottledAlike(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	var from strangers
	// The first eighteen attempts are on an account with a cheap password hash,
	// which is deleted then. The counter belongs to the address.
	gone := w.Quick("gone")
	for n := range 24 {
		if n == 18 {
			remove(w, "E#"+string(gone.Email), "E")
		}
		err := login(w, from.next(), gone.Email,
			map[bool]string{true: "wrong", false: testkit.Password}[n < 18])
		if n < 20 && !errors.Is(err, problem.ErrInvalidCredentials) {
			t.Errorf("attempt %d: got %v, want ErrInvalidCredentials", n+1, err)
		}
		if n >= 20 {
			w.Refused(err, problem.CodeTooMany)
		}
	}
	// A known source of the former account has no more attempts.
	w.Refused(login(w, service.Client{Source: testkit.Home}, gone.Email, testkit.Password),
		problem.CodeTooMany)
}

// A source has thirty attempts in all, on accounts that know it and on others.
func TestASourcesAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	for n := range 30 {
		way := guesses(w, []testkit.Person{ana, ben}[n%2])[[]string{"by address", "by token"}[n/2%2]][0]
		if err := way.try(service.Client{Source: testkit.Home}, "wrong"); !errors.Is(err, way.wrong) {
			t.Fatalf("%s, attempt %d: got %v, want %v", way.name, n+1, err, way.wrong)
		}
	}
	for _, email := range []value.Email{ana.Email, eve.Email, "nobody@example.com"} {
		w.Refused(login(w, service.Client{Source: testkit.Home}, email, testkit.Password),
			problem.CodeTooMany)
	}
	w.OK(login(w, source(1), eve.Email, testkit.Password))
	w.Advance(15 * time.Minute)
	w.OK(login(w, service.Client{Source: testkit.Home}, eve.Email, testkit.Password))
}

// Right passwords use no attempts, however many there are, and leave the wrong
// ones counted.
func TestRightPasswordsDoNotCount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	unknown := source(1)
	for group, ways := range guesses(w, ana) {
		for n := range 40 {
			if err := ways[n%len(ways)].try(unknown, testkit.Password); err != nil {
				t.Fatalf("%s, right password %d: got %v, want success", group, n+1, err)
			}
		}
	}
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "R#password#") && strings.Contains(it.Text, "ids=") {
			t.Errorf("%s counts %s", it.PK, it.Text)
		}
	}
	// A right password between wrong ones does not refund these. Its source is
	// known then, so other sources try the wrong ones.
	var from strangers
	from.n.Store(100)
	for range 20 {
		err := login(w, from.next(), ana.Email, "wrong")
		if !errors.Is(err, problem.ErrInvalidCredentials) {
			t.Fatal(err)
		}
		w.OK(login(w, unknown, ana.Email, testkit.Password))
	}
	w.Refused(login(w, from.next(), ana.Email, "wrong"), problem.CodeTooMany)
}

// An attempt is counted before its password is checked. Of any number of
// concurrent guesses, twenty are checked.
func TestGuessesAtOnceStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	var from strangers
	guess := func() error { return login(w, from.next(), ana.Email, "wrong") }
	many := make([]func() error, 45)
	for i := range many {
		many[i] = guess
	}
	looked := 0
	for _, err := range together(many...) {
		switch {
		case errors.Is(err, problem.ErrInvalidCredentials):
			looked++
		default:
			w.Refused(err, problem.CodeTooMany)
		}
	}
	if looked != 20 {
		t.Errorf("%d guesses were looked at, want 20", looked)
	}
}

// A sign-up that conflicts with another one is decided again, as often as
// needed. It counts once, because the source sent it once.
func TestADecisionMadeAgainCountsOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	others := service.New(service.Config{
		Keys: testkit.Keys, Passwords: testkit.Passwords, Background: w.Background,
		Store: store.New(w.Client, w.Table), Now: w.Now, Log: quiet(),
	}).Accounts
	for _, name := range []string{"sign-up", "resend"} {
		met := 0
		w.Faults.Always(func(operation string, _ int) testkit.Fault {
			// Another request commits between the read and the write of this
			// one.
			if operation == "TransactWriteItems" && met < 2 {
				met++
				w.OK(others.Create(t.Context(), source(1000+met), accounts.NewAccount{
					Name: "Other", Email: zoe, Password: testkit.Password, Repeated: testkit.Password,
				}))
			}
			return testkit.NoFault
		})
		me := service.Client{Source: name}
		if name == "sign-up" {
			w.OK(signUp(w, me, zoe, testkit.Password))
		} else {
			w.OK(w.Accounts.Resend(t.Context(), me, zoe))
		}
		if met != 2 {
			t.Fatalf("%s met %d others, want 2", name, met)
		}
		w.Faults.Always(nil)
		for range 29 {
			w.OK(w.Accounts.Resend(t.Context(), me, zoe))
		}
		w.Refused(w.Accounts.Resend(t.Context(), me, zoe), problem.CodeTooMany)
		w.Advance(time.Hour)
	}
}

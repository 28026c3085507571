package service_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/operation"
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

// together starts all functions at the same moment and returns their errors in
// order.
func together(fs ...func() error) []error {
	errs := make([]error, len(fs))
	var ready, done sync.WaitGroup
	gate := make(chan struct{})
	for i, f := range fs {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-gate
			errs[i] = f()
		}()
	}
	ready.Wait()
	close(gate)
	done.Wait()
	return errs
}

func succeeded(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

func TestTwoSignUpsWithOneAddressMakeOneAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	signUp := func(name string) func() error {
		return func() error {
			return w.Accounts.Create(t.Context(), service.Client{Source: name}, accounts.NewAccount{
				Name: name, Email: "one@example.com", Password: testkit.Password, Repeated: testkit.Password,
			})
		}
	}
	for _, err := range together(signUp("ana"), signUp("ben"), signUp("eve")) {
		if err != nil {
			t.Errorf("a sign-up: got %v, want success as for every other", err)
		}
	}
	if n := w.Count("A#", "A"); n != 1 {
		t.Errorf("got %d accounts, want 1", n)
	}
	codes := w.Mail("one@example.com")
	if len(codes) != 3 {
		t.Fatalf("got %d mails, want one for each sign-up", len(codes))
	}
	confirm := func(code string) func() error {
		return func() error { return w.Accounts.Confirm(t.Context(), service.Client{}, code) }
	}
	errs := together(confirm(codes[0].Data["code"]), confirm(codes[0].Data["code"]),
		confirm(codes[1].Data["code"]), confirm(codes[2].Data["code"]))
	if n := succeeded(errs); n != 1 {
		t.Errorf("%d confirmations succeeded, want 1: %v", n, errs)
	}
	if n := w.Count("P#", "P"); n != 1 {
		t.Errorf("got %d profiles, want 1", n)
	}
}

func TestProfilesNeverExceedThePlan(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana") // Scale has five profiles
	create := func() error {
		_, err := w.Profiles.Create(t.Context(), ana.Client(operation.ProfileCreate), "another", true)
		return err
	}
	errs := together(create, create, create, create, create, create, create, create, create, create)
	if n := succeeded(errs); n != 4 {
		t.Errorf("%d creations succeeded beside the first profile, want 4: %v", n, errs)
	}
	for _, err := range errs {
		if code := problem.CodeOf(err); err != nil && code != problem.CodeForbidden {
			t.Errorf("got %v (%s), want the plan's limit", err, code)
		}
	}
	if n := w.Count("P#", "P"); n != 5 {
		t.Errorf("got %d profiles, want 5", n)
	}
	account, err := w.Accounts.Get(t.Context(), ana.Client(operation.AccountGet))
	w.OK(err)
	if account.Profiles() != 5 || account.Allocated() != account.Limits {
		t.Errorf("got count %d and allocated %v, want 5 and %v", account.Profiles(), account.Allocated(), account.Limits)
	}
}

// A token that is switched to another profile while it is deleted ends up
// either deleted or switched and valid, never in between.
func TestSwitchAgainstDelete(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	other := ana.Profile("other")
	for range 20 {
		token := ana.SignIn(ana.Home, "")
		mine := testkit.ClientOf(token)
		errs := together(
			func() error {
				return w.Profiles.Switch(t.Context(),
					mine.For(operation.ProfileSwitch.Access), other)
			},
			func() error {
				return w.Tokens.Delete(t.Context(), ana.Client(operation.TokenDelete),
					service.ProfileRef{ID: ana.Home}, token)
			},
		)
		_, err := w.Tokens.Info(t.Context(), mine.For(operation.TokenInfo.Access))
		alive := err == nil
		if deleted := errs[1] == nil; deleted == alive {
			t.Fatalf("switch %v, delete %v, alive %v", errs[0], errs[1], alive)
		}
		tokens, rows := w.Count("T#"+token[2:10], ""), rowsOf(w, token)
		if tokens != rows || (tokens == 1) != alive {
			t.Fatalf("got %d tokens and %d rows, with the token valid: %v, want one of each for a valid token", tokens, rows, alive)
		}
		if alive {
			w.OK(w.Tokens.Delete(t.Context(), ana.Client(operation.TokenDelete),
				service.ProfileRef{ID: other}, token))
		}
	}
}

func rowsOf(w *testkit.World, token string) (n int) {
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "P#") && strings.HasSuffix(it.SK, "#"+token[2:10]) {
			n++
		}
	}
	return n
}

// A profile that is deleted while tokens are made for it leaves no valid token.
func TestDeleteAgainstTokenCreate(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	for range 5 {
		doomed := ana.Profile("doomed")
		var made tokens.Made
		errs := together(
			func() error {
				return w.Profiles.Delete(t.Context(), ana.Client(operation.ProfileDelete),
					service.ProfileRef{ID: doomed}, service.Credentials{Password: testkit.Password})
			},
			func() (err error) {
				made, err = w.Tokens.CreateAtLogin(t.Context(),
					service.Client{Source: "b"}, tokens.NewToken{
						Profile: service.ProfileRef{ID: doomed}, Email: string(ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "late",
					})
				return err
			},
		)
		w.OK(errs[0])
		if errs[1] != nil {
			w.Refused(errs[1], problem.CodeNotFound)
			continue
		}
		_, err := w.Tokens.Info(t.Context(),
			testkit.ClientOf(made.Text).For(operation.TokenInfo.Access))
		w.Refused(err, problem.CodeUnauthenticated)
	}
	w.Advance(tenancy.ProfileUndo)
	if _, err := w.Profiles.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.Count("D#", ""); n != 0 {
		t.Errorf("%d deleted profiles are still to be purged, want none", n)
	}
	if n := w.Count("T#", ""); n != 1 {
		t.Errorf("got %d tokens, want only the one in use", n)
	}
}

// A sweep runs at the same time as the last uses of a token. The token works
// until its end and not after. It is deleted once, with one audit entry.
func TestSweepsAgainstUse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	const tokens = 70 // three pages of a sweep
	made := make([]string, tokens)
	for i := range made {
		made[i] = mint(w, ana, "1 hour")
	}
	w.Advance(time.Hour - time.Millisecond)
	use := func() error {
		for _, token := range made[:5] {
			_, err := w.Tokens.Info(t.Context(),
				testkit.ClientOf(token).For(operation.TokenInfo.Access))
			if err != nil {
				return err
			}
		}
		return nil
	}
	sweep := func() error { _, err := w.Tokens.Expire(t.Context()); return err }
	for _, err := range together(use, sweep, use, sweep) {
		w.OK(err)
	}
	w.Advance(time.Millisecond)
	removed := make([]int, 3)
	count := func(i int) func() error {
		return func() (err error) { removed[i], err = w.Tokens.Expire(t.Context()); return err }
	}
	for _, err := range together(count(0), count(1), count(2)) {
		w.OK(err)
	}
	if sum := removed[0] + removed[1] + removed[2]; sum != tokens {
		t.Errorf("three sweeps removed %v, %d in all, want %d", removed, sum, tokens)
	}
	expired := map[string]int{}
	for e, err := range w.Store.AuditEntries(t.Context(), string(ana.Home), testkit.Start,
		w.Now().Add(time.Millisecond), "", 0) {
		w.OK(err)
		if e.Message == "Token expired" {
			expired[e.ResourceID]++
		}
	}
	if len(expired) != tokens {
		t.Errorf("got entries for %d tokens, want %d", len(expired), tokens)
	}
	for id, n := range expired {
		if n != 1 {
			t.Errorf("token %s has %d audit entries, want 1", id, n)
		}
	}
}

// A sweep whose time ends stops cleanly, and the next one continues there.
func TestASweepContinues(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	for range 65 {
		mint(w, ana, "1 hour")
	}
	w.Advance(time.Hour)
	// less than the sweep reserves for its end
	late, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	n, err := w.Tokens.Expire(late)
	if err != nil || n == 65 {
		t.Fatalf("got %d, %v; want an early end without error", n, err)
	}
	rest, err := w.Tokens.Expire(t.Context())
	if err != nil || n+rest != 65 {
		t.Errorf("then got %d, %v; want %d", rest, err, 65-n)
	}
}

// mint makes a token without hashing a password.
func mint(w *testkit.World, p testkit.Person, life string) string {
	w.Helper()
	key := secret.NewCredential()
	expires, err := tenancy.ParseExpiry(life, w.Now())
	w.OK(err)
	tx := w.Store.Begin()
	tx.CreateToken(tenancy.Token{
		ID: value.TokenID(key.ID), Hash: key.Hash(), Profile: p.Home, Account: p.ID, Name: "minted",
		Permission: tenancy.PermissionFull, Created: w.Now(), Expires: expires,
	})
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	return key.Token()
}

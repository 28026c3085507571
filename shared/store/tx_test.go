package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// The first failed step names the error of a transaction, whatever the order of
// the keys.
func TestTheFirstFailedStepNamesTheError(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	first, second := errors.New("first"), errors.New("second")
	one := func(err error) step { return func(tx *store.Tx) { tx.CheckAccount(s.account, err) } }
	two := func(err error) step { return func(tx *store.Tx) { tx.CheckGrant(s.grant(), err) } }
	for _, unit := range []steps{{one(first), two(second)}, {two(first), one(second)},
		{s.send, one(first), two(second)}} {
		if err := commit(w, unit...); !errors.Is(err, first) {
			t.Errorf("got %v, want that of the first failed step", err)
		}
	}
	must(w, s.createAccount)
	if err := commit(w, one(first), two(second)); !errors.Is(err, second) {
		t.Errorf("got %v, want that of the step that failed", err)
	}
}

// The steps write these items in addition to those that other tests read back.
func TestEffectsOfSteps(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)

	t.Run("a sign-up is forgotten when it lapses, a confirmed account is not", func(t *testing.T) {
		s := newSituation(w)
		pk := "A#" + string(s.account.ID)
		lapses := w.Now().Add(7 * day)
		must(w, func(tx *store.Tx) { tx.CreateAccount(s.signUp(), lapses) })
		if got, want := numberOf(raw(w, pk, "A"), "ttl"), unix(lapses); got != want {
			t.Errorf("got ttl %q, want %s", got, want)
		}
		must(w, func(tx *store.Tx) { tx.UpdateSignUp(s.signUp(), lapses.Add(day)) })
		if got, want := numberOf(raw(w, pk, "A"), "ttl"), unix(lapses.Add(day)); got != want {
			t.Errorf("after it was renewed: got ttl %q, want %s", got, want)
		}
		must(w, func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) })
		if it := raw(w, pk, "A"); has(it, "ttl") {
			t.Error("a confirmed account would be forgotten")
		}
		active := newSituation(w)
		must(w, active.createAccount)
		if it := raw(w, "A#"+string(active.account.ID), "A"); has(it, "ttl") {
			t.Error("an account made active would be forgotten")
		}
	})
	t.Run(
		"a reservation is forgotten when its sign-up lapses, and not once it is kept",
		func(t *testing.T) {
			s := newSituation(w)
			pk := "E#" + string(s.reservation.Email)
			must(w, s.reserveForAWhile)
			if got, want := numberOf(raw(w, pk, "E"), "ttl"), unix(s.reservation.Expires); got != want {
				t.Errorf("got ttl %q, want %s", got, want)
			}
			must(w, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) })
			if it := raw(w, pk, "E"); has(it, "ttl") || has(it, "expires") {
				t.Errorf("a kept reservation would be forgotten: %v", it)
			}
		},
	)
	t.Run(
		"signing in writes the sources and nothing that another change writes",
		func(t *testing.T) {
			s := newSituation(w)
			must(w, s.createAccount)
			edited := with(s.account, func(a *tenancy.Account) { a.Name, a.Company = "Zoe", "" })
			must(w, func(tx *store.Tx) { tx.UpdateAccount(edited) })
			later := w.Now().Add(time.Hour)
			must(w,
				func(tx *store.Tx) { tx.SignIn(s.account.SignedIn("office", later), errRefused) })
			want := with(
				at(edited, 1),
				func(a *tenancy.Account) { a.KnownSources, a.LastLogin = []string{"office", "home"}, later },
			)
			got, _, err := w.Store.AccountWithGrants(t.Context(), s.account.ID)
			w.OK(err)
			same(t, "account", got, want)
		},
	)
	t.Run("a renamed profile is renewed in the list of every active member", func(t *testing.T) {
		s := newSituation(w)
		for _, step := range s.shared() {
			must(w, step)
		}
		renamed := with(at(s.profile, 2),
			func(p *tenancy.Profile) { p.Name, p.LogoURL = "new", "" })
		must(w, func(tx *store.Tx) { tx.UpdateProfile(renamed, s.team()) })
		batch := w.Store.Batch()
		own, member := batch.Grant(s.account.ID, s.profile.ID), batch.Grant(s.member.Account,
			s.profile.ID)
		w.OK(batch.Get(t.Context()))
		same(t, "owner's grant", own.Value, renamed.OwnerGrant())
		same(t, "member's grant", member.Value, renamed.MemberGrant(s.member))
	})
	t.Run(
		"a deleted profile leaves its tokens and an entry that makes them go",
		func(t *testing.T) {
			s := newSituation(w)
			for _, step := range append(s.shared(), s.createToken) {
				must(w, step)
			}
			must(w, func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 2), s.team(), w.Now()) })
			var left []string
			for _, it := range w.Items() {
				if strings.Contains(it.PK+it.SK, string(s.profile.ID)) {
					left = append(left, it.PK[:2]+it.SK[:1])
				}
			}
			same(t, "what is left under its id", left, []string{"D#D", "P#T"})
			same(t, "due profiles", due(w, store.DueProfile, w.Now()),
				[]string{string(s.profile.ID)})
		},
	)
	t.Run("a moved token has one row, in its new profile, and keeps its end", func(t *testing.T) {
		s := newSituation(w)
		must(w, s.createToken)
		must(w, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) })
		same(t, "rows in the old profile", rows(w, s.profile.ID, false, 0), nil)
		same(t, "rows in the new profile", rows(w, "another", false, 0),
			[]string{string(s.token.ID)})
		if got := due(w, store.DueToken, w.Now()); !slices.Contains(got, string(s.token.ID)) {
			t.Errorf("due tokens: got %v, want %s among them", got, s.token.ID)
		}
		// The row is found by the key under which it was created, so deleting
		// it needs no search.
		must(w, func(tx *store.Tx) { tx.DeleteToken(s.hijacked(), errRefused) })
		same(t, "rows after it was deleted", rows(w, "another", false, 0), nil)
	})
}

// DynamoDB accepts 100 actions in a transaction. A larger transaction is
// refused before anything is sent.
func TestATransactionHoldsAHundredSteps(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	mails := func(n int) steps {
		unit := make(steps, n)
		for i := range unit {
			m := newMail(w)
			unit[i] = func(tx *store.Tx) { tx.Send(m, sealed) }
		}
		return unit
	}
	must(w, mails(100)...)
	w.Meter.Reset()
	w.Refused(commit(w, mails(101)...), problem.CodeInternal)
	if used := w.Meter.Reset(); used.Requests != 0 {
		t.Errorf("a transaction that is too large took %d requests, want none", used.Requests)
	}
	if n := w.Count("O#", ""); n != 100 {
		t.Errorf("got %d mails, want 100", n)
	}
}

// An empty transaction cannot fail. Work that runs beside a commit runs whether
// or not the commit succeeds.
func TestWhatRunsBesideACommit(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ran := 0
	w.Meter.Reset()
	must(w, func(tx *store.Tx) { tx.Beside(func() { ran++ }) })
	if used := w.Meter.Reset(); ran != 1 || used.Requests != 0 {
		t.Errorf("the work ran %d times, with %d requests, want once and none", ran, used.Requests)
	}
	m := newMail(w)
	must(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	w.Refused(commit(w, func(tx *store.Tx) { tx.Send(m, sealed); tx.Beside(func() { ran++ }) }),
		problem.CodeConflict)
	if ran != 2 {
		t.Errorf("beside a commit that fails it ran %d times, want once", ran-1)
	}
}

type failing struct {
	request, name string
	do            func(*testkit.World, *store.Store) error
}

// A temporary failure gets a code that allows a retry. A request that DynamoDB
// never accepts is an internal error.
func TestFailuresHaveCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []failing{
		{"TransactWriteItems", "Commit", func(w *testkit.World, s *store.Store) error {
			tx := s.Begin()
			tx.Audit(auditlog.Entry{ID: "a", Log: "a", Time: w.Now()})
			return tx.CommitAside(w.Context(), store.Origin{})
		}},
		{"BatchGetItem", "Get", func(w *testkit.World, s *store.Store) error {
			batch := s.Batch()
			batch.Account("a")
			return batch.Get(w.Context())
		}},
		{"Query", "AccountWithGrants", func(w *testkit.World, s *store.Store) error {
			_, _, err := s.AccountWithGrants(w.Context(), "a")
			return err
		}},
		{"Query", "ProfileWithMembers", func(w *testkit.World, s *store.Store) error {
			_, _, err := s.ProfileWithMembers(w.Context(), "a")
			return err
		}},
		{"Query", "AuditEntries", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.AuditEntries(w.Context(), "a", w.Now().Add(-time.Hour),
				w.Now(), "", 0) {
				return err
			}
			return nil
		}},
		{"Query", "TokenRows", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.TokenRows(w.Context(), "a", store.Walk{PageSize: 1}) {
				return err
			}
			return nil
		}},
		{"Query", "Due", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.Due(w.Context(), store.DueMail, w.Now()) {
				return err
			}
			return nil
		}},
		{"Query", "TransfersOf", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.TransfersOf(w.Context(), "a",
				store.Walk{NewestFirst: true, PageSize: 1}) {
				return err
			}
			return nil
		}},
		{"Query", "TransfersOffered", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.TransfersOffered(w.Context(), "a",
				store.Walk{NewestFirst: true, PageSize: 1}) {
				return err
			}
			return nil
		}},
		{"Query", "QueuedTransfers", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.QueuedTransfers(w.Context(), store.Walk{PageSize: 1}) {
				return err
			}
			return nil
		}},
		{"Query", "CostCuts", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.CostCuts(w.Context(), "a") {
				return err
			}
			return nil
		}},
		{"Query", "PurgeProfile", func(w *testkit.World, s *store.Store) error {
			_, err := s.PurgeProfile(w.Context(), "a", w.Now())
			return err
		}},
		{"Query", "Hours", func(w *testkit.World, s *store.Store) error {
			_, err := s.Hours(w.Context(), "a", w.Now(), w.Now().Add(time.Hour))
			return err
		}},
		{"Query", "Charges", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.Charges(w.Context(), "a", w.Now(), w.Now().Add(time.Hour)) {
				return err
			}
			return nil
		}},
		{"Query", "AllCharges", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.AllCharges(w.Context(), "a",
				store.Walk{NewestFirst: true, PageSize: 1}) {
				return err
			}
			return nil
		}},
		{"Query", "Snapshots", func(w *testkit.World, s *store.Store) error {
			_, err := s.Snapshots(w.Context(), "a", w.Now(), w.Now().Add(time.Hour))
			return err
		}},
		{"UpdateItem", "Count", func(w *testkit.World, s *store.Store) error {
			_, err := s.Count(w.Context(), store.RateWindow{Subject: "a", End: w.Now()})
			return err
		}},
		{"UpdateItem", "MailSent", func(w *testkit.World, s *store.Store) error {
			return s.MailSent(w.Context(), store.OutboxMail{}, w.Now())
		}},
	} {
		c.play(t)
	}
}

func (c failing) play(t *testing.T) {
	// The retries of a client share a budget, so each call has a client of its
	// own.
	w := testkit.New(t)
	for _, fault := range []testkit.Fault{testkit.Throttled, testkit.BrokenService,
		testkit.LostAnswer} {
		w.Faults.Always(func(operation string, _ int) testkit.Fault {
			if operation == c.request {
				return fault
			}
			return testkit.NoFault
		})
		before := w.Faults.Happened()
		if err := c.do(w, w.Store); problem.CodeOf(err) != problem.CodeUnavailable {
			t.Errorf("%s: got %v, want CodeUnavailable", c.name, err)
		}
		// The SDK sends a request three times, and the store sends four times
		// what finds no capacity. Of two concurrent requests, each is sent.
		want := 3
		if fault == testkit.Throttled {
			want = 12
		}
		if c.name == "Hours" {
			want *= 2
		}
		if n := w.Faults.Happened() - before; n != want {
			t.Errorf("%s was tried %d times, want %d", c.name, n, want)
		}
	}
	missing := store.New(w.Client, "no-such-table")
	if err := c.do(w, missing); problem.CodeOf(err) != problem.CodeInternal {
		t.Errorf("%s of a table that is not there: got %v, want CodeInternal", c.name, err)
	}
}

package store_test

import (
	"testing"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// One round trip returns everything that was asked for, of all kinds. An item
// that does not exist is not found, and no item of somebody else is returned.
func TestBatch(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s, other := newSituation(w), newSituation(w)
	for _, s := range []situation{s, other} {
		must(w, s.createAccount, s.createToken, s.createCode, s.send, s.reserveForGood)
		for _, step := range s.shared() {
			must(w, step)
		}
		must(w, s.report(2, billing.Usage{}, s.now, line(plan.ServiceInput, 7, "an#event")))
	}
	w.Meter.Reset()
	batch := w.Store.Batch()
	account, again := batch.Account(s.account.ID), batch.Account(s.account.ID)
	reservation := batch.EmailReservation(s.reservation.Email)
	profile := batch.Profile(s.profile.ID)
	grant := batch.Grant(s.member.Account, s.profile.ID)
	token := batch.Token(s.token.ID)
	code := batch.Confirmation(s.code.ID)
	mail := batch.Message(s.mail.ID)
	noGrant := batch.Grant(s.account.ID, other.profile.ID)
	foreignGrant := batch.Grant(other.account.ID, s.profile.ID)
	usage, event := batch.Usage(s.profile.ID), batch.UsageEvent(s.profile.ID, "an#event")
	noEvent := batch.UsageEvent(s.profile.ID, "an")
	noUsage := batch.Usage("000000000000000000000000")
	noAccount, noToken := batch.Account("000000000000000000000000"), batch.Token("00000000")
	// The id of one kind finds nothing of another kind.
	noProfile := batch.Profile(value.ProfileID(s.account.ID))
	w.OK(batch.Get(t.Context()))
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("%d requests, want 1", used.Requests)
	}
	same(t, "account", account, &store.Found[tenancy.Account]{Value: s.account, OK: true})
	same(t, "the same account, asked for again", again, account)
	same(
		t,
		"claim",
		reservation,
		&store.Found[tenancy.EmailReservation]{Value: s.permanent(), OK: true},
	)
	same(t, "profile", profile, &store.Found[tenancy.Profile]{Value: at(s.profile, 2), OK: true})
	same(
		t,
		"grant",
		grant,
		&store.Found[tenancy.Grant]{Value: s.profile.MemberGrant(s.member), OK: true},
	)
	same(t, "token", token, &store.Found[tenancy.Token]{Value: s.token, OK: true})
	same(t, "code", code, &store.Found[tenancy.Confirmation]{Value: s.code, OK: true})
	same(
		t,
		"mail",
		mail,
		&store.Found[store.OutboxMail]{
			Value: store.OutboxMail{Message: s.mail, Sealed: sealed, Pending: true},
			OK:    true,
		},
	)
	update := s.usageUpdate(2, billing.Usage{}, s.now, line(plan.ServiceInput, 7, ""))
	same(t, "usage", usage, &store.Found[billing.Usage]{Value: update.After, OK: true})
	same(t, "event", event, &store.Found[billing.UsageAnswer]{Value: update.Answers[0], OK: true})
	for what, found := range map[string]bool{
		"an event of a name that begins alike": noEvent.OK, "usage of no profile": noUsage.OK,
		"a grant on a stranger's profile": noGrant.OK, "a stranger's grant": foreignGrant.OK, "no account": noAccount.OK,
		"no token": noToken.OK, "an account's id as a profile's": noProfile.OK,
	} {
		if found {
			t.Errorf("%s was found, want nothing", what)
		}
	}

	w.OK(w.Store.Batch().Get(t.Context()))
	if used := w.Meter.Reset(); used.Requests != 0 {
		t.Errorf("an empty batch cost %d requests, want none", used.Requests)
	}
}

// DynamoDB may return keys unprocessed when it lacks capacity. The batch asks
// for them again, with the same consistency, until it has all of them. A batch
// that stays incomplete is an error: its missing items must not look as if they
// did not exist.
func TestUnprocessedKeys(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	accounts := make([]tenancy.Account, 20)
	for i := range accounts {
		accounts[i] = newAccount(w)
		must(w, func(tx *store.Tx) { tx.CreateAccount(accounts[i], w.Now()) })
	}
	get := func() ([]*store.Found[tenancy.Account], error) {
		batch := w.Store.Batch()
		found := make([]*store.Found[tenancy.Account], len(accounts))
		for i, a := range accounts {
			found[i] = batch.Account(a.ID)
		}
		return found, batch.Get(t.Context())
	}
	w.Meter.Reset()
	w.Faults.Next("BatchGetItem", testkit.Unprocessed, testkit.Unprocessed, testkit.Unprocessed)
	found, err := get()
	w.OK(err)
	for i, f := range found {
		same(t, "account", f, &store.Found[tenancy.Account]{Value: accounts[i], OK: true})
	}
	// The four requests get 10 of 20 items, 5 of 10, 2 of 5, and the rest.
	if used := w.Meter.Reset(); used.Requests != 4 {
		t.Errorf("%d requests, want 4", used.Requests)
	}

	w.Faults.Always(func(string, int) testkit.Fault { return testkit.Unprocessed })
	_, err = get()
	w.Refused(err, problem.CodeUnavailable)
	if used := w.Meter.Reset(); used.Requests != store.MaxAttempts {
		t.Errorf("%d requests, want %d", used.Requests, store.MaxAttempts)
	}
}

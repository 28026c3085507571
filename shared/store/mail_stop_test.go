package store_test

import (
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func mailStopConditions(s situation) map[string][]condition {
	none := new(store.Found[mailing.Stop])
	first := s.stopped(mailing.ReturnInvalid)
	read := &store.Found[mailing.Stop]{Value: first, OK: true}
	again := func(was *store.Found[mailing.Stop]) step {
		return func(tx *store.Tx) {
			tx.StopMail(first.After(mailing.ReturnComplaint, s.now), was)
		}
	}
	refused := s.guest()
	refused.Returned = tenancy.MailReturn{Time: s.now, Invalid: true}
	returned := func(tx *store.Tx) { tx.ReturnInvitation(refused) }
	came := func(was mailing.ReturnKind) step {
		return func(tx *store.Tx) {
			m := store.OutboxMail{Message: s.mail, Returned: was}
			tx.ReturnMail(m, mailing.ReturnRefused, s.now)
		}
	}
	return map[string][]condition{
		"StopMail": {
			{"an address without one", nil, again(none), nil},
			{"one that was read", steps{s.stop}, again(read), nil},
			{"one that is there since", steps{s.stop}, again(none), problem.ErrConflict},
			{"one that changed since", steps{s.stop, again(read)}, again(read), problem.ErrConflict},
			{"one that is gone since", nil, again(read), problem.ErrConflict},
		},
		"ReturnInvitation": {
			{"one that is pending", s.shared(), returned, nil},
			{"one that was renewed", append(s.shared(), s.renew), returned, problem.ErrConflict},
			{"none", nil, returned, problem.ErrConflict},
		},
		"ReturnMail": {
			{"one that did not", steps{s.send}, came(""), nil},
			{"again, in another way", steps{s.send, came("")}, came(mailing.ReturnRefused), nil},
			{"one that did since", steps{s.send, came("")}, came(""), problem.ErrConflict},
			{
				"one that did in another way since",
				steps{s.send, came("")},
				came(mailing.ReturnDelayed),
				problem.ErrConflict,
			},
			{"none", nil, came(""), problem.ErrConflict},
		},
	}
}

func (s situation) stopped(k mailing.ReturnKind) mailing.Stop {
	return mailing.Stop{Email: s.account.Email}.After(k, s.now)
}

func (s situation) stop(tx *store.Tx) {
	tx.StopMail(s.stopped(mailing.ReturnInvalid), new(store.Found[mailing.Stop]))
}

// stopAt reads the stop of an address.
func stopAt(w *testkit.World, s situation) *store.Found[mailing.Stop] {
	w.Helper()
	batch := w.Store.Batch()
	found := batch.MailStop(s.account.Email)
	w.OK(batch.Get(w.Context()))
	return found
}

// A mail stop is read back as it was written. The table deletes it some time
// after its end, and confirming the address deletes it at once.
func TestTheLifeOfAStop(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.stop)
	was := stopAt(w, s)
	same(t, "the stop", was.Value, s.stopped(mailing.ReturnInvalid))
	both := was.Value.After(mailing.ReturnComplaint, w.Now().Add(time.Hour))
	must(w, func(tx *store.Tx) { tx.StopMail(both, was) })
	same(t, "the longer stop", stopAt(w, s).Value, both)
	must(w, func(tx *store.Tx) { tx.ResumeMail(s.account.Email) })
	if stopAt(w, s).OK {
		t.Error("the stop is still there")
	}
	// Resuming mails without a stop is no error.
	must(w, func(tx *store.Tx) { tx.ResumeMail(s.account.Email) })
}

// A mail that a stop keeps back is delivered by no later reader, and its
// contents are deleted.
func TestAMailThatIsKeptBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := sent(w)
	w.OK(w.Store.MailStopped(t.Context(), m, mailing.ReturnInvalid, w.Now()))
	got := outboxMail(w, m)
	if got.Pending || got.Sealed != nil || got.Stopped != mailing.ReturnInvalid || got.Dead != "" {
		t.Errorf("the mail is %+v, want it kept back and without contents", got)
	}
	if mine, err := w.Store.LeaseMail(t.Context(), m, "by", w.Now(), w.Now()); mine || err != nil {
		t.Errorf("it can be delivered: %v, %v", mine, err)
	}
}

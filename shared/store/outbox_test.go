package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

func outboxConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"Send": {
			{"a new id", nil, s.send, nil},
			{"an id in use", steps{s.send}, s.send, problem.ErrConflict},
		},
	}
}

func (s situation) send(tx *store.Tx) { tx.Send(s.mail, sealed) }

// outboxMail reads a mail of the outbox.
func outboxMail(w *testkit.World, m store.OutboxMail) store.OutboxMail {
	w.Helper()
	batch := w.Store.Batch()
	found := batch.Message(m.ID)
	w.OK(batch.Get(w.Context()))
	if !found.OK {
		w.Fatalf("mail %s is not in the outbox", m.ID)
	}
	return found.Value
}

// sent puts a mail into the outbox.
func sent(w *testkit.World) store.OutboxMail {
	w.Helper()
	m := newMail(w)
	must(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	return outboxMail(w, store.OutboxMail{Message: m})
}

// stored is the text of all attributes of a mail's item.
func stored(w *testkit.World, m store.OutboxMail) string {
	w.Helper()
	for _, it := range w.Items() {
		if it.PK == "O#"+string(m.ID) {
			return it.Text
		}
	}
	return ""
}

// A mail waits, is reserved by one delivery at a time, and is sent or given up
// at the end. Until then the index has the time at which it is due.
func TestTheLifeOfAMail(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	now := w.Now()
	dueAt := func(m store.OutboxMail, want time.Time) {
		t.Helper()
		for entry, err := range w.Store.Due(t.Context(), store.DueMail, now.Add(1000*day)) {
			w.OK(err)
			if entry.ID == string(m.ID) {
				if !entry.At.Equal(want) {
					t.Errorf("it is due at %v, want %v", entry.At, want)
				}
				return
			}
		}
		if !want.IsZero() {
			t.Errorf("it is not due, want %v", want)
		}
	}
	is := func(m store.OutboxMail, attempts int, pending bool, dead string) store.OutboxMail {
		t.Helper()
		got := outboxMail(w, m)
		if got.Attempts != attempts || got.Pending != pending || got.Dead != dead {
			t.Errorf("got %+v, want %d attempts, pending %v, dead %q", got, attempts, pending, dead)
		}
		if words := len(got.Sealed) > 0; words != pending {
			t.Errorf("its words are there: %v, want %v", words, pending)
		}
		return got
	}

	m := is(sent(w), 0, true, "")
	// Only the stream delivers a new mail at first.
	dueAt(m, now.Add(10*time.Second))

	lease := now.Add(2 * time.Minute)
	if !reservation(w, m, now, lease) {
		t.Fatal("a new mail could not be reserved")
	}
	m = is(m, 1, true, "")
	dueAt(m, lease)
	if reservation(w, m, now, lease) ||
		reservation(w, m, lease.Add(-time.Millisecond), lease.Add(time.Hour)) {
		t.Error("the mail was reserved twice within a lease")
	}
	if !reservation(w, m, lease, lease.Add(time.Hour)) {
		t.Error("the mail could not be reserved when the lease had ended")
	}
	m = is(m, 2, true, "")
	dueAt(m, lease.Add(time.Hour))

	// A failed delivery releases its reservation and sets a later due time. The
	// next delivery need not wait for the end of the lease.
	w.OK(w.Store.MailLater(t.Context(), m, now.Add(day)))
	m = is(m, 2, true, "")
	dueAt(m, now.Add(day))
	if reservation(w, with(m, func(o *store.OutboxMail) { o.Attempts = 1 }), now, lease) {
		t.Error("the mail was reserved by a delivery that read it before the last attempt")
	}
	if !reservation(w, m, now, lease) {
		t.Error("the mail could not be reserved after it was released")
	}
	m = is(m, 3, true, "")

	w.OK(w.Store.MailSent(t.Context(), m, now))
	m = is(m, 3, false, "")
	dueAt(m, time.Time{})
	got, want := numberOf(raw(w, "O#"+string(m.ID), "O"), "ttl"), unix(now.Add(35*day))
	if got != want {
		t.Errorf("a sent mail is forgotten at %q, want %s", got, want)
	}
	// A mail that has ended stays so, in any order of late reports.
	before := w.Items()
	if reservation(w, m, now.Add(day), now.Add(2*day)) {
		t.Error("a sent mail was reserved")
	}
	w.OK(w.Store.MailLater(t.Context(), m, now))
	w.OK(w.Store.MailDead(t.Context(), m, "late", now))
	w.OK(w.Store.MailSent(t.Context(), m, now))
	same(t, "the table after late reports", w.Items(), before)

	d := sent(w)
	reservation(w, d, now, lease)
	w.OK(w.Store.MailDead(t.Context(), d, "no such address", now))
	d = is(d, 1, false, "no such address")
	dueAt(d, time.Time{})
	got, want = numberOf(raw(w, "O#"+string(d.ID), "O"), "ttl"), unix(now.Add(35*day))
	if got != want {
		t.Errorf("a mail that was given up is forgotten at %q, want %s", got, want)
	}
	before = w.Items()
	if reservation(w, d, now.Add(day), now.Add(2*day)) {
		t.Error("a mail that was given up was reserved")
	}
	w.OK(w.Store.MailLater(t.Context(), d, now))
	w.OK(w.Store.MailDead(t.Context(), d, "another reason", now))
	same(t, "the table after late reports on it", w.Items(), before)
	for _, it := range w.Items() {
		if strings.Contains(it.Text, "sealed") || strings.Contains(it.Text, "data") {
			t.Errorf("contents of the mail are left in %s", it.Text)
		}
	}

	// A report about a mail that does not exist creates none.
	none := store.OutboxMail{Message: newMail(w)}
	before = w.Items()
	if reservation(w, none, now, lease) {
		t.Error("a mail that does not exist was reserved")
	}
	w.OK(w.Store.MailSent(t.Context(), none, now))
	w.OK(w.Store.MailLater(t.Context(), none, now))
	w.OK(w.Store.MailDead(t.Context(), none, "reason", now))
	same(t, "the table", w.Items(), before)
}

// Of many deliveries that reserve a mail at the same time, one gets it.
func TestOneOfManyReservationsWins(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	for range 10 {
		m := sent(w)
		const claims = 6
		var wg sync.WaitGroup
		won := make([]bool, claims)
		for i := range claims {
			wg.Go(func() {
				var err error
				if won[i], err = w.Store.LeaseMail(t.Context(), m, secret.NewID(w.Now()), w.Now(),
					w.Now().Add(time.Minute)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n := 0
		for _, mine := range won {
			if mine {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%d claims won, want 1: %s", n, stored(w, m))
		}
	}
}

// The answer to a reservation is lost and the SDK repeats the request. The
// reservation still belongs to the caller and counts once. Otherwise the mail
// would wait until the lease ends, with nobody sending it.
func TestAReservationWhoseAnswerIsLostStillHolds(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := sent(w)
	w.Faults.Next("UpdateItem", testkit.LostAnswer, testkit.LostAnswer)
	if !reservation(w, m, w.Now(), w.Now().Add(time.Minute)) {
		t.Error("the reservation was taken for somebody else's")
	}
	if got := outboxMail(w, m); got.Attempts != 1 {
		t.Errorf("got %d attempts, want 1", got.Attempts)
	}
}

// The outbox may have mails from the time before their contents were sealed.
// They are read as they are, and expire like others.
func TestAMailFromBeforeWordsWereSealed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := sent(w)
	words := map[string]types.AttributeValue{"code": &types.AttributeValueMemberS{Value: "plain"}}
	_, err := w.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:        &w.Table,
		UpdateExpression: aws.String("SET #data = :data REMOVE #sealed"),
		Key: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: "O#" + string(m.ID)},
			"SK": &types.AttributeValueMemberS{Value: "O"},
		},
		ExpressionAttributeNames: map[string]string{"#data": "data", "#sealed": "sealed"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":data": &types.AttributeValueMemberM{Value: words},
		},
	})
	w.OK(err)
	if m = outboxMail(w, m); m.Data["code"] != "plain" || m.Sealed != nil {
		t.Errorf("got %+v, want its words as they were", m)
	}
	w.OK(w.Store.MailSent(t.Context(), m, w.Now()))
	if got := stored(w, m); strings.Contains(got, "plain") {
		t.Errorf("contents of the mail are left in %s", got)
	}
}

func TestMessageIDOfKey(t *testing.T) {
	t.Parallel()
	for pk, want := range map[string]mailing.ID{
		"O#0123456789abcdef01234567": "0123456789abcdef01234567",
		"O#":                         "",
		"O":                          "",
		"":                           "",
		"A#0123456789abcdef01234567": "",
		"P#O#0123456789abcdef":       "",
	} {
		got, ok := store.MessageIDOfKey(pk)
		if got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", pk, got, ok, want)
		}
	}
	w := testkit.New(t)
	m := newMail(w)
	must(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	var found []string
	for _, it := range w.Items() {
		if id, ok := store.MessageIDOfKey(it.PK); ok {
			found = append(found, string(id))
		}
	}
	same(t, "mails by their keys in the table", found, []string{string(m.ID)})
	if raw(w, fmt.Sprintf("O#%s", m.ID), "O") == nil {
		t.Error("the mail is not where the stream will say it is")
	}
}

package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/event"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service/audit"
	"profiles/shared/service/core"
	"profiles/shared/service/webhooks"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/webhook"
)

// hooks is a world with a webhook of ana's first profile.
type hooks struct {
	*testkit.World
	ana  testkit.Person
	of   webhooks.Of
	made webhooks.Made
	// sealed are the entries that the stream has told of.
	sealed map[string]bool
}

const receiverURL = "https://example.com/events"

func newHooks(t *testing.T, events ...string) *hooks {
	w := testkit.New(t)
	ana := w.Quick("ana")
	home := at(ana.Home)
	h := &hooks{World: w, ana: ana, of: &home, sealed: map[string]bool{}}
	h.seal()
	h.made = h.create(h.of, events...)
	return h
}

func (h *hooks) create(of webhooks.Of, events ...string) webhooks.Made {
	h.Helper()
	made, err := h.Webhooks.Create(h.Context(), h.ana.Client(operation.WebhookCreate), of,
		webhook.Edit{URL: ptr(receiverURL), Events: &events})
	h.OK(err)
	return made
}

// seal seals all entries, as the stream of the table tells of them, and returns
// how many those of ana's first profile were.
func (h *hooks) seal() (n int) {
	h.Helper()
	items := h.Items()
	slices.SortFunc(items, func(a, b testkit.Item) int { return strings.Compare(a.SK, b.SK) })
	var batch []audit.Item
	for _, it := range items {
		if key := it.PK + " " + it.SK; strings.HasPrefix(it.PK, "L#") && it.SK != "H" &&
			!h.sealed[key] {
			place := store.EntryPlace{PK: it.PK, SK: it.SK}
			batch = append(batch, audit.Item{EntryPlace: place, Written: h.Now()})
			h.sealed[key] = true
			if strings.HasPrefix(it.PK, "L#"+string(h.ana.Home)) {
				n++
			}
		}
	}
	h.OK(errors.Join(h.Chain.SealItems(h.Context(), batch)...))
	return n
}

// rename changes the profile, and moves the time.
func (h *hooks) rename(name string) {
	h.Helper()
	h.Advance(time.Second)
	h.OK(h.Profiles.Edit(h.Context(), h.ana.Client(operation.ProfileEdit), *h.of,
		tenancy.ProfileEdit{Name: &name}))
}

func (h *hooks) deliver() int {
	h.Helper()
	n, err := h.Webhooks.Deliver(h.Context())
	h.OK(err)
	return n
}

func (h *hooks) list(id webhook.ID) []webhook.Delivery {
	h.Helper()
	l, err := h.Webhooks.Deliveries(h.Context(), h.ana.Client(operation.DeliveryList), h.of, id,
		core.Paging{Amount: 100})
	h.OK(err)
	return l.Rows
}

func body(t *testing.T, m webhook.Message) (b event.Body) {
	t.Helper()
	if err := json.Unmarshal(m.Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// Each change has one event with the id of its audit entry, in the order of the
// log, and no event is without a change.
func TestEachChangeHasOneEvent(t *testing.T) {
	t.Parallel()
	h := newHooks(t)
	other := h.create(h.of, "token.*")
	for i := range 5 {
		h.rename(fmt.Sprint("name ", i))
	}
	h.OK(h.Tokens.RevokeAll(t.Context(), h.ana.Client(operation.TokenRevokeAll), *h.of))
	n := h.seal()
	if got := h.deliver(); got != n+1 {
		t.Errorf("%d events were taken of %d entries, one of them twice", got, n)
	}
	seen, last := map[string]bool{}, int64(0)
	for _, m := range h.Receiver.Got() {
		b := body(t, m)
		if m.ID != b.ID || m.URL != receiverURL || len(m.Secrets) != 1 {
			t.Errorf("got %+v", m)
		}
		if m.Secrets[0] == other.Plain {
			if b.Type != "token.revoked" {
				t.Errorf("the webhook of tokens hears of %s", b.Type)
			}
			continue
		}
		if m.Secrets[0] != h.made.Plain || *b.Sequence != last+1 && last != 0 || seen[b.ID] {
			t.Errorf("after event %d comes %d, %s", last, *b.Sequence, b.ID)
		}
		seen[b.ID], last = true, *b.Sequence
	}
	for e, err := range h.Store.AuditEntries(t.Context(), string(h.ana.Home),
		h.Now().Add(-time.Hour), h.Now().Add(time.Hour), "", 0) {
		h.OK(err)
		if e.Time.Before(h.made.Created) {
			continue
		}
		if delete(seen, e.ID); len(seen) > n {
			t.Errorf("the entry %q has no event", e.Message)
		}
	}
	if len(seen) > 0 {
		t.Errorf("events without an entry: %v", seen)
	}
	// A second delivery of a record of the stream, and another run, send
	// nothing.
	clear(h.sealed)
	h.seal()
	h.Advance(time.Hour)
	if got := h.deliver(); got != 0 {
		t.Errorf("%d events were sent again", got)
	}
}

// An event that its receiver refuses does not stop the others, is tried for a
// day, and can then be sent by hand with the same id.
func TestARefusedEvent(t *testing.T) {
	t.Parallel()
	h := newHooks(t, "profile.*")
	h.rename("one")
	h.seal()
	var refused string
	h.Receiver.Answer(func(m webhook.Message) webhook.Answer {
		if refused == "" || refused == m.ID {
			refused = m.ID
			return webhook.Answer{Status: 500, Body: "no"}
		}
		return webhook.Answer{Status: 200}
	})
	h.deliver()
	h.rename("two")
	h.rename("three")
	h.seal()
	h.Advance(2 * time.Minute)
	if got := h.deliver(); got != 2 {
		t.Errorf("%d events were taken beside the refused one, want 2", got)
	}
	tries := 0
	for n := range 30 * 60 {
		h.Advance(time.Minute)
		if n == 12*60 {
			// The refused one is tried again after hours now.
			h.rename("four")
			h.seal()
			h.Advance(time.Minute)
			if got := h.deliver(); got != 1 {
				t.Errorf("%d events were taken a minute after the change, want 1", got)
			}
		}
		h.deliver()
	}
	for _, m := range h.Receiver.Got() {
		if m.ID == refused {
			tries++
		}
	}
	rows := h.list(h.made.ID)
	last := rows[len(rows)-1]
	if last.ID != refused || last.State != webhook.Dead || last.Attempts != tries ||
		tries < 10 || tries > 20 || last.Answer.Status != 500 || last.Answer.Body != "no" {
		t.Errorf("after %d tries: %+v", tries, last)
	}
	h.Receiver.Answer(nil)
	client := h.ana.Client(operation.DeliveryResend)
	// Two requests at once send it once.
	h.OK(h.Webhooks.Resend(t.Context(), client, h.of, h.made.ID, refused))
	h.OK(h.Webhooks.Resend(t.Context(), client, h.of, h.made.ID, refused))
	if err := h.Webhooks.Resend(
		t.Context(), client, h.of, h.made.ID, h.NextID(),
	); !errors.Is(err, webhook.ErrNoDelivery) {
		t.Errorf("a delivery that there is not: %v", err)
	}
	h.deliver()
	if got := h.Receiver.Got(); len(got) != 1 || got[0].ID != refused {
		t.Errorf("sent by hand: %+v", got)
	}
}

// However many refused events wait to be sent again, a new one is sent.
func TestManyRefusedEventsStopNoOther(t *testing.T) {
	t.Parallel()
	h := newHooks(t, "token.*")
	const refused = 150
	for i := range refused + 1 {
		d := webhook.Delivery{
			ID: fmt.Sprintf("%024x", i+1), Webhook: h.made.ID, Type: "token.created",
			Body: []byte("{}"), Order: int64(i + 1), Created: h.Now(), State: webhook.Pending,
			Next: h.Now().Add(time.Hour),
		}
		if i == refused {
			d.Next = h.Now()
		}
		tx := h.Store.Begin()
		tx.Queue(string(h.ana.Home), h.Now(), d)
		h.OK(tx.CommitAside(t.Context(), store.Origin{}))
	}
	if got := h.deliver(); got != 1 {
		t.Errorf("%d events were taken, want the new one", got)
	}
	if got := h.deliver(); got != 0 {
		t.Errorf("%d events were taken before their time", got)
	}
	h.Advance(time.Hour)
	got := 0
	for range 3 {
		got += h.deliver()
		h.Advance(time.Minute)
	}
	if got != refused {
		t.Errorf("%d events were taken when it was time, want %d", got, refused)
	}
}

// A webhook that takes nothing for three days is disabled, and its owner is
// told. Enabled again, it has three days again.
func TestAWebhookThatFailsIsDisabled(t *testing.T) {
	t.Parallel()
	h := newHooks(t, "profile.*")
	h.Receiver.Answer(func(webhook.Message) webhook.Answer {
		return webhook.Answer{Error: "the host refuses connections"}
	})
	enabled := func() bool {
		all, err := h.Webhooks.List(t.Context(), h.ana.Client(operation.WebhookList), h.of)
		h.OK(err)
		return all[0].Enabled
	}
	for hour := 0; enabled(); hour++ {
		if hour > 80 {
			t.Fatal("it is enabled for ever")
		}
		h.rename(fmt.Sprint("name ", hour))
		h.seal()
		h.Advance(time.Hour)
		h.deliver()
		if hour < 71 && !enabled() {
			t.Fatalf("it is disabled after %d hours", hour)
		}
	}
	mails := 0
	for _, m := range h.Mail(h.ana.Email) {
		if m.Kind == "webhook-disabled" {
			mails++
		}
	}
	if mails != 1 {
		t.Errorf("%d mails, want 1", mails)
	}
	h.Advance(time.Hour)
	h.deliver()
	for _, d := range h.list(h.made.ID) {
		if d.State != webhook.Dead {
			t.Errorf("a disabled webhook waits for %+v", d)
		}
	}
	if _, err := h.Webhooks.Test(
		t.Context(), h.ana.Client(operation.WebhookTest), h.of, h.made.ID,
	); problem.CodeOf(err) != problem.CodeConflict {
		t.Errorf("a test of it: %v", err)
	}
	h.OK(h.Webhooks.Edit(t.Context(), h.ana.Client(operation.WebhookEdit), h.of, h.made.ID,
		webhook.Edit{Enabled: ptr(true)}))
	h.rename("again")
	h.seal()
	h.deliver()
	h.Advance(time.Hour)
	if h.deliver(); !enabled() {
		t.Error("its first failure disables it again")
	}
}

// Both secrets sign for a day after a rotation.
func TestARotatedSecretSignsForADay(t *testing.T) {
	t.Parallel()
	h := newHooks(t, "profile.*")
	again, err := h.Webhooks.Rotate(
		t.Context(), h.ana.Client(operation.WebhookRotate), h.of, h.made.ID)
	h.OK(err)
	signs := func(after time.Duration, want ...string) {
		h.Advance(after)
		h.rename("after " + after.String())
		h.seal()
		h.deliver()
		if got := h.Receiver.Got(); len(got) != 1 || !slices.Equal(got[0].Secrets, want) {
			t.Errorf("after %s: %+v", after, got)
		}
	}
	signs(23*time.Hour, again.Plain, h.made.Plain)
	signs(2*time.Hour, again.Plain)
}

// The owner of a profile that moved has no webhooks of it, also if one was made
// at the same moment; neither has a profile that is gone.
func TestAMoveLeavesNoWebhooks(t *testing.T) {
	t.Parallel()
	h := newHooks(t)
	tx := h.Store.Begin()
	tx.CheckOwner(h.ana.Home, h.ana.ID, problem.ErrConflict)
	h.OK(tx.CommitAside(t.Context(), store.Origin{}))
	tx = h.Store.Begin()
	tx.CheckOwner(h.ana.Home, "00000000000000000000000b", problem.ErrConflict)
	if err := tx.CommitAside(t.Context(), store.Origin{}); !errors.Is(err, problem.ErrConflict) {
		t.Errorf("a webhook of a former owner: %v", err)
	}
	ben, sam := h.Quick("ben"), h.Agent(h.Quick("sam"))
	second := h.ana.Profile("second")
	moves := at(second)
	h.of = &moves
	h.create(h.of)
	h.rename("on its way")
	h.seal()
	h.Move(second, h.ana, ben, sam)
	for _, it := range h.Items() {
		if it.PK == "W#"+string(second) {
			t.Errorf("the profile has moved, and has %s", it.Text)
		}
	}
	h.Receiver.Got()
	h.seal()
	h.deliver()
	for _, m := range h.Receiver.Got() {
		if p := body(t, m).Data.Profile; p == nil || *p == second {
			t.Errorf("the former owner is sent %s", m.Body)
		}
	}
}

// An event is sent once if each answer to a write is lost once; and if all of
// them are, it is sent when the lease has ended.
func TestALostLeaseSendsOnce(t *testing.T) {
	t.Parallel()
	h := newHooks(t, "profile.*")
	h.rename("one")
	h.seal()
	h.Faults.Always(once(testkit.LostAnswer))
	if got := h.deliver(); got != 1 {
		t.Errorf("each answer lost once: %d events were taken, want 1", got)
	}
	h.Faults.Always(nil)
	h.rename("two")
	h.seal()
	h.Faults.Always(always(testkit.LostAnswer, "UpdateItem"))
	if _, err := h.Webhooks.Deliver(t.Context()); err == nil {
		t.Error("every answer to a lease is lost, and nothing has failed")
	}
	h.Faults.Always(nil)
	h.Advance(3 * time.Minute)
	h.deliver()
	h.Advance(3 * time.Minute)
	h.deliver()
	if got := h.Receiver.Got(); len(got) != 2 {
		t.Errorf("two events were sent %d times", len(got))
	}
}

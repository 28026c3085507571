package store

import (
	"context"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindUsageEvent Kind = "usage-event"

func eventKey(
	p value.ProfileID,
	event string,
) key {
	return key{kindUsageEvent, "V#" + string(p) + "#" + event, "V"}
}

// eventItem has the answer to a line, so that the line counts once.
type eventItem struct {
	key
	Service  string `dynamodbav:"service"`
	Kind     string `dynamodbav:"kind,omitempty"`
	Parts    int64  `dynamodbav:"parts,omitempty"`
	Admitted bool   `dynamodbav:"admitted"`
	Used     int64  `dynamodbav:"used"`
	Limit    int64  `dynamodbav:"limit"`
	Reset    int64  `dynamodbav:"reset,omitempty"`
	Amount   int64  `dynamodbav:"amount"`
	Happened int64  `dynamodbav:"happened"`
	TTL      int64  `dynamodbav:"ttl"`
}

func (i eventItem) value() billing.UsageAnswer {
	service, _ := plan.ParseService(i.Service)
	a := billing.UsageAnswer{
		Service: service, Kind: billing.LineKind(i.Kind), Admitted: i.Admitted, Used: i.Used,
		Limit: i.Limit, Reset: fromMillis(i.Reset),
	}
	if i.Parts == 0 {
		a.Used, a.Limit = divided(service, a.Used), divided(service, a.Limit)
	}
	return a
}

// UsageEvent adds the answer to an earlier line with an event to the batch.
func (b *Batch) UsageEvent(p value.ProfileID, event string) *Found[billing.UsageAnswer] {
	return want(b, eventKey(p, event), eventItem.value)
}

func answerFrom(
	p value.ProfileID, line billing.UsageLine, a billing.UsageAnswer, now time.Time,
) eventItem {
	return eventItem{
		key: eventKey(p, line.Event), Service: line.Service.String(), Kind: string(a.Kind),
		Parts: line.Service.Parts(), Admitted: a.Admitted, Used: a.Used, Limit: a.Limit,
		Reset: millis(a.Reset), Amount: line.Amount, Happened: millis(line.Time),
		TTL: now.Add(billing.UsageEventLife).Unix(),
	}
}

// Answer stores the answer to a line that changes no use. It costs half of what
// Report does, because it needs no transaction. Errors: problem.ErrConflict if
// the event has an answer already, which the caller then reads; others as of
// Commit.
func (s *Store) Answer(
	ctx context.Context,
	p value.ProfileID,
	line billing.UsageLine,
	a billing.UsageAnswer,
	now time.Time,
) error {
	stored, err := s.putNew(ctx, answerFrom(p, line, a, now))
	if err == nil && !stored {
		return problem.ErrConflict
	}
	return err
}

// Report stores the result of lines for a profile. It fails with
// problem.ErrConflict if an event was stored already, or if another report, a
// lower allocation or a move since then changes the result; the caller then
// applies the lines again. Concurrent additions do not conflict while there is
// headroom for all of them. Only the first report of an hour reads the profile
// in its commit. Lines that do not fit were decided when the use was read, so
// that they need no condition but that their events are new.
func (tx *Tx) Report(
	p tenancy.Profile,
	lines []billing.UsageLine,
	t billing.UsageUpdate,
	now time.Time,
) {
	for i, line := range lines {
		tx.put(answerFrom(p.ID, line, t.Answers[i], now), absent)
	}
	switch {
	case t.Absolute:
		tx.check(profileKey(p.ID), sameVersion(p.Version))
		tx.replaceUse(t.Before, t.After)
	case t.ChangesUse():
		tx.addUsage(p, t)
	}
}

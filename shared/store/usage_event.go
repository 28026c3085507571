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

// eventItem has the answer to a line, so that the line counts once. One with a
// receipt counts if the usage of the profile has counted the receipt; see
// usage_receipt.go.
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
	Receipt  []byte `dynamodbav:"receipt,omitempty"`
	From     int64  `dynamodbav:"from,omitempty"`
	Until    int64  `dynamodbav:"until,omitempty"`
	TTL      int64  `dynamodbav:"ttl"`
}

func (i eventItem) value() billing.UsageAnswer {
	service, _ := plan.ParseService(i.Service)
	a := billing.UsageAnswer{
		Service: service, Kind: billing.LineKind(i.Kind), Admitted: i.Admitted, Used: i.Used,
		Limit: i.Limit, Reset: fromMillis(i.Reset),
		Claim: billing.Claim{Receipt: billing.Receipt(i.Receipt), From: i.From, Until: i.Until},
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
		Receipt: rawReceipt(a.Claim.Receipt), From: a.Claim.From, Until: a.Claim.Until,
		TTL: now.Add(billing.UsageEventLife).Unix(),
	}
}

// unanswered is the condition that an event has no answer but under the claim
// over, whose lines are not counted.
func unanswered(over billing.Receipt) condition {
	if over == "" {
		return absent
	}
	return condition{"#receipt = :receipt", item{":receipt": bytes([]byte(over))},
		problem.ErrConflict}.orAbsent()
}

// Answer stores the answer to a line that changes no use, or the claim of a
// line before AddUse counts it. It replaces the answer under the claim over,
// which must be one of which nothing is counted, if there is one. Errors:
// problem.ErrConflict if the event has another answer already, which the caller
// then reads; others as of Commit.
func (s *Store) Answer(
	ctx context.Context,
	p value.ProfileID,
	line billing.UsageLine,
	a billing.UsageAnswer,
	over billing.Receipt,
	now time.Time,
) error {
	stored, err := s.putOne(ctx, answerFrom(p, line, a, now), unanswered(over))
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
// that they need no condition but that their events are new, or answered under
// a claim in over of which nothing is counted.
func (tx *Tx) Report(
	p tenancy.Profile,
	lines []billing.UsageLine,
	t billing.UsageUpdate,
	over map[string]billing.Receipt,
	now time.Time,
) {
	for i, line := range lines {
		tx.put(answerFrom(p.ID, line, t.Answers[i], now), unanswered(over[line.Event]))
	}
	switch {
	case t.Absolute:
		tx.check(profileKey(p.ID), sameVersion(p.Version))
		tx.replaceUse(t.Before, t.After)
	case t.ChangesUse():
		tx.addUsage(p, t)
	}
}

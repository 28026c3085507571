package store

import (
	"context"
	"time"

	"profiles/shared/value"
)

const kindReuse Kind = "token-reuse"

const reusePrefix = "J#"

func reuseKey(id value.TokenID) key { return key{kindReuse, reusePrefix + string(id), "J"} }

// reuseLife is how long the report of a spent token is stored if the sweep
// cannot handle it.
const reuseLife = 35 * 24 * time.Hour

// Reuse is the first use of a rotated token after its grace.
type Reuse struct {
	Token   value.TokenID
	Time    time.Time
	Source  string // the network address it came from
	Request string
}

type reuseItem struct {
	key
	due
	Token   string `dynamodbav:"token"`
	Time    int64  `dynamodbav:"time"`
	Source  string `dynamodbav:"source,omitempty"`
	Request string `dynamodbav:"request,omitempty"`
	TTL     int64  `dynamodbav:"ttl"`
}

func (i reuseItem) value() Reuse {
	return Reuse{
		Token:   value.TokenID(i.Token),
		Time:    fromMillis(i.Time),
		Source:  i.Source,
		Request: i.Request,
	}
}

// Reuse adds the report of a spent token to the batch.
func (b *Batch) Reuse(id value.TokenID) *Found[Reuse] {
	return want(b, reuseKey(id), reuseItem.value)
}

// ReportReuse stores that a spent token was used. The first use is stored and
// is due until the sweep has handled it. It is an update, because the functions
// of reading operations are granted nothing else on these items.
func (s *Store) ReportReuse(ctx context.Context, r Reuse) error {
	d := dueAt(DueReuse, string(r.Token), r.Time)
	const expression = "SET #duePK = :duePK, #dueSK = :dueSK, #token = :token, " +
		"#time = :time, #source = :source, #request = :request, #ttl = :ttl, " + setNew
	k := reuseKey(r.Token)
	_, err := s.updateOne(ctx, k, expression, "attribute_not_exists(PK)", k.asNew(item{
		":duePK": text(d.PK), ":dueSK": text(d.SK), ":token": text(string(r.Token)),
		":time": number(millis(r.Time)), ":source": text(r.Source), ":request": text(r.Request),
		":ttl": number(r.Time.Add(reuseLife).Unix()),
	}))
	return err
}

// SettleReuse marks a spent token as handled, so that it is not reported again,
// and removes the report. It fails with done if it was handled already.
func (tx *Tx) SettleReuse(id value.TokenID, done error) {
	tx.update(tokenKey(id), "SET #reused = :yes", item{":yes": boolean(true)},
		condition{"attribute_exists(PK) AND attribute_not_exists(#reused)", nil, done})
	tx.delete(reuseKey(id), condition{})
}

// ForgetReuse removes a report that is handled already.
func (tx *Tx) ForgetReuse(id value.TokenID) { tx.delete(reuseKey(id), condition{}) }

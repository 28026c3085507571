package store

import (
	"context"
	"time"

	"profiles/shared/value"
)

const kindReuse Kind = "token-reuse"

const reusePrefix = "J#"

func reuseKey(id value.TokenID) key { return key{kindReuse, reusePrefix + string(id), "J"} }

// reuseLife is how long the use of a spent token is kept if nobody can deal
// with it.
const reuseLife = 35 * 24 * time.Hour

// Reuse is the first use of a token after it had retired.
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

// Reuse asks for the use of a spent token.
func (b *Batch) Reuse(id value.TokenID) *Found[Reuse] {
	return want(b, reuseKey(id), reuseItem.value)
}

// ReportReuse notes that a spent token was used. The first use is kept, until
// it is dealt with: the due index has it until then. It is an update because
// that is all that functions that only read may do here.
func (s *Store) ReportReuse(ctx context.Context, r Reuse) error {
	d := dueAt(DueReuse, string(r.Token), r.Time)
	const expression = "SET #duePK = :duePK, #dueSK = :dueSK, #token = :token, " +
		"#time = :time, #source = :source, #request = :request, #ttl = :ttl, " + setKind
	k := reuseKey(r.Token)
	_, err := s.updateOne(ctx, k, expression, "attribute_not_exists(PK)", k.withKind(item{
		":duePK": text(d.PK), ":dueSK": text(d.SK), ":token": text(string(r.Token)),
		":time": number(millis(r.Time)), ":source": text(r.Source), ":request": text(r.Request),
		":ttl": number(r.Time.Add(reuseLife).Unix()),
	}))
	return err
}

// SettleReuse notes at a retired token that its use was dealt with, so that it
// is reported no more, and forgets the report. done is returned when somebody
// else was first.
func (tx *Tx) SettleReuse(id value.TokenID, done error) {
	tx.update(tokenKey(id), "SET #reused = :yes", item{":yes": boolean(true)},
		condition{"attribute_exists(PK) AND attribute_not_exists(#reused)", nil, done})
	tx.delete(reuseKey(id), condition{})
}

// ForgetReuse forgets a report that is settled.
func (tx *Tx) ForgetReuse(id value.TokenID) { tx.delete(reuseKey(id), condition{}) }

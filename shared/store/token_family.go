package store

import (
	"context"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindFamily Kind = "token-family"

func familyKey(first value.TokenID) key { return key{kindFamily, tokenPrefix + string(first), "F"} }

// familyItem is a family, in the partition of its first token.
type familyItem struct {
	key
	ID       string `dynamodbav:"id"`
	Current  string `dynamodbav:"current"`
	Previous string `dynamodbav:"previous"`
	TTL      int64  `dynamodbav:"ttl"`
}

func familyFrom(f tenancy.Family) familyItem {
	return familyItem{
		key:      familyKey(f.ID),
		ID:       string(f.ID),
		Current:  string(f.Current),
		Previous: string(f.Previous),
		TTL:      f.Kept.Unix(),
	}
}

func (i familyItem) value() tenancy.Family {
	return tenancy.Family{
		ID: value.TokenID(i.ID), Current: value.TokenID(i.Current),
		Previous: value.TokenID(i.Previous), Kept: time.Unix(i.TTL, 0).UTC(),
	}
}

// Family adds a family of tokens to the batch; id is that of its first token.
func (b *Batch) Family(id value.TokenID) *Found[tenancy.Family] {
	return want(b, familyKey(id), familyItem.value)
}

// RotateToken replaces the token was by old, its rotated form, and adds next.
// It fails with changed if the token has changed since it was read.
func (tx *Tx) RotateToken(
	was, old, next tenancy.Token,
	f tenancy.Family,
	now time.Time,
	changed error,
) {
	tx.retire(was, old, now, changed)
	tx.CreateToken(next)
	tx.put(familyFrom(f), condition{})
}

// RetireToken ends the grace of a rotated token. It fails with changed if the
// token has changed since it was read.
func (tx *Tx) RetireToken(was tenancy.Token, now time.Time, changed error) {
	tx.retire(was, was.Retire(now), now, changed)
}

// retire stores a rotated token. After its grace it has no row and is not due.
func (tx *Tx) retire(was, old tenancy.Token, now time.Time, changed error) {
	old.Version = was.Version + 1
	i := tokenFrom(old)
	if old.Live(now) {
		tx.put(i, tx.tokenAsRead(was, changed))
		tx.put(tokenRowFrom(old), condition{})
		return
	}
	i.due = due{}
	tx.put(i, tx.tokenAsRead(was, changed))
	tx.delete(tokenRowKey(old.Profile, old.Created, old.ID), condition{})
}

// RevokeFamilyToken deletes a token of a family. It fails with changed if the
// token has changed since it was read, as by a rotation.
func (tx *Tx) RevokeFamilyToken(t tenancy.Token, changed error) {
	tx.delete(tokenKey(t.ID), tx.tokenAsRead(t, changed))
	tx.delete(tokenRowKey(t.Profile, t.Created, t.ID), condition{})
}

// CheckFamily fails with changed if the family has another latest token than
// when it was read.
func (tx *Tx) CheckFamily(id value.TokenID, f tenancy.Family, changed error) {
	c := condition{"#current = :current", item{":current": text(string(f.Current))}, changed}
	if f.Current == "" {
		c = condition{"attribute_not_exists(PK)", nil, changed}
	}
	tx.check(familyKey(id), c)
}

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

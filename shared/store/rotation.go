package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// familyItem lies beside the first token of its family.
type familyItem struct {
	key
	ID       string `dynamodbav:"id"`
	Current  string `dynamodbav:"current"`
	Previous string `dynamodbav:"previous"`
	TTL      int64  `dynamodbav:"ttl"`
}

func familyFrom(f tenancy.Family) familyItem {
	return familyItem{key: familyKey(f.ID), ID: string(f.ID), Current: string(f.Current), Previous: string(f.Previous), TTL: f.Kept.Unix()}
}

func (i familyItem) value() tenancy.Family {
	return tenancy.Family{
		ID: value.TokenID(i.ID), Current: value.TokenID(i.Current), Previous: value.TokenID(i.Previous), Kept: time.Unix(i.TTL, 0).UTC(),
	}
}

// Family asks for a family of tokens, by the id of its first one.
func (b *Batch) Family(id value.TokenID) *Found[tenancy.Family] {
	return want(b, familyKey(id), familyItem.value)
}

// tokenOptional are the attributes that a token may be without.
var tokenOptional = []string{
	"accountEpoch", "disabledBy", "expires", "family", "grantEpoch", "hash", "networks", "previous", "previousRetires", "reminded", "retires", "reused",
	"scope", "signIn", "version",
}

// tokenAsRead is the condition that nothing of a token has changed since it was read: what replaces it is a copy of all it was.
func (tx *Tx) tokenAsRead(t tenancy.Token, changed error) condition {
	c := condition{expression: "attribute_exists(PK)", values: item{}, failure: changed}
	it := tx.marshal(tokenFrom(t))
	for _, name := range []string{"PK", "SK", "duePK", "dueSK", "ttl"} {
		delete(it, name)
	}
	for _, name := range slices.Sorted(maps.Keys(it)) {
		c.expression += " AND #" + name + " = :was_" + name
		c.values[":was_"+name] = it[name]
	}
	for _, name := range tokenOptional {
		if _, has := it[name]; !has {
			c.expression += " AND attribute_not_exists(#" + name + ")"
		}
	}
	return c
}

// RotateToken puts next in the place of a token that is still as it was read: old is the same token from now on. changed is returned
// when it is not.
func (tx *Tx) RotateToken(was, old, next tenancy.Token, f tenancy.Family, now time.Time, changed error) {
	tx.retire(was, old, now, changed)
	tx.CreateToken(next)
	tx.put(familyFrom(f), condition{})
}

// RetireToken makes a token that is still as it was read what old is: one whose grace is over. changed is returned when it is not.
func (tx *Tx) RetireToken(was tenancy.Token, now time.Time, changed error) {
	tx.retire(was, was.Retire(now), now, changed)
}

// retire puts a rotated token. One that has spent its grace is kept without a row, and nothing is due for it.
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

// CheckToken requires that a token has the limits that it was read with, and was neither rotated nor moved since. changed is returned when
// that is not so.
func (tx *Tx) CheckToken(t tenancy.Token, changed error) {
	tx.check(tokenKey(t.ID), unchangedToken(t, changed))
}

// RemindToken notes that a reminder of a token's end was dealt with, if the token is still as it was read. changed is returned when it is not.
func (tx *Tx) RemindToken(was tenancy.Token, now time.Time, changed error) {
	reminded := was
	reminded.Reminded = now
	tx.put(tokenFrom(reminded), tx.tokenAsRead(was, changed))
}

// RevokeFamilyToken deletes a token of a family that is still as it was read. changed is returned when it is not, as when it was rotated.
func (tx *Tx) RevokeFamilyToken(t tenancy.Token, changed error) {
	tx.delete(tokenKey(t.ID), tx.tokenAsRead(t, changed))
	tx.delete(tokenRowKey(t.Profile, t.Created, t.ID), condition{})
}

// CheckFamily requires that a family has the same latest token as when it was read. changed is returned when it has not.
func (tx *Tx) CheckFamily(id value.TokenID, f tenancy.Family, changed error) {
	c := condition{"#current = :current", item{":current": text(string(f.Current))}, changed}
	if f.Current == "" {
		c = condition{"attribute_not_exists(PK)", nil, changed}
	}
	tx.check(familyKey(id), c)
}

// reuseLife is how long the use of a spent token is kept if nobody can deal with it.
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
	return Reuse{Token: value.TokenID(i.Token), Time: fromMillis(i.Time), Source: i.Source, Request: i.Request}
}

// Reuse asks for the use of a spent token.
func (b *Batch) Reuse(id value.TokenID) *Found[Reuse] {
	return want(b, reuseKey(id), reuseItem.value)
}

// ReportReuse notes that a spent token was used. The first use is kept, until it is dealt with: the due index has it
// until then. It is an update because that is all that functions that only read may do here.
func (s *Store) ReportReuse(ctx context.Context, r Reuse) error {
	d := dueAt(DueReuse, string(r.Token), r.Time)
	const expression = "SET #duePK = :duePK, #dueSK = :dueSK, #token = :token, #time = :time, #source = :source, #request = :request, #ttl = :ttl"
	_, err := s.updateOne(ctx, reuseKey(r.Token), expression, "attribute_not_exists(PK)", item{
		":duePK": text(d.PK), ":dueSK": text(d.SK), ":token": text(string(r.Token)), ":time": number(millis(r.Time)),
		":source": text(r.Source), ":request": text(r.Request), ":ttl": number(r.Time.Add(reuseLife).Unix()),
	})
	return err
}

// SettleReuse marks a spent token, so that its use is reported no more, and forgets the report. done is returned when somebody else was
// first.
func (tx *Tx) SettleReuse(id value.TokenID, done error) {
	tx.update(tokenKey(id), "SET #reused = :yes", item{":yes": boolean(true)},
		condition{"attribute_exists(PK) AND attribute_not_exists(#reused)", nil, done})
	tx.delete(reuseKey(id), condition{})
}

// ForgetReuse forgets a report that is settled.
func (tx *Tx) ForgetReuse(id value.TokenID) { tx.delete(reuseKey(id), condition{}) }

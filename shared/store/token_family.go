package store

import (
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

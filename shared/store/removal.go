package store

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindRemoval Kind = "removed-member"

const removalPrefix = "R#"

func removalKey(p value.ProfileID, a value.AccountID) key {
	return key{kindRemoval, "D#" + string(p), removalPrefix + string(a)}
}

// removalItem is a membership that the owner of the profile has ended, while
// it can be restored.
type removalItem struct {
	key
	Profile    string `dynamodbav:"profile"`
	Account    string `dynamodbav:"account"`
	Permission string `dynamodbav:"permission"`
	Epoch      int64  `dynamodbav:"epoch"`
	Created    int64  `dynamodbav:"created"`
	Ends       int64  `dynamodbav:"ends,omitempty"`
	Told       bool   `dynamodbav:"told,omitempty"`
	Removed    int64  `dynamodbav:"removed"`
	TTL        int64  `dynamodbav:"ttl"`
}

func (i removalItem) value() tenancy.Removal {
	return tenancy.Removal{
		Member: tenancy.Member{
			Profile: value.ProfileID(i.Profile), Account: value.AccountID(i.Account),
			Permission: storedPermission(i.Permission), Epoch: i.Epoch, Active: true,
			Created: fromMillis(i.Created), Ends: fromMillis(i.Ends), Told: i.Told,
		},
		Time: fromMillis(i.Removed),
	}
}

// Removal adds the removal of an account from a team to the batch.
func (b *Batch) Removal(p value.ProfileID, a value.AccountID) *Found[tenancy.Removal] {
	return want(b, removalKey(p, a), removalItem.value)
}

// NoteRemoval stores, beside RemoveMember, how to restore the member.
func (tx *Tx) NoteRemoval(m tenancy.Member, now time.Time) {
	tx.put(removalItem{
		key: removalKey(m.Profile, m.Account), Profile: string(m.Profile),
		Account: string(m.Account), Permission: m.Permission.String(), Epoch: m.Epoch,
		Created: millis(m.Created), Ends: millis(m.Ends), Told: m.Told, Removed: millis(now),
		TTL: now.Add(tenancy.RemovalUndo).Unix(),
	}, condition{})
}

// ForgetRemoval removes, beside RemoveMember, what an earlier removal stored: a
// member who leaves is not restored.
func (tx *Tx) ForgetRemoval(m tenancy.Member) {
	tx.delete(removalKey(m.Profile, m.Account), condition{})
}

// UndoRemoval removes a removal, beside AddMember. It fails with
// problem.ErrConflict if the removal is another one, or gone, by now.
func (tx *Tx) UndoRemoval(r tenancy.Removal) {
	tx.delete(removalKey(r.Member.Profile, r.Member.Account), condition{
		"#removed = :removed",
		item{":removed": number(millis(r.Time))},
		problem.ErrConflict,
	})
}

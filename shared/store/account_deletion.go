package store

import (
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindDeletedAccount Kind = "deleted-account"

func accountDeletionKey(a value.AccountID) key {
	return key{kindDeletedAccount, "D#" + string(a), "A"}
}

// accountDeletionItem is an account that was deleted, until its rest is gone.
// It takes the account's place in one commit, so that every condition on the
// account fails from then on.
type accountDeletionItem struct {
	key
	due
	Account      string   `dynamodbav:"account"`
	Name         string   `dynamodbav:"name"`
	Timezone     string   `dynamodbav:"timezone,omitempty"`
	Language     string   `dynamodbav:"language,omitempty"`
	Email        string   `dynamodbav:"email"`
	FormerEmails []string `dynamodbav:"former,omitempty"`
	Deleted      int64    `dynamodbav:"deleted"`
}

func accountDeletionFrom(d tenancy.AccountDeletion) accountDeletionItem {
	i := accountDeletionItem{
		key: accountDeletionKey(d.Account), due: dueAt(DueAccount, string(d.Account), d.Deleted),
		Account: string(d.Account), Name: d.Name, Timezone: d.Timezone, Email: string(d.Email),
		Deleted: millis(d.Deleted), Language: d.Language,
	}
	for _, e := range d.FormerEmails {
		i.FormerEmails = append(i.FormerEmails, string(e))
	}
	return i
}

func (i accountDeletionItem) value() tenancy.AccountDeletion {
	d := tenancy.AccountDeletion{
		Account: value.AccountID(i.Account), Name: i.Name, Timezone: i.Timezone,
		Email: value.Email(i.Email), Deleted: fromMillis(i.Deleted), Language: i.Language,
	}
	for _, e := range i.FormerEmails {
		d.FormerEmails = append(d.FormerEmails, value.Email(e))
	}
	return d
}

// AccountDeletion adds the deletion of an account to the batch.
func (b *Batch) AccountDeletion(a value.AccountID) *Found[tenancy.AccountDeletion] {
	return want(b, accountDeletionKey(a), accountDeletionItem.value)
}

// DeleteAccount removes an account that was read at a.Version. This revokes its
// tokens, also those for its own profiles. A due entry has a sweep remove the
// rest; until then its addresses stay reserved.
func (tx *Tx) DeleteAccount(a tenancy.Account, d tenancy.AccountDeletion) {
	tx.delete(accountKey(a.ID), sameVersion(a.Version))
	tx.put(accountDeletionFrom(d), absent)
	tx.syncCopies(a.Revoked(), d.Deleted, nil, a.ProfileIDs()...)
}

// EndAccountDeletion removes the deletion of an account. It fails with gone if
// there is none any more.
func (tx *Tx) EndAccountDeletion(a value.AccountID, gone error) {
	tx.delete(accountDeletionKey(a), condition{"attribute_exists(PK)", nil, gone})
}

package store

import (
	"context"

	"profiles/shared/tenancy"
)

// departureItem is an account that was deleted, until its rest is gone. It takes the account's place in one commit, so that every condition on
// the account fails from then on.
type departureItem struct {
	key
	due
	Account  string   `dynamodbav:"account"`
	Name     string   `dynamodbav:"name"`
	Timezone string   `dynamodbav:"timezone,omitempty"`
	Email    string   `dynamodbav:"email"`
	Former   []string `dynamodbav:"former,omitempty"`
	Deleted  int64    `dynamodbav:"deleted"`
}

func departureFrom(d tenancy.Departure) departureItem {
	i := departureItem{
		key: departureKey(d.Account), due: dueAt(DueAccount, string(d.Account), d.Deleted), Account: string(d.Account), Name: d.Name,
		Timezone: d.Timezone, Email: string(d.Email), Deleted: millis(d.Deleted),
	}
	for _, e := range d.Former {
		i.Former = append(i.Former, string(e))
	}
	return i
}

func (i departureItem) value() tenancy.Departure {
	d := tenancy.Departure{
		Account: tenancy.AccountID(i.Account), Name: i.Name, Timezone: i.Timezone, Email: tenancy.Email(i.Email), Deleted: fromMillis(i.Deleted),
	}
	for _, e := range i.Former {
		d.Former = append(d.Former, tenancy.Email(e))
	}
	return d
}

// Departure asks for what is left of a deleted account.
func (b *Batch) Departure(a tenancy.AccountID) *Found[tenancy.Departure] {
	return want(b, departureKey(a), departureItem.value)
}

// DeleteAccount removes an account that was read at a.Version. Its tokens are dead with it, on its own profiles too; a due entry makes the rest
// go. Its addresses stay taken until then.
func (tx *Tx) DeleteAccount(a tenancy.Account, d tenancy.Departure) {
	tx.delete(accountKey(a.ID), sameVersion(a.Version))
	tx.put(departureFrom(d), absent)
	tx.align(a.Revoked(), d.Deleted, a.ProfileIDs()...)
}

// EndDeparture forgets a deleted account. gone is returned when somebody else was first.
func (tx *Tx) EndDeparture(a tenancy.AccountID, gone error) {
	tx.delete(departureKey(a), condition{"attribute_exists(PK)", nil, gone})
}

// FreeClaim frees an address that an account holds.
func (tx *Tx) FreeClaim(e tenancy.Email, a tenancy.AccountID) {
	tx.delete(claimKey(e), condition{"#account = :account", item{":account": text(string(a))}, tenancy.ErrConflict}.orAbsent())
}

// PurgeNotifications removes a page of an account's notifications, and reports whether none is left. Running it twice, or twice at once, is
// harmless.
func (s *Store) PurgeNotifications(ctx context.Context, a tenancy.AccountID) (done bool, err error) {
	tx := s.Begin()
	for n, err := range s.Notifications(ctx, a, false, maxActions) {
		if err != nil {
			return false, err
		}
		tx.delete(notificationKey(a, n.ID), condition{})
		if len(tx.steps) == maxActions {
			return false, tx.Commit(ctx)
		}
	}
	if len(tx.steps) == 0 {
		return true, nil
	}
	return true, tx.Commit(ctx)
}

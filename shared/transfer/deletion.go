package transfer

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// Without ends an open transfer for which an account was that is deleted. Of an
// offer that it had not answered nobody hears that there was an account.
// Errors: ErrDone for one that has ended, or does not concern the account.
func (t Transfer) Without(d tenancy.AccountDeletion, now time.Time) (Transfer, error) {
	if expired, err := t.Expire(now); err == nil {
		return expired, nil
	}
	switch {
	case t.Source == d.Account:
		return t.Fail(sourceDeleted, now)
	case t.Destination == d.Account:
		return t.Fail(destinationDeleted, now)
	case t.State == Requested && t.Destination == "" && t.Email == d.Email && !t.Created.After(d.Deleted):
		return t.end(Declined, PartyDestination, "", "", now), nil
	}
	return t, problem.ErrDone
}

package transfer

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// Without ends an open transfer from or to a deleted account. An offer that the
// account had not answered ends as declined, so that it does not show that
// there was an account. Errors: problem.ErrDone for a transfer that has ended
// or does not concern the account.
func (t Transfer) Without(d tenancy.AccountDeletion, now time.Time) (Transfer, error) {
	if expired, err := t.Expire(now); err == nil {
		return expired, nil
	}
	switch {
	case t.Source == d.Account:
		return t.Fail(sourceDeleted, now)
	case t.Destination == d.Account:
		return t.Fail(destinationDeleted, now)
	case t.State == Requested && t.Destination == "" && t.Email == d.Email &&
		!t.Created.After(d.Deleted):
		return t.end(Declined, PartyDestination, "", "", now), nil
	}
	return t, problem.ErrDone
}

package transfer

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Context is a transfer with everything that its rules look at, read
// together. What does not exist is zero.
type Context struct {
	Transfer            Transfer
	Profile             tenancy.Profile
	Usage               billing.Usage // of the profile
	Team                tenancy.Team
	Source, Destination tenancy.Account
	Other               ID // another open transfer of the profile
	// of the profile that an account gets whose only one is taken back
	Spare value.ProfileID
}

// Terms returns the terms to which the profile moves: those agreed to, or until
// then those of an acceptance without any choice.
func (c Context) Terms() Terms {
	if c.Transfer.Accepted.IsZero() && c.Transfer.Reverts == "" {
		return Terms{Allocation: c.Usage.Moving(c.Profile.Quota()), Addons: c.Transfer.Offered}
	}
	return c.Transfer.Terms
}

// addons are those that come along: what was agreed to, as far as the profile
// has it.
func (c Context) addons() billing.Addons { return c.Terms().Addons.And(c.Profile.Addons) }

// stays reports whether a member keeps its place when the profile moves, and
// with which permission.
func (c Context) stays(m tenancy.Member) (tenancy.Permission, bool) {
	right, ok := c.Terms().Members[m.Account]
	return right, ok && m.Active && m.Account != c.Destination.ID && right != tenancy.PermissionNone
}

// staying counts the team after the move, the previous owner included who
// becomes a member.
func (c Context) staying() (n int) {
	for _, m := range c.Team {
		if _, ok := c.stays(m); ok {
			n++
		}
	}
	if c.Terms().Owner != tenancy.PermissionNone {
		n++
	}
	return n
}

// Why a transfer fails when one of its sides is gone.
const (
	sourceDeleted      = "the account that gives the profile away was deleted"
	destinationDeleted = "the receiving account was deleted"
	sourceSecured      = "the account that gives the profile away was secured anew after the request"
	destinationSecured = "the receiving account was secured anew after it had accepted"
)

// revoked reports whether an account's tokens were all revoked after it gave
// its word: by a recovery, or by an operator. The word may be of whoever was
// shut out by that. A new password alone does not count, as it does not for
// tokens that were made by hand.
func revoked(epoch *int64, a tenancy.Account) bool { return epoch != nil && *epoch != a.Epoch }

// Vouched returns the case without the words, in a transfer that takes another
// one back, of accounts that were secured anew since. The return itself goes
// on: else whoever has the profile would be rid of it by a recovery of their
// own account.
func (c Context) Vouched() Context {
	t := &c.Transfer
	if t.Reverts == "" || t.State != Requested {
		return c
	}
	if revoked(t.SourceEpoch, c.Source) {
		t.Confirmed, t.SourceEpoch = time.Time{}, nil
	}
	if revoked(t.DestinationEpoch, c.Destination) {
		t.Accepted, t.DestinationEpoch = time.Time{}, nil
	}
	return c
}

// Void says why the transfer can never complete, empty when it can.
func (c Context) Void() string {
	switch {
	case c.Profile.ID == "":
		return "the profile was deleted"
	case c.Profile.Owner != c.Transfer.Source:
		return "the profile has another owner"
	case c.Source.ID == "":
		return sourceDeleted
	case c.Transfer.Destination != "" && c.Destination.ID == "":
		return destinationDeleted
	case c.Transfer.Reverts == "" && revoked(c.Transfer.SourceEpoch, c.Source):
		return sourceSecured
	case c.Transfer.Reverts == "" && c.Transfer.Destination != "" && revoked(c.Transfer.DestinationEpoch, c.Destination):
		return destinationSecured
	}
	return ""
}

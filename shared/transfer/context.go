package transfer

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Context is a transfer with everything that its rules need, read together.
// A part that does not exist is the zero value.
type Context struct {
	Transfer            Transfer
	Profile             tenancy.Profile
	Usage               billing.Usage // of the profile
	Team                tenancy.Team
	Source, Destination tenancy.Account
	Other               ID // another open transfer of the profile
	// Spare is the id of the new profile for an account whose only profile is
	// taken back.
	Spare value.ProfileID
}

// Terms returns the terms of the move: the accepted ones or, before that, those
// of an acceptance without any choice.
func (c Context) Terms() Terms {
	if c.Transfer.Accepted.IsZero() && c.Transfer.Reverts == "" {
		return Terms{Allocation: c.Usage.Moving(c.Profile.Quota()), Addons: c.Transfer.Offered}
	}
	return c.Transfer.Terms
}

// addons returns the accepted add-ons that the profile still has.
func (c Context) addons() billing.Addons { return c.Terms().Addons.And(c.Profile.Addons) }

// stays reports whether a member stays in the team after the move, and with
// which permission.
func (c Context) stays(m tenancy.Member) (tenancy.Permission, bool) {
	right, ok := c.Terms().Members[m.Account]
	return right, ok && m.Active && m.Account != c.Destination.ID && right != tenancy.PermissionNone
}

// staying counts the members after the move, including the previous owner if it
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

// Reasons of failed transfers.
const (
	sourceDeleted      = "the account that gives the profile away was deleted"
	destinationDeleted = "the receiving account was deleted"
	sourceSecured      = "the account that gives the profile away was secured anew after the request"
	destinationSecured = "the receiving account was secured anew after it had accepted"
)

// revoked reports whether all tokens of an account were revoked, by a recovery
// or by the operator, after it agreed to the transfer with this epoch: the
// person who agreed may be the one against whom they were revoked. A new
// password alone does not raise the epoch. A nil epoch is unknown and never
// counts as revoked.
func revoked(epoch *int64, a tenancy.Account) bool { return epoch != nil && *epoch != a.Epoch }

// Vouched returns the context of an open transfer that takes another back,
// without the agreement of an account whose tokens were all revoked since. The
// transfer itself stays open; otherwise the present owner could end it by a
// recovery of its own account. Other contexts are unchanged.
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

// Void returns why the transfer can never complete; empty if it can.
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
	case c.Transfer.Reverts == "" && c.Transfer.Destination != "" &&
		revoked(c.Transfer.DestinationEpoch, c.Destination):
		return destinationSecured
	}
	return ""
}

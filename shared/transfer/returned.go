package transfer

import (
	"slices"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// MailReturn says that the latest mail to one side of a transfer came back.
type MailReturn struct {
	To Party
	tenancy.MailReturn
}

// SideAt returns the side that mails to an address are for; empty: none. source
// is the account that gives the profile.
func (t Transfer) SideAt(e value.Email, source tenancy.Account) Party {
	switch e {
	case t.Email:
		return PartyDestination
	case source.Email:
		return PartySource
	}
	return ""
}

// MailCameBack returns the transfer with the return of a mail to one side.
func (t Transfer) MailCameBack(to Party, invalid bool, now time.Time) Transfer {
	t = t.Reached(to)
	t.Returned = append(t.Returned, MailReturn{to, tenancy.MailReturn{Time: now, Invalid: invalid}})
	return t.with(EventReturned, PartySystem, "", string(to), now)
}

// Reached returns the transfer without the return of a mail to one side, which
// counts no more, as when the side has answered.
func (t Transfer) Reached(side Party) Transfer {
	var rest []MailReturn
	for _, r := range t.Returned {
		if r.To != side {
			rest = append(rest, r)
		}
	}
	t.Returned = rest
	return t
}

// Mailed returns the transfer as another mail to one side leaves it: one that
// was refused before may arrive now.
func (t Transfer) Mailed(to Party) Transfer {
	for _, r := range t.Returned {
		if r.To == to && !r.Invalid {
			return t.Reached(to)
		}
	}
	return t
}

// Returns returns the mails that came back, as a party sees them: those to
// itself, and to the owner and support those to both sides.
func (t Transfer) Returns(to Party) []MailReturn {
	return slices.DeleteFunc(
		slices.Clone(t.Returned),
		func(r MailReturn) bool { return to == PartyDestination && r.To != to },
	)
}

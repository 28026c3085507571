package transfer

import (
	"slices"
	"time"

	"profiles/shared/tenancy"
)

// Outcome says how the transfer ended, or that it has not, in the words of the
// refusals of what comes too late.
func (t Transfer) Outcome(now time.Time) string {
	switch t.State {
	case Completed:
		return "has completed"
	case Canceled:
		return "was canceled by the owner of the profile"
	case Declined:
		return "was declined by the receiving side"
	case Rejected:
		return "was rejected by support"
	case Failed:
		return "has failed"
	case Requested:
		if now.Before(t.Expires) {
			return "is open"
		}
	}
	return "has expired"
}

// PartyOf returns which side of the transfer an account is, empty for a
// stranger. An offer that nobody has answered is seen by the account that holds
// the address.
func (t Transfer) PartyOf(a tenancy.Account) Party {
	switch {
	case a.ID == "":
		return ""
	case a.ID == t.Source:
		return PartySource
	case a.ID == t.Destination,
		t.Destination == "" && t.State == Requested && a.Active && a.Email == t.Email:
		return PartyDestination
	}
	return ""
}

// Gates are what a transfer needs, and what it has of that.
type Gates struct{ Source, Destination, Support, Prerequisites bool }

// Gates returns which gates are closed. Support counts as closed where the desk
// has no say.
func (t Transfer) Gates(checks Checks) Gates {
	g := Gates{
		Source:        !t.Confirmed.IsZero(),
		Destination:   !t.Accepted.IsZero(),
		Prerequisites: checks.OK(),
	}
	if t.Reverts != "" {
		g.Support = len(t.Approvals) > 1
	} else {
		g.Support = t.Policy == PolicyAuto || len(t.Approvals) > 0
	}
	return g
}

// WaitingOn returns whose turn it is, nobody's when the transfer has ended or
// only waits for time.
func (t Transfer) WaitingOn(checks Checks, now time.Time) []Party {
	if !t.Open(now) {
		return nil
	}
	g := t.Gates(checks)
	// A return that is ready needs no further word, though not everybody has
	// given theirs.
	ready := t.Ready()
	owes := func(p Party, open bool) bool {
		return open ||
			slices.ContainsFunc(
				checks,
				func(c Check) bool { return c.Side == p && !c.OK && c.Code != CheckHold },
			)
	}
	var parties []Party
	if owes(PartySource, !g.Source && !ready || t.Question) {
		parties = append(parties, PartySource)
	}
	if owes(PartyDestination, !g.Destination && !ready) {
		parties = append(parties, PartyDestination)
	}
	if !g.Support && !ready && (t.Reverts == "" || len(t.Approvals) > 0) {
		parties = append(parties, PartySupport)
	}
	return parties
}

// Visible returns the part of the timeline that concerns a party: what the desk
// and the owner say to each other is theirs, and which agent acted is the
// desk's.
func (t Transfer) Visible(to Party) []Event {
	var out []Event
	for _, e := range t.Timeline {
		switch e.What {
		case EventNote, EventQuestion, EventAnswer:
			if to == PartyDestination {
				continue
			}
		}
		if to != PartySupport {
			e.Who = ""
		}
		out = append(out, e)
	}
	return out
}

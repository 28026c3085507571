package transfer

import (
	"slices"
	"time"

	"profiles/shared/tenancy"
)

// Outcome returns how the transfer ended, or that it has not, as the end of a
// sentence whose subject is the transfer.
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

// PartyOf returns which side of the transfer an account is; empty: none. Before
// an answer, the destination is the active account with the offered address.
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

// Gates says which conditions of a transfer are met: the agreement of each
// side, the approval of support, and the prerequisites.
type Gates struct{ Source, Destination, Support, Prerequisites bool }

// Gates returns the gates of the transfer. Support is true also if no approval
// is needed.
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

// WaitingOn returns the parties that must act next: none if the transfer has
// ended or only waits for time.
func (t Transfer) WaitingOn(checks Checks, now time.Time) []Party {
	if !t.Open(now) {
		return nil
	}
	g := t.Gates(checks)
	// A transfer that takes another back can be ready although not all parties
	// have agreed.
	ready := t.Ready()
	mustAct := func(p Party, open bool) bool {
		return open ||
			slices.ContainsFunc(
				checks,
				func(c Check) bool { return c.Side == p && !c.OK && c.Code != CheckHold },
			)
	}
	var parties []Party
	if mustAct(PartySource, !g.Source && !ready || t.Question) {
		parties = append(parties, PartySource)
	}
	if mustAct(PartyDestination, !g.Destination && !ready) {
		parties = append(parties, PartyDestination)
	}
	if !g.Support && !ready && (t.Reverts == "" || len(t.Approvals) > 0) {
		parties = append(parties, PartySupport)
	}
	return parties
}

// Answered reports whether support has answered the request: decided about it,
// or written to the owner.
func (t Transfer) Answered() bool {
	return slices.ContainsFunc(t.Timeline, func(e Event) bool { return e.By == PartySupport })
}

// Late reports whether the first answer of support is later than DeskTarget.
func (t Transfer) Late(now time.Time) bool {
	return now.Sub(t.Created) > DeskTarget && !t.Answered() &&
		slices.Contains(t.WaitingOn(nil, now), PartySupport)
}

// Visible returns the events that a party may see. Notes, questions and answers
// between support and the owner, and mails that came back, are not for the
// destination, and only support sees which support account acted.
func (t Transfer) Visible(to Party) []Event {
	var out []Event
	for _, e := range t.Timeline {
		switch e.What {
		case EventNote, EventQuestion, EventAnswer, EventReturned:
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

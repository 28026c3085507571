package tenancy

import (
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
)

// past reports whether an end has come; the zero time never comes.
func past(end, now time.Time) bool { return !end.IsZero() && !now.Before(end) }

// MembershipReminder is how long before its end a member and the owner of the
// profile are told of it.
const MembershipReminder = 2 * 24 * time.Hour

// MembershipEnd reads when a membership ends, in the forms of ParseExpiry; an
// empty text means never. Errors: those of ParseExpiry, for the field ends_at.
func MembershipEnd(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return parseEnd("ends_at", s, now)
}

// Until returns the member with another end. If that is so soon that nobody can
// be told of it in time, nobody will be: whoever sets it knows it.
func (m Member) Until(end, now time.Time) Member {
	m.Ends, m.Told = end, !end.IsZero() && !now.Before(end.Add(-MembershipReminder))
	return m
}

// Due returns when a sweep must next handle the membership: when its end is
// told, and then at its end. It is zero for one without an end.
func (m Member) Due() time.Time {
	if !m.Active || m.Ends.IsZero() || m.Told {
		return m.Ends
	}
	return m.Ends.Add(-MembershipReminder)
}

// RemovalUndo is how long the owner of a profile can restore a member that it
// has removed.
const RemovalUndo = time.Hour

// Removal is the removal of a member by the owner of the profile. A member who
// leaves makes none.
type Removal struct {
	Member Member // as it was
	Time   time.Time
}

// Undo returns the member that an account becomes again, with its permission
// and the time of its joining. The epoch is a new one, so that the tokens of
// before stay revoked. If the account's address has an invitation, its entry of
// the team is replaced, and returned too. Errors: CodeNotFound for an account
// that is gone; CodeInvalid for a member, and for a removal that is none, is
// too old, or was made by an earlier owner of the profile; CodeForbidden past
// the team size of the plan, where open invitations count.
func (r Removal) Undo(
	of Account, p Profile, team Team, now time.Time,
) (m, place Member, err error) {
	if _, active := team.Active(of.ID); active && of.ID != "" {
		return m, place, problem.Invalid("This account is a member of the profile already").
			For(problem.ReasonAlreadyMember)
	}
	m = r.Member
	if m.Account == "" || !now.Before(r.Time.Add(RemovalUndo)) || r.Time.Before(p.Transferred) ||
		past(m.Ends, now) {
		return m, place, problem.Invalid("You have not removed this member in the last hour: invite the person again").
			For(problem.ReasonRemovalFinal)
	}
	if m.Account != of.ID || !of.Active {
		return m, place, problem.NotFound("Account")
	}
	var taken int
	for _, other := range team.Open(now) {
		if !other.Active && other.Email == of.Email {
			place = other
		} else {
			taken++
		}
	}
	if limit := p.Plan.Limits().Members; taken >= limit {
		return m, place, plan.LimitReached("team members", limit).
			For(problem.ReasonTeamFull).
			With("used", taken).
			With("plan", p.Plan)
	}
	m.Epoch = max(now.UnixMilli(), m.Epoch+1)
	return m, place, nil
}

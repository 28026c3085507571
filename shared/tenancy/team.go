package tenancy

import (
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Member is an account that a profile is shared with, or an address that was
// invited to it, kept with the profile.
type Member struct {
	Profile    value.ProfileID
	Account    value.AccountID // empty while the invitation is open
	Permission Permission
	// Epoch is copied into the member's tokens. It is the time of joining, so
	// that a token from an earlier membership stays dead.
	Epoch  int64
	Active bool // false: invited, not yet accepted
	// Name and Email of an active member are those of its account, for whoever
	// has read that; the team does not keep them.
	Name    string
	Email   value.Email
	Created time.Time

	// Of an invitation only, open or lapsed.
	Invitation InvitationID
	Code       value.CodeID
	Expires    time.Time
}

// ID is how a list of the team names the member: by its account, or by its
// invitation until that is accepted.
func (m Member) ID() string {
	if m.Active {
		return string(m.Account)
	}
	return string(m.Invitation)
}

// Open reports whether the member takes part in the team's count: it is active,
// or its invitation can still be accepted.
func (m Member) Open(now time.Time) bool { return m.Active || now.Before(m.Expires) }

// Team is who a profile is shared with.
type Team []Member

// Mailed is when the mail of an open invitation, or of one that has ended, was
// sent last.
func (m Member) Mailed() time.Time { return m.Expires.Add(-InvitationLife) }

// Lapsed returns those whose invitation has ended without an answer, for as
// long as that is worth knowing. since is when the profile came to its owner:
// whom an owner before has invited is nobody's to know.
func (t Team) Lapsed(since, now time.Time) Team {
	var lapsed Team
	for _, m := range t {
		if !m.Open(now) && m.Created.After(since) && now.Before(m.Expires.Add(LapsedLife)) {
			lapsed = append(lapsed, m)
		}
	}
	return lapsed
}

// Open returns the members that are active or can still become so.
func (t Team) Open(now time.Time) Team {
	var open Team
	for _, m := range t {
		if m.Open(now) {
			open = append(open, m)
		}
	}
	return open
}

// Joined returns the active members.
func (t Team) Joined() Team {
	var joined Team
	for _, m := range t {
		if m.Active {
			joined = append(joined, m)
		}
	}
	return joined
}

// Active returns the member that is this account.
func (t Team) Active(id value.AccountID) (Member, bool) {
	for _, m := range t {
		if m.Active && m.Account == id {
			return m, true
		}
	}
	return Member{}, false
}

// ByID returns the member that a list of the team shows with this id: an active
// member's is that of its account, an open invitation's its own, so that an
// invitation does not tell whether its address has an account.
func (t Team) ByID(id string) (Member, bool) {
	for _, m := range t {
		if m.ID() == id {
			return m, true
		}
	}
	return Member{}, false
}

// ByEmail returns the member with this address.
func (t Team) ByEmail(e value.Email) (Member, bool) {
	for _, m := range t {
		if m.Email == e {
			return m, true
		}
	}
	return Member{}, false
}

// ForMember returns the team as its members see it: without addresses, which
// are for the owner of the profile alone.
func (t Team) ForMember() Team {
	t = slices.Clone(t)
	for i := range t {
		t[i].Email = ""
	}
	return t
}

// ByAge returns the team with the members of longest standing first.
func (t Team) ByAge() Team {
	sorted := slices.Clone(t)
	slices.SortStableFunc(sorted, func(a, b Member) int { return a.Created.Compare(b.Created) })
	return sorted
}

// Size returns how many active members there are.
func (t Team) Size() (n int) {
	for _, m := range t {
		if m.Active {
			n++
		}
	}
	return n
}

// InvitationID identifies an invitation through its renewals, 24 hexadecimal
// digits.
type InvitationID string

// How long an invitation can be accepted, and how long before its end the
// invited person is reminded. Source: the original's team management page has
// the first.
const (
	InvitationLife     = 7 * 24 * time.Hour
	InvitationReminder = 2 * 24 * time.Hour
	// LapsedLife is how long one that nobody has answered is still listed.
	LapsedLife = 30 * 24 * time.Hour
)

// InvitationState is where an invitation is:
//
//	pending -> accepted | declined | expired | withdrawn
//
// A state other than pending never changes again. Inviting the same address
// again renews a pending invitation: it gets a new code and its full time, and
// the old code is unknown from then on.
type InvitationState string

const (
	InvitationPending   InvitationState = "pending"
	InvitationAccepted  InvitationState = "accepted"
	InvitationDeclined  InvitationState = "declined"
	InvitationExpired   InvitationState = "expired"
	InvitationWithdrawn InvitationState = "withdrawn"
)

// Invitation offers the holder of an address a place in the team of a profile.
type Invitation struct {
	ID         InvitationID
	Code       value.CodeID
	Hash       []byte // of the code; the code itself is in the mail
	Profile    value.ProfileID
	Owner      value.AccountID // who invited; another owner's invitations are void
	OwnerEpoch int64           // of the owner's account when it was sent
	Email      value.Email
	Permission Permission
	State      InvitationState
	Reminded   bool
	Created    time.Time
	Expires    time.Time
}

// ErrVoidInvitation is the answer to a code that is unknown, renewed, withdrawn
// or too old. Which of these is never said.
var ErrVoidInvitation = problem.Invalid("This invitation is not valid any more: ask the owner of the profile to invite you again").
	For(problem.ReasonInvitationOver)

// Answerable refuses (CodeInvalid) an invitation that was answered already or
// has ended.
func (i Invitation) Answerable(now time.Time) error {
	switch i.State {
	case InvitationAccepted:
		return problem.Invalid("This invitation was accepted already: the profile is in your list of profiles").
			For(problem.ReasonInvitationOver)
	case InvitationDeclined:
		return problem.Invalid("This invitation was declined already: ask the owner of the profile to invite you again").
			For(problem.ReasonInvitationOver)
	case InvitationPending:
		if now.Before(i.Expires) {
			return nil
		}
	}
	return ErrVoidInvitation
}

// Pending returns the member that stands for the invitation in the team.
func (i Invitation) Pending() Member {
	return Member{
		Profile: i.Profile, Permission: i.Permission, Email: i.Email, Created: i.Created,
		Invitation: i.ID, Code: i.Code, Expires: i.Expires,
	}
}

// Due is when the invitation needs attention next: the reminder, then the end.
func (i Invitation) Due() time.Time {
	if i.Reminded {
		return i.Expires
	}
	return i.Expires.Add(-InvitationReminder)
}

// Invite returns the invitation of an address to the profile, a renewed one if
// the address has one that is open. Errors: CodeInvalid for the owner's own
// address and for a member's; CodeForbidden past the team size of the plan,
// where open invitations count.
func (p Profile) Invite(
	owner Account,
	team Team,
	e value.Email,
	permission Permission,
	id InvitationID,
	now time.Time,
) (Invitation, error) {
	invitation := Invitation{
		ID:         id,
		Profile:    p.ID,
		Owner:      p.Owner,
		OwnerEpoch: p.OwnerEpoch,
		Email:      e,
		Permission: permission,
		State:      InvitationPending,
		Created:    now,
		Expires:    now.Add(InvitationLife),
	}
	if e == owner.Email {
		return Invitation{}, problem.Invalid("This is your own address: the owner of a profile needs no invitation").
			For(problem.ReasonOwnAddress).
			At("email")
	}
	known, found := team.ByEmail(e)
	if found && known.Active {
		return Invitation{}, problem.Invalid("%s is a member of this profile already", e).
			For(problem.ReasonAlreadyMember).
			At("email")
	}
	if found && known.Open(now) {
		invitation.ID, invitation.Created = known.Invitation, known.Created
		return invitation, nil
	}
	if limit, used := p.Plan.Limits().Members, len(team.Open(now)); used >= limit {
		return Invitation{}, plan.LimitReached("team members", limit).
			For(problem.ReasonTeamFull).
			With("used", used).
			With("plan", p.Plan)
	}
	return invitation, nil
}

// StandsFor reports whether the profile is the one that was offered, and still
// that of who offered it: a recovery of the owner's account ends the
// invitations that somebody else may have sent from it, as it ends the tokens.
func (i Invitation) StandsFor(p Profile) bool {
	return p.ID == i.Profile && p.Owner == i.Owner && p.OwnerEpoch == i.OwnerEpoch
}

// Accept returns the member that an account becomes by accepting the
// invitation, which must stand for the profile. Errors: those of Answerable;
// CodeInvalid for an account that does not hold the invited address;
// CodeForbidden when the plan admits no more members, as after a downgrade.
func (i Invitation) Accept(by Account, p Profile, team Team, now time.Time) (Member, error) {
	if err := i.Answerable(now); err != nil {
		return Member{}, err
	}
	if err := i.For(by); err != nil {
		return Member{}, err
	}
	if limit := p.Plan.Limits().Members; team.Size() >= limit {
		// who is not a member yet learns no more
		return Member{}, plan.LimitReached("team members", limit).For(problem.ReasonTeamFull)
	}
	return Member{
		Profile:    i.Profile,
		Account:    by.ID,
		Permission: i.Permission,
		Epoch:      now.UnixMilli(),
		Active:     true,
		Name:       by.Name,
		Email:      by.Email,
		Created:    now,
	}, nil
}

// For refuses (CodeInvalid) an account that does not hold the invited address.
func (i Invitation) For(a Account) error {
	if a.ID == "" || !a.Active || a.Email != i.Email {
		return problem.Invalid("This invitation is for another e-mail address: sign in with the account it was sent to").
			For(problem.ReasonInvitationAddress)
	}
	return nil
}

package tenancy

import (
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Member is an account that a profile is shared with, or an address that was
// invited. It is stored with the profile.
type Member struct {
	Profile    value.ProfileID
	Account    value.AccountID // empty while the invitation is open
	Permission Permission
	// Epoch is copied into the member's tokens. It is the time of joining, so
	// that tokens of an earlier membership stay revoked.
	Epoch  int64
	Active bool // false: invited, not yet accepted
	// Name and Email of an active member are those of its account. They are not
	// stored with the team; a caller that needs them reads the account.
	Name    string
	Email   value.Email
	Created time.Time
	// Ends is when the membership ends by itself; zero: it does not.
	Ends time.Time
	// Told says that the member and the owner were told of that end.
	Told bool

	// The fields below are set for an invitation only, open or expired.
	Invitation InvitationID
	Code       value.CodeID
	Expires    time.Time
	Returned   MailReturn
}

// MailReturn says that a mail came back; zero: it did not.
type MailReturn struct {
	Time time.Time
	// Invalid says that the address takes no mail; otherwise it may take a
	// later one.
	Invalid bool
}

// ID returns the id of the member in a list of the team: that of its account,
// or of its invitation until that is accepted.
func (m Member) ID() string {
	if m.Active {
		return string(m.Account)
	}
	return string(m.Invitation)
}

// Open reports whether the member is active and its membership has not ended,
// or its invitation can still be accepted.
func (m Member) Open(now time.Time) bool {
	if m.Active {
		return !past(m.Ends, now)
	}
	return now.Before(m.Expires)
}

// Team has the members of a profile and the invitations to it.
type Team []Member

// Mailed returns when the mail of the invitation was last sent.
func (m Member) Mailed() time.Time { return m.Expires.Add(-InvitationLife) }

// Lapsed returns the invitations that expired without an answer in the last
// LapsedLife. since is when the owner received the profile: invitations of a
// former owner are left out.
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

// ByID returns the member with an id (see Member.ID). An invitation has an id
// of its own, so that it does not show whether its address has an account.
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

// ByAge returns the team, oldest members first.
func (t Team) ByAge() Team {
	sorted := slices.Clone(t)
	slices.SortStableFunc(sorted, func(a, b Member) int { return a.Created.Compare(b.Created) })
	return sorted
}

// Size returns how many members there are, without those whose membership has
// ended.
func (t Team) Size(now time.Time) (n int) {
	for _, m := range t {
		if m.Active && m.Open(now) {
			n++
		}
	}
	return n
}

// InvitationID identifies an invitation: 24 hexadecimal digits, which stay the
// same when it is renewed.
type InvitationID string

// InvitationLife is how long an invitation can be accepted, and
// InvitationReminder how long before its end the invited person is reminded.
// Source of the first: the original's team management page.
const (
	InvitationLife     = 7 * 24 * time.Hour
	InvitationReminder = 2 * 24 * time.Hour
	// LapsedLife is how long an expired invitation is still listed.
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

// Invitation offers membership of a profile's team to the account with an
// address.
type Invitation struct {
	ID         InvitationID
	Code       value.CodeID
	Hash       []byte // of the code; the code itself is in the mail
	Profile    value.ProfileID
	Owner      value.AccountID // who invited; another owner's invitations are void
	OwnerEpoch int64           // of the owner's account when it was sent
	Email      value.Email
	Permission Permission
	Ends       time.Time // of the membership that it offers; zero: it has none
	State      InvitationState
	Reminded   bool
	Created    time.Time
	Expires    time.Time
	// Returned is stored with the entry of the team only; see Pending.
	Returned MailReturn
}

// ErrVoidInvitation refuses the code of an invitation that is unknown, renewed,
// withdrawn or expired. It does not say which of these it is.
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
		if now.Before(i.Expires) && !past(i.Ends, now) {
			return nil
		}
	}
	return ErrVoidInvitation
}

// Pending returns the entry of the team for the open invitation.
func (i Invitation) Pending() Member {
	return Member{
		Profile: i.Profile, Permission: i.Permission, Email: i.Email, Created: i.Created,
		Ends: i.Ends, Invitation: i.ID, Code: i.Code, Expires: i.Expires, Returned: i.Returned,
	}
}

// Due returns when a sweep must next handle the invitation: at its reminder,
// and then at its end.
func (i Invitation) Due() time.Time {
	if i.Reminded {
		return i.Expires
	}
	return i.Expires.Add(-InvitationReminder)
}

// Offer is the membership that an invitation offers.
type Offer struct {
	Permission Permission
	Ends       time.Time // zero: it has no end
}

// Invite returns the invitation of an address to the profile. If the address
// has an open invitation, that one is renewed. Errors: CodeInvalid for the
// owner's own address and for a member's; CodeForbidden past the team size of
// the plan, where open invitations count.
func (p Profile) Invite(
	owner Account,
	team Team,
	e value.Email,
	offer Offer,
	id InvitationID,
	now time.Time,
) (Invitation, error) {
	invitation := Invitation{
		ID:         id,
		Profile:    p.ID,
		Owner:      p.Owner,
		OwnerEpoch: p.OwnerEpoch,
		Email:      e,
		Permission: offer.Permission,
		Ends:       offer.Ends,
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

// StandsFor reports whether the invitation is to this profile, still from its
// owner, and sent under the owner's present epoch. A recovery of the owner's
// account raises the epoch and so ends invitations that somebody else may have
// sent from it.
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
	if limit := p.Plan.Limits().Members; team.Size(now) >= limit {
		// The plan and the number of members are not for someone who is no
		// member.
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
	}.Until(i.Ends, now), nil
}

// For refuses (CodeInvalid) an account that does not hold the invited address.
func (i Invitation) For(a Account) error {
	if a.ID == "" || !a.Active || a.Email != i.Email {
		return problem.Invalid("This invitation is for another e-mail address: sign in with the account it was sent to").
			For(problem.ReasonInvitationAddress)
	}
	return nil
}

package tenancy

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Profile is a sub-account: what it is called, who owns it, and what of each
// service it may use.
type Profile struct {
	ID         value.ProfileID
	Owner      value.AccountID
	Name       string // not unique
	LogoURL    string // empty: none
	BannerURL  string // empty: none
	Allocation plan.Amounts
	Addons     billing.Addons

	// Plan, Anchor, Renews, OwnerEpoch and OwnerSessions are copies of the
	// owner's, and Allocation and Addons of its share in the owner's account,
	// written in every transaction that changes them: an owner's request to one
	// profile is authorised, and use of it is counted, by the profile alone.
	Plan   plan.Plan
	Anchor time.Time
	// when the owner's subscription changes as scheduled, and Allocation may
	// with it; zero: nothing is scheduled
	Renews        time.Time
	OwnerEpoch    int64
	OwnerSessions int64
	// Epoch is copied into the owner's tokens for this profile. It is the time
	// of the last change of owner, or of the last time when all tokens were
	// revoked, 0 before the first: what was made before is dead.
	Epoch int64

	TokenPolicy TokenPolicy

	Transferred time.Time // when it last changed its owner; zero: never
	Created     time.Time
	Updated     time.Time
	Version     int64 // counts up with each change
}

// NewProfile returns a profile of owner, who has its share already. Its name
// must have been parsed.
func NewProfile(id value.ProfileID, owner Account, name string, now time.Time) Profile {
	return Profile{ID: id, Name: name, Created: now, Updated: now}.Of(owner)
}

// Of returns the profile with its copies of what its owner's account says.
func (p Profile) Of(owner Account) Profile {
	share := owner.Shares[p.ID]
	p.Owner, p.OwnerEpoch, p.OwnerSessions = owner.ID, owner.Epoch, owner.Sessions
	p.Plan, p.Anchor, p.Allocation, p.Addons = owner.Plan, owner.Anchor, share.Allocation, share.Addons
	p.Renews = time.Time{}
	if !owner.Schedule.Empty() {
		p.Renews = owner.PaidUntil
	}
	return p
}

// Outdated reports whether a scheduled change of the owner's subscription is
// due: the allocation is what was paid until then, and holds no more.
func (p Profile) Outdated(now time.Time) bool { return !p.Renews.IsZero() && !now.Before(p.Renews) }

// ProfileEdit is a partial change of a profile; a nil field stays as it is, an
// empty URL removes the picture.
type ProfileEdit struct{ Name, LogoURL, BannerURL *string }

// Edit returns the profile with the change applied, or CodeInvalid naming the
// field that is wrong.
func (p Profile) Edit(e ProfileEdit, now time.Time) (Profile, error) {
	var err error
	if e.Name != nil {
		if p.Name, err = value.ParseName("name", *e.Name); err != nil {
			return p, err
		}
	}
	// A client that sends back what it has read says nothing new.
	if e.LogoURL != nil && *e.LogoURL != p.LogoURL {
		if p.LogoURL, err = value.ParseURL("logo_url", *e.LogoURL); err != nil {
			return p, err
		}
	}
	if e.BannerURL != nil {
		if p.BannerURL, err = value.ParseURL("banner_url", *e.BannerURL); err != nil {
			return p, err
		}
	}
	p.Updated = now
	return p, nil
}

// Grant is the right of one account on one profile. There is one for the owner
// and one for each active member, kept with the account, so that listing what a
// person can open is one query. Name, LogoURL and Owner are the profile's.
type Grant struct {
	Account    value.AccountID
	Profile    value.ProfileID
	Owner      value.AccountID
	Permission Permission
	Epoch      int64 // counts up when the tokens of this account for this profile must die
	// of the owner's: when the profile was transferred to it; zero: it made the
	// profile
	Received time.Time
	Name     string
	LogoURL  string
}

// Own reports whether the grant is that of the owner.
func (g Grant) Own() bool { return g.Account == g.Owner }

// OwnerGrant returns the grant of the profile's owner.
func (p Profile) OwnerGrant() Grant {
	return Grant{
		Account: p.Owner, Profile: p.ID, Owner: p.Owner, Permission: PermissionFull,
		Epoch: p.Epoch, Received: p.Transferred, Name: p.Name, LogoURL: p.LogoURL,
	}
}

// MemberGrant returns the grant of an active member.
func (p Profile) MemberGrant(m Member) Grant {
	return Grant{
		Account: m.Account, Profile: p.ID, Owner: p.Owner, Permission: m.Permission,
		Epoch: m.Epoch, Name: p.Name, LogoURL: p.LogoURL,
	}
}

// TransferLock is the time between two transfers of one profile, in which the
// last one can be asked back. Source: the design's state machine.
const TransferLock = 7 * 24 * time.Hour

// Deletable refuses (CodeForbidden) while the transfer that brought the profile
// can be taken back: else whoever took it could destroy it.
func (p Profile) Deletable(now time.Time) error {
	if until := p.Transferred.Add(TransferLock); !p.Transferred.IsZero() && now.Before(until) {
		return problem.Forbidden("The profile %s came from another account, which can ask for it back until %s: delete it after that", value.Isolated(p.Name), until.Format(value.TimeFormat)).
			For(problem.ReasonTransferHold).
			With("until", until.Format(value.TimeFormat))
	}
	return nil
}

// Quota returns what the profile may use, and since when it counts.
func (p Profile) Quota() billing.Quota {
	return billing.Quota{
		Profile:    p.ID,
		Allocation: p.Allocation,
		Anchor:     p.Anchor,
		Received:   p.Transferred,
	}
}

// UsageCycle returns when the counters of the profile began and when they begin
// again.
func (p Profile) UsageCycle(now time.Time) billing.Cycle { return p.Quota().Cycle(now) }

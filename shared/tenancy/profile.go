package tenancy

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Profile is a sub-account: its name, its owner, and how much of each service
// it may use.
type Profile struct {
	ID         value.ProfileID
	Owner      value.AccountID
	Name       string // not unique
	LogoURL    string // empty: none
	BannerURL  string // empty: none
	Allocation plan.Amounts
	Addons     billing.Addons
	// Soft are the services of which more than the allocation is admitted.
	Soft   billing.Services
	Alerts billing.Alerts

	// Plan, Anchor, Renews, OwnerEpoch and OwnerSessions are copies from the
	// owner's account. Allocation and Addons are copies of the profile's share
	// there. Cost is what that costs in a cycle, if the profile has an alert on
	// it. Each transaction that changes the account's values writes the copies
	// too. So an owner's request to the profile is authorized, and a report of
	// its usage counted, without reading the account.
	Plan   plan.Plan
	Anchor time.Time
	Cost   int64 // cents; see billing.Subscription.CycleCost
	// Renews is when a scheduled change of the owner's subscription is due,
	// which may change Allocation; zero: nothing is scheduled.
	Renews time.Time
	// QuotaVersion is raised when the profile moves, when Allocation is
	// lowered, and when Soft or Alerts change. A report of usage that read an
	// earlier one is not counted.
	QuotaVersion  int64
	OwnerEpoch    int64
	OwnerSessions int64
	// Epoch is copied into the owner's tokens for this profile; raising it
	// revokes them. It is the time of the last change of owner, or of the last
	// revocation of all tokens; 0 before the first.
	Epoch int64

	TokenPolicy TokenPolicy

	Transferred time.Time // when the owner last changed; zero: never
	Created     time.Time
	Updated     time.Time
	Version     int64 // raised by each change
}

// NewProfile returns a new profile of owner, whose account must have the
// profile's share already. name must have been parsed (value.ParseName).
func NewProfile(id value.ProfileID, owner Account, name string, now time.Time) Profile {
	return Profile{ID: id, Name: name, Created: now, Updated: now}.Of(owner)
}

// Of returns the profile with owner as its owner, and with the copies from its
// account.
func (p Profile) Of(owner Account) Profile {
	share := owner.Shares[p.ID]
	p.Owner, p.OwnerEpoch, p.OwnerSessions = owner.ID, owner.Epoch, owner.Sessions
	p.Plan, p.Anchor = owner.Plan, owner.Anchor
	p.Allocation, p.Addons = share.Allocation, share.Addons
	p.Cost = 0
	if share.CostAlert {
		p.Cost = owner.CycleCost(p.ID)
	}
	p.Renews = time.Time{}
	if !owner.Schedule.Empty() {
		p.Renews = owner.PaidUntil
	}
	return p
}

// Outdated reports whether a scheduled change of the owner's subscription is
// due. The profile's allocation is then out of date.
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
	// Clients send back the relative URL of a stored logo, which ParseURL would
	// refuse.
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

// Grant is the right of one account on one profile. The owner has one, and each
// active member. It is stored with the account, so that the profiles of an
// account are listed by one query. Name, LogoURL and Owner are copies from the
// profile.
type Grant struct {
	Account    value.AccountID
	Profile    value.ProfileID
	Owner      value.AccountID
	Permission Permission
	Epoch      int64 // raising it revokes the account's tokens for this profile
	// Received, of an owner's grant, is when the profile was transferred to it;
	// zero: the owner created the profile.
	Received time.Time
	// Ends is when the membership ends by itself; zero: it does not.
	Ends    time.Time
	Name    string
	LogoURL string
}

// Lasts reports whether the grant has not ended by itself.
func (g Grant) Lasts(now time.Time) bool { return !past(g.Ends, now) }

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
		Epoch: m.Epoch, Ends: m.Ends, Name: p.Name, LogoURL: p.LogoURL,
	}
}

// TransferLock is the least time between two transfers of a profile. During it
// the last transfer can be reversed.
const TransferLock = 7 * 24 * time.Hour

// Deletable refuses (CodeForbidden) to delete a profile while its last transfer
// can be reversed: otherwise the new owner could destroy it before that.
func (p Profile) Deletable(now time.Time) error {
	if until := p.Transferred.Add(TransferLock); !p.Transferred.IsZero() && now.Before(until) {
		return problem.Forbidden("The profile %s came from another account, which can ask for it back until %s: delete it after that", value.Isolated(p.Name), until.Format(value.TimeFormat)).
			For(problem.ReasonTransferHold).
			With("until", until.Format(value.TimeFormat))
	}
	return nil
}

// ProfileUndo is how long the owner of a deleted profile can restore it.
const ProfileUndo = 7 * 24 * time.Hour

// ProfileDeletion is a deleted profile, as long as its owner can restore it.
type ProfileDeletion struct {
	Profile   Profile // as it was
	Team      Team    // its members as they were; invitations end with the profile
	Logo      Logo    // zero: it has none here
	Use       billing.Usage
	Departure billing.Departure
	Time      time.Time
}

// Ends returns when the profile is gone for good.
func (d ProfileDeletion) Ends() time.Time { return d.Time.Add(ProfileUndo) }

// Restoration is a profile that comes back, with its owner and its use.
type Restoration struct {
	Owner   Account // after it
	Profile Profile // as it is stored from then on
	Use     billing.Usage
	Charges []billing.Charge
}

// Undo returns the restoration of the profile. It is as it was, with what its
// owner's account gives it now; see billing.Subscription.Return. Revocations of
// the owner's tokens since the deletion hold. use is the usage of the account's
// only other profile. Errors: CodeNotFound when it is no deletion or too old;
// those of Return.
func (d ProfileDeletion) Undo(
	owner Account, use map[value.ProfileID]billing.Usage, now time.Time,
) (r Restoration, err error) {
	id := d.Profile.ID
	if id == "" || !now.Before(d.Ends()) || d.Profile.Owner != owner.ID {
		return r, problem.NotFound("Deleted profile")
	}
	used := map[value.ProfileID]billing.Usage{id: d.Use}
	maps.Copy(used, use)
	var resumed plan.Amounts
	r.Owner, resumed, r.Charges, err = owner.Return(id, d.Departure, used, now)
	if err != nil {
		return r, err
	}
	r.Profile = d.Profile.Of(r.Owner)
	r.Profile.Version++
	// A report that read the profile before the deletion is not counted.
	r.Profile.QuotaVersion++
	r.Use = d.Use.Restored(r.Profile.Quota(), resumed, now)
	return r, nil
}

// Quota returns the profile's quota.
func (p Profile) Quota() billing.Quota {
	return billing.Quota{
		Profile:    p.ID,
		Allocation: p.Allocation,
		Anchor:     p.Anchor,
		Received:   p.Transferred,
		Soft:       p.Soft,
		Alerts:     p.Alerts,
		Cost:       p.Cost,
		Version:    p.QuotaVersion,
	}
}

// UsageCycle returns the time in which the profile's counters count (see
// billing.Quota.Cycle).
func (p Profile) UsageCycle(now time.Time) billing.Cycle { return p.Quota().Cycle(now) }

// Logo is the picture of a profile, stored by this service. A logo never
// changes: another picture has another hash.
type Logo struct {
	Hash    string
	Profile value.ProfileID
	PNG     []byte
}

// logoPath is the beginning of the URLs of stored logos. They are relative,
// because functions do not know their public host name.
const logoPath = "/logo/"

// logoHash is the length of a logo's hash, in characters.
const logoHash = 32

// NewLogo returns the logo of a profile. Its hash covers the profile's id, so
// that two profiles with the same picture have different logos, and one can be
// removed without the other.
func NewLogo(p value.ProfileID, png []byte) Logo {
	sum := sha256.Sum256(append([]byte(p), png...))
	return Logo{hex.EncodeToString(sum[:])[:logoHash], p, png}
}

// WithLogo returns the profile with a stored logo.
func (p Profile) WithLogo(l Logo, now time.Time) Profile {
	p.LogoURL, p.Updated = logoPath+l.Hash, now
	return p
}

// Logo returns the hash of the profile's stored logo, or empty if it has none
// or its URL is elsewhere.
func (p Profile) Logo() string {
	hash, own := strings.CutPrefix(p.LogoURL, logoPath)
	if !own || !IsLogoHash(hash) {
		return ""
	}
	return hash
}

// IsLogoHash reports whether a text can be the hash of a logo.
func IsLogoHash(s string) bool {
	return len(s) == logoHash && strings.Trim(s, "0123456789abcdef") == ""
}

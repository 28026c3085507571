package store

import (
	"context"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindProfile Kind = "profile"

func profileKey(id value.ProfileID) key { return key{kindProfile, "P#" + string(id), "P"} }

type profileItem struct {
	key
	profileAttributes
}

type profileAttributes struct {
	ID            string           `dynamodbav:"id"`
	Owner         string           `dynamodbav:"owner"`
	Name          string           `dynamodbav:"name"`
	LogoURL       string           `dynamodbav:"logoURL,omitempty"`
	BannerURL     string           `dynamodbav:"bannerURL,omitempty"`
	Allocation    map[string]int64 `dynamodbav:"allocation"`
	CustomDNS     bool             `dynamodbav:"customDNS"`
	Mobile        bool             `dynamodbav:"mobile"`
	Cost          int64            `dynamodbav:"cost,omitempty"`
	Plan          string           `dynamodbav:"plan"`
	Anchor        int64            `dynamodbav:"anchor"`
	Renews        int64            `dynamodbav:"renews"`
	Quota         int64            `dynamodbav:"quota"`
	OwnerEpoch    int64            `dynamodbav:"ownerEpoch"`
	OwnerSessions int64            `dynamodbav:"ownerSessions"`
	Epoch         int64            `dynamodbav:"epoch"`
	// when the owner last changed
	Transferred int64 `dynamodbav:"transferred"`
	Created     int64 `dynamodbav:"created"`
	Updated     int64 `dynamodbav:"updated"`
	Version     int64 `dynamodbav:"version"`
	tokenPolicyAttributes
	SoftLimits []string            `dynamodbav:"softLimits,omitempty"`
	Alerts     []ownAlertAttribute `dynamodbav:"alerts,omitempty"`
}

type tokenPolicyAttributes struct {
	LongestTokenDays    int  `dynamodbav:"longestTokenDays,omitempty"`
	NoEndlessTokens     bool `dynamodbav:"noEndlessTokens,omitempty"`
	DisableUnusedTokens bool `dynamodbav:"disableUnusedTokens,omitempty"`
	QuietNetworks       bool `dynamodbav:"quietNetworks,omitempty"`
}

func tokenPolicyFrom(p tenancy.TokenPolicy) tokenPolicyAttributes {
	return tokenPolicyAttributes{p.LongestDays, p.NoNever, p.DisableUnused, p.QuietNetworks}
}

func (a tokenPolicyAttributes) value() tenancy.TokenPolicy {
	return tenancy.TokenPolicy{
		LongestDays: a.LongestTokenDays, NoNever: a.NoEndlessTokens,
		DisableUnused: a.DisableUnusedTokens, QuietNetworks: a.QuietNetworks,
	}
}

func profileFrom(p tenancy.Profile) profileItem {
	return profileItem{profileKey(p.ID), profileAttributes{
		ID: string(p.ID), Owner: string(p.Owner), Name: p.Name,
		LogoURL: p.LogoURL, BannerURL: p.BannerURL, Allocation: p.Allocation.Map(),
		CustomDNS: p.Addons.CustomDNS, Mobile: p.Addons.Mobile, Plan: string(p.Plan),
		Anchor: millis(p.Anchor), Renews: millis(p.Renews), Quota: p.QuotaVersion,
		OwnerEpoch: p.OwnerEpoch, OwnerSessions: p.OwnerSessions, Epoch: p.Epoch,
		Transferred: millis(p.Transferred),
		Created:     millis(p.Created), Updated: millis(p.Updated), Version: p.Version,
		tokenPolicyAttributes: tokenPolicyFrom(p.TokenPolicy),
		SoftLimits:            p.Soft.Names(), Alerts: alertsFrom(p.Alerts), Cost: p.Cost,
	}}
}

func (i profileItem) value() tenancy.Profile { return i.profileAttributes.value() }

func (i profileAttributes) value() tenancy.Profile {
	return tenancy.Profile{
		ID: value.ProfileID(i.ID), Owner: value.AccountID(i.Owner), Name: i.Name,
		LogoURL: i.LogoURL, BannerURL: i.BannerURL, Allocation: plan.AmountsFrom(i.Allocation),
		Addons: billing.Addons{CustomDNS: i.CustomDNS, Mobile: i.Mobile},
		Plan:   plan.Plan(i.Plan), Anchor: fromMillis(i.Anchor), Renews: fromMillis(i.Renews),
		QuotaVersion: i.Quota, OwnerEpoch: i.OwnerEpoch, OwnerSessions: i.OwnerSessions,
		Epoch:       i.Epoch,
		Transferred: fromMillis(i.Transferred), Created: fromMillis(i.Created),
		Updated: fromMillis(i.Updated), Version: i.Version,
		TokenPolicy: i.tokenPolicyAttributes.value(),
		Soft:        billing.ServicesOf(i.SoftLimits), Alerts: alertsOf(i.Alerts), Cost: i.Cost,
	}
}

// Profile adds a profile to the batch.
func (b *Batch) Profile(id value.ProfileID) *Found[tenancy.Profile] {
	return want(b, profileKey(id), profileItem.value)
}

// ProfileWithMembers reads a profile and its team. A profile that does not
// exist is the zero Profile. The query reads the profile before its team, so
// the team may be newer than p.Version, but not older. A write that relies on
// both fails if the team is newer.
func (s *Store) ProfileWithMembers(
	ctx context.Context,
	id value.ProfileID,
) (tenancy.Profile, tenancy.Team, error) {
	k := profileKey(id)
	var profile tenancy.Profile
	var members tenancy.Team
	all := span{pk: k.PK, from: memberPrefix, to: k.SK, newestFirst: true}
	for it, err := range s.query(ctx, all) {
		if err != nil {
			return profile, nil, err
		}
		if sortKey(it) == k.SK {
			profile, err = decode(it, profileItem.value)
		} else {
			var m tenancy.Member
			m, err = decode(it, memberItem.value)
			members = append(members, m)
		}
		if err != nil {
			return profile, nil, err
		}
	}
	slices.Reverse(members)
	return profile, members, nil
}

// CreateProfile adds a profile with the grant of its owner.
func (tx *Tx) CreateProfile(p tenancy.Profile) {
	tx.put(profileFrom(p), absent)
	tx.put(grantFrom(p.OwnerGrant()), absent)
}

// UpdateProfile changes a profile that was read at p.Version, and the copies of
// its name and logo in the grants of its owner and its active members. Each
// step that adds or removes a member raises the profile's version, so that no
// copy is missed.
func (tx *Tx) UpdateProfile(p tenancy.Profile, team tenancy.Team) {
	c := sameVersion(p.Version)
	p.Version++
	tx.overwrite(profileKey(p.ID), profileFrom(p), optionalOf[profileItem](), nil, c)
	tx.copyListed(p, team)
}

// copyListed writes the copies that the grants on a profile have of it.
func (tx *Tx) copyListed(p tenancy.Profile, team tenancy.Team) {
	listed := item{":name": text(p.Name), ":logoURL": text(p.LogoURL)}
	const expression = "SET #name = :name, #logoURL = :logoURL"
	tx.update(grantKey(p.Owner, p.ID), expression, listed, exists)
	for _, m := range team {
		if m.Active {
			tx.update(grantKey(m.Account, p.ID), expression, listed, exists)
		}
	}
}

// syncCopies writes the copies of the account in the named profiles. It raises
// the version of the quota of those whose allocation it lowers.
func (tx *Tx) syncCopies(
	a tenancy.Account,
	now time.Time,
	lowered map[value.ProfileID]map[plan.Service]int64,
	profiles ...value.ProfileID,
) {
	for _, p := range profiles {
		copied := profileFrom(tenancy.Profile{ID: p}.Of(a))
		set := tx.marshal(copied)
		var quota string
		values := item{":one": number(1)}
		if _, lower := lowered[p]; lower {
			quota, values[":none"] = raiseQuota, number(0)
		}
		for _, name := range []string{
			"plan", "anchor", "renews", "ownerEpoch", "ownerSessions", "allocation", "customDNS",
			"mobile",
		} {
			values[":"+name] = set[name]
		}
		values[":updated"], values[":cost"] = number(millis(now)), number(copied.Cost)
		tx.update(
			profileKey(p),
			"SET "+quota+"#plan = :plan, #anchor = :anchor, #renews = :renews, "+
				"#ownerEpoch = :ownerEpoch, #ownerSessions = :ownerSessions, "+
				"#allocation = :allocation, #customDNS = :customDNS, #mobile = :mobile, #cost = :cost, "+
				"#updated = :updated, #version = #version + :one",
			values,
			condition{
				"attribute_exists(PK) AND #owner = :owner",
				item{":owner": text(string(a.ID))},
				problem.ErrConflict,
			},
		)
	}
}

// bumpVersion requires that the profile, its team and its transfer did not
// change since the profile was read, and raises the profile's version.
func (tx *Tx) bumpVersion(p tenancy.Profile) {
	tx.update(
		profileKey(p.ID),
		"SET #version = #version + :one",
		item{":one": number(1)},
		sameVersion(p.Version),
	)
}

// SetTokenPolicy changes the policy of a profile that was read at p.Version.
func (tx *Tx) SetTokenPolicy(p tenancy.Profile) {
	tx.update(
		profileKey(p.ID),
		"SET #longestTokenDays = :days, #noEndlessTokens = :no, "+
			"#disableUnusedTokens = :unused, #quietNetworks = :quiet, #updated = :updated, #version = #version + :one",
		item{
			":days": number(int64(p.TokenPolicy.LongestDays)),
			":no":   boolean(p.TokenPolicy.NoNever), ":updated": number(millis(p.Updated)),
			":unused": boolean(p.TokenPolicy.DisableUnused),
			":quiet":  boolean(p.TokenPolicy.QuietNetworks), ":one": number(1),
		},
		sameVersion(p.Version),
	)
}

// CheckTokenPolicy fails with changed if how long tokens of the profile may
// live has changed since it was read.
func (tx *Tx) CheckTokenPolicy(p tenancy.Profile, changed error) {
	days, no := "#longestTokenDays = :days", "#noEndlessTokens = :no"
	if p.TokenPolicy.LongestDays == 0 {
		days = "(attribute_not_exists(#longestTokenDays) OR " + days + ")"
	}
	if !p.TokenPolicy.NoNever {
		no = "(attribute_not_exists(#noEndlessTokens) OR " + no + ")"
	}
	tx.check(profileKey(p.ID), condition{
		"attribute_exists(PK) AND " + days + " AND " + no,
		item{
			":days": number(int64(p.TokenPolicy.LongestDays)),
			":no":   boolean(p.TokenPolicy.NoNever),
		},
		changed,
	})
}

// CheckDisablesUnused fails with changed if the profile is gone, has another
// owner, or its policy no longer disables tokens that nobody uses.
func (tx *Tx) CheckDisablesUnused(p tenancy.Profile, changed error) {
	tx.check(profileKey(p.ID), condition{
		"attribute_exists(PK) AND #owner = :owner AND #disableUnusedTokens = :yes",
		item{":owner": text(string(p.Owner)), ":yes": boolean(true)},
		changed,
	})
}

// CheckOwner fails with refused if the profile is gone, or has another owner.
func (tx *Tx) CheckOwner(id value.ProfileID, owner value.AccountID, refused error) {
	tx.check(profileKey(id), condition{
		"attribute_exists(PK) AND #owner = :owner", item{":owner": text(string(owner))}, refused,
	})
}

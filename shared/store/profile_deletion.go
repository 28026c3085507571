package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const (
	kindDeletedProfile    Kind = "deleted-profile"
	kindRestorableProfile Kind = "restorable-profile"
)

func deletedProfileKey(p value.ProfileID) key {
	return key{kindDeletedProfile, "D#" + string(p), "D"}
}

const restorablePrefix = "P#"

// leavingLife is how much longer a deleted profile is stored than it can be
// restored, so that a sweep can make its last backup.
const leavingLife = 7 * 24 * time.Hour

func restorableKey(a value.AccountID, p value.ProfileID) key {
	return key{kindRestorableProfile, "D#" + string(a), restorablePrefix + string(p)}
}

// deletedProfileItem is what a sweep needs to remove what a deleted profile
// left. It is due when the profile cannot be restored any more.
type deletedProfileItem struct {
	key
	due
	Profile string `dynamodbav:"profile"`
	Deleted int64  `dynamodbav:"deleted"`
	// the account that can restore the profile
	Owner string `dynamodbav:"owner,omitempty"`
	// whether something of it has been removed already
	Purging bool `dynamodbav:"purging,omitempty"`
}

// restorableItem is a deleted profile as it was, in the list of its owner.
type restorableItem struct {
	key
	Profile   profileAttributes   `dynamodbav:"profile"`
	Team      []memberAttribute   `dynamodbav:"team"`
	Logo      []byte              `dynamodbav:"logo,omitempty"`
	Usage     *usageAttributes    `dynamodbav:"usage,omitempty"` // none: nothing was reported
	Departure departureAttributes `dynamodbav:"departure"`
	Deleted   int64               `dynamodbav:"deleted"`
	TTL       int64               `dynamodbav:"ttl"`
}

// memberAttribute is a member of a deleted profile.
type memberAttribute struct {
	Account    string `dynamodbav:"account"`
	Permission string `dynamodbav:"permission"`
	Epoch      int64  `dynamodbav:"epoch"`
	Created    int64  `dynamodbav:"created"`
	Ends       int64  `dynamodbav:"ends,omitempty"`
	Told       bool   `dynamodbav:"told,omitempty"`
}

type departureAttributes struct {
	Shares    map[string]shareAttribute `dynamodbav:"shares"`
	Limits    map[string]int64          `dynamodbav:"limits"`
	Spent     *spentAttribute           `dynamodbav:"spent,omitempty"`
	CustomDNS bool                      `dynamodbav:"customDNS"` // whether it was to end
	Mobile    bool                      `dynamodbav:"mobile"`    // the same
	PaidUntil int64                     `dynamodbav:"paidUntil,omitempty"`
}

func restorableFrom(d tenancy.ProfileDeletion) restorableItem {
	p := d.Profile
	i := restorableItem{
		key: restorableKey(p.Owner, p.ID), Profile: profileFrom(p).profileAttributes,
		Team: []memberAttribute{}, Logo: d.Logo.PNG, Departure: departureAttributes{
			Shares: sharesFrom(d.Departure.Shares), Limits: d.Departure.Limits.Map(),
			Spent: spentFrom(d.Departure.Spent), CustomDNS: d.Departure.Ending.CustomDNS,
			Mobile: d.Departure.Ending.Mobile, PaidUntil: millis(d.Departure.PaidUntil),
		},
		Deleted: millis(d.Time), TTL: d.Ends().Add(leavingLife).Unix(),
	}
	if d.Use.Version > 0 {
		i.Usage = new(usageFrom(d.Use).usageAttributes)
	}
	for _, m := range d.Team.Joined() {
		i.Team = append(i.Team, memberAttribute{
			string(m.Account), m.Permission.String(), m.Epoch, millis(m.Created),
			millis(m.Ends), m.Told,
		})
	}
	return i
}

func (i restorableItem) value() tenancy.ProfileDeletion {
	d := tenancy.ProfileDeletion{
		Profile: i.Profile.value(), Time: fromMillis(i.Deleted), Departure: billing.Departure{
			Shares: sharesOf(i.Departure.Shares), Limits: plan.AmountsFrom(i.Departure.Limits),
			Spent:     i.Departure.Spent.value(),
			Ending:    billing.Addons{CustomDNS: i.Departure.CustomDNS, Mobile: i.Departure.Mobile},
			PaidUntil: fromMillis(i.Departure.PaidUntil),
		},
	}
	if hash := d.Profile.Logo(); hash != "" && i.Logo != nil {
		d.Logo = tenancy.Logo{Hash: hash, Profile: d.Profile.ID, PNG: i.Logo}
	}
	if i.Usage != nil {
		d.Use = i.Usage.value()
	}
	for _, m := range i.Team {
		d.Team = append(d.Team, tenancy.Member{
			Profile: d.Profile.ID, Account: value.AccountID(m.Account),
			Permission: storedPermission(m.Permission), Epoch: m.Epoch, Active: true,
			Created: fromMillis(m.Created), Ends: fromMillis(m.Ends), Told: m.Told,
		})
	}
	return d
}

// Restorable adds a deleted profile of an account to the batch. It may be one
// that cannot be restored any more.
func (b *Batch) Restorable(
	a value.AccountID, p value.ProfileID,
) *Found[tenancy.ProfileDeletion] {
	return want(b, restorableKey(a, p), restorableItem.value)
}

// Restorables iterates over the deleted profiles of an account, ordered by
// their creation. Some may not be restorable any more.
func (s *Store) Restorables(
	ctx context.Context, a value.AccountID, walk Walk,
) iter.Seq2[tenancy.ProfileDeletion, error] {
	return decoded(
		s.query(ctx, walk.over(restorableKey(a, "").PK, restorablePrefix)), restorableItem.value)
}

// DeleteProfile removes a profile that was read at p.Version, its team and all
// grants on it, for good. This revokes its tokens, and a due entry has a sweep
// remove them. CloseUse or ForgetUse removes its usage.
func (tx *Tx) DeleteProfile(p tenancy.Profile, team tenancy.Team, now time.Time) {
	tx.dropProfile(p, team, now)
	tx.put(deletedProfileItem{
		key: deletedProfileKey(p.ID), due: dueAt(DueProfile, string(p.ID), now),
		Profile: string(p.ID), Deleted: millis(now),
	}, condition{})
}

// KeepProfile is DeleteProfile for a profile that its owner can restore. team
// may have more than d.Team: the invitations.
func (tx *Tx) KeepProfile(d tenancy.ProfileDeletion, team tenancy.Team) {
	p := d.Profile
	tx.dropProfile(p, team, d.Time)
	tx.put(restorableFrom(d), condition{})
	tx.put(deletedProfileItem{
		key: deletedProfileKey(p.ID), due: dueAt(DueProfile, string(p.ID), d.Ends()),
		Profile: string(p.ID), Deleted: millis(d.Time), Owner: string(p.Owner),
	}, condition{})
}

func (tx *Tx) dropProfile(p tenancy.Profile, team tenancy.Team, now time.Time) {
	tx.delete(profileKey(p.ID), sameVersion(p.Version))
	tx.delete(grantKey(p.Owner, p.ID), exists)
	if logo := p.Logo(); logo != "" {
		tx.DropLogo(logo)
	}
	for _, m := range team {
		if !m.Active && !m.Open(now) {
			// An expired invitation has only its entry in the team. A
			// membership that has ended still has its grant.
			tx.delete(memberKey(m), condition{})
			continue
		}
		tx.delete(memberKey(m), exists)
		if m.Active {
			tx.delete(grantKey(m.Account, p.ID), exists)
		} else {
			tx.forget(tenancy.Invitation{Code: m.Code, Email: m.Email})
		}
	}
}

// RestoreProfile adds what KeepProfile has removed, as r has it, with those of
// the team that are to have it again. It fails with problem.ErrConflict if the
// deletion is another one, or a sweep has begun to remove what is left.
func (tx *Tx) RestoreProfile(d tenancy.ProfileDeletion, r tenancy.Restoration, team tenancy.Team) {
	p := r.Profile
	tx.CreateProfile(p)
	for _, m := range team {
		tx.put(memberFrom(m), absent)
		tx.put(grantFrom(p.MemberGrant(m)), absent)
	}
	if d.Logo.Hash != "" {
		tx.SetLogo(d.Logo)
	}
	if d.Use.Version > 0 {
		tx.put(usageFrom(r.Use), absent)
	}
	same := condition{
		"#deleted = :deleted", item{":deleted": number(millis(d.Time))}, problem.ErrConflict,
	}
	tx.delete(restorableKey(p.Owner, p.ID), same)
	same.expression += " AND attribute_not_exists(#purging)"
	tx.delete(deletedProfileKey(p.ID), same)
}

// ForgetRestorable makes a deletion final, and has a sweep remove what is left.
// The owner must be gone, because a restoration does not meet a condition here.
func (tx *Tx) ForgetRestorable(d tenancy.ProfileDeletion, now time.Time) {
	p := d.Profile
	tx.delete(restorableKey(p.Owner, p.ID), condition{})
	tx.put(deletedProfileItem{
		key: deletedProfileKey(p.ID), due: dueAt(DueProfile, string(p.ID), now),
		Profile: string(p.ID), Deleted: millis(d.Time),
	}, condition{})
}

// purgePage is how many rows of one partition one step of a purge removes: of
// tokens with three actions each.
const purgePage = 25

// errNotDue says that a deleted profile is not to be removed: it is gone
// already, or was restored since the index was read.
var errNotDue = errors.New("the profile is not to be purged")

// PurgeProfile removes a page of the token rows of a deleted profile, with
// their tokens and last uses, and reports whether nothing is left to do. The
// first page ends the time in which the profile can be restored. It can be
// repeated, also at the same time.
func (s *Store) PurgeProfile(
	ctx context.Context, id value.ProfileID, now time.Time,
) (done bool, err error) {
	due := condition{
		"attribute_exists(PK) AND #dueSK <= :now",
		item{":now": text(sortable(now) + afterHash)},
		errNotDue,
	}
	tx := s.Begin()
	n := 0
	for row, err := range s.TokenRows(ctx, id, Walk{PageSize: purgePage}) {
		if err != nil {
			return false, err
		}
		tx.delete(tokenRowKey(id, row.Created, row.ID), condition{})
		tx.delete(tokenKey(row.ID), ofProfile(id, problem.ErrConflict).orAbsent())
		tx.delete(useKey(row.ID), condition{})
		if n++; n == purgePage {
			tx.update(deletedProfileKey(id), "SET #purging = :yes", item{":yes": boolean(true)}, due)
			return notDue(tx.CommitAside(ctx, Origin{}))
		}
	}
	batch := s.Batch()
	left := want(batch, deletedProfileKey(id), func(i deletedProfileItem) string { return i.Owner })
	if err := batch.Get(ctx); err != nil || !left.OK {
		return err == nil, err
	}
	if left.Value != "" {
		tx.delete(restorableKey(value.AccountID(left.Value), id), condition{})
	}
	tx.DropWebhooks(string(id))
	tx.delete(deletedProfileKey(id), due)
	done, err = notDue(tx.CommitAside(ctx, Origin{}))
	return done || err == nil, err
}

// notDue reports whether a step of a purge was refused because there is nothing
// to do.
func notDue(err error) (bool, error) {
	if errors.Is(err, errNotDue) {
		return true, nil
	}
	return false, err
}

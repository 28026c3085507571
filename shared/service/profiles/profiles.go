// Package profiles has the use cases of profiles.
package profiles

import (
	"context"
	"fmt"
	"slices"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service/backups"
	"profiles/shared/service/core"
	"profiles/shared/service/transfers"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Service has the operations on profiles.
type Service struct {
	*core.Base
	transfers transfers.Service
	backups   backups.Service
}

// New returns the operations on profiles.
func New(on *core.Base, transfers transfers.Service, backups backups.Service) Service {
	return Service{on, transfers, backups}
}

// List returns what the token opens: own profiles first, oldest first, then
// those shared with the account. Errors: ErrNoToken, ErrInvalidToken,
// CodeForbidden.
func (s Service) List(ctx context.Context, c access.Client) ([]tenancy.Grant, error) {
	who, grants, err := s.Access.AuthorizeGrants(ctx, c)
	if err != nil {
		return nil, err
	}
	grants = slices.DeleteFunc(
		grants,
		func(g tenancy.Grant) bool { return !who.Token.Opens(g.Profile) },
	)
	return OwnFirst(grants), nil
}

// OwnFirst puts the grants of an account's own profiles before those of shared
// ones: those that it made first, in the order of time, which their ids follow,
// then those that it received, so that clients which take the first one find
// the same as ever.
func OwnFirst(grants []tenancy.Grant) []tenancy.Grant {
	var own, shared []tenancy.Grant
	for _, g := range grants {
		if g.Own() {
			own = append(own, g)
		} else {
			shared = append(shared, g)
		}
	}
	slices.SortStableFunc(
		own,
		func(a, b tenancy.Grant) int { return a.Received.Compare(b.Received) },
	)
	return append(own, shared...)
}

// Create adds a profile to the caller's account. It has of each service what
// the account has not allocated yet, up to what the plan free has, or with
// takeFree all of that; no other profile loses anything. Of services of which
// nothing is free it has nothing, and a notification says what to do. Errors:
// CodeInvalid for the name, CodeForbidden at the limit of the plan.
func (s Service) Create(
	ctx context.Context,
	c access.Client,
	name string,
	takeFree bool,
) (value.ProfileID, error) {
	name, err := value.ParseName("name", name)
	if err != nil {
		return "", err
	}
	return flow.RetryOnConflict(ctx, func() (value.ProfileID, error) {
		who, err := s.Access.AuthorizeAccount(ctx, c, nil)
		if err != nil {
			return "", err
		}
		now := s.Instant()
		owner, err := core.StillHeld(ctx, s.Store, who.Account)
		if err != nil {
			return "", err
		}
		allocation := owner.Starting(takeFree, now)
		id := value.ProfileID(s.NewID(now))
		account, err := owner.AddProfile(id, billing.Share{Allocation: allocation}, now)
		if err != nil {
			return "", err
		}
		profile := tenancy.NewProfile(id, account, name, now)
		tx := s.Store.Begin()
		tx.Reallocate(owner, account, nil, now)
		tx.CreateProfile(profile)
		if none := allocation.Without(); len(none) > 0 {
			s.Notify(tx, account, topic.Profile,
				s.Notice(
					account.ID,
					"A profile starts without some services",
					withoutText(profile, none),
					now,
				).About(string(profile.ID)),
			)
		}
		e := s.AuditEntry(
			string(profile.ID),
			who.Token,
			"profile",
			string(profile.ID),
			"Profile created",
			now,
		)
		tx.Audit(core.Changing(e, profile.Differences(tenancy.Profile{})...))
		return profile.ID, tx.Commit(ctx, c.Origin())
	})
}

// withoutText says which services a new profile cannot use yet, and what to do
// about it.
func withoutText(p tenancy.Profile, none []plan.Service) string {
	var titles []string
	for _, s := range none {
		titles = append(titles, s.Title())
	}
	return fmt.Sprintf(
		"When the profile %s was created, nothing was free of: %s. It cannot use them yet. Lower the allocation of another profile and give "+
			"this one some of it, or raise the limits of the account's subscription.",
		value.Isolated(p.Name),
		problem.List(titles),
	)
}

// Seen is a profile with the right that the caller's account has on it.
type Seen struct {
	tenancy.Profile
	Own     bool
	Granted tenancy.Permission // whatever the token may do
}

// Get returns a profile. Errors: those of every request to a profile, see
// access.AuthorizeProfile.
func (s Service) Get(ctx context.Context, c access.Client, ref access.ProfileRef) (Seen, error) {
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
	if err != nil {
		return Seen{}, err
	}
	return Seen{r.Profile, r.Owned(), r.Granted}, nil
}

// Edit changes a profile's name and pictures, wherever they are shown. Errors:
// those of Get; CodeInvalid naming the field.
func (s Service) Edit(
	ctx context.Context, c access.Client, ref access.ProfileRef, e tenancy.ProfileEdit,
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var open *store.Found[transfer.ID]
		alsoOpen := func(b *store.Batch) {
			if !ref.Current {
				open = b.OpenTransfer(ref.ID)
			}
		}
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, alsoOpen)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		profile, err := r.Profile.Edit(e, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.UpdateProfile(profile, team)
		dropLogo(tx, r.Profile, profile)
		if profile.Name != r.Profile.Name {
			if ref.Current {
				batch := s.Store.Batch()
				open = batch.OpenTransfer(profile.ID)
				if err := batch.Get(ctx); err != nil {
					return struct{}{}, err
				}
			}
			if open.OK {
				tx.RenameTransfer(open.Value, profile.Name)
			} else {
				// A transfer that was opened in the meantime would have the old
				// name.
				tx.CheckNoTransfer(profile.ID)
			}
		}
		e := s.AuditEntry(
			string(profile.ID),
			r.Token,
			"profile",
			string(profile.ID),
			"Profile updated",
			now,
		)
		e.Changes = profile.Differences(r.Profile)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// Switch moves the calling token to another profile that its account can open:
// from then on it acts there, and the profile it came from no longer has it.
// Errors: ErrNoToken, ErrInvalidToken, CodeForbidden for a read token, for one
// that is for one profile only, and for one that outlives what the target
// allows, CodeNotFound.
func (s Service) Switch(ctx context.Context, c access.Client, target value.ProfileID) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var grant *store.Found[tenancy.Grant]
		var profile *store.Found[tenancy.Profile]
		who, err := s.Access.AuthorizeAccount(
			ctx,
			c,
			func(b *store.Batch, a value.AccountID) {
				grant, profile = b.Grant(a, target), b.Profile(target)
			},
		)
		if err != nil {
			return struct{}{}, err
		}
		if err := who.RequireToken(); err != nil {
			return struct{}{}, err
		}
		if !grant.OK || !profile.OK {
			return struct{}{}, problem.NotFound("Profile")
		}
		if who.Token.Profile == target {
			return struct{}{}, nil
		}
		now := s.Instant()
		if err := profile.Value.TokenPolicy.Admits(who.Token.Expires, now); err != nil {
			return struct{}{}, err
		}
		moved := who.Token.For(grant.Value)
		tx := s.Store.Begin()
		tx.MoveToken(who.Token, moved, problem.ErrConflict)
		tx.CheckGrant(grant.Value, problem.ErrConflict)
		tx.CheckTokenPolicy(profile.Value, problem.ErrConflict)
		tx.Audit(
			s.AuditEntry(
				string(who.Token.Profile),
				who.Token,
				"token",
				string(moved.ID),
				"Token moved to another profile",
				now,
			),
		)
		tx.Audit(
			s.AuditEntry(
				string(target),
				who.Token,
				"token",
				string(moved.ID),
				"Token moved here from another profile",
				now,
			),
		)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

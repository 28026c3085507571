package profiles

import (
	"context"
	"sync"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// SetLogo keeps a picture and makes it the profile's logo wherever that is
// shown. The one before is removed in the same commit. png makes the picture,
// which must be safe to serve: that takes time, and so is done for those alone
// who may set a logo. SetLogo returns the profile. Errors: those of every
// request to a profile; those of png.
func (s Service) SetLogo(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	png func() ([]byte, error),
) (tenancy.Profile, error) {
	png = sync.OnceValues(png)
	return flow.RetryOnConflict(ctx, func() (tenancy.Profile, error) {
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
		if err != nil {
			return tenancy.Profile{}, err
		}
		made, err := png()
		if err != nil {
			return tenancy.Profile{}, err
		}
		now := s.Instant()
		logo := tenancy.NewLogo(r.Profile.ID, made)
		profile := r.Profile.WithLogo(logo, now)
		tx := s.Store.Begin()
		tx.UpdateProfile(profile, team)
		tx.SetLogo(logo)
		dropLogo(tx, r.Profile, profile)
		id := string(profile.ID)
		e := s.AuditEntry(id, r.Token, "profile", id, "Profile updated", now)
		e.Changes = profile.Differences(r.Profile)
		tx.Audit(e)
		return profile, tx.Commit(ctx, c.Origin())
	})
}

// dropLogo removes the logo that a change takes from a profile, if this service
// keeps it.
func dropLogo(tx *store.Tx, before, after tenancy.Profile) {
	if was := before.Logo(); was != "" && was != after.Logo() {
		tx.DropLogo(was)
	}
}

// Logo returns the picture of a hash. Errors: CodeNotFound; CodeTooMany.
func (s Service) Logo(ctx context.Context, c access.Client, hash string) ([]byte, error) {
	batch := s.Store.Batch()
	found := batch.Logo(hash)
	if err := s.Access.CountBySource(ctx, c, batch.Get); err != nil {
		return nil, err
	}
	if !found.OK {
		return nil, problem.NotFound("Logo")
	}
	return found.Value.PNG, nil
}

package service

import (
	"context"

	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// SetLogo keeps a picture, which must be safe to serve, and makes it the
// profile's logo wherever that is shown. The one before is removed in the same
// commit. It returns the profile. Errors: those of every request to a profile.
func (s Profiles) SetLogo(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	png []byte,
) (tenancy.Profile, error) {
	return flow.RetryOnConflict(ctx, func() (tenancy.Profile, error) {
		r, team, err := s.withTeam(ctx, c, ref, tenancy.PermissionWrite, nil)
		if err != nil {
			return tenancy.Profile{}, err
		}
		now := s.now()
		logo := tenancy.NewLogo(r.Profile.ID, png)
		profile := r.Profile.WithLogo(logo, now)
		tx := s.Store.Begin()
		tx.UpdateProfile(profile, team)
		tx.SetLogo(logo)
		dropLogo(tx, r.Profile, profile)
		id := string(profile.ID)
		e := s.auditEntry(id, r.Token, "profile", id, "Profile updated", now)
		e.Changes = profile.Differences(r.Profile)
		tx.Audit(e)
		return profile, tx.Commit(ctx)
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
func (s Profiles) Logo(ctx context.Context, c Client, hash string) ([]byte, error) {
	batch := s.Store.Batch()
	found := batch.Logo(hash)
	if err := s.access.CountBySource(ctx, c, batch.Get); err != nil {
		return nil, err
	}
	if !found.OK {
		return nil, problem.NotFound("Logo")
	}
	return found.Value.PNG, nil
}

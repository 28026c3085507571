package core

import (
	"context"
	"slices"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// AuthorizeTeam authorizes a request to one profile and reads its team, at
// the same time if the path names the profile. The profile in the rights is the
// one that was read together with the team: a newer one could have another
// team, and a commit on its version would not notice that.
func AuthorizeTeam(
	ctx context.Context,
	by *access.Access,
	in *store.Store,
	c access.Client,
	ref access.ProfileRef,
	extra func(*store.Batch),
) (access.Rights, tenancy.Team, error) {
	var r access.Rights
	var profile tenancy.Profile
	var team tenancy.Team
	readTeam := func(id value.ProfileID) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			profile, team, err = in.ProfileWithMembers(ctx, id)
			return err
		}
	}
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		r, err = by.AuthorizeProfile(ctx, c, ref, extra)
		return err
	}}
	if !ref.Current {
		reads = append(reads, readTeam(ref.ID))
	}
	err := flow.Parallel(ctx, reads...)
	if err == nil && ref.Current {
		err = readTeam(r.Profile.ID)(ctx)
	}
	if err == nil && profile.ID == "" {
		err = problem.NotFound("Profile")
	}
	if err == nil {
		r, err = r.On(profile)
	}
	return r, team, err
}

// Named adds the accounts of a team's members to a batch. After the batch was
// read, the returned function returns the team with the names and addresses of
// its members. They are stored in the accounts alone, so that all teams of a
// person show the same.
func Named(batch *store.Batch, team tenancy.Team) func() tenancy.Team {
	accounts := map[value.AccountID]*store.Found[tenancy.Account]{}
	for _, m := range team.Joined() {
		accounts[m.Account] = batch.Account(m.Account)
	}
	return func() tenancy.Team {
		team := slices.Clone(team)
		for i, m := range team {
			if m.Active {
				a := accounts[m.Account].Value
				team[i].Name, team[i].Email = a.Name, a.Email
			}
		}
		return team
	}
}

// WithNames reads the names and addresses of a team's members.
func WithNames(
	ctx context.Context,
	in *store.Store,
	team tenancy.Team,
) (tenancy.Team, error) {
	batch := in.Batch()
	names := Named(batch, team)
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	return names(), nil
}

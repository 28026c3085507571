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

// AuthorizeTeam authorises a request to one profile and reads its team beside
// that, when the path names the profile. The profile is the one that was read
// with the team: what the batch of the authorisation saw may be newer, and its
// version would then vouch for a team that it does not have.
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

// Named adds to a batch the accounts of a team's members, and returns what
// gives the members their names and addresses when the batch is read. Those are
// facts of the accounts and kept nowhere else: however many teams a person is
// in, all show the same.
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

package service

import (
	"context"
	"fmt"
	"slices"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Teams are the operations on who a profile is shared with.
type Teams struct{ *base }

// authorizeTeam authorises a request to one profile and reads its team beside
// that, when the path names the profile. The profile is the one that was read
// with the team: what the batch of the authorisation saw may be newer, and its
// version would then vouch for a team that it does not have.
func authorizeTeam(
	ctx context.Context,
	by *access.Access,
	in *store.Store,
	c Client,
	ref ProfileRef,
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

// List returns the members of a profile's team and its open invitations, oldest
// first, and with lapsed those that nobody has answered, to its owner.
// Addresses are for the owner alone. Errors: those of every request to a
// profile.
func (s Teams) List(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	lapsed bool,
) (tenancy.Team, error) {
	now := s.now()
	r, team, err := authorizeTeam(ctx, s.access, s.Store, c, ref, nil)
	if err != nil {
		return nil, err
	}
	listed := team.Open(now)
	if lapsed && r.Owned() {
		listed = append(listed, team.Lapsed(r.Profile.Transferred, now)...)
	}
	if team, err = withNames(ctx, s.Store, listed.ByAge()); err != nil {
		return nil, err
	}
	if !r.Owned() {
		for i := range team {
			team[i].Email = ""
		}
	}
	return team, nil
}

// named adds to a batch the accounts of a team's members, and returns what
// gives the members their names and addresses when the batch is read. Those are
// facts of the accounts and kept nowhere else: however many teams a person is
// in, all show the same.
func named(batch *store.Batch, team tenancy.Team) func() tenancy.Team {
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

// withNames reads the names and addresses of a team's members.
func withNames(
	ctx context.Context,
	in *store.Store,
	team tenancy.Team,
) (tenancy.Team, error) {
	batch := in.Batch()
	names := named(batch, team)
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	return names(), nil
}

// Edit changes the permission of a member, at once and for all of its tokens.
// Errors: those of every request to a profile; CodeForbidden for a member;
// CodeInvalid for the permission; CodeNotFound for an account that is no active
// member.
func (s Teams) Edit(ctx context.Context, c Client, ref ProfileRef, id, permission string) error {
	right, err := tenancy.ParsePermission(permission)
	if err != nil {
		return err
	}
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := authorizeTeam(ctx, s.access, s.Store, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		m, ok := team.Active(value.AccountID(id))
		if !ok {
			return struct{}{}, problem.NotFound("Account")
		}
		now := s.now()
		e := s.auditEntry(
			string(r.Profile.ID),
			r.Token,
			"team",
			id,
			"Permission of a member changed to "+right.String(),
			now,
		)
		e.Changes = auditlog.Differences(
			auditlog.Change{
				Field:  "permission",
				Before: m.Permission.String(),
				After:  right.String(),
			},
		)
		m.Permission = right
		tx := s.Store.Begin()
		tx.EditMember(r.Profile, m)
		tx.Notify(
			s.notice(m.Account, "Your permission has changed", fmt.Sprintf("You have %s permission on the profile %s now.", right, value.Isolated(r.Profile.Name)), now).
				As(tenancy.NotificationProfile).
				About(string(r.Profile.ID)),
		)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// Remove takes a profile from a member, withdraws an open invitation, or takes
// an expired one off the list; id is as the list of the team shows it. The
// owner may remove anybody, a member itself. The member's tokens for the
// profile are dead with the commit, whatever their number. Errors: those of
// every request to a profile; CodeForbidden for a member who names another;
// CodeNotFound for an id that is not in the team.
func (s Teams) Remove(ctx context.Context, c Client, ref ProfileRef, id string) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := authorizeTeam(ctx, s.access, s.Store, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		leaving, err := r.RequireOwnerOrSelf(id)
		if err != nil {
			return struct{}{}, err
		}
		m, ok := team.ByID(id)
		if !ok {
			return struct{}{}, problem.NotFound("Account")
		}
		now := s.now()
		tx := s.Store.Begin()
		what := "Member removed"
		switch {
		case !m.Open(now):
			what = "Expired invitation removed"
			tx.ForgetPlace(m, problem.ErrConflict)
		case !m.Active:
			what = "Invitation withdrawn"
			tx.EndInvitation(
				tenancy.Invitation{
					ID:      m.Invitation,
					Code:    m.Code,
					Profile: m.Profile,
					Email:   m.Email,
				},
				tenancy.InvitationWithdrawn,
				problem.ErrConflict,
			)
		case leaving:
			what = "Member left"
			named, err := withNames(ctx, s.Store, tenancy.Team{m})
			if err != nil {
				return struct{}{}, err
			}
			tx.RemoveMember(r.Profile, m, now)
			tx.Notify(
				s.notice(r.Profile.Owner, "A member has left", fmt.Sprintf("%s has left the profile %s.", value.Isolated(named[0].Name), value.Isolated(r.Profile.Name)), now).
					As(tenancy.NotificationProfile).
					About(string(r.Profile.ID)),
			)
		default:
			tx.RemoveMember(r.Profile, m, now)
			tx.Notify(
				s.notice(m.Account, "A profile is no longer shared with you", fmt.Sprintf("The owner of the profile %s has removed you from its team.", value.Isolated(r.Profile.Name)), now).
					As(tenancy.NotificationProfile),
			)
		}
		tx.Audit(
			changing(
				s.auditEntry(string(r.Profile.ID), r.Token, "team", id, what, now),
				auditlog.Change{Field: "permission", Before: m.Permission.String()},
			),
		)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

package profiles

import (
	"context"
	"errors"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Delete removes one of the caller's own profiles: its team loses access, its
// tokens die, its allocation is free again, apart from what it has used of it
// in this cycle, and an open transfer of it ends, all in the same commit. The
// owner can restore it for a time; see Restore. Delete asks for fresh proof.
// The last profile of an account stays.
// Errors: those of Get; CodeInvalid without a password; ErrInvalidPassword;
// CodeTooMany; CodeForbidden for the last profile, for non-owners, and while
// the transfer that brought the profile can be taken back.
func (s Service) Delete(
	ctx context.Context, c access.Client, ref access.ProfileRef, given access.Credentials,
) error {
	proven := s.Access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		if err := proven.Require("deleting a profile"); err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		var team tenancy.Team
		var profile tenancy.Profile
		batch := s.Store.Batch()
		account := batch.Account(r.Token.Account)
		open, use := batch.OpenTransfer(r.Profile.ID), batch.Usage(r.Profile.ID)
		proven.Reads(batch, r.Token.Account)
		reads := proven.Counts(
			r.Token.Account,
			now,
			batch.Get,
			func(ctx context.Context) (err error) {
				profile, team, err = s.Store.ProfileWithMembers(ctx, r.Profile.ID)
				return err
			},
		)
		if err := flow.Parallel(ctx, reads...); err != nil {
			return struct{}{}, err
		}
		if err := proven.Check(ctx, account.Value, now); err != nil {
			return struct{}{}, err
		}
		if profile.ID == "" {
			return struct{}{}, problem.NotFound("Profile")
		}
		if err := profile.Deletable(now); err != nil {
			return struct{}{}, err
		}
		logo, err := s.logoOf(ctx, profile)
		if err != nil {
			return struct{}{}, err
		}
		kept := tenancy.ProfileDeletion{
			Profile: profile, Team: team.Joined(), Logo: logo, Use: use.Value,
			Departure: account.Value.Departing(profile.ID, use.Value, now), Time: now,
		}
		owner, err := account.Value.RemoveProfile(profile.ID, use.Value, now)
		if err != nil {
			return struct{}{}, err
		}
		owner = owner.Alone(now)
		tx := s.Store.Begin()
		tx.KeepProfile(kept, team)
		tx.CloseUse(profile.ID, use.Value)
		tx.Reallocate(account.Value, owner, nil, now, core.Changed(account.Value, owner)...)
		tx.Audit(
			core.Changing(
				s.AuditEntry(
					string(owner.ID),
					r.Token,
					"profile",
					string(profile.ID),
					"Profile deleted",
					now,
				),
				auditlog.Change{Field: "name", Before: profile.Name},
			),
		)
		s.SendTo(tx, owner, mailing.ProfileDeleted{
			Name: owner.Name, Profile: profile.Name, When: now, Until: kept.Ends(),
		}, now)
		if !open.OK {
			// A transfer that was opened in the meantime would have no profile.
			tx.CheckNoTransfer(profile.ID)
		} else {
			err := s.transfers.EndWithProfile(ctx, tx, open.Value, account.Value, now)
			if err != nil {
				return struct{}{}, err
			}
		}
		proven.Succeeded(ctx, tx)
		err = tx.Commit(ctx, c.Origin())
		if errors.Is(err, problem.ErrConflict) {
			core.SuspendUse(ctx, s.Config, profile.ID, now)
		}
		return struct{}{}, err
	})
	return err
}

// logoOf reads the logo that this service keeps of a profile; it is zero if
// there is none.
func (s Service) logoOf(ctx context.Context, p tenancy.Profile) (tenancy.Logo, error) {
	if p.Logo() == "" {
		return tenancy.Logo{}, nil
	}
	batch := s.Store.Batch()
	logo := batch.Logo(p.Logo())
	err := batch.Get(ctx)
	return logo.Value, err
}

// Purge reclaims what deleted profiles and memberships that ended left in the
// table, in bounded steps, as far as the time of ctx allows. Before the first
// step, it makes the last backup of a profile whose plan has backups. The rest
// waits for the next run. It returns how many profiles and memberships are gone
// without a trace.
func (s Service) Purge(ctx context.Context) (int, error) {
	positions := map[string]string{} // of memberships: where the next step begins
	kept := map[string]bool{}        // profiles whose backup there is
	return core.Sweep(
		ctx,
		s.Config,
		core.Stepped(store.DueProfile, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			id := value.ProfileID(due.ID)
			if !kept[due.ID] {
				if err := s.backups.BeforePurge(ctx, id); err != nil {
					return 0, false, err
				}
				kept[due.ID] = true
			}
			gone, err := s.Store.PurgeProfile(ctx, id, s.Instant())
			return core.OneIf(gone), err == nil && !gone, err
		}),
		core.Stepped(store.DueMember, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			profile, account, err := due.Membership()
			if err != nil {
				return 0, false, err
			}
			next, gone, err := s.Store.PurgeMember(
				ctx,
				profile,
				account,
				due.At,
				positions[due.ID],
			)
			if err == nil {
				positions[due.ID] = next
			}
			return core.OneIf(gone), err == nil && !gone, err
		}),
	)
}

package accounts

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/service/teams"
	"profiles/shared/service/transfers"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Purge removes what deleted accounts left, each part in a commit of its own
// and in bounded steps, as far as the time of ctx allows. The rest, and parts
// that failed, wait for the next run. It may run twice at once. It returns how
// many accounts are removed completely.
func (s Service) Purge(ctx context.Context) (int, error) {
	ended := map[value.AccountID]bool{} // accounts of which only their own items are left
	return core.Sweep(
		ctx,
		s.Config,
		core.Stepped(store.DueAccount, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			gone, more, err := s.purge(ctx, value.AccountID(due.ID), ended)
			return core.OneIf(gone), more, err
		}),
	)
}

// purge takes one step to remove what one account left. It reports whether this
// run finished it, or else whether there is more to do about it.
func (s Service) purge(
	ctx context.Context, id value.AccountID, ended map[value.AccountID]bool,
) (gone, more bool, err error) {
	batch := s.Store.Batch()
	left := batch.AccountDeletion(id)
	if err := batch.Get(ctx); err != nil || !left.OK {
		return false, false, err
	}
	// Notifications come last, because earlier parts may still notify the
	// account. A part that fails does not stop the others, but the account is
	// kept until all have succeeded.
	var failed []error
	for _, part := range []func(context.Context, tenancy.AccountDeletion) error{
		s.leaveTransfers, s.leaveInvitations, s.leaveProfiles, s.leaveDeleted,
	} {
		if ended[id] {
			break
		}
		if flow.TimeUp(ctx) {
			return false, false, errors.Join(append(failed, core.ErrTimeUp)...)
		}
		if err := part(ctx, left.Value); err != nil {
			failed = append(failed, err)
		}
	}
	none := true
	for _, purge := range []func(context.Context, value.AccountID) (bool, error){
		s.Store.PurgeNotifications, s.Store.PurgeBackups,
	} {
		done, err := purge(ctx, id)
		if err != nil {
			failed = append(failed, err)
		}
		none = none && done
	}
	if len(failed) > 0 {
		return false, false, errors.Join(failed...)
	}
	ended[id] = true
	if !none {
		return false, true, nil
	}
	gone, err = s.leave(ctx, left.Value)
	return gone, false, err
}

// each calls do for every item, each in a commit of its own, and again on a
// conflict. An item that fails or panics does not stop the others; the error
// lists all failures.
func each[T any](ctx context.Context, things []T, do func(T) error) error {
	var failed []error
	for _, thing := range things {
		if flow.TimeUp(ctx) {
			return errors.Join(append(failed, core.ErrTimeUp)...)
		}
		if _, err := flow.RetryOnConflict(ctx, func() (_ struct{}, err error) {
			defer flow.Recovered(&err)
			return struct{}{}, do(thing)
		}); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// byPurge is the audit entry of what becomes of a deleted account's things.
func (s Service) byPurge(log, resource, id, message string, now time.Time) auditlog.Entry {
	e := s.AuditEntry(log, tenancy.Token{}, resource, id, message, now)
	e.Who = "account-purge"
	return e
}

// leaveTransfers ends the open transfers in which the account is a side.
func (s Service) leaveTransfers(ctx context.Context, left tenancy.AccountDeletion) error {
	var ids []transfer.ID
	var failed []error
	newest := store.Walk{NewestFirst: true}
	for _, walk := range []func(func(store.TransferRow, error) bool){
		s.Store.TransfersOf(ctx, left.Account, newest),
		s.Store.TransfersOffered(ctx, left.Email, newest),
	} {
		for row, err := range walk {
			if err != nil {
				failed = append(failed, err)
				break
			}
			ids = append(ids, row.Ticket)
		}
	}
	for page := range slices.Chunk(ids, core.BatchSize) {
		list, err := transfers.Read(ctx, s.Store, page)
		if err == nil {
			err = each(
				ctx,
				list,
				func(t transfer.Transfer) error { return s.leaveTransfer(ctx, t, left) },
			)
		} else {
			// One that cannot be read fails the others of its page.
			err = each(ctx, page, func(id transfer.ID) error {
				alone, err := transfers.Read(ctx, s.Store, []transfer.ID{id})
				if err != nil || len(alone) == 0 {
					return err
				}
				return s.leaveTransfer(ctx, alone[0], left)
			})
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (s Service) leaveTransfer(
	ctx context.Context,
	t transfer.Transfer,
	left tenancy.AccountDeletion,
) error {
	now := s.Instant()
	if _, err := t.Without(left, now); err != nil {
		// It has ended in the meantime, and an end is final.
		return nil
	}
	batch := s.Store.Batch()
	latest := batch.Transfer(t.ID)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	ended, err := latest.Value.Without(left, now)
	if err != nil {
		return nil
	}
	given, err := s.transfers.Load(ctx, latest.Value, true)
	if err != nil {
		return err
	}
	given.Transfer = ended
	switch left.Account {
	case ended.Source:
		given.Source = left.Holder()
	case ended.Destination:
		given.Destination = left.Holder()
	}
	tx := s.Store.Begin()
	s.transfers.End(tx, given, now)
	tx.Audit(
		s.byPurge(
			string(ended.Profile),
			"transfer",
			string(ended.ID),
			"Transfer "+string(ended.State)+", as an account was deleted",
			now,
		),
	)
	return tx.CommitAside(ctx, store.Origin{})
}

// leaveInvitations declines the open invitations that were made to the
// account's address.
func (s Service) leaveInvitations(ctx context.Context, left tenancy.AccountDeletion) error {
	codes, err := s.Store.Offers(ctx, left.Email, s.Instant())
	if err != nil {
		return err
	}
	return each(ctx, codes, func(code value.CodeID) error {
		now := s.Instant()
		batch := s.Store.Batch()
		found := batch.Invitation(code)
		if err := batch.Get(ctx); err != nil || !found.OK || !left.Invited(found.Value) {
			return err
		}
		i := found.Value
		batch = s.Store.Batch()
		owner, profile := batch.Account(i.Owner), batch.Profile(i.Profile)
		if err := batch.Get(ctx); err != nil {
			return err
		}
		tx := s.Store.Begin()
		// The owner hears what it would of anybody: whether the address had an
		// account is nobody's business.
		e := s.byPurge(string(i.Profile), "team", string(i.ID), teams.Declined.Audit, now)
		if owner.OK && i.StandsFor(profile.Value) {
			s.teams.End(tx, i, teams.Declined, e, owner.Value, profile.Value, string(i.Email), now)
		} else {
			tx.EndInvitation(i, teams.Declined.State, problem.ErrConflict)
			tx.Audit(e)
		}
		return tx.CommitAside(ctx, store.Origin{})
	})
}

// leaveProfiles deletes the account's own profiles and leaves the teams of the
// others.
func (s Service) leaveProfiles(ctx context.Context, left tenancy.AccountDeletion) error {
	_, grants, err := s.Store.AccountWithGrants(ctx, left.Account)
	if err != nil {
		return err
	}
	return each(ctx, grants, func(g tenancy.Grant) error {
		var profile tenancy.Profile
		var team tenancy.Team
		batch := s.Store.Batch()
		open := batch.OpenTransfer(g.Profile)
		if err := flow.Parallel(ctx, batch.Get, func(ctx context.Context) (err error) {
			profile, team, err = s.Store.ProfileWithMembers(ctx, g.Profile)
			return err
		}); err != nil {
			return err
		}
		now := s.Instant()
		tx := s.Store.Begin()
		member, isMember := team.Active(left.Account)
		switch {
		case profile.ID != "" && profile.Owner == left.Account:
			tx.DeleteProfile(profile, team, now)
			tx.ForgetUse(profile.ID)
			for _, m := range team.Joined() {
				tx.Notify(
					s.Notice(m.Account, "A profile is no longer shared with you", fmt.Sprintf("The profile %s is deleted, as the account of its owner was.", value.Isolated(profile.Name)), now).
						As(tenancy.NotificationProfile),
				)
			}
			if !open.OK {
				tx.CheckNoTransfer(profile.ID)
			} else if err := s.transfers.EndWithProfile(
				ctx, tx, open.Value, left.Holder(), now,
			); err != nil {
				return err
			}
			tx.Audit(
				s.byPurge(
					string(profile.ID),
					"profile",
					string(profile.ID),
					"Profile deleted with the account of its owner",
					now,
				),
			)
		case isMember:
			tx.RemoveMember(profile, member, now)
			name, of := value.Isolated(left.Name), value.Isolated(profile.Name)
			text := fmt.Sprintf("%s has left the profile %s: the account was deleted.", name, of)
			tx.Notify(
				s.Notice(profile.Owner, "A member has left", text, now).
					As(tenancy.NotificationProfile).
					About(string(profile.ID)),
			)
			tx.Audit(
				s.byPurge(
					string(profile.ID),
					"team",
					string(left.Account),
					"Member left, as the account was deleted",
					now,
				),
			)
		default:
			// Another run has done this already.
			return nil
		}
		return tx.CommitAside(ctx, store.Origin{})
	})
}

// leaveDeleted ends the time in which deleted profiles of the account could be
// restored, which nobody can do any more.
func (s Service) leaveDeleted(ctx context.Context, left tenancy.AccountDeletion) error {
	kept, err := core.First(s.Store.Restorables(ctx, left.Account, store.Walk{}), math.MaxInt)
	if err != nil {
		return err
	}
	return each(ctx, kept, func(d tenancy.ProfileDeletion) error {
		tx := s.Store.Begin()
		tx.ForgetRestorable(d, s.Instant())
		return tx.CommitAside(ctx, store.Origin{})
	})
}

// leave forgets the account: its addresses are free, and the person is told, in
// the one commit that ends it.
func (s Service) leave(ctx context.Context, left tenancy.AccountDeletion) (bool, error) {
	return flow.RetryOnConflict(ctx, func() (bool, error) {
		batch := s.Store.Batch()
		still := batch.AccountDeletion(left.Account)
		reservations := map[value.Email]*store.Found[tenancy.EmailReservation]{}
		for _, address := range left.Addresses() {
			reservations[address] = batch.EmailReservation(address)
		}
		var sessions []tenancy.Session
		if err := flow.Parallel(ctx, batch.Get, func(ctx context.Context) (err error) {
			sessions, err = s.Store.Sessions(ctx, left.Account)
			return err
		}); err != nil || !still.OK {
			return false, err
		}
		now := s.Instant()
		tx := s.Store.Begin()
		tx.EndAccountDeletion(left.Account, problem.ErrConflict)
		for _, one := range sessions {
			// The session works no longer, so it may be deleted at any time.
			tx.ForgetSession(one)
		}
		for _, address := range left.Addresses() {
			// A former address may belong to another account by now.
			if reservation := reservations[address]; reservation.OK &&
				reservation.Value.Account == left.Account {
				tx.FreeReservation(address, left.Account)
				tx.ResumeMail(address)
			}
		}
		tx.DropWebhooks(string(left.Account))
		deleted := mailing.AccountDeleted{Name: left.Name, When: now}
		reader := tenancy.Account{Timezone: left.Timezone, Language: left.Language}
		s.Send(tx, left.Email, reader, deleted, now)
		tx.Audit(
			s.byPurge(
				string(left.Account),
				"account",
				string(left.Account),
				"Nothing is left of the account",
				now,
			),
		)
		return true, tx.CommitAside(ctx, store.Origin{})
	})
}

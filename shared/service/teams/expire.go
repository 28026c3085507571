package teams

import (
	"context"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Expire reminds the invited of invitations that end in two days, and ends
// those whose time has come: the place in the team is free and the owner is
// told. It does the same for memberships that have an end. Both end by the
// clock, not by this. It goes as far as the time of ctx allows, may run twice
// at once, and returns how many invitations and memberships it dealt with.
func (s Service) Expire(ctx context.Context) (int, error) {
	now := s.Instant()
	return core.Sweep(
		ctx,
		s.Config,
		core.One(store.DueMembership, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			acted, err := s.endMembership(ctx, due, now)
			return core.OneIf(acted), false, err
		}),
		core.One(store.DueInvitation, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			acted, err := s.expire(ctx, value.CodeID(due.ID), now)
			return core.OneIf(acted), false, err
		}),
	)
}

// readerAt is the account that has an address, the zero Account for nobody.
func (s Service) readerAt(
	ctx context.Context,
	email value.Email,
	reservation *store.Found[tenancy.EmailReservation],
	now time.Time,
) (tenancy.Account, error) {
	batch := s.Store.Batch()
	holder := batch.Account(s.Access.Holder(reservation, now))
	err := batch.Get(ctx)
	return holder.Value.At(email), err
}

func (s Service) expire(ctx context.Context, code value.CodeID, now time.Time) (bool, error) {
	batch := s.Store.Batch()
	found := batch.Invitation(code)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	i := found.Value
	if !found.OK || i.State != tenancy.InvitationPending || now.Before(i.Due()) {
		return false, nil
	}
	batch = s.Store.Batch()
	owner := batch.Account(i.Owner)
	profile := batch.Profile(i.Profile)
	reservation := batch.EmailReservation(i.Email)
	err := batch.Get(ctx)
	if err != nil {
		return false, err
	}
	standing := owner.OK && i.StandsFor(profile.Value)
	reminds := now.Before(i.Expires) && standing
	var reader tenancy.Account
	if reminds {
		if reader, err = s.readerAt(ctx, i.Email, reservation, now); err != nil {
			return false, err
		}
	}
	tx := s.Store.Begin()
	e := s.AuditEntry(string(i.Profile), tenancy.Token{}, "team", string(i.ID), expired.Audit, now)
	e.Who = "team-expire"
	switch {
	case reminds:
		tx.RemindInvitation(i, problem.ErrConflict)
		s.Send(tx, i.Email, reader, mailing.TeamReminder{
			Owner:      owner.Value.Name,
			Address:    owner.Value.Email,
			Profile:    profile.Value.Name,
			Expires:    i.Expires,
			Invitation: i.Code,
		}, now)
	case standing:
		s.End(tx, i, expired, e, owner.Value, profile.Value, string(i.Email), now)
	default:
		tx.EndInvitation(i, expired.State, problem.ErrConflict)
		tx.Audit(core.Changing(e, invitationEnds(i, expired.State)))
	}
	err = tx.CommitAside(ctx, store.Origin{})
	return err == nil, err
}

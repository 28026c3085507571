package transfers

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Request is what an owner gives to offer a profile to another account.
type Request struct {
	access.Credentials
	Email, Message string
}

// Limits of the mails that an owner can make this service send by requesting
// transfers.
const (
	requestCooldown = time.Minute
	requestDay      = 24 * time.Hour
	requestsPerDay  = 10
)

// Request opens a transfer of one of the caller's own profiles to whoever holds
// an address: a ticket at the support desk, a mail that asks the caller to
// confirm, and the offer. The answer is the same whether the address has an
// account or not. Errors: those of every request to a profile; CodeInvalid for
// a missing password, an address that is none or the caller's own, and a
// message that is too long; ErrInvalidPassword; CodeTooMany; CodeForbidden for
// members, and when the plan, the lock of 7 days or the last profile are in the
// way; CodeConflict when the profile has an open transfer already.
func (s Service) Request(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	r Request,
) (transfer.Transfer, error) {
	email, err := value.ParseNewEmail(r.Email)
	if err != nil {
		return transfer.Transfer{}, err
	}
	message, err := transfer.ParseText("message", r.Message, false)
	if err != nil {
		return transfer.Transfer{}, err
	}
	proven := s.Access.Reauthenticate(c, r.Credentials)
	return access.RetryAttempt(ctx, proven, func() (transfer.Transfer, error) {
		now := s.Instant()
		var reservation *store.Found[tenancy.EmailReservation]
		var stop *store.Found[mailing.Stop]
		reached, team, err := core.AuthorizeTeam(
			ctx,
			s.Access,
			s.Store,
			c,
			ref,
			func(b *store.Batch) {
				reservation, stop = b.EmailReservation(email), b.MailStop(email)
			},
		)
		if err != nil {
			return transfer.Transfer{}, err
		}
		if err := proven.Require("transferring a profile"); err != nil {
			return transfer.Transfer{}, err
		}
		profile := reached.Profile
		batch := s.Store.Batch()
		source := batch.Account(profile.Owner)
		receiver := batch.Account(s.Access.Holder(reservation, now))
		open := batch.OpenTransfer(profile.ID)
		proven.Reads(batch, profile.Owner)
		if err := flow.Parallel(ctx, proven.Counts(profile.Owner, now, batch.Get)...); err != nil {
			return transfer.Transfer{}, err
		}
		if err := proven.Check(ctx, source.Value, now); err != nil {
			return transfer.Transfer{}, err
		}
		if open.OK {
			return transfer.Transfer{}, s.occupied(ctx, c, open.Value, now)
		}
		t, err := transfer.Request(profile,
			source.Value,
			email,
			message,
			s.Policy,
			transfer.NewID(s.NewID(now)),
			now,
		)
		if err != nil {
			return transfer.Transfer{}, err
		}
		confirm, answer := s.NewKey(), s.NewKey()
		returned := stop.Value.IsInvalid(now)
		if returned {
			// The mail with the offer would come back, and is not sent.
			t = t.MailCameBack(transfer.PartyDestination, true, now)
		}
		t.ConfirmCodes, t.AnswerCodes = [][]byte{confirm.Hash()}, [][]byte{answer.Hash()}
		given := transfer.Context{
			Transfer: t,
			Profile:  profile,
			Team:     team,
			Source:   source.Value,
		}
		if to := receiver.Value.At(email); to.Active {
			given.Destination = to
		}

		tx := s.Store.Begin()
		tx.Cooldown(
			"transfer#"+string(profile.ID),
			requestCooldown,
			now,
			problem.TooMany(requestCooldown).
				Because("a transfer of a profile was asked for a moment ago"),
		)
		today := store.RateWindow{
			Subject: "transfer#" + string(profile.Owner),
			End:     store.WindowEnd(now, requestDay),
		}
		tx.Count(
			today,
			requestsPerDay,
			problem.TooMany(today.End.Sub(now)).
				Because("a transfer of this profile was asked for as often today as may be").
				With("limit", requestsPerDay),
		)
		core.SpendMail(tx, profile.Owner, email, now)
		tx.OpenTransfer(profile, t)
		if returned {
			tx.Notify(s.To(t.Source, core.UndeliverableOffer(t.ID, email, true), now))
		}
		tx.Measure(metric.TransfersRequested, 1)
		tx.CheckAccount(source.Value, problem.ErrInvalidToken)
		s.announce(tx, given, confirm.Code(), answer.Code(), now)
		e := s.AuditEntry(
			string(profile.ID),
			reached.Token,
			"transfer",
			string(t.ID),
			"Transfer requested",
			now,
		)
		tx.Audit(core.Changing(e, auditlog.Change{Field: "state", After: string(t.State)}))
		proven.Succeeded(ctx, tx)
		return t, tx.Commit(ctx, c.Origin())
	})
}

// occupied says which transfer keeps a profile from another one; a transfer
// whose time is over, or which can never complete, is ended first.
func (s Service) occupied(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	now time.Time,
) error {
	batch := s.Store.Batch()
	open := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if open.Value.Open(now) {
		given, err := s.Load(ctx, open.Value, true)
		if err != nil {
			return err
		}
		if given.Void() == "" {
			return problem.Conflict("This profile has the open transfer %s already: cancel it first, or wait for its end", id).
				For(problem.ReasonTransferOpen).
				With("transfer", id)
		}
	}
	if _, err := s.expire(ctx, c.Origin(), id, now); err != nil {
		return err
	}
	return problem.ErrConflict
}

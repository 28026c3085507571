// Package transfers has the use cases of transfers: what the two sides and the
// support desk do. The rules are those of package transfer.
package transfers

import (
	"context"
	"errors"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Service has what the two sides of a transfer do: see transfer.Transfer for
// its states and gates.
type Service struct{ *core.Base }

// New returns what the sides of transfers do.
func New(on *core.Base) Service { return Service{on} }

// authorizeTransfer authorizes a request that concerns a transfer, and reads
// that; whether the caller has a part in it is not decided here. extra, when
// not nil, adds reads to the batch that knows the account.
func authorizeTransfer(
	ctx context.Context,
	by *access.Access,
	c access.Client,
	id transfer.ID,
	extra func(*store.Batch, value.AccountID),
) (access.Caller, transfer.Transfer, error) {
	var t *store.Found[transfer.Transfer]
	who, err := by.AuthorizeAccount(
		ctx,
		c,
		func(batch *store.Batch, a value.AccountID) {
			t = batch.Transfer(id)
			if extra != nil {
				extra(batch, a)
			}
		},
	)
	if err == nil && !t.OK {
		err = problem.NotFound("Transfer")
	}
	if err != nil {
		return access.Caller{}, transfer.Transfer{}, err
	}
	return who, t.Value, nil
}

// verb is one thing that somebody does to a transfer.
type verb struct {
	do func(
		given transfer.Context, by tenancy.Account, now time.Time,
	) (transfer.Transfer, error)
	audit   string
	agent   bool // the caller acts for support
	answers bool // it makes the caller the receiving side
	opens   bool // the transfer is not in the table yet
	// a notice to both sides, with places for the ticket and the profile;
	// empty: none
	told string
	tell func(tx *store.Tx, given transfer.Context, now time.Time)
}

// act decides about a transfer as it is now and commits what follows: its next
// state, its end, or the move of the profile. proof is nil for what needs none.
func (s Service) act(
	ctx context.Context,
	c access.Client,
	who access.Caller,
	t transfer.Transfer,
	proven *access.Reauthentication,
	v verb,
) (transfer.Transfer, error) {
	now := s.Instant()
	var reads []func(context.Context) error
	if proven != nil {
		reads = proven.Counts(who.Account.ID, now)
	}
	given, err := s.Load(ctx, t, false, reads...)
	if err != nil {
		return t, err
	}
	if proven != nil {
		if err := proven.Check(ctx, who.Account, now); err != nil {
			return t, err
		}
	}
	if why := given.Void(); why != "" && t.Open(now) {
		return t, s.failed(ctx, t, why)
	}
	tx := s.Store.Begin()
	if proven != nil {
		proven.Succeeded(ctx, tx)
	}
	was := given.Transfer
	if v.opens {
		was.State = ""
	}
	switch given.Transfer, err = v.do(given, who.Account, now); {
	case errors.Is(err, problem.ErrDone) && proven != nil:
		return t, tx.Commit(ctx, c.Origin())
	case errors.Is(err, problem.ErrDone):
		return t, nil
	case err != nil:
		return t, err
	}
	if given.Transfer.Destination == who.Account.ID {
		if given.Destination, err = core.StillHeld(ctx, s.Store, who.Account); err != nil {
			return t, err
		}
	}
	t = s.settle(tx, given, v, now)
	switch {
	case v.agent:
		tx.CheckAgent(who.Account, problem.ErrConflict)
	case t.State != transfer.Completed:
		// A move holds both accounts to their versions.
		tx.CheckAddress(who.Account, problem.ErrConflict)
	}
	if v.agent && !v.opens && !was.Answered() && t.Answered() {
		tx.Measure(metric.FirstAnswer, now.Sub(t.Created).Seconds())
	}
	tx.Audit(
		core.Changing(
			s.AuditEntry(string(t.Profile), who.Token, "transfer", string(t.ID), v.audit, now),
			becomes(was, t),
		),
	)
	if t.State == transfer.Requested {
		if v.told != "" {
			s.noticeBoth(tx, given, topic.Transfer, v.told, now)
		}
		if v.tell != nil {
			v.tell(tx, given, now)
		}
	}
	return t, s.afterCommit(ctx, t, now, tx.Commit(ctx, c.Origin()))
}

// afterCommit returns err, which is what the commit of a transfer's next state
// came to. When reports of usage were faster than the move of a profile, they
// wait for the next try.
func (s Service) afterCommit(
	ctx context.Context,
	t transfer.Transfer,
	now time.Time,
	err error,
) error {
	if errors.Is(err, problem.ErrConflict) && t.State == transfer.Completed {
		core.SuspendUse(ctx, s.Config, t.Profile, now)
	}
	return err
}

// failed answers for a transfer that cannot complete any more, which the sweep
// ends. Unless it was only read before somebody completed it, and the rest
// after that.
func (s Service) failed(ctx context.Context, t transfer.Transfer, why string) error {
	batch := s.Store.Batch()
	latest := batch.Transfer(t.ID)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if latest.Value.Version != t.Version {
		return problem.ErrConflict
	}
	return problem.Conflict("The transfer %s has failed: %s", t.ID, why).
		For(problem.ReasonTransferOver)
}

// Load reads what the rules look at beside a transfer. offered asks for the
// account that holds the address when nobody has answered yet, which takes a
// read more.
func (s Service) Load(
	ctx context.Context,
	t transfer.Transfer,
	offered bool,
	beside ...func(context.Context) error,
) (transfer.Context, error) {
	given := transfer.Context{Transfer: t}
	batch := s.Store.Batch()
	source, use := batch.Account(t.Source), batch.Usage(t.Profile)
	var destination *store.Found[tenancy.Account]
	var reservation *store.Found[tenancy.EmailReservation]
	switch {
	case t.Destination != "":
		destination = batch.Account(t.Destination)
	case offered:
		reservation = batch.EmailReservation(t.Email)
	}
	err := flow.Parallel(ctx, append(beside, batch.Get, func(ctx context.Context) (err error) {
		given.Profile, given.Team, err = s.Store.ProfileWithMembers(ctx, t.Profile)
		return err
	})...)
	if err == nil && reservation != nil {
		batch = s.Store.Batch()
		destination = batch.Account(s.Access.Holder(reservation, s.Instant()))
		err = batch.Get(ctx)
	}
	given.Source, given.Usage = source.Value, use.Value
	if destination != nil {
		given.Destination = destination.Value
	}
	if reservation != nil {
		given.Destination = given.Destination.At(t.Email)
	}
	if err == nil {
		given.Destination, err = core.StillHeld(ctx, s.Store, given.Destination)
	}
	return given.Vouched(), err
}

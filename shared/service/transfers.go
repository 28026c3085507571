package service

import (
	"context"
	"errors"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Transfers are what the two sides of a transfer do: see tenancy.Transfer for
// its states and gates.
type Transfers struct{ *base }

// TransferRequest is what an owner gives to offer a profile to another account.
type TransferRequest struct {
	Credentials
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
func (s Transfers) Request(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	r TransferRequest,
) (tenancy.Transfer, error) {
	email, err := value.ParseNewEmail(r.Email)
	if err != nil {
		return tenancy.Transfer{}, err
	}
	message, err := tenancy.ParseTransferText("message", r.Message, false)
	if err != nil {
		return tenancy.Transfer{}, err
	}
	proven := s.access.Reauthenticate(c, r.Credentials)
	return access.RetryAttempt(ctx, proven, func() (tenancy.Transfer, error) {
		now := s.now()
		var reservation *store.Found[tenancy.EmailReservation]
		reached, team, err := s.withTeam(
			ctx,
			c,
			ref,
			tenancy.PermissionFull,
			func(b *store.Batch) { reservation = b.EmailReservation(email) },
		)
		if err != nil {
			return tenancy.Transfer{}, err
		}
		if err := reached.RequireOwner(); err != nil {
			return tenancy.Transfer{}, err
		}
		if err := proven.Require("transferring a profile"); err != nil {
			return tenancy.Transfer{}, err
		}
		profile := reached.Profile
		batch := s.Store.Batch()
		source, receiver, open := batch.Account(
			profile.Owner,
		), batch.Account(
			s.access.Holder(reservation, now),
		), batch.OpenTransfer(
			profile.ID,
		)
		proven.Reads(batch, profile.Owner)
		if err := flow.Parallel(ctx, proven.Counts(profile.Owner, now, batch.Get)...); err != nil {
			return tenancy.Transfer{}, err
		}
		if err := proven.Check(ctx, source.Value, now); err != nil {
			return tenancy.Transfer{}, err
		}
		if open.OK {
			return tenancy.Transfer{}, s.occupied(ctx, open.Value, now)
		}
		t, err := profile.RequestTransfer(
			source.Value,
			email,
			message,
			s.Policy,
			tenancy.NewTransferID(s.NewID(now)),
			now,
		)
		if err != nil {
			return tenancy.Transfer{}, err
		}
		confirm, answer := s.NewKey(), s.NewKey()
		t.ConfirmCodes, t.AnswerCodes = [][]byte{confirm.Hash()}, [][]byte{answer.Hash()}
		given := tenancy.TransferContext{
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
		spendMail(tx, profile.Owner, email, now)
		tx.OpenTransfer(profile, t)
		tx.CheckAccount(source.Value, problem.ErrInvalidToken)
		s.announce(tx, given, confirm.Code(), answer.Code(), now)
		e := s.auditEntry(
			string(profile.ID),
			reached.Token,
			"transfer",
			string(t.ID),
			"Transfer requested",
			now,
		)
		tx.Audit(changing(e, auditlog.Change{Field: "state", After: string(t.State)}))
		proven.Succeeded(ctx, tx)
		return t, tx.Commit(ctx)
	})
}

// occupied says which transfer keeps a profile from another one; a transfer
// whose time is over, or which can never complete, is ended first.
func (s Transfers) occupied(ctx context.Context, id tenancy.TransferID, now time.Time) error {
	batch := s.Store.Batch()
	open := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if open.Value.Open(now) {
		given, err := s.load(ctx, open.Value, true)
		if err != nil {
			return err
		}
		if given.Void() == "" {
			return problem.Conflict("This profile has the open transfer %s already: cancel it first, or wait for its end", id).
				For(problem.ReasonTransferOpen).
				With("transfer", id)
		}
	}
	if _, err := s.expire(store.WithoutRecord(ctx), id, now); err != nil {
		return err
	}
	return problem.ErrConflict
}

// TransferView is a transfer as one party sees it.
type TransferView struct {
	tenancy.TransferContext
	Party     tenancy.Party
	Checks    tenancy.Checks
	Gates     tenancy.Gates
	WaitingOn []tenancy.Party
}

func view(c tenancy.TransferContext, to tenancy.Party, now time.Time) TransferView {
	t := c.Transfer
	// What the view says as a whole is made of what the party may see: else it
	// would tell one side about the account of the other.
	checks := c.Checks(now).Visible(to, t)
	v := TransferView{
		TransferContext: c,
		Party:           to,
		Checks:          checks,
		Gates:           t.Gates(checks),
		WaitingOn:       t.WaitingOn(checks, now),
	}
	if t.State != tenancy.TransferRequested {
		// What was needed matters no more, and the accounts have gone on.
		v.Checks = nil
	}
	v.Transfer.Timeline = t.Visible(to)
	return v
}

// Check returns the open transfer of one of the caller's own profiles as its
// owner sees it, or, when there is none, what only the owner can put right
// before a request. Errors: those of every request to a profile; CodeForbidden
// for members.
func (s Transfers) Check(ctx context.Context, c Client, ref ProfileRef) (TransferView, error) {
	r, open, err := s.openTransfer(ctx, c, ref, tenancy.PermissionRead)
	if err != nil {
		return TransferView{}, err
	}
	now := s.now()
	if open.OK {
		batch := s.Store.Batch()
		t := batch.Transfer(open.Value)
		if err := batch.Get(ctx); err != nil {
			return TransferView{}, err
		}
		if t.Value.Open(now) {
			given, err := s.load(ctx, t.Value, true)
			return view(given, tenancy.PartySource, now), err
		}
	}
	batch := s.Store.Batch()
	source := batch.Account(r.Profile.Owner)
	if err := batch.Get(ctx); err != nil {
		return TransferView{}, err
	}
	given := tenancy.TransferContext{Profile: r.Profile, Source: source.Value}
	return TransferView{
		TransferContext: given,
		Party:           tenancy.PartySource,
		Checks:          given.Checks(now),
	}, nil
}

// openTransfer authorises an owner's request and finds the open transfer of the
// profile.
func (s Transfers) openTransfer(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	need tenancy.Permission,
) (access.Rights, *store.Found[tenancy.TransferID], error) {
	var open *store.Found[tenancy.TransferID]
	r, err := s.access.AuthorizeProfile(ctx, c, ref, need, func(b *store.Batch) {
		if !ref.Current {
			open = b.OpenTransfer(ref.ID)
		}
	})
	if err == nil {
		err = r.RequireOwner()
	}
	if err == nil && ref.Current {
		batch := s.Store.Batch()
		open = batch.OpenTransfer(r.Profile.ID)
		err = batch.Get(ctx)
	}
	return r, open, err
}

// Get returns a transfer to one of its sides. Errors: those of every request
// with a token; CodeNotFound for strangers.
func (s Transfers) Get(ctx context.Context, c Client, id tenancy.TransferID) (TransferView, error) {
	who, t, err := s.authorizeTransfer(ctx, c, id, tenancy.PermissionRead, nil)
	if err != nil {
		return TransferView{}, err
	}
	party := t.PartyOf(who.Account)
	if party == "" {
		return TransferView{}, problem.NotFound("Transfer")
	}
	given, err := s.loadFor(ctx, t, party)
	return view(given, party, s.now()), err
}

// loadFor is load for the view of a party, with the names of the team for
// whoever chooses among it.
func (s Transfers) loadFor(
	ctx context.Context,
	t tenancy.Transfer,
	party tenancy.Party,
) (tenancy.TransferContext, error) {
	given, err := s.load(ctx, t, true)
	if err == nil && party != tenancy.PartySource && t.State == tenancy.TransferRequested {
		given.Team, err = s.withNames(ctx, given.Team)
	}
	return given, err
}

// authorizeTransfer authorises a request that concerns a transfer, and reads
// that; whether the caller has a part in it is not decided here. extra, when
// not nil, adds reads to the batch that knows the account.
func (b *base) authorizeTransfer(
	ctx context.Context,
	c Client,
	id tenancy.TransferID,
	need tenancy.Permission,
	extra func(*store.Batch, value.AccountID),
) (access.Caller, tenancy.Transfer, error) {
	var t *store.Found[tenancy.Transfer]
	who, err := b.access.AuthorizeAccount(
		ctx,
		c,
		need,
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
		return access.Caller{}, tenancy.Transfer{}, err
	}
	return who, t.Value, nil
}

// ListedTransfer is a transfer in the list of one of its sides.
type ListedTransfer struct {
	tenancy.Transfer
	Party tenancy.Party
}

// maxListed is how many offers to an address are looked at.
const maxListed = 100

// List returns the caller's transfers: those that wait for its answer, then its
// own and those it has answered, newest first. amount is at most 100. Errors:
// those of every request with a token.
func (s Transfers) List(ctx context.Context, c Client, page, amount int) ([]ListedTransfer, error) {
	who, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionRead, nil)
	if err != nil {
		return nil, err
	}
	amount = min(amount, maxListed)
	most := page * amount
	var offered, own []tenancy.TransferID
	err = flow.Parallel(ctx, func(ctx context.Context) (err error) {
		offered, err = first(
			s.Store.TransfersOffered(ctx, who.Account.Email, maxListed),
			min(most, maxListed),
		)
		return err
	}, func(ctx context.Context) (err error) {
		own, err = first(s.Store.TransfersOf(ctx, who.Account.ID, most), most)
		return err
	})
	if err != nil {
		return nil, err
	}
	ids := append(offered, own...)
	ids = ids[min(most-amount, len(ids)):]
	ids = ids[:min(amount, len(ids))]
	transfers, err := s.transfers(ctx, ids)
	var out []ListedTransfer
	for _, t := range transfers {
		if party := t.PartyOf(who.Account); party != "" {
			out = append(out, ListedTransfer{t, party})
		}
	}
	return out, err
}

// transfers reads transfers in the order of their tickets; those that are gone
// are left out.
func (b *base) transfers(
	ctx context.Context,
	ids []tenancy.TransferID,
) ([]tenancy.Transfer, error) {
	batch := b.Store.Batch()
	found := make([]*store.Found[tenancy.Transfer], len(ids))
	for i, id := range ids {
		found[i] = batch.Transfer(id)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	var out []tenancy.Transfer
	for _, f := range found {
		if f.OK {
			out = append(out, f.Value)
		}
	}
	return out, nil
}

// first returns at most n of what a walk finds.
func first[T any](walk func(func(T, error) bool), n int) (out []T, err error) {
	for v, err := range walk {
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) >= n {
			break
		}
	}
	return out, nil
}

// Confirm is the owner's second word, with the code from the mail and a fresh
// proof. When it is the last that was missing, the profile moves with it.
// Errors: those of every request with a token; CodeForbidden without full
// permission; CodeNotFound for a ticket that is none; CodeInvalid without a
// password and for a code that is not the caller's; ErrInvalidPassword;
// CodeTooMany; CodeConflict for a transfer that has ended.
func (s Transfers) Confirm(
	ctx context.Context,
	c Client,
	id tenancy.TransferID,
	code string,
	given Credentials,
) (tenancy.Transfer, error) {
	return s.answer(ctx, c, id, given, "confirming a transfer", verb{
		audit: "Transfer confirmed",
		do: func(given tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return given.Transfer.Confirm(by, hashOf(code), now)
		},
	})
}

// Accept agrees to receive the profile, on terms that the receiving side
// chooses: see tenancy.Acceptance. Until the transfer has completed it may
// accept anew, on other terms. Errors: as Confirm; CodeInvalid naming the
// choice that is wrong.
func (s Transfers) Accept(
	ctx context.Context,
	c Client,
	id tenancy.TransferID,
	code string,
	given Credentials,
	a tenancy.Acceptance,
) (tenancy.Transfer, error) {
	return s.answer(ctx, c, id, given, "accepting a transfer", verb{
		audit:   "Transfer accepted",
		answers: true,
		do: func(given tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return given.Transfer.Accept(
				by,
				hashOf(code),
				a,
				given.Profile,
				given.Usage,
				given.Team,
				now,
			)
		},
		told: "The receiving side has accepted the transfer %s of the profile %s.",
	})
}

// Decline ends the transfer for the receiving side. Errors: as Confirm.
func (s Transfers) Decline(
	ctx context.Context,
	c Client,
	id tenancy.TransferID,
	code string,
	given Credentials,
) (tenancy.Transfer, error) {
	return s.answer(ctx, c, id, given, "declining a transfer", verb{
		audit: "Transfer declined",
		do: func(given tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return given.Transfer.Decline(by, hashOf(code), now)
		},
	})
}

// hashOf is what the table has of a code, nothing for a text that is none.
func hashOf(code string) []byte {
	key, ok := secret.Parse(code)
	if !ok {
		return nil
	}
	return key.Hash()
}

// answer runs a verb of one of the sides, who gives a fresh proof.
func (s Transfers) answer(
	ctx context.Context,
	c Client,
	id tenancy.TransferID,
	given Credentials,
	action string,
	v verb,
) (tenancy.Transfer, error) {
	proven := s.access.Reauthenticate(c, given)
	return access.RetryAttempt(ctx, proven, func() (tenancy.Transfer, error) {
		who, t, err := s.authorizeTransfer(ctx, c, id, tenancy.PermissionFull, proven.Reads)
		if err != nil {
			return t, err
		}
		// Whoever an offer was for may hear how it ended.
		offered := t.Destination == "" && who.Account.Email == t.Email
		if t.PartyOf(who.Account) == "" && !offered {
			return t, problem.NotFound("Transfer")
		}
		if err := proven.Require(action); err != nil {
			return t, err
		}
		return s.act(ctx, who, t, proven, v)
	})
}

// Cancel ends the open transfer of one of the caller's own profiles. Errors:
// those of every request to a profile; CodeForbidden for members, and for a
// transfer that takes another one back; CodeNotFound when there is no open
// transfer.
func (s Transfers) Cancel(ctx context.Context, c Client, ref ProfileRef) (tenancy.Transfer, error) {
	return flow.RetryOnConflict(ctx, func() (tenancy.Transfer, error) {
		r, open, err := s.openTransfer(ctx, c, ref, tenancy.PermissionFull)
		if err != nil {
			return tenancy.Transfer{}, err
		}
		batch := s.Store.Batch()
		t := &store.Found[tenancy.Transfer]{}
		if open.OK {
			t = batch.Transfer(open.Value)
		}
		account := batch.Account(r.Token.Account)
		if err := batch.Get(ctx); err != nil {
			return tenancy.Transfer{}, err
		}
		if !t.OK || !t.Value.Open(s.now()) {
			return tenancy.Transfer{}, problem.NotFound("Transfer")
		}
		return s.act(ctx, access.Caller{Token: r.Token, Account: account.Value}, t.Value, nil, verb{
			audit: "Transfer canceled",
			do: func(given tenancy.TransferContext, _ tenancy.Account, now time.Time) (tenancy.Transfer, error) {
				return given.Transfer.Cancel(now)
			},
		})
	})
}

// Revert asks for a completed transfer back, or agrees to that: when both sides
// have, the profile returns with what it had before. The answer is the transfer
// that brings it back. Errors: those of every request with a token;
// CodeForbidden without full permission, and for a transfer that cannot be
// taken back, or not any more; CodeNotFound for strangers; CodeInvalid without
// a password; ErrInvalidPassword; CodeTooMany; CodeConflict when the profile
// has another open transfer.
func (s Transfers) Revert(
	ctx context.Context,
	c Client,
	id tenancy.TransferID,
	given Credentials,
) (tenancy.Transfer, error) {
	proven := s.access.Reauthenticate(c, given)
	return access.RetryAttempt(ctx, proven, func() (tenancy.Transfer, error) {
		who, original, err := s.authorizeTransfer(ctx, c, id, tenancy.PermissionFull, proven.Reads)
		if err != nil {
			return original, err
		}
		party := original.PartyOf(who.Account)
		if party == "" {
			return original, problem.NotFound("Transfer")
		}
		if err := proven.Require("taking a transfer back"); err != nil {
			return original, err
		}
		// The receiving side of the original is the one that gives back.
		by := tenancy.PartySource
		if party == tenancy.PartySource {
			by = tenancy.PartyDestination
		}
		return s.revert(ctx, who, original, by, proven, verb{
			audit: "Return of the profile agreed to",
			do: func(given tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
				return given.Transfer.AgreeToRevert(by, now)
			},
			told: "One side agrees to take back the transfer: %s, of the profile %s.",
		})
	})
}

// revert runs a verb on the transfer that takes original back, which it opens
// unless there is one.
func (s Transfers) revert(
	ctx context.Context,
	who access.Caller,
	original tenancy.Transfer,
	by tenancy.Party,
	proven *access.Reauthentication,
	v verb,
) (tenancy.Transfer, error) {
	now := s.now()
	batch := s.Store.Batch()
	former, open, profile := batch.Account(
		original.Source,
	), batch.OpenTransfer(
		original.Profile,
	), batch.Profile(
		original.Profile,
	)
	if err := batch.Get(ctx); err != nil {
		return original, err
	}
	if open.OK {
		batch = s.Store.Batch()
		t := batch.Transfer(open.Value)
		if err := batch.Get(ctx); err != nil {
			return original, err
		}
		if t.Value.Reverts != original.ID || !t.Value.Open(now) {
			return original, s.occupied(ctx, open.Value, now)
		}
		return s.act(ctx, who, t.Value, proven, v)
	}
	if original.State == tenancy.TransferCompleted && profile.Value.Owner == original.Source {
		return s.returned(ctx, original)
	}
	t, err := original.Revert(by, former.Value, tenancy.NewTransferID(s.NewID(now)), now)
	if err != nil {
		return original, err
	}
	v.opens = true
	return s.act(ctx, who, t, proven, v)
}

// maxReturned bounds the search for a transfer that took another one back: the
// lock lets an account have few in the time of one.
const maxReturned = 20

// returned finds the transfer that took original back already.
func (s Transfers) returned(
	ctx context.Context,
	original tenancy.Transfer,
) (tenancy.Transfer, error) {
	ids, err := first(s.Store.TransfersOf(ctx, original.Source, maxReturned), maxReturned)
	if err != nil {
		return original, err
	}
	transfers, err := s.transfers(ctx, ids)
	for _, t := range transfers {
		if t.Reverts == original.ID && t.State == tenancy.TransferCompleted {
			return t, nil
		}
	}
	if err == nil {
		err = problem.Conflict("The profile of the transfer %s is with its previous owner already", original.ID).
			For(problem.ReasonTransferOver)
	}
	return original, err
}

// verb is one thing that somebody does to a transfer.
type verb struct {
	do      func(given tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error)
	audit   string
	agent   bool // the caller acts for the support desk
	answers bool // it makes the caller the receiving side
	opens   bool // the transfer is not in the table yet
	// a notice to both sides, with places for the ticket and the profile;
	// empty: none
	told string
	tell func(tx *store.Tx, given tenancy.TransferContext, now time.Time)
}

// act decides about a transfer as it is now and commits what follows: its next
// state, its end, or the move of the profile. proof is nil for what needs none.
func (s Transfers) act(
	ctx context.Context,
	who access.Caller,
	t tenancy.Transfer,
	proven *access.Reauthentication,
	v verb,
) (tenancy.Transfer, error) {
	now := s.now()
	var reads []func(context.Context) error
	if proven != nil {
		reads = proven.Counts(who.Account.ID, now)
	}
	given, err := s.load(ctx, t, false, reads...)
	if err != nil {
		return t, err
	}
	if proven != nil {
		if err := proven.Check(ctx, who.Account, now); err != nil {
			return t, err
		}
	}
	if why := given.Void(); why != "" && t.Open(now) {
		return t, s.failed(store.WithoutRecord(ctx), t, why)
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
	case errors.Is(err, tenancy.ErrDone) && proven != nil:
		return t, tx.Commit(ctx)
	case errors.Is(err, tenancy.ErrDone):
		return t, nil
	case err != nil:
		return t, err
	}
	if given.Transfer.Destination == who.Account.ID {
		if given.Destination, err = s.stillHeld(ctx, who.Account); err != nil {
			return t, err
		}
	}
	t = s.settle(tx, given, v, now)
	switch {
	case v.agent:
		tx.CheckAgent(who.Account, problem.ErrConflict)
	case t.State != tenancy.TransferCompleted:
		// A move holds both accounts to their versions.
		tx.CheckAddress(who.Account, problem.ErrConflict)
	}
	tx.Audit(
		changing(
			s.auditEntry(string(t.Profile), who.Token, "transfer", string(t.ID), v.audit, now),
			becomes(was, t),
		),
	)
	if t.State == tenancy.TransferRequested {
		if v.told != "" {
			s.noticeBoth(tx, given, v.told, now)
		}
		if v.tell != nil {
			v.tell(tx, given, now)
		}
	}
	return t, s.commit(ctx, tx, t, now)
}

// commit commits what becomes of a transfer. When reports of use were faster
// than the move of a profile, they wait for the next try.
func (s Transfers) commit(
	ctx context.Context,
	tx *store.Tx,
	t tenancy.Transfer,
	now time.Time,
) error {
	err := tx.Commit(ctx)
	if errors.Is(err, problem.ErrConflict) && t.State == tenancy.TransferCompleted {
		s.suspendUse(ctx, t.Profile, now)
	}
	return err
}

// failed answers for a transfer that cannot complete any more, which the sweep
// ends. Unless it was only read before somebody completed it, and the rest
// after that.
func (s Transfers) failed(ctx context.Context, t tenancy.Transfer, why string) error {
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

// load reads what the rules look at beside a transfer. offered asks for the
// account that holds the address when nobody has answered yet, which takes a
// read more.
func (s Transfers) load(
	ctx context.Context,
	t tenancy.Transfer,
	offered bool,
	beside ...func(context.Context) error,
) (tenancy.TransferContext, error) {
	given := tenancy.TransferContext{Transfer: t}
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
		destination = batch.Account(s.access.Holder(reservation, s.now()))
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
		given.Destination, err = s.stillHeld(ctx, given.Destination)
	}
	return given.Vouched(), err
}

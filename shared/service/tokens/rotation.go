package tokens

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Rotation is what a person gives to rotate a token.
type Rotation struct {
	Token              string // itself, its masked form or its id
	Grace              string // see tenancy.ParseGrace
	access.Credentials        // only for a token that gives more than the one in use
}

// Rotated is a new token with its text, and when the one whose place it took
// stops working.
type Rotated struct {
	Made
	GraceEnds time.Time
}

// Rotate puts a new token in the place of one of the caller's own; the calling
// token may be the one. Everything but id and secret stays as it is, the end of
// its life too. The old one works until its grace ends, and its use afterwards
// makes the whole family invalid. The grace of an earlier token ends at once,
// so that at most two tokens of a family work.
//
// A token that rotates itself, or one that gives nothing more than it and ends
// with it (Token.Covers), gains nothing, so it needs no reauthentication; any
// other rotation does. A token cannot rotate one with a wider scope or
// allow-list than its own, even with reauthentication. The profile's policy
// must admit the new token, which matters if the policy was tightened after the
// old one was created. The owner of a profile may delete a member's token but
// not rotate it: the new one would act for the member's account.
//
// Errors: those of every request to a profile; CodeInvalid naming the field;
// CodeNotFound for a token that is not there, CodeForbidden for another
// account's, one that is disabled, one that exceeds the calling token, and a
// life that the profile's policy refuses; CodeConflict for one that was rotated
// before; ErrInvalidPassword, ErrInvalidPin, CodeTooMany.
func (s Service) Rotate(
	ctx context.Context, c access.Client, ref access.ProfileRef, n Rotation,
) (Rotated, error) {
	grace, err := tenancy.ParseGrace(n.Grace)
	if err != nil {
		return Rotated{}, err
	}
	gone := problem.NotFound("Token")
	id, known := secret.ParseReference(n.Token)
	proven := s.Access.Reauthenticate(c, n.Credentials)
	return access.RetryAttempt(ctx, proven, func() (Rotated, error) {
		var target *store.Found[tenancy.Token]
		r, err := s.Access.AuthorizeProfile(
			ctx,
			c,
			ref,
			func(b *store.Batch) {
				if known {
					target = b.Token(value.TokenID(id))
				}
			},
		)
		if err != nil {
			return Rotated{}, err
		}
		now := s.Instant()
		if !known || !target.OK || target.Value.Profile != r.Profile.ID ||
			target.Value.Expired(now) {
			return Rotated{}, gone
		}
		t := target.Value
		if t.Account != r.Token.Account {
			if r.Owned() {
				return Rotated{}, problem.Forbidden(
					"Only the account that a token acts for may rotate it; as the owner of the profile you may delete it",
				)
			}
			return Rotated{}, gone
		}
		key := s.NewKey()
		old, next, family, err := t.Rotate(value.TokenID(key.ID), key.Hash(), grace, now)
		if err != nil {
			return Rotated{}, err
		}
		if r.Token.Rotated() {
			return Rotated{}, problem.Forbidden(
				"A token that was rotated may not rotate others: use the one that took its place",
			)
		}
		if err := t.RotatedWith(r.Token); err != nil {
			return Rotated{}, err
		}
		if err := r.Profile.TokenPolicy.Admits(next.Expires, now); err != nil {
			return Rotated{}, err
		}
		covered := r.Token.ID == t.ID || r.Token.Covers(t)
		if !covered && n.Password == "" {
			return Rotated{}, problem.InvalidField("password", problem.FieldRequired, "is required: the token may do more than the one in use, or can outlive it; rotate it with itself, or send the password of the account").
				For(problem.ReasonPasswordRequired)
		}

		batch := s.Store.Batch()
		reads := []func(context.Context) error{batch.Get}
		var account *store.Found[tenancy.Account]
		var previous *store.Found[tenancy.Token]
		if !covered || !r.Owned() {
			account = batch.Account(t.Account)
		}
		if now.Before(t.PreviousRetires) {
			previous = batch.Token(t.Previous)
		}
		if !covered {
			proven.Reads(batch, t.Account)
			reads = proven.Counts(t.Account, now, reads...)
		}
		if err := flow.Parallel(ctx, reads...); err != nil {
			return Rotated{}, err
		}
		tx := s.Store.Begin()
		if !covered {
			if err := proven.Check(ctx, account.Value, now); err != nil {
				return Rotated{}, err
			}
			proven.Succeeded(ctx, tx)
			tx.CheckAccount(account.Value, problem.ErrInvalidToken)
		}
		if r.Owned() && !t.AdmittedByOwner(r.Profile) ||
			!r.Owned() &&
				!t.AdmittedBy(
					account.Value,
					tenancy.Grant{Account: t.Account, Profile: r.Profile.ID, Epoch: r.Epoch},
				) {
			return Rotated{}, gone
		}
		if r.Token.ID != t.ID {
			tx.CheckToken(r.Token, problem.ErrConflict)
		}
		tx.CheckTokenPolicy(r.Profile, problem.ErrConflict)
		tx.RotateToken(t, old, next, family, now, problem.ErrConflict)
		tx.Measure(metric.TokensMade, 1)
		if previous != nil && previous.OK && previous.Value.Live(now) {
			tx.RetireToken(previous.Value, now, problem.ErrConflict)
		}
		tx.Audit(
			core.Changing(
				s.AuditEntry(
					string(t.Profile),
					r.Token,
					"token",
					string(t.ID),
					"Token rotated",
					now,
				),
				append(
					tokenMade(next),
					auditlog.Change{Field: "token", Before: string(t.ID), After: string(next.ID)},
					auditlog.Change{
						Field: "grace_ends",
						After: old.Retires.Format(value.TimeFormat),
					},
				)...),
		)
		if err := tx.Commit(ctx, c.Origin()); err != nil {
			return Rotated{}, err
		}
		return Rotated{Made{next, key.Token()}, old.Retires}, nil
	})
}

// Reuses deals with the uses of rotated tokens that were noted, as far as the
// time of ctx allows. Two runs at once end each family once. It returns how
// many families it ended.
func (s Service) Reuses(ctx context.Context) (int, error) {
	return core.Sweep(
		ctx,
		s.Config,
		core.One(store.DueReuse, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			revoked, err := s.Reused(ctx, value.TokenID(due.ID))
			return core.OneIf(revoked), false, err
		}),
	)
}

// Reused revokes what still works of a token's family, after the token was used
// past its grace, and tells the account it acts for, and the profile's owner.
// If nothing of the family works, nobody is told; what would work again when
// its profile is restored is revoked too. It reports whether it revoked
// anything that works. Running it twice, or twice at once, or while the family
// is rotated again, ends with the family dead and one mail to each.
func (s Service) Reused(ctx context.Context, id value.TokenID) (bool, error) {
	return flow.RetryOnConflict(ctx, func() (bool, error) {
		now := s.Instant()
		batch := s.Store.Batch()
		report, spent := batch.Reuse(id), batch.Token(id)
		if err := batch.Get(ctx); err != nil || !report.OK {
			return false, err
		}
		t := spent.Value
		tx := s.Store.Begin()
		if !spent.OK || !t.Spent(report.Value.Time) {
			tx.ForgetReuse(id)
			return false, tx.CommitAside(ctx, store.Origin{})
		}
		batch = s.Store.Batch()
		family := batch.Family(t.Family)
		account := batch.Account(t.Account)
		profile := batch.Profile(t.Profile)
		if err := batch.Get(ctx); err != nil {
			return false, err
		}
		batch = s.Store.Batch()
		members := []*store.Found[tenancy.Token]{
			batch.Token(family.Value.Current),
			batch.Token(family.Value.Previous),
		}
		owner := batch.Account(profile.Value.Owner)
		grants := map[value.ProfileID]*store.Found[tenancy.Grant]{}
		if err := batch.Get(ctx); err != nil {
			return false, err
		}
		batch = s.Store.Batch()
		for _, m := range members {
			if m.OK && grants[m.Value.Profile] == nil {
				grants[m.Value.Profile] = batch.Grant(t.Account, m.Value.Profile)
			}
		}
		if err := batch.Get(ctx); err != nil {
			return false, err
		}
		revoked := 0
		for _, m := range members {
			if !m.OK || !m.Value.Live(now) {
				continue
			}
			switch grant := grants[m.Value.Profile]; {
			case m.Value.AdmittedBy(account.Value, grant.Value):
				tx.RevokeFamilyToken(m.Value, problem.ErrConflict)
				revoked++
			case !grant.OK:
				// It opens nothing, unless its profile is restored.
				tx.RevokeFamilyToken(m.Value, problem.ErrConflict)
			}
		}
		// A rotation in the meantime has put another token there.
		tx.CheckFamily(t.Family, family.Value, problem.ErrConflict)
		tx.SettleReuse(id, problem.ErrConflict)
		if revoked > 0 {
			s.notifyReuse(tx, report.Value, t, account.Value, owner.Value, profile.Value, now)
		}
		return revoked > 0, tx.CommitAside(ctx, store.Origin{})
	})
}

// notifyReuse adds the audit entry of a family's end, and tells the account
// that its tokens acted for and the owner of the profile.
func (s Service) notifyReuse(
	tx *store.Tx,
	r store.Reuse,
	t tenancy.Token,
	account, owner tenancy.Account,
	p tenancy.Profile,
	now time.Time,
) {
	e := s.AuditEntry(
		string(t.Profile),
		t,
		"token",
		string(t.ID),
		"Token revoked with those that took its place, as it was used after it was rotated",
		now,
	)
	e.Who, e.Source, e.Request = "token-reuse", r.Source, r.Request
	tx.Audit(core.Changing(e, tokenGone(t)...))
	told := []tenancy.Account{account}
	if owner.ID != account.ID && owner.ID != "" {
		told = append(told, owner)
	}
	for _, a := range told {
		s.SendTo(tx, a, mailing.TokenReused{
			Name:    a.Name,
			Profile: p.Name,
			Token:   t.Name,
			When:    r.Time,
			Address: r.Source,
		}, now)
		tx.Notify(
			s.Notice(
				a.ID,
				"A rotated token was used again",
				"The token "+value.Isolated(t.Name)+" of the profile "+value.Isolated(p.Name)+
					" was used after it had been rotated and its grace was over, so the one that took its place is revoked too. Find out who still has it, and make a new one.",
				now,
			).About(string(p.ID)),
		)
	}
}

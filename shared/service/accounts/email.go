package accounts

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// RequestEmail asks for another address: the new one confirms it by mail, and
// the old one is told. The answer is the same whether the new address has an
// account or not. An account to whose address mails are stopped can ask for its
// own one, to confirm it again. Errors: those of every request with a token;
// CodeForbidden without full permission; CodeInvalid for a text that is no
// address, the address the account has, and a missing password;
// ErrInvalidPassword; CodeTooMany.
func (s Service) RequestEmail(
	ctx context.Context,
	c access.Client,
	address string,
	given access.Credentials,
) error {
	email, err := value.ParseNewEmail(address)
	if err != nil {
		return err
	}
	proven := s.Access.Reauthenticate(c, given)
	_, err = access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		now := s.Instant()
		who, err := s.Access.AuthorizeAccount(ctx, c, proven.Reads)
		if err != nil {
			return struct{}{}, err
		}
		a := who.Account
		if err := proven.Require("changing the address"); err != nil {
			return struct{}{}, err
		}
		own := email == a.Email
		if own {
			if err := s.stoppedAt(ctx, email, now); err != nil {
				return struct{}{}, err
			}
		}
		if err := flow.Parallel(ctx, proven.Counts(a.ID, now)...); err != nil {
			return struct{}{}, err
		}
		if err := proven.Check(ctx, a, now); err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.Count(
			store.RateWindow{
				Subject: "mail#email#" + string(a.ID),
				End:     store.WindowEnd(now, mailSpan),
			},
			mailsByAddress,
			problem.TooMany(store.WindowEnd(now, mailSpan).Sub(now)).
				Because("no more mails about a new address for now").
				For(problem.ReasonMailLimit),
		)
		what, change := "Change of address requested", addresses(a.Email, email)
		if own {
			what, change = "Confirmation of the address requested", addresses("", email)
			tx.UpdateAccount(a) // holds the account to what was read
		} else {
			core.SpendMail(tx, a.ID, email, now)
			tx.UpdateAccount(a.AskEmail(email, now))
			s.SendTo(tx, a, mailing.EmailAsked{Name: a.Name, New: email, When: now}, now)
		}
		code := s.securityCode(tx, tenancy.CodeEmail, a, email, tenancy.EmailCodeLife, now)
		expires := now.Add(tenancy.EmailCodeLife)
		if own {
			again := mailing.EmailConfirmAgain{Name: a.Name, Code: code, Expires: expires}
			s.SendTo(tx, a, again, now)
		} else {
			s.Send(tx, email, a, mailing.EmailConfirm{
				Name:    a.Name,
				Old:     a.Email,
				Code:    code,
				Expires: expires,
			}, now)
		}
		tx.Audit(
			core.Changing(
				s.AuditEntry(
					string(a.ID),
					who.Token,
					"account",
					string(a.ID),
					what,
					now,
				),
				change,
			),
		)
		proven.Succeeded(ctx, tx)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// stoppedAt refuses (CodeInvalid) the account's own address as a new one,
// unless mails to it are stopped: then the person confirms it again.
func (s Service) stoppedAt(ctx context.Context, own value.Email, now time.Time) error {
	batch := s.Store.Batch()
	stop := batch.MailStop(own)
	if err := batch.Get(ctx); err != nil || now.Before(stop.Value.Ends()) {
		return err
	}
	return problem.Invalid("This is the address that the account has").
		For(problem.ReasonOwnAddress).
		At("email")
}

// ConfirmEmail makes the new address that of the account, whoever sends the
// code. The old address can undo that for a week, and nobody else can take it
// until then. A sign-up with the new address that nobody has confirmed gives
// way: this is the proof that it lacks. Errors: ErrVoidCode, also when the
// address has an account by now; CodeTooMany for more changes in a week than
// can be undone.
func (s Service) ConfirmEmail(ctx context.Context, c access.Client, code string) error {
	return s.byCode(
		ctx,
		c,
		code,
		tenancy.CodeEmail,
		func(tx *store.Tx, by coded, now time.Time) error {
			a, known, waiting := by.account, by.code, by.waiting
			old := a.Email
			tx.ResumeMail(known.Email)
			if known.Email == old {
				tx.UpdateAccount(a.ProveAgain(now))
				tx.Audit(s.AccountEntry(a.ID, "E-mail address confirmed again", now))
				return nil
			}
			key := s.NewKey()
			undo := tenancy.Undo{
				Code:    value.CodeID(key.ID),
				Email:   old,
				Expires: now.Add(tenancy.EmailUndoCodeLife),
			}
			moved, err := a.NewEmail(known.Email, undo, now)
			if err != nil {
				return err
			}
			kept := undo.Expires
			back := len(moved.Undos) == 0 || moved.Undos[len(moved.Undos)-1].Code != undo.Code
			if back {
				// A person who returns to a former address gives up the later
				// one for good.
				kept = now
			}
			if waiting != "" {
				tx.MoveReservationOver(
					waiting,
					old,
					known.Email,
					a.ID,
					kept,
					now,
					tenancy.ErrVoidCode,
				)
			} else {
				tx.MoveReservation(old, known.Email, a.ID, kept, now, tenancy.ErrVoidCode)
			}
			if back {
				tx.UpdateAccount(moved)
				tx.Audit(
					core.Changing(
						s.AccountEntry(a.ID, "E-mail address changed back", now),
						addresses(old, known.Email),
					),
				)
				return nil
			}
			tx.UpdateAccount(moved)
			tx.CreateSecurityCode(tenancy.SecurityCode{
				ID:      undo.Code,
				Hash:    key.Hash(),
				Purpose: tenancy.CodeEmailUndo,
				Account: a.ID,
				Email:   old,
				Expires: undo.Expires,
			})
			s.Send(tx, old, a, mailing.EmailChanged{
				Name:    a.Name,
				New:     known.Email,
				Code:    key.Code(),
				Expires: undo.Expires,
			}, now)
			tx.Audit(
				core.Changing(
					s.AccountEntry(a.ID, "E-mail address changed", now),
					addresses(old, known.Email),
				),
			)
			return nil
		},
	)
}

// addresses is the change of an account's address. Its own log may have it; the
// logs of profiles, which others read, never do.
func addresses(was, is value.Email) auditlog.Change {
	return auditlog.Change{Field: "email", Before: string(was), After: string(is)}
}

// UndoEmail gives the account its former address back, and takes from it what
// whoever changed the address may have added: all its tokens, and the second
// factors and recovery codes, pins and set-ups that came after the owner of the
// former address last proved it. Errors: ErrVoidCode.
func (s Service) UndoEmail(ctx context.Context, c access.Client, code string) error {
	return s.byCode(
		ctx,
		c,
		code,
		tenancy.CodeEmailUndo,
		func(tx *store.Tx, by coded, now time.Time) error {
			a, known := by.account, by.code
			tx.ResumeMail(known.Email)
			other := a.Email
			if other != known.Email {
				tx.MoveReservation(other, known.Email, a.ID, now, now, tenancy.ErrVoidCode)
			}
			restored := a.RestoreEmail(known.Email, known.ID, now)
			if err := s.recover(
				ctx,
				tx,
				restored,
				by.factors,
				a.LastProved(known.ID),
				now,
			); err != nil {
				return err
			}
			reset := s.securityCode(
				tx,
				tenancy.CodePassword,
				restored,
				known.Email,
				tenancy.PasswordCodeLife,
				now,
			)
			back := mailing.EmailRestored{Name: a.Name, Old: known.Email, New: other, When: now}
			s.Send(tx, known.Email, a, back, now)
			if other != known.Email {
				s.Send(tx, other, a, back, now)
			}
			s.Send(tx, known.Email, a, mailing.PasswordReset{
				Code:    reset,
				Expires: now.Add(tenancy.PasswordCodeLife),
			}, now)
			tx.Audit(
				core.Changing(
					s.AccountEntry(a.ID, "Change of the e-mail address undone", now),
					restored.Differences(a)...),
			)
			return nil
		},
	)
}

// recover adds an account after its recovery to a commit, and its factors:
// without what was added since a time. The open transfers of its profiles are
// void with that; the sweep ends them as soon as it runs.
func (s Service) recover(
	ctx context.Context,
	tx *store.Tx,
	a tenancy.Account,
	k tenancy.SecondFactors,
	since, now time.Time,
) error {
	batch := s.Store.Batch()
	var open []*store.Found[transfer.ID]
	for _, id := range a.ProfileIDs() {
		open = append(open, batch.OpenTransfer(id))
	}
	if err := batch.Get(ctx); err != nil {
		return err
	}
	for _, t := range open {
		if t.OK {
			tx.HurryTransfer(t.Value, now)
		}
	}
	tx.Expel(a, now)
	if len(a.Factors) == 0 {
		tx.DeleteFactors(k)
	} else {
		tx.UpdateFactors(k.Recovered(a, since))
	}
	return nil
}

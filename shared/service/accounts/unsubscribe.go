package accounts

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// Unsubscribe switches off mails like the one that code comes from: those about
// its topic for an account, and for an address without an account all that are
// not about security, for mailing.ComplaintStop. It can be repeated. It returns
// the topic; topic.Security stands for an address without an account. Once that
// address has an account, its person chooses, and the code is void. Errors:
// tenancy.ErrVoidCode, CodeTooMany.
func (s Service) Unsubscribe(
	ctx context.Context, c access.Client, code string,
) (topic.Topic, error) {
	off, ok := core.OpenUnsubscription(s.Keys, code)
	return flow.RetryOnConflict(ctx, func() (topic.Topic, error) {
		batch := s.Store.Batch()
		account, stop := new(store.Found[tenancy.Account]), new(store.Found[mailing.Stop])
		reservation := new(store.Found[tenancy.EmailReservation])
		switch {
		case off.Account != "":
			account = batch.Account(off.Account)
		case ok:
			stop, reservation = batch.MailStop(off.Email), batch.EmailReservation(off.Email)
		}
		if err := s.Access.CountBySource(ctx, c, batch.Get); err != nil {
			return 0, err
		}
		if !ok {
			return 0, tenancy.ErrVoidCode
		}
		now := s.Instant()
		tx := s.Store.Begin()
		if off.Account == "" {
			owned, err := s.hasAccount(ctx, off.Email, reservation, now)
			if err != nil {
				return 0, err
			}
			if owned {
				return 0, tenancy.ErrVoidCode
			}
			stopped := stop.Value.After(mailing.ReturnComplaint, now)
			stopped.Email = off.Email
			tx.StopMail(stopped, stop)
			return off.Topic, tx.Commit(ctx, c.Origin())
		}
		a := account.Value
		if !account.OK || a.Preferences.Mail(off.Topic) == topic.MailOff {
			return off.Topic, nil
		}
		a.Preferences, a.Updated = a.Preferences.Without(off.Topic), now
		tx.UpdateAccount(a)
		e := s.AccountEntry(a.ID, "Mails switched off by the link of one", now)
		e.Changes = a.Differences(account.Value)
		tx.Audit(e)
		return off.Topic, tx.Commit(ctx, c.Origin())
	})
}

// hasAccount reports whether an address, whose reservation was read, is that of
// an account which somebody can sign in to.
func (s Service) hasAccount(
	ctx context.Context,
	email value.Email,
	reservation *store.Found[tenancy.EmailReservation],
	now time.Time,
) (bool, error) {
	batch := s.Store.Batch()
	holder := batch.Account(s.Access.Holder(reservation, now))
	err := batch.Get(ctx)
	return holder.Value.At(email).Active, err
}

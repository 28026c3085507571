package accounts

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
)

// Unsubscribe switches off mails like the one that code comes from: those about
// its topic for an account, and for an address without an account all that are
// not about security, for mailing.ComplaintStop. It can be repeated. It returns
// the topic; topic.Security stands for an address without an account. Errors:
// tenancy.ErrVoidCode, CodeTooMany.
func (s Service) Unsubscribe(
	ctx context.Context, c access.Client, code string,
) (topic.Topic, error) {
	off, ok := core.OpenUnsubscription(s.Keys, code)
	return flow.RetryOnConflict(ctx, func() (topic.Topic, error) {
		batch := s.Store.Batch()
		account, stop := new(store.Found[tenancy.Account]), new(store.Found[mailing.Stop])
		switch {
		case off.Account != "":
			account = batch.Account(off.Account)
		case ok:
			stop = batch.MailStop(off.Email)
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

package accounts

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// exportsADay is how often an account may be exported in a day.
const exportsADay = 5

// Exported is what Export returns: what only an export shows of an account. The
// other services have the rest.
type Exported struct {
	Account tenancy.Account
	Stop    *mailing.Stop // of mails to its address; nil for none
	At      time.Time
}

// Export admits an export of everything about the caller's account, after a
// fresh proof. The audit log has an entry of it, and the person gets a mail:
// whoever has somebody's password could take it all at once. Errors: those of
// every request with a token; CodeForbidden without full permission; those of a
// fresh proof; CodeTooMany after exportsADay in a day.
func (s Service) Export(
	ctx context.Context, c access.Client, given access.Credentials,
) (Exported, error) {
	proven := s.Access.Reauthenticate(c, given)
	return access.RetryAttempt(ctx, proven, func() (Exported, error) {
		who, err := s.Access.AuthorizeAccount(ctx, c, nil)
		if err != nil {
			return Exported{}, err
		}
		now := s.Instant()
		a := who.Account
		tx := s.Store.Begin()
		if err := proven.Prove(ctx, tx, a.ID, "exporting the account", now); err != nil {
			return Exported{}, err
		}
		end := store.WindowEnd(now, 24*time.Hour)
		tx.Count(
			store.RateWindow{Subject: "export#" + string(a.ID), End: end}, exportsADay,
			problem.TooMany(end.Sub(now)).Because("the account was exported five times today"),
		)
		tx.Audit(s.AuditEntry(
			string(a.ID), who.Token, "account", string(a.ID), "Account exported", now))
		s.SendTo(tx, a, mailing.AccountExported{Name: a.Name, When: now}, now)
		if err := tx.Commit(ctx, c.Origin()); err != nil {
			return Exported{}, err
		}
		batch := s.Store.Batch()
		stop := batch.MailStop(a.Email)
		if err := batch.Get(ctx); err != nil {
			return Exported{}, err
		}
		out := Exported{Account: a.OpenChanges(now), At: now}
		if stop.OK && stop.Value.Ends().After(now) {
			out.Stop = &stop.Value
		}
		return out, nil
	})
}

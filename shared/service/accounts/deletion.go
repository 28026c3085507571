package accounts

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Delete deletes the caller's account, for good. With its commit nobody can
// sign in, no token and no code of it works, and nobody finds an account at its
// address; what else it had is removed by Purge, which ends with a mail. The
// person is told at once too, at every address that the account holds. Errors:
// those of every request with a token; CodeForbidden without full permission,
// for an account with a role of the operator's, and while a profile of it can
// be taken back by who gave it away; those of a fresh proof.
func (s Service) Delete(ctx context.Context, c access.Client, given access.Credentials) error {
	proven := s.Access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		who, err := s.Access.AuthorizeAccount(ctx, c, proven.Reads)
		if err != nil {
			return struct{}{}, err
		}
		if err := proven.Require("deleting the account"); err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		account := who.Account
		batch := s.Store.Batch()
		found := make([]*store.Found[tenancy.Profile], 0, account.Profiles())
		for _, id := range account.ProfileIDs() {
			found = append(found, batch.Profile(id))
		}
		if err := flow.Parallel(ctx, proven.Counts(account.ID, now, batch.Get)...); err != nil {
			return struct{}{}, err
		}
		if err := proven.Check(ctx, account, now); err != nil {
			return struct{}{}, err
		}
		profiles := make([]tenancy.Profile, len(found))
		for i, f := range found {
			profiles[i] = f.Value
		}
		left, err := account.Delete(profiles, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.DeleteAccount(account, left)
		tx.Audit(
			s.AuditEntry(
				string(account.ID),
				who.Token,
				"account",
				string(account.ID),
				"Account deleted",
				now,
			),
		)
		for _, address := range left.Addresses() {
			deleting := mailing.AccountDeleting{Name: left.Name, When: now}
			s.Send(tx, address, account, deleting, now)
		}
		proven.RefundBeside(ctx, tx)
		// The pin is used up with everything else that it could be given to.
		tx.DeleteFactors(proven.Factors())
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

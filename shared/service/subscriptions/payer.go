package subscriptions

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/access"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// payer authorizes a request that changes what an account pays for. It returns
// the account with the token of the request, and what the commit must also
// have; nil: nothing. extra, if not nil, adds reads to its last batch.
type payer func(ctx context.Context, extra func(*store.Batch, value.AccountID)) (
	access.Caller, func(tx *store.Tx, what string, now time.Time), error,
)

// caller returns the payer that is the caller itself.
func (s Service) caller(c access.Client) payer {
	return func(ctx context.Context, extra func(*store.Batch, value.AccountID)) (
		access.Caller, func(*store.Tx, string, time.Time), error,
	) {
		who, err := s.Access.AuthorizeAccount(ctx, c, extra)
		return who, nil, err
	}
}

// payerOf authorizes a request to a profile, and returns the profile with its
// payer: the caller that owns it, or the owner for a member that has the
// permission billing. Errors: those of every request to a profile.
func (s Service) payerOf(
	ctx context.Context, c access.Client, ref access.ProfileRef,
) (tenancy.Profile, payer, error) {
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
	if err != nil {
		return r.Profile, nil, err
	}
	if r.Owned() {
		return r.Profile, s.caller(c.For(tenancy.AccessBilling)), nil
	}
	return r.Profile, s.owner(c, ref, r), nil
}

// owner returns the payer for a member with the rights r: the owner of the
// profile, who is notified of the change. The member must still have its
// permission when the change commits. A second try authorizes the member again.
func (s Service) owner(c access.Client, ref access.ProfileRef, r access.Rights) payer {
	again := false
	return func(ctx context.Context, extra func(*store.Batch, value.AccountID)) (
		access.Caller, func(*store.Tx, string, time.Time), error,
	) {
		if again {
			var err error
			if r, err = s.Access.AuthorizeProfile(ctx, c, ref, nil); err != nil {
				return access.Caller{}, nil, err
			}
		}
		again = true
		batch := s.Store.Batch()
		owner, member := batch.Account(r.Profile.Owner), batch.Account(r.Token.Account)
		grant := batch.Grant(r.Token.Account, r.Profile.ID)
		if extra != nil {
			extra(batch, r.Profile.Owner)
		}
		if err := batch.Get(ctx); err != nil {
			return access.Caller{}, nil, err
		}
		if !owner.OK || grant.Value.Owner != r.Profile.Owner ||
			grant.Value.Permission != tenancy.PermissionBilling {
			return access.Caller{}, nil, problem.ErrConflict
		}
		also := func(tx *store.Tx, what string, now time.Time) {
			tx.CheckGrant(grant.Value, problem.ErrConflict)
			text := fmt.Sprintf("%s has changed what you pay for the profile %s. %s.",
				value.Isolated(member.Value.Name), value.Isolated(r.Profile.Name), what)
			tx.Notify(s.Notice(r.Profile.Owner, what, text, now).
				As(tenancy.NotificationProfile).
				About(string(r.Profile.ID)))
		}
		return access.Caller{Token: r.Token, Account: owner.Value}, also, nil
	}
}

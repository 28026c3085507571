package tokens

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Edit changes the name, the networks and the scope of a token of a profile, or
// disables or enables it; tenancy.Token.Edit says who may. A change that lets
// the token do more asks for the password. The calling token may be the one.
// reference is the token, its masked form or its id. Errors: those of every
// request to a profile; CodeNotFound for a token that is not there; CodeInvalid
// naming the field; CodeForbidden; CodeConflict for one that was rotated; and
// where the password is asked for, CodeInvalid without one, ErrInvalidPassword,
// CodeTooMany.
func (s Service) Edit(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	reference string,
	e tenancy.TokenEdit,
	given access.Credentials,
) error {
	proven := s.Access.Reauthenticate(c, given)
	id, known := secret.ParseReference(reference)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
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
			return struct{}{}, err
		}
		now := s.Instant()
		if !known || !target.OK || target.Value.Profile != r.Profile.ID || !target.Value.Live(now) {
			return struct{}{}, problem.NotFound("Token")
		}
		edited, gives, err := target.Value.Edit(
			e,
			tenancy.TokenEditor{
				Token: r.Token, Owner: r.Owned(), Source: c.Source, Now: now,
			},
		)
		if err != nil {
			return struct{}{}, err
		}
		changes := edited.Differences(target.Value)
		if len(changes) == 0 {
			return struct{}{}, nil
		}
		tx := s.Store.Begin()
		if gives {
			if err := proven.Prove(
				ctx,
				tx,
				r.Token.Account,
				"enabling a token, or widening its scope or allow_list,",
				now,
			); err != nil {
				return struct{}{}, err
			}
		}
		tx.CheckGrant(
			tenancy.Grant{
				Account:    r.Token.Account,
				Profile:    r.Profile.ID,
				Permission: r.Granted,
				Epoch:      r.Epoch,
			},
			problem.ErrConflict,
		)
		tx.EditToken(target.Value, edited, problem.ErrConflict)
		entry := s.AuditEntry(string(r.Profile.ID), r.Token, "token", id, "Token updated", now)
		entry.Changes = changes
		tx.Audit(entry)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

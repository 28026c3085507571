package service

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Edit changes the name of a token of a profile, where it may be used from,
// what it opens and whether it works; see tenancy.Token.Edit for who may. What
// gives it power asks for the password. The calling token may be the one.
// reference is the token, its masked form or its id. Errors: those of every
// request to a profile; CodeNotFound for a token that is not there; CodeInvalid
// naming the field; CodeForbidden; CodeConflict for one that was rotated; and
// where the password is asked for, CodeInvalid without one, ErrInvalidPassword,
// CodeTooMany.
func (s Tokens) Edit(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	reference string,
	e tenancy.TokenEdit,
	given Credentials,
) error {
	proven := s.access.Reauthenticate(c, given)
	id, known := secret.ParseReference(reference)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		var target *store.Found[tenancy.Token]
		r, err := s.access.AuthorizeProfile(
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
		now := s.now()
		if !known || !target.OK || target.Value.Profile != r.Profile.ID || !target.Value.Live(now) {
			return struct{}{}, problem.NotFound("Token")
		}
		edited, gives, err := target.Value.Edit(
			e,
			tenancy.TokenEditor{Token: r.Token, Owner: r.Owned(), Source: c.Source},
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
		tx.EditToken(edited)
		entry := s.auditEntry(string(r.Profile.ID), r.Token, "token", id, "Token updated", now)
		entry.Changes = changes
		tx.Audit(entry)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// SetTokenPolicy says how long tokens may live that are made for one of the
// caller's own profiles, or moved to it, from now on. Those that it has stay as
// they are. A policy that admits more than the one before asks for the
// password. Errors: those of every request to a profile; CodeForbidden for
// members; CodeInvalid naming the field; and where the password is asked for,
// CodeInvalid without one, ErrInvalidPassword, CodeTooMany.
func (s Profiles) SetTokenPolicy(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	e tenancy.TokenPolicyEdit,
	given Credentials,
) error {
	proven := s.access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		r, err := s.access.AuthorizeProfile(ctx, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		now := s.now()
		profile := r.Profile
		if profile.TokenPolicy, err = r.Profile.TokenPolicy.Edit(e); err != nil {
			return struct{}{}, err
		}
		changes := profile.TokenPolicy.Differences(r.Profile.TokenPolicy)
		if len(changes) == 0 {
			return struct{}{}, nil
		}
		tx := s.Store.Begin()
		if profile.TokenPolicy.Looser(r.Profile.TokenPolicy) {
			if err := proven.Prove(
				ctx,
				tx,
				r.Token.Account,
				"letting tokens live longer",
				now,
			); err != nil {
				return struct{}{}, err
			}
		}
		profile.Updated = now
		tx.SetTokenPolicy(profile)
		entry := s.auditEntry(
			string(profile.ID),
			r.Token,
			"profile",
			string(profile.ID),
			"Token policy updated",
			now,
		)
		entry.Changes = changes
		tx.Audit(entry)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

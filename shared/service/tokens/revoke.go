package tokens

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Delete removes a token of a profile; the calling token may be the one. The
// owner may remove any, a member those it made. reference is the token, its
// masked form or its id. Errors: those of every request to a profile;
// CodeNotFound for a token that is not there.
func (s Service) Delete(
	ctx context.Context, c access.Client, ref access.ProfileRef, reference string,
) error {
	gone := problem.NotFound("Token")
	id, known := secret.ParseReference(reference)
	var target *store.Found[tenancy.Token]
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, func(b *store.Batch) {
		if known {
			target = b.Token(value.TokenID(id))
		}
	})
	if err != nil {
		return err
	}
	now := s.Instant()
	// A rotated token whose grace is over is kept so that a later use is
	// recognised, but it is no token any more.
	if !known || !target.OK || target.Value.Spent(now) || target.Value.Profile != r.Profile.ID ||
		!r.Owned() && target.Value.Account != r.Token.Account {
		return gone
	}
	tx := s.Store.Begin()
	tx.DeleteToken(target.Value, gone)
	tx.Audit(
		core.Changing(
			s.AuditEntry(string(r.Profile.ID), r.Token, "token", id, "Token deleted", now),
			tokenGone(target.Value)...),
	)
	return tx.Commit(ctx, c.Origin())
}

// DeleteAnywhere is Delete for clients that name no profile: the token is
// removed from the profile it belongs to.
func (s Service) DeleteAnywhere(ctx context.Context, c access.Client, reference string) error {
	var target *store.Found[tenancy.Token]
	id, known := secret.ParseReference(reference)
	if _, err := s.Access.AuthorizeToken(
		ctx,
		c,
		func(b *store.Batch, _ value.AccountID) {
			if known {
				target = b.Token(value.TokenID(id))
			}
		},
	); err != nil {
		return err
	}
	if !known || !target.OK {
		return problem.NotFound("Token")
	}
	err := s.Delete(ctx, c, access.ProfileRef{ID: target.Value.Profile}, reference)
	if problem.CodeOf(err) == problem.CodeNotFound {
		// A profile that the caller may not see is not mentioned either.
		return problem.NotFound("Token")
	}
	return err
}

// RevokeAll kills all tokens of one of the caller's own profiles in one commit,
// whatever their number: the owner's and all members', the calling one too if
// it is the profile's. Errors: those of every request to a profile;
// CodeForbidden for members.
func (s Service) RevokeAll(ctx context.Context, c access.Client, ref access.ProfileRef) error {
	return s.revoke(
		ctx,
		c,
		ref,
		"All tokens revoked",
		func(team tenancy.Team) (bool, tenancy.Team, error) {
			return true, team.Joined(), nil
		},
	)
}

// RevokeMember kills all tokens that a member has made for one of the caller's
// own profiles. Errors: as RevokeAll; CodeNotFound for an account that is no
// active member.
func (s Service) RevokeMember(
	ctx context.Context, c access.Client, ref access.ProfileRef, id string,
) error {
	return s.revoke(
		ctx,
		c,
		ref,
		"All tokens of a member revoked",
		func(team tenancy.Team) (bool, tenancy.Team, error) {
			m, ok := team.Active(value.AccountID(id))
			if !ok {
				return false, nil, problem.NotFound("Account")
			}
			return false, tenancy.Team{m}, nil
		},
	)
}

func (s Service) revoke(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	audit string,
	whose func(tenancy.Team) (bool, tenancy.Team, error),
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		owner, members, err := whose(team)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		p := r.Profile
		p.Epoch = max(now.UnixMilli(), p.Epoch+1)
		for i, m := range members {
			members[i].Epoch = max(now.UnixMilli(), m.Epoch+1)
		}
		tx := s.Store.Begin()
		tx.RevokeTokens(p, owner, members)
		tx.Audit(s.AuditEntry(string(p.ID), r.Token, "token", string(p.ID), audit, now))
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// Leaked revokes a token that somebody has found in public, and tells the
// account it acts for. The answer is the same for every text. Errors:
// CodeTooMany.
func (s Service) Leaked(ctx context.Context, c access.Client, text string) error {
	now := s.Instant()
	window := store.RateWindow{
		Subject: "leak#source#" + c.Fingerprint(),
		End:     store.WindowEnd(now, leakSpan),
	}
	key, ok := secret.Parse(text)
	batch := s.Store.Batch()
	// A text that is no token costs the same read as one that is.
	found := batch.Token(value.TokenID(key.ID + "-"))
	if ok {
		found = batch.Token(value.TokenID(key.ID))
	}
	count := 0
	if err := flow.Parallel(ctx, batch.Get, func(ctx context.Context) (err error) {
		count, err = s.Store.Count(ctx, window)
		return err
	}); err != nil {
		return err
	}
	if count > leaksBySource {
		return problem.TooMany(window.End.Sub(now))
	}
	if !ok || !found.OK || !key.Matches(found.Value.Hash) {
		return nil
	}
	t := found.Value
	if t.Rotated() && !t.Live(now) {
		// It opens nothing any more, and is kept so that a later use is
		// recognised.
		return nil
	}
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		batch := s.Store.Batch()
		found := batch.Token(value.TokenID(key.ID))
		account, profile := batch.Account(t.Account), batch.Profile(t.Profile)
		if err := batch.Get(ctx); err != nil || !found.OK {
			return struct{}{}, err
		}
		if found.Value.Profile != t.Profile || found.Value.Rotated() != t.Rotated() {
			// It was switched to another profile in the meantime, or rotated.
			t = found.Value
			return struct{}{}, problem.ErrConflict
		}
		tx := s.Store.Begin()
		tx.DeleteToken(t, problem.ErrConflict)
		e := s.AuditEntry(
			string(t.Profile),
			t,
			"token",
			string(t.ID),
			"Token revoked, as it was found in public",
			now,
		)
		e.Who = "whoever found it"
		tx.Audit(core.Changing(e, tokenGone(t)...))
		if account.OK {
			s.SendTo(tx, account.Value, mailing.TokenLeaked{
				Name:    account.Value.Name,
				Profile: profile.Value.Name,
				Token:   t.Name,
				When:    now,
			}, now)
			tx.Notify(
				s.Notice(
					t.Account,
					"A token of yours was found in public",
					"The token "+value.Isolated(t.Name)+" of the profile "+value.Isolated(profile.Value.Name)+
						" is revoked. Make a new one where it was used, and look for how it got out.",
					now,
				).About(string(t.Profile)),
			)
		}
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// Limits of reports of leaked tokens, by the source of the requests: a scanner
// of repositories finds many at once. A report that cannot be counted is
// refused.
const (
	leakSpan      = time.Hour
	leaksBySource = 100
)

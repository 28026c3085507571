package profiles

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/tenancy"
)

// SetTokenPolicy changes the policy of one of the caller's own profiles: see
// tenancy.TokenPolicy. A policy that asks less than the one before asks for the
// password. Errors: those of every request to a profile; CodeForbidden for
// members; CodeInvalid naming the field; and where the password is asked for,
// CodeInvalid without one, ErrInvalidPassword, CodeTooMany.
func (s Service) SetTokenPolicy(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	e tenancy.TokenPolicyEdit,
	given access.Credentials,
) error {
	proven := s.Access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
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
				"asking less of the profile's tokens",
				now,
			); err != nil {
				return struct{}{}, err
			}
		}
		profile.Updated = now
		tx.SetTokenPolicy(profile)
		entry := s.AuditEntry(
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

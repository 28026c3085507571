package access

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// AuthorizeReplay authorizes and counts a client who repeats a request that an
// idempotency record knows. same says that the request is the one of the
// record, and comes from the source of the first delivery. A token or session
// that does not work any more passes then alone, as the first delivery may have
// ended it: so a rotation or a sign-out whose answer was lost is completed. It
// counts for its source, as any that does not work. From another source, or
// with another request, a token that was rotated and is past its grace is
// reported as with any use of it. A token that was disabled, or is used from
// where it may not be, and whatever a blocked account has, never passes.
// Errors: those of every request.
func (x *Access) AuthorizeReplay(ctx context.Context, c Client, same bool) error {
	if err := x.CountBySource(ctx, c); err != nil {
		return err
	}
	if c.Token.ID == "" {
		return nil
	}
	c.replays = same
	// The first answer is given to whoever the credential is, not for what it
	// may do now.
	_, err := x.AuthorizeToken(ctx, c.For(tenancy.AccessRead), nil)
	if !same || !ended(err) {
		return err
	}
	return x.checkEnded(ctx, c)
}

// checkEnded refuses a token (ErrInvalidToken, ErrWrongAddress) or a session
// (tenancy.ErrSessionEnded) that does not work any more for a reason that no
// request of its own has caused. One that is not there any more may have ended
// itself.
func (x *Access) checkEnded(ctx context.Context, c Client) error {
	if c.Session != "" {
		return x.checkEndedSession(ctx, c)
	}
	batch := x.config.Store.Batch()
	token := batch.Token(value.TokenID(c.Token.ID))
	if err := batch.Get(ctx); err != nil || !token.OK {
		return err
	}
	batch = x.config.Store.Batch()
	account := batch.Account(token.Value.Account)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	switch {
	case token.Value.Disabled() || account.Value.Blocked:
		return problem.ErrInvalidToken
	case !token.Value.Networks.Admits(c.Source):
		return tenancy.ErrWrongAddress
	}
	return nil
}

// checkEndedSession refuses (tenancy.ErrSessionEnded) a session of an account
// that is blocked.
func (x *Access) checkEndedSession(ctx context.Context, c Client) error {
	batch := x.config.Store.Batch()
	account := batch.Account(c.Session)
	if err := batch.Get(ctx); err != nil || !account.Value.Blocked {
		return err
	}
	return tenancy.ErrSessionEnded
}

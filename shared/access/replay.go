package access

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// AuthorizeReplay authorizes and counts a request whose Idempotency-Key has a
// record. same says that the request is that of the record and comes from the
// source of the first delivery. Only then is a token or session that no longer
// works admitted, because the first delivery may have ended it; so a client
// gets the answer of a rotation or a sign-out that was lost. Such a request
// counts for its source. If same is false, the use of a rotated token past its
// grace is reported as always. A token that is disabled or used from a wrong
// network address, and any token or session of a blocked account, is always
// refused. Errors: those of AuthorizeToken.
func (x *Access) AuthorizeReplay(ctx context.Context, c Client, same bool) error {
	if err := x.CountBySource(ctx, c); err != nil {
		return err
	}
	if c.Token.ID == "" {
		return nil
	}
	c.replays = same
	// The first answer is for the caller, whatever permission the token has
	// now.
	_, err := x.AuthorizeToken(ctx, c.For(tenancy.AccessUsage), nil)
	if !same || !ended(err) {
		return err
	}
	return x.checkEnded(ctx, c)
}

// checkEnded refuses a token (ErrInvalidToken, ErrWrongAddress) or a session
// (tenancy.ErrSessionEnded) that no longer works for a reason that its own
// requests cannot have caused. One that does not exist any more may have been
// removed by its own request.
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

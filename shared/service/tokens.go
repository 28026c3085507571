package service

import (
	"context"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Tokens are the operations on account tokens.
type Tokens struct{ *base }

// Info returns the calling token, and its last use before this one. Errors:
// ErrNoToken, ErrInvalidToken, CodeForbidden.
func (s Tokens) Info(ctx context.Context, c Client) (UsedToken, error) {
	var use *store.Found[tenancy.Use]
	who, err := s.access.AuthorizeToken(
		ctx,
		c,
		func(b *store.Batch, _ value.AccountID) {
			use = b.Use(value.TokenID(c.Token.ID))
		},
	)
	if err != nil {
		return UsedToken{}, err
	}
	if err := who.RequireToken(); err != nil {
		return UsedToken{}, err
	}
	return UsedToken{who.Token, use.Value}, nil
}

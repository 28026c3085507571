// Package tokens has the use cases of account tokens.
package tokens

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has the operations on account tokens.
type Service struct{ *core.Base }

// New returns the operations on tokens.
func New(on *core.Base) Service { return Service{on} }

// Info returns the calling token, and its last use before this one. Errors:
// ErrNoToken, ErrInvalidToken, CodeForbidden.
func (s Service) Info(ctx context.Context, c access.Client) (UsedToken, error) {
	var use *store.Found[tenancy.Use]
	who, err := s.Access.AuthorizeToken(
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

// tokenGone are the changes of an entry about a token that is no more.
func tokenGone(t tenancy.Token) []auditlog.Change {
	return []auditlog.Change{
		{Field: "name", Before: t.Name},
		{Field: "permission", Before: t.Permission.String()},
	}
}

// tokenMade are those of one that is new.
func tokenMade(t tenancy.Token) []auditlog.Change {
	return []auditlog.Change{
		{Field: "name", After: t.Name},
		{Field: "permission", After: t.Permission.String()},
		{Field: "expire_time", After: field(t, TokenExpires)},
	}
}

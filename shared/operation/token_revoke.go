package operation

import (
	"context"
	"time"

	"profiles/shared/service"
)

var TokenDelete = Operation{
	Name:    "token-delete",
	Tag:     "Tokens",
	Summary: "Deletes a token. The path has the token, its masked form or its id.",
	Routes: []Route{
		{"DELETE", "/profile/{id}/token/{token}"},
		{"DELETE", "/profile/token/{token}"},
	},
	Access:  Full,
	Remedy:  true,
	Call:    get[acknowledged](tokenDelete),
	Example: Example{Path: "/profile/current/token/Sample00"},
}

func tokenDelete(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	const done = "Token Successfully Removed"
	if r.PathValue("id") == "" {
		return done, s.Tokens.DeleteAnywhere(ctx, r.client, r.PathValue("token"))
	}
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	return done, s.Tokens.Delete(ctx, r.client, ref, r.PathValue("token"))
}

var TokenRevokeAll = Operation{
	Name:    "token-revoke-all",
	Tag:     "Tokens",
	Summary: "Revokes all tokens of an own profile, the owner's and the members', in one write.",
	Routes:  []Route{{"DELETE", "/profile/{id}/token"}},
	Access:  Owner,
	Remedy:  true,
	Call:    get[acknowledged](tokenRevokeAll),
	Example: Example{Path: "/profile/current/token"},
}

const revoked = "Tokens Successfully Revoked"

func tokenRevokeAll(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	return revoked, s.Tokens.RevokeAll(ctx, r.client, ref)
}

var TokenRevokeMember = Operation{
	Name:    "token-revoke-member",
	Tag:     "Tokens",
	Summary: "Revokes all tokens that a member has made for an own profile.",
	Routes:  []Route{{"DELETE", "/profile/{id}/team/{member}/token"}},
	Access:  Owner,
	Remedy:  true,
	Call:    get[acknowledged](tokenRevokeMember),
	Example: Example{Path: "/profile/current/team/01a20c000000000000000001/token"},
}

func tokenRevokeMember(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, member, err := r.member()
	if err != nil {
		return "", err
	}
	return revoked, s.Tokens.RevokeMember(ctx, r.client, ref, member)
}

var TokenLeaked = Operation{
	Name:    "token-leaked",
	Tag:     "Tokens",
	Summary: "Revokes a token that was found in public and notifies its owner; the answer is the same for every text.",
	Routes:  []Route{{"POST", "/token/leaked"}},
	Access:  Anonymous,
	Call:    call[leakedBody, acknowledged](tokenLeaked),
	Example: Example{
		Path: "/token/leaked",
		Body: `{"token": "p-Sample00ThisTokenOpensNothing00aaaa"}`,
	},
}

type leakedBody struct {
	Token string `json:"token" is:"token"` // the token that was found
}

func tokenLeaked(
	ctx context.Context,
	s *service.Services,
	r *request,
	b leakedBody,
) (acknowledged, error) {
	return "Thank you: if it is a token of ours, it is revoked and its owner is told", s.Tokens.Leaked(
		ctx,
		r.client,
		b.Token,
	)
}

var TokenExpire = Operation{
	Name:    "token-expire",
	Tag:     "Tokens",
	Summary: "Removes expired tokens, with an audit entry each, and sends reminders of tokens that expire soon.",
	Trigger: Schedule,
	Every:   time.Minute,
	Seals:   true,
	sweep:   tokenExpire,
}

func tokenExpire(
	ctx context.Context,
	s *service.Services,
) (int, error) {
	return s.Tokens.Expire(ctx)
}

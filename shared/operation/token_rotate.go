package operation

import (
	"context"
	"time"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
)

var TokenRotate = Operation{
	Name:    "token-rotate",
	Tag:     "Tokens",
	Summary: "Rotates an own token: makes a new one in its place. The old one works for a grace of up to 7 days. Only this answer shows the new one.",
	Routes: []Route{
		{"POST", "/profile/{id}/token/{token}/rotate"},
	},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    strict[rotationBody, rotatedView](tokenRotate),
	Refuses: []problem.Reason{problem.ReasonTokenRotated, problem.ReasonTokenDisabled},
	Example: Example{Path: "/profile/current/token/Sample00/rotate", Body: `{"grace": "12 hours"}`},
}

type rotationBody struct {
	// how long the old token still works: a span such as "12 hours", up to 7
	// days; if it is left out, the old token stops at once
	Grace string `json:"grace" is:"duration"`
	credentialsBody
}

func tokenRotate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b rotationBody,
) (rotatedView, error) {
	ref, err := r.profile()
	if err != nil {
		return rotatedView{}, err
	}
	rotated, err := s.Tokens.Rotate(
		ctx,
		r.client,
		ref,
		tokens.Rotation{Token: r.PathValue("token"), Grace: b.Grace, Credentials: b.credentials()},
	)
	if err != nil {
		return rotatedView{}, err
	}
	return rotatedView{newToken(rotated.Made), isoTime(rotated.GraceEnds)}, nil
}

// rotatedView is the view of a new token, with the time at which the old one
// stops working.
type rotatedView struct {
	newTokenView
	GraceEnds string `json:"grace_ends" is:"time"` // when the old token stops working
}

var TokenReuse = Operation{
	Name:    "token-reuse",
	Tag:     "Tokens",
	Summary: "Revokes the families of rotated tokens that were used after their grace, and notifies their owners.",
	Trigger: Schedule,
	Every:   time.Minute,
	Seals:   true,
	sweep:   tokenReuse,
}

func tokenReuse(
	ctx context.Context,
	s *service.Services,
) (int, error) {
	return s.Tokens.Reuses(ctx)
}

package operation

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/service"
)

var TeamInviteMany = Operation{
	Name:    "team-invite-many",
	Tag:     "Team",
	Summary: "Invites up to 20 addresses to the team of an own profile, each with its own answer.",
	Routes:  []Route{{"POST", "/profile/{id}/team/invitations"}},
	Access:  Owner,
	Zones:   true,
	Call:    strict[invitationsBody, []invitedRow](teamInviteMany),
	Example: Example{
		Path: "/profile/current/team/invitations",
		Body: `{"emails": ["zoe@example.com", "yan@example.com"], "permission": "read"}`,
	},
}

type invitationsBody struct {
	// the addresses to invite, 1 to 20
	Emails []string `json:"emails" is:"email,required"`
	offerBody
}

// invitedRow says whether an address was invited.
type invitedRow struct {
	Email string `json:"email" is:"text"` // the address, as it was sent
	// whether the address has an open invitation now
	Invited bool `json:"invited"`
	// why the address was not invited, as in the code of a refusal, such as
	// already_member, own_address, team_full, mail_limit or invalid; null if it
	// was invited
	Code *string `json:"code" is:"text"`
	// why the address was not invited, for people; null if it was invited
	Message *string `json:"message" is:"text"`
}

func teamInviteMany(
	ctx context.Context,
	s *service.Services,
	r *request,
	b invitationsBody,
) ([]invitedRow, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	refusals, err := s.Teams.InviteMany(ctx, r.client, ref, b.Emails, b.offered())
	if err != nil {
		return nil, err
	}
	rows := make([]invitedRow, len(refusals))
	for i, refusal := range refusals {
		rows[i] = invitedRow{Email: b.Emails[i], Invited: refusal == nil}
		if refusal != nil {
			code, message := string(problem.ReasonOf(refusal)), problem.MessageOf(refusal)
			rows[i].Code, rows[i].Message = &code, &message
		}
	}
	return rows, nil
}

package operation

import (
	"context"

	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var TeamInvite = Operation{
	Name: "team-invite", Summary: "Invites an address to the team of an own profile, or renews its invitation.",
	Routes: []Route{{"POST", "/profile/{id}/team"}}, Access: Owner, answer: teamInvite,
}

func teamInvite(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	var b struct {
		Email      string `json:"email"`
		Permission string `json:"permission"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	return "User invited", s.Teams.Invite(ctx, r.client, ref, b.Email, b.Permission)
}

var TeamList = Operation{
	Name: "team-list", Summary: "Lists the members of a profile's team and its open invitations.",
	Routes: []Route{{"GET", "/profile/{id}/team"}}, Access: Read, answer: teamList,
}

func teamList(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	team, err := s.Teams.List(ctx, r.client, ref)
	if err != nil {
		return nil, err
	}
	rows := make([]memberRow, len(team))
	for i, m := range team {
		rows[i] = memberRow{
			ID: m.ID(), Active: m.Active, Name: m.Name, Email: m.Email, Permission: m.Permission.String(), Created: isoTime(m.Created),
		}
	}
	return rows, nil
}

// memberRow is a member as lists show it. An open invitation has no name: the address alone does not tell whether there is an account.
// Members see no addresses.
type memberRow struct {
	ID         string        `json:"id"`
	Active     bool          `json:"active"`
	Name       string        `json:"name"`
	Email      tenancy.Email `json:"email"`
	Permission string        `json:"permission"`
	Created    string        `json:"created_at"`
}

var TeamEdit = Operation{
	Name: "team-edit", Summary: "Changes the permission of a member.",
	Routes: []Route{{"PUT", "/profile/{id}/team/{member}"}}, Access: Owner, Remedy: true, answer: teamEdit,
}

func teamEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, member, err := r.member()
	if err != nil {
		return nil, err
	}
	var b struct {
		Permission string `json:"permission"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	return "Permission Successfully Updated", s.Teams.Edit(ctx, r.client, ref, member, b.Permission)
}

var TeamRemove = Operation{
	Name: "team-remove", Summary: "Removes a member, withdraws an invitation, or leaves a team.",
	Routes: []Route{{"DELETE", "/profile/{id}/team/{member}"}}, Access: Owner, Remedy: true, answer: teamRemove,
}

func teamRemove(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, member, err := r.member()
	if err != nil {
		return nil, err
	}
	return "Account Successfully Removed", s.Teams.Remove(ctx, r.client, ref, member)
}

// member reads the path values {id} and {member}.
func (r *request) member() (service.ProfileRef, string, error) {
	ref, err := r.profile()
	if err != nil {
		return ref, "", err
	}
	member, err := tenancy.ParseMember(r.PathValue("member"))
	return ref, member, err
}

const (
	invitationAccepted = "Invitation accepted"
	invitationDeclined = "Invitation declined"
)

var TeamAccept = Operation{
	Name: "team-accept", Summary: "Accepts an invitation with the code from the mail, for the account of the invited address.",
	Routes: []Route{{"GET", "/profile/team/accept/{token}"}}, Acts: true, Access: Anonymous, Seals: true, AnyParams: true, answer: teamAccept,
}

func teamAccept(ctx context.Context, s *service.Services, r *request) (any, error) {
	return invitationAccepted, s.Teams.AcceptByCode(ctx, r.client, r.PathValue("token"))
}

var TeamDecline = Operation{
	Name: "team-decline", Summary: "Declines an invitation with the code from the mail.",
	Routes: []Route{{"GET", "/profile/team/decline/{token}"}}, Acts: true, Access: Anonymous, Seals: true, AnyParams: true, answer: teamDecline,
}

func teamDecline(ctx context.Context, s *service.Services, r *request) (any, error) {
	return invitationDeclined, s.Teams.DeclineByCode(ctx, r.client, r.PathValue("token"))
}

var InvitationAccept = Operation{
	Name: "invitation-accept", Summary: "Accepts an invitation for the account that is signed in, which must hold the invited address.",
	Routes: []Route{{"POST", "/profile/team/accept/{token}"}}, Access: Write, answer: invitationAccept,
}

func invitationAccept(ctx context.Context, s *service.Services, r *request) (any, error) {
	return invitationAccepted, s.Teams.Accept(ctx, r.client, r.PathValue("token"))
}

var InvitationDecline = Operation{
	Name: "invitation-decline", Summary: "Declines an invitation for the account that is signed in, which must hold the invited address.",
	Routes: []Route{{"POST", "/profile/team/decline/{token}"}}, Access: Write, Remedy: true, answer: invitationDecline,
}

func invitationDecline(ctx context.Context, s *service.Services, r *request) (any, error) {
	return invitationDeclined, s.Teams.Decline(ctx, r.client, r.PathValue("token"))
}

var TeamExpire = Operation{
	Name: "team-expire", Summary: "Reminds of invitations that end soon, and ends those whose time has come.",
	Trigger: Schedule, Seals: true, sweep: teamExpire,
}

func teamExpire(ctx context.Context, s *service.Services) (int, error) { return s.Teams.Expire(ctx) }

package operation

import (
	"context"
	"time"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var TeamInvite = Operation{
	Name:    "team-invite",
	Tag:     "Team",
	Summary: "Invites an address to the team of an own profile, or renews its invitation.",
	Routes:  []Route{{"POST", "/profile/{id}/team"}},
	Access:  Owner,
	Zones:   true,
	Call:    strict[invitationBody, acknowledged](teamInvite),
	Refuses: []problem.Reason{
		problem.ReasonTeamFull,
		problem.ReasonAlreadyMember,
		problem.ReasonOwnAddress,
		problem.ReasonMailLimit,
	},
	Example: Example{
		Path: "/profile/current/team",
		Body: `{"email": "zoe@example.com", "permission": "write"}`,
	},
}

type invitationBody struct {
	// the address to invite; the answer is the same for every address
	Email string `json:"email" is:"email,required"`
	offerBody
}

// offerBody is the membership that an invitation offers.
type offerBody struct {
	// what the member may do in the profile; full if it is left out
	Permission string `json:"permission" is:"permission"`
	// when the membership ends by itself: a date, a span such as "3 months", or
	// never, as if it is left out
	Ends string `json:"ends_at" is:"expiry"`
}

func (b offerBody) offered() teams.Offered {
	return teams.Offered{Permission: b.Permission, Ends: b.Ends}
}

func teamInvite(
	ctx context.Context,
	s *service.Services,
	r *request,
	b invitationBody,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	return "User invited", s.Teams.Invite(ctx, r.client, ref, b.Email, b.offered())
}

var TeamList = Operation{
	Name:    "team-list",
	Tag:     "Team",
	Summary: "Lists the members of a profile's team and its open invitations.",
	Routes:  []Route{{"GET", "/profile/{id}/team"}},
	Access:  Read,
	Call:    list[teamQuery, []memberRow](teamList),
	Example: Example{Path: "/profile/current/team"},
}

// teamQuery selects the rows of a team list.
type teamQuery struct {
	// whether invitations that nobody has answered in time are listed too, for
	// 30 days and to the owner
	Expired bool `query:"expired"`
}

func teamList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q teamQuery,
) ([]memberRow, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	team, err := s.Teams.List(ctx, r.client, ref, q.Expired)
	if err != nil {
		return nil, err
	}
	now := s.Teams.Now()
	rows := make([]memberRow, len(team))
	for i, m := range team {
		state, ends, mailed := stateOf(m, now)
		rows[i] = memberRow{
			State:      state,
			Expires:    ends,
			Mailed:     mailed,
			ID:         m.ID(),
			Active:     m.Active,
			Name:       m.Name,
			Email:      m.Email,
			Permission: m.Permission.String(),
			Created:    isoTime(m.Created),
			Ends:       timeOrNull(m.Ends),
			Returned:   mailReturnOf(m.Returned),
		}
	}
	return rows, nil
}

// States of the rows of a team.
const (
	MemberActive  = "active"
	MemberOpen    = "open"
	MemberExpired = "expired"
)

// stateOf returns the state of a member. For an invitation it also returns when
// the invitation ends and when its mail was sent.
func stateOf(m tenancy.Member, now time.Time) (state string, ends, mailed *string) {
	switch {
	case m.Active:
		return MemberActive, nil, nil
	case m.Open(now):
		state = MemberOpen
	default:
		state = MemberExpired
	}
	return state, timeOrNull(m.Expires), timeOrNull(m.Mailed())
}

// memberRow is a member as lists show it. An open invitation has no name,
// because a name would reveal that the address has an account. Members see no
// addresses.
type memberRow struct {
	ID     string `json:"id"`     // the id of the member's account, or of the invitation
	Active bool   `json:"active"` // whether the row is a member; false for an invitation
	Name   string `json:"name"`   // the name of the member; empty for an invitation
	// the address of the member; empty if the caller is not the owner
	Email value.Email `json:"email"`
	// what the member may do in the profile
	Permission string `json:"permission" is:"permission"`
	Created    string `json:"created_at" is:"time"` // when the member was invited
	// when the membership ends by itself; null: it does not
	Ends *string `json:"ends_at" is:"time"`
	// active for a member, open for an invitation that waits for an answer, and
	// expired for one without an answer in time
	State string `json:"state" is:"member_state"`
	// when the invitation ends; null for a member
	Expires *string `json:"expires_at" is:"time"`
	// when the mail of the invitation was sent last; null for a member
	Mailed *string `json:"mailed_at" is:"time"`
	// the return of the mail of the invitation; null if the mail did not come
	// back
	Returned *mailReturnView `json:"returned"`
}

// mailReturnView says that a mail came back.
type mailReturnView struct {
	Time string `json:"time" is:"time"` // when the mail came back
	// whether the address takes no mail; false if a later mail may arrive
	Invalid bool `json:"invalid"`
}

func mailReturnOf(r tenancy.MailReturn) *mailReturnView {
	if r.Time.IsZero() {
		return nil
	}
	return &mailReturnView{isoTime(r.Time), r.Invalid}
}

var TeamEdit = Operation{
	Name:    "team-edit",
	Tag:     "Team",
	Summary: "Changes the permission of a member, and when the membership ends.",
	Routes:  []Route{{"PUT", "/profile/{id}/team/{member}"}},
	Access:  Owner,
	Remedy:  true,
	Zones:   true,
	Call:    strict[memberChanges, acknowledged](teamEdit),
	Example: Example{
		Path: "/profile/current/team/0123456789abcdef01234567",
		Body: `{"permission": "read"}`,
	},
}

type memberChanges struct {
	// what the member may do from now on; as before if it is left out
	Permission string `json:"permission" is:"permission"`
	// when the membership ends by itself: a date, a span such as "3 months", or
	// never; as before if it is left out
	Ends string `json:"ends_at" is:"expiry"`
}

func teamEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b memberChanges,
) (acknowledged, error) {
	ref, member, err := r.member()
	if err != nil {
		return "", err
	}
	return "Permission Successfully Updated", s.Teams.Edit(
		ctx, r.client, ref, member, teams.MemberEdit{Permission: b.Permission, Ends: b.Ends},
	)
}

var TeamRemove = Operation{
	Name:    "team-remove",
	Tag:     "Team",
	Summary: "Removes a member, withdraws an invitation, or leaves a team.",
	Routes:  []Route{{"DELETE", "/profile/{id}/team/{member}"}},
	Access:  OwnerOrSelf,
	Remedy:  true,
	Call:    get[acknowledged](teamRemove),
	Example: Example{Path: "/profile/current/team/0123456789abcdef01234567"},
}

func teamRemove(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, member, err := r.member()
	if err != nil {
		return "", err
	}
	return "Account Successfully Removed", s.Teams.Remove(ctx, r.client, ref, member)
}

var TeamRestore = Operation{
	Name:    "team-restore",
	Tag:     "Team",
	Summary: "Restores a member that the owner has removed in the last hour.",
	Routes:  []Route{{"POST", "/profile/{id}/team/{member}/restore"}},
	Access:  Owner,
	Call:    get[acknowledged](teamRestore),
	Refuses: []problem.Reason{
		problem.ReasonRemovalFinal,
		problem.ReasonAlreadyMember,
		problem.ReasonTeamFull,
	},
	Example: Example{Path: "/profile/current/team/0123456789abcdef01234567/restore"},
}

func teamRestore(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, member, err := r.member()
	if err != nil {
		return "", err
	}
	return "Account Successfully Restored", s.Teams.Restore(ctx, r.client, ref, member)
}

// member reads the path values {id} and {member}.
func (r *request) member() (service.ProfileRef, string, error) {
	ref, err := r.profile()
	if err != nil {
		return ref, "", err
	}
	member, err := value.ParseMember(r.PathValue("member"))
	return ref, member, err
}

const (
	invitationAccepted = "Invitation accepted"
	invitationDeclined = "Invitation declined"
)

var TeamAccept = Operation{
	Name:    "team-accept",
	Tag:     "Team",
	Summary: "Accepts an invitation with the code from the mail, for the account of the invited address.",
	Routes: []Route{
		{"GET", "/profile/team/accept/{token}"},
	},
	Acts:      true,
	Access:    Anonymous,
	Seals:     true,
	AnyParams: true,
	Call:      get[acknowledged](teamAccept),
	Refuses:   []problem.Reason{problem.ReasonInvitationOver, problem.ReasonInvitationAddress},
	Example:   Example{Path: "/profile/team/accept/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func teamAccept(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return invitationAccepted, s.Teams.AcceptByCode(ctx, r.client, r.PathValue("token"))
}

var TeamDecline = Operation{
	Name:    "team-decline",
	Tag:     "Team",
	Summary: "Declines an invitation with the code from the mail.",
	Routes: []Route{
		{"GET", "/profile/team/decline/{token}"},
	},
	Acts:      true,
	Access:    Anonymous,
	Seals:     true,
	AnyParams: true,
	Call:      get[acknowledged](teamDecline),
	Refuses:   []problem.Reason{problem.ReasonInvitationOver},
	Example:   Example{Path: "/profile/team/decline/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func teamDecline(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return invitationDeclined, s.Teams.DeclineByCode(ctx, r.client, r.PathValue("token"))
}

var InvitationAccept = Operation{
	Name:    "invitation-accept",
	Tag:     "Team",
	Summary: "Accepts an invitation for the account that is signed in, which must have the invited address.",
	Routes:  []Route{{"POST", "/profile/team/accept/{token}"}},
	Access:  Write,
	Call:    get[acknowledged](invitationAccept),
	Refuses: []problem.Reason{problem.ReasonInvitationOver, problem.ReasonInvitationAddress},
	Example: Example{Path: "/profile/team/accept/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func invitationAccept(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return invitationAccepted, s.Teams.Accept(ctx, r.client, r.PathValue("token"))
}

var InvitationDecline = Operation{
	Name:    "invitation-decline",
	Tag:     "Team",
	Summary: "Declines an invitation for the account that is signed in, which must have the invited address.",
	Routes:  []Route{{"POST", "/profile/team/decline/{token}"}},
	Access:  Write,
	Remedy:  true,
	Call:    get[acknowledged](invitationDecline),
	Refuses: []problem.Reason{problem.ReasonInvitationOver},
	Example: Example{Path: "/profile/team/decline/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func invitationDecline(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return invitationDeclined, s.Teams.Decline(ctx, r.client, r.PathValue("token"))
}

var TeamExpire = Operation{
	Name:    "team-expire",
	Tag:     "Team",
	Summary: "Sends reminders of invitations and memberships that end soon, and ends those whose time has come.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	Seals:   true,
	sweep:   teamExpire,
}

func teamExpire(
	ctx context.Context,
	s *service.Services,
) (int, error) {
	return s.Teams.Expire(ctx)
}

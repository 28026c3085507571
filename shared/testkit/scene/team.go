package scene

import (
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
)

func ofTeams() []Scene {
	ben := Object{"email": "ben@example.com"}
	return []Scene{
		{
			Operation: operation.TeamInvite, What: "an address with an account",
			Send: "POST /profile/HOME/team", Body: ben,
			Cost: Cost{3, 3, 4, 7, 34}, Again: 429,
		},
		{
			Operation: operation.TeamInvite, What: "an address without one",
			Send: "POST /profile/HOME/team", Body: Object{"email": zoe}, Again: 429,
		},
		{
			Operation: operation.TeamInvite, What: "again",
			Prepare: func(s *Stage) { invites(s); s.Advance(time.Minute) },
			Send:    "POST /profile/HOME/team", Body: ben,
			Cost: Cost{3, 3, 4, 7, 44}, Again: 429,
		},
		{
			Operation: operation.TeamInviteMany, What: "one",
			Send: "POST /profile/HOME/team/invitations",
			Body: Object{"emails": []string{"ben@example.com"}},
		},
		{
			Operation: operation.TeamInviteMany, What: "one that was invited before",
			Prepare: func(s *Stage) { invites(s); s.Advance(time.Minute) },
			Send:    "POST /profile/HOME/team/invitations",
			Body:    Object{"emails": []string{"ben@example.com"}},
			Cost:    Cost{3, 3, 4, 7, 44}, Calm: true,
		},
		{
			Operation: operation.TeamInviteMany, What: "two", Calm: true,
			Send: "POST /profile/HOME/team/invitations",
			Body: Object{"emails": []string{"ben@example.com", string(zoe)}},
			Cost: Cost{6, 6, 8, 14, 46},
		},
		{
			Operation: operation.TeamList, What: "own, named in the path", Calm: true,
			Send: "GET /profile/HOME/team", Cost: Cost{1, 1, 2, 3, 0},
		},
		{
			Operation: operation.TeamList, Prepare: sharesHome,
			What: "with members, whose names their accounts have",
			Send: "GET /profile/HOME/team", Cost: Cost{2, 2, 3, 5, 0},
		},
		{
			Operation: operation.TeamEdit, Prepare: sharesHome,
			Send: "PUT /profile/HOME/team/BEN", Body: Object{"permission": "read"},
			Cost: Cost{2, 2, 3, 3, 17}, More: "L+1 N+1",
		},
		{
			Operation: operation.TeamRemove, What: "a member", Prepare: sharesHome,
			Send: "DELETE /profile/HOME/team/BEN", Cost: Cost{2, 2, 3, 3, 25}, Again: 404,
		},
		{
			Operation: operation.TeamRemove, What: "an open invitation",
			Prepare: func(s *Stage) {
				invites(s)
				team, err := s.Teams.List(s.Context(), s.Ana.Client(operation.TeamList),
					s.home(), false)
				s.OK(err)
				s.Thing = team[0].ID()
			},
			Send: "DELETE /profile/HOME/team/THING", Cost: Cost{2, 2, 3, 3, 17}, Again: 404,
		},
		{
			Operation: operation.TeamRemove, What: "a member who leaves", Prepare: sharesHome,
			Send: "DELETE /profile/HOME/team/BEN", By: Ben, Again: 404,
		},
		{
			Operation: operation.TeamRestore, Prepare: removesBen,
			Send: "POST /profile/HOME/team/BEN/restore", Cost: Cost{3, 3, 4, 5, 24}, Again: 400,
		},
		{
			Operation: operation.TeamRestore, What: "one who is invited again",
			Prepare: func(s *Stage) { removesBen(s); invites(s) },
			Send:    "POST /profile/HOME/team/BEN/restore", Again: 400,
		},
		{
			Operation: operation.TeamAccept, Prepare: invites,
			Send: "GET /profile/team/accept/CODE", Cost: Cost{5, 5, 7, 5, 46}, Again: 400,
		},
		{
			Operation: operation.TeamDecline, Prepare: invites,
			Send: "GET /profile/team/decline/CODE", Cost: Cost{3, 3, 5, 3, 30}, Again: 400,
		},
		{
			Operation: operation.InvitationAccept, Prepare: invites,
			Send: "POST /profile/team/accept/CODE", By: Ben, Cost: Cost{4, 3, 5, 6, 44}, Again: 400,
		},
		{
			Operation: operation.InvitationDecline, Prepare: invites,
			Send: "POST /profile/team/decline/CODE", By: Ben, Cost: Cost{4, 3, 5, 6, 30}, Again: 400,
		},
		{
			Operation: operation.TeamExpire, What: "one to remind of",
			Prepare: func(s *Stage) {
				invites(s)
				s.Advance(tenancy.InvitationLife - tenancy.InvitationReminder)
			},
		},
		// A run that meets contention leaves the invitation to the next one; it
		// has ended by the clock.
		{
			Operation: operation.TeamExpire, What: "one invitation that has ended",
			Prepare: func(s *Stage) { invites(s); s.Advance(tenancy.InvitationLife) },
			Cost:    Cost{19, 19, 19, 12, 32},
		},
		{
			Operation: operation.TeamExpire, What: "one membership that ends soon",
			Prepare: func(s *Stage) {
				sharesUntil(s)
				s.Advance(sharedFor - tenancy.MembershipReminder)
			},
		},
		{
			Operation: operation.TeamExpire, What: "one membership that has ended",
			Prepare: func(s *Stage) {
				sharesUntil(s)
				s.Advance(sharedFor)
			},
		},
	}
}

// invites leaves an invitation of ben to ana's first profile, and its code.
func invites(s *Stage) {
	s.OK(s.Teams.Invite(s.Context(), s.Ana.Client(operation.TeamInvite),
		s.home(), string(s.Ben.Email), teams.Offered{}))
	s.mailed(s.Ben.Email, mailing.KindTeamInvited)
}

// sharedFor is how long ben is a member after sharesUntil.
const sharedFor = 30 * 24 * time.Hour

// sharesUntil shares ana's first profile with ben for a month.
func sharesUntil(s *Stage) {
	sharesHome(s)
	s.OK(s.Teams.Edit(s.Context(), s.Ana.Client(operation.TeamEdit), s.home(), string(s.Ben.ID),
		teams.MemberEdit{Ends: s.Now().Add(sharedFor).Format(time.RFC3339Nano)}))
}

// removesBen has ana remove ben from the team of her first profile.
func removesBen(s *Stage) {
	sharesHome(s)
	s.Advance(time.Minute)
	s.OK(s.Teams.Remove(s.Context(), s.Ana.Client(operation.TeamRemove),
		s.home(), string(s.Ben.ID)))
}

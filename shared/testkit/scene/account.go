package scene

import (
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// A password costs one round trip more than other writes: its hash is kept
// once, with the account, and reading it is nothing beside the work of checking
// it.
func ofAccounts() []Scene {
	signUp := Object{
		"name": "Zoe", "email": zoe,
		"password": testkit.Password, "cpassword": testkit.Password,
	}
	return []Scene{
		{
			Operation: operation.AccountCreate, What: "a new address",
			Send: "POST /account", Body: signUp,
			Cost: Cost{3, 3, 4, 2, 24}, More: "C/C+1 O/O+1",
		},
		{
			Operation: operation.AccountCreate, What: "an address that waits", Prepare: signsUp,
			Send: "POST /account", Body: signUp, More: "C/C+1 O/O+1",
		},
		{
			Operation: operation.AccountConfirm, Prepare: signsUp,
			Send: "GET /account/confirm/CODE", Cost: Cost{3, 3, 4, 2, 19}, Again: 400,
		},
		{
			Operation: operation.AccountResend, What: "an address that waits", Prepare: signsUp,
			Send: "GET /account/resend_confirmation/" + zoe,
			Cost: Cost{3, 3, 4, 2, 20}, More: "C/C+1 O/O+1",
		},
		{
			Operation: operation.AccountLogin,
			Send:      "POST /account/login", Body: anas(nil),
			Cost: Cost{3, 3, 7, 2, 10}, More: "L+1",
		},
		{
			Operation: operation.AccountLogin, What: "with a pin", Prepare: hasAuthenticator,
			Send: "POST /account/login", Body: anas(pin),
			Cost: Cost{3, 3, 7, 2, 16}, Again: 401, More: "L+1",
		},
		{
			Operation: operation.AccountTokenCreate,
			Send:      "POST /account/profile/token",
			Body:      anas(Object{"profile_id": "HOME", "name": "x"}),
			Cost:      Cost{3, 3, 7, 5, 19}, More: "L+2 P/T+1 T/T+1",
		},
		{Operation: operation.AccountGet, Send: "GET /account", Cost: Cost{2, 1, 2, 4, 0}},
		{
			Operation: operation.AccountEdit,
			Send:      "PUT /account", Body: Object{"name": "Ana B."},
			Cost: Cost{3, 2, 3, 3, 7}, More: "L+1",
		},
		{
			Operation: operation.AccountExport, What: "two profiles", Prepare: sharesHome,
			Send: "POST /account/export", Body: proves,
			Cost: Cost{26, 25, 100, 165, 13}, More: "L+1 O/O+1",
		},
		{
			Operation: operation.AccountDelete, What: "two profiles",
			Send: "DELETE /account", Body: proves,
			Cost: Cost{4, 3, 8, 6, 21}, Again: 401,
		},
		{
			Operation: operation.AccountPurge, Prepare: benLeaves, Calm: true,
			What: "a profile, a membership, an invitation and an offer",
			Cost: Cost{31, 31, 35, 29, 82},
		},
		// Each step whose answer is lost is done, and the others go on; the
		// last one, which waits for all of them, is left to the next run.
		{
			Operation: operation.AccountPurge, What: "all that there can be", Prepare: anaLeaves,
			More: "D/A-1 E/former-1 L+1 O/O+1",
		},
		{
			Operation: operation.OverviewGet, What: "two own and one shared",
			Prepare: func(s *Stage) { s.Share(s.Sam.Home, s.Ana, tenancy.PermissionRead) },
			Send:    "GET /account/overview", Cost: Cost{3, 2, 5, 11, 0},
		},
	}
}

// anas is a body in which ana proves herself by her address and password, with
// what else is in it.
func anas(more Object) Object { return of("ana@example.com", more) }

func of(email string, more Object) Object {
	body := Object{"email": email, "password": testkit.Password}
	for name, value := range more {
		body[name] = value
	}
	return body
}

// signsUp signs zoe up, and leaves the code of the mail.
func signsUp(s *Stage) {
	s.OK(s.Accounts.Create(s.Context(), service.Client{Source: "a"}, accounts.NewAccount{
		Name: "Zoe", Email: zoe, Password: testkit.Password, Repeated: testkit.Password,
	}))
	s.mailed(zoe, mailing.KindAccountConfirm)
}

// benLeaves leaves a deleted account that had a profile with a member, was a
// member, invited and offered a profile.
func benLeaves(s *Stage) {
	s.Share(s.Ana.Home, s.Sam, tenancy.PermissionRead)
	s.Share(s.Sam.Home, s.Ben, tenancy.PermissionRead)
	s.OK(s.Teams.Invite(s.Context(), s.Ana.Client(operation.TeamInvite),
		s.home(), string(s.Ben.Email), teams.Offered{Permission: "read"}))
	s.Offer(s.Other, s.Ana, s.Ben.Email)
	s.OK(s.Accounts.Delete(s.Context(), s.Ben.Client(operation.AccountDelete), proof))
}

// anaLeaves leaves a deleted account that had two profiles, one of them shared
// and one offered, and was a member, invited and offered another one.
func anaLeaves(s *Stage) {
	sharesHome(s)
	offers(s)
	s.Share(s.Ben.Home, s.Ana, tenancy.PermissionFull)
	sams := service.ProfileRef{ID: s.Sam.Home}
	s.OK(s.Teams.Invite(s.Context(), s.Sam.Client(operation.TeamInvite),
		sams, string(s.Ana.Email), teams.Offered{}))
	s.Offer(s.Ben.Profile("bens"), s.Ben, s.Ana.Email)
	s.OK(s.Accounts.Delete(s.Context(), s.Ana.Client(operation.AccountDelete), proof))
}

package operation

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var SessionCreate = Operation{
	Name:    "session-create",
	Tag:     "Sessions",
	Summary: "Signs a person in with a browser: checks the password, and a pin if the account has a second factor. The browser gets a session, which replaces one that it had.",
	Routes:  []Route{{"POST", "/console/session"}},
	Access:  Anonymous,
	Hashes:  true,
	SignsIn: true,
	Call:    call[loginBody, sessionView](sessionCreate),
	Refuses: []problem.Reason{
		problem.ReasonNotSameOrigin,
		problem.ReasonAccountBlocked,
		problem.ReasonAddressUnconfirmed,
	},
	Example: Example{
		Path: "/console/session",
		Body: `{"email": "ana@example.com", "password": "demo lantern otter"}`,
	},
}

func sessionCreate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b loginBody,
) (sessionView, error) {
	begun, err := s.Sessions.Create(ctx, r.client, b.Email, b.credentials())
	if err != nil {
		return sessionView{}, err
	}
	r.session = begun.Text
	return viewSession(begun), nil
}

// sessionView is a session as its own browser sees it, with the data of the
// account that every page needs.
type sessionView struct {
	ID      value.SessionID `json:"id"`                // the id of the session, which is not a credential
	Account value.AccountID `json:"account"`           // the id of the account
	Name    string          `json:"name"    is:"text"` // the name of the person
	Email   value.Email     `json:"email"`             // the e-mail address of the account
	// what the operator has made the account besides a customer's
	Roles []string `json:"roles" is:"role"`
	// the language that the person wants
	Language string `json:"language" is:"text"`
	// the IANA name of the time zone for dates without one
	Timezone string `json:"timezone" is:"timezone"`
	// how the person wants numbers and times
	Options accountOptionsView `json:"options"`
	// when the session ends unless it is extended before
	Expires string `json:"expires_at" is:"time"`
	// when the session ends, however often it is extended
	Ends string `json:"ends_at" is:"time"`
}

// Roles of accounts.
const (
	RoleSupport   = "support"
	RoleDataPlane = "data_plane"
)

func viewSession(s accounts.Signed) sessionView {
	return sessionView{
		ID:       s.Session.ID,
		Account:  s.Account.ID,
		Name:     s.Account.Name,
		Email:    s.Account.Email,
		Roles:    rolesOf(s.Account.Type),
		Language: s.Account.Language,
		Timezone: s.Account.Timezone,
		Options:  viewOptions(s.Account.Options),
		Expires:  isoTime(s.Session.Expires),
		Ends:     isoTime(s.Session.Ends()),
	}
}

func rolesOf(t tenancy.AccountType) []string {
	switch t {
	case tenancy.AccountSupport:
		return []string{RoleSupport}
	case tenancy.AccountService:
		return []string{RoleDataPlane}
	}
	return []string{}
}

var SessionGet = Operation{
	Name:    "session-get",
	Tag:     "Sessions",
	Summary: "Returns the session of the browser, with the data of its account that every page needs.",
	Routes:  []Route{{"GET", "/console/session"}},
	Access:  Browser,
	Call:    get[sessionView](sessionGet),
	Example: Example{Path: "/console/session"},
}

func sessionGet(ctx context.Context, s *service.Services, r *request) (sessionView, error) {
	found, err := s.Sessions.Get(ctx, r.client)
	if err != nil {
		return sessionView{}, err
	}
	return viewSession(found), nil
}

var SessionExtend = Operation{
	Name:    "session-extend",
	Tag:     "Sessions",
	Summary: "Extends the session of the browser to an hour from now, and to at most a day in all.",
	Routes:  []Route{{"POST", "/console/session/extend"}},
	Access:  Browser,
	Call:    bare[sessionView](sessionExtend),
	Example: Example{Path: "/console/session/extend"},
}

func sessionExtend(ctx context.Context, s *service.Services, r *request) (sessionView, error) {
	extended, err := s.Sessions.Extend(ctx, r.client)
	if err != nil {
		return sessionView{}, err
	}
	return viewSession(extended), nil
}

var SessionDelete = Operation{
	Name:     "session-delete",
	Tag:      "Sessions",
	Summary:  "Signs the person out: ends the session of the browser, and clears what the browser has stored of this service.",
	Routes:   []Route{{"DELETE", "/console/session"}},
	Access:   Browser,
	SignsOut: true,
	Remedy:   true,
	Call:     bare[acknowledged](sessionDelete),
	Example:  Example{Path: "/console/session"},
}

func sessionDelete(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return "Signed out", s.Sessions.Delete(ctx, r.client)
}

var SessionList = Operation{
	Name:    "session-list",
	Tag:     "Sessions",
	Summary: "Lists the account's sessions of browsers: the one of the request first, then by their last use.",
	Routes:  []Route{{"GET", "/account/session"}},
	Access:  Full,
	Call:    get[[]sessionRow](sessionList),
	Example: Example{Path: "/account/session"},
}

// sessionRow is a session in the list of its account.
type sessionRow struct {
	ID value.SessionID `json:"id"` // the id of the session, which is not a credential
	// whether it is the session of the request
	Current bool `json:"current"`
	// what the browser called itself when the session was begun or extended
	// last
	Agent string `json:"agent" is:"text"`
	// the network address that it was begun or extended from last
	Address string `json:"address"    is:"text"`
	Created string `json:"created_at" is:"time"` // when the person signed in
	// when it was begun or extended last
	Used    string `json:"used_at"    is:"time"`
	Expires string `json:"expires_at" is:"time"` // when the session ends unless it is extended
}

func sessionList(ctx context.Context, s *service.Services, r *request) ([]sessionRow, error) {
	list, err := s.Sessions.List(ctx, r.client)
	rows := make([]sessionRow, len(list))
	for i, one := range list {
		rows[i] = sessionRow{
			ID:      one.ID,
			Current: one.Current,
			Agent:   one.Agent,
			Address: one.Address,
			Created: isoTime(one.Created),
			Used:    isoTime(one.Used),
			Expires: isoTime(one.Expires),
		}
	}
	return rows, err
}

var SessionRevoke = Operation{
	Name:    "session-revoke",
	Tag:     "Sessions",
	Summary: "Ends one session of the account.",
	Routes:  []Route{{"DELETE", "/account/session/{session}"}},
	Access:  Full,
	Remedy:  true,
	Call:    bare[acknowledged](sessionRevoke),
	Example: Example{Path: "/account/session/s-0Sample0"},
}

func sessionRevoke(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return "Session ended", s.Sessions.Revoke(ctx, r.client, r.PathValue("session"))
}

var SessionRevokeOthers = Operation{
	Name:    "session-revoke-others",
	Tag:     "Sessions",
	Summary: "Ends all sessions of the account except the one of the request.",
	Routes:  []Route{{"DELETE", "/account/session"}},
	Access:  Full,
	Remedy:  true,
	Call:    bare[acknowledged](sessionRevokeOthers),
	Example: Example{Path: "/account/session"},
}

func sessionRevokeOthers(
	ctx context.Context,
	s *service.Services,
	r *request,
) (acknowledged, error) {
	n, err := s.Sessions.RevokeOthers(ctx, r.client)
	if n == 0 {
		return "There was no other session", err
	}
	return "All other sessions ended", err
}

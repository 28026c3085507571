package operation_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/infra/template"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	register "profiles/shared/testkit/scene"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

var update = flag.Bool("update", false, "write generated files anew")

// budget is what one call of an operation may cost: sequential round trips when
// the function remembers nothing of the caller and when it does, DynamoDB
// requests, and capacity units.
type budget struct {
	cold, warm, requests int
	capacity             float64
}

// counted is what a function that remembers the token spends beyond a budget to
// count the request against its profile's rate limit: a request and a unit, and
// no round trip.
const counted = 1

// scene is an operation in a situation where it does all its work.
type scene struct {
	operation operation.Operation
	what      string
	budget    budget
	prepare   func(*stage)
	run       func(*stage) testkit.Answer
}

// stage is where a scene plays.
type stage struct {
	register.Stage
	session string // of ana's browser, which a warm function remembers
	logoURL string // of ana's first profile
	place   string // what the team's list calls an open invitation

	ticket testkit.Ticket // of a transfer of the other profile to ben
	seen   string         // the token that a warm function remembers: ana's, or a data plane's
}

func (s *stage) call(o operation.Operation, method, path string, body any) testkit.Answer {
	s.Helper()
	return s.Call(o, method, path, s.Ana.Token, body)
}

// logo leaves a logo of ana's first profile, and its address in logoURL.
func (s *stage) logo() {
	var set struct {
		URL string `json:"logo_url"`
	}
	s.call(operation.ProfileLogoSet, "PUT", s.home()+"/logo", object{"image": drawn(1)}).Into(s.World, &set)
	s.logoURL = set.URL
}

// browse leaves a session of ana's.
func (s *stage) browse() { s.session = s.Ana.Browser() }

func (s *stage) home() string { return "/profile/" + string(s.Ana.Home) }

// mailFactor makes pins by mail a second factor of ana's account.
func (s *stage) mailFactor() {
	_, err := s.Accounts.EnableFactor(s.Context(), s.Ana.Client(), "email", string(s.Ana.Email), service.Credentials{Password: testkit.Password})
	s.OK(err)
	for _, m := range s.Mail(s.Ana.Email) {
		if m.Kind == mailing.KindPin {
			_, err = s.Accounts.ConfirmFactor(s.Context(), s.Ana.Client(), "email", m.Data["pin"])
			s.OK(err)
		}
	}
}

func sweep(o operation.Operation) func(*stage) testkit.Answer {
	return func(s *stage) testkit.Answer {
		n, err := o.Sweep(s.Context(), s.Services)
		s.OK(err)
		if n != 1 {
			s.Errorf("%s dealt with %d things, want 1", o.Name, n)
		}
		return testkit.Answer{Code: 200}
	}
}

// ownScenes are scenes that need a stage of their own, beside those of the
// register. A password costs one round trip more than design allows other
// writes: its hash is kept once, with the account, and reading it is nothing
// beside the work of checking it.
var ownScenes = []scene{
	{operation.AccountCreate, "a new address", budget{3, 3, 4, 26}, nil, func(s *stage) testkit.Answer {
		return s.Call(operation.AccountCreate, "POST", "/account", "", object{
			"name": "Zoe", "email": "zoe@example.com", "password": testkit.Password, "cpassword": testkit.Password,
		})
	}},
	{operation.AccountConfirm, "", budget{3, 3, 4, 19}, func(s *stage) {
		s.signUp()
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.AccountConfirm, "GET", "/account/confirm/"+s.Code, "", nil)
	}},
	{operation.AccountResend, "an address that waits", budget{3, 3, 4, 22}, func(s *stage) {
		s.OK(s.Accounts.Create(s.Context(), service.Client{Source: "a"}, service.NewAccount{
			Name: "Zoe", Email: "zoe@example.com", Password: testkit.Password, Repeated: testkit.Password,
		}))
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.AccountResend, "GET", "/account/resend_confirmation/zoe@example.com", "", nil)
	}},
	{operation.AccountLogin, "", budget{3, 3, 7, 12}, nil, func(s *stage) testkit.Answer {
		return s.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": s.Ana.Email, "password": testkit.Password})
	}},
	{operation.SessionCreate, "", budget{3, 3, 7, 12}, nil, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionCreate, "POST", "/console/session", "", object{"email": s.Ana.Email, "password": testkit.Password})
	}},
	{operation.SessionCreate, "in the place of the oldest", budget{3, 3, 7, 16}, func(s *stage) {
		for range len(value.SessionPlaces) {
			s.Ana.Browser()
		}
	}, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionCreate, "POST", "/console/session", "", object{"email": s.Ana.Email, "password": testkit.Password})
	}},
	{operation.SessionCreate, "in a browser with a session", budget{3, 3, 7, 16}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionCreate, "POST", "/console/session", s.session, object{"email": s.Ana.Email, "password": testkit.Password})
	}},
	{operation.SessionCreate, "in a browser with another's session", budget{3, 3, 7, 18}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionCreate, "POST", "/console/session", s.session, object{"email": s.Ben.Email, "password": testkit.Password})
	}},
	{operation.SessionGet, "", budget{1, 1, 1, 2}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionGet, "GET", "/console/session", s.session, nil)
	}},
	{operation.SessionExtend, "", budget{2, 2, 2, 4}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionExtend, "POST", "/console/session/extend", s.session, nil)
	}},
	{operation.SessionDelete, "", budget{2, 2, 2, 6}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionDelete, "DELETE", "/console/session", s.session, nil)
	}},
	{operation.SessionList, "", budget{2, 1, 3, 4}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.call(operation.SessionList, "GET", "/account/session", nil)
	}},
	{operation.SessionRevoke, "", budget{3, 2, 3, 8}, (*stage).browse, func(s *stage) testkit.Answer {
		return s.call(operation.SessionRevoke, "DELETE", "/account/session/"+string(s.SessionID(s.session)), nil)
	}},
	{operation.SessionRevokeOthers, "two of three", budget{3, 2, 3, 12}, func(s *stage) {
		s.Ana.Browser()
		s.Ana.Browser()
		s.browse()
	}, func(s *stage) testkit.Answer {
		return s.Browse(operation.SessionRevokeOthers, "DELETE", "/account/session", s.session, nil)
	}},
	{operation.AccountTokenCreate, "", budget{3, 3, 7, 24}, nil, func(s *stage) testkit.Answer {
		return s.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
			"profile_id": s.Ana.Home, "email": s.Ana.Email, "password": testkit.Password, "name": "x",
		})
	}},
	{operation.PasswordRequest, "an address with an account", budget{3, 3, 4, 12}, nil, func(s *stage) testkit.Answer {
		return askPassword(s.World, s.Ana.Email)
	}},
	{operation.PasswordRequest, "an address without one", budget{3, 3, 4, 6}, nil, func(s *stage) testkit.Answer {
		return askPassword(s.World, "zoe@example.com")
	}},
	{operation.PasswordSet, "with a code", budget{3, 3, 5, 22}, func(s *stage) {
		s.Code = passwordCode(s.World, s.Ana.Email)
	}, func(s *stage) testkit.Answer {
		return setPassword(s.World, s.Code, another, "")
	}},
	{operation.PasswordSet, "with the code of a sign-up", budget{3, 3, 5, 22}, func(s *stage) {
		s.signUp()
	}, func(s *stage) testkit.Answer {
		return setPassword(s.World, s.Code, another, "")
	}},
	{operation.PasswordSet, "with a code, of an account that a bare link confirmed", budget{4, 4, 6, 22}, func(s *stage) {
		s.signUp()
		s.OK(s.Accounts.Confirm(s.Context(), service.Client{Source: "a"}, s.Code))
		s.Code = passwordCode(s.World, "zoe@example.com")
	}, func(s *stage) testkit.Answer {
		return setPassword(s.World, s.Code, another, "")
	}},
	{operation.PasswordSet, "with the current one", budget{4, 3, 9, 25}, nil, func(s *stage) testkit.Answer {
		return setPassword(s.World, s.Ana.Token, another, testkit.Password)
	}},
	{operation.AccountLogin, "with a pin", budget{3, 3, 7, 18}, func(s *stage) {
		s.Code = s.Ana.Authenticator().Next()
	}, func(s *stage) testkit.Answer {
		return signIn(s.World, s.Ana, credentials(s.Code))
	}},
	{operation.OtpRequest, "", budget{3, 3, 7, 18}, func(s *stage) { s.mailFactor() }, func(s *stage) testkit.Answer {
		return s.Call(operation.OtpRequest, "POST", "/account/login/otp", "", object{"email": s.Ana.Email, "password": testkit.Password, "otp_type": "email"})
	}},
	{operation.OtpEnable, "an authenticator", budget{4, 3, 7, 24}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.OtpEnable, "POST", "/account/otp/authenticator/enable", object{"email": s.Ana.Email, "password": testkit.Password})
	}},
	{operation.OtpEnable, "pins by mail", budget{4, 3, 7, 24}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.OtpEnable, "POST", "/account/otp/email/enable", object{"email": s.Ana.Email, "password": testkit.Password})
	}},
	{operation.OtpConfirm, "", budget{3, 2, 3, 26}, func(s *stage) {
		setup, err := s.Accounts.EnableFactor(s.Context(), s.Ana.Client(), "authenticator", string(s.Ana.Email), service.Credentials{Password: testkit.Password})
		s.OK(err)
		s.Code = testkit.AppOf(s.World, setup.URL).Now()
	}, func(s *stage) testkit.Answer {
		return s.call(operation.OtpConfirm, "POST", "/account/otp/authenticator/confirm", object{"pin_code": s.Code})
	}},
	{operation.OtpDisable, "", budget{4, 3, 7, 24}, func(s *stage) {
		s.Code = s.Ana.Authenticator().Next()
	}, func(s *stage) testkit.Answer {
		return s.call(operation.OtpDisable, "POST", "/account/otp/authenticator/disable", and(credentials(s.Code), object{"email": s.Ana.Email}))
	}},
	{operation.OtpRecovery, "", budget{4, 3, 7, 24}, func(s *stage) {
		s.Code = s.Ana.Authenticator().Next()
	}, func(s *stage) testkit.Answer {
		return s.call(operation.OtpRecovery, "POST", "/account/otp/recovery", and(credentials(s.Code), object{"email": s.Ana.Email}))
	}},
	{operation.EmailRequest, "", budget{4, 3, 7, 28}, nil, func(s *stage) testkit.Answer {
		return askEmail(s.World, s.Ana.Token, "zoe@example.com")
	}},
	{operation.EmailConfirm, "an address that a sign-up holds", budget{4, 4, 6, 26}, func(s *stage) {
		s.Code = emailCode(s.World, s.Ana.Token, "zoe@example.com")
		s.OK(s.Accounts.Create(s.Context(), service.Client{Source: "a"}, service.NewAccount{
			Name: "Zoe", Email: "zoe@example.com", Password: testkit.Password, Repeated: testkit.Password,
		}))
	}, func(s *stage) testkit.Answer {
		return confirmEmail(s.World, s.Code)
	}},
	{operation.EmailConfirm, "no shared profile", budget{3, 3, 5, 24}, func(s *stage) {
		s.Code = emailCode(s.World, s.Ana.Token, "zoe@example.com")
	}, func(s *stage) testkit.Answer {
		return confirmEmail(s.World, s.Code)
	}},
	{operation.EmailConfirm, "one shared profile", budget{3, 3, 5, 26}, func(s *stage) {
		s.Share(s.Ben.Home, s.Ana, tenancy.PermissionFull)
		s.Code = emailCode(s.World, s.Ana.Token, "zoe@example.com")
	}, func(s *stage) testkit.Answer {
		return confirmEmail(s.World, s.Code)
	}},
	{operation.EmailUndo, "one shared profile", budget{4, 4, 5, 35}, func(s *stage) {
		s.Share(s.Ben.Home, s.Ana, tenancy.PermissionFull)
		s.Code = moveEmail(s.World, s.Ana.Token, s.Ana.Email, "zoe@example.com")
	}, func(s *stage) testkit.Answer {
		return undoEmail(s.World, s.Code)
	}},
	{operation.EmailUndo, "an open transfer", budget{4, 4, 5, 38}, func(s *stage) {
		s.Offer(s.Ana.Home, s.Ana, s.Ben.Email)
		s.Code = moveEmail(s.World, s.Ana.Token, s.Ana.Email, "zoe@example.com")
	}, func(s *stage) testkit.Answer {
		return undoEmail(s.World, s.Code)
	}},
	{operation.OverviewGet, "two own and one shared", budget{3, 2, 5, 11}, func(s *stage) {
		s.Share(s.Sam.Home, s.Ana, tenancy.PermissionRead)
	}, func(s *stage) testkit.Answer {
		return s.call(operation.OverviewGet, "GET", "/account/overview", nil)
	}},
	{operation.ProfileEdit, "that removes a logo", budget{2, 2, 3, 12}, (*stage).logo, func(s *stage) testkit.Answer {
		return s.call(operation.ProfileEdit, "PUT", s.home(), object{"logo_url": nil})
	}},
	{operation.ProfileLogoSet, "in place of another", budget{2, 2, 3, 20}, (*stage).logo, func(s *stage) testkit.Answer {
		return s.call(operation.ProfileLogoSet, "PUT", s.home()+"/logo", object{"image": drawn(2)})
	}},
	{operation.LogoGet, "", budget{1, 1, 2, 4}, (*stage).logo, func(s *stage) testkit.Answer {
		got := download(s.World, operation.LogoGet, s.logoURL, "")
		return testkit.Answer{Code: got.StatusCode, Header: got.Headers}
	}},
	{operation.AccountPurge, "a profile, a membership, an invitation and an offer", budget{29, 29, 33, 106}, func(s *stage) {
		s.Share(s.Ana.Home, s.Sam, tenancy.PermissionRead)
		s.Share(s.Sam.Home, s.Ben, tenancy.PermissionRead)
		s.OK(s.Teams.Invite(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, string(s.Ben.Email), "read"))
		s.Offer(s.Other, s.Ana, s.Ben.Email)
		s.OK(s.Accounts.Delete(s.Context(), s.Ben.Client(), service.Credentials{Password: testkit.Password}))
	}, sweep(operation.AccountPurge)},
	{operation.ProfilePurge, "one profile with a token", budget{18, 18, 18, 18}, func(s *stage) {
		s.Ana.SignIn(s.Other, "never")
		s.OK(s.Profiles.Delete(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Other}, service.Credentials{Password: testkit.Password}))
	}, sweep(operation.ProfilePurge)},
	{operation.TokenCreate, "", budget{3, 3, 7, 22}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TokenCreate, "POST", s.home()+"/token", object{
			"name": "x", "permission": "read", "email": s.Ana.Email, "password": testkit.Password,
		})
	}},
	{operation.TokenRotate, "itself", budget{2, 2, 2, 20}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TokenRotate, "POST", s.home()+"/token/"+s.Ana.Token[2:10]+"/rotate", object{"grace": "1 day"})
	}},
	{operation.TokenRotate, "another one, whose predecessor has grace", budget{3, 3, 3, 30}, func(s *stage) {
		s.Token = rotate(s, s.Token, "1 day")
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TokenRotate, "POST", s.home()+"/token/"+s.Token+"/rotate", nil)
	}},
	{operation.TokenRotate, "with a password", budget{3, 3, 7, 28}, func(s *stage) {
		s.Token = s.Ana.With("full", "never")
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TokenRotate, "POST", s.home()+"/token/"+s.Token+"/rotate", object{"password": testkit.Password})
	}},
	{operation.TokenReuse, "two tokens of a family", budget{13, 13, 13, 44}, (*stage).reuse, sweep(operation.TokenReuse)},
	{operation.TokenEdit, "less than before", budget{2, 2, 2, 12}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TokenEdit, "PUT", s.home()+"/token/"+s.Token, object{"allow_list": []string{"192.0.2.0/24"}, "scope": "profile"})
	}},
	{operation.TokenEdit, "more than before", budget{3, 3, 7, 22}, func(s *stage) {
		s.call(operation.TokenEdit, "PUT", s.home()+"/token/"+s.Token, object{"disabled": true})
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TokenEdit, "PUT", s.home()+"/token/"+s.Token, object{"disabled": false, "password": testkit.Password})
	}},
	{operation.TokenPolicySet, "less than before", budget{2, 2, 2, 8}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TokenPolicySet, "PUT", s.home()+"/token_policy", object{"longest_days": 30, "never": false})
	}},
	{operation.TokenPolicySet, "more than before", budget{3, 3, 7, 14}, func(s *stage) {
		s.call(operation.TokenPolicySet, "PUT", s.home()+"/token_policy", object{"never": false})
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TokenPolicySet, "PUT", s.home()+"/token_policy", object{"never": true, "password": testkit.Password})
	}},
	{operation.TokenRevokeAll, "a team of two", budget{3, 2, 4, 32}, func(s *stage) {
		s.Share(s.Other, s.Ben, tenancy.PermissionFull)
		s.Share(s.Other, s.Sam, tenancy.PermissionFull)
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(s.Other)+"/token", nil)
	}},
	{operation.TokenRevokeMember, "", budget{2, 2, 3, 16}, func(s *stage) { s.Share(s.Ana.Home, s.Ben, tenancy.PermissionFull) }, func(s *stage) testkit.Answer {
		return s.call(operation.TokenRevokeMember, "DELETE", s.home()+"/team/"+string(s.Ben.ID)+"/token", nil)
	}},
	{operation.TokenLeaked, "a token that works", budget{3, 3, 4, 20}, nil, func(s *stage) testkit.Answer {
		return leak(s.World, s.Token)
	}},
	{operation.TokenLeaked, "no token", budget{1, 1, 2, 3}, nil, func(s *stage) testkit.Answer {
		return leak(s.World, "x")
	}},
	{operation.TokenExpire, "one due token", budget{10, 10, 10, 16}, func(s *stage) {
		s.Ana.SignIn(s.Ana.Home, "1 hour")
		s.Advance(time.Hour)
	}, sweep(operation.TokenExpire)},
	{operation.TokenExpire, "one whose grace is over", budget{10, 10, 10, 16}, func(s *stage) {
		rotate(s, s.Token, "1 day")
		s.Advance(24 * time.Hour)
	}, sweep(operation.TokenExpire)},
	{operation.TokenExpire, "one to remind of", budget{11, 11, 11, 16}, func(s *stage) {
		s.OK(s.Tokens.Delete(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, s.Token))
		s.Ana.With("read", "14 days")
		s.Advance(7 * 24 * time.Hour)
	}, sweep(operation.TokenExpire)},
	{operation.TeamInvite, "an address with an account", budget{3, 3, 4, 40}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TeamInvite, "POST", s.home()+"/team", object{"email": s.Ben.Email})
	}},
	{operation.TeamInvite, "again", budget{3, 3, 4, 50}, func(s *stage) {
		s.invite()
		s.Advance(time.Minute)
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TeamInvite, "POST", s.home()+"/team", object{"email": s.Ben.Email})
	}},
	{operation.TeamList, "own, named in the path", budget{1, 1, 2, 3}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TeamList, "GET", s.home()+"/team", nil)
	}},
	{operation.TeamList, "with members, whose names their accounts have", budget{2, 2, 3, 5}, func(s *stage) { s.Share(s.Ana.Home, s.Ben, tenancy.PermissionRead) }, func(s *stage) testkit.Answer {
		return s.call(operation.TeamList, "GET", s.home()+"/team", nil)
	}},
	{operation.TeamRemove, "an open invitation", budget{2, 2, 3, 20}, func(s *stage) {
		s.invite()
		team, err := s.Teams.List(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, false)
		s.OK(err)
		s.place = team[0].ID()
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TeamRemove, "DELETE", s.home()+"/team/"+s.place, nil)
	}},
	{operation.TeamAccept, "", budget{5, 5, 7, 51}, (*stage).invite, func(s *stage) testkit.Answer {
		return s.Call(operation.TeamAccept, "GET", "/profile/team/accept/"+s.Code, "", nil)
	}},
	{operation.TeamDecline, "", budget{3, 3, 5, 33}, (*stage).invite, func(s *stage) testkit.Answer {
		return s.Call(operation.TeamDecline, "GET", "/profile/team/decline/"+s.Code, "", nil)
	}},
	{operation.InvitationAccept, "", budget{4, 3, 5, 50}, (*stage).invite, func(s *stage) testkit.Answer {
		return s.Call(operation.InvitationAccept, "POST", "/profile/team/accept/"+s.Code, s.Ben.Token, nil)
	}},
	{operation.InvitationDecline, "", budget{4, 3, 5, 36}, (*stage).invite, func(s *stage) testkit.Answer {
		return s.Call(operation.InvitationDecline, "POST", "/profile/team/decline/"+s.Code, s.Ben.Token, nil)
	}},
	{operation.TeamExpire, "one invitation that has ended", budget{11, 11, 11, 40}, func(s *stage) {
		s.invite()
		s.Advance(tenancy.InvitationLife)
	}, sweep(operation.TeamExpire)},
	{operation.TransferRequest, "an address with an account", budget{4, 3, 9, 52}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TransferRequest, "POST", s.offered(), object{"email": s.Ben.Email, "password": testkit.Password})
	}},
	{operation.TransferRequest, "after one whose time is over", budget{11, 10, 18, 96}, func(s *stage) {
		s.offer()
		s.Advance(transfer.Life)
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TransferRequest, "POST", s.offered(), object{"email": s.Ben.Email, "password": testkit.Password})
	}},
	{operation.TransferCheck, "no open transfer", budget{3, 2, 3, 8}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.TransferCheck, "GET", s.offered(), nil)
	}},
	{operation.TransferCheck, "", budget{5, 4, 6, 14}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.call(operation.TransferCheck, "GET", s.offered(), nil)
	}},
	{operation.TransferCancel, "", budget{5, 4, 6, 50}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.call(operation.TransferCancel, "DELETE", s.offered(), nil)
	}},
	{operation.TransferList, "one offered", budget{4, 3, 5, 8}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.TransferList, "GET", "/transfer", s.Ben.Token, nil)
	}},
	{operation.TransferGet, "", budget{4, 3, 5, 9}, (*stage).confirmed, func(s *stage) testkit.Answer {
		return s.call(operation.TransferGet, "GET", s.at(), nil)
	}},
	{operation.TransferConfirm, "", budget{4, 3, 9, 22}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.call(operation.TransferConfirm, "POST", s.at()+"/confirm", s.proof(s.ticket.Confirm))
	}},
	{operation.TransferConfirm, "the profile moves", budget{4, 3, 9, 108}, func(s *stage) {
		s.offer()
		s.approve()
		s.accept()
	}, func(s *stage) testkit.Answer {
		return s.call(operation.TransferConfirm, "POST", s.at()+"/confirm", s.proof(s.ticket.Confirm))
	}},
	{operation.TransferMail, "the offer", budget{5, 4, 6, 22}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.TransferMail, "POST", s.at()+"/mail", s.Ben.Token, nil)
	}},
	{operation.TransferAccept, "", budget{4, 3, 9, 32}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.TransferAccept, "POST", s.at()+"/accept", s.Ben.Token, s.proof(s.ticket.Answer))
	}},
	{operation.TransferAccept, "the profile moves", budget{4, 3, 9, 108}, func(s *stage) {
		s.confirmed()
		s.approve()
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.TransferAccept, "POST", s.at()+"/accept", s.Ben.Token, s.proof(s.ticket.Answer))
	}},
	{operation.TransferDecline, "", budget{4, 3, 9, 58}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.TransferDecline, "POST", s.at()+"/decline", s.Ben.Token, s.proof(s.ticket.Answer))
	}},
	{operation.TransferRevert, "asked for", budget{5, 4, 10, 58}, (*stage).moved, func(s *stage) testkit.Answer {
		return s.call(operation.TransferRevert, "POST", s.at()+"/revert", object{"password": testkit.Password})
	}},
	{operation.TransferRevert, "the profile returns", budget{6, 5, 11, 108}, func(s *stage) {
		s.moved()
		_, err := s.Transfers.Revert(s.Context(), s.Ana.Client(), s.ticket.ID, service.Credentials{Password: testkit.Password})
		s.OK(err)
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.TransferRevert, "POST", s.at()+"/revert", s.Ben.Token, object{"password": testkit.Password})
	}},
	{operation.TransferExpire, "one that has expired", budget{12, 12, 13, 50}, func(s *stage) {
		s.offer()
		s.Advance(transfer.Life)
	}, sweep(operation.TransferExpire)},
	{operation.TransferExpire, "one that is moved after a hold", budget{11, 11, 12, 110}, (*stage).held, sweep(operation.TransferExpire)},
	{operation.DeskList, "one open transfer", budget{4, 3, 4, 6}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskList, "GET", "/desk/transfer", s.Sam.Token, nil)
	}},
	{operation.DeskGet, "", budget{4, 3, 5, 12}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskGet, "GET", "/desk"+s.at(), s.Sam.Token, nil)
	}},
	{operation.DeskApprove, "", budget{4, 3, 5, 20}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskApprove, "POST", "/desk"+s.at()+"/approve", s.Sam.Token, nil)
	}},
	{operation.DeskApprove, "the profile moves", budget{4, 3, 5, 110}, func(s *stage) {
		s.confirmed()
		s.accept()
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskApprove, "POST", "/desk"+s.at()+"/approve", s.Sam.Token, nil)
	}},
	{operation.DeskReject, "", budget{4, 3, 5, 46}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskReject, "POST", "/desk"+s.at()+"/reject", s.Sam.Token, object{"reason": "x"})
	}},
	{operation.DeskNote, "", budget{4, 3, 5, 20}, (*stage).offer, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskNote, "POST", "/desk"+s.at()+"/note", s.Sam.Token, object{"kind": "note", "text": "x"})
	}},
	{operation.DeskExtend, "", budget{4, 3, 5, 24}, func(s *stage) {
		s.offer()
		s.Advance(time.Hour)
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskExtend, "POST", "/desk"+s.at()+"/extend", s.Sam.Token, nil)
	}},
	{operation.DeskRevert, "asked for", budget{5, 4, 6, 60}, (*stage).moved, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskRevert, "POST", "/desk"+s.at()+"/revert", s.Sam.Token, nil)
	}},
	{operation.DeskRevert, "the profile returns", budget{6, 5, 7, 110}, func(s *stage) {
		s.moved()
		_, err := s.Desk.Revert(s.Context(), s.Agent(s.Quick("sue")).Client(), s.ticket.ID)
		s.OK(err)
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.DeskRevert, "POST", "/desk"+s.at()+"/revert", s.Sam.Token, nil)
	}},
	{operation.SubscriptionEdit, "a service, one profile", budget{3, 2, 3, 16}, func(s *stage) {
		s.OK(s.Profiles.Delete(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Other}, service.Credentials{Password: testkit.Password}))
	}, (*stage).raise},
	{operation.SubscriptionEdit, "a service, five profiles", budget{3, 2, 3, 18}, (*stage).fiveProfiles, (*stage).raise},
	{operation.SubscriptionEdit, "the first plan", budget{3, 2, 3, 16}, func(s *stage) {
		s.Ana = s.Account("zoe", plan.Free)
		s.seen = s.Ana.Token
	}, func(s *stage) testkit.Answer {
		return s.call(operation.SubscriptionEdit, "POST", "/account/subscription", object{"plan": "scale"})
	}},
	{operation.SubscriptionEdit, "an add-on, five profiles", budget{3, 2, 3, 20}, (*stage).fiveProfiles, func(s *stage) testkit.Answer {
		return s.call(operation.SubscriptionEdit, "POST", "/account/subscription", object{"addons": object{"mobile": []value.ProfileID{s.Ana.Home}}})
	}},
	{operation.SubscriptionEdit, "after a late renewal that lowers", budget{8, 7, 8, 40}, (*stage).late, (*stage).raise},
	{operation.SubscriptionSchedule, "", budget{2, 1, 2, 3}, (*stage).schedule, get(operation.SubscriptionSchedule, "/account/subscription/schedule")},
	{operation.SubscriptionScheduleCancel, "", budget{3, 2, 3, 13}, (*stage).schedule, func(s *stage) testkit.Answer {
		return s.call(operation.SubscriptionScheduleCancel, "DELETE", "/account/subscription/schedule", nil)
	}},
	{operation.SubscriptionScheduleCancel, "after a late renewal that lowers", budget{7, 6, 7, 32}, (*stage).late, denied(400, func(s *stage) testkit.Answer {
		return s.call(operation.SubscriptionScheduleCancel, "DELETE", "/account/subscription/schedule", nil)
	})},
	{operation.SubscriptionRenew, "one that stays as it is", budget{11, 11, 11, 16}, (*stage).alonePaying, sweep(operation.SubscriptionRenew)},
	{operation.SubscriptionRenew, "one with everything scheduled", budget{12, 12, 12, 41}, func(s *stage) {
		s.fiveProfiles()
		s.grow()
		s.schedule()
		s.alonePaying()
	}, sweep(operation.SubscriptionRenew)},
	{operation.PlanEdit, "after a late renewal that lowers", budget{8, 7, 8, 42}, (*stage).late, func(s *stage) testkit.Answer {
		return s.call(operation.PlanEdit, "POST", "/account/plan/", object{"plan": "scale"})
	}},
	{operation.BillingEdit, "after a late renewal that lowers", budget{8, 7, 8, 38}, (*stage).late, func(s *stage) testkit.Answer {
		return s.call(operation.BillingEdit, "PUT", "/account/billing", object{"company": "Acme"})
	}},
	{operation.PaymentHistory, "none", budget{3, 2, 3, 4}, nil, get(operation.PaymentHistory, "/account/payment_history")},
	{operation.PaymentHistory, "some", budget{3, 2, 3, 4}, (*stage).grow, get(operation.PaymentHistory, "/account/payment_history/")},
	{operation.AllocationEdit, "two profiles", budget{3, 2, 3, 17}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.AllocationEdit, "POST", "/account/allocation", []object{{"profile": s.Ana.Home, "input": 500_000}, {"profile": s.Other, "input": 500_000}})
	}},
	{operation.AddonRemove, "", budget{3, 3, 3, 16}, (*stage).addon, func(s *stage) testkit.Answer {
		return s.call(operation.AddonRemove, "DELETE", s.home()+"/mobile", nil)
	}},
	{operation.AddonEdit, "after a late renewal that lowers", budget{8, 8, 8, 44}, (*stage).late, func(s *stage) testkit.Answer {
		return s.call(operation.AddonEdit, "POST", s.home()+"/addons", object{"mobile": true})
	}},
	{operation.AddonRemove, "after a late renewal that lowers", budget{8, 8, 8, 44}, (*stage).late, func(s *stage) testkit.Answer {
		return s.call(operation.AddonRemove, "DELETE", s.home()+"/custom_dns", nil)
	}},
	{operation.AccountCost, "without charges", budget{3, 2, 5, 6}, nil, get(operation.AccountCost, "/account/cost")},
	{operation.AccountCost, "with charges", budget{3, 2, 5, 6}, (*stage).grow, get(operation.AccountCost, "/account/cost")},
	{operation.ProfileCost, "without charges", budget{2, 2, 4, 6}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.ProfileCost, "GET", s.home()+"/cost", nil)
	}},
	{operation.ProfileCost, "with charges", budget{2, 2, 4, 6}, (*stage).grow, func(s *stage) testkit.Answer {
		return s.call(operation.ProfileCost, "GET", s.home()+"/cost", nil)
	}},
	{operation.UsageReport, "the first one ever", budget{3, 2, 5, 14}, (*stage).plant, report(line("a", 1))},
	{operation.UsageReport, "in the same hour", budget{3, 2, 5, 14}, (*stage).used, report(line("b", 1))},
	{operation.UsageReport, "in another hour", budget{3, 2, 5, 16}, func(s *stage) {
		s.used()
		s.Advance(time.Hour)
	}, report(line("b", 1))},
	{operation.UsageReport, "a line again", budget{2, 1, 4, 6}, (*stage).used, report(line("a", 1))},
	{operation.UsageReport, "a line that is blocked", budget{3, 2, 5, 14}, (*stage).used, report(line("b", 2_000_000))},
	{operation.UsageReport, "past a threshold", budget{4, 3, 6, 20}, (*stage).used, report(line("b", 800_000))},
	{operation.UsageReport, "100 lines", budget{4, 3, 6, 320}, (*stage).used, report(lines(100)...)},
	{operation.UsageReport, "signed", budget{2, 2, 3, 12}, (*stage).used, signed(line("b", 1))},
	{operation.UsageCheck, "", budget{2, 1, 3, 5}, (*stage).used, func(s *stage) testkit.Answer {
		return s.Call(operation.UsageCheck, "GET", "/usage/"+string(s.Ana.Home), s.seen, nil)
	}},
	{operation.StatisticsGet, "own, a day", budget{1, 1, 3, 6}, (*stage).measured, func(s *stage) testkit.Answer {
		return s.call(operation.StatisticsGet, "GET", s.home()+"/statistics?date=2030-03-14", nil)
	}},
	{operation.StatisticsGet, "current", budget{3, 2, 5, 8}, (*stage).measured, func(s *stage) testkit.Answer {
		return s.call(operation.StatisticsGet, "GET", "/profile/current/statistics", nil)
	}},
	{operation.AuditGet, "own, named in the path", budget{2, 2, 2, 4}, (*stage).logged, func(s *stage) testkit.Answer {
		return s.call(operation.AuditGet, "GET", s.home()+"/auditlog", nil)
	}},
	{operation.AuditGet, "current, over a month's end", budget{4, 3, 4, 7}, func(s *stage) {
		s.Advance(20 * 24 * time.Hour) // 3 April
		s.logged()
	}, func(s *stage) testkit.Answer {
		return s.call(operation.AuditGet, "GET", "/profile/current/auditlog?find=*", nil)
	}},
	{operation.AuditQuery, "own, named in the path", budget{2, 2, 2, 4}, (*stage).logged, func(s *stage) testkit.Answer {
		return s.call(operation.AuditQuery, "GET", s.home()+"/auditlog/"+everything, nil)
	}},
	{operation.AccountAuditGet, "", budget{3, 2, 3, 5}, (*stage).renamed, func(s *stage) testkit.Answer {
		return s.call(operation.AccountAuditGet, "GET", "/account/auditlog", nil)
	}},
	{operation.AccountAuditQuery, "", budget{3, 2, 3, 5}, (*stage).renamed, func(s *stage) testkit.Answer {
		return s.call(operation.AccountAuditQuery, "GET", "/account/auditlog/"+everything, nil)
	}},
	{operation.AuditSeal, "the first entry of a log", budget{2, 2, 2, 8}, (*stage).unsealed, (*stage).seal},
	{operation.AuditSeal, "another entry", budget{2, 2, 2, 8}, func(s *stage) {
		s.unsealed()
		s.seal()
		s.logged()
		s.unsealed()
	}, (*stage).seal},
	{operation.AuditSeal, "an entry that is sealed", budget{1, 1, 1, 2}, func(s *stage) {
		s.unsealed()
		s.seal()
	}, (*stage).seal},
	{operation.NotificationList, "", budget{3, 2, 3, 5}, nil, func(s *stage) testkit.Answer {
		return s.call(operation.NotificationList, "GET", "/notification/", nil)
	}},
	{operation.NotificationList, "with an invitation", budget{4, 3, 4, 7}, (*stage).invite, func(s *stage) testkit.Answer {
		return s.Call(operation.NotificationList, "GET", "/notification/", s.Ben.Token, nil)
	}},
	{operation.NotificationRead, "", budget{3, 2, 3, 8}, (*stage).notify, func(s *stage) testkit.Answer {
		return s.call(operation.NotificationRead, "PUT", "/notification/read", object{"notification_ids": []string{s.Code}})
	}},
	{operation.NotificationReadAll, "one unread", budget{4, 3, 4, 9}, (*stage).notify, func(s *stage) testkit.Answer {
		return s.call(operation.NotificationReadAll, "PUT", "/notification/markallread", nil)
	}},
	{operation.NotificationAction, "accept", budget{5, 4, 6, 52}, func(s *stage) {
		s.invite()
		list, err := s.Notifications.List(s.Context(), s.Ben.Client(), service.NotificationQuery{Page: 1, Amount: 1})
		s.OK(err)
		s.Code = string(list[0].ID)
	}, func(s *stage) testkit.Answer {
		return s.Call(operation.NotificationAction, "PUT", "/notification/"+s.Code+"/accept", s.Ben.Token, nil)
	}},
	{operation.NotificationDelete, "", budget{3, 2, 3, 8}, (*stage).notify, func(s *stage) testkit.Answer {
		return s.call(operation.NotificationDelete, "DELETE", "/notification/"+s.Code, nil)
	}},
	{operation.MailDeliver, "", budget{3, 3, 3, 6}, queueMail, func(s *stage) testkit.Answer {
		s.OK(operation.MailDeliver.Handle(s.Context(), s.Services, operation.Record{PK: s.Code, SK: "O"}))
		return testkit.Answer{Code: 200}
	}},
	{operation.MailRetry, "one due mail", budget{11, 11, 11, 10}, func(s *stage) {
		queueMail(s)
		s.Advance(time.Hour)
	}, sweep(operation.MailRetry)},
}

// get reads something of ana's account.
func get(o operation.Operation, path string) func(*stage) testkit.Answer {
	return func(s *stage) testkit.Answer { return s.call(o, "GET", path, nil) }
}

// denied takes the answer that an operation always gives for what it stands
// for.
func denied(code int, run func(*stage) testkit.Answer) func(*stage) testkit.Answer {
	return func(s *stage) testkit.Answer {
		got := run(s)
		if got.Code != code {
			s.Errorf("got %d %q, want %d", got.Code, got.Message, code)
		}
		return testkit.Answer{Code: 200, Header: got.Header}
	}
}

func (s *stage) fiveProfiles() {
	for _, name := range []string{"third", "fourth", "fifth"} {
		s.Ana.Profile(name)
	}
}

// raise buys more of a service.
func (s *stage) raise() testkit.Answer {
	return s.call(operation.SubscriptionEdit, "POST", "/account/subscription", object{"services": object{"input": object{"limit": 3_000_000}}})
}

// grow buys a service, and an add-on for both profiles.
func (s *stage) grow() {
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), tenancy.SubscriptionEdit{Services: map[plan.Service]int64{plan.ServiceInput: 3_000_000}}))
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), tenancy.SubscriptionEdit{Addons: map[plan.Addon][]value.ProfileID{
		plan.AddonMobile: {s.Ana.Home, s.Other}, plan.AddonCustomDNS: {s.Ana.Home},
	}}))
	s.OK(s.Billing.Allocate(s.Context(), s.Ana.Client(), map[value.ProfileID]map[plan.Service]int64{
		s.Ana.Home: {plan.ServiceInput: 1_000_000}, s.Other: {plan.ServiceInput: 2_000_000},
	}))
}

// schedule leaves everything that can be scheduled for the renewal.
func (s *stage) schedule() {
	chosen := plan.Starter
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), tenancy.SubscriptionEdit{Plan: &chosen}))
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), tenancy.SubscriptionEdit{Services: map[plan.Service]int64{plan.ServiceInput: 1_000_000}}))
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), tenancy.SubscriptionEdit{Addons: map[plan.Addon][]value.ProfileID{plan.AddonMobile: {}}}))
}

// late leaves a renewal that lowers what both profiles have, and to which no
// sweep has come.
func (s *stage) late() {
	s.grow()
	s.schedule()
	s.Advance(31 * 24 * time.Hour)
	s.Ana.Token = s.Ana.Mint(s.Ana.Home, "")
	s.seen = s.Ana.Token
}

// alonePaying leaves ana's subscription, and nobody else's, to be renewed.
func (s *stage) alonePaying() {
	for _, p := range []testkit.Person{s.Ben, s.Sam} {
		found := s.World.Store.Batch()
		account := found.Account(p.ID)
		s.OK(found.Get(s.Context()))
		account.Value.Plan, account.Value.PaidUntil = plan.Free, time.Time{}
		tx := s.World.Store.Begin()
		tx.UpdateAccount(account.Value)
		s.OK(tx.CommitAside(s.Context(), store.Origin{}))
	}
	s.Advance(31 * 24 * time.Hour)
}

// addon leaves an add-on of ana's first profile.
func (s *stage) addon() {
	s.OK(s.Billing.EditAddons(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, map[plan.Addon]bool{plan.AddonMobile: true}))
}

// plant makes the caller that a function has seen a data plane.
func (s *stage) plant() {
	plane := s.Quick("plane")
	_, err := s.Operator.SetType(s.Context(), string(plane.Email), tenancy.AccountService)
	s.OK(err)
	s.seen = plane.Token
}

// used leaves a profile of which the event a was reported.
func (s *stage) used() {
	s.plant()
	if got := report(line("a", 1))(s); got.Code != 200 {
		s.Fatalf("report: got %d %q", got.Code, got.Message)
	}
}

// measured leaves a profile with three hours of history.
func (s *stage) measured() {
	s.plant()
	for i := range 4 {
		report(line(fmt.Sprint("hour", i), 1))(s)
		s.Advance(time.Hour)
	}
	s.seen = s.Ana.Token
}

func line(event string, amount int) object {
	return object{"service": "input", "amount": amount, "event": event}
}

func lines(n int) (out []object) {
	for i := range n {
		out = append(out, line(fmt.Sprint("line", i), 1))
	}
	return out
}

// report reports use of ana's first profile with a data plane's token.
func report(lines ...object) func(*stage) testkit.Answer {
	return func(s *stage) testkit.Answer {
		return s.Call(operation.UsageReport, "POST", "/usage/"+string(s.Ana.Home), s.seen, object{"lines": lines})
	}
}

// signed does so with a signature that the gateway has verified.
func signed(lines ...object) func(*stage) testkit.Answer {
	return func(s *stage) testkit.Answer {
		return s.Send(operation.UsageReport, verified(s, "POST", s.home()+"/usage", object{"lines": lines}))
	}
}

// offer leaves an open transfer of the other profile to ben.
func (s *stage) offer() { s.ticket = s.Offer(s.Other, s.Ana, s.Ben.Email) }

func (s *stage) confirmed() {
	s.offer()
	_, err := s.Transfers.Confirm(s.Context(), s.Ana.Client(), s.ticket.ID, s.ticket.Confirm, service.Credentials{Password: testkit.Password})
	s.OK(err)
}

func (s *stage) approve() {
	_, err := s.Desk.Approve(s.Context(), s.Sam.Client(), s.ticket.ID)
	s.OK(err)
}

func (s *stage) accept() {
	_, err := s.Transfers.Accept(s.Context(), s.Ben.Client(), s.ticket.ID, s.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
	s.OK(err)
}

// moved leaves a transfer that has completed an hour ago.
func (s *stage) moved() {
	s.ticket.ID = s.Move(s.Other, s.Ana, s.Ben, s.Sam)
	s.Advance(time.Hour)
}

// held leaves a transfer on which everybody agrees and whose hold is over.
func (s *stage) held() {
	s.Secure(s.Ana)
	s.confirmed()
	s.approve()
	s.accept()
	s.Advance(transfer.SecurityHold)
}

func (s *stage) offered() string { return "/profile/" + string(s.Other) + "/transfer" }
func (s *stage) at() string      { return "/transfer/" + string(s.ticket.ID) }
func (s *stage) proof(code string) object {
	return object{"code": code, "password": testkit.Password}
}

// invite leaves an invitation of ben to ana's first profile, and its code in
// code.
func (s *stage) invite() {
	s.OK(s.Teams.Invite(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, string(s.Ben.Email), ""))
	s.Code = s.Mail(s.Ben.Email)[0].Data["code"]
}

// logged leaves an entry in the log of ana's first profile.
func (s *stage) logged() {
	s.call(operation.ProfileEdit, "PUT", s.home(), object{"name": "renamed"})
	s.Advance(time.Second)
}

// renamed leaves an entry in the log of ana's account.
func (s *stage) renamed() {
	s.call(operation.AccountEdit, "PUT", "/account", object{"name": "Ana B."})
	s.Advance(time.Second)
}

// unsealed leaves an entry in the log of ana's first profile, and its sort key
// in code.
func (s *stage) unsealed() {
	s.logged()
	for _, it := range s.Items() {
		if strings.HasPrefix(it.PK, "L#"+string(s.Ana.Home)+"#") {
			s.Code = it.PK + " " + it.SK
		}
	}
}

func (s *stage) seal() testkit.Answer {
	pk, sk, _ := strings.Cut(s.Code, " ")
	s.OK(operation.AuditSeal.Handle(s.Context(), s.Services, operation.Record{PK: pk, SK: sk, Written: s.Now()}))
	return testkit.Answer{Code: 200}
}

// notify leaves a notification of ana's, and its id in code.
func (s *stage) notify() {
	id, err := s.Notifications.Create(s.Context(), s.Ana.Client(), "x", "y", false)
	s.OK(err)
	s.Code = string(id)
}

// signUp signs zoe up, and leaves the code of the mail.
func (s *stage) signUp() {
	s.OK(s.Accounts.Create(s.Context(), service.Client{Source: "a"}, service.NewAccount{
		Name: "Zoe", Email: "zoe@example.com", Password: testkit.Password, Repeated: testkit.Password,
	}))
	s.Code = s.Mail("zoe@example.com")[0].Data["code"]
}

// rotate rotates a token of ana's first profile with hers, and returns the new
// one.
func rotate(s *stage, token, grace string) string {
	rotated, err := s.Tokens.Rotate(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, service.Rotation{Token: token, Grace: grace})
	s.OK(err)
	return rotated.Text
}

// reuse leaves the use of a token that was rotated twice.
func (s *stage) reuse() {
	second := rotate(s, s.Token, "0")
	rotate(s, second, "7 days")
	if got := s.Call(operation.TokenInfo, "GET", "/info", s.Token, nil); got.Code != 401 {
		s.Fatalf("a rotated token: got %d", got.Code)
	}
}

// queueMail leaves one unsent mail in the outbox and its partition key in code.
func queueMail(s *stage) {
	tx := s.World.Store.Begin()
	m := mailing.Message{ID: "0123456789abcdef01234567", Kind: mailing.KindAccountExists, To: "zoe@example.com", Created: s.Now()}
	tx.Send(m, service.SealMail(testkit.Keys, m))
	s.OK(tx.CommitAside(s.Context(), store.Origin{}))
	s.Code = "O#0123456789abcdef01234567"
}

// stages are those that scenes have prepared.
var stages testkit.Stages[stage]

func newStage(t *testing.T, c scene) *stage {
	s, w := stages.Begin(t, c.name(), func() (stage, *testkit.World) {
		w := testkit.New(t)
		s := &stage{Stage: register.Stage{World: w, Ana: w.Quick("ana"), Ben: w.Quick("ben")}}
		s.Sam = s.Agent(s.Quick("sam"))
		s.Other = s.Ana.Profile("other")
		s.Token = s.Ana.With("read", "")
		s.seen = s.Ana.Token
		if c.prepare != nil {
			c.prepare(s)
		}
		return *s, w
	})
	s.World = w
	for _, p := range []*testkit.Person{&s.Ana, &s.Ben, &s.Sam} {
		*p = p.In(w)
	}
	return &s
}

func (c scene) name() string {
	if c.what == "" {
		return c.operation.Name
	}
	return c.operation.Name + ": " + c.what
}

// measure runs a scene with rate limits in a function that has just started, or
// in one that has seen its caller's token and profiles.
func (c scene) measure(t *testing.T, warm bool) testkit.Usage {
	s := newStage(t, c)
	s.LimitRates()
	if warm {
		for _, token := range []string{s.seen, s.Ben.Token, s.Sam.Token} {
			s.Call(operation.AccountGet, "GET", "/account", token, nil)
			s.Call(operation.ProfileGet, "GET", "/profile/"+string(s.Other), token, nil)
		}
		if s.session != "" {
			s.Browse(operation.AccountGet, "GET", "/account", s.session, nil)
		}
	}
	s.Meter.Reset()
	got := c.run(s)
	if got.Code != 200 {
		t.Fatalf("%s: got %d %q", c.name(), got.Code, got.Message)
	}
	if group := c.operation.RateGroup(); warm && group != plan.RateNone && got.Header["Ratelimit-Limit"] == "" && guarded[c.operation.Name] == 0 {
		t.Errorf("%s is not counted", c.name())
	}
	return s.Meter.Reset()
}

// measured is what measure found the first time that anybody asked: several
// tests look at the same requests from different sides.
func (c scene) measured(t *testing.T, warm bool) testkit.Usage {
	t.Helper()
	testkit.NeedsEngine(t)
	type measurement struct {
		sync.Once
		usage testkit.Usage
		done  bool
	}
	stored, _ := measurements.LoadOrStore(fmt.Sprint(c.name(), warm), new(measurement))
	m := stored.(*measurement)
	m.Do(func() {
		m.usage = c.measure(t, warm)
		m.done = true
	})
	if !m.done {
		t.Fatalf("%s failed in another test", c.name())
	}
	return m.usage
}

var measurements sync.Map

func TestBudgets(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			for _, warm := range []bool{false, true} {
				trips, state := c.budget.cold, "cold"
				if warm {
					trips, state = c.budget.warm, "warm"
				}
				used := c.measured(t, warm)
				// On a busy machine requests that are sent together may look as
				// if they were not, but never the other way round.
				for try := 0; used.RoundTrips > trips && try < 3; try++ {
					used = c.measure(t, warm)
				}
				if used.RoundTrips != trips {
					t.Errorf("%s: %d round trips, want %d", state, used.RoundTrips, trips)
				}
				want := c.budget
				if warm && c.operation.RateGroup() != plan.RateNone && !c.operation.RateGroup().BySource() {
					want.requests += counted
					want.capacity += counted
				}
				if used.Requests > want.requests || !warm && used.Requests < want.requests {
					t.Errorf("%s: %d requests, want %d", state, used.Requests, want.requests)
				}
				if used.Capacity > want.capacity {
					t.Errorf("%s: %.1f capacity units, want at most %.1f", state, used.Capacity, want.capacity)
				}
				t.Logf("%s: %d round trips, %d requests, %.1f units", state, used.RoundTrips, used.Requests, used.Capacity)
			}
		})
	}
}

// A request that cannot be served is refused before it costs anything.
func TestBadRequestsCostNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	badChecksum := ana.Token[:35] + "!"
	for name, send := range map[string]func() testkit.Answer{
		"a bad checksum":    func() testkit.Answer { return w.Call(operation.AccountGet, "GET", "/account", badChecksum, nil) },
		"a bad body":        func() testkit.Answer { return w.Call(operation.AccountLogin, "POST", "/account/login", "", "{") },
		"a bad id":          func() testkit.Answer { return w.Call(operation.ProfileGet, "GET", "/profile/x", ana.Token, nil) },
		"an unknown route":  func() testkit.Answer { return w.Call(operation.RouteUnknown, "PATCH", "/profile", ana.Token, nil) },
		"a misrouted event": func() testkit.Answer { return w.Call(operation.ProfileGet, "GET", "/account", ana.Token, nil) },
	} {
		w.Meter.Reset()
		got := send()
		if used := w.Meter.Reset(); used.Requests != 0 || got.Code < 400 || got.Code > 499 {
			t.Errorf("%s: got %d with %d requests", name, got.Code, used.Requests)
		}
	}
}

// Each function may do what its operation does to the table, and nothing else.
// A right to keys of one kind is no right to others, and a right to all keys
// must be needed for more than those.
func TestPoliciesGrantWhatOperationsUse(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	used, mails := map[string]map[string]bool{}, map[string]int{}
	left := map[string]int{} // how many of an operation's scenes were not played
	for _, o := range operation.All() {
		if used[o.Name] = map[string]bool{}; !o.Static {
			left[o.Name] = 1 // until it is known that it has a scene
		}
	}
	var mu sync.Mutex
	for _, c := range scenes {
		left[c.operation.Name] = 0
	}
	t.Run("scenes", func(t *testing.T) {
		for _, c := range scenes {
			for _, warm := range []bool{false, true} {
				if warm && c.operation.Trigger != operation.HTTP {
					break
				}
				left[c.operation.Name]++
				t.Run(c.name(), func(t *testing.T) {
					t.Parallel()
					usage := c.measured(t, warm)
					mu.Lock()
					defer mu.Unlock()
					maps.Copy(used[c.operation.Name], usage.Actions)
					left[c.operation.Name]--
					mails[c.operation.Name] += usage.Mails
				})
			}
		}
	})
	committed, err := os.ReadFile(rightsFile)
	if err != nil {
		t.Fatal(err)
	}
	chosen := strings.Contains(flag.Lookup("test.run").Value.String(), "/")
	if chosen {
		// Some scenes were chosen: what was recorded of operations of which
		// others were left out stays.
		before := map[string][]string{}
		if err := json.Unmarshal(committed, &before); err != nil {
			t.Fatal(err)
		}
		for name := range used {
			if _, known := before[name]; left[name] > 0 && !known {
				delete(used, name)
			} else if left[name] > 0 {
				for _, action := range before[name] {
					used[name][action] = true
				}
			}
		}
	}
	var recorded strings.Builder
	for _, name := range slices.Sorted(maps.Keys(used)) {
		actions, err := json.Marshal(append([]string{}, slices.Sorted(maps.Keys(used[name]))...))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&recorded, ",\n\t%q: %s", name, actions)
	}
	text := "{" + strings.TrimPrefix(recorded.String(), ",") + "\n}\n"
	if *update {
		if err := os.WriteFile(rightsFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return // template.yaml is made of it
	}
	if string(committed) != text {
		t.Error("infra/rights.json is not what operations do; run go test ./shared/operation -run PoliciesGrant -update, and make generate")
	}
	for _, o := range operation.All() {
		if chosen && left[o.Name] > 0 {
			continue
		}
		f, ok := testkit.Template(t).Function(o.Name)
		if !ok {
			t.Errorf("template.yaml has no function %s: run make generate", o.Name)
			continue
		}
		uses := map[string]bool{}
		maps.Copy(uses, used[o.Name])
		if o.Idempotent() {
			uses["dynamodb:UpdateItem K#*"] = true
			uses["dynamodb:UpdateItem"+testkit.Enclosed] = true // the mark is part of the commit
		}
		if takesToken(o) {
			// No scene notes uses; TestWhateverTakesATokenMayNoteItsUse does.
			uses["dynamodb:UpdateItem J#*"], uses["dynamodb:UpdateItem U#*"] = true, true
		}
		if o.Keyed() {
			uses["secretsmanager:GetSecretValue"] = true // when it starts
		}
		if o.Mails {
			uses["ses:SendEmail"] = true
		}
		uses["logs:CreateLogStream"], uses["logs:PutLogEvents"] = true, true
		if o.Trigger != operation.HTTP {
			uses["sqs:SendMessage"] = true // when it failed for good
		}
		if o.Trigger == operation.Stream {
			for _, action := range []string{"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"} {
				uses["dynamodb:"+action] = true
			}
		}
		for _, problem := range excess(f.Policy, uses) {
			t.Errorf("%s: %s", o.Name, problem)
		}
		if len(used[o.Name]) == 0 && !o.Static {
			t.Errorf("%s does nothing to the table in its scenes", o.Name)
		}
		// What a mail carries is sealed.
		if mails[o.Name] > 0 && !o.Keyed() {
			t.Errorf("%s sends mails and is given no secret key", o.Name)
		}
	}
	for _, o := range []operation.Operation{operation.TeamAccept, operation.PasswordRequest, operation.TokenExpire} {
		if mails[o.Name] == 0 && !chosen {
			t.Errorf("%s sends no mail in any scene: the check above would prove nothing", o.Name)
		}
	}
}

// excess compares what statements allow with what is used, and says what is
// missing, and what is too much. A statement with a condition on keys is needed
// when one of the kinds that it names is used: functions share it.
func excess(policy []template.Statement, uses map[string]bool) (problems []string) {
	wide, narrow, enclosed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, statement := range policy {
		if encloses(statement) {
			for _, action := range statement.Actions {
				if enclosed[action] = true; !uses[action+testkit.Enclosed] {
					problems = append(problems, fmt.Sprintf("may %s in transactions and does not", action))
				}
			}
			continue
		}
		keys := statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
		// A condition of that kind holds for a request without the key, too.
		if len(keys) > 0 && !slices.Equal(statement.Condition["Null"]["dynamodb:LeadingKeys"], []string{"false"}) {
			problems = append(problems, "a condition on keys lets requests without a key pass")
		}
		needed := len(keys) == 0
		for _, action := range statement.Actions {
			for _, resource := range statement.Resources {
				streams := action == "dynamodb:ListStreams" && resource == "Table.Arn/stream/*" // those of the one table
				if strings.Contains(resource, "*") && !streams && len(statement.Condition["StringEquals"]["ses:FromAddress"]) == 0 {
					problems = append(problems, fmt.Sprintf("may %s on %s, which is more than one resource", action, resource))
				}
				if strings.HasSuffix(resource, "/index/due") {
					action += "/index"
				}
			}
			if len(keys) == 0 {
				wide[action] = true
			}
			for _, pattern := range keys {
				narrow[action+" "+pattern] = true
				needed = needed || uses[action+" "+pattern]
			}
		}
		if !needed {
			problems = append(problems, fmt.Sprintf("may %s on keys that it does not use: %s", strings.Join(statement.Actions, " "), strings.Join(keys, " ")))
		}
	}
	needed := map[string]bool{}
	for action := range uses {
		if whole, inTransaction := strings.CutSuffix(action, testkit.Enclosed); inTransaction {
			if !wide[whole] && !enclosed[whole] {
				problems = append(problems, fmt.Sprintf("does %s in a transaction, which only a condition on keys allows", whole))
			}
			continue
		}
		if whole, _, _ := strings.Cut(action, " "); !narrow[action] {
			needed[whole] = true
		}
	}
	if w, n := list(wide), list(needed); w != n {
		problems = append(problems, "may "+w+"\n  and uses "+n)
	}
	return problems
}

// The check of policies itself.
func TestExcessOfAPolicy(t *testing.T) {
	t.Parallel()
	const onKeys, notNull = "ForAllValues:StringLike", "Null"
	wide := func(actions ...string) template.Statement {
		return template.Statement{Effect: "Allow", Actions: actions, Resources: []string{"Table.Arn"}}
	}
	narrow := func(actions ...string) template.Statement {
		s := wide(actions...)
		s.Condition = map[string]map[string][]string{onKeys: {"dynamodb:LeadingKeys": {"R#*"}}, notNull: {"dynamodb:LeadingKeys": {"false"}}}
		return s
	}
	inside := func(actions ...string) template.Statement {
		s := wide(actions...)
		s.Condition = map[string]map[string][]string{"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": {"TransactWriteItems"}}}
		return s
	}
	hollow := narrow("dynamodb:UpdateItem")
	delete(hollow.Condition, notNull)
	for _, test := range []struct {
		name   string
		policy []template.Statement
		uses   []string
		wrong  bool
	}{
		{"what it uses", []template.Statement{wide("a", "b")}, []string{"a", "b"}, false},
		{"more than it uses", []template.Statement{wide("a", "b")}, []string{"a"}, true},
		{"less than it uses", []template.Statement{wide("a")}, []string{"a", "b"}, true},
		{"keys of one kind", []template.Statement{narrow("a")}, []string{"a R#*"}, false},
		{"keys of one kind, and it uses others", []template.Statement{narrow("a")}, []string{"a R#*", "a"}, true},
		{"keys of one kind and all keys", []template.Statement{narrow("a"), wide("a")}, []string{"a R#*", "a"}, false},
		{"all keys, where one kind is enough", []template.Statement{narrow("a"), wide("a")}, []string{"a R#*"}, true},
		{"all keys alone, for one kind", []template.Statement{wide("a")}, []string{"a R#*"}, false},
		{"keys that it does not use", []template.Statement{narrow("a"), wide("a")}, []string{"a"}, true},
		{"a transaction that only a condition on keys allows", []template.Statement{narrow("a")}, []string{"a R#*", "a" + testkit.Enclosed}, true},
		{"a transaction that is allowed whatever its keys", []template.Statement{narrow("a"), inside("a")}, []string{"a R#*", "a" + testkit.Enclosed}, false},
		{"a transaction where everything is allowed", []template.Statement{narrow("a"), wide("a")}, []string{"a R#*", "a", "a" + testkit.Enclosed}, false},
		{"transactions that it does not use", []template.Statement{narrow("a"), inside("a")}, []string{"a R#*"}, true},
		{"a condition that holds without a key", []template.Statement{hollow}, []string{"dynamodb:UpdateItem R#*"}, true},
	} {
		uses := map[string]bool{}
		for _, action := range test.uses {
			uses[action] = true
		}
		if got := excess(test.policy, uses); (len(got) > 0) != test.wrong {
			t.Errorf("%s: got %q", test.name, got)
		}
	}
}

func list(set map[string]bool) string {
	var out []string
	for name := range set {
		out = append(out, name)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

// rightsFile has what operations do to the table, by which their roles are
// made.
const rightsFile = root + "/infra/rights.json"

const budgetsFile = root + "/infra/budgets.md"

// The budgets in the documents are those that the tests hold.
func TestBudgetsAreDocumented(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# What each operation costs\n\n" +
		"Generated from `shared/operation/budget_test.go`, which holds every line of it:\n`go test ./shared/operation -run Documented -update`.\n\n" +
		"Round trips are sequential; \"remembered\" is a function that served the same\n" +
		"token before. Capacity is an upper bound in read and write units for small\n" +
		"items. A function that remembers the token also counts the request against the\n" +
		"rate limit of its profile, beside the first reads: one request and one unit more\n" +
		"than the table says, and no round trip.\n\n" +
		"| operation | round trips | remembered | requests | capacity |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range scenes {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %g |\n", c.name(), c.budget.cold, c.budget.warm, c.budget.requests, c.budget.capacity)
	}
	b.WriteString("\nA POST, PUT or DELETE with an Idempotency-Key takes two round trips and two\nrequests more, whatever the operation:\n\n" +
		"| with a key | round trips | requests | capacity |\n| --- | --- | --- | --- |\n" +
		"| the first time: the key is looked up, its idempotency record is one action of the commit, the answer is kept | +2 | +2 | +4 |\n" +
		"| again: the key is looked up, and nothing else | 1 | 1 | 1 for each KB of the answer |\n" +
		"| refused: the key is looked up before and after | +2 | +2 | +2 |\n")
	if *update {
		if err := os.WriteFile(budgetsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(budgetsFile)
	if err != nil || string(got) != b.String() {
		t.Errorf("infra/budgets.md is not what the tests hold; run go test ./shared/operation -run Documented -update (%v)", err)
	}
}

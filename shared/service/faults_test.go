package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/app"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	register "profiles/shared/testkit/scene"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// scene is an operation in a situation where it does all its work, and what
// becomes of it when the table is in trouble.
type scene struct {
	operation operation.Operation
	what      string
	prepare   func(*stage)
	// an HTTP status; of sweeps and deliveries, the one that their error would
	// have
	run func(*stage) int
	// again is the status of the same request repeated by a client that never
	// heard that it had succeeded, 200 when it is 0; any other one says that
	// the work is done.
	again int
	// more is what such a repetition adds, by kinds of items: of operations
	// that make something, another one.
	more string
	// lost is the status when every answer to a write is lost, 503 when it is
	// 0.
	lost int
}

// stage is where a scene plays. Every stage of a scene is the same: ids, codes
// and tokens are counted, so that two tables on which the same happened are
// equal.
type stage struct {
	register.Stage
	place string // what the team's list calls an open invitation
	note  string // a notification
	mail  string // the key of a mail in the outbox

	session string // of a browser of ana's

	ticket testkit.Ticket // of a transfer of the other profile to ben

	reporter testkit.Person // of the data plane
}

// kolkata is where everybody on a stage is.
const kolkata = "Asia/Kolkata"

// stages are those that scenes have prepared.
var stages testkit.Stages[stage]

// newStage returns the stage of a scene, as a function has it that has seen
// ana's token before.
func newStage(t testing.TB, c scene) *stage {
	s, w := stages.Begin(t, c.name(), func() (stage, *testkit.World) {
		w := testkit.New(t)
		numbered(w)
		s := &stage{Stage: register.Stage{World: w, Ana: w.QuickIn(kolkata, "ana"), Ben: w.QuickIn(kolkata, "ben")}}
		s.Sam = s.Agent(s.QuickIn(kolkata, "sam"))
		s.Other = s.Ana.Profile("other")
		s.Ana.Mint(s.Other, "")
		s.Token = s.Ana.Mint(s.Ana.Home, "")
		if c.prepare != nil {
			c.prepare(s)
		}
		return *s, w
	})
	numbered(w)
	s.World = w
	for _, p := range []*testkit.Person{&s.Ana, &s.Ben, &s.Sam, &s.reporter} {
		*p = p.In(w)
	}
	if _, err := s.Tokens.Info(t.Context(), s.Ana.Client()); problem.CodeOf(err) == problem.CodeUnavailable {
		t.Fatal(err)
	}
	return &s
}

// numbered gives a world services whose ids and keys are counted.
func numbered(w *testkit.World) {
	*w.Services = *service.New(service.Config{
		Keys: testkit.Keys, Passwords: testkit.Passwords, Background: w.Background,
		Store: w.Store, Now: w.Now, Mailer: w.Outbox, Log: quiet(),
		NewID: func(time.Time) string { return w.NextID() }, NewKey: w.NextKey,
	})
}

// hurried is a test whose requests have less time than the test.
type hurried struct {
	testing.TB
	ctx context.Context
}

func (h hurried) Context() context.Context { return h.ctx }

type object = map[string]any

// request sends a request with ana's token. HOME, OTHER, TOKEN, CODE, PLACE,
// NOTE, BEN and TICKET stand for what the stage has of them.
func request(o operation.Operation, method, path string, body object) func(*stage) int {
	return requestBy(func(s *stage) testkit.Person { return s.Ana }, o, method, path, body)
}

// bens is request with ben's token.
func bens(o operation.Operation, method, path string, body object) func(*stage) int {
	return requestBy(func(s *stage) testkit.Person { return s.Ben }, o, method, path, body)
}

// sams is request with the token of an agent of the support desk.
func sams(o operation.Operation, method, path string, body object) func(*stage) int {
	return requestBy(func(s *stage) testkit.Person { return s.Sam }, o, method, path, body)
}

// browses sends a request from a page of the service, with the session. SESSION
// stands for the id of it.
func browses(o operation.Operation, method, path string, body object) func(*stage) int {
	return func(s *stage) int {
		s.Helper()
		if s.session != "" {
			path = strings.ReplaceAll(path, "SESSION", string(s.SessionID(s.session)))
		}
		return s.Browse(o, method, path, s.session, body).Code
	}
}

// onePNG is a picture of 8 x 8 pixels.
const onePNG = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAEklEQVR4nGNgTDnxHx9mGBkKAEVxiwEjsp6WAAAAAElFTkSuQmCC"

func prepareLogo(s *stage) {
	s.Helper()
	set := s.Call(operation.ProfileLogoSet, "PUT", "/profile/"+string(s.Ana.Home)+"/logo", s.Ana.Token, object{"image": onePNG})
	var logo struct {
		URL string `json:"logo_url"`
	}
	set.Into(s.World, &logo)
	s.Code = logo.URL
}

// fetchLogo asks for the logo as a browser does: the answer is a picture, or a
// refusal.
func fetchLogo(s *stage) int {
	s.Helper()
	payload, err := json.Marshal(testkit.Event("GET", s.Code))
	s.OK(err)
	raw, err := app.Handler(operation.LogoGet, s.Services).Invoke(s.Context(), payload)
	s.OK(err)
	var answer struct{ StatusCode int }
	s.OK(json.Unmarshal(raw, &answer))
	return answer.StatusCode
}

func prepareSession(s *stage) { s.session = s.Ana.Browser() }

func requestBy(who func(*stage) testkit.Person, o operation.Operation, method, path string, body object) func(*stage) int {
	return func(s *stage) int {
		s.Helper()
		path := strings.NewReplacer("HOME", string(s.Ana.Home), "OTHER", string(s.Other), "TOKEN", s.Token, "CODE", s.Code,
			"PLACE", s.place, "NOTE", s.note, "BEN", string(s.Ben.ID), "TICKET", string(s.ticket.ID)).Replace(path)
		token := who(s).Token
		if o.Access == operation.Anonymous {
			token = ""
		}
		sent := object{}
		for name, value := range body {
			switch value {
			case "HOME":
				value = s.Ana.Home
			case "NOTE":
				value = []string{s.note}
			case "CONFIRM":
				value = s.ticket.Confirm
			case "ANSWER":
				value = s.ticket.Answer
			case "CODE":
				value = s.Code
			}
			sent[name] = value
		}
		return s.statusOf(o, s.Call(o, method, path, token, sent))
	}
}

// statusOf is the HTTP status of an answer in the envelope.
func (s *stage) statusOf(o operation.Operation, got testkit.Answer) int {
	s.Helper()
	if (got.Message == "") != (got.Code == http.StatusOK) || got.Status != (got.Code == http.StatusOK) {
		s.Errorf("%s answers %d with status %v and the message %q", o.Name, got.Code, got.Status, got.Message)
	}
	return got.Code
}

// sweep runs a scheduled operation as Lambda does.
func sweep(o operation.Operation) func(*stage) int {
	return func(s *stage) int {
		s.Helper()
		_, err := app.Handler(o, s.Services).Invoke(s.Context(), []byte("{}"))
		return statusOf(err)
	}
}

// statusOf is the HTTP status that an error would have.
func statusOf(err error) int {
	return map[problem.Code]int{
		"": http.StatusOK, problem.CodeInvalid: http.StatusBadRequest, problem.CodeConflict: http.StatusConflict,
		problem.CodeUnavailable: http.StatusServiceUnavailable, problem.CodeInternal: http.StatusInternalServerError,
	}[problem.CodeOf(err)]
}

func prepareSignUp(s *stage) { s.Code = waiting(s.World, zoe) }

func prepareInvitation(s *stage) {
	s.Code = invited(s.World, s.Ana, s.Ben.Email)
	s.place = members(s.World, s.Ana)[0].ID()
	offers, err := s.Notifications.List(s.Context(), s.Ben.Client(), service.NotificationQuery{Page: 1, Amount: 1})
	s.OK(err)
	s.note = string(offers[0].ID)
}

func prepareMember(s *stage) { s.Share(s.Ana.Home, s.Ben, tenancy.PermissionFull) }

// another is a password that no account has.
const another = "cobalt heron thimble"

// mailed leaves the code of the latest mail of a kind to an address.
func (s *stage) mailed(to value.Email, kind mailing.Kind) {
	s.Code = ""
	for _, m := range s.Mail(to) {
		if m.Kind == kind {
			s.Code = m.Data["code"]
		}
	}
	if s.Code == "" {
		s.Fatalf("%s got no mail of the kind %s", to, kind)
	}
}

func prepareAuthenticator(s *stage) { s.Code = s.Ana.Authenticator().Next() }

func prepareMailFactor(s *stage) {
	_, err := s.Accounts.EnableFactor(s.Context(), s.Ana.Client(), "email", string(s.Ana.Email), service.Credentials{Password: testkit.Password})
	s.OK(err)
	for _, m := range s.Mail(s.Ana.Email) {
		if m.Kind == mailing.KindPin {
			_, err = s.Accounts.ConfirmFactor(s.Context(), s.Ana.Client(), "email", m.Data["pin"])
			s.OK(err)
		}
	}
}

// withPin sends a fresh proof with the pin of the stage.
func withPin(o operation.Operation, path string) func(*stage) int {
	return func(s *stage) int {
		return s.Call(o, "POST", path, s.Ana.Token, object{"email": s.Ana.Email, "password": testkit.Password, "pin_code": s.Code}).Code
	}
}

func preparePassword(s *stage) {
	s.OK(s.Accounts.RequestPassword(s.Context(), s.Ana.Client(), string(s.Ana.Email)))
	s.mailed(s.Ana.Email, mailing.KindPasswordReset)
}

// prepareEmail leaves the code for another address of ana, who is a member of a
// team.
func prepareEmail(s *stage) {
	s.Share(s.Ben.Home, s.Ana, tenancy.PermissionFull)
	s.OK(s.Accounts.RequestEmail(s.Context(), s.Ana.Client(), zoe, service.Credentials{Password: testkit.Password}))
	s.mailed(zoe, mailing.KindEmailConfirm)
}

func prepareUndo(s *stage) {
	prepareEmail(s)
	s.OK(s.Accounts.ConfirmEmail(s.Context(), service.Client{}, s.Code))
	s.mailed(s.Ana.Email, mailing.KindEmailChanged)
	s.Advance(time.Hour)
}

// prepareDeparture leaves a deleted account that had two profiles, one of them
// shared and one offered, and was a member, invited and offered another one.
func prepareDeparture(s *stage) {
	prepareMember(s)
	prepareTransfer(s)
	s.Share(s.Ben.Home, s.Ana, tenancy.PermissionFull)
	invited(s.World, s.Sam, s.Ana.Email)
	bens := s.Ben.Profile("bens")
	s.Offer(bens, s.Ben, s.Ana.Email)
	s.OK(s.Accounts.Delete(s.Context(), s.Ana.Client(), service.Credentials{Password: testkit.Password}))
}

// prepareSpan leaves a token that ends before ana's.
func prepareSpan(s *stage) { s.Token = s.Ana.Mint(s.Ana.Home, "1 month") }

// rotate rotates the token with ana's, and leaves the new one.
func (s *stage) rotate(grace string) {
	rotated, err := s.Tokens.Rotate(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, service.Rotation{Token: s.Token, Grace: grace})
	s.OK(err)
	s.Token = rotated.Text
}

// prepareReuse leaves the use of a token that was rotated twice.
func prepareReuse(s *stage) {
	prepareSpan(s)
	spent := s.Token
	s.rotate("0")
	s.rotate("7 days")
	_, err := s.Tokens.Info(s.Context(), testkit.ClientOf(spent))
	s.Refused(err, problem.CodeUnauthenticated)
}

// prepareLog leaves an entry in the log of ana's first profile.
func prepareLog(s *stage) {
	if got := request(operation.ProfileEdit, "PUT", "/profile/HOME", object{"name": "renamed"})(s); got != http.StatusOK {
		s.Fatalf("edit: got %d", got)
	}
	s.Advance(time.Second)
}

// prepareOwnLog leaves an entry in the log of ana's account.
func prepareOwnLog(s *stage) {
	if got := request(operation.AccountEdit, "PUT", "/account", object{"name": "renamed"})(s); got != http.StatusOK {
		s.Fatalf("edit: got %d", got)
	}
	s.Advance(time.Second)
}

// prepareUnsealed leaves an entry that waits for its seal in the log of ana's
// first profile, and its key in mail.
func prepareUnsealed(s *stage) {
	prepareLog(s)
	for _, it := range s.Items() {
		if strings.HasPrefix(it.PK, "L#"+string(s.Ana.Home)+"#") {
			s.mail = it.PK + " " + it.SK
		}
	}
}

func sealing(s *stage) int {
	pk, sk, _ := strings.Cut(s.mail, " ")
	return statusOf(operation.AuditSeal.Handle(s.Context(), s.Services, operation.Record{PK: pk, SK: sk, Written: testkit.Start}))
}

func prepareNotification(s *stage) {
	id, err := s.Notifications.Create(s.Context(), s.Ana.Client(), "title", "message", false)
	s.OK(err)
	s.note = string(id)
}

func prepareMail(s *stage) {
	tx := s.Store.Begin()
	id := s.NextID()
	m := mailing.Message{ID: mailing.ID(id), Kind: mailing.KindAccountExists, To: zoe, Data: map[string]string{"name": "Zoe"}, Created: s.Now()}
	tx.Send(m, service.SealMail(testkit.Keys, m))
	s.OK(tx.CommitAside(s.Context(), store.Origin{}))
	s.mail = "O#" + id
	s.Advance(time.Hour)
}

// What the two sides prove themselves with.
var (
	confirming = object{"code": "CONFIRM", "password": testkit.Password}
	answering  = object{"code": "ANSWER", "password": testkit.Password}
)

func prepareTransfer(s *stage) { s.ticket = s.Offer(s.Other, s.Ana, s.Ben.Email) }

func prepareMoved(s *stage) {
	s.ticket.ID = s.Move(s.Other, s.Ana, s.Ben, s.Sam)
	s.Advance(time.Hour)
}

func (s *stage) confirm() {
	_, err := s.Transfers.Confirm(s.Context(), s.Ana.Client(), s.ticket.ID, s.ticket.Confirm, service.Credentials{Password: testkit.Password})
	s.OK(err)
}

func (s *stage) accept() {
	_, err := s.Transfers.Accept(s.Context(), s.Ben.Client(), s.ticket.ID, s.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
	s.OK(err)
}

func (s *stage) approve() {
	_, err := s.Desk.Approve(s.Context(), s.Sam.Client(), s.ticket.ID)
	s.OK(err)
}

// plane is an account of the operator's data plane.
func plane(s *stage) testkit.Person { return s.reporter }

func prepareDataPlane(s *stage) {
	s.reporter = s.Quick("plane")
	_, err := s.Operator.SetType(s.Context(), string(s.reporter.Email), tenancy.AccountService)
	s.OK(err)
}

func prepareUse(s *stage) {
	prepareDataPlane(s)
	if got := report("a", 1)(s); got != http.StatusOK {
		s.Fatalf("report: got %d", got)
	}
}

// report reports use of ana's first profile.
func report(event string, amount int) func(*stage) int {
	return requestBy(plane, operation.UsageReport, "POST", "/usage/HOME", object{"lines": []object{{"service": "input", "amount": amount, "event": event}}})
}

// payNothing gives persons the plan free.
func (s *stage) payNothing(those ...testkit.Person) {
	for _, p := range those {
		batch := s.Store.Batch()
		account := batch.Account(p.ID)
		s.OK(batch.Get(s.Context()))
		account.Value.Plan, account.Value.PaidUntil = plan.Free, time.Time{}
		tx := s.Store.Begin()
		tx.Reallocate(account.Value, s.Now(), account.Value.ProfileIDs()...)
		s.OK(tx.CommitAside(s.Context(), store.Origin{}))
	}
}

func prepareFree(s *stage) {
	s.payNothing(s.Ana)
	s.Advance(time.Minute)
}

func prepareCharges(s *stage) {
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), tenancy.SubscriptionEdit{Services: map[plan.Service]int64{
		plan.ServiceInput: 3_000_000, plan.ServiceSMS: 100,
	}}))
	s.Advance(time.Hour)
}

func prepareAddon(s *stage) {
	s.OK(s.Billing.EditAddons(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, map[plan.Addon]bool{plan.AddonMobile: true}))
	s.Advance(time.Hour)
}

// prepareSchedule leaves a lower plan, less of a service and an add-on less for
// the renewal.
func prepareSchedule(s *stage) {
	prepareCharges(s)
	prepareAddon(s)
	chosen := plan.Starter
	for _, e := range []tenancy.SubscriptionEdit{
		{Plan: &chosen}, {Services: map[plan.Service]int64{plan.ServiceInput: 1_000_000}}, {Addons: map[plan.Addon][]value.ProfileID{plan.AddonMobile: {}}},
	} {
		s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(), e))
	}
}

// denied takes the answer that an operation always gives for its success.
func denied(status int, run func(*stage) int) func(*stage) int {
	return func(s *stage) int {
		if got := run(s); got != status {
			return got
		}
		return http.StatusOK
	}
}

// listed is request with a body that is a list.
func listed(o operation.Operation, body func(*stage) []object) func(*stage) int {
	return func(s *stage) int {
		s.Helper()
		return s.Call(o, o.Routes[0].Method, o.Routes[0].Path, s.Ana.Token, body(s)).Code
	}
}

// scenes are all operations that touch the table: those of the register, and
// those that need a stage of their own.
func scenes() []scene { return append(registered(), ownScenes()...) }

func registered() (out []scene) {
	for _, c := range register.All() {
		one := scene{
			operation: c.Operation, what: c.What, again: c.Again, more: c.More,
			run: func(s *stage) int { return s.statusOf(c.Operation, c.Run(&s.Stage)) },
		}
		if c.Prepare != nil {
			one.prepare = func(s *stage) { c.Prepare(&s.Stage) }
		}
		out = append(out, one)
	}
	return out
}

func ownScenes() []scene {
	password, anasAddress, bensAddress := testkit.Password, "ana@example.com", "ben@example.com"
	return []scene{
		{operation: operation.AccountCreate, run: request(operation.AccountCreate, "POST", "/account", object{
			"name": "Zoe", "email": zoe, "password": password, "cpassword": password,
		}), more: "C/C+1 O/O+1"},
		{operation: operation.AccountCreate, what: "an address that waits", prepare: prepareSignUp, run: request(operation.AccountCreate, "POST", "/account", object{
			"name": "Zoe", "email": zoe, "password": password, "cpassword": password,
		}), more: "C/C+1 O/O+1"},
		{operation: operation.AccountConfirm, prepare: prepareSignUp, run: request(operation.AccountConfirm, "GET", "/account/confirm/CODE", nil), again: 400},
		{operation: operation.AccountResend, prepare: prepareSignUp, run: request(operation.AccountResend, "GET", "/account/resend_confirmation/"+zoe, nil), more: "C/C+1 O/O+1"},
		{operation: operation.AccountLogin, run: request(operation.AccountLogin, "POST", "/account/login", object{"email": anasAddress, "password": password}), more: "L+1"},
		{operation: operation.SessionCreate, run: browses(operation.SessionCreate, "POST", "/console/session", object{
			"email": anasAddress, "password": password,
		}), more: "A/S+1 L+1"},
		{operation: operation.SessionCreate, what: "in a browser with a session", prepare: prepareSession, run: browses(operation.SessionCreate, "POST", "/console/session", object{
			"email": anasAddress, "password": password,
		}), more: "A/S+1 L+1"},
		{operation: operation.SessionCreate, what: "in a browser with another's session", prepare: prepareSession, run: browses(operation.SessionCreate, "POST", "/console/session", object{
			"email": bensAddress, "password": password,
		}), more: "A/S+1 L+1"},
		{operation: operation.SessionGet, prepare: prepareSession, run: browses(operation.SessionGet, "GET", "/console/session", nil)},
		{operation: operation.SessionExtend, prepare: prepareSession, run: browses(operation.SessionExtend, "POST", "/console/session/extend", nil)},
		{operation: operation.SessionDelete, prepare: prepareSession, run: browses(operation.SessionDelete, "DELETE", "/console/session", nil), again: 401},
		{operation: operation.SessionList, prepare: prepareSession, run: browses(operation.SessionList, "GET", "/account/session", nil)},
		{operation: operation.SessionRevoke, prepare: func(s *stage) {
			prepareSession(s)
			s.Code = string(s.SessionID(s.Ana.Browser()))
		}, run: request(operation.SessionRevoke, "DELETE", "/account/session/CODE", nil), again: 404},
		{operation: operation.SessionRevokeOthers, prepare: func(s *stage) {
			s.Ana.Browser()
			prepareSession(s)
		}, run: browses(operation.SessionRevokeOthers, "DELETE", "/account/session", nil)},
		{operation: operation.AccountTokenCreate, run: request(operation.AccountTokenCreate, "POST", "/account/profile/token", object{
			"profile_id": "HOME", "email": anasAddress, "password": password, "name": "x",
		}), more: "L+2 P/T+1 T/T+1"},
		// Each step whose answer is lost is done, and the others go on; the
		// last one, which waits for all of them, is left to the next run.
		{operation: operation.AccountPurge, prepare: prepareDeparture, run: sweep(operation.AccountPurge), more: "D/A-1 E/former-1 L+1 O/O+1"},
		{operation: operation.OverviewGet, run: request(operation.OverviewGet, "GET", "/account/overview", nil)},
		{operation: operation.ProfileLogoSet, run: request(operation.ProfileLogoSet, "PUT", "/profile/HOME/logo", object{"image": onePNG}), more: "L+1"},
		{operation: operation.LogoGet, prepare: prepareLogo, run: fetchLogo},
		{operation: operation.ProfileEdit, what: "that removes a logo", prepare: prepareLogo, run: request(operation.ProfileEdit, "PUT", "/profile/HOME", object{"logo_url": nil}), more: "L+1"},
		{operation: operation.ProfilePurge, prepare: func(s *stage) {
			s.OK(s.Profiles.Delete(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Other}, service.Credentials{Password: password}))
		}, run: sweep(operation.ProfilePurge)},
		{operation: operation.TokenCreate, run: request(operation.TokenCreate, "POST", "/profile/HOME/token", object{
			"name": "x", "permission": "read", "email": anasAddress, "password": password,
		}), more: "L+1 P/T+1 T/T+1"},
		{operation: operation.TokenRotate, prepare: prepareSpan, run: request(operation.TokenRotate, "POST", "/profile/HOME/token/TOKEN/rotate", object{"grace": "1 day"}), again: 409},
		{operation: operation.TokenRotate, what: "at once", prepare: prepareSpan, run: request(operation.TokenRotate, "POST", "/profile/HOME/token/TOKEN/rotate", nil), again: 409},
		{operation: operation.TokenRotate, what: "with a password", prepare: func(s *stage) {
			s.Token = s.Ana.Mint(s.Ana.Home, "never")
		}, run: request(operation.TokenRotate, "POST", "/profile/HOME/token/TOKEN/rotate", object{"password": password}), again: 409},
		{operation: operation.TokenRotate, what: "whose predecessor has grace", prepare: func(s *stage) {
			prepareSpan(s)
			s.rotate("7 days")
		}, run: request(operation.TokenRotate, "POST", "/profile/HOME/token/TOKEN/rotate", object{"grace": "1 day"}), again: 409},
		{operation: operation.TokenReuse, prepare: prepareReuse, run: sweep(operation.TokenReuse)},
		{operation: operation.TokenExpire, what: "a reminder", prepare: func(s *stage) {
			s.Ana.Mint(s.Ana.Home, "14 days")
			s.Advance(7 * 24 * time.Hour)
		}, run: sweep(operation.TokenExpire)},
		{operation: operation.TokenExpire, what: "after a grace", prepare: func(s *stage) {
			prepareSpan(s)
			s.rotate("1 hour")
			s.Advance(time.Hour)
		}, run: sweep(operation.TokenExpire)},
		{operation: operation.TokenDelete, what: "by the old route", run: request(operation.TokenDelete, "DELETE", "/profile/token/TOKEN", nil), again: 404},
		{operation: operation.TokenEdit, run: request(operation.TokenEdit, "PUT", "/profile/HOME/token/TOKEN", object{"name": "x", "allow_list": []string{"192.0.2.1"}})},
		{operation: operation.TokenEdit, what: "enabling", prepare: func(s *stage) {
			disabled := true
			s.OK(s.Tokens.Edit(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, s.Token, tenancy.TokenEdit{Disabled: &disabled}, service.Credentials{}))
		}, run: request(operation.TokenEdit, "PUT", "/profile/HOME/token/TOKEN", object{"disabled": false, "password": password})},
		{operation: operation.TokenPolicySet, run: request(operation.TokenPolicySet, "PUT", "/profile/HOME/token_policy", object{"longest_days": 30})},
		{operation: operation.TokenPolicySet, what: "looser", prepare: func(s *stage) {
			days := 30
			s.OK(s.Profiles.SetTokenPolicy(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, tenancy.TokenPolicyEdit{LongestDays: &days}, service.Credentials{}))
		}, run: request(operation.TokenPolicySet, "PUT", "/profile/HOME/token_policy", object{"longest_days": nil, "password": password})},
		// A sweep that meets contention leaves the token to the next run, where
		// it is dead as before.
		{operation: operation.TokenExpire, prepare: func(s *stage) {
			s.Ana.Mint(s.Ana.Home, "1 hour")
			s.Ana.Mint(s.Ana.Home, "1 hour")
			s.Advance(time.Hour)
			// it looks at each token again, and finds it gone
		}, run: sweep(operation.TokenExpire), lost: 200},
		{operation: operation.PasswordRequest, run: request(operation.PasswordRequest, "GET", "/account/passwordreset/"+anasAddress, nil), more: "C/S+1 O/O+1"},
		{operation: operation.PasswordRequest, what: "no account", run: request(operation.PasswordRequest, "GET", "/account/passwordreset/"+zoe, nil)},
		{operation: operation.PasswordSet, what: "with a code", prepare: preparePassword, run: func(s *stage) int {
			return s.Call(operation.PasswordSet, "POST", "/account/passwordreset", s.Code, object{"password": another}).Code
		}, again: 401},
		{operation: operation.PasswordSet, what: "with the code of a sign-up", prepare: prepareSignUp, run: func(s *stage) int {
			return s.Call(operation.PasswordSet, "POST", "/account/passwordreset", s.Code, object{"password": another}).Code
		}, again: 401},
		{operation: operation.EmailConfirm, what: "over a sign-up", prepare: func(s *stage) {
			prepareEmail(s)
			waiting(s.World, zoe)
		}, run: request(operation.EmailConfirm, "POST", "/account/email/confirm", object{"code": "CODE"}), again: 400},
		// The password that the repetition gives as the current one is not that
		// any more.
		{operation: operation.PasswordSet, run: request(operation.PasswordSet, "POST", "/account/passwordreset", object{
			"password": another, "current_password": password,
		}), again: 401, more: "L+1"}, // a failed proof leaves a trace
		{operation: operation.AccountLogin, what: "with a pin", prepare: prepareAuthenticator, run: withPin(operation.AccountLogin, "/account/login"), again: 401, more: "L+1"},
		{operation: operation.OtpRequest, prepare: prepareMailFactor, run: request(operation.OtpRequest, "POST", "/account/login/otp", object{
			"email": anasAddress, "password": password, "otp_type": "email",
		}), more: "O/O+1"},
		{operation: operation.OtpEnable, run: request(operation.OtpEnable, "POST", "/account/otp/authenticator/enable", object{"email": anasAddress, "password": password}), more: "L+1"},
		{operation: operation.OtpConfirm, prepare: func(s *stage) {
			setup, err := s.Accounts.EnableFactor(s.Context(), s.Ana.Client(), "authenticator", string(s.Ana.Email), service.Credentials{Password: password})
			s.OK(err)
			s.Code = testkit.AppOf(s.World, setup.URL).Now()
		}, run: withPin(operation.OtpConfirm, "/account/otp/authenticator/confirm"), again: 400},
		{operation: operation.OtpDisable, prepare: prepareAuthenticator, run: withPin(operation.OtpDisable, "/account/otp/authenticator/disable"), again: 400},
		{operation: operation.OtpRecovery, prepare: prepareAuthenticator, run: withPin(operation.OtpRecovery, "/account/otp/recovery"), again: 401, more: "L+1"},
		{operation: operation.EmailRequest, run: request(operation.EmailRequest, "POST", "/account/email", object{"email": zoe, "password": password}), more: "C/S+1 L+1 O/O+2"},
		{operation: operation.EmailConfirm, prepare: prepareEmail, run: request(operation.EmailConfirm, "POST", "/account/email/confirm", object{"code": "CODE"}), again: 400},
		{operation: operation.EmailUndo, prepare: prepareUndo, run: request(operation.EmailUndo, "POST", "/account/email/undo", object{"code": "CODE"}), again: 400},
		{operation: operation.TokenRevokeAll, prepare: prepareMember, run: request(operation.TokenRevokeAll, "DELETE", "/profile/OTHER/token", nil), more: "L+1"},
		// The calling token is one of them.
		{operation: operation.TokenRevokeAll, what: "its own too", prepare: prepareMember, run: request(operation.TokenRevokeAll, "DELETE", "/profile/HOME/token", nil), again: 401},
		{operation: operation.TokenRevokeMember, prepare: func(s *stage) {
			prepareMember(s)
			s.Ben.Mint(s.Ana.Home, "")
		}, run: request(operation.TokenRevokeMember, "DELETE", "/profile/HOME/team/BEN/token", nil), more: "L+1"},
		// The tokens are gone with the write whose answer is lost; what was to
		// be reclaimed is left to the next run.
		{operation: operation.ProfilePurge, what: "of revoked tokens", prepare: func(s *stage) {
			s.Ana.Mint(s.Other, "")
			s.OK(s.Tokens.RevokeAll(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Other}))
		}, run: sweep(operation.ProfilePurge), more: "D/M-1"},
		{operation: operation.TokenLeaked, run: func(s *stage) int {
			return request(operation.TokenLeaked, "POST", "/token/leaked", object{"token": s.Token})(s)
		}},
		{operation: operation.AuditGet, prepare: prepareLog, run: request(operation.AuditGet, "GET", "/profile/HOME/auditlog?find=*", nil)},
		{operation: operation.AccountAuditGet, prepare: prepareOwnLog, run: request(operation.AccountAuditGet, "GET", "/account/auditlog", nil)},
		{operation: operation.AccountAuditQuery, prepare: prepareOwnLog, run: request(operation.AccountAuditQuery, "GET", "/account/auditlog/cT8", nil)},
		{operation: operation.AuditSeal, what: "the first entry", prepare: prepareUnsealed, run: sealing},
		{operation: operation.AuditSeal, what: "another entry", prepare: func(s *stage) {
			prepareUnsealed(s)
			sealing(s)
			prepareUnsealed(s)
		}, run: sealing},
		{operation: operation.AuditQuery, prepare: prepareLog, run: request(operation.AuditQuery, "GET", "/profile/HOME/auditlog/cT8", nil)},
		{operation: operation.TeamInvite, run: request(operation.TeamInvite, "POST", "/profile/HOME/team", object{"email": "ben@example.com"}), again: 429},
		{operation: operation.TeamInvite, what: "no account", run: request(operation.TeamInvite, "POST", "/profile/HOME/team", object{"email": zoe}), again: 429},
		{operation: operation.TeamInvite, what: "again", prepare: func(s *stage) {
			prepareInvitation(s)
			s.Advance(time.Minute)
		}, run: request(operation.TeamInvite, "POST", "/profile/HOME/team", object{"email": "ben@example.com"}), again: 429},
		{operation: operation.TeamList, prepare: prepareInvitation, run: request(operation.TeamList, "GET", "/profile/HOME/team", nil)},
		{operation: operation.TeamRemove, what: "leaving", prepare: prepareMember, run: bens(operation.TeamRemove, "DELETE", "/profile/HOME/team/BEN", nil), again: 404},
		{operation: operation.TeamRemove, what: "an invitation", prepare: prepareInvitation, run: request(operation.TeamRemove, "DELETE", "/profile/HOME/team/PLACE", nil), again: 404},
		{operation: operation.TeamAccept, prepare: prepareInvitation, run: request(operation.TeamAccept, "GET", "/profile/team/accept/CODE", nil), again: 400},
		{operation: operation.TeamDecline, prepare: prepareInvitation, run: request(operation.TeamDecline, "GET", "/profile/team/decline/CODE", nil), again: 400},
		{operation: operation.InvitationAccept, prepare: prepareInvitation, run: bens(operation.InvitationAccept, "POST", "/profile/team/accept/CODE", nil), again: 400},
		{operation: operation.InvitationDecline, prepare: prepareInvitation, run: bens(operation.InvitationDecline, "POST", "/profile/team/decline/CODE", nil), again: 400},
		// A sweep that meets contention leaves the invitation to the next run;
		// it has ended by the clock.
		{operation: operation.TeamExpire, what: "a reminder", prepare: func(s *stage) {
			prepareInvitation(s)
			s.Advance(tenancy.InvitationLife - tenancy.InvitationReminder)
		}, run: sweep(operation.TeamExpire)},
		{operation: operation.TeamExpire, what: "an end", prepare: func(s *stage) {
			prepareInvitation(s)
			s.Advance(tenancy.InvitationLife)
		}, run: sweep(operation.TeamExpire)},
		{operation: operation.NotificationList, prepare: prepareNotification, run: request(operation.NotificationList, "GET", "/notification", nil)},
		{operation: operation.NotificationRead, prepare: prepareNotification, run: request(operation.NotificationRead, "PUT", "/notification/read", object{"notification_ids": "NOTE"})},
		{operation: operation.NotificationReadAll, prepare: prepareNotification, run: request(operation.NotificationReadAll, "PUT", "/notification/markallread", nil)},
		{operation: operation.NotificationAction, prepare: prepareInvitation, run: bens(operation.NotificationAction, "PUT", "/notification/NOTE/accept", nil), again: 400},
		{operation: operation.NotificationDelete, prepare: prepareNotification, run: request(operation.NotificationDelete, "DELETE", "/notification/NOTE", nil), again: 404},
		{operation: operation.ProfilePurge, what: "a former member", prepare: func(s *stage) {
			prepareMember(s)
			s.Ben.Mint(s.Ana.Home, "")
			s.OK(s.Teams.Remove(s.Context(), s.Ana.Client(), service.ProfileRef{ID: s.Ana.Home}, string(s.Ben.ID)))
		}, run: sweep(operation.ProfilePurge)},
		{operation: operation.ProfileDelete, what: "with an open transfer", prepare: prepareTransfer,
			run: request(operation.ProfileDelete, "DELETE", "/profile/OTHER", object{"password": password}), again: 404},
		{operation: operation.TransferRequest, run: request(operation.TransferRequest, "POST", "/profile/OTHER/transfer", object{
			"email": "ben@example.com", "password": password,
		}), again: 409},
		{operation: operation.TransferRequest, what: "no account", run: request(operation.TransferRequest, "POST", "/profile/OTHER/transfer", object{
			"email": zoe, "password": password,
		}), again: 409},
		{operation: operation.TransferCheck, prepare: prepareTransfer, run: request(operation.TransferCheck, "GET", "/profile/OTHER/transfer", nil)},
		{operation: operation.TransferCancel, prepare: prepareTransfer, run: request(operation.TransferCancel, "DELETE", "/profile/OTHER/transfer", nil), again: 404},
		{operation: operation.TransferList, prepare: prepareTransfer, run: bens(operation.TransferList, "GET", "/transfer", nil)},
		{operation: operation.TransferGet, prepare: prepareTransfer, run: bens(operation.TransferGet, "GET", "/transfer/TICKET", nil)},
		{operation: operation.TransferMail, prepare: prepareTransfer, run: request(operation.TransferMail, "POST", "/transfer/TICKET/mail", nil), again: 429},
		{operation: operation.TransferConfirm, prepare: prepareTransfer, run: request(operation.TransferConfirm, "POST", "/transfer/TICKET/confirm", confirming)},
		{operation: operation.TransferConfirm, what: "moves the profile", prepare: func(s *stage) {
			prepareTransfer(s)
			s.accept()
			s.approve()
		}, run: request(operation.TransferConfirm, "POST", "/transfer/TICKET/confirm", confirming)},
		{operation: operation.TransferAccept, prepare: prepareTransfer, run: bens(operation.TransferAccept, "POST", "/transfer/TICKET/accept", answering)},
		{operation: operation.TransferAccept, what: "moves the profile", prepare: func(s *stage) {
			prepareTransfer(s)
			s.confirm()
			s.approve()
		}, run: bens(operation.TransferAccept, "POST", "/transfer/TICKET/accept", answering)},
		{operation: operation.TransferDecline, prepare: prepareTransfer, run: bens(operation.TransferDecline, "POST", "/transfer/TICKET/decline", answering)},
		{operation: operation.TransferRevert, what: "asks", prepare: prepareMoved,
			run: request(operation.TransferRevert, "POST", "/transfer/TICKET/revert", object{"password": password})},
		{operation: operation.TransferRevert, what: "returns the profile", prepare: func(s *stage) {
			prepareMoved(s)
			_, err := s.Transfers.Revert(s.Context(), s.Ana.Client(), s.ticket.ID, service.Credentials{Password: password})
			s.OK(err)
		}, run: bens(operation.TransferRevert, "POST", "/transfer/TICKET/revert", object{"password": password})},
		// A sweep that meets contention leaves the transfer to the next run; it
		// has ended by the clock.
		{operation: operation.TransferExpire, what: "a reminder", prepare: func(s *stage) {
			prepareTransfer(s)
			s.Advance(transfer.Life / 2)
		}, run: sweep(operation.TransferExpire)},
		{operation: operation.TransferExpire, what: "an end", prepare: func(s *stage) {
			prepareTransfer(s)
			s.Advance(transfer.Life)
		}, run: sweep(operation.TransferExpire)},
		{operation: operation.TransferExpire, what: "a move after a hold", prepare: func(s *stage) {
			s.Secure(s.Ana)
			prepareTransfer(s)
			s.confirm()
			s.accept()
			s.approve()
			s.Advance(transfer.SecurityHold)
		}, run: sweep(operation.TransferExpire)},
		{operation: operation.DeskList, prepare: prepareTransfer, run: sams(operation.DeskList, "GET", "/desk/transfer", nil)},
		{operation: operation.DeskGet, prepare: prepareTransfer, run: sams(operation.DeskGet, "GET", "/desk/transfer/TICKET", nil)},
		{operation: operation.DeskApprove, prepare: prepareTransfer, run: sams(operation.DeskApprove, "POST", "/desk/transfer/TICKET/approve", nil)},
		{operation: operation.DeskApprove, what: "moves the profile", prepare: func(s *stage) {
			prepareTransfer(s)
			s.confirm()
			s.accept()
		}, run: sams(operation.DeskApprove, "POST", "/desk/transfer/TICKET/approve", nil)},
		{operation: operation.DeskReject, prepare: prepareTransfer, run: sams(operation.DeskReject, "POST", "/desk/transfer/TICKET/reject", object{"reason": "x"})},
		{operation: operation.DeskNote, prepare: prepareTransfer, run: sams(operation.DeskNote, "POST", "/desk/transfer/TICKET/note", object{
			"kind": "question", "text": "x",
		}), more: "L+1 O/O+1"},
		{operation: operation.DeskExtend, prepare: func(s *stage) {
			prepareTransfer(s)
			s.Advance(time.Hour)
		}, run: sams(operation.DeskExtend, "POST", "/desk/transfer/TICKET/extend", nil)},
		{operation: operation.DeskRevert, prepare: prepareMoved, run: sams(operation.DeskRevert, "POST", "/desk/transfer/TICKET/revert", nil)},
		// The same plan, limit or add-on again is charged nothing more; that it
		// was asked for is one more entry of the audit log.
		{operation: operation.SubscriptionEdit, what: "the first plan", prepare: prepareFree,
			run: request(operation.SubscriptionEdit, "POST", "/account/subscription", object{"plan": "scale"}), more: "L+1"},
		{operation: operation.SubscriptionEdit, what: "services", run: request(operation.SubscriptionEdit, "POST", "/account/subscription", object{
			"services": object{"input": object{"limit": 3_000_000}, "sms": object{"limit": 100}},
		}), more: "L+1"},
		{operation: operation.SubscriptionEdit, what: "add-ons", run: func(s *stage) int {
			return request(operation.SubscriptionEdit, "POST", "/account/subscription", object{
				"addons": object{"mobile": []value.ProfileID{s.Ana.Home, s.Other}},
			})(s)
		}, more: "L+1"},
		{operation: operation.SubscriptionSchedule, prepare: prepareSchedule, run: request(operation.SubscriptionSchedule, "GET", "/account/subscription/schedule", nil)},
		{operation: operation.SubscriptionScheduleCancel, prepare: prepareSchedule, run: request(operation.SubscriptionScheduleCancel, "DELETE", "/account/subscription/schedule", nil), again: 400},
		// A sweep that meets contention leaves the renewal to the next run.
		{operation: operation.SubscriptionRenew, prepare: func(s *stage) {
			s.payNothing(s.Ben, s.Sam)
			s.Advance(31 * 24 * time.Hour)
		}, run: sweep(operation.SubscriptionRenew)},
		{operation: operation.SubscriptionRenew, what: "as scheduled", prepare: func(s *stage) {
			prepareSchedule(s)
			s.payNothing(s.Ben, s.Sam)
			s.Advance(31 * 24 * time.Hour)
		}, run: sweep(operation.SubscriptionRenew)},
		{operation: operation.PaymentRetry, what: "to cancel", run: denied(400, request(operation.PaymentRetry, "POST", "/account/subscription/pending/cancel", nil))},
		{operation: operation.PaymentMethodEdit, what: "to remove", run: denied(400, request(operation.PaymentMethodEdit, "DELETE", "/account/payment_method/", nil))},
		{operation: operation.BillingEdit, what: "a field is cleared", run: request(operation.BillingEdit, "PUT", "/account/billing", object{"company": "Acme", "city": nil}), more: "L+1"},
		{operation: operation.PaymentHistory, prepare: prepareCharges, run: request(operation.PaymentHistory, "GET", "/account/payment_history", nil)},
		{operation: operation.AllocationEdit, run: listed(operation.AllocationEdit, func(s *stage) []object {
			return []object{{"profile": s.Ana.Home, "input": 400_000}, {"profile": s.Other, "input": 600_000}}
		}), more: "L+1"},
		{operation: operation.AddonEdit, what: "two", run: request(operation.AddonEdit, "POST", "/profile/HOME/addons", object{"mobile": true, "custom_dns": true}), more: "L+1"},
		{operation: operation.AddonRemove, prepare: prepareAddon, run: request(operation.AddonRemove, "DELETE", "/profile/HOME/mobile", nil), more: "L+1"},
		{operation: operation.AccountCost, prepare: prepareCharges, run: request(operation.AccountCost, "GET", "/account/cost", nil)},
		{operation: operation.ProfileCost, prepare: prepareCharges, run: request(operation.ProfileCost, "GET", "/profile/HOME/cost", nil)},
		// An event counts once: a repeated report adds nothing.
		{operation: operation.UsageReport, what: "the first one", prepare: prepareDataPlane, run: report("b", 1)},
		{operation: operation.UsageReport, what: "in the same hour", prepare: prepareUse, run: report("b", 1)},
		{operation: operation.UsageReport, what: "in another hour", prepare: func(s *stage) {
			prepareUse(s)
			s.Advance(time.Hour)
		}, run: report("b", 1)},
		{operation: operation.UsageReport, what: "in another cycle", prepare: func(s *stage) {
			prepareUse(s)
			s.Advance(31 * 24 * time.Hour)
		}, run: report("b", 1)},
		{operation: operation.UsageReport, what: "a line again", prepare: prepareUse, run: report("a", 1)},
		{operation: operation.UsageReport, what: "past a threshold", prepare: prepareUse, run: report("b", 900_000)},
		{operation: operation.UsageReport, what: "a line that is blocked", prepare: prepareUse, run: report("b", 2_000_000)},
		{operation: operation.UsageCheck, prepare: prepareUse, run: requestBy(plane, operation.UsageCheck, "GET", "/usage/HOME", nil)},
		{operation: operation.StatisticsGet, prepare: prepareUse, run: request(operation.StatisticsGet, "GET", "/profile/HOME/statistics", nil)},
		{operation: operation.StatisticsGet, what: "current", prepare: prepareUse, run: request(operation.StatisticsGet, "GET", "/profile/current/statistics", nil)},
		{operation: operation.MailDeliver, prepare: prepareMail, run: func(s *stage) int {
			return statusOf(operation.MailDeliver.Handle(s.Context(), s.Services, operation.Record{PK: s.mail, SK: "O"}))
		}},
		{operation: operation.MailRetry, prepare: prepareMail, run: sweep(operation.MailRetry)},
	}
}

func (c scene) name() string { return strings.TrimSuffix(c.operation.Name+": "+c.what, ": ") }

// saltedHash is what of the stored secrets differs from run to run.
var saltedHash = regexp.MustCompile(`\$argon2id\$[^ "\\]*|(authenticator|setup|sealed)="[0-9a-f]+"|(mac|pin)=\\*"[0-9a-f]+\\*"|recovery="[^"]*"`)

// table is everything in the table as a text. The windows of rate limits count
// what was begun, so that a request whose answer was lost counts twice; they
// are left out where that may be.
func (s *stage) table(windows bool) string {
	s.Helper()
	var b strings.Builder
	for _, it := range s.Items() {
		if windows || !strings.HasPrefix(it.PK, "R#") {
			fmt.Fprintln(&b, it.PK, it.SK, saltedHash.ReplaceAllString(it.Text, "HASH"))
		}
	}
	return b.String()
}

// accountAddress is in the text of an account.
var accountAddress = regexp.MustCompile(`(?:^| )email="([^"]*)"`)

// kinds counts the items of each kind, without windows.
func (s *stage) kinds() map[string]int {
	s.Helper()
	n := map[string]int{}
	items := s.Items()
	current := map[string]bool{}
	for _, it := range items {
		if strings.HasPrefix(it.PK, "A#") && it.SK == "A" {
			current["E#"+accountAddress.FindStringSubmatch(it.Text)[1]] = true
		}
	}
	for _, it := range items {
		pk, _, _ := strings.Cut(it.PK, "#")
		sk, _, _ := strings.Cut(it.SK, "#")
		switch pk {
		case "R":
		case "E":
			// A former address is kept for its account until the change can no
			// longer be undone.
			if sk == "E" && !current[it.PK] {
				sk = "former"
			}
			n[pk+"/"+sk]++
		case "T":
			// A rotated token that has spent its grace has no row.
			if strings.Contains(it.Text, "retires=") && !strings.Contains(it.Text, "duePK=") {
				sk = "spent"
			}
			n[pk+"/"+sk]++
		case "L", "N", "Q":
			n[pk]++
		case "P":
			// An open invitation holds a place in the team, and has no grant.
			if strings.HasPrefix(it.SK, "M#I#") {
				sk = "I"
			}
			n[pk+"/"+sk]++
		default:
			n[pk+"/"+sk]++
		}
	}
	return n
}

// added says which kinds have more items than before, and how many.
func added(before, after map[string]int) string {
	var out []string
	for kind, n := range after {
		if n != before[kind] {
			out = append(out, fmt.Sprintf("%s%+d", kind, n-before[kind]))
		}
	}
	for kind, n := range before {
		if after[kind] == 0 {
			out = append(out, fmt.Sprintf("%s%+d", kind, -n))
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// counted fails the test unless everything that is counted or kept twice agrees
// with what it stands for.
func (s *stage) counted(when string) {
	s.Helper()
	kinds := s.kinds()
	if kinds["T/T"] != kinds["P/T"] {
		s.Errorf("%s: %d tokens have %d rows", when, kinds["T/T"], kinds["P/T"])
	}
	if kinds["A/P"] != kinds["P/P"]+kinds["P/M"] {
		s.Errorf("%s: %d profiles and %d members have %d grants", when, kinds["P/P"], kinds["P/M"], kinds["A/P"])
	}
	if kinds["A/A"] != kinds["E/E"] {
		s.Errorf("%s: %d accounts hold %d addresses", when, kinds["A/A"], kinds["E/E"])
	}
	account, grants, err := s.Store.AccountWithGrants(s.Context(), s.Ana.ID)
	s.OK(err)
	if account.ID == "" {
		return // it is deleted
	}
	var allocated plan.Amounts
	own := 0
	for _, g := range grants {
		if !g.Own() {
			continue
		}
		own++
		p, _, err := s.Store.ProfileWithMembers(s.Context(), g.Profile)
		s.OK(err)
		allocated = allocated.Plus(p.Allocation)
		if share := account.Shares[p.ID]; share.Allocation != p.Allocation || share.Addons != p.Addons || account.Plan != p.Plan || !account.Anchor.Equal(p.Anchor) {
			s.Errorf("%s: profile %s is %+v, and its account has %+v for it", when, p.ID, p, share)
		}
	}
	if account.Profiles() != own || account.Allocated() != allocated {
		s.Errorf("%s: the account counts %d profiles with %v, and has %d with %v", when, account.Profiles(), account.Allocated(), own, allocated)
	}
}

// notCounted fails the test when an attempt at a password is still counted: no
// scene guesses.
func (s *stage) notCounted(when string) {
	s.Helper()
	for _, it := range s.Items() {
		if strings.HasPrefix(it.PK, "R#password#") && strings.Contains(it.Text, "ids=") {
			s.Errorf("%s: %s still counts an attempt", when, it.PK)
		}
	}
}

// clean is a scene on a table without troubles.
type clean struct {
	withWindows, table string
	sent               int
}

func (c scene) clean(t *testing.T) clean {
	s := newStage(t, c)
	if got := c.run(s); got != http.StatusOK {
		t.Fatalf("without any trouble: got %d", got)
	}
	s.counted("without any trouble")
	s.notCounted("without any trouble")
	return clean{s.table(true), s.table(false), len(s.World.Outbox.Sent())}
}

// always makes every request of the operations go wrong, of all operations when
// none is named.
func always(f testkit.Fault, operations ...string) func(string, int) testkit.Fault {
	return func(operation string, _ int) testkit.Fault {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			return f
		}
		return testkit.NoFault
	}
}

// once makes the first attempt of every request go wrong.
func once(f testkit.Fault) func(string, int) testkit.Fault {
	return func(_ string, attempt int) testkit.Fault {
		if attempt == 1 {
			return f
		}
		return testkit.NoFault
	}
}

func orOK(status int) int {
	if status == 0 {
		return http.StatusOK
	}
	return status
}

// Trouble that passes is nobody's business: the SDK tries again what was
// throttled, broken or lost, Commit waits out other transactions, a batch asks
// again for keys left over. The client sees success and the table is, to the
// last attribute, what it is without trouble: nothing happened twice.
func TestPassingTroubleIsNotSeen(t *testing.T) {
	t.Parallel()
	for _, c := range scenes() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			want := c.clean(t)
			for name, trouble := range map[string]struct {
				begin   func(*testkit.Faults)
				certain bool // every operation meets it
				windows bool // and counts as if it had not
			}{
				"each request throttled once":     {func(f *testkit.Faults) { f.Always(once(testkit.Throttled)) }, true, true},
				"each request broken once":        {func(f *testkit.Faults) { f.Always(once(testkit.BrokenService)) }, true, true},
				"each answer lost once":           {func(f *testkit.Faults) { f.Always(once(testkit.LostAnswer)) }, true, false},
				"each write meets transactions":   {func(f *testkit.Faults) { f.Meet(testkit.Contention, 2) }, false, true},
				"each transaction lacks capacity": {func(f *testkit.Faults) { f.Meet(testkit.Crowded, 2) }, false, true},
				"keys left over": {func(f *testkit.Faults) {
					f.Next("BatchGetItem", testkit.Unprocessed, testkit.Unprocessed)
				}, false, true},
			} {
				s := newStage(t, c)
				trouble.begin(s.Faults)
				if got := c.run(s); got != http.StatusOK {
					t.Errorf("%s: got %d", name, got)
				}
				if trouble.certain && s.Faults.Happened() == 0 {
					t.Errorf("%s: no request met it", name)
				}
				s.Faults.Always(nil)
				s.Faults.Meet(testkit.NoFault, 0)
				s.notCounted(name)
				if got, want := s.table(trouble.windows), map[bool]string{true: want.withWindows, false: want.table}[trouble.windows]; got != want {
					t.Errorf("%s: the table is\n%s\nwant\n%s", name, got, want)
				}
				if got := len(s.World.Outbox.Sent()); got != want.sent {
					t.Errorf("%s: %d mails went out, want %d", name, got, want.sent)
				}
			}
		})
	}
}

// Every attempt to say that a write took effect is lost: the SDK gives up, and
// the client is told to send the request again. It had taken effect, once; and
// the repetition answers right and leaves everything that is counted right.
func TestAWriteWhoseEveryAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range scenes() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			want := c.clean(t)
			s := newStage(t, c)
			s.Faults.Always(always(testkit.LostAnswer, "TransactWriteItems"))
			got := c.run(s)
			s.Faults.Always(nil)
			happened := s.Faults.Happened()
			if happened == 0 {
				return // it writes nothing in a transaction
			}
			lost := http.StatusServiceUnavailable
			if c.lost != 0 {
				lost = c.lost
			}
			if got != lost {
				t.Errorf("got %d, want %d", got, lost)
			}
			if happened != 3 && (!inSteps(c.operation) || happened%3 != 0) {
				t.Errorf("%d answers were lost, want those of the SDK's three attempts", happened)
			}
			if !inSteps(c.operation) && s.table(false) != want.table {
				t.Errorf("the write is not there once: the table is\n%s\nwant\n%s", s.table(false), want.table)
			}
			before := s.kinds()
			if got := c.run(s); got != orOK(c.again) {
				t.Errorf("the same request again: got %d, want %d", got, orOK(c.again))
			}
			if got := added(before, s.kinds()); got != c.more {
				t.Errorf("the same request again added %q, want %q", got, c.more)
			}
			s.counted("after a repetition")
		})
	}
}

// inSteps says of an operation that it commits more than once.
func inSteps(o operation.Operation) bool {
	return o.Name == operation.ProfilePurge.Name || o.Name == operation.AccountPurge.Name
}

// Before anything is decided, attempts are counted. When that cannot be known
// to have happened, nothing else happens.
func TestCountingWhoseEveryAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range scenes() {
		if c.operation.Mails {
			continue // see the tests of the outbox
		}
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c)
			before := s.table(false)
			s.Faults.Always(always(testkit.LostAnswer, "UpdateItem"))
			got := c.run(s)
			s.Faults.Always(nil)
			if s.Faults.Happened() == 0 {
				return // it counts nothing
			}
			if got != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503", got)
			}
			if s.table(false) != before {
				t.Errorf("the table is\n%s\nwant\n%s", s.table(false), before)
			}
			if got := c.run(s); got != http.StatusOK {
				t.Errorf("the same request again: got %d", got)
			}
			if got, want := s.kinds(), kindsOf(t, c); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("afterwards there are %v, want %v", got, want)
			}
		})
	}
}

// kindsOf counts what is there after a scene on a table without troubles.
func kindsOf(t *testing.T, c scene) map[string]int {
	s := newStage(t, c)
	c.run(s)
	return s.kinds()
}

// A table that does not answer at all, or takes no writes: the client is told
// to come back, in the envelope, and nothing has changed. What was counted
// before the write may stay counted.
func TestABrokenTableChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range scenes() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService))
			before := s.table(true)
			if got := c.run(s); got != http.StatusServiceUnavailable {
				t.Errorf("no request answered: got %d, want 503", got)
			}
			if got := s.table(true); got != before {
				t.Errorf("no request answered: the table is\n%s\nwant\n%s", got, before)
			}

			s = newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService, "TransactWriteItems"))
			before = s.table(false)
			got := c.run(s)
			if s.Faults.Happened() == 0 {
				return // it writes nothing in a transaction
			}
			if got != http.StatusServiceUnavailable {
				t.Errorf("no transaction answered: got %d, want 503", got)
			}
			s.notCounted("no transaction answered")
			if got := s.table(false); got != before {
				t.Errorf("no transaction answered: the table is\n%s\nwant\n%s", got, before)
			}
			s.Faults.Always(nil)
			if got := c.run(s); got != http.StatusOK {
				t.Errorf("when the table is well again: got %d", got)
			}

			// What was counted beside reads that fail is no guess either.
			s = newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService, "BatchGetItem", "Query"))
			c.run(s)
			s.Faults.Always(nil)
			s.notCounted("no read answered")
		})
	}
}

// unanswered are scenes that write to the receiver of an offer who has not
// answered: nobody looks whether the address has an account.
var unanswered = []string{"desk-extend", "desk-reject", "transfer-cancel", "profile-delete: with an open transfer"}

// Whatever mail an operation sends to somebody who has an account, and names a
// time, names it where that person is.
func TestMailsNameTimesWhereTheReaderIs(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	var mu sync.Mutex
	seen := map[mailing.Kind]bool{}
	t.Run("scenes", func(t *testing.T) {
		for _, c := range scenes() {
			t.Run(c.name(), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, c)
				holders := map[string]bool{}
				hold := func() {
					for _, r := range scan(s.World) {
						if strings.HasPrefix(r.text("PK"), "A#") && r.text("SK") == "A" && r.text("timezone") == kolkata {
							holders[r.text("email")] = true
						}
					}
				}
				hold()
				if got := c.run(s); got != http.StatusOK {
					t.Fatalf("got %d", got)
				}
				hold()
				for _, m := range lettersOf(s.World, scan(s.World)) {
					if m.ID == mailing.ID(strings.TrimPrefix(s.mail, "O#")) {
						continue // it was put there without an operation
					}
					if m.To == string(s.Ben.Email) && slices.Contains(unanswered, c.name()) {
						continue
					}
					mu.Lock()
					seen[m.Kind] = true
					mu.Unlock()
					timed := m.Data["when"] + m.Data["expires"] + m.Data["until"] + m.Data["resets"]
					if holders[m.To] && timed != "" && m.Data["zone"] != kolkata {
						t.Errorf("%s to %s is in the zone %q", m.Kind, m.To, m.Data["zone"])
					}
				}
			})
		}
	})
	// These name no time, or are for addresses without an account; an entry of
	// the desk goes with the first of two kinds.
	others := []mailing.Kind{
		mailing.KindAccountConfirmAgain, mailing.KindAccountExists, mailing.KindAccountLeaving, mailing.KindTransferNote,
	}
	for _, kind := range mailing.Kinds() {
		if !seen[kind] && !slices.Contains(others, kind) {
			t.Errorf("no scene sends the mail %s", kind)
		}
	}
}

// Contention that does not end: the client is told so with a 409 before the
// function's own time is up, and nothing is half done.
func TestEndlessContention(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	// Most of this is waiting, so all operations wait at once.
	for _, c := range scenes() {
		s := newStage(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second) // a function has 10 and more
		defer cancel()
		all.Go(func() {
			s.Faults.Always(always(testkit.Contention, "TransactWriteItems"))
			before := s.table(false)
			s.World.TB = hurried{t, ctx}
			got := c.run(s)
			s.World.TB = t
			if s.Faults.Happened() == 0 {
				return // it writes nothing in a transaction
			}
			if ctx.Err() != nil {
				t.Errorf("%s: got %d when the time was over", c.name(), got)
			}
			// A sweep says what it could not do, unless its time is over
			// before: then the next run has it to do.
			if late := c.operation.Trigger == operation.Schedule && got == http.StatusOK; got != http.StatusConflict && !late {
				t.Errorf("%s: got %d, want 409", c.name(), got)
			}
			if got := s.table(false); got != before {
				t.Errorf("%s: the table is\n%s\nwant\n%s", c.name(), got, before)
			}
			s.notCounted(c.name())
			s.Faults.Always(nil)
			if got := c.run(s); got != http.StatusOK {
				t.Errorf("%s, when contention has ended: got %d", c.name(), got)
			}
			s.counted(c.name() + ", when contention has ended")
		})
	}
	all.Wait()
}

// An operation is covered here on the day it is added.
func TestEveryOperationMeetsTrouble(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, c := range scenes() {
		covered[c.operation.Name] = true
	}
	for _, o := range operation.All() {
		if !covered[o.Name] && !o.Static {
			t.Errorf("%s has no scene: add one to shared/testkit/scene/register.go", o.Name)
		}
		if covered[o.Name] && o.Static {
			t.Errorf("%s needs no table, and has a scene", o.Name)
		}
	}
}

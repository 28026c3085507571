package operation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// The parts of refusals that programs read. The message has not changed since
// there are codes, and other tests check it.
func TestRefusalsTellProgramsWhy(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	fay := w.Quick("fay")
	planOf(w, fay, plan.Free)
	var reader struct{ Token string }
	made(w, ana, ana.Token, ana.Home, object{"permission": "read"}).Into(w, &reader)
	get := func(o operation.Operation, target, token string) testkit.Answer {
		return w.Call(o, "GET", target, token, nil)
	}
	post := func(o operation.Operation, target, token string, body any) testkit.Answer {
		return w.Call(o, "POST", target, token, body)
	}
	path := "/profile/" + string(ana.Home)
	for name, c := range map[string]struct {
		got     testkit.Answer
		status  int
		reason  problem.Reason
		details string
	}{
		"no token":              {get(operation.ProfileList, "/profile", ""), 401, problem.ReasonNoToken, ""},
		"a token of nobody":     {get(operation.ProfileList, "/profile", "p-"+strings.Repeat("0", 34)), 401, problem.ReasonTokenInvalid, ""},
		"another's profile":     {get(operation.ProfileGet, path, ben.Token), 404, problem.ReasonNotFound, ""},
		"no such profile":       {get(operation.ProfileGet, "/profile/0123456789abcdef01234567", ben.Token), 404, problem.ReasonNotFound, ""},
		"another route":         {get(operation.ProfileGet, "/nowhere", ana.Token), 404, problem.ReasonNotFound, ""},
		"a wrong password":      {post(operation.AccountLogin, "/account/login", "", object{"email": ana.Email, "password": "wrong"}), 401, problem.ReasonInvalidCredentials, ""},
		"an unknown address":    {post(operation.AccountLogin, "/account/login", "", object{"email": "no@example.com", "password": "wrong"}), 401, problem.ReasonInvalidCredentials, ""},
		"a reader who writes":   {post(operation.NotificationCreate, "/notification", reader.Token, object{"title": "t", "message": "m"}), 403, problem.ReasonNeedsPermission, `{"has":"read","needs":"write"}`},
		"a field":               {post(operation.NotificationCreate, "/notification", ana.Token, object{"message": "m"}), 400, problem.ReasonInvalid, `{"fields":[{"code":"required","field":"title"}]}`},
		"a field of another":    {w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"options": object{"time_format": "13"}}), 400, problem.ReasonInvalid, `{"fields":[{"code":"choice","field":"options.time_format"}]}`},
		"a field's type":        {post(operation.TokenCreate, path+"/token", ana.Token, object{"name": 7}), 400, problem.ReasonInvalid, `{"fields":[{"code":"type","field":"name"}]}`},
		"an element":            {post(operation.TokenCreate, path+"/token", ana.Token, object{"name": "x", "permission": "read", "email": ana.Email, "password": testkit.Password, "allow_list": []string{"::1", "x"}}), 400, problem.ReasonInvalid, `{"fields":[{"code":"format","field":"allow_list[1]"}]}`},
		"an unknown field":      {post(operation.TokenCreate, path+"/token", ana.Token, object{"nam": "x"}), 400, problem.ReasonUnknownField, `{"fields":[{"code":"not_taken","field":"nam"}]}`},
		"an unknown parameter":  {get(operation.ProfileList, "/profile?pge=2", ana.Token), 400, problem.ReasonUnknownParameter, `{"fields":[{"code":"not_taken","field":"pge"}]}`},
		"a parameter":           {get(operation.NotificationList, "/notification?page=0", ana.Token), 400, problem.ReasonInvalid, `{"fields":[{"code":"range","field":"page","limit":1000000}]}`},
		"no JSON":               {post(operation.NotificationCreate, "/notification", ana.Token, "{"), 400, problem.ReasonInvalid, ""},
		"a body that is large":  {post(operation.NotificationCreate, "/notification", ana.Token, strings.Repeat(" ", 70_000)), 413, problem.ReasonTooLarge, `{"limit":65536}`},
		"more profiles":         {post(operation.ProfileCreate, "/profile", fay.Token, object{"name": "x"}), 403, problem.ReasonProfilesFull, `{"limit":1,"plan":"free","used":1}`},
		"more members":          {post(operation.TeamInvite, "/profile/current/team", fay.Token, object{"email": ben.Email}), 403, problem.ReasonTeamFull, `{"limit":0,"plan":"free","used":0}`},
		"one's own address":     {post(operation.TeamInvite, "/profile/current/team", ana.Token, object{"email": ana.Email}), 400, problem.ReasonOwnAddress, `{"fields":[{"field":"email"}]}`},
		"what the plan has not": {post(operation.SubscriptionEdit, "/account/subscription", fay.Token, object{"services": object{"sms": object{"limit": 1}}}), 403, problem.ReasonPlanLacks, `{"needs":["starter","scale"],"plan":"free"}`},
		"no tier":               {post(operation.SubscriptionEdit, "/account/subscription", ana.Token, object{"services": object{"input": object{"limit": 1}}}), 400, problem.ReasonTierUnknown, ""},
		"all there is":          {post(operation.ProfileServices, path+"/services", ana.Token, object{"sms": 1}), 403, problem.ReasonOnlyProfile, ""},
		"what is not offered":   {post(operation.NotificationCreate, "/notification", ana.Token, object{"title": "t", "message": "m", "buttons": []object{{"id": "x"}}}), 400, problem.ReasonNotOffered, `{"fields":[{"code":"not_taken","field":"buttons"}]}`},
	} {
		details := ""
		if c.got.Details != nil {
			raw, err := json.Marshal(c.got.Details)
			w.OK(err)
			details = string(raw)
		}
		known := c.details == details || c.reason == problem.ReasonTierUnknown &&
			strings.Contains(details, `"tiers":[`)
		if c.got.Code != c.status || c.got.Reason != c.reason || !known {
			t.Errorf("%s: got %d %s, want %d %s %s", name, c.got.Code, c.got.Body, c.status, c.reason, c.details)
		}
	}
}

// A refusal because of a limit gives programs the time to wait, with the same
// number as the header.
func TestLimitsTellProgramsWhenToComeAgain(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	var got testkit.Answer
	for range 70 {
		if got = w.Call(operation.ProfileList, "GET", "/profile", ana.Token, nil); got.Code != http.StatusOK {
			break
		}
	}
	if got.Code != 429 || got.Reason != problem.ReasonTooMany || got.Details["limit"] != 60.0 ||
		got.Details["retry_after"] == nil {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	for range 31 {
		got = w.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": ana.Email, "password": "wrong"})
	}
	if got.Code != 429 || got.Reason != problem.ReasonTooManyAttempts || got.Details["limit"] != nil ||
		got.Details["retry_after"] == nil {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

// A refusal because of another request names the thing that the other request
// is about.
func TestRefusalsBecauseOfAnotherRequest(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	plant := ana.Profile("Plant")
	ticket := w.Offer(plant, ana, ben.Email)
	w.Advance(time.Hour)
	got := w.Call(operation.TransferRequest, "POST", "/profile/"+string(plant)+"/transfer", ana.Token,
		object{"email": ben.Email, "password": testkit.Password})
	if got.Code != 409 || got.Reason != problem.ReasonTransferOpen ||
		got.Details["transfer"] != string(ticket.ID) {
		t.Errorf("a second transfer: got %d %s", got.Code, got.Body)
	}
	keyed := func(name string) testkit.Answer {
		event := testkit.Event("POST", "/notification")
		event.Headers["token"], event.Headers["idempotency-key"], event.Body = ana.Token, "key", `{"title":"`+name+`","message":"m"}`
		return w.Send(operation.NotificationCreate, event)
	}
	if got := keyed("one"); got.Code != 200 {
		t.Errorf("the first request: got %d %s", got.Code, got.Body)
	}
	if got := keyed("two"); got.Code != 409 || got.Reason != problem.ReasonKeyReused {
		t.Errorf("another request with its key: got %d %s", got.Code, got.Body)
	}
}

// A person who knows the password, but may not sign in, gets the reason from
// each way to sign in.
func TestBlockedAccountsAreRefusedByEachWayIn(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	signUpAs(w, "zoe@example.com", "Zoe", testkit.Password, testkit.Home)
	ben := w.Account("ben")
	block(w, ben)
	for email, want := range map[string]problem.Reason{"zoe@example.com": problem.ReasonAddressUnconfirmed,
		string(ben.Email): problem.ReasonAccountBlocked} {
		for _, c := range []struct {
			o    operation.Operation
			path string
			body object
		}{
			{operation.AccountLogin, "/account/login", object{"email": email, "password": testkit.Password}},
			{operation.SessionCreate, "/console/session", object{"email": email, "password": testkit.Password}},
			{operation.OtpRequest, "/account/login/otp", object{"email": email, "password": testkit.Password, "otp_type": "email"}},
			{operation.AccountTokenCreate, "/account/profile/token", object{"email": email, "password": testkit.Password, "profile_id": ben.Home, "name": "x"}},
		} {
			if got := w.Browse(c.o, "POST", c.path, "", c.body); got.Reason != want || got.Code != 403 {
				t.Errorf("%s of %s: got %d %q, want %s", c.o.Name, email, got.Code, got.Reason, want)
			}
		}
	}
}

// An account can send few mails about new addresses, whatever the addresses
// are.
func TestTooManyNewAddresses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	for i := range 20 {
		got := w.Call(operation.EmailRequest, "POST", "/account/email", ana.Token,
			object{"email": fmt.Sprintf("ana%d@example.com", i), "password": testkit.Password})
		if got.Code != 200 {
			if got.Reason != problem.ReasonMailLimit || i < 3 {
				t.Errorf("after %d: got %d %q", i, got.Code, got.Reason)
			}
			return
		}
	}
	t.Error("got 20 mails")
}

// Refusals that only some accounts and some tokens get.
func TestRefusalsOfFew(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, plane := w.Account("ana"), dataPlaneOf(w)
	got := w.Call(operation.AccountDelete, "DELETE", "/account", plane.Token, object{"password": testkit.Password})
	if got.Reason != problem.ReasonForbidden {
		t.Errorf("an account of a data plane is deleted: %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
		"email": ana.Email, "password": testkit.Password, "profile_id": plane.Home, "name": "x",
	}); got.Reason != problem.ReasonNotFound {
		t.Errorf("a token for another's profile: %d %q", got.Code, got.Message)
	}
	spent := ana.Mint(ana.Home, "1 month")
	for i, want := range []problem.Reason{"", problem.ReasonTokenRotated} {
		got := rotateToken(w, ana.Token, ana.Home, spent, object{"grace": "1 hour", "password": testkit.Password})
		if got.Reason != want {
			t.Errorf("rotated %d times before: got %d %q %q, want %q", i, got.Code, got.Reason, got.Message, want)
		}
	}
}

// Refusals because of the state of a profile.
func TestRefusalsOfAProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam, plane := w.Account("ana"), w.Account("ben"), w.Agent(w.Account("sam")), dataPlaneOf(w)
	plant := ana.Profile("Plant")
	path, password := "/profile/"+string(plant), testkit.Password
	report := func(id value.ProfileID, lines ...object) testkit.Answer {
		return w.Call(operation.UsageReport, "POST", "/usage/"+string(id), plane.Token, object{"lines": lines})
	}
	refused := func(
		o operation.Operation, method, path, token string, body any, want problem.Reason,
	) {
		t.Helper()
		if got := w.Call(o, method, path, token, body); got.Reason != want {
			t.Errorf("%s: got %d %q %q, want %s", o.Name, got.Code, got.Reason, got.Message, want)
		}
	}
	if got := report(ana.Home, object{"service": "data_records", "amount": 500, "event": "a"}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	refused(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.Token,
		object{"lines": []object{{"service": "input", "amount": 1, "event": "a"}}}, problem.ReasonEventReused)
	refused(operation.ProfileServices, "POST", "/profile/"+string(ana.Home)+"/services", ana.Token,
		object{"data_records": 1}, problem.ReasonAllocationUnder)
	refused(operation.AllocationEdit, "POST", "/account/allocation", ana.Token,
		[]object{{"profile": ana.Home, "data_records": 1}}, problem.ReasonAllocationUnder)
	refused(operation.AllocationEdit, "POST", "/account/allocation", ana.Token,
		[]object{{"profile": ana.Home, "sms": 1, "seen": object{"sms": 2}}}, problem.ReasonAllocationStale)
	spare := ana.Mint(ana.Home, "1 month")
	got := w.Call(operation.TokenEdit, "PUT", "/profile/current/token/"+spare, ana.Token, object{"disabled": true})
	if got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if got := rotateToken(w, ana.Token, ana.Home, spare,
		object{"password": password}); got.Reason != problem.ReasonTokenDisabled {
		t.Errorf("a disabled token: got %d %q", got.Code, got.Message)
	}
	refused(operation.TransferRequest, "POST", "/profile/"+string(ben.Home)+"/transfer", ben.Token,
		object{"email": ana.Email, "password": password}, problem.ReasonPrerequisitesMissing)
	ticket := w.Offer(plant, ana, ben.Email)
	revert := func(want problem.Reason) {
		t.Helper()
		refused(operation.TransferRevert, "POST", "/transfer/"+string(ticket.ID)+"/revert", ana.Token,
			object{"password": password}, want)
		refused(operation.DeskRevert, "POST", "/desk/transfer/"+string(ticket.ID)+"/revert", sam.Token, nil, want)
	}
	revert(problem.ReasonTransferOpen)
	if got := w.Call(operation.TransferCancel, "DELETE", path+"/transfer", ana.Token, nil); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	revert(problem.ReasonTransferFinal)
	w.Advance(2 * time.Minute)
	w.Move(plant, ana, ben, sam)
	refused(operation.ProfileDelete, "DELETE", path, ben.Token,
		object{"password": password}, problem.ReasonTransferHold)
}

package operation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
	"profiles/shared/value"
)

// forged are two tokens that nobody was given: one with a wrong checksum, and
// one with the id of a token and the secret of another.
func forged(token, other string) (wrongChecksum, otherSecret string) {
	wrong := []byte(token)
	wrong[35] ^= 1
	return string(wrong), other[:2] + token[2:10] + other[10:]
}

// writing are the accesses that refuse a token that reads, aside from deleting,
// which refuse one that writes, too. owning are those that refuse a member.
var (
	writing  = []operation.Access{operation.Write, operation.Billing, operation.OwnerBilling}
	deleting = []operation.Access{
		operation.Full, operation.Owner, operation.OwnerOrAccount, operation.OwnerOrSelf,
	}
	owning = []operation.Access{
		operation.Owner, operation.OwnerOrSelf, operation.OwnerRead, operation.OwnerBilling,
		operation.OwnerBillingRead,
	}
)

// anyPath fills in the path of any route.
func anyPath(p testkit.Person, token string, ticket testkit.Ticket) *strings.Replacer {
	return strings.NewReplacer("{id}", string(p.Home), "{token}", token[2:10],
		"{member}", string(p.ID), "{button}", "accept", "{ticket}", string(ticket.ID),
		"{addon}", "mobile", "{code}", "HALF", "{query}", everything, "{type}", "authenticator",
		"{session}", "s-00000001", "{webhook}", "0123456789abcdef01234567", "{alert}", "0123456789abcdef01234567", "{backup}", "0123456789abcdef01234567",
		"{delivery}", "0123456789abcdef01234568")
}

// Every operation with a token gets every kind of credential. The operations
// come from the catalogue, so that a new one is covered at once. The bodies are
// such that only the credential can be the reason of a refusal.
func TestEveryOperationRefusesEveryWrongCredential(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana, ben, eve := w.Account("ana"), w.Account("ben"), w.Account("eve")
	second := ana.Profile("second")
	ticket := w.Offer(second, ana, "zoe@example.com")
	w.OK(w.Billing.EditAddons(t.Context(), ana.Client(operation.AddonEdit), refOf(ana.Home),
		map[plan.Addon]bool{plan.AddonMobile: true}))
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	shared := ben.SignIn(ana.Home, "")
	expired := ana.SignIn(ana.Home, "1 hour")
	deleted := ana.With("full", "")
	w.OK(w.Tokens.Delete(t.Context(), ana.Client(operation.TokenDelete), refOf(ana.Home), deleted))
	read := ana.With("read", "")
	write := ana.With("write", "")
	agents := w.Agent(w.Account("sam")).With("write", "")
	plane := dataPlaneOf(w)
	planeReads := plane.With("read", "")
	lapsed := plane.SignIn(plane.Home, "1 hour")
	off := disabled(w, ana)
	elsewhere := ana.Limited(ana.Home, tenancy.TokenLimits{AllowList: &[]string{"203.0.113.0/24"}})
	confined := ana.Limited(second, tenancy.TokenLimits{Scope: ptr("profile")})
	planeOff := disabled(w, plane)
	planeElsewhere := plane.Limited(plane.Home, tenancy.TokenLimits{AllowList: &[]string{"203.0.113.0/24"}})
	planeConfined := plane.Limited(plane.Home, tenancy.TokenLimits{Scope: ptr("profile")})
	w.Advance(time.Hour)

	wrongChecksum, otherSecret := forged(ana.Token, eve.Token)
	filled := anyPath(ana, read, ticket)
	tried, before := 0, w.State()
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Access == operation.Anonymous {
			continue
		}
		for _, route := range o.Routes {
			ofProfile := strings.Contains(route.Path, "{id}")
			path := filled.Replace(route.Path)
			body := bodyFor(o, ana)
			try := func(who, token string, want int) {
				t.Helper()
				tried++
				got := w.Call(o, route.Method, path, token, body)
				if got.Code != want || got.Message == "" || got.Status {
					t.Errorf("%s %s with %s: got %d %q, want %d", route.Method, path, who, got.Code, got.Message, want)
				}
			}
			// a token is no session; TestEveryOperationRefusesEveryWrongSession
			// has the rest
			if o.Access == operation.Browser {
				for _, token := range []string{"", "null", "p-short", expired, ana.Token, eve.Token,
					agents, plane.Token} {
					try("a token", token, 401)
				}
				continue
			}
			try("no token", "", 401)
			try("the word null", "null", 401)
			try("a malformed token", "p-short", 401)
			try("a wrong checksum", wrongChecksum, 401)
			try("a made-up secret for a real id", otherSecret, 401)
			try("an expired token", expired, 401)
			try("a deleted token", deleted, 401)
			try("a disabled token", off, 401)
			try("a token that is for another address", elsewhere, 403)
			switch {
			case o.Access.DataPlanes():
				try("a token that is for another profile only", confined, 403)
			case strings.HasPrefix(route.Path, "/profile/{id}") && route.Path != ofDeleted:
				try("a token that is for another profile only", confined, 404)
			case !ofToken[route]:
				try("a token that is for one profile only", confined, 403)
			}
			if o.Access.DataPlanes() {
				try("the owner's token", ana.Token, 403)
				try("the owner's read token", read, 403)
				try("a member's token", shared, 403)
				try("another tenant's token", eve.Token, 403)
				try("an agent's token", agents, 403)
				try("a data plane's expired token", lapsed, 401)
				try("a data plane's disabled token", planeOff, 401)
				try("a data plane's token that is for another address", planeElsewhere, 403)
				try("a data plane's token that is for one profile only", planeConfined, 403)
				if o.Access == operation.DataPlane {
					try("a data plane's read token", planeReads, 403)
				}
				continue
			}
			if slices.Contains(writing, o.Access) || slices.Contains(deleting, o.Access) {
				try("a read token", read, 403)
			}
			if slices.Contains(deleting, o.Access) {
				try("a write token", write, 403)
			}
			if ofProfile || strings.Contains(route.Path, "{ticket}") {
				try("another tenant's token", eve.Token, 404)
				try("a data plane's token", plane.Token, 404)
			}
			if slices.Contains(owning, o.Access) || o.Access == operation.OwnerOrAccount &&
				ofProfile {
				try("a member's token", shared, 403)
			}
			if o.Access.Agents() {
				try("the owner's token", ana.Token, 404)
				try("a member's token", shared, 404)
			}
			if o.Access == operation.Agent {
				try("an agent's write token", agents, 403)
			}
		}
		if w.State() != before {
			t.Fatalf("%s has changed the table for one of them", o.Name)
		}
	}
	if tried < 500 {
		t.Errorf("only %d requests were tried", tried)
	}
}

// checkToken are the routes outside a profile that a token of one profile may
// use. They are about the token and the things that it opens.
var ofToken = map[operation.Route]bool{
	{Method: "GET", Path: "/info"}: true, {Method: "GET", Path: "/account"}: true, {Method: "GET", Path: "/profile"}: true,
	{Method: "DELETE", Path: "/profile/token/{token}"}: true,
	{Method: "GET", Path: "/analysis"}:                 true,
}

func ptr[T any](v T) *T { return &v }

// disabled makes a full token of a person and disables it.
func disabled(w *testkit.World, p testkit.Person) string {
	w.Helper()
	token := p.Limited(p.Home, tenancy.TokenLimits{})
	w.OK(w.Tokens.Edit(w.Context(), p.Client(operation.TokenEdit), refOf(p.Home), token,
		tenancy.TokenEdit{Disabled: ptr(true)}, service.Credentials{}))
	return token
}

// everything is the id of the audit log's query without parameters.
const everything = "cT8"

// bodyFor is a body in which nothing but the password is wrong, so that only
// the credential can be the reason of a refusal.
func bodyFor(o operation.Operation, owner testkit.Person) any {
	const made = "0123456789abcdef01234567" // an id of nothing
	stage := scene.Stage{
		Ana: owner, Ben: owner, Other: made, Token: "12345678", Code: "x", Thing: made,
		Ticket: testkit.Ticket{Confirm: "x", Answer: "x"},
	}
	for _, c := range scene.All() {
		if c.Operation.Name != o.Name || c.Body == nil {
			continue
		}
		raw, err := json.Marshal(c.Body)
		if err != nil {
			panic(err)
		}
		return json.RawMessage(strings.ReplaceAll(stage.Fill(string(raw)), testkit.Password,
			testkit.Password+"?"))
	}
	return nil
}

// dataPlaneOf makes an account of the operator's data plane.
func dataPlaneOf(w *testkit.World) testkit.Person {
	w.Helper()
	plane := w.Account("plane")
	_, err := w.Operator.SetType(w.Context(), string(plane.Email), tenancy.AccountService)
	w.OK(err)
	return plane
}

// The operations of data planes, and no others, admit callers that the gateway
// has verified, with and without a token. A client cannot write anything that
// looks like this verification.
func TestAnIAMCallerIsEnoughForDataPlanesOnly(t *testing.T) {
	t.Parallel()
	type authorizer = events.APIGatewayV2HTTPRequestContextAuthorizerDescription
	w := testkit.New(t)
	ana := w.Account("ana")
	path := strings.NewReplacer("{id}", string(ana.Home), "{token}", "12345678", "{member}", string(ana.ID), "{addon}", "mobile", "{code}", "HALF",
		"{query}", everything, "{type}", "authenticator")
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Access == operation.Anonymous {
			continue
		}
		reporter := o.Access.DataPlanes()
		for _, route := range o.Routes {
			for name, token := range map[string]string{"none": "", "a malformed one": "p-short"} {
				event := verified(t, route.Method, path.Replace(route.Path), bodyFor(o, ana))
				if token != "" {
					event.Headers["token"] = token
				}
				got := w.Send(o, event)
				if (got.Code == 200) != reporter || !reporter && got.Code != 401 {
					t.Errorf("%s %s, signed, with the token %s: got %d %q", route.Method, route.Path, name, got.Code, got.Message)
				}
			}
			if !reporter {
				continue
			}
			before := w.State()
			for name, pretend := range map[string]func(*events.APIGatewayV2HTTPRequest){
				"headers": func(e *events.APIGatewayV2HTTPRequest) {
					for _, header := range []string{"x-amzn-iam-user-arn", "userArn", "x-apigateway-event", "x-amz-security-token", "x-amzn-request-context"} {
						e.Headers[header] = `{"authorizer":{"iam":{"userArn":"` + testkit.DataPlane + `"}}}`
					}
					e.Headers["authorization"] = "AWS4-HMAC-SHA256 Credential=AKIA/20300314/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00"
				},
				"the body": func(e *events.APIGatewayV2HTTPRequest) {
					e.Body = `{"service":true,"requestContext":{"authorizer":{"iam":{"userArn":"` + testkit.DataPlane + `"}}},"lines":[{"service":"input","amount":1,"event":"x"}]}`
				},
				"the query": func(e *events.APIGatewayV2HTTPRequest) {
					e.RawQueryString = "_service=true&_userArn=" + testkit.DataPlane
				},
				"an authorizer that is none of IAM": func(e *events.APIGatewayV2HTTPRequest) {
					e.RequestContext.Authorizer = &authorizer{
						Lambda: map[string]any{"userArn": testkit.DataPlane},
					}
				},
				"a verified caller without a name": func(e *events.APIGatewayV2HTTPRequest) {
					e.RequestContext.Authorizer.IAM.UserARN = ""
				},
			} {
				event := verified(t, route.Method, path.Replace(route.Path), bodyFor(o, ana))
				if name != "a verified caller without a name" {
					event.RequestContext.Authorizer = nil
				}
				pretend(&event)
				if got := w.Send(o, event); got.Code != 401 {
					t.Errorf("%s %s, a claim in %s: got %d %q, want 401", route.Method, route.Path, name, got.Code, got.Message)
				}
			}
			if w.State() != before {
				t.Errorf("%s %s: a claim changed the table", route.Method, route.Path)
			}
		}
	}
}

// A data plane reports for all accounts and is otherwise an account like
// others. A change that it makes to an account is made to its own.
func TestADataPlaneIsNoCustomerOfOthers(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, plane := w.Account("ana"), dataPlaneOf(w)
	reported := bodyFor(operation.UsageReport, ana)
	got := w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.With("write", ""), reported)
	if got.Code != 200 {
		t.Errorf("reporting with a write token: got %d %q", got.Code, got.Message)
	}
	got = w.Call(operation.UsageCheck, "GET", "/usage/"+string(ana.Home), plane.With("read", ""), nil)
	if got.Code != 200 {
		t.Errorf("checking with a read token: got %d %q", got.Code, got.Message)
	}
	for name, o := range map[string]operation.Operation{"an unknown profile": operation.UsageCheck,
		"an unknown profile, reporting": operation.UsageReport} {
		method := o.Routes[1].Method
		got := w.Call(o, method, "/usage/"+strings.Repeat("0", 24), plane.Token, reported)
		if got.Code != 404 {
			t.Errorf("%s: got %d %q, want 404", name, got.Code, got.Message)
		}
	}
	of := func(p testkit.Person) (text string) {
		for _, it := range w.Items() {
			if it.PK == "A#"+string(p.ID) || it.PK == "B#"+string(p.ID) || it.PK == "P#"+string(p.Home) {
				text += it.PK + it.SK + it.Text + "\n"
			}
		}
		return text
	}
	before := of(ana)
	for what, got := range map[string]testkit.Answer{
		"a list of another's profile": w.Call(operation.AllocationEdit, "POST", "/account/allocation", plane.Token, []object{{"profile": ana.Home, "input": 1}}),
		"another's add-on": w.Call(operation.SubscriptionEdit, "POST", "/account/subscription", plane.Token,
			object{"addons": object{"mobile": []value.ProfileID{ana.Home}}}),
	} {
		if got.Code < 400 || got.Code > 499 {
			t.Errorf("%s: got %d %q, want it refused", what, got.Code, got.Message)
		}
	}
	if got := w.Call(operation.PlanEdit, "POST", "/account/plan", plane.Token, object{"plan": "free"}); got.Code != 200 {
		t.Errorf("its own plan: got %d %q", got.Code, got.Message)
	}
	// The account can get its former role again. Then it can report no more.
	_, err := w.Operator.SetType(t.Context(), string(plane.Email), tenancy.AccountUser)
	w.OK(err)
	got = w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.Token, reported)
	if got.Code != 403 {
		t.Errorf("reporting as a user again: got %d %q, want 403", got.Code, got.Message)
	}
	if of(ana) != before {
		t.Errorf("ana's account is\n%s\nwant\n%s", of(ana), before)
	}
}

// The permission of the member limits each of the member's tokens, even one
// with a higher permission.
func TestAMembersTokenNeverExceedsTheMember(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	token := ben.SignIn(ana.Home, "")
	path := "/profile/" + string(ana.Home)
	if got := w.Call(operation.ProfileGet, "GET", path, token, nil); got.Code != 200 {
		t.Errorf("reading: got %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.ProfileEdit, "PUT", path, token, object{"name": "mine"}); got.Code != 403 {
		t.Errorf("editing: got %d %q, want 403", got.Code, got.Message)
	}
}

// A token works until the millisecond before its end, and not at its end, even
// if no sweep has run.
func TestATokenEndsToTheMillisecond(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	token := ana.SignIn(ana.Home, "1 hour")
	w.Advance(time.Hour - time.Millisecond)
	if got := w.Call(operation.TokenInfo, "GET", "/info", token, nil); got.Code != 200 {
		t.Errorf("a millisecond before its end: got %d, want 200", got.Code)
	}
	w.Advance(time.Millisecond)
	if got := w.Call(operation.TokenInfo, "GET", "/info", token, nil); got.Code != 401 {
		t.Errorf("at its end: got %d, want 401", got.Code)
	}
}

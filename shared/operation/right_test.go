package operation_test

import (
	"encoding/json"
	"slices"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type right struct {
	ID               value.ProfileID
	Role, Permission string
}

// Lists and profiles show the account's right on each profile, whatever the
// token may do.
func TestEveryProfileSaysWhatTheAccountMay(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Account("ana"), w.Quick("ben"), w.Quick("eve")
	w.Share(ben.Home, ana, tenancy.PermissionWrite)
	w.Share(eve.Home, ana, tenancy.PermissionRead)
	reader := ana.With("read", "")
	var listed, signedIn []right
	w.Call(operation.ProfileList, "GET", "/profile", reader, nil).Into(w, &listed)
	want := []right{{ana.Home, "owner", "full"}, {ben.Home, "member", "write"}, {eve.Home, "member", "read"}}
	if !slices.Equal(listed, want) {
		t.Errorf("got %+v, want %+v", listed, want)
	}
	var login struct{ Profiles json.RawMessage }
	w.Call(operation.AccountLogin, "POST", "/account/login", "",
		object{"email": ana.Email, "password": testkit.Password}).Into(w, &login)
	w.OK(json.Unmarshal(login.Profiles, &signedIn))
	if !slices.Equal(signedIn, want) {
		t.Errorf("at sign-in: got %+v, want %+v", signedIn, want)
	}
	planOf(w, eve, plan.Starter)
	for _, one := range want {
		var got struct {
			Role, Permission string
			Limits           struct{ Profiles, Members int }
		}
		w.Call(operation.ProfileGet, "GET", "/profile/"+string(one.ID), reader, nil).Into(w, &got)
		limits := plan.Scale.Limits()
		if one.ID == eve.Home {
			limits = plan.Starter.Limits()
		}
		if got.Role != one.Role || got.Permission != one.Permission ||
			got.Limits.Profiles != limits.Profiles || got.Limits.Members != limits.Members {
			t.Errorf("%s: got %+v, want %+v with %+v", one.ID, got, one, limits)
		}
	}
}

// An account shows the limits of its plan. It also shows how many recovery
// codes are left while it asks for a second factor.
func TestAnAccountSaysWhatItHasLeft(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana", plan.Starter)
	read := func() (got struct {
		Left   *int `json:"recovery_codes_left"`
		Limits struct{ Profiles, Members int }
	}) {
		w.Call(operation.AccountGet, "GET", "/account", ana.Token, nil).Into(w, &got)
		return got
	}
	if got := read(); got.Left != nil || got.Limits.Profiles != 2 || got.Limits.Members != 1 {
		t.Errorf("without a second factor: got %+v", got)
	}
	codes := ana.Authenticator().Recovery
	if got := read(); got.Left == nil || *got.Left != len(codes) {
		t.Errorf("with one: got %v", got.Left)
	}
	if got := signIn(w, ana, credentials(codes[0])); got.Code != 200 {
		t.Fatalf("signing in: got %d %q", got.Code, got.Message)
	}
	if got := read(); got.Left == nil || *got.Left != len(codes)-1 {
		t.Errorf("one was used: got %v", got.Left)
	}
}

// A summary says which services are used up, and when that ends, to members
// too. It says nothing of a service that the profile has nothing of.
func TestASummarySaysWhatIsUsedUp(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, plane := w.Quick("ana"), w.Quick("ben"), dataPlaneOf(w)
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	path := "/profile/" + string(ana.Home) + "/summary"
	var got struct {
		Limit   map[string]float64 `json:"limit"`
		Blocked []string
		Reset   string `json:"reset_at"`
	}
	read := func() {
		t.Helper()
		w.Call(operation.ProfileSummary, "GET", path, ben.Token, nil).Into(w, &got)
	}
	read()
	if len(got.Blocked) != 0 || got.Reset != ana.Cycle(w.Now()).End.UTC().Format(value.TimeFormat) {
		t.Errorf("before: got %+v", got)
	}
	amount := got.Limit["email"]
	if amount == 0 {
		t.Fatal("there are no e-mails to use")
	}
	if answer := w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.Token,
		object{"lines": []object{{"service": "email", "amount": amount, "event": "e"}}}); answer.Code != 200 {
		t.Fatalf("got %d %q", answer.Code, answer.Message)
	}
	if read(); !slices.Equal(got.Blocked, []string{"email"}) {
		t.Errorf("used up: got %+v", got)
	}
}

// The overview has the facts that a request for each profile would return. For
// own profiles it has the team and the transfer too.
func TestTheOverviewOfAnAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve, plane := w.Quick("ana"), w.Quick("ben"), w.Quick("eve"), dataPlaneOf(w)
	plant := ana.Profile("Plant")
	w.Share(ben.Home, ana, tenancy.PermissionRead)
	w.Share(ana.Home, eve, tenancy.PermissionRead)
	w.OK(w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), refOf(ana.Home), "zoe@example.com",
		teams.Offered{Permission: "read"}))
	w.OK(w.Teams.Invite(t.Context(), ben.Client(operation.TeamInvite), refOf(ben.Home), "zoe@example.com",
		teams.Offered{Permission: "read"}))
	ticket := w.Offer(plant, ana, "kim@example.com")
	w.Offer(ben.Profile("kiln"), ben, "kim@example.com")
	if got := w.Call(operation.UsageReport, "POST", "/usage/"+string(ben.Home), plane.Token,
		object{"lines": []object{{"service": "sms", "amount": 7, "event": "e"}}}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	type row struct {
		right
		Name, Account        string
		Owner                string `json:"owner_name"`
		Allocation, Used     map[string]float64
		Blocked              []string
		Reset                string `json:"reset_at"`
		Members, Invitations *int
		Transfer             *string
	}
	var got struct {
		Plan     plan.Plan
		Limits   struct{ Profiles, Members int }
		Free     map[string]int64
		Profiles []row
	}
	w.Browse(operation.OverviewGet, "GET", "/account/overview", ana.Browser(), nil).Into(w, &got)
	if got.Plan != plan.Scale || got.Limits.Profiles != 5 ||
		len(got.Free) != len(plan.Services()) || len(got.Profiles) != 3 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []right{{ana.Home, "owner", "full"}, {plant, "owner", "full"}, {ben.Home, "member", "read"}} {
		one := got.Profiles[i]
		var summary struct {
			Limit   map[string]float64 `json:"limit"`
			Used    map[string]float64 `json:"limit_used"`
			Blocked []string
			Reset   string `json:"reset_at"`
		}
		w.Call(operation.ProfileSummary, "GET", "/profile/"+string(want.ID)+"/summary", ana.Token, nil).
			Into(w, &summary)
		for name, n := range one.Allocation {
			if summary.Limit[name] != n || summary.Used[name] != one.Used[name] {
				t.Errorf("%s of %s: got %v and %v, and its summary has %v and %v", name, one.Name, n, one.Used[name], summary.Limit[name],
					summary.Used[name])
			}
		}
		if one.right != want || len(one.Allocation) != len(plan.Services()) ||
			!slices.Equal(one.Blocked, summary.Blocked) || one.Reset != summary.Reset {
			t.Errorf("got %+v, want %+v as in %+v", one, want, summary)
		}
	}
	if got := []string{got.Profiles[0].Owner, got.Profiles[1].Owner,
		got.Profiles[2].Owner}; !slices.Equal(got, []string{"ana", "ana", "ben"}) {
		t.Errorf("the owners are %v", got)
	}
	home, offered, shared := got.Profiles[0], got.Profiles[1], got.Profiles[2]
	if *home.Members != 1 || *home.Invitations != 1 || home.Transfer != nil {
		t.Errorf("of the first: got %d members, %d invitations and %v", *home.Members, *home.Invitations, home.Transfer)
	}
	if *offered.Members != 0 || *offered.Invitations != 0 || offered.Transfer == nil ||
		*offered.Transfer != string(ticket.ID) {
		t.Errorf("of the offered one: got %+v", offered)
	}
	if shared.Members != nil || shared.Invitations != nil || shared.Transfer != nil ||
		shared.Used["sms"] != 7 {
		t.Errorf("of the shared one: got %+v", shared)
	}
}

package operation_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// Fields that the original's pages and its clients' types have are present,
// with values that are true here.
func TestFieldsThatClientsKnow(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ben.Home, ana, tenancy.PermissionRead)
	home := string(ana.Home)
	// part is the keys and the value of a part of an answer. The keys on the
	// way to it name it.
	part := func(answer json.RawMessage, path ...string) (value string, keys string) {
		t.Helper()
		for _, key := range path {
			var m map[string]json.RawMessage
			if err := json.Unmarshal(answer, &m); err != nil {
				t.Fatalf("%s: %v", strings.Join(path, "."), err)
			}
			answer = m[key]
		}
		var m map[string]any
		_ = json.Unmarshal(answer, &m)
		return string(answer), strings.Join(slices.Sorted(maps.Keys(m)), " ")
	}
	const nine = "analysis data_records email file_storage input output push_notification run_users sms"
	sorted := func(keys string) string {
		all := strings.Fields(keys)
		slices.Sort(all)
		return strings.Join(all, " ")
	}

	profile := json.RawMessage(result(w, ana.Token, "/profile/"+home))
	summary := json.RawMessage(result(w, ana.Token, "/profile/"+home+"/summary"))
	for _, one := range []struct {
		answer json.RawMessage
		path   string
		keys   string
	}{
		{profile, "info", "account banner_url created_at id logo_url name region rpm updated_at"},
		{profile, "info rpm", "data_input data_output"},
		{profile, "allocation", nine},
		{profile, "addons", "control_tower custom_dns mobile profile updated_at"},
		{summary, "limit", nine + " tcore"},
		{summary, "limit_used", nine + " tcore tcore_cluster dashboard_output"},
		{summary, "amount", "action am analysis bucket connectors dashboard dashboard_shared device dictionary networks run_users tcore tcore_cluster"},
		{summary, "addons", "control_tower custom_dns mobile profile updated_at"},
	} {
		if _, keys := part(one.answer, strings.Fields(one.path)...); keys != sorted(one.keys) {
			t.Errorf("%s has %q, want %q", one.path, keys, sorted(one.keys))
		}
	}
	for _, one := range []struct {
		answer     json.RawMessage
		path, want string
	}{
		{profile, "info region", `"eu-central-1"`},
		{profile, "info rpm data_input", "null"}, // no limit
		{profile, "addons control_tower", "false"},
		{profile, "addons profile", `"` + home + `"`},
		{summary, "limit tcore", "0"},
		{summary, "limit_used tcore", "0"},
		{summary, "limit_used dashboard_output", "0"},
		{summary, "amount dashboard_shared", "0"},
	} {
		if value, _ := part(one.answer, strings.Fields(one.path)...); value != one.want {
			t.Errorf("%s is %s, want %s", one.path, value, one.want)
		}
	}

	signedIn := w.Call(operation.AccountLogin, "POST", "/account/login", "",
		object{"email": ana.Email, "password": testkit.Password})
	var v struct{ Profiles []map[string]any }
	signedIn.Into(w, &v)
	for _, row := range v.Profiles {
		if want := row["id"] != home; row["from_share"] != want {
			t.Errorf("at sign-in from_share of %v is %v, want %v", row["name"], row["from_share"], want)
		}
	}
	if len(v.Profiles) != 2 {
		t.Errorf("signing in lists %d profiles, want 2", len(v.Profiles))
	}

	w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"title": "t", "message": "m"})
	var notes []map[string]any
	err := json.Unmarshal([]byte(result(w, ana.Token, "/notification")), &notes)
	if err != nil || len(notes) == 0 {
		t.Fatalf("got %d notifications, %v", len(notes), err)
	}
	if icon, there := notes[0]["icon"]; !there || icon != nil {
		t.Errorf("the icon of a notification is %v (there: %v), want null", icon, there)
	}
}

// A new profile starts with the unallocated amounts, up to those of the plan
// free. If nothing is unallocated, the owner is notified, and no profile loses
// anything.
func TestANewProfileStartsWithServices(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	create := func(target string) (allocation map[string]int64, notes string) {
		t.Helper()
		var made struct{ ID string }
		w.Call(operation.ProfileCreate, "POST", target, ana.Token, object{"name": "plant"}).Into(w, &made)
		var p struct{ Allocation map[string]int64 }
		w.Call(operation.ProfileGet, "GET", "/profile/"+made.ID, ana.Token, nil).Into(w, &p)
		return p.Allocation, result(w, ana.Token, "/notification")
	}
	before := result(w, ana.Token, "/profile/"+string(ana.Home))
	got, notes := create("/profile")
	if got["sms"] != 0 || !strings.Contains(notes, "A profile starts without some services") || !strings.Contains(notes, "nothing was free of: Data input, Data output, SMS") {
		t.Errorf("with nothing free it has %v, and the owner is told %s", got, notes)
	}
	if after := result(w, ana.Token, "/profile/"+string(ana.Home)); after != before {
		t.Errorf("another profile was %s and is %s", before, after)
	}
	w.Call(operation.ProfileCreate, "POST", "/profile", ana.Token, object{"name": "בית"})
	if notes := result(w, ana.Token, "/notification"); !strings.Contains(notes, "the profile \u2068בית\u2069 was created") {
		t.Errorf("a name from right to left stands among other text as %+q", notes)
	}
	if got := w.Call(operation.SubscriptionEdit, "POST", "/account/subscription", ana.Token,
		object{"services": object{"sms": object{"limit": 200}, "input": object{"limit": 3_000_000}}}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if got, _ := create("/profile"); got["sms"] != 10 || got["input"] != 1_000_000 || got["output"] != 0 {
		t.Errorf("it starts with %v, want 10 sms and 1000000 input", got)
	}
	if got, _ := create("/profile?allocate_free_resources=true"); got["sms"] != 180 || got["input"] != 1_000_000 {
		t.Errorf("it starts with %v, want all that is free: 180 sms and 1000000 input", got)
	}
}

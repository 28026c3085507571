package operation_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type object = map[string]any

// A person signs up, confirms, signs in, and works with profiles and tokens,
// all through the Lambda handlers.
func TestAFirstSession(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const email = "ana@example.com"

	answer := w.Call(operation.AccountCreate, "POST", "/account", "", object{
		"name": "Ana", "email": " Ana@Example.com ", "password": testkit.Password, "cpassword": testkit.Password, "timezone": "Europe/Berlin",
	})
	if !answer.Status || answer.Code != 200 {
		t.Fatalf("sign-up: got %+v", answer)
	}
	credentials := object{"email": email, "password": testkit.Password}
	if got := w.Call(operation.AccountLogin, "POST", "/account/login", "", credentials); got.Code != 403 {
		t.Fatalf("sign-in before confirmation: got %d %q, want 403", got.Code, got.Message)
	}
	mails := w.Mail(email)
	if len(mails) != 1 || mails[0].Kind != mailing.KindAccountConfirm {
		t.Fatalf("got mails %+v, want one confirmation", mails)
	}
	confirm := "/account/confirm/" + mails[0].Data["code"]
	if got := w.Call(operation.AccountConfirm, "GET", confirm, "", nil); got.Code != 200 {
		t.Fatalf("confirm: got %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.AccountConfirm, "GET", confirm, "", nil); got.Code != 400 {
		t.Fatalf("the same code again: got %d %q, want 400", got.Code, got.Message)
	}

	var login struct {
		ID       string
		Profiles []struct{ ID, Name, Account string }
	}
	w.Call(operation.AccountLogin, "POST", "/account/login", "", credentials).Into(w, &login)
	if len(login.Profiles) != 1 || login.Profiles[0].Name != "Ana" ||
		login.Profiles[0].Account != login.ID {
		t.Fatalf("got profiles %+v, want one named after the account", login.Profiles)
	}
	home := login.Profiles[0].ID

	var made struct{ Token, Permission, Profile string }
	w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
		"profile_id": home, "email": email, "password": testkit.Password, "name": "laptop", "expire_time": "3 month",
	}).Into(w, &made)
	if len(made.Token) != 36 || made.Permission != "full" || made.Profile != home {
		t.Fatalf("got token %+v", made)
	}

	var profile struct {
		Info        object
		Allocation  map[string]int64
		AccountPlan string `json:"account_plan"`
	}
	for _, id := range []string{home, "current"} {
		w.Call(operation.ProfileGet, "GET", "/profile/"+id, made.Token, nil).Into(w, &profile)
		if profile.Info["id"] != home || profile.AccountPlan != "free" ||
			profile.Allocation["input"] != 1_000_000 || len(profile.Allocation) != 9 {
			t.Errorf("profile %s: got %+v", id, profile)
		}
	}
	// A token works without its prefix, and in every header that clients use.
	event := testkit.Event("GET", "/account")
	event.Headers["authorization"] = "Bearer " + strings.TrimPrefix(made.Token, "p-")
	var account struct{ Name, Timezone, Plan string }
	w.Send(operation.AccountGet, event).Into(w, &account)
	if account.Name != "Ana" || account.Timezone != "Europe/Berlin" || account.Plan != "free" {
		t.Errorf("got account %+v", account)
	}

	refused := w.Call(operation.ProfileCreate, "POST", "/profile/", made.Token, object{"name": "second"})
	want := "You have exceeded the maximum limit of profiles (1). Please upgrade you plan or contact support."
	if refused.Code != 403 || refused.Message != want {
		t.Errorf("second profile on Free: got %d %q, want 403 %q", refused.Code, refused.Message, want)
	}

	var info object
	w.Call(operation.TokenInfo, "GET", "/info", made.Token, nil).Into(w, &info)
	if info["type"] != "profile" || info["ref_id"] != home || info["name"] != "laptop" {
		t.Errorf("got info %v", info)
	}
	got := w.Call(operation.TokenDelete, "DELETE", "/profile/"+home+"/token/"+made.Token, made.Token, nil)
	if got.Code != 200 {
		t.Errorf("sign out: got %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.TokenInfo, "GET", "/info", made.Token, nil); got.Code != 401 {
		t.Errorf("after signing out: got %d, want 401", got.Code)
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	plant := ana.Profile("plant")
	w.Share(ben.Home, ana, tenancy.PermissionRead)

	list := func(token string) (names []string) {
		var rows []struct {
			Name      string
			FromShare bool `json:"from_share"`
		}
		w.Call(operation.ProfileList, "GET", "/profile", token, nil).Into(w, &rows)
		for _, r := range rows {
			if r.FromShare {
				r.Name += " (shared)"
			}
			names = append(names, r.Name)
		}
		return names
	}
	if got, want := strings.Join(list(ana.Token), ", "), "ana, plant, ben (shared)"; got != want {
		t.Errorf("got list %q, want %q", got, want)
	}

	for name, body := range map[string]object{
		"flat":   {"name": "renamed", "logo_url": "https://example.com/logo.png", "unknown": 1},
		"nested": {"info": object{"name": "renamed", "logo_url": "https://example.com/logo.png"}, "allocation": object{"input": 7}},
	} {
		got := w.Call(operation.ProfileEdit, "PUT", "/profile/"+string(ben.Home), ben.Token, body)
		if got.Code != 200 {
			t.Fatalf("%s edit: got %d %q", name, got.Code, got.Message)
		}
		if got, want := strings.Join(list(ana.Token), ", "), "ana, plant, renamed (shared)"; got != want {
			t.Errorf("%s edit: a member lists %q, want %q", name, got, want)
		}
		got = w.Call(operation.ProfileEdit, "PUT", "/profile/current", ben.Token, object{"name": "ben", "logo_url": nil})
		if got.Code != 200 {
			t.Fatalf("edit back: got %d %q", got.Code, got.Message)
		}
	}

	got := w.Call(operation.ProfileSwitch, "PUT", "/profile/switch/"+string(plant), ana.Token, nil)
	if got.Code != 200 {
		t.Fatalf("switch: got %d %q", got.Code, got.Message)
	}
	var profile struct {
		Info struct{ ID value.ProfileID }
	}
	w.Call(operation.ProfileGet, "GET", "/profile/current", ana.Token, nil).Into(w, &profile)
	if profile.Info.ID != plant {
		t.Errorf("after switching, current is %s, want %s", profile.Info.ID, plant)
	}

	var summary struct {
		Limit map[string]int64
		Used  map[string]int64 `json:"limit_used"`
	}
	w.Call(operation.ProfileSummary, "GET", "/profile/"+string(ana.Home)+"/summary", ana.Token, nil).Into(w, &summary)
	if summary.Limit["data_records"] != 800_000 || len(summary.Used) != 12 {
		t.Errorf("got summary %+v", summary)
	}

	for name, c := range map[string]struct {
		body object
		code int
	}{
		"no body, as old SDKs send":    {nil, 400},
		"a wrong password":             {object{"password": "wrong"}, 401},
		"a password of another type":   {object{"password": 5}, 400},
		"the right password":           {object{"password": testkit.Password}, 200},
		"the right password, too late": {},
	} {
		if c.code == 0 || c.code == 200 {
			continue
		}
		got := w.Call(operation.ProfileDelete, "DELETE", "/profile/"+string(plant), ana.Token, c.body)
		if got.Code != c.code {
			t.Errorf("delete with %s: got %d %q, want %d", name, got.Code, got.Message, c.code)
		}
	}
	got = w.Call(operation.ProfileDelete, "DELETE", "/profile/"+string(plant), ana.Token,
		object{"password": testkit.Password})
	if got.Code != 200 {
		t.Fatalf("delete: got %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.TokenInfo, "GET", "/info", ana.Token, nil); got.Code != 401 {
		t.Errorf("a token of a deleted profile: got %d, want 401", got.Code)
	}
	last := w.Call(operation.ProfileDelete, "DELETE", "/profile/"+string(ben.Home), ben.Token,
		object{"password": testkit.Password})
	if last.Code != 403 {
		t.Errorf("deleting the last profile: got %d %q, want 403", last.Code, last.Message)
	}
}

func TestTokenLists(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	for _, name := range []string{"read", "write", "full"} {
		w.Advance(time.Second)
		ana.With(name, "never")
	}
	w.Advance(time.Second)
	benToken := ben.SignIn(ana.Home, "1 day")
	path := "/profile/" + string(ana.Home) + "/token"

	names := func(query, token string) string {
		t.Helper()
		var rows []object
		w.Call(operation.TokenList, "GET", path+query, token, nil).Into(w, &rows)
		var out []string
		for _, row := range rows {
			text, ok := row["token"].(string)
			if ok && text != token && !strings.HasSuffix(text, strings.Repeat("*", 26)) {
				t.Errorf("a list shows %q", text)
			}
			out = append(out, row["name"].(string))
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ name, query, want string }{
		{"by age unless told otherwise", "", "sign-in read write full sign-in"},
		{"as the JS SDK asks", "?page=1&fields%5B0%5D=name&fields%5B1%5D=token&amount=20&orderBy=created_at%2Cdesc", "sign-in full write read sign-in"},
		{"as the Python SDK asks", "?page=1&amount=20&orderBy=created_at%2C+asc&fields=name&fields=token", "sign-in read write full sign-in"},
		{"order by name in the array form", "?orderBy[0]=name&orderBy[1]=asc", "full read sign-in sign-in write"},
		{"a page", "?amount=2&page=2", "write full"},
		{"a page after the last", "?amount=2&page=9", ""},
		{"filter with a wildcard", "?filter%5Bname%5D=*R*", "read write"},
		{"filter by permission", "?filter[permission]=write", "write"},
		{"filter by the whole token", "?filter[token]=" + ana.Token, "sign-in"},
		{"filter by owner of the token", "?filter[created_by]=" + string(ben.ID), "sign-in"},
	} {
		if got := names(c.query, ana.Token); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := names("", benToken); got != "sign-in" {
		t.Errorf("a member lists %q, want only its own token", got)
	}
	for _, query := range []string{"?page=0", "?amount=10001", "?amount=x", "?orderBy=nonsense", "?orderBy=name,sideways", "?filter[nonsense]=1"} {
		if got := w.Call(operation.TokenList, "GET", path+query, ana.Token, nil); got.Code != 400 {
			t.Errorf("%s: got %d, want 400", query, got.Code)
		}
	}
	w.Advance(24 * time.Hour)
	if got := names("", ana.Token); got != "sign-in read write full" {
		t.Errorf("after a token's end the list is %q", got)
	}
}

func TestTokensAreDeletedByAnyName(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	for name, target := range map[string]func(string) string{
		"the token":                    func(s string) string { return "/profile/" + string(ana.Home) + "/token/" + s },
		"the token without its prefix": func(s string) string { return "/profile/current/token/" + s[2:] },
		"the masked form": func(s string) string {
			return "/profile/" + string(ana.Home) + "/token/" + s[:10] + strings.Repeat("*", 26)
		},
		"the id":        func(s string) string { return "/profile/" + string(ana.Home) + "/token/" + s[2:10] },
		"the old route": func(s string) string { return "/profile/token/" + s },
	} {
		victim := ana.With("read", "")
		for _, stranger := range []string{target(victim), "/profile/" + string(ben.Home) + "/token/" + victim} {
			if got := w.Call(operation.TokenDelete, "DELETE", stranger, ben.Token, nil); got.Code != 404 {
				t.Errorf("%s: a stranger got %d %q, want 404", name, got.Code, got.Message)
			}
		}
		got := w.Call(operation.TokenDelete, "DELETE", target(victim), ana.Token, nil)
		if got.Code != 200 {
			t.Errorf("%s: got %d %q", name, got.Code, got.Message)
		}
		if got := w.Call(operation.TokenInfo, "GET", "/info", victim, nil); got.Code != 401 {
			t.Errorf("%s: the token still works: %d", name, got.Code)
		}
		got = w.Call(operation.TokenDelete, "DELETE", target(victim), ana.Token, nil)
		if got.Code != 404 {
			t.Errorf("%s, again: got %d, want 404", name, got.Code)
		}
	}
}

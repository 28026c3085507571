package operation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// Members see names in the team, and the owner also sees addresses. An open
// invitation is only an address, so a member sees that there is one.
func TestMembersSeeNamesAndTheOwnerAddresses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, cleo := w.Quick("ana"), w.Quick("ben"), w.Quick("cleo")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	w.Share(ana.Home, cleo, tenancy.PermissionRead)
	w.OK(w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), refOf(ana.Home), "zoe@example.com",
		teams.Offered{Permission: "read"}))
	path := "/profile/" + string(ana.Home) + "/team"
	list := func(token string) (rows []memberRow) {
		t.Helper()
		w.Call(operation.TeamList, "GET", path, token, nil).Into(w, &rows)
		return rows
	}
	owner := list(ana.Token)
	if len(owner) != 3 || owner[0].Email != string(ben.Email) || owner[2].Email != "zoe@example.com" {
		t.Errorf("the owner sees %+v", owner)
	}
	for name, token := range map[string]string{
		"a member with full permission": ben.Token, "one with a token of the profile": ben.Mint(ana.Home, ""), "one with read permission": cleo.Token,
	} {
		rows := list(token)
		for i, want := range owner {
			want.Email = ""
			if len(rows) != len(owner) || rows[i] != want {
				t.Fatalf("%s sees %+v, want the same without addresses", name, rows)
			}
		}
	}
}

// Only the owner may know from where the owner and others work. Members find it
// in no form of the log.
func TestMembersSeeNoNetworkAddressesInTheAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	home := "/profile/" + string(ana.Home)
	anas, bens := ana.Mint(ana.Home, ""), ben.Mint(ana.Home, "")
	w.Advance(time.Second)
	for _, edit := range []struct{ by, token, network string }{{ana.Token, anas, "203.0.113.0/24"},
		{ben.Token, bens, "198.51.100.0/24"}} {
		event := testkit.Event("PUT", home+"/token/"+edit.token)
		event.RequestContext.HTTP.SourceIP, event.Headers["token"] = "203.0.113.77", edit.by
		event.RequestContext.RequestID = "request-of-the-gateway"
		event.Body = `{"allow_list":["` + edit.network + `"],"password":"` + testkit.Password + `"}`
		if got := w.Send(operation.TokenEdit, event); got.Code != 200 {
			t.Fatalf("got %d %q", got.Code, got.Message)
		}
	}
	w.Advance(time.Second)
	var page auditPage
	w.Call(operation.AuditGet, "GET", home+"/auditlog", ana.Token, nil).Into(w, &page)
	for _, form := range []string{"", "?format=csv", "?format=ndjson"} {
		read := func(token string) string {
			t.Helper()
			got := download(w, operation.AuditGet, home+"/auditlog"+form, token)
			if got.StatusCode != 200 {
				t.Fatalf("got %d %s", got.StatusCode, got.Body)
			}
			return got.Body
		}
		for _, secret := range []string{"203.0.113.77", "request-of-the-gateway", "203.0.113.0/24"} {
			if !strings.Contains(read(ana.Token), secret) {
				t.Errorf("%q: the owner does not find %s", form, secret)
			}
			if strings.Contains(read(ben.Token), secret) {
				t.Errorf("%q: a member finds %s", form, secret)
			}
		}
		seen := read(ben.Token)
		if !strings.Contains(seen, "198.51.100.0/24") || !strings.Contains(seen, "Token updated") ||
			!strings.Contains(seen, string(ana.ID)) {
			t.Errorf("%q: a member misses what is its own, what was done or who did it: %s", form, seen)
		}
	}
	got := w.Call(operation.AuditQuery, "GET", home+"/auditlog/"+page.QueryID, ben.Token, nil)
	if strings.Contains(string(got.Result), "203.0.113") {
		t.Error("the answer to a query, asked for once more, has network addresses")
	}
}

// No operation shows a member somebody else's network address or mail address.
// A new operation is covered at once.
func TestNoOperationTellsAMemberAddresses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.NoteUses()
	ana, ben, cleo := w.Quick("ana"), w.Quick("ben"), w.Quick("cleo")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	w.Share(ana.Home, cleo, tenancy.PermissionRead)
	w.OK(w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), refOf(ana.Home), "zoe@example.com",
		teams.Offered{}))
	cleos := cleo.Mint(ana.Home, "")
	for _, token := range []string{ana.Token, cleos} {
		got := from(w, "203.0.113.77", operation.ProfileEdit, "PUT", "/profile/"+string(ana.Home), token)
		if got.Code >= 500 {
			t.Fatalf("got %d", got.Code)
		}
	}
	w.OK(w.Profiles.Edit(t.Context(), ana.Client(operation.ProfileEdit), refOf(ana.Home),
		tenancy.ProfileEdit{Name: ptr("renamed")}))
	w.OK(w.Teams.Remove(t.Context(), cleo.Client(operation.TeamRemove), refOf(ana.Home),
		string(cleo.ID)))
	w.Advance(time.Second)
	tried := 0
	for _, o := range operation.All() {
		for _, route := range o.Routes {
			if route.Method != "GET" || !strings.HasPrefix(route.Path, "/profile") ||
				o.Access == operation.Anonymous {
				continue
			}
			path := strings.NewReplacer("{id}", string(ana.Home), "{query}", everything, "{token}", ana.Token[2:10]).
				Replace(route.Path)
			event := testkit.Event("GET", path)
			event.RequestContext.HTTP.SourceIP, event.Headers["token"] = "198.51.100.9", ben.Token
			got := w.Send(o, event)
			if tried++; got.Code == 200 {
				for _, address := range []string{string(ana.Email), string(cleo.Email), "zoe@example.com",
					"203.0.113.77", testkit.Home} {
					if strings.Contains(got.Body, address) {
						t.Errorf("%s tells a member %s", o.Name, address)
					}
				}
			}
		}
	}
	if tried < 8 {
		t.Errorf("only %d requests were tried", tried)
	}
}

// A list of tokens shows the text of the one token that the request carries, as
// it was sent. TagoIO's auto-scaler in Python finds the profile of its token by
// it.
func TestTheListShowsTheTokenThatItCarries(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	second := ana.Profile("second")
	carried, other := ana.Mint(second, ""), ana.Mint(second, "")
	w.Share(second, ben, tenancy.PermissionFull)
	bens := ben.Mint(second, "")
	texts := func(id value.ProfileID, query, token string) (out []string) {
		t.Helper()
		var rows []struct{ Token string }
		w.Call(operation.TokenList, "GET", "/profile/"+string(id)+"/token"+query, token, nil).Into(w, &rows)
		for _, row := range rows {
			out = append(out, row.Token)
		}
		return out
	}
	masked := func(token string) string { return token[:10] + strings.Repeat("*", 26) }
	same := func(what string, got []string, want ...string) {
		t.Helper()
		if a, b := strings.Join(got, " "), strings.Join(want, " "); a != b {
			t.Errorf("%s: got %s, want %s", what, a, b)
		}
	}
	oldest := "?orderBy=created_at,asc&fields=token"
	same("its own profile", texts(second, oldest, carried), carried, masked(other), masked(bens))
	same("as it was sent, without the prefix", texts(second, oldest, carried[2:]), carried[2:], masked(other), masked(bens))
	same("the other token", texts(second, oldest, other), masked(carried), other, masked(bens))
	same("another profile", texts(ana.Home, oldest, carried), masked(ana.Token))
	same("a member", texts(second, oldest, bens), bens)
	same("found by its text", texts(second, oldest+"&filter[token]="+carried, carried), carried)
	same("another one found by its text", texts(second, oldest+"&filter[token]="+other, carried), masked(other))
	same("the name alone", texts(second, "?fields=name", carried), "", "", "")

	// The script itself takes the first profile whose list has the token.
	var profiles []struct{ ID value.ProfileID }
	w.Call(operation.ProfileList, "GET", "/profile", carried, nil).Into(w, &profiles)
	found := value.ProfileID("")
	for _, p := range profiles {
		for _, text := range texts(p.ID, "?page=1&amount=20&fields=name&fields=token&fields=permission&orderBy=created_at,%20asc", carried) {
			if text == carried && found == "" {
				found = p.ID
			}
		}
	}
	if found != second {
		t.Errorf("the token is of %s, and its lists say of %q", second, found)
	}
}

// A token of one profile reads only those facts of its account that are not
// secret.
func TestATokenOfOneProfileSeesItsAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	if got := w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{
		"company": "Secret Ltd", "phone": "+1555", "country": "PT", "timezone": "Europe/Lisbon", "options": object{"date_format": "DD-MM-YYYY"},
	}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	of := func(token string) (fields map[string]json.RawMessage) {
		t.Helper()
		got := w.Call(operation.AccountGet, "GET", "/account", token, nil)
		got.Into(w, &fields)
		return fields
	}
	whole, part := of(ana.Token), of(ana.Limited(ana.Home, tenancy.TokenLimits{Scope: ptr("profile")}))
	want := []string{"id", "name", "plan", "timezone", "options"}
	for _, name := range want {
		if part[name] == nil || string(part[name]) != string(whole[name]) {
			t.Errorf("%s: got %s, want %s", name, part[name], whole[name])
		}
	}
	if len(part) != len(want) {
		t.Errorf("got the fields %v, want %v alone", part, want)
	}
}

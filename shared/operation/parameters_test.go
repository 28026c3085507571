package operation_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// An operation refuses a query parameter that it does not know before it does
// anything.
func TestUnknownParametersAreRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	session := ana.Browser()
	for _, o := range operation.All() {
		for _, route := range o.Routes {
			if o.Call == nil {
				continue
			}
			path := strings.NewReplacer("{id}", string(ana.Home), "{type}", "email").Replace(route.Path)
			path = strings.NewReplacer("{", "", "}", "").Replace(path)
			for _, token := range []string{ana.Token, ""} {
				got := w.Call(o, route.Method, path+"?surprise=1", token, nil)
				if o.SignsIn || o.Access == operation.Browser {
					got = w.Browse(o, route.Method, path+"?surprise=1", session, nil)
				}
				if got.Code == 401 && token == "" && o.Access != operation.Anonymous {
					continue
				}
				refused := got.Code == 400 && strings.HasPrefix(got.Message, "surprise is no parameter of this route")
				if refused == o.AnyParams {
					t.Errorf("%s %s: got %d %q, want a refusal: %v", route.Method, path, got.Code, got.Message, !o.AnyParams)
				}
			}
		}
	}
}

// Each parameter that a document or an SDK of the original has either works or
// is refused.
func TestParametersThatClientsSend(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	home := "/profile/" + string(ana.Home)
	for _, c := range []struct {
		o       operation.Operation
		path    string
		works   []string
		refused []string
	}{
		{operation.TokenList, home + "/token", []string{
			"page=1&fields%5B0%5D=name&fields%5B1%5D=token&fields%5B2%5D=permission&amount=20&orderBy=created_at%2Cdesc", "page=1&fields=name&fields=token&orderBy=created_at%2C+asc",
			"filter%5Btoken%5D=x&filter%5Btype%5D=profile&filter%5Bserie_number%5D=a", "orderBy=serie_number,asc", "orderBy=verification_code,desc", "orderBy=name", "orderBy=permission",
			"fields=last_authorization,last_address,last_agent,grace_ends,replaces,ref_id,created_by,serie_number,verification_code,type,expire_time,created_at",
		}, []string{"filter%5Blast_authorization%5D=2030*", "orderBy=last_authorization", "fields=secret", "token=x", "read=true"}},
		{operation.NotificationList, "/notification/", []string{
			"read=false", "read=True", "filter%5Bread%5D=False", "type=limit_alert", "type=dashboard", "start_date=2030-01-01&end_date=2030-01-31", "orderBy%5B0%5D=created_at&orderBy%5B1%5D=asc",
			"fields%5B0%5D=title", "filter%5Btype%5D=profile", "page=1&amount=10000", "read=true&filter%5Bread%5D=True", "type=profile&filter[type]=profile", "read=&filter[read]=true",
		}, []string{"type=chat", "ref_id=" + string(ana.Home), "filter%5Bmessage%5D=x", "fields=logo", "start_date=2030-02-01&end_date=2030-01-01", "start_date=yesterday", "read=maybe", "orderBy=title", "read=true&filter[read]=false", "type=tago&filter%5Btype%5D=profile", "filter=read", "page=&page=x", "read=&read=maybe"}},
		{operation.ProfileSummary, home + "/summary", []string{"onlyAmount=true", "onlyAmount=False"}, []string{"onlyAmount=yes", "only_amount=true"}},
		{operation.TokenInfo, "/info", []string{"details=true"}, []string{"detail=true"}},
		{operation.PaymentHistory, "/account/payment_history", []string{"amount=10"}, []string{"page=2", "last_id=x", "amount=0"}},
		{operation.AccountCost, "/account/cost", []string{"month=2030-03", "format=json"}, []string{"month=2030-3", "year=2030", "format=xml"}},
		{operation.TransferList, "/transfer", []string{"page=1&amount=5"}, []string{"orderBy=created_at", "filter%5Bstate%5D=x"}},
		{operation.StatisticsGet, home + "/statistics", []string{
			"date=2030-03-14&timezone=Europe/Berlin", "start_date=2030-03-01&end_date=2030-03-14&periodicity=day", "date=2030-03-14&periodicity=hour", "periodicity=month", "date=2030-03-14&start_date=&end_date=",
		}, []string{"timezone=Berlin", "period=day", "date=2030-03-14&periodicity=month&start_date=2030-03-01", "date=2030-03-14&start_date=2030-03-01&end_date=2030-03-14"}},
		{operation.AuditGet, home + "/auditlog", []string{"resourceID=a&ref_id=a", "resourceID=&ref_id=b", "who=&who=nobody"}, []string{"resourceID=a&ref_id=b", "format=&format=xml", "limit=&limit=x", "who=a&who=&who=b"}},
		{operation.AccountAuditGet, "/account/auditlog", []string{"resourceID=a&ref_id=a"}, []string{"resourceID=a&ref_id=b"}},
		{operation.ProfileList, "/profile", []string{"", "_=1899710813"}, []string{"filter%5Bname%5D=x", "page=2"}},
		{operation.AllocationGet, "/account/allocation", nil, []string{"profile=" + string(ana.Home)}},
	} {
		for _, query := range c.works {
			if got := w.Call(c.o, "GET", c.path+"?"+query, ana.Token, nil); got.Code != 200 {
				t.Errorf("%s?%s: got %d %q", c.path, query, got.Code, got.Message)
			}
		}
		for _, query := range c.refused {
			if got := w.Call(c.o, "GET", c.path+"?"+query, ana.Token, nil); got.Code != 400 {
				t.Errorf("%s?%s: got %d %q, want 400", c.path, query, got.Code, got.Message)
			}
		}
	}
	// An empty first one is ignored, and the second one selects.
	w.Call(operation.ProfileEdit, "PUT", home, ana.Token, object{"name": "Plant"})
	w.Advance(time.Second)
	for query, want := range map[string]string{"": "Profile updated", "?who=&who=nobody": `"events":[]`, "?format=&format=csv": "date,local_date", "?find=&find=none*": `"events":[]`} {
		got := download(w, operation.AuditGet, home+"/auditlog"+query, ana.Token)
		if got.StatusCode != 200 || !strings.Contains(got.Body, want) {
			t.Errorf("auditlog%s: got %d %s", query, got.StatusCode, got.Body)
		}
	}
	if got := w.Call(operation.ProfileCreate, "POST", "/profile?allocate_free_resources=yes", ana.Token, object{"name": "x"}); got.Code != 400 {
		t.Errorf("a flag that is neither: got %d %q", got.Code, got.Message)
	}
}

// The filters of notifications select, each alone and together with others.
func TestFiltersOfNotifications(t *testing.T) {
	t.Parallel()
	w := testkit.New(t) // 2030-03-14T09:26:53.589Z
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.OK(w.Teams.Invite(w.Context(), ben.Client(operation.TeamInvite),
		service.ProfileRef{ID: ben.Home}, string(ana.Email), teams.Offered{Permission: "read"}))
	w.Advance(24 * time.Hour)
	for _, title := range []string{"Zoë's report", "other"} {
		got := w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"title": title, "message": "m"})
		if got.Code != 200 {
			t.Fatalf("got %d %q", got.Code, got.Message)
		}
		w.Advance(time.Second)
	}
	titles := func(query string) string {
		var rows []map[string]any
		w.Call(operation.NotificationList, "GET", "/notification?orderBy=created_at,asc&"+query, ana.Token, nil).Into(w, &rows)
		var out []string
		for _, row := range rows {
			out = append(out, fmt.Sprint(row["title"]))
		}
		return strings.Join(out, "|")
	}
	all := titles("")
	invited, _, _ := strings.Cut(all, "|")
	for query, want := range map[string]string{
		"type=profile": invited, "type=tago": "Zoë's report|other", "type=limit_alert": "", "filter[title]=zoe*": "Zoë's report", "start_date=2030-03-15": "Zoë's report|other",
		"end_date=2030-03-14": invited, "start_date=2030-03-14&end_date=2030-03-15": all, "start_date=2030-03-14&end_date=2030-03-15&type=tago&filter[title]=o*": "other", "end_date=2030-03-13": "",
	} {
		if got := titles(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	var rows []map[string]any
	w.Call(operation.NotificationList, "GET", "/notification?fields=title,type&type=profile", ana.Token, nil).Into(w, &rows)
	if len(rows) != 1 || len(rows[0]) != 4 || rows[0]["type"] != "profile" || rows[0]["created_at"] == nil ||
		rows[0]["id"] == nil {
		t.Errorf("two fields: got %v", rows)
	}
	w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"timezone": "America/Los_Angeles"})
	w.Advance(20 * time.Hour) // 05:26 on the 16th, and still the 15th in that zone
	w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"title": "late", "message": "m"})
	if got := titles("end_date=2030-03-15&start_date=2030-03-15"); !strings.HasSuffix(got, "late") {
		t.Errorf("a day where the person is: got %q", got)
	}
}

// A key of a body that could be mistaken for another one, or has no effect, is
// refused, and nothing changes.
func TestUnknownKeysOfBodiesThatGivePowerOrCost(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ben := w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	other := ana.Profile("other")
	home := "/profile/" + string(ana.Home)
	credentials := object{"email": ana.Email, "password": testkit.Password}
	with := func(o object, more ...any) object {
		out := object{}
		for k, v := range o {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i].(string)] = more[i+1]
		}
		return out
	}
	before := w.Call(operation.SubscriptionGet, "GET", "/account/subscription", ana.Token, nil).Body +
		w.Call(operation.AllocationGet, "GET", "/account/allocation", ana.Token, nil).Body +
		w.Call(operation.TokenList, "GET", home+"/token?fields=name", ana.Token, nil).Body +
		w.Call(operation.TeamList, "GET", home+"/team", ana.Token, nil).Body
	for _, c := range []struct {
		o            operation.Operation
		method, path string
		body         any
		says         string
	}{
		{operation.PlanEdit, "POST", "/account/plan/", object{"plan": "scale", "sms": 100}, "sms"},
		{operation.PlanEdit, "POST", "/account/plan", object{"plan": "scale", "device_request": 1}, "device_request"},
		{operation.SubscriptionEdit, "POST", "/account/subscription", object{"plan": "scale", "sms": 100}, "sms"},
		{operation.SubscriptionEdit, "POST", "/account/subscription", object{"services": object{"sms": object{"limit": 100, "price": 1}}}, "services.sms.price"},
		{operation.SubscriptionEdit, "POST", "/account/subscription", object{"services": object{"sms": 100}}, "services.sms must be an object"},
		{operation.AllocationEdit, "POST", "/account/allocation", []object{{"profile": other, "sms": 1, "data_record": 5}}, "[0].data_record"},
		{operation.ProfileServices, "POST", home + "/services", object{"sms": 1, "mail": 5}, "mail"},
		{operation.AddonEdit, "POST", home + "/addons", object{"mobile": true, "control_tower": true}, "control_tower"},
		{operation.TeamInvite, "POST", home + "/team", object{"email": "zoe@example.com", "permision": "read"}, "permision"},
		{operation.TeamEdit, "PUT", home + "/team/" + string(ben.ID), object{"permission": "full", "until": "2030-01-01"}, "until"},
		{operation.TokenCreate, "POST", home + "/token", with(credentials, "name", "x", "permission", "read", "allowlist", []string{"203.0.113.7"}), "allowlist"},
		{operation.TokenCreate, "POST", home + "/token", with(credentials, "name", "x", "permission", "read", "serie_number", "1"), "serie_number"},
		{operation.TokenCreate, "POST", home + "/token", with(credentials, "name", "x", "permission", "read", "expires", "1 day"), "expires"},
		{operation.AccountTokenCreate, "POST", "/account/profile/token", with(credentials, "name", "x", "profile_id", ana.Home, "permission", "read"), "permission"},
		{operation.TokenEdit, "PUT", home + "/token/" + ana.Token[2:10], object{"name": "x", "permission": "read"}, "permission"},
		{operation.TokenPolicySet, "PUT", home + "/token_policy", object{"longest": 5, "never": false}, "longest"},
		{operation.TokenRotate, "POST", home + "/token/" + ana.Token[2:10] + "/rotate", object{"grace": "1 hour", "expire_time": "never"}, "expire_time"},
		{operation.TransferRequest, "POST", home + "/transfer", object{"email": ben.Email, "password": testkit.Password, "keep_me": "full"}, "keep_me"},
		{operation.TokenCreate, "POST", home + "/token", with(credentials, "name", "x", "permission", "read", "profile_id", other), "the body names another profile than the path"},
		{operation.TokenCreate, "POST", "/profile/current/token", with(credentials, "name", "x", "permission", "read", "profile_id", other), "the body names another profile than the path"},
		{operation.TokenCreate, "POST", home + "/token", with(credentials, "name", "x", "permission", "read", "profile_id", 5), "profile_id must be a text"},
		{operation.ProfileServices, "POST", home + "/services", object{"profile": other, "sms": 1}, "the body names another profile than the path"},
		{operation.AddonEdit, "POST", home + "/addons", object{"mobile": true, "profile": other}, "the body names another profile than the path"},
		{operation.AddonEdit, "POST", "/profile/current/addons", object{"mobile": true, "id": ana.Home, "profile": other}, "the body names two profiles"},
		{operation.AddonEdit, "POST", home + "/addons", object{"mobile": true, "id": other}, "the body names another profile than the path"},
		{operation.TransferConfirm, "POST", "/transfer/TR-7K3M-92QD/confirm", object{"code": "x", "pasword": testkit.Password}, "pasword"},
		{operation.TransferDecline, "POST", "/transfer/TR-7K3M-92QD/decline", object{"code": "x", "password": testkit.Password, "reason": "no"}, "reason"},
		{operation.TransferRevert, "POST", "/transfer/TR-7K3M-92QD/revert", object{"password": testkit.Password, "code": "x"}, "code"},
		{operation.TransferCancel, "DELETE", home + "/transfer", object{"reason": "no"}, "reason"},
		{operation.DeskApprove, "POST", "/desk/transfer/TR-7K3M-92QD/approve", object{"note": "fine"}, "note"},
		{operation.DeskReject, "POST", "/desk/transfer/TR-7K3M-92QD/reject", object{"reason": "no", "note": "x"}, "note"},
		{operation.DeskNote, "POST", "/desk/transfer/TR-7K3M-92QD/note", object{"kind": "note", "text": "x", "to": "ben"}, "to"},
		{operation.DeskExtend, "POST", "/desk/transfer/TR-7K3M-92QD/extend", object{"days": 5}, "days"},
		{operation.DeskRevert, "POST", "/desk/transfer/TR-7K3M-92QD/revert", object{"reason": "x"}, "reason"},
		{operation.UsageReport, "POST", "/usage/" + string(ana.Home), object{"lines": []object{{"service": "file_storage", "amount": 5, "is_set": true, "event": "a"}}}, "lines[0].is_set"},
		{operation.UsageReport, "POST", "/usage/" + string(ana.Home), object{"lines": []object{{"service": "input", "amount": 5, "event": "a"}}, "cycle": "2030-03"}, "cycle"},
		{operation.AccountEdit, "PUT", "/account", object{"name": "x", "password": "another one entirely"}, "password cannot be changed here: leave it out, and send it to POST /account/passwordreset"},
		{operation.AccountEdit, "PUT", "/account", object{"cpassword": "another one entirely"}, "cpassword cannot be changed here"},
		{operation.AccountEdit, "PUT", "/account", object{"name": "x", "otp": object{"email": true}}, "otp.email cannot be changed here: leave it out, and use POST /account/otp/email/enable"},
		{operation.AccountEdit, "PUT", "/account", object{"name": "x", "otp": object{"sms": true}}, "sms is not offered"},
		{operation.AccountEdit, "PUT", "/account", object{"name": "x", "plan": "free"}, "plan cannot be changed here"},
		{operation.AccountEdit, "PUT", "/account", object{"name": "x", "send_invoice": true}, "send_invoice"},
		{operation.AccountEdit, "PUT", "/account", object{"blocked": true}, "blocked"},
		{operation.NotificationRead, "PUT", "/notification/read", object{"notification_ids": []any{5}}, "notification_ids[0] must be a text"},
	} {
		got := w.Call(c.o, c.method, c.path, ana.Token, c.body)
		if got.Code != 400 || !strings.HasPrefix(got.Message, c.says) {
			t.Errorf("%s %v: got %d %q, want %q", c.path, c.body, got.Code, got.Message, c.says)
		}
	}
	after := w.Call(operation.SubscriptionGet, "GET", "/account/subscription", ana.Token, nil).Body +
		w.Call(operation.AllocationGet, "GET", "/account/allocation", ana.Token, nil).Body +
		w.Call(operation.TokenList, "GET", home+"/token?fields=name", ana.Token, nil).Body +
		w.Call(operation.TeamList, "GET", home+"/team", ana.Token, nil).Body
	if after != before {
		t.Errorf("a refused body has changed\n%s\nto\n%s", before, after)
	}
	// Bodies that clients have read, changed and sent back are accepted, as are
	// keys without a value and keys of old clients.
	var account map[string]any
	w.Call(operation.AccountGet, "GET", "/account", ana.Token, nil).Into(w, &account)
	account["name"] = "Renamed"
	var rows []map[string]any
	w.Call(operation.AllocationGet, "GET", "/account/allocation", ana.Token, nil).Into(w, &rows)
	for _, c := range []struct {
		o            operation.Operation
		method, path string
		body         any
	}{
		{operation.AccountEdit, "PUT", "/account", account},
		{operation.AccountEdit, "PUT", "/account", with(account, "password", "", "cpassword", nil)},
		{operation.AllocationEdit, "POST", "/account/allocation", rows},
		{operation.TokenCreate, "POST", home + "/token", with(credentials, "name", "x", "permission", "read", "serie_number", nil, "verification_code", "", "middleware", nil, "profile_id", ana.Home)},
		{operation.TokenCreate, "POST", "/profile/current/token", with(credentials, "name", "x", "permission", "read", "profile_id", "current")},
		{operation.TokenCreate, "POST", "/profile/current/token", with(credentials, "name", "x", "permission", "read", "profile_id", ana.Home)},
	} {
		if got := w.Call(c.o, c.method, c.path, ana.Token, c.body); got.Code != 200 {
			t.Errorf("%s %v: got %d %q", c.path, c.body, got.Code, got.Message)
		}
	}
}

// An edit of a profile reads each field from the place where it is: at the top,
// or in info as in a profile that was read. A field in both places has the
// value at the top.
func TestAnEditOfAProfileTakesEachFieldFromWhereItIs(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	home := "/profile/" + string(ana.Home)
	const logo, banner = "https://example.com/logo.png", "https://example.com/banner.png"
	for _, c := range []struct {
		name   string
		body   object
		logo   any
		banner any
	}{
		{"One", object{"name": "One", "info": object{"logo_url": logo}}, logo, nil},
		{"Two", object{"banner_url": banner, "info": object{"name": "Two"}}, logo, banner},
		{"Three", object{"name": "Three", "logo_url": nil, "info": object{"name": "Two", "logo_url": logo, "banner_url": banner}}, nil, banner},
		{"Four", object{"info": object{"name": "Four", "logo_url": logo, "banner_url": nil}}, logo, nil},
		{"Four", object{"logo_url": "", "info": object{}}, nil, nil},
	} {
		if got := w.Call(operation.ProfileEdit, "PUT", home, ana.Token, c.body); got.Code != 200 {
			t.Errorf("%v: got %d %q", c.body, got.Code, got.Message)
		}
		var is struct {
			Info struct {
				Name string `json:"name"`
				Logo any    `json:"logo_url"`
				Head any    `json:"banner_url"`
			} `json:"info"`
		}
		w.Call(operation.ProfileGet, "GET", home, ana.Token, nil).Into(w, &is)
		if is.Info.Name != c.name || is.Info.Logo != c.logo || is.Info.Head != c.banner {
			t.Errorf("%v: the profile is %v, want %s, %v, %v", c.body, is.Info, c.name, c.logo, c.banner)
		}
	}
}

// No answer repeats a long text of a client, wherever the text is: in the path,
// in the query, or in a key or a value of the body.
func TestAnswersDoNotRepeatLongTexts(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	long := strings.Repeat("x", 10_000)
	const most = 900
	try := func(o operation.Operation, method, path string, body any) {
		for _, token := range []string{ana.Token, ""} {
			got := w.Call(o, method, path, token, body)
			if len(got.Body) > most || strings.Contains(got.Body, strings.Repeat("x", 300)) {
				t.Errorf("%s %s %.80s %.300v: got %d with %d bytes", o.Name, method, path, body, got.Code, len(got.Body))
			}
		}
	}
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Name == operation.ConsolePage().Name || o.AnyParams ||
			o.Name == operation.RouteUnknown().Name || o.Name == operation.TokenLeaked.Name {
			continue
		}
		for _, route := range o.Routes {
			parts := strings.Split(route.Path, "/")
			for i, part := range parts {
				if !strings.HasPrefix(part, "{") || part == "{email}" {
					continue
				}
				path := strings.Join(append(append(append([]string{}, parts[:i]...), long),
					parts[i+1:]...), "/")
				path = strings.NewReplacer("{id}", string(ana.Home), "{token}", ana.Token, "{type}", "email", "{member}",
					string(ana.ID), "{ticket}", "TR-7K3M-92QD", "{button}", "accept").Replace(path)
				try(o, route.Method, path, nil)
			}
			path := strings.NewReplacer("{id}", string(ana.Home), "{token}", "0123456789", "{type}", "sms", "{", "", "}", "").
				Replace(route.Path)
			for _, name := range append([]string{long}, o.Params()...) {
				switch name {
				case "find", "who", "resourceID", "ref_id", "resourceName", "details", "nextToken", "filter":
					name += "[" + long + "]"
				}
				try(o, route.Method, path+"?"+url.QueryEscape(name)+"="+long, nil)
			}
		}
		raw, err := os.ReadFile(root + "/events/" + o.Name + ".json")
		w.OK(err)
		var event struct{ RawPath, RouteKey, Body string }
		w.OK(json.Unmarshal(raw, &event))
		var body map[string]any
		if json.Unmarshal([]byte(event.Body), &body) != nil {
			continue
		}
		for key := range body {
			changed := object{}
			for k, v := range body {
				changed[k] = v
			}
			method, _, _ := strings.Cut(event.RouteKey, " ")
			for _, value := range []any{long, []any{long}, object{long: long},
				object{long: object{long: 1}}, []any{object{"id": long, "permission": long}}} {
				changed[key] = value
				try(o, method, event.RawPath, changed)
			}
		}
	}
	try(operation.AllocationEdit, "POST", "/account/allocation", []any{object{"profile": long, "sms": 1}})
	try(operation.AllocationEdit, "POST", "/account/allocation", []any{object{"profile": long, "sms": 1}, object{"profile": long, "sms": 1}})
	try(operation.SubscriptionEdit, "POST", "/account/subscription", object{"addons": object{"mobile": []any{long}}})
	try(operation.SubscriptionEdit, "POST", "/account/subscription", object{"services": object{long: object{}}})
}

// A refusal because of too many requests names what there were too many of.
func TestASecondInvitationSaysWhatIsTooMany(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	invite := func() testkit.Answer {
		return w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, object{"email": "zoe@example.com"})
	}
	invite()
	if got := invite(); got.Code != 429 || got.Message != "Too many requests (Retry-After: 60): this address was invited a moment ago, and gets one mail a minute" || got.Header["Retry-After"] != "60" {
		t.Errorf("got %d %q", got.Code, got.Message)
	}
}

package operation_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type teamRow struct {
	ID, Email, State string
	Active           bool
	Expires          *string `json:"expires_at"`
	Mailed           *string `json:"mailed_at"`
}

func teamOf(w *testkit.World, token string, id value.ProfileID, query string) (rows []teamRow) {
	w.Helper()
	w.Call(operation.TeamList, "GET", "/profile/"+string(id)+"/team"+query, token, nil).Into(w, &rows)
	return rows
}

func states(rows []teamRow) (out []string) {
	for _, r := range rows {
		out = append(out, r.State)
	}
	return out
}

// For 30 days the owner sees who has not answered in time, before and after the
// sweep, and can invite them again or take them off the list.
func TestInvitationsThatNobodyHasAnswered(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	invite := func(email string) {
		t.Helper()
		got := w.Call(operation.TeamInvite, "POST", "/profile/"+string(ana.Home)+"/team", ana.Token,
			object{"email": email, "permission": "read"})
		if got.Code != 200 {
			t.Fatalf("got %d %q", got.Code, got.Message)
		}
	}
	fresh := func() { ana.Token, ben.Token = ana.Mint(ana.Home, "never"), ben.Mint(ben.Home, "never") }
	fresh()
	begun := w.Now().UTC()
	invite("kim@example.com")
	w.Advance(time.Second)
	invite("lou@example.com")
	rows := teamOf(w, ana.Token, ana.Home, "")
	if !slices.Equal(states(rows), []string{"active", "open", "open"}) || rows[0].Expires != nil ||
		rows[0].Mailed != nil ||
		*rows[1].Expires != begun.Add(tenancy.InvitationLife).Format(value.TimeFormat) ||
		*rows[1].Mailed != begun.Format(value.TimeFormat) {
		t.Errorf("got %+v", rows)
	}
	w.Advance(24 * time.Hour)
	invite("lou@example.com")
	rows = teamOf(w, ana.Token, ana.Home, "")
	if *rows[2].Mailed != w.Now().UTC().Format(value.TimeFormat) {
		t.Errorf("mailed again: got %s", *rows[2].Mailed)
	}
	w.Advance(8 * 24 * time.Hour)
	for _, swept := range []bool{false, true} {
		if swept {
			_, err := w.Teams.Expire(t.Context())
			w.OK(err)
		}
		if rows := teamOf(w, ana.Token, ana.Home, ""); !slices.Equal(states(rows), []string{"active"}) {
			t.Errorf("swept %v: got %+v", swept, rows)
		}
		rows := teamOf(w, ana.Token, ana.Home, "?expired=true")
		if !slices.Equal(states(rows), []string{"active", "expired", "expired"}) || rows[1].Email != "kim@example.com" ||
			rows[1].Active {
			t.Errorf("swept %v, with those that have expired: got %+v", swept, rows)
		}
		if rows := teamOf(w, ben.Token, ana.Home, "?expired=true"); !slices.Equal(states(rows), []string{"active"}) {
			t.Errorf("swept %v: a member sees %+v", swept, rows)
		}
	}
	kim := teamOf(w, ana.Token, ana.Home, "?expired=true")[1].ID
	remove := func(token, id string) int {
		return w.Call(operation.TeamRemove, "DELETE", "/profile/"+string(ana.Home)+"/team/"+id, token, nil).Code
	}
	if got := remove(ben.Token, kim); got != 403 {
		t.Errorf("a member takes one off: got %d", got)
	}
	for _, want := range []int{200, 404} {
		if got := remove(ana.Token, kim); got != want {
			t.Errorf("the owner takes one off: got %d, want %d", got, want)
		}
	}
	invite("lou@example.com")
	if rows := teamOf(w, ana.Token, ana.Home, "?expired=true"); !slices.Equal(states(rows), []string{"active", "open"}) {
		t.Errorf("invited again: got %+v", rows)
	}
	w.Advance(tenancy.InvitationLife + tenancy.LapsedLife - time.Millisecond)
	_, err := w.Teams.Expire(t.Context())
	w.OK(err)
	if rows := teamOf(w, ana.Token, ana.Home, "?expired=true"); !slices.Equal(states(rows), []string{"active", "expired"}) {
		t.Errorf("before 30 days: got %+v", rows)
	}
	w.Advance(time.Millisecond)
	if rows := teamOf(w, ana.Token, ana.Home, "?expired=true"); !slices.Equal(states(rows), []string{"active"}) {
		t.Errorf("after 30 days: got %+v", rows)
	}
}

// The next owner does not see whom an owner has invited.
func TestANewOwnerSeesNoInvitationsFromBefore(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam := w.Account("ana"), w.Account("ben"), w.Agent(w.Account("sam"))
	plant := ana.Profile("Plant")
	w.OK(w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), refOf(plant), "kim@example.com",
		teams.Offered{Permission: "read"}))
	w.Advance(tenancy.InvitationLife)
	w.Move(plant, ana, ben, sam)
	if rows := teamOf(w, ben.Token, plant, "?expired=true"); len(rows) != 0 {
		t.Errorf("got %+v", rows)
	}
}

// A notification names the profile or the transfer that it is about.
func TestNotificationsNameWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, plane := w.Account("ana"), w.Account("ben"), dataPlaneOf(w)
	plant := ana.Profile("Plant")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	ticket := w.Offer(plant, ana, ben.Email)
	w.OK(w.Teams.Edit(t.Context(), ana.Client(operation.TeamEdit), refOf(ana.Home),
		string(ben.ID), teams.MemberEdit{Permission: "write"}))
	if got := w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.Token,
		object{"lines": []object{{"service": "data_records", "amount": 1_000_000, "set": true, "event": "e"}}}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	w.OK(w.Teams.Remove(t.Context(), ben.Client(operation.TeamRemove), refOf(ana.Home),
		string(ben.ID)))
	_, err := w.Notifications.Create(t.Context(),
		ana.Client(operation.NotificationCreate), "own", "text", false)
	w.OK(err)
	refs := func(p testkit.Person) map[string]string {
		var rows []struct {
			Title, Type string
			Ref         *string `json:"ref_id"`
		}
		w.Call(operation.NotificationList, "GET", "/notification?amount=100", p.Token, nil).Into(w, &rows)
		out := map[string]string{}
		for _, r := range rows {
			if r.Ref != nil {
				out[r.Title+", "+r.Type] = *r.Ref
			} else {
				out[r.Title+", "+r.Type] = ""
			}
		}
		return out
	}
	for title, want := range map[string]string{"A profile is offered to you, profile": string(ticket.ID), "Your permission has changed, profile": string(ana.Home)} {
		if got, ok := refs(ben)[title]; !ok || got != want {
			t.Errorf("%s: got %q of %v, want %q", title, got, refs(ben), want)
		}
	}
	for title, want := range map[string]string{"A member has left, profile": string(ana.Home),
		"Data records of " + nameOf(w, ana) + " is at 100 %, limit_alert": string(ana.Home), "own, tago": ""} {
		if got, ok := refs(ana)[title]; !ok || got != want {
			t.Errorf("%s: got %q of %v, want %q", title, got, refs(ana), want)
		}
	}
}

// A notification about a limit has numbers and times as data besides its text.
// Others have none.
func TestNotificationsOfALimitHaveItsUse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, plane := w.Account("ana"), dataPlaneOf(w)
	if got := w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.Token,
		object{"lines": []object{
			{"service": "analysis", "amount": 2400.25, "event": "a"},
			{"service": "data_records", "amount": 1_000_000, "set": true, "event": "b"},
		}}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	_, err := w.Notifications.Create(t.Context(),
		ana.Client(operation.NotificationCreate), "own", "text", false)
	w.OK(err)
	var rows []struct {
		Title string
		Usage map[string]any
	}
	w.Call(operation.NotificationList, "GET", "/notification?fields=title,usage", ana.Token, nil).Into(w, &rows)
	var summary struct {
		Reset string `json:"reset_at"`
	}
	w.Call(operation.ProfileSummary, "GET", "/profile/"+string(ana.Home)+"/summary", ana.Token, nil).Into(w, &summary)
	got := map[string]map[string]any{}
	for _, r := range rows {
		got[r.Title] = r.Usage
	}
	name := strings.Trim(nameOf(w, ana), "\u2068\u2069")
	want := map[string]map[string]any{
		"own": nil,
		"Analysis of " + nameOf(w, ana) + " is at 80 %": {
			"profile": name, "service": "analysis", "percent": 80., "used": 2400.25, "limit": 3000.,
			"reset_at": summary.Reset,
		},
		"Data records of " + nameOf(w, ana) + " is at 100 %": {
			"profile": name, "service": "data_records", "percent": 100., "used": 1e6, "limit": 8e5, "reset_at": nil,
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func nameOf(w *testkit.World, p testkit.Person) string {
	seen, err := w.Profiles.Get(w.Context(), p.Client(operation.ProfileGet), refOf(p.Home))
	w.OK(err)
	return seen.Name
}

// Each side can have its mail sent again, to its own address and not too often.
// The new code works beside the first one.
func TestTheMailOfATransferIsSentAgain(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Account("ana"), w.Account("ben"), w.Account("eve")
	plant := ana.Profile("Plant")
	ticket := w.Offer(plant, ana, ben.Email)
	send := func(token string) testkit.Answer {
		return w.Call(operation.TransferMail, "POST", "/transfer/"+string(ticket.ID)+"/mail", token, nil)
	}
	if got := send(eve.Token); got.Code != 404 {
		t.Errorf("somebody else: got %d %q", got.Code, got.Message)
	}
	count := func(p testkit.Person, kind mailing.Kind) (n int, code string) {
		for _, m := range w.Mail(p.Email) {
			if m.Kind == kind {
				n, code = n+1, m.Data["code"]
			}
		}
		return n, code
	}
	for _, side := range []struct {
		who  testkit.Person
		kind mailing.Kind
		code string
	}{{ana, mailing.KindTransferRequested, ticket.Confirm},
		{ben, mailing.KindTransferOffered, ticket.Answer}} {
		before, _ := count(side.who, side.kind)
		for i := range 5 {
			if got := send(side.who.Token); got.Code != 200 {
				t.Fatalf("the %d. mail: got %d %q", i+1, got.Code, got.Message)
			}
			if got := send(side.who.Token); got.Code != 429 || string(got.Reason) != "mail_limit" {
				t.Errorf("at once: got %d %q", got.Code, got.Reason)
			}
			w.Advance(time.Minute)
		}
		if got := send(side.who.Token); got.Code != 429 || got.Details["limit"] != 5.0 {
			t.Errorf("the sixth of a day: got %d %v", got.Code, got.Details)
		}
		if n, code := count(side.who, side.kind); n != before+5 || code == side.code || code == "" {
			t.Errorf("%s: got %d mails, want %d, the last with the code %q", side.kind, n, before+5, code)
		}
	}
	_, confirm := count(ana, mailing.KindTransferRequested)
	got := w.Call(operation.TransferConfirm, "POST", "/transfer/"+string(ticket.ID)+"/confirm", ana.Token,
		object{"code": confirm, "password": testkit.Password})
	if got.Code != 200 {
		t.Errorf("with the new code: got %d %q", got.Code, got.Message)
	}
	got = w.Call(operation.TransferDecline, "POST", "/transfer/"+string(ticket.ID)+"/decline", ben.Token,
		object{"code": ticket.Answer, "password": testkit.Password})
	if got.Code != 200 {
		t.Errorf("with the first code: got %d %q", got.Code, got.Message)
	}
	for name, p := range map[string]testkit.Person{"the owner": ana, "the other side": ben} {
		if got := send(p.Token); got.Code != 409 && got.Code != 404 {
			t.Errorf("%s, afterwards: got %d %q", name, got.Code, got.Message)
		}
	}
}

// A side that has answered gets no further mail.
func TestWhoHasAnsweredGetsNoMail(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	ticket := w.Offer(ana.Profile("Plant"), ana, ben.Email)
	got := w.Call(operation.TransferConfirm, "POST", "/transfer/"+string(ticket.ID)+"/confirm", ana.Token,
		object{"code": ticket.Confirm, "password": testkit.Password})
	if got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	before := len(w.Mail(ana.Email))
	got = w.Call(operation.TransferMail, "POST", "/transfer/"+string(ticket.ID)+"/mail", ana.Token, nil)
	if got.Code != 409 || len(w.Mail(ana.Email)) != before {
		t.Errorf("got %d %q", got.Code, got.Message)
	}
}

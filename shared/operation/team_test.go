package operation_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

type memberRow struct {
	ID, Name, Email, Permission string
	Active                      bool
}

type notificationRow struct {
	ID, Title, Message string
	Read               bool
	Enabled            bool `json:"buttons_enabled"`
	Buttons            []struct {
		ID       string
		Triggers []map[string]string
	}
}

// memberLeaves lowers the full permission of a member, who leaves then. Each
// change holds for the token that the member has already.
func memberLeaves(w *testkit.World, owner, member testkit.Person) {
	w.Helper()
	home := "/profile/" + string(owner.Home)
	token := member.SignIn(owner.Home, "")
	edit := func() int {
		return w.Call(operation.ProfileEdit, "PUT", home, token, object{"name": "ours"}).Code
	}
	if got := edit(); got != 200 {
		w.Fatalf("a member with full permission edits: got %d", got)
	}
	got := w.Call(operation.TeamEdit, "PUT", home+"/team/"+string(member.ID), owner.Token, object{"permission": "read"})
	if got.Code != 200 {
		w.Fatalf("change the permission: got %d %q", got.Code, got.Message)
	}
	if got := edit(); got != 403 {
		w.Errorf("a member with read permission edits: got %d, want 403", got)
	}
	got = w.Call(operation.TeamRemove, "DELETE", home+"/team/"+string(owner.ID), token, nil)
	if got.Code != 403 {
		w.Errorf("a member removes the owner: got %d, want 403", got.Code)
	}
	// A member may leave, whatever its permission is.
	got = w.Call(operation.TeamRemove, "DELETE", home+"/team/"+string(member.ID), token, nil)
	if got.Code != 200 {
		w.Errorf("leave: got %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.ProfileGet, "GET", home, token, nil); got.Code != 401 {
		w.Errorf("a token of a member who left: got %d, want 401", got.Code)
	}
	if got := w.Call(operation.ProfileGet, "GET", home, member.Token, nil); got.Code != 404 {
		w.Errorf("another token of a member who left: got %d, want 404", got.Code)
	}
}

// An owner shares a profile by mail, by notification, and with a person who has
// no account yet.
func TestSharingAProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben", plan.Free)
	home := "/profile/" + string(ana.Home)
	team := func(token string) (rows []memberRow) {
		t.Helper()
		w.Call(operation.TeamList, "GET", home+"/team", token, nil).Into(w, &rows)
		return rows
	}
	notifications := func(p testkit.Person) (rows []notificationRow) {
		t.Helper()
		w.Call(operation.NotificationList, "GET", "/notification/", p.Token, nil).Into(w, &rows)
		return rows
	}
	invite := func(email string, want int) testkit.Answer {
		t.Helper()
		got := w.Call(operation.TeamInvite, "POST", home+"/team", ana.Token, object{"email": email})
		if got.Code != want {
			t.Fatalf("invite %s: got %d %q, want %d", email, got.Code, got.Message, want)
		}
		return got
	}

	known := invite(string(ben.Email), 200)
	w.Advance(time.Second)
	unknown := invite("zoe@example.com", 200)
	if string(known.Result) != `"User invited"` || string(unknown.Result) != string(known.Result) {
		t.Errorf("got %s and %s, want one answer for both", known.Result, unknown.Result)
	}
	rows := team(ana.Token)
	if len(rows) != 2 || rows[0].Active || rows[0].Email != string(ben.Email) ||
		rows[0].Name != "" || rows[1].Name != "" || rows[0].ID == string(ben.ID) {
		t.Errorf("got the team %+v, want two open invitations that tell nothing about accounts", rows)
	}
	if got := w.Call(operation.TeamList, "GET", home+"/team", ben.Token, nil); got.Code != 404 {
		t.Errorf("an invited person lists the team: got %d, want 404", got.Code)
	}
	if mails := w.Mail(ben.Email); len(mails) != 1 || mails[0].Kind != mailing.KindTeamInvited {
		t.Errorf("got mails %+v", mails)
	}

	offers := notifications(ben)
	if len(offers) != 1 || !offers[0].Enabled || len(offers[0].Buttons) != 2 ||
		offers[0].Buttons[0].Triggers[0]["share_profile"] != "accept" {
		t.Fatalf("got notifications %+v, want the invitation with its buttons", offers)
	}
	got := w.Call(operation.NotificationAction, "PUT", "/notification/"+offers[0].ID+"/accept", ben.Token, nil)
	if got.Code != 200 || string(got.Result) != `"Invitation accepted"` {
		t.Fatalf("press accept: got %d %q %s", got.Code, got.Message, got.Result)
	}
	got = w.Call(operation.NotificationAction, "PUT", "/notification/"+offers[0].ID+"/refuse", ben.Token, nil)
	if got.Code != 400 || !strings.Contains(got.Message, "accepted already") {
		t.Errorf("press refuse then: got %d %q", got.Code, got.Message)
	}
	if after := notifications(ben); !after[0].Read || after[0].Enabled {
		t.Errorf("after pressing: got %+v, want it read and its buttons done", after[0])
	}
	var list []struct {
		ID, Account string
		FromShare   bool `json:"from_share"`
	}
	w.Call(operation.ProfileList, "GET", "/profile", ben.Token, nil).Into(w, &list)
	if len(list) != 2 || !list[1].FromShare || list[1].Account != string(ana.ID) {
		t.Errorf("ben's list is %+v, want ana's profile shared with him", list)
	}
	told := notifications(ana)
	if len(told) != 1 || !strings.Contains(told[0].Message, "accepted") || len(w.Mail(ana.Email)) != 1 {
		t.Errorf("the owner was told %+v and by %d mails, want one of each", told, len(w.Mail(ana.Email)))
	}

	zoe := w.SignUp("zoe@example.com")
	if offers := notifications(zoe); len(offers) != 1 || !offers[0].Enabled {
		t.Errorf("an account made later has the notifications %+v, want the invitation", offers)
	}
	// After an answer by mail, or too late, the buttons have no effect.
	code := w.Mail("zoe@example.com")[0].Data["code"]
	got = w.Call(operation.InvitationAccept, "POST", "/profile/team/accept/"+code, ben.Token, nil)
	if got.Code != 400 || !strings.Contains(got.Message, "another e-mail address") {
		t.Errorf("somebody else accepts: got %d %q, want 400", got.Code, got.Message)
	}
	if got := w.Call(operation.InvitationDecline, "POST", "/profile/team/decline/"+code, zoe.Token, nil); got.Code != 200 {
		t.Errorf("decline: got %d %q", got.Code, got.Message)
	}
	got = w.Call(operation.TeamAccept, "GET", "/profile/team/accept/"+code, "", nil)
	if got.Code != 400 || !strings.Contains(got.Message, "declined already") {
		t.Errorf("accept after declining: got %d %q", got.Code, got.Message)
	}
	if offers := notifications(zoe); offers[0].Enabled {
		t.Error("an invitation that was declined by mail still has its buttons")
	}
	if rows := team(ana.Token); len(rows) != 1 || rows[0].ID != string(ben.ID) || !rows[0].Active ||
		rows[0].Permission != "full" {
		t.Errorf("got the team %+v, want ben", rows)
	}

	memberLeaves(w, ana, ben)
}

func TestInvitationsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana", plan.Starter), w.Account("ben", plan.Free)
	path := "/profile/" + string(ana.Home) + "/team"
	invite := func(who testkit.Person, body any) testkit.Answer {
		return w.Call(operation.TeamInvite, "POST", "/profile/"+string(who.Home)+"/team", who.Token, body)
	}
	for name, c := range map[string]struct {
		got  testkit.Answer
		code int
		says string
	}{
		"no address":           {invite(ana, object{}), 400, "email is required"},
		"no real address":      {invite(ana, object{"email": "ben"}), 400, "email must be"},
		"oneself":              {invite(ana, object{"email": string(ana.Email)}), 400, "your own address"},
		"an unknown right":     {invite(ana, object{"email": "x@example.com", "permission": "owner"}), 400, "full, write, read, billing or usage"},
		"on the Free plan":     {invite(ben, object{"email": "x@example.com"}), 403, "maximum limit of team members (0)"},
		"an unknown member id": {w.Call(operation.TeamRemove, "DELETE", path+"/0123456789abcdef01234567", ana.Token, nil), 404, "Account Not Found"},
		"a member id like ../": {w.Call(operation.TeamRemove, "DELETE", path+"/xyz", ana.Token, nil), 404, "Account Not Found"},
	} {
		if c.got.Code != c.code || !strings.Contains(c.got.Message, c.says) {
			t.Errorf("%s: got %d %q, want %d with %q", name, c.got.Code, c.got.Message, c.code, c.says)
		}
	}
	if got := invite(ana, object{"email": "one@example.com"}); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if got := invite(ana, object{"email": "two@example.com"}); got.Code != 403 || !strings.Contains(got.Message, "maximum limit of team members (1)") {
		t.Errorf("past the limit, where open invitations count: got %d %q", got.Code, got.Message)
	}
	if got := invite(ana, object{"email": "one@example.com"}); got.Code != 429 {
		t.Errorf("a second mail within a minute: got %d %q, want 429", got.Code, got.Message)
	}
	sam := w.Account("sam")
	w.Share(sam.Home, ben, tenancy.PermissionFull)
	got := invite(sam, object{"email": string(ben.Email)})
	if got.Code != 400 || !strings.Contains(got.Message, "member of this profile already") {
		t.Errorf("a member: got %d %q", got.Code, got.Message)
	}
}

// A further invitation makes a new code. At most five mails a day about one
// profile go to one address.
func TestInvitingAgainRenews(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	body := object{"email": "zoe@example.com"}
	invite := func() int {
		return w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, body).Code
	}
	var codes []int
	for range 6 {
		codes = append(codes, invite())
		w.Advance(time.Minute)
	}
	if want := []int{200, 200, 200, 200, 200, 429}; !equal(codes, want) {
		t.Errorf("six invitations, one a minute: got %v, want %v", codes, want)
	}
	mails := w.Mail("zoe@example.com")
	if len(mails) != 5 {
		t.Fatalf("got %d mails, want 5", len(mails))
	}
	if n := w.Count("I#", "") + w.Count("E#zoe@example.com", "I#") + w.Count("P#"+string(ana.Home), "M#"); n != 3 {
		t.Errorf("got %d items for one invitation, want 3", n)
	}
	old := w.Call(operation.TeamDecline, "GET", "/profile/team/decline/"+mails[0].Data["code"], "", nil)
	latest := w.Call(operation.TeamDecline, "GET", "/profile/team/decline/"+mails[4].Data["code"], "", nil)
	if old.Code != 400 || latest.Code != 200 {
		t.Errorf("the old code got %d %q, the latest %d %q", old.Code, old.Message, latest.Code, latest.Message)
	}
	w.Advance(24 * time.Hour)
	if got := invite(); got != 200 {
		t.Errorf("a day later: got %d, want 200", got)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Fetching the links of a mail changes nothing. They lead to the console's
// page, and the code is in the fragment, which browsers do not send.
func TestFetchingTheLinksOfMailsChangesNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	for _, email := range []string{string(ben.Email), "zoe@example.com"} {
		got := w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, object{"email": email})
		if got.Code != 200 {
			t.Fatalf("invite: got %d %q", got.Code, got.Message)
		}
	}
	w.SignUp("eve@example.com")
	urls := regexp.MustCompile(`https?://[^\s"<>]+`)
	before := w.State()
	fetched := 0
	for _, mail := range w.Rendered() {
		for _, link := range urls.FindAllString(mail.Text+" "+mail.HTML, -1) {
			path, _, fragment := strings.Cut(strings.TrimPrefix(link, testkit.Console), "#")
			if !fragment || path != "" || !strings.HasPrefix(link, testkit.Console) {
				t.Errorf("the link %s does not lead to a fragment of the console", link)
			}
			for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
				w.Fetch(method, "/console"+path)
				fetched++
			}
		}
	}
	if fetched < 20 {
		t.Errorf("only %d fetches", fetched)
	}
	if after := w.State(); after != before {
		t.Error("fetching the links of mails changed the table")
	}
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, eve := w.Account("ana"), w.Account("eve")
	var ids []string
	for _, title := range []string{"one", "two", "three"} {
		w.Advance(time.Second)
		var made struct{ ID string }
		w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token,
			object{"title": title, "message": "line\nbreak"}).Into(w, &made)
		ids = append(ids, made.ID)
	}
	titles := func(query string) string {
		t.Helper()
		var rows []notificationRow
		w.Call(operation.NotificationList, "GET", "/notification/"+query, ana.Token, nil).Into(w, &rows)
		var out []string
		for _, r := range rows {
			out = append(out, r.Title)
		}
		return strings.Join(out, " ")
	}
	got := w.Call(operation.NotificationRead, "PUT", "/notification/read", ana.Token, object{"notification_ids": ids[:1]})
	if got.Code != 200 {
		t.Fatalf("mark as read: got %d %q", got.Code, got.Message)
	}
	for query, want := range map[string]string{
		"":                                "three two one",
		"?amount=2":                       "three two",
		"?amount=2&page=2":                "one",
		"?read=false":                     "three two",
		"?filter%5Bread%5D=False":         "three two",
		"?filter[read]=true":              "one",
		"?orderBy=created_at&orderBy=asc": "one two three",
		"?orderBy%5B0%5D=created_at&orderBy%5B1%5D=desc": "three two one",
		"?filter[title]=T*": "three two",
	} {
		if got := titles(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for name, got := range map[string]testkit.Answer{
		"no title":     w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"message": "x"}),
		"no message":   w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"title": "x"}),
		"with buttons": w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"title": "x", "message": "y", "buttons": []any{object{"id": "a"}}}),
		"no ids":       w.Call(operation.NotificationRead, "PUT", "/notification/read", ana.Token, object{}),
		"a bad order":  w.Call(operation.NotificationList, "GET", "/notification?orderBy=title", ana.Token, nil),
		"a bad filter": w.Call(operation.NotificationList, "GET", "/notification?read=maybe", ana.Token, nil),
	} {
		if got.Code != 400 {
			t.Errorf("%s: got %d %q, want 400", name, got.Code, got.Message)
		}
	}
	for name, got := range map[string]testkit.Answer{
		"read":                       w.Call(operation.NotificationRead, "PUT", "/notification/read", eve.Token, object{"notification_ids": ids}),
		"delete":                     w.Call(operation.NotificationDelete, "DELETE", "/notification/"+ids[0], eve.Token, nil),
		"press":                      w.Call(operation.NotificationAction, "POST", "/notification/accept/"+ids[0], eve.Token, nil),
		"a button that is not there": w.Call(operation.NotificationAction, "PUT", "/notification/"+ids[0]+"/accept", ana.Token, nil),
	} {
		if got.Code != 404 {
			t.Errorf("%s of another account: got %d %q, want 404", name, got.Code, got.Message)
		}
	}
	got = w.Call(operation.NotificationReadAll, "PUT", "/notification/markallread", ana.Token, nil)
	if got.Code != 200 || titles("?read=false") != "" {
		t.Errorf("mark all: got %d %q, unread %q", got.Code, got.Message, titles("?read=false"))
	}
	got = w.Call(operation.NotificationDelete, "DELETE", "/notification/"+ids[2], ana.Token, nil)
	if got.Code != 200 || titles("") != "two one" {
		t.Errorf("delete: got %d %q, left %q", got.Code, got.Message, titles(""))
	}
	w.Advance(tenancy.NotificationLife - 2*time.Second)
	if got := titles(""); got != "two" {
		t.Errorf("after 90 days: got %q, want the one that is younger", got)
	}
}

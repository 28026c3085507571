package operation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

type transferAnswer struct {
	Ticket, State, Message string
	Role                   string
	Waiting                string
	Turn                   []string
	Gates                  struct{ Source, Destination, Support, Prerequisites bool }
	Checks                 []struct {
		Code, Side, Service, Expected, Actual, Fix string
		OK                                         bool
	}
	Offer *struct {
		Name, Owner string
		Team        []struct{ ID, Name, Email, Permission string }
	}
	Terms *struct {
		KeepOwner string `json:"keep_owner"`
	}
	Timeline            []struct{ Event, By, Who, Text string }
	Source, Destination *struct {
		Email, Plan string
		Profiles    int
	}
}

func (a transferAnswer) events() (events []string) {
	for _, e := range a.Timeline {
		events = append(events, e.Event)
	}
	return events
}

// transferStep is a request of somebody who takes part in a transfer.
func transferStep(
	w *testkit.World, o operation.Operation, path, token string, body object, want int,
) (v transferAnswer) {
	w.Helper()
	got := w.Call(o, "POST", path, token, body)
	if got.Code != want {
		w.Fatalf("%s: got %d %q, want %d", o.Name, got.Code, got.Message, want)
	}
	if want == 200 {
		got.Into(w, &v)
	}
	return v
}

// expected is the status that a token gets.
type expected struct {
	token string
	want  int
}

// afterTheMove fails the test unless the profile is ben's now and tokens open
// it as expected.
func afterTheMove(
	w *testkit.World, path string, ana, ben testkit.Person, tokens map[string]expected,
) {
	w.Helper()
	for who, c := range tokens {
		if got := w.Call(operation.ProfileGet, "GET", path, c.token, nil); got.Code != c.want {
			w.Errorf("%s: got %d, want %d", who, got.Code, c.want)
		}
	}
	var profile struct {
		Info struct{ Account, Name string }
	}
	w.Call(operation.ProfileGet, "GET", path, ben.Token, nil).Into(w, &profile)
	if profile.Info.Account != string(ben.ID) || profile.Info.Name != "Plant of Ben" {
		w.Errorf("the profile is %+v", profile.Info)
	}
	var anasProfiles, bensProfiles []struct {
		ID, Name  string
		FromShare bool `json:"from_share"`
	}
	w.Call(operation.ProfileList, "GET", "/profile", ana.Token, nil).Into(w, &anasProfiles)
	w.Call(operation.ProfileList, "GET", "/profile", ben.Token, nil).Into(w, &bensProfiles)
	if len(anasProfiles) != 2 || !anasProfiles[1].FromShare || anasProfiles[1].Name != "Plant of Ben" ||
		len(bensProfiles) != 2 || bensProfiles[1].FromShare {
		w.Errorf("the lists are %+v and %+v", anasProfiles, bensProfiles)
	}
	var list []transferAnswer
	w.Call(operation.TransferList, "GET", "/transfer", ben.Token, nil).Into(w, &list)
	if len(list) != 1 || list[0].State != "completed" || list[0].Role != "destination" {
		w.Errorf("the receiving side lists %+v", list)
	}
}

// takenBack has both sides take a transfer back, which is a transfer of its
// own.
func takenBack(
	w *testkit.World, path, at string, source, destination testkit.Person, id transfer.ID,
) {
	w.Helper()
	password := testkit.Password
	back := transferStep(w, operation.TransferRevert, at+"/revert", destination.Token,
		object{"password": password}, 200)
	if back.Ticket == string(id) || back.State != "requested" {
		w.Errorf("got %+v, want a transfer of its own", back)
	}
	again := transferStep(w, operation.TransferRevert, at+"/revert", source.Token,
		object{"password": password}, 200)
	if again.Ticket != back.Ticket || again.State != "completed" {
		w.Errorf("got %+v, want the same transfer, completed", again)
	}
	var profile struct {
		Info struct{ Account, Name string }
	}
	w.Call(operation.ProfileGet, "GET", path, source.Token, nil).Into(w, &profile)
	if profile.Info.Account != string(source.ID) || profile.Info.Name != "Plant" {
		w.Errorf("taken back, the profile is %+v", profile.Info)
	}
}

// A profile changes hands: the owner asks and confirms, support checks and
// approves, the receiving side chooses and accepts.
func TestTransferringAProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, mia := w.Account("ana"), w.Account("ben"), w.Account("mia")
	eve, sam := w.Account("eve"), w.Agent(w.Account("sam"))
	plant := ana.Profile("Plant")
	w.Share(plant, mia, tenancy.PermissionWrite)
	w.Advance(time.Second)
	w.Share(plant, eve, tenancy.PermissionFull)
	mias, eves, anas := mia.SignIn(plant, ""), eve.SignIn(plant, ""), ana.SignIn(plant, "")
	path := "/profile/" + string(plant)

	var asked transferAnswer
	w.Call(operation.TransferCheck, "GET", path+"/transfer", ana.Token, nil).Into(w, &asked)
	if asked.Ticket != "" || len(asked.Checks) == 0 ||
		slices.ContainsFunc(asked.Checks, func(c struct {
			Code, Side, Service, Expected, Actual, Fix string
			OK                                         bool
		}) bool {
			return !c.OK || c.Side != "source"
		}) {
		t.Errorf("before a request: got %+v, want checks of the source alone, all of them fine", asked)
	}

	ticket := w.Offer(plant, ana, ben.Email)
	at := "/transfer/" + string(ticket.ID)
	see := func(p testkit.Person) (v transferAnswer) {
		t.Helper()
		w.Call(operation.TransferGet, "GET", at, p.Token, nil).Into(w, &v)
		return v
	}
	if v := see(ana); v.Role != "source" || v.State != "requested" ||
		!slices.Equal(v.Turn, []string{"source", "destination", "support"}) || v.Offer != nil || v.Source != nil {
		t.Errorf("the owner sees %+v", v)
	}
	if v := see(ben); v.Role != "destination" || v.Offer == nil || v.Offer.Name != "Plant" ||
		len(v.Offer.Team) != 2 || v.Offer.Team[0].Name != "mia" || v.Offer.Team[0].Email != "" {
		t.Errorf("the receiving side sees %+v", v)
	}
	if got := w.Call(operation.TransferGet, "GET", at, eve.Token, nil); got.Code != 404 {
		t.Errorf("a stranger sees the transfer: got %d", got.Code)
	}
	var queue []struct {
		Ticket string
		Late   bool
	}
	w.Advance(transfer.DeskTarget + time.Minute)
	w.Call(operation.DeskList, "GET", "/desk/transfer", sam.Token, nil).Into(w, &queue)
	if len(queue) != 1 || queue[0].Ticket != string(ticket.ID) || !queue[0].Late {
		t.Errorf("the desk's queue is %+v", queue)
	}
	var desk transferAnswer
	w.Call(operation.DeskGet, "GET", "/desk"+at, sam.Token, nil).Into(w, &desk)
	if desk.Source == nil || desk.Source.Email != string(ana.Email) || desk.Destination == nil ||
		desk.Destination.Plan != "scale" {
		t.Errorf("the desk sees %+v", desk)
	}
	mails := w.Mail(mailing.SupportDesk)
	if len(mails) != 1 || mails[0].Kind != mailing.KindTransferDesk ||
		mails[0].Data["missing"] != string(mailing.MissingOrNothing(nil)) {
		t.Errorf("the desk got %+v", mails)
	}

	password := testkit.Password
	transferStep(w, operation.TransferConfirm, at+"/confirm", ana.Token,
		object{"code": ticket.Confirm, "password": "wrong"}, 401)
	transferStep(w, operation.TransferConfirm, at+"/confirm", ana.Token,
		object{"code": ticket.Answer, "password": password}, 400)
	transferStep(w, operation.TransferConfirm, at+"/confirm", eve.Token,
		object{"code": ticket.Confirm, "password": password}, 404)
	transferStep(w, operation.TransferConfirm, at+"/confirm", ana.Token,
		object{"code": ticket.Confirm, "password": password}, 200)
	transferStep(w, operation.DeskNote, "/desk"+at+"/note", sam.Token, object{"kind": "question", "text": "Does the contract move too?"}, 200)
	transferStep(w, operation.DeskNote, "/desk"+at+"/note", sam.Token, object{"kind": "answer", "text": "Yes, said on the phone."}, 200)
	transferStep(w, operation.DeskApprove, "/desk"+at+"/approve", sam.Token, nil, 200)
	if v := see(ana); !slices.Equal(v.events(), []string{"requested", "confirmed", "question", "answer", "approved"}) ||
		v.Timeline[4].Who != "" {
		t.Errorf("the owner's timeline is %+v", v.Timeline)
	}
	if v := see(ben); !slices.Equal(v.events(), []string{"requested", "confirmed", "approved"}) ||
		!slices.Equal(v.Turn, []string{"destination"}) {
		t.Errorf("the receiving side's timeline is %+v", v.Timeline)
	}
	accept := object{
		"code": ticket.Answer, "password": password, "name": "Plant of Ben", "members": []object{{"id": mia.ID, "permission": "read"}}, "keep_owner": "write",
	}
	done := transferStep(w, operation.TransferAccept, at+"/accept", ben.Token, accept, 200)
	if done.State != "completed" || !strings.Contains(done.Message, "changed its owner") {
		t.Errorf("got %+v, want a transfer that has completed", done)
	}
	transferStep(w, operation.TransferAccept, at+"/accept", ben.Token, accept, 200)

	afterTheMove(w, path, ana, ben, map[string]expected{
		"a token that the old owner made for it":    {anas, 401},
		"another token of the old owner, who stays": {ana.Token, 200},
		"a member's token, who stays":               {mias, 200},
		"a member's token, who leaves":              {eves, 401},
		"the new owner's":                           {ben.Token, 200},
	})
	if got := w.Call(operation.ProfileEdit, "PUT", path, mias, object{"name": "mine"}); got.Code != 403 {
		t.Errorf("a member who stays to read edits: got %d, want 403", got.Code)
	}
	if got := w.Call(operation.DeskList, "GET", "/desk/transfer", sam.Token, nil); string(got.Result) != "[]" {
		t.Errorf("the desk's queue is %s, want none", got.Result)
	}

	w.Advance(time.Hour)
	takenBack(w, path, at, ana, ben, ticket.ID)
	if got := w.Call(operation.ProfileGet, "GET", path, anas, nil); got.Code != 401 {
		t.Errorf("the token from before the transfer lives again: got %d", got.Code)
	}
	if got := w.Call(operation.ProfileGet, "GET", path, mias, nil); got.Code != 200 {
		t.Errorf("a member who stayed all the time: got %d", got.Code)
	}
	if mails := w.Rendered(); len(mails) == 0 {
		t.Error("no mails")
	}
}

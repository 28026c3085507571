package service_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/core"
	"profiles/shared/service/notifications"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// prefers changes how an account is told about a topic.
func prefers(w *testkit.World, p testkit.Person, t topic.Topic, c topic.Change) {
	w.Helper()
	var changes [topic.Count]topic.Change
	changes[t] = c
	w.OK(w.Accounts.Edit(w.Context(), p.Client(operation.AccountEdit),
		tenancy.AccountEdit{Notifications: changes}))
}

// preferences are those that an account has.
func preferences(w *testkit.World, p testkit.Person) topic.Preferences {
	w.Helper()
	a, err := w.Accounts.Get(w.Context(), p.Client(operation.AccountGet))
	w.OK(err)
	return a.Preferences
}

// titles are those of an account's notifications, newest first.
func titles(w *testkit.World, p testkit.Person) (all []string) {
	w.Helper()
	list, err := w.Notifications.List(w.Context(), p.Client(operation.NotificationList),
		notifications.Query{Paging: core.Paging{Page: 1, Amount: 100}})
	w.OK(err)
	for _, n := range list.Rows {
		all = append(all, n.Title)
	}
	return all
}

// declines has an account decline an invitation to the profile of another one.
func declines(w *testkit.World, by, of testkit.Person) {
	w.Helper()
	invite(w, of, by.Email)
	for _, m := range w.Mail(by.Email) {
		if m.Kind == mailing.KindTeamInvited {
			w.OK(w.Teams.DeclineByCode(w.Context(), service.Client{Source: "a"}, m.Data["code"]))
			return
		}
	}
	w.Fatalf("%s was not invited", by.Email)
}

// What an account has switched off is not made, each way by itself; the other
// topics go on.
func TestPreferencesDecideWhatIsMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		topic        topic.Topic
		change       topic.Change
		mails, shown int
	}{
		"no wish":                        {topic.Team, topic.Change{}, 1, 1},
		"no mails":                       {topic.Team, topic.Change{Mail: new("off")}, 0, 1},
		"no notifications":               {topic.Team, topic.Change{Console: new(false)}, 1, 0},
		"nothing":                        {topic.Team, topic.Change{Mail: new("off"), Console: new(false)}, 0, 0},
		"nothing of another topic":       {topic.Usage, topic.Change{Mail: new("off"), Console: new(false)}, 1, 1},
		"a mail a day for another topic": {topic.Usage, topic.Change{Mail: new("daily")}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana, ben := w.Quick("ana"), w.Quick("ben")
			prefers(w, ana, c.topic, c.change)
			declines(w, ben, ana)
			if got := sentTo(w, ana.Email, mailing.KindTeamDeclined); got != c.mails {
				t.Errorf("got %d mails, want %d", got, c.mails)
			}
			if got := titles(w, ana); len(got) != c.shown {
				t.Errorf("got the notifications %q, want %d", got, c.shown)
			}
		})
	}
}

// Whatever is switched off, an invitation can be answered in the console, and
// what is about security is sent.
func TestInvitationsAndSecurityCannotBeSwitchedOff(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	for _, about := range topic.All()[topic.Security+1:] {
		prefers(w, ben, about, topic.Change{Mail: new("off"), Console: new(false)})
	}
	invite(w, ana, ben.Email)
	offer(w, ana, ana.Profile("Second"), ben.Email)
	w.OK(w.Accounts.RequestPassword(w.Context(), service.Client{Source: "a"}, string(ben.Email)))
	var kinds []mailing.Kind
	for _, m := range w.Mail(ben.Email) {
		kinds = append(kinds, m.Kind)
		if code := m.UnsubscribeCode(); code != "" {
			t.Errorf("%s can be switched off, by %s", m.Kind, code)
		}
	}
	if len(kinds) != 2 || kinds[0] == kinds[1] || len(titles(w, ben)) != 2 {
		t.Errorf("got the mails %v and the notifications %q, want an offer, a new password, and two",
			kinds, titles(w, ben))
	}
}

// That somebody can open a profile from now on is told in any case.
func TestAnAcceptedInvitationIsToldWhateverIsSwitchedOff(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	prefers(w, ana, topic.Team, topic.Change{Mail: new("off"), Console: new(false)})
	invite(w, ana, ben.Email)
	for _, m := range w.Mail(ben.Email) {
		if m.Kind == mailing.KindTeamInvited {
			w.OK(w.Teams.AcceptByCode(t.Context(), service.Client{Source: "a"}, m.Data["code"]))
		}
	}
	if n := sentTo(w, ana.Email, mailing.KindTeamAccepted); n != 1 || len(titles(w, ana)) != 1 {
		t.Errorf("got %d mails and the notifications %q, want one each", n, titles(w, ana))
	}
}

// Mails are in the language of the account that reads them.
func TestMailsAreInTheLanguageOfTheReader(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.OK(w.Accounts.Edit(t.Context(), ben.Client(operation.AccountEdit),
		tenancy.AccountEdit{Language: new("pt-BR")}))
	invite(w, ana, ben.Email)
	invite(w, ben, ana.Email)
	got := map[string]string{}
	for _, m := range w.Rendered() {
		got[m.To] = m.Subject
	}
	want := map[string]string{
		string(ben.Email): `"ana" convida você para o perfil "ana"`,
		string(ana.Email): `"ben" invites you to the profile "ben"`,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// To the last one, when there is no account any more.
	w.OK(w.Accounts.Delete(t.Context(), ben.Client(operation.AccountDelete), proven))
	w.Advance(time.Minute)
	purgeAccounts(w)
	last := ""
	for _, m := range w.Rendered() {
		if m.To == string(ben.Email) {
			last = m.Subject
		}
	}
	if last != "Sua conta foi excluída" {
		t.Errorf("the last mail is %q, want that the account is gone", last)
	}
}

// unsubscription is the code of the last mail of a kind to an address.
func unsubscription(w *testkit.World, to value.Email, kind mailing.Kind) (code string) {
	w.Helper()
	for _, m := range w.Mail(to) {
		if m.Kind == kind {
			code = m.UnsubscribeCode()
		}
	}
	if code == "" {
		w.Fatalf("%s got no mail of the kind %s that can be switched off", to, kind)
	}
	return code
}

// The link of a mail switches off mails of its topic, for its reader only, as
// often as it is followed and after the key was rotated.
func TestAMailIsSwitchedOffByItsLink(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invite(w, ana, ben.Email)
	code := unsubscription(w, ben.Email, mailing.KindTeamInvited)
	w.RotateKeys()
	for range 2 {
		about, err := w.Accounts.Unsubscribe(w.Context(), service.Client{Source: "a"}, code)
		w.OK(err)
		if about != topic.Team {
			t.Errorf("got %s, want team", about)
		}
	}
	want := topic.Preferences{topic.Team: {Mail: topic.MailOff}}
	if got := preferences(w, ben); got != want {
		t.Errorf("ben has %+v, want %+v", got, want)
	}
	if got := preferences(w, ana); got != (topic.Preferences{}) {
		t.Errorf("ana has %+v, want none", got)
	}
	// The person may want them again.
	prefers(w, ben, topic.Team, topic.Change{Mail: new("each")})
	if got := preferences(w, ben); got != (topic.Preferences{}) {
		t.Errorf("ben has %+v, want none", got)
	}
}

// For an address without an account, the link stops all that is not about
// security. Who signs up confirms the address, and gets everything.
func TestAStrangerIsAskedNoMore(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	const zoe = value.Email("zoe@example.com")
	invite(w, ana, zoe)
	code := unsubscription(w, zoe, mailing.KindTeamInvitedNew)
	about, err := w.Accounts.Unsubscribe(w.Context(), service.Client{Source: "a"}, code)
	w.OK(err)
	if about != topic.Security {
		t.Errorf("got %s, want security, as all else is stopped", about)
	}
	offer(w, ana, ana.Profile("Second"), zoe)
	if n := sentTo(w, zoe, mailing.KindTransferOfferedNew); n != 0 {
		t.Errorf("%d offers were sent, want none", n)
	}
	w.SignUp(zoe)
	invite(w, w.Quick("ben"), zoe)
	if n := sentTo(w, zoe, mailing.KindTeamInvited); n != 1 {
		t.Errorf("with an account, %d invitations were sent, want one", n)
	}
	// The old link does not decide about the account.
	before := w.State()
	_, err = w.Accounts.Unsubscribe(w.Context(), service.Client{Source: "a"}, code)
	if !errors.Is(err, tenancy.ErrVoidCode) || w.State() != before {
		t.Errorf("got %v, and a change: %v, want ErrVoidCode and none", err, w.State() != before)
	}
}

func TestOnlyTheCodeOfAMailSwitchesMailsOff(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invite(w, ana, ben.Email)
	code := unsubscription(w, ben.Email, mailing.KindTeamInvited)
	changed := "A" + code[1:]
	if changed == code {
		changed = "B" + code[1:]
	}
	before := w.State()
	for _, bad := range []string{"", "x", changed, code[:len(code)-1], code + "AAAA", "é"} {
		_, err := w.Accounts.Unsubscribe(w.Context(), service.Client{Source: "a"}, bad)
		if !errors.Is(err, tenancy.ErrVoidCode) {
			t.Errorf("%q: got %v, want ErrVoidCode", bad, err)
		}
	}
	if w.State() != before {
		t.Error("a void code has changed the table")
	}
}

// A click that meets another change of the account loses neither.
func TestAClickThatMeetsAnEditLosesNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invite(w, ana, ben.Email)
	code := unsubscription(w, ben.Email, mailing.KindTeamInvited)
	met := 0
	s := service.New(service.Config{
		Background: w.Background, Now: w.Now, Log: quiet(), Keys: testkit.Keys,
		Store: interrupted(w, "TransactWriteItems", func() {
			met++
			prefers(w, ben, topic.Usage, topic.Change{Mail: new("daily")})
		}),
	})
	_, err := s.Accounts.Unsubscribe(t.Context(), service.Client{Source: "a"}, code)
	w.OK(err)
	want := topic.Preferences{
		topic.Team: {Mail: topic.MailOff}, topic.Usage: {Mail: topic.MailDaily},
	}
	if got := preferences(w, ben); got != want || met != 1 {
		t.Errorf("got %+v after %d edits, want %+v after one", got, met, want)
	}
}

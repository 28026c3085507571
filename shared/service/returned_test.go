package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// proven are the credentials of everybody in these tests.
var proven = service.Credentials{Password: testkit.Password}

// back reports the latest mail of a kind to an address as returned, and gives
// its id.
func back(w *testkit.World, to value.Email, kind mailing.Kind, how mailing.ReturnKind) mailing.ID {
	w.Helper()
	var id mailing.ID
	for _, m := range w.Mail(to) {
		if m.Kind == kind {
			id = m.ID
		}
	}
	if id == "" {
		w.Fatalf("%s got no mail of the kind %s", to, kind)
	}
	w.OK(w.Services.Outbox.Returned(w.Context(), mailing.Return{Mail: id, Kind: how}))
	return id
}

// sentTo is the number of mails of a kind that were sent to an address.
func sentTo(w *testkit.World, to value.Email, kind mailing.Kind) (n int) {
	w.Helper()
	for _, m := range w.Mail(to) {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

func invite(w *testkit.World, by testkit.Person, to value.Email) {
	w.Helper()
	ref := service.ProfileRef{ID: by.Home}
	w.OK(w.Teams.Invite(w.Context(), by.Client(operation.TeamInvite), ref, string(to),
		teams.Offered{Permission: "read"}))
}

// place is the only invitation in the list of a team.
func place(w *testkit.World, of testkit.Person) tenancy.Member {
	w.Helper()
	team, err := w.Teams.List(w.Context(), of.Client(operation.TeamList),
		service.ProfileRef{ID: of.Home}, false)
	w.OK(err)
	if len(team) != 1 {
		w.Fatalf("the team has %d rows, want one", len(team))
	}
	return team[0]
}

func offer(w *testkit.World, by testkit.Person, id value.ProfileID, to value.Email) transfer.ID {
	w.Helper()
	t, err := w.Transfers.Request(
		w.Context(), by.Client(operation.TransferRequest), service.ProfileRef{ID: id},
		transfers.Request{Email: string(to), Credentials: proven},
	)
	w.OK(err)
	return t.ID
}

// returns are the returned mails that a side of a transfer sees.
func returns(w *testkit.World, of testkit.Person, id transfer.ID) []transfer.MailReturn {
	w.Helper()
	v, err := w.Transfers.Get(w.Context(), of.Client(operation.TransferGet), id)
	w.OK(err)
	return v.Transfer.Returns(v.Party)
}

// The owner of an invitation sees that its mail was returned, and what to do.
// The next owner who invites the address sees it, too, and no mail is sent.
func TestAnInvitationComesBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invite(w, ana, zoe)
	if got := place(w, ana).Returned; got != (tenancy.MailReturn{}) {
		t.Fatalf("before: got %+v, want nothing", got)
	}
	id := back(w, zoe, mailing.KindTeamInvitedNew, mailing.ReturnInvalid)
	came := tenancy.MailReturn{Time: w.Now().UTC(), Invalid: true}
	if got := place(w, ana).Returned; got != came {
		t.Errorf("got %+v, want %+v", got, came)
	}
	const title = "An invitation could not be delivered"
	if got := titlesOf(w, ana); !slices.Contains(got, title) {
		t.Errorf("the owner has the notifications %v", got)
	}
	if n := times(mailsOf(w, mailing.SupportDesk), mailing.KindMailReturned); n != 1 {
		t.Errorf("support got %d mails, want one", n)
	}
	// The event comes again, and earlier events of the same mail come late.
	before := w.State()
	for _, how := range []mailing.ReturnKind{mailing.ReturnInvalid, mailing.ReturnRefused,
		mailing.ReturnDelayed} {
		w.OK(w.Services.Outbox.Returned(t.Context(), mailing.Return{Mail: id, Kind: how}))
	}
	if w.State() != before {
		t.Error("an event that says nothing new changed the table")
	}

	invite(w, ben, zoe)
	if got := place(w, ben).Returned; got != came || !slices.Contains(titlesOf(w, ben), title) {
		t.Errorf("the next owner: got %+v and the notifications %v, want the returned mail in both", got, titlesOf(w, ben))
	}
	if len(w.Mail(zoe)) != 1 {
		t.Error("a mail went to an address that takes none")
	}
	w.Advance(24 * time.Hour)
	wantRetry(w, 0, "what is kept back")

	// The stop ends by itself. A renewed invitation has no returned mail.
	w.Advance(mailing.InvalidStop)
	invite(w, ben, zoe)
	if got := place(w, ben).Returned; got != (tenancy.MailReturn{}) {
		t.Errorf("after the stop: got %+v, want nothing", got)
	}
	back(w, zoe, mailing.KindTeamInvitedNew, mailing.ReturnRefused)
	if got := place(w, ben).Returned; got.Time.IsZero() || got.Invalid {
		t.Errorf("a full mailbox: got %+v, want a returned mail to a valid address", got)
	}
}

// The returned mail of an invitation that was renewed or withdrawn since has no
// effect.
func TestAnInvitationThatIsOverComesBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	invite(w, ana, zoe)
	first := w.Mail(zoe)[0].ID
	w.Advance(time.Hour)
	invite(w, ana, zoe)
	w.OK(w.Services.Outbox.Returned(t.Context(),
		mailing.Return{Mail: first, Kind: mailing.ReturnRefused}))
	if got := place(w, ana).Returned; got != (tenancy.MailReturn{}) {
		t.Errorf("the renewed invitation: got %+v, want nothing", got)
	}
	if got := titlesOf(w, ana); len(got) != 0 {
		t.Errorf("the owner has the notifications %v", got)
	}
}

// The owner of a transfer, its receiver, and the timeline of support show the
// side whose mail was returned.
func TestAnOfferComesBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	second := ana.Profile("second")
	id := offer(w, ana, second, ben.Email)
	back(w, ben.Email, mailing.KindTransferOffered, mailing.ReturnInvalid)
	want := []transfer.MailReturn{{
		To:         transfer.PartyDestination,
		MailReturn: tenancy.MailReturn{Time: w.Now().UTC(), Invalid: true},
	}}
	for _, who := range []testkit.Person{ana, ben} {
		if got := returns(w, who, id); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v", who.Name, got, want)
		}
	}
	got := titlesOf(w, ana)
	if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "could not be delivered") }) {
		t.Errorf("the owner has the notifications %v", got)
	}
	back(w, ana.Email, mailing.KindTransferRequested, mailing.ReturnRefused)
	if got := returns(w, ana, id); len(got) != 2 || got[1].To != transfer.PartySource {
		t.Errorf("both sides: got %+v, want two returned mails, the second to the owner", got)
	}
	if got := returns(w, ben, id); !slices.Equal(got, want) {
		t.Errorf("the receiving side sees the mails of the owner: %+v", got)
	}
	// A later mail may arrive after a refusal, but not at an address that does
	// not exist.
	w.Advance(time.Hour)
	w.OK(w.Transfers.Mail(t.Context(), ana.Client(operation.TransferMail), id))
	w.OK(w.Transfers.Mail(t.Context(), ben.Client(operation.TransferMail), id))
	if got := returns(w, ana, id); !slices.Equal(got, want) {
		t.Errorf("after new mails: got %+v, want %+v", got, want)
	}
	// The next request for the address shows the stop at once.
	_, err := w.Transfers.Cancel(t.Context(), ana.Client(operation.TransferCancel),
		service.ProfileRef{ID: second})
	w.OK(err)
	next := offer(w, ana, second, ben.Email)
	if got := returns(w, ana, next); len(got) != 1 || got[0].To != transfer.PartyDestination ||
		!got[0].Invalid {
		t.Errorf("the next request: got %+v, want one returned mail to the receiving side, which is invalid", got)
	}
}

// A person whose address takes no mail gets a notification, and no mail, not
// even for a new password. The person confirms the address again by a mail that
// is sent in spite of the stop.
func TestAPersonConfirmsAnAddressAgain(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	again := func() error {
		return w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest),
			string(ana.Email), proven)
	}
	reset := func() int {
		w.Helper()
		w.Advance(time.Hour)
		w.OK(w.Accounts.RequestPassword(t.Context(),
			service.Client{Source: testkit.Home}, string(ana.Email)))
		return sentTo(w, ana.Email, mailing.KindPasswordReset)
	}
	if reset() != 1 {
		t.Fatal("the mail for a new password is not sent: the test below would prove nothing")
	}
	w.Refused(again(), problem.CodeInvalid)
	back(w, ana.Email, mailing.KindPasswordReset, mailing.ReturnInvalid)
	if got := titlesOf(w, ana); len(got) != 1 || !strings.Contains(got[0], "are stopped") {
		t.Errorf("the person has the notifications %v", got)
	}
	if reset() != 1 {
		t.Error("a mail went to an address that takes none")
	}
	w.OK(again())
	code := ""
	for _, m := range w.Mail(ana.Email) {
		if m.Kind == mailing.KindEmailConfirmAgain {
			code = m.Data["code"]
		}
	}
	w.OK(w.Accounts.ConfirmEmail(t.Context(), service.Client{Source: testkit.Home}, code))
	if reset() != 2 {
		t.Error("no mail goes to an address that was confirmed again")
	}
	w.Refused(again(), problem.CodeInvalid)

	// An event of before the confirmation that comes late stops nothing.
	w.OK(w.Services.Outbox.Returned(t.Context(),
		mailing.Return{Mail: w.Mail(ana.Email)[0].ID, Kind: mailing.ReturnComplaint}))
	if reset() != 3 {
		t.Error("an old event stopped the mails of an address that was confirmed since")
	}
	checkWorld(w)
}

// A complaint stops mails that are not about security. The person whose action
// caused the mail does not learn of it. It ends when the reader confirms an
// address.
func TestAComplaintStopsOrdinaryMails(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invite(w, ana, ben.Email)
	back(w, ben.Email, mailing.KindTeamInvited, mailing.ReturnComplaint)
	if got := place(w, ana).Returned; got != (tenancy.MailReturn{}) || len(titlesOf(w, ana)) != 0 {
		t.Errorf("the owner learns of the complaint: %+v, %v", got, titlesOf(w, ana))
	}
	w.Advance(time.Hour)
	invite(w, ana, ben.Email)
	if got := place(w, ana).Returned; got != (tenancy.MailReturn{}) {
		t.Errorf("the owner learns of the stop: %+v", got)
	}
	w.OK(w.Accounts.RequestPassword(t.Context(),
		service.Client{Source: testkit.Home}, string(ben.Email)))
	n := sentTo(w, ben.Email, mailing.KindTeamInvited)
	m := sentTo(w, ben.Email, mailing.KindPasswordReset)
	if n != 1 || m != 1 {
		t.Errorf("the person got %d invitations and %d mails for a password, want one each", n, m)
	}
}

// A sign-up also confirms an address, and the deletion of an account deletes
// the stop of its address.
func TestAStopEndsWithASignUpAndWithTheAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	invite(w, ana, zoe)
	back(w, zoe, mailing.KindTeamInvitedNew, mailing.ReturnComplaint)
	if w.Count("E#", "B") != 1 {
		t.Fatal("there is no stop: the test below would prove nothing")
	}
	p := w.SignUp(zoe)
	if w.Count("E#", "B") != 0 {
		t.Error("the stop is still there after the sign-up")
	}
	w.Advance(time.Hour)
	invite(w, ana, zoe)
	back(w, zoe, mailing.KindTeamInvited, mailing.ReturnComplaint)
	w.OK(w.Accounts.Delete(t.Context(), p.Client(operation.AccountDelete), proven))
	_, err := w.Accounts.Purge(t.Context())
	w.OK(err)
	if w.Count("E#", "B") != 0 {
		t.Error("the stop outlives the account")
	}
}

// Events of unknown mails, and of mails to support, change nothing.
func TestReturnsThatConcernNobody(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	before := w.State()
	w.OK(w.Services.Outbox.Returned(t.Context(),
		mailing.Return{Mail: "0123456789abcdef01234567", Kind: mailing.ReturnInvalid}))
	if w.State() != before {
		t.Error("an unknown mail changed the table")
	}
	id := offer(w, ana, ana.Profile("second"), ben.Email)
	back(w, mailing.SupportDesk, mailing.KindTransferDesk, mailing.ReturnInvalid)
	if w.Count("E#", "B") != 0 || len(returns(w, ana, id)) != 0 {
		t.Error("the address of support is stopped")
	}
}

package mail_test

import (
	"flag"
	"html"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mail"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

// costReached is an alert on cost, smsRefused one that a line would have
// passed.
var (
	costReached = billing.AlertReached{Alert: billing.Alert{Cost: 5000}, Used: 5250}
	smsRefused  = billing.AlertReached{
		Alert: billing.Alert{Service: plan.ServiceSMS, Amount: 50}, Used: 48, Limit: 100, Refused: true,
	}
)

// samples has a mail of every kind, as its senders make it.
var samples = []mailing.Mail{
	mailing.AccountConfirm{
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-15T09:26:53Z"),
		When:    at("2030-03-14T09:26:53Z"),
		Address: "192.0.2.1",
	},
	mailing.AccountConfirmAgain{
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-15T09:26:53Z"),
	},
	mailing.AccountExists{
		Name: "Ana",
	},
	mailing.AccountDeleting{
		Name: "Ana",
		When: at("2030-03-14T09:26:53Z"),
	},
	mailing.AccountDeleted{
		Name: "Ana",
		When: at("2030-03-14T09:27:53Z"),
	},
	mailing.AccountLeaving{},
	mailing.TokenLeaked{
		Name:    "Ana",
		Profile: "Plant",
		Token:   "gateway in the hall",
		When:    at("2030-03-14T09:26:53Z"),
	},
	mailing.TokenReused{
		Name:    "Ana",
		Profile: "Plant",
		Token:   "gateway in the hall",
		When:    at("2030-03-14T09:26:53Z"),
		Address: "192.0.2.1",
	},
	mailing.TokenEnds{
		Name:    "Ana",
		Profile: "Plant",
		Token:   "gateway in the hall",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TokenUnused{
		Name:    "Ana",
		Profile: "Plant",
		Token:   "gateway in the hall",
		Last:    at("2029-12-14T09:26:53Z"),
		Next:    mailing.NextOfUnused(true),
	},
	mailing.TokenDisabled{
		Name:    "Ana",
		Profile: "Plant",
		Token:   "gateway in the hall",
		Last:    at("2029-03-14T09:26:53Z"),
	},
	mailing.WebhookDisabled{
		Name:    "Ana",
		Profile: "Plant",
		URL:     "https://example.com/events",
		When:    at("2030-03-14T09:26:53Z"),
	},
	mailing.PasswordReset{
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-14T10:26:53Z"),
	},
	mailing.PasswordChanged{
		Name: "Ana",
		When: at("2030-03-14T09:26:53Z"),
	},
	mailing.AccountExported{
		Name: "Ana",
		When: at("2030-03-14T09:26:53Z"),
	},
	mailing.BackupDownloaded{
		Name:    "Ana",
		Profile: "Plant A",
		Made:    at("2030-02-14T09:26:53Z"),
		When:    at("2030-03-14T09:26:53Z"),
	},
	mailing.Pin{
		Pin:     "492039",
		Expires: at("2030-03-14T09:36:53Z"),
	},
	mailing.Factors{
		Name: "Ana",
		What: mailing.Happened(mailing.FactorEnabled, "authenticator",
			"An authenticator is a second factor of your account now: signing in and whatever asks for your password asks for a pin too."),
		When: at("2030-03-14T09:26:53Z"),
	},
	mailing.EmailConfirm{
		Name:    "Ana",
		Old:     "ana@example.com",
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-15T09:26:53Z"),
	},
	mailing.EmailConfirmAgain{
		Name:    "Ana",
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-15T09:26:53Z"),
	},
	mailing.EmailAsked{
		Name: "Ana",
		New:  "ana.new@example.com",
		When: at("2030-03-14T09:26:53Z"),
	},
	mailing.EmailChanged{
		Name:    "Ana",
		New:     "ana.new@example.com",
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.EmailRestored{
		Name: "Ana",
		Old:  "ana@example.com",
		New:  "ana.new@example.com",
		When: at("2030-03-14T09:26:53Z"),
	},
	mailing.ProfileDeleted{
		Name:    "Ana",
		Profile: "Plant <A> & \"B\"",
		When:    at("2030-03-14T09:26:53Z"),
		Until:   at("2030-03-21T09:26:53Z"),
	},
	mailing.TeamInvited{
		Owner:      "Ben",
		Address:    "ben@example.com",
		Profile:    "Plant",
		Permission: "write",
		Code:       "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires:    at("2030-03-21T09:26:53Z"),
	},
	mailing.TeamInvitedNew{
		Owner:      "Ben",
		Address:    "ben@example.com",
		Profile:    "Plant",
		Permission: "write",
		Lasts:      mailing.Lasts(at("2030-06-30T00:00:00Z")),
		Code:       "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires:    at("2030-03-21T09:26:53Z"),
	},
	mailing.TeamEnding{
		Name:    "Ana",
		Owner:   "Ben",
		Address: "ben@example.com",
		Profile: "Plant",
		Until:   at("2030-03-21T09:26:53Z"),
	},
	mailing.TeamEndingOwner{
		Name:    "Ben",
		Member:  "Ana",
		Address: "ana@example.com",
		Profile: "Plant",
		Until:   at("2030-03-21T09:26:53Z"),
	},
	mailing.TeamReminder{
		Owner:   "Ben",
		Address: "ben@example.com",
		Profile: "Plant",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.UsageDigest{
		Name: "Ana",
		Lines: mailing.AddLine(
			mailing.AddLine(
				mailing.UsageAlert{Profile: "Plant", Service: "input",
					Percent: 80, Used: "8,000", Limit: "10,000"}.Line(at("2030-03-14T09:26:53Z")),
				mailing.UsageAlert{Profile: "Plant. Visit evil.example", Service: "sms",
					Percent: 100, Used: "10", Limit: "10"}.Line(at("2030-03-14T11:26:53Z"))),
			mailing.AddLine(
				mailing.ReachedLine("Plant", costReached, at("2030-03-14T12:26:53Z")),
				mailing.ReachedLine("Plant", smsRefused, at("2030-03-14T13:26:53Z")))),
	},
	mailing.AlertReached{
		Name: "Ana", Profile: "Plant",
		What: mailing.Reached(billing.AlertReached{
			Alert: billing.Alert{Service: plan.ServiceInput, Percent: 50},
			Used:  520000, Limit: 1000000,
		}),
		Next: mailing.Stops(billing.Alert{Stop: billing.StopService}),
	},
	mailing.UsageAlert{
		Name:    "Ana",
		Profile: "Plant",
		Service: "input",
		Percent: 80,
		Used:    "801234",
		Limit:   "1000000",
		Resets:  mailing.Resets(at("2030-04-01T00:00:00Z")),
	},
	mailing.TeamAccepted{
		Name:    "Ben",
		Profile: "Plant",
		Member:  "Ana",
	},
	mailing.TeamDeclined{
		Name:    "Ben",
		Profile: "Plant",
		Member:  "Ana",
	},
	mailing.TeamExpired{
		Name:    "Ben",
		Profile: "Plant",
		Member:  "Ana",
	},
	mailing.TransferDesk{
		Ticket:   ticket,
		Profile:  "Plant",
		Owner:    "Ben",
		Address:  "ben@example.com",
		Receiver: "ana@example.com",
		Message:  templateData,
		Missing:  missing,
		Expires:  at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferRequested{
		Name:     "Ana",
		Ticket:   ticket,
		Profile:  "Plant",
		Receiver: "ben@example.com",
		Needs:    needs,
		Code:     "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires:  at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferRemindOwner{
		Name:     "Ana",
		Ticket:   ticket,
		Profile:  "Plant",
		Receiver: "ben@example.com",
		Needs:    needs,
		Code:     "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires:  at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferOffered{
		Owner:   "Ben",
		Address: "ben@example.com",
		Profile: "Plant",
		Message: templateData,
		Ticket:  ticket,
		Amounts: amounts,
		Team:    mailing.Team(tenancy.Team{{Active: true}, {Active: true}}),
		Addons:  mailing.Addons(billing.Addons{}),
		Needs:   needs,
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferOfferedNew{
		Owner:   "Ben",
		Address: "ben@example.com",
		Profile: "Plant",
		Message: templateData,
		Ticket:  ticket,
		Amounts: amounts,
		Team:    mailing.Team(tenancy.Team{{Active: true}, {Active: true}}),
		Addons:  mailing.Addons(billing.Addons{}),
		Needs:   needs,
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferNote{
		Name:    "Ana",
		Ticket:  ticket,
		Profile: "Plant",
		Note:    "We spoke with Ben on the phone.\nThere is nothing left to do for you.",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferQuestion{
		Name:    "Ana",
		Ticket:  ticket,
		Profile: "Plant",
		Note:    "Why do you give the profile away?\nAnd who is Ben?",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferRemindReceiver{
		Owner:   "Ben",
		Address: "ben@example.com",
		Profile: "Plant",
		Ticket:  ticket,
		Code:    "Sample00ThisCodeConfirmsNobody5aUJ",
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferRemindDesk{
		Ticket:  ticket,
		Profile: "Plant",
		Missing: mailing.MissingOrNothing(nil),
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferWaiting{
		Name:    "Ana",
		Ticket:  ticket,
		Profile: "Plant",
		Missing: waits,
		Expires: at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferExtended{
		Ticket:  ticket,
		Profile: "Plant",
		Expires: at("2030-03-28T09:26:53Z"),
	},
	mailing.TransferEnded{
		Ticket:  ticket,
		Profile: "Plant",
		Outcome: mailing.Outcome(transfer.Transfer{State: transfer.Rejected}, time.Time{}),
		Reason:  mailing.Reason("We asked the owner of the profile twice.\nWithout an answer we cannot approve it."),
	},
	mailing.TransferGiven{
		Name:     "Ana",
		Ticket:   ticket,
		Profile:  "Plant",
		Receiver: "ben@example.com",
		Stays:    mailing.Stays(&tenancy.Member{Permission: tenancy.PermissionRead}),
		When:     at("2030-03-14T09:26:53Z"),
		Until:    at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferReceived{
		Name:    "Ana",
		Ticket:  ticket,
		Profile: "Plant",
		Owner:   "Ben",
		Amounts: amounts,
		Addons:  mailing.Addons(billing.Addons{CustomDNS: true, Mobile: true}),
		When:    at("2030-03-14T09:26:53Z"),
		Until:   at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferReturned{
		Name:     "Ana",
		Ticket:   "TR-4F8W-0Z1B",
		Profile:  "Plant",
		Original: ticket,
		Owner:    "Ben",
		Receiver: "ana@example.com",
		Stays:    mailing.Yours(),
		When:     at("2030-03-17T09:26:53Z"),
	},
	mailing.TransferBack{
		Name:     "Ana",
		Ticket:   "TR-4F8W-0Z1B",
		Profile:  "Plant",
		Original: ticket,
		By:       mailing.By(transfer.PartyDestination),
		Expires:  at("2030-03-21T09:26:53Z"),
	},
	mailing.TransferBackDesk{
		Ticket:   "TR-4F8W-0Z1B",
		Profile:  "Plant",
		Original: ticket,
		By:       mailing.By(transfer.PartyDestination),
		Owner:    "Ana",
		Address:  "ana@example.com",
		Receiver: "ben@example.com",
		Expires:  at("2030-03-21T09:26:53Z"),
	},
	mailing.MailReturned{
		Address: "ben@example.com",
		What:    "transfer-offered, TR-7K3M-92QD",
		Outcome: mailing.Returned(mailing.ReturnInvalid),
		When:    at("2030-03-14T09:26:53Z"),
	},
}

// zones are the time zones of readers who have one.
var zones = map[mailing.Kind]string{
	mailing.KindTokenEnds:        "Europe/Berlin",
	mailing.KindUsageAlert:       "America/Sao_Paulo",
	mailing.KindTransferWaiting:  "America/Sao_Paulo",
	mailing.KindTransferExtended: "Not/AZone",
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	ticket       = "TR-7K3M-92QD"
	templateData = "Hello Ana,\n\nthe plant is yours & <soon> I am off to the sea.\nBen"
)

// what is missing, and other facts, as senders give them.
var (
	missing = mailing.Missing(transfer.Checks{
		{Code: transfer.CheckDestPlan, Expected: "the plan starter or scale",
			Actual: "the plan free", Fix: "Upgrade the plan of the account"},
		{Code: transfer.CheckDestProfiles, Expected: "room for one more profile",
			Actual: "1 of 1 profiles", Fix: "Delete a profile, or upgrade the plan of the account"},
	})
	waits = mailing.Missing(transfer.Checks{
		{Code: transfer.CheckLock, Expected: "7 days since the last transfer",
			Actual: "one on 2030-03-12T01:26:53.000Z", Fix: "Wait until 2030-03-19T01:26:53.000Z"},
		{Code: transfer.CheckHold,
			Expected: "no recent change of password, address or second factor",
			Actual:   "a change that holds transfers until 2030-03-17T09:26:53.589Z",
			Fix:      "Wait until 2030-03-17T09:26:53.589Z"},
	})
	needs   = mailing.Needs(transfer.PolicySupport)
	amounts = mailing.Amounts(plan.AmountsFrom(
		map[string]int64{"input": 1_000_000, "output": 2_000_000, "email": 50}))
)

func message(kind mailing.Kind) mailing.Message { return messageIn("en", kind) }

// messageIn is a mail to a reader of a language.
func messageIn(language string, kind mailing.Kind) mailing.Message {
	var m mailing.Message
	for _, sample := range samples {
		if sample.Kind() == kind {
			m = mailing.New("0123456789abcdef01234567", "ana@example.com",
				mailing.Reader{Zone: zones[kind], Language: language}, sample, time.Time{})
		}
	}
	switch kind {
	case mailing.KindEmailConfirm:
		m.To = "ana.new@example.com"
	case mailing.KindTransferDesk, mailing.KindTransferRemindDesk, mailing.KindTransferBackDesk,
		mailing.KindMailReturned:
		m.To = string(mailing.SupportDesk)
	}
	if kind.Topic() != topic.Security {
		m.Unsubscribe("SampleOff")
	}
	return m
}

func renderer(t *testing.T) *mail.Renderer {
	t.Helper()
	r, err := mail.NewRenderer(mail.Facts{
		Console: "https://api.example.com/console", API: "https://api.example.com",
		Support: "support@example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryKindRenders(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, kind := range mailing.Kinds() {
		for _, language := range mailing.Languages() {
			if language == "en" || !kind.ToDesk() {
				renders(t, r, language, kind)
			}
		}
	}
}

// renders compares a mail with what it was.
func renders(t *testing.T, r *mail.Renderer, language string, kind mailing.Kind) {
	t.Helper()
	got, err := r.Render(messageIn(language, kind))
	if err != nil {
		t.Errorf("%s: %v", kind, err)
		return
	}
	plain := "Subject: " + got.Subject + "\n\n" + got.Text
	for suffix, text := range map[string]string{".txt": plain, ".html": got.HTML} {
		file := "testdata/" + language + "/" + string(kind) + suffix
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != text {
			t.Errorf(
				"%s differs from the mail; run go test ./shared/mail -update and read the difference (%v)\n%s",
				file,
				err,
				text,
			)
		}
	}
	if strings.Contains(got.Text+got.HTML+got.Subject, "{{") {
		t.Errorf("%s has a place without a word", kind)
	}
	if raw := machineTime.FindString(got.Text + got.HTML + got.Subject); raw != "" {
		t.Errorf("%s shows people the time %s", kind, raw)
	}
}

// machineTime is a time as programs write it.
var machineTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]+Z`)

// inWords is a text as a reader in a time zone is shown it.
func inWords(text, name string) string {
	zone, _ := time.LoadLocation(name)
	return machineTime.ReplaceAllStringFunc(text, func(s string) string {
		at, _ := time.Parse(time.RFC3339, s)
		return value.Moment(at, zone)
	})
}

// A person's words are text, wherever they stand.
func TestWordsOfPeopleAreNoMarkup(t *testing.T) {
	t.Parallel()
	m := message(mailing.KindProfileDeleted)
	m.Data = map[string]string{
		"name": "<script>alert(1)</script>", "profile": "x\r\nBcc: all@example.com {{code}} \"><img src=x>", "when": "2030-03-14T09:26:53Z",
		"until": "2030-03-21T09:26:53Z",
	}
	got, err := renderer(t).Render(m)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(got.Subject, "\r\n") {
		t.Errorf("the subject has more than one line: %q", got.Subject)
	}
	for _, bad := range []string{"<script", "<img"} {
		if strings.Contains(got.HTML, bad) {
			t.Errorf("the HTML has %s", bad)
		}
	}
	if !strings.Contains(got.Text, "Hello <script>alert(1)</script>,") {
		t.Error("the plain text does not show the name as it is")
	}
}

// A name of a person, or their message, goes to strangers in mails that are
// signed here. In no mail and at no place do mail programs find a link in it.
// It is quoted and short, and it cannot end its quotes.
func TestNamesInMailsAreQuotedShortAndNoLinks(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	links := []string{
		"https://evil.example/free", "www.evil.com", "evil.com/sms", "sms@evil.com", "mailto:sms@evil.com", "ftp://192.0.2.1/x", "http://localhost/x",
		`\\\\server\\share`, "evil\u3002com", "evil\uff0ecom", "evil\uff61com", "evil\u2024com", "www\uff0eevil\uff0ecom/x", "192\uff0e0\uff0e2\uff0e1/free", "tel:4930123456", "192.0.2.1/free", "javascript:alert(1)",
	}
	for _, kind := range mailing.Kinds() {
		for _, link := range links {
			for _, text := range []string{link, "Win " + link + " now", link + strings.Repeat("x", 90)} {
				m := message(kind)
				m.Data = maps.Clone(m.Data)
				for _, word := range []string{"owner", "profile", "token", "member", "name", "message"} {
					if _, has := m.Data[word]; has {
						m.Data[word] = text
					}
				}
				got, err := r.Render(m)
				if err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				for part, text := range map[string]string{"subject": got.Subject, "text": got.Text,
					"HTML": html.UnescapeString(got.HTML)} {
					if strings.Contains(text, link) {
						t.Errorf("%s: the %s has the link %s", kind, part, link)
					}
				}
			}
		}
		m := message(kind)
		m.Data = maps.Clone(m.Data)
		long, closing, turning := "Long"+strings.Repeat("x", 96), `Plant" was deleted "`, "\u202egnp.exe\u200b"
		for _, text := range []string{long, closing, turning, "بيت"} {
			for _, word := range []string{"owner", "profile", "token", "member"} {
				if _, has := m.Data[word]; has {
					m.Data[word] = text
				}
			}
			got, err := r.Render(m)
			if err != nil {
				t.Fatal(err)
			}
			for part, shown := range map[string]string{"subject": got.Subject, "text": got.Text,
				"HTML": html.UnescapeString(got.HTML)} {
				if strings.Contains(shown, long) || strings.Contains(shown, closing) ||
					strings.ContainsAny(shown, "\u202e\u200b") {
					t.Errorf("%s: the %s has a name as it is: %q", kind, part, text)
				}
				if text == "بيت" && strings.Count(shown, text) != strings.Count(shown, `"`+"\u2068بيت\u2069"+`"`) {
					t.Errorf("%s: the %s has a name that turns what follows", kind, part)
				}
			}
		}
	}
	for text, want := range map[string]string{"Plant 2.5 at 10:30": "Plant 2.5 at 10:30", "A. Berg & Co. KG": "A. Berg & Co. KG"} {
		m := message(mailing.KindTeamInvited)
		m.Data = maps.Clone(m.Data)
		m.Data["profile"] = text
		if got, err := r.Render(m); err != nil || !strings.Contains(got.Subject, `"`+want+`"`) {
			t.Errorf("%q: got %q, %v", text, got.Subject, err)
		}
	}
}

// Words of several lines are read as they were written.
func TestLinesStayLines(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, kind := range mailing.Kinds() {
		got, err := r.Render(message(kind))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range message(kind).Data {
			shown := value
			if _, ok := mailing.Phrase(value).Lines(); ok {
				shown, err = r.Written("en", name, mailing.Phrase(value), message(kind).Zone())
			} else if strings.Contains(value, "\n") {
				shown = inWords(value, zones[kind])
			}
			if err != nil {
				t.Fatal(err)
			}
			if name != "addons" && strings.Contains(shown, "\n") &&
				!strings.Contains(got.HTML,
					`white-space:pre-line">`+html.EscapeString(shown)+"</p>") {
				t.Errorf("%s: the lines of %s run together in the HTML", kind, name)
			}
		}
	}
}

// The outbox may have mails that were written before some of their words were:
// those of sign-ups without the source.
func TestOlderMailsOfTheOutboxRender(t *testing.T) {
	t.Parallel()
	m := message(mailing.KindAccountConfirm)
	m.Created = at("2030-03-14T09:26:53Z")
	delete(m.Data, "when")
	delete(m.Data, "address")
	m.Data["word of another time"] = "x"
	got, err := renderer(t).Render(m)
	if err != nil || !strings.Contains(got.Text, "an unknown address") || strings.Contains(got.Text, "another time") {
		t.Errorf("got %v and\n%s", err, got.Text)
	}
}

func TestWhatCannotRenderIsInvalid(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, m := range map[string]mailing.Message{
		"an unknown kind": {Kind: "nonsense"},
		"a missing word":  {Kind: mailing.KindAccountConfirm, Data: map[string]string{"expires": "2030-03-14T09:26:53Z"}},
		"a wrong time":    {Kind: mailing.KindAccountConfirm, Data: map[string]string{"code": "x", "expires": "soon"}},
	} {
		m.To = "ana@example.com"
		if _, err := r.Render(m); problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%s: got %v, want CodeInvalid", name, err)
		}
	}
}

// A mail must not reach the support desk, or anybody else, by accident.
func TestAMailToNoAddressIsInvalid(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, to := range []string{
		"", " ", "ana", "support", "Support-Desk", "support-desk ", "support-desk@", "@example.com", "ana@example.com ", "ana@b@example.com",
		"Ana <ana@example.com>", "ana@example.com,ben@example.com", "ana@example.com\r\nBcc: ben@example.com",
	} {
		for _, kind := range []mailing.Kind{mailing.KindAccountExists, mailing.KindTransferDesk} {
			m := message(kind)
			m.To = to
			if got, err := r.Render(m); problem.CodeOf(err) != problem.CodeInvalid {
				t.Errorf(
					"%s to %q: got %v and a mail to %q, want CodeInvalid",
					kind,
					to,
					err,
					got.To,
				)
			}
		}
	}
}

// Clients have the person copy the code that sets a new password from the mail,
// so it stands alone on a line.
func TestResetCodeStandsAlone(t *testing.T) {
	t.Parallel()
	got, err := renderer(t).Render(message(mailing.KindPasswordReset))
	if err != nil {
		t.Fatal(err)
	}
	for part, text := range map[string]string{"text": got.Text, "HTML": got.HTML} {
		if !strings.Contains(text, "\n"+message(mailing.KindPasswordReset).Data["code"]+"\n") ||
			!strings.Contains(text, "reset") {
			t.Errorf(
				"the %s lacks the code on a line of its own, or the word reset:\n%s",
				part,
				text,
			)
		}
	}
}

// A word that is empty, or a person's many empty lines, leave one empty line in
// the text.
func TestEmptyLinesCloseUp(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for reason, want := range map[string]string{
		"":                    "was rejected by support.\n\nThe profile was not moved",
		"a\n\n\nb\n\n\n\n\nc": "was rejected by support.\n\na\n\nb\n\nc\n\nThe profile was not moved",
	} {
		m := message(mailing.KindTransferEnded)
		m.Data = maps.Clone(m.Data)
		m.Data["reason"] = reason
		got, err := r.Render(m)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.Text, want) {
			t.Errorf("reason %q: the text lacks %q:\n%s", reason, want, got.Text)
		}
	}
}

var environment = map[string]string{
	"MAIL_FROM": "Profiles <no-reply@example.com>", "SUPPORT_ADDRESS": "support@example.com", "CONSOLE_URL": "https://api.example.com/console",
	"MAIL_SET": "Set-1", "API_URL": "https://api.example.com/",
}

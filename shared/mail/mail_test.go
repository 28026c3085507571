package mail_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"profiles/shared/mail"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every kind is here with the words that its senders give it.
var samples = map[tenancy.MessageKind]map[string]string{
	tenancy.MessageAccountConfirm: {
		"code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-15T09:26:53Z", "when": "2030-03-14T09:26:53Z", "address": "192.0.2.1",
	},
	tenancy.MessageAccountConfirmAgain: {"code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-15T09:26:53Z"},
	tenancy.MessageAccountExists:       {"name": "Ana"},
	tenancy.MessageAccountDeleting:     {"name": "Ana", "when": "2030-03-14T09:26:53Z"},
	tenancy.MessageAccountDeleted:      {"name": "Ana", "when": "2030-03-14T09:27:53Z"},
	tenancy.MessageAccountLeaving:      {},
	tenancy.MessageTokenLeaked:         {"name": "Ana", "profile": "Plant", "token": "gateway in the hall", "when": "2030-03-14T09:26:53Z"},
	tenancy.MessageTokenReused: {
		"name": "Ana", "profile": "Plant", "token": "gateway in the hall", "when": "2030-03-14T09:26:53Z", "address": "192.0.2.1",
	},
	tenancy.MessageTokenEnds:       {"name": "Ana", "profile": "Plant", "token": "gateway in the hall", "expires": "2030-03-21T09:26:53Z", "zone": "Europe/Berlin"},
	tenancy.MessagePasswordReset:   {"code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-14T10:26:53Z"},
	tenancy.MessagePasswordChanged: {"name": "Ana", "when": "2030-03-14T09:26:53Z"},
	tenancy.MessagePin:             {"pin": "492039", "expires": "2030-03-14T09:36:53Z"},
	tenancy.MessageFactors: {
		"name": "Ana", "when": "2030-03-14T09:26:53Z",
		"what": "An authenticator is a second factor of your account now: signing in and whatever asks for your password asks for a pin too.",
	},
	tenancy.MessageEmailConfirm: {
		"name": "Ana", "old": "ana@example.com", "code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-15T09:26:53Z",
	},
	tenancy.MessageEmailAsked: {"name": "Ana", "new": "ana.new@example.com", "when": "2030-03-14T09:26:53Z"},
	tenancy.MessageEmailChanged: {
		"name": "Ana", "new": "ana.new@example.com", "code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageEmailRestored:  {"name": "Ana", "old": "ana@example.com", "new": "ana.new@example.com", "when": "2030-03-14T09:26:53Z"},
	tenancy.MessageProfileDeleted: {"name": "Ana", "profile": "Plant <A> & \"B\"", "when": "2030-03-14T09:26:53Z"},
	tenancy.MessageTeamInvited:    invited,
	tenancy.MessageTeamInvitedNew: invited,
	tenancy.MessageTeamReminder: {
		"owner": "Ben", "address": "ben@example.com", "profile": "Plant", "expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageUsageAlert: {
		"name": "Ana", "profile": "Plant", "service": "input", "unit": "variables", "percent": "80", "used": "801234", "limit": "1000000",
		"resets": "The count begins again on 2030-04-01T00:00:00Z.", "zone": "America/Sao_Paulo",
	},
	tenancy.MessageTeamAccepted: answered,
	tenancy.MessageTeamDeclined: answered,
	tenancy.MessageTeamExpired:  answered,

	tenancy.MessageTransferDesk: {
		"ticket": ticket, "profile": "Plant", "owner": "Ben", "address": "ben@example.com", "receiver": "ana@example.com",
		"message": templateData, "missing": missing, "expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferRequested:   requested,
	tenancy.MessageTransferRemindOwner: requested,
	tenancy.MessageTransferOffered:     offered,
	tenancy.MessageTransferOfferedNew:  offered,
	tenancy.MessageTransferNote: {
		"name": "Ana", "ticket": ticket, "profile": "Plant", "note": "We spoke with Ben on the phone.\nThere is nothing left to do for you.",
		"expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferQuestion: {
		"name": "Ana", "ticket": ticket, "profile": "Plant", "note": "Why do you give the profile away?\nAnd who is Ben?",
		"expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferRemindReceiver: {
		"owner": "Ben", "address": "ben@example.com", "profile": "Plant", "ticket": ticket,
		"code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferRemindDesk: {"ticket": ticket, "profile": "Plant", "missing": "nothing", "expires": "2030-03-21T09:26:53Z"},
	tenancy.MessageTransferWaiting: {
		"name": "Ana", "ticket": ticket, "profile": "Plant", "missing": waits, "expires": "2030-03-21T09:26:53Z", "zone": "America/Sao_Paulo",
	},
	tenancy.MessageTransferExtended: {"ticket": ticket, "profile": "Plant", "expires": "2030-03-28T09:26:53Z", "zone": "Not/AZone"},
	tenancy.MessageTransferEnded: {
		"ticket": ticket, "profile": "Plant", "outcome": "was rejected by support",
		"reason": "The reason: We asked the owner of the profile twice.\nWithout an answer we cannot approve it.",
	},
	tenancy.MessageTransferGiven: {
		"name": "Ana", "ticket": ticket, "profile": "Plant", "receiver": "ben@example.com", "stays": "You stay in its team, with read permission.",
		"when": "2030-03-14T09:26:53Z", "until": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferReceived: {
		"name": "Ana", "ticket": ticket, "profile": "Plant", "owner": "Ben", "amounts": amounts, "addons": "custom_dns, mobile",
		"when": "2030-03-14T09:26:53Z", "until": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferReturned: {
		"name": "Ana", "ticket": "TR-4F8W-0Z1B", "profile": "Plant", "original": ticket, "owner": "Ben", "receiver": "ana@example.com",
		"stays": "It is yours again.", "when": "2030-03-17T09:26:53Z",
	},
	tenancy.MessageTransferBack: {
		"name": "Ana", "ticket": "TR-4F8W-0Z1B", "profile": "Plant", "original": ticket, "by": "the previous owner",
		"expires": "2030-03-21T09:26:53Z",
	},
	tenancy.MessageTransferBackDesk: {
		"ticket": "TR-4F8W-0Z1B", "profile": "Plant", "original": ticket, "by": "the previous owner", "owner": "Ana", "address": "ana@example.com",
		"receiver": "ben@example.com", "expires": "2030-03-21T09:26:53Z",
	},
}

const (
	ticket       = "TR-7K3M-92QD"
	templateData = "Hello Ana,\n\nthe plant is yours & <soon> I am off to the sea.\nBen"
	missing      = "- destination-plan: needed is the plan starter or scale, there is the plan free. Upgrade the plan of the account\n" +
		"- destination-profiles: needed is room for one more profile, there is 1 of 1 profiles. Delete a profile, or upgrade the plan of the account"
	waits = "- lock: needed is 7 days since the last transfer, there is one on 2030-03-12T01:26:53.000Z. Wait until 2030-03-19T01:26:53.000Z\n" +
		"- hold: needed is no recent change of password, address or second factor, there is a change that holds transfers until " +
		"2030-03-17T09:26:53.589Z. Wait until 2030-03-17T09:26:53.589Z"
	needs   = "Nothing moves before both of you have agreed and our support desk has approved it."
	amounts = "input: 1000000 variables\noutput: 2000000 variables\nemail: 50 messages"
)

var (
	invited = map[string]string{
		"owner": "Ben", "address": "ben@example.com", "profile": "Plant", "permission": "write",
		"code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-21T09:26:53Z",
	}
	answered  = map[string]string{"name": "Ben", "profile": "Plant", "member": "Ana"}
	requested = map[string]string{
		"name": "Ana", "ticket": ticket, "profile": "Plant", "receiver": "ben@example.com", "needs": needs,
		"code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-21T09:26:53Z",
	}
	offered = map[string]string{
		"owner": "Ben", "address": "ben@example.com", "profile": "Plant", "message": templateData, "ticket": ticket, "amounts": amounts,
		"team": "2 members", "addons": "none", "needs": needs, "code": "Sample00ThisCodeConfirmsNobody5aUJ", "expires": "2030-03-21T09:26:53Z",
	}
)

func message(kind tenancy.MessageKind) tenancy.Message {
	m := tenancy.Message{ID: "0123456789abcdef01234567", Kind: kind, To: "ana@example.com", Data: samples[kind]}
	switch kind {
	case tenancy.MessageEmailConfirm:
		m.To = "ana.new@example.com"
	case tenancy.MessageTransferDesk, tenancy.MessageTransferRemindDesk, tenancy.MessageTransferBackDesk:
		m.To = string(tenancy.SupportDesk)
	}
	return m
}

func renderer(t *testing.T) *mail.Renderer {
	t.Helper()
	r, err := mail.NewRenderer(mail.Facts{Console: "https://api.example.com/console", Support: "support@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryKindRenders(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, kind := range tenancy.MessageKinds {
		got, err := r.Render(message(kind))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		for suffix, text := range map[string]string{".txt": "Subject: " + got.Subject + "\n\n" + got.Text, ".html": got.HTML} {
			file := "testdata/" + string(kind) + suffix
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || string(want) != text {
				t.Errorf("%s differs from the mail; run go test ./shared/mail -update and read the difference (%v)\n%s", file, err, text)
			}
		}
		if strings.Contains(got.Text+got.HTML+got.Subject, "{{") {
			t.Errorf("%s has a place without a word", kind)
		}
		if raw := machineTime.FindString(got.Text + got.HTML + got.Subject); raw != "" {
			t.Errorf("%s shows people the time %s", kind, raw)
		}
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
	m := message(tenancy.MessageProfileDeleted)
	m.Data = map[string]string{
		"name": "<script>alert(1)</script>", "profile": "x\r\nBcc: all@example.com {{code}} \"><img src=x>", "when": "2030-03-14T09:26:53Z",
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

// Somebody's name, or a message to somebody, goes to strangers in mails that are signed here: mail programs find no link in it, in whatever
// mail and wherever there, it is quoted and short, and it cannot end its quotes.
func TestNamesInMailsAreQuotedShortAndNoLinks(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	links := []string{
		"https://evil.example/free", "www.evil.com", "evil.com/sms", "sms@evil.com", "mailto:sms@evil.com", "ftp://192.0.2.1/x", "http://localhost/x",
		`\\\\server\\share`, "evil\u3002com", "evil\uff0ecom", "evil\uff61com", "evil\u2024com", "www\uff0eevil\uff0ecom/x", "192\uff0e0\uff0e2\uff0e1/free", "tel:4930123456", "192.0.2.1/free", "javascript:alert(1)",
	}
	for _, kind := range tenancy.MessageKinds {
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
				for part, text := range map[string]string{"subject": got.Subject, "text": got.Text, "HTML": html.UnescapeString(got.HTML)} {
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
			for part, shown := range map[string]string{"subject": got.Subject, "text": got.Text, "HTML": html.UnescapeString(got.HTML)} {
				if strings.Contains(shown, long) || strings.Contains(shown, closing) || strings.ContainsAny(shown, "\u202e\u200b") {
					t.Errorf("%s: the %s has a name as it is: %q", kind, part, text)
				}
				if text == "بيت" && strings.Count(shown, text) != strings.Count(shown, `"`+"\u2068بيت\u2069"+`"`) {
					t.Errorf("%s: the %s has a name that turns what follows", kind, part)
				}
			}
		}
	}
	for text, want := range map[string]string{"Plant 2.5 at 10:30": "Plant 2.5 at 10:30", "A. Berg & Co. KG": "A. Berg & Co. KG"} {
		m := message(tenancy.MessageTeamInvited)
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
	for _, kind := range tenancy.MessageKinds {
		got, err := r.Render(message(kind))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range samples[kind] {
			if strings.Contains(value, "\n") && !strings.Contains(got.HTML, `white-space:pre-line">`+html.EscapeString(inWords(value, samples[kind]["zone"]))+"</p>") {
				t.Errorf("%s: the lines of %s run together in the HTML", kind, name)
			}
		}
	}
}

func TestWhatCannotRenderIsInvalid(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, m := range map[string]tenancy.Message{
		"an unknown kind": {Kind: "nonsense"},
		"a missing word":  {Kind: tenancy.MessageAccountConfirm, Data: map[string]string{"expires": "2030-03-14T09:26:53Z"}},
		"a wrong time":    {Kind: tenancy.MessageAccountConfirm, Data: map[string]string{"code": "x", "expires": "soon"}},
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
		for _, kind := range []tenancy.MessageKind{tenancy.MessageAccountExists, tenancy.MessageTransferDesk} {
			m := message(kind)
			m.To = to
			if got, err := r.Render(m); problem.CodeOf(err) != problem.CodeInvalid {
				t.Errorf("%s to %q: got %v and a mail to %q, want CodeInvalid", kind, to, err, got.To)
			}
		}
	}
}

// Clients have the person copy the code that sets a new password from the mail, so it stands alone on a line.
func TestResetCodeStandsAlone(t *testing.T) {
	t.Parallel()
	got, err := renderer(t).Render(message(tenancy.MessagePasswordReset))
	if err != nil {
		t.Fatal(err)
	}
	for part, text := range map[string]string{"text": got.Text, "HTML": got.HTML} {
		if !strings.Contains(text, "\n"+samples[tenancy.MessagePasswordReset]["code"]+"\n") || !strings.Contains(text, "reset") {
			t.Errorf("the %s lacks the code on a line of its own, or the word reset:\n%s", part, text)
		}
	}
}

// A word that is empty, or a person's many empty lines, leave one empty line in the text.
func TestEmptyLinesCloseUp(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for reason, want := range map[string]string{
		"":                    "was rejected by support.\n\nThe profile was not moved",
		"a\n\n\nb\n\n\n\n\nc": "was rejected by support.\na\n\nb\n\nc\n\nThe profile was not moved",
	} {
		m := message(tenancy.MessageTransferEnded)
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
}

// mailer sends to a server that answers as ses does.
func mailer(t *testing.T, ses http.HandlerFunc) *mail.Mailer {
	t.Helper()
	server := httptest.NewServer(ses)
	t.Cleanup(server.Close)
	config := aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
	})}
	c, err := mail.FromEnvironment(config, func(name string) string {
		if name == "AWS_ENDPOINT_URL_SES" {
			return server.URL
		}
		return environment[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const accepted = `<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult><MessageId>1</MessageId></SendEmailResult></SendEmailResponse>`

func refusal(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error></ErrorResponse>`, code)
	}
}

func TestDeliverSendsTextAndHTML(t *testing.T) {
	t.Parallel()
	var form url.Values
	c := mailer(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.PostForm
		fmt.Fprint(w, accepted)
	})
	if err := c.Deliver(t.Context(), message(tenancy.MessageAccountConfirm)); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"Action": "SendEmail", "Source": "Profiles <no-reply@example.com>", "Destination.ToAddresses.member.1": "ana@example.com",
		"ReplyToAddresses.member.1": "support@example.com", "Message.Subject.Data": "Confirm your e-mail address", "Message.Body.Text.Charset": "UTF-8",
	} {
		if got := form.Get(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	const link = "https://api.example.com/console#/account/confirm/Sample00ThisCodeConfirmsNobody5aUJ"
	for _, field := range []string{"Message.Body.Text.Data", "Message.Body.Html.Data"} {
		if !strings.Contains(form.Get(field), link) {
			t.Errorf("%s lacks the link %s", field, link)
		}
	}
}

func TestDeskMailGoesToTheSupportAddressAlone(t *testing.T) {
	t.Parallel()
	for _, kind := range []tenancy.MessageKind{
		tenancy.MessageTransferDesk, tenancy.MessageTransferRemindDesk, tenancy.MessageTransferBackDesk, tenancy.MessageTransferEnded,
	} {
		var form url.Values
		c := mailer(t, func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			form = r.PostForm
			fmt.Fprint(w, accepted)
		})
		m := message(kind)
		m.To = string(tenancy.SupportDesk)
		if err := c.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		recipients := map[string]string{}
		for field := range form {
			if strings.HasPrefix(field, "Destination.") {
				recipients[field] = form.Get(field)
			}
		}
		if want := map[string]string{"Destination.ToAddresses.member.1": "support@example.com"}; !maps.Equal(recipients, want) {
			t.Errorf("%s goes to %v, want %v", kind, recipients, want)
		}
		for _, field := range []string{"Message.Body.Text.Data", "Message.Body.Html.Data"} {
			if !strings.Contains(form.Get(field), "This mail went to support@example.com.") {
				t.Errorf("%s: the foot of %s does not name the support address", kind, field)
			}
		}
	}
}

// A refusal is for the outbox to try again. The client itself must not: after an answer that was lost, that would be a second mail.
func TestDeliverAsksOnce(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"throttled":         refusal(400, "Throttling"),
		"rejected":          refusal(400, "MessageRejected"),
		"a broken service":  refusal(500, "InternalFailure"),
		"an answer cut off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			c := mailer(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				answer(w, r)
			})
			err := c.Deliver(t.Context(), message(tenancy.MessageAccountExists))
			if err == nil || problem.CodeOf(err) == problem.CodeInvalid {
				t.Errorf("got %v, want an error that may pass", err)
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
		})
	}
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := mailer(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Deliver(ctx, message(tenancy.MessageAccountExists)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestStartingNamesTheVariableThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"MAIL_FROM": {"", "nobody"}, "SUPPORT_ADDRESS": {"", "a@b@c"},
		"CONSOLE_URL": {"", "/console", "ftp://example.com", "https://example.com/#/x"},
	} {
		for _, value := range values {
			_, err := mail.FromEnvironment(aws.Config{}, func(asked string) string {
				if asked == name {
					return value
				}
				return environment[asked]
			})
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%q: got error %v, want one that names the variable", name, value, err)
			}
		}
	}
}

package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"profiles/shared/mail"
	"profiles/shared/mailing"
	"profiles/shared/problem"
)

// mailer sends to a server that answers as ses does.
func mailer(t *testing.T, ses http.HandlerFunc) *mail.Mailer {
	t.Helper()
	return mailerOf(t, ses, nil)
}

// mailerOf is mailer with other variables of the environment.
func mailerOf(t *testing.T, ses http.HandlerFunc, others map[string]string) *mail.Mailer {
	t.Helper()
	server := httptest.NewServer(ses)
	t.Cleanup(server.Close)
	config := aws.Config{
		Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	}
	c, err := mail.FromEnvironment(config, func(name string) string {
		if name == "AWS_ENDPOINT_URL_SES" {
			return server.URL
		}
		if other, ok := others[name]; ok {
			return other
		}
		return environment[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sent is what SES is asked to send.
type sent struct {
	FromEmailAddress     string
	ReplyToAddresses     []string
	ConfigurationSetName string
	EmailTags            []field
	Destination          map[string][]string
	Content              struct {
		Simple struct {
			Subject content
			Body    struct{ Text, Html content }
			Headers []field
		}
	}
}

type (
	content struct{ Data, Charset string }
	field   struct{ Name, Value string }
)

// texts are both forms of the mail.
func (s sent) texts() map[string]string {
	body := s.Content.Simple.Body
	return map[string]string{"the text": body.Text.Data, "the page": body.Html.Data}
}

// accepting takes a mail, as SES does.
func accepting(t *testing.T, into *sent) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
			t.Errorf("asked for %s %s", r.Method, r.URL)
		}
		if err := json.NewDecoder(r.Body).Decode(into); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"MessageId": "1"}`)
	}
}

func refusal(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		fmt.Fprint(w, `{"message": "no"}`)
	}
}

func TestDeliverSendsTextAndHTML(t *testing.T) {
	t.Parallel()
	var got sent
	c := mailer(t, accepting(t, &got))
	m := message(mailing.KindAccountConfirm)
	if err := c.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for name, is := range map[string][2]any{
		"the sender":       {got.FromEmailAddress, "Profiles <no-reply@example.com>"},
		"the recipient":    {got.Destination, map[string][]string{"ToAddresses": {"ana@example.com"}}},
		"who gets answers": {got.ReplyToAddresses, []string{"support@example.com"}},
		"the subject":      {got.Content.Simple.Subject, content{"Confirm your e-mail address", "UTF-8"}},
		"the charset":      {got.Content.Simple.Body.Text.Charset, "UTF-8"},
		"the set":          {got.ConfigurationSetName, "Set-1"},
		"the tags":         {got.EmailTags, []field{{mailing.TagMail, string(m.ID)}}},
		"the headers":      {got.Content.Simple.Headers, []field(nil)},
	} {
		if !reflect.DeepEqual(is[0], is[1]) {
			t.Errorf("%s: got %+v, want %+v", name, is[0], is[1])
		}
	}
	const link = "https://api.example.com/console#/account/confirm/Sample00ThisCodeConfirmsNobody5aUJ"
	for name, text := range got.texts() {
		if !strings.Contains(text, link) {
			t.Errorf("%s lacks the link %s", name, link)
		}
	}
}

// A mail that can be switched off has the headers of RFC 8058, and a link in
// its foot.
func TestAMailThatCanBeSwitchedOffSaysHow(t *testing.T) {
	t.Parallel()
	for console, api := range map[string]string{
		"https://api.example.com/console":   "https://api.example.com",
		"https://edge.example.com/console":  "https://edge.example.com",
		"https://edge.example.com/console/": "https://edge.example.com",
		"https://pages.example.com/mine":    "https://own.example.com",
	} {
		var got sent
		c := mailerOf(t, accepting(t, &got),
			map[string]string{"CONSOLE_URL": console, "API_URL": "https://own.example.com/"})
		if err := c.Deliver(t.Context(), message(mailing.KindUsageAlert)); err != nil {
			t.Fatal(err)
		}
		want := []field{
			{"List-Unsubscribe", "<" + api + "/account/unsubscribe/SampleOff>"},
			{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
		}
		if !slices.Equal(got.Content.Simple.Headers, want) {
			t.Errorf("%s: got the headers %v, want %v", console, got.Content.Simple.Headers, want)
		}
		for name, text := range got.texts() {
			if !strings.Contains(text, console+"#/account/unsubscribe/SampleOff") {
				t.Errorf("%s: %s lacks the link:\n%s", console, name, text)
			}
		}
	}
}

func TestSupportMailGoesToTheSupportAddressOnly(t *testing.T) {
	t.Parallel()
	for _, kind := range []mailing.Kind{
		mailing.KindTransferDesk, mailing.KindTransferRemindDesk, mailing.KindTransferBackDesk,
		mailing.KindTransferEnded,
		mailing.KindMailReturned,
	} {
		var got sent
		c := mailer(t, accepting(t, &got))
		m := message(kind)
		m.To = string(mailing.SupportDesk)
		if err := c.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if want := map[string][]string{"ToAddresses": {"support@example.com"}}; !reflect.DeepEqual(got.Destination, want) {
			t.Errorf("%s goes to %v, want %v", kind, got.Destination, want)
		}
		for name, text := range got.texts() {
			if !strings.Contains(text, "This mail went to support@example.com.") {
				t.Errorf("%s: the foot of %s does not name the support address", kind, name)
			}
		}
	}
}

// The outbox tries again after a refusal. The client itself must not: after a
// lost answer this would send a second mail.
func TestDeliverAsksOnce(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"throttled":         refusal(429, "TooManyRequestsException"),
		"rejected":          refusal(400, "MessageRejected"),
		"a broken service":  refusal(500, "InternalServiceException"),
		"an answer cut off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			c := mailer(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				answer(w, r)
			})
			err := c.Deliver(t.Context(), message(mailing.KindAccountExists))
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
	err := c.Deliver(ctx, message(mailing.KindAccountExists))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestStartingNamesTheVariableThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"MAIL_FROM": {"", "nobody"}, "SUPPORT_ADDRESS": {"", "a@b@c"}, "MAIL_SET": {""},
		"CONSOLE_URL": {"", "/console", "ftp://example.com", "https://example.com/#/x"},
		"API_URL":     {"", "api", "ftp://example.com", "https://example.com/#/x"},
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

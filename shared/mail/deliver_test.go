package mail_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	if err := c.Deliver(t.Context(), message(mailing.KindAccountConfirm)); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"Action": "SendEmail", "Source": "Profiles <no-reply@example.com>", "Destination.ToAddresses.member.1": "ana@example.com",
		"ReplyToAddresses.member.1": "support@example.com", "Message.Subject.Data": "Confirm your e-mail address", "Message.Body.Text.Charset": "UTF-8",
		"ConfigurationSetName": "Set-1", "Tags.member.1.Name": "mail", "Tags.member.1.Value": string(message(mailing.KindAccountConfirm).ID),
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

func TestSupportMailGoesToTheSupportAddressOnly(t *testing.T) {
	t.Parallel()
	for _, kind := range []mailing.Kind{
		mailing.KindTransferDesk, mailing.KindTransferRemindDesk, mailing.KindTransferBackDesk,
		mailing.KindTransferEnded,
		mailing.KindMailReturned,
	} {
		var form url.Values
		c := mailer(t, func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			form = r.PostForm
			fmt.Fprint(w, accepted)
		})
		m := message(kind)
		m.To = string(mailing.SupportDesk)
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

// The outbox tries again after a refusal. The client itself must not: after a
// lost answer this would send a second mail.
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

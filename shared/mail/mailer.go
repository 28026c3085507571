// Package mail renders messages and sends them through SES.
package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"profiles/shared/mailing"
)

// Mailer delivers mails through SES.
type Mailer struct {
	client   *sesv2.Client
	renderer *Renderer
	from     string
	support  string
	set      string
}

// FromEnvironment makes a Mailer of the variables MAIL_FROM (the sender, an
// address with or without a name), SUPPORT_ADDRESS (where answers go, and mails
// for the support desk), MAIL_SET (the configuration set, by whose events SES
// reports mails that come back), CONSOLE_URL (the page that links open) and
// API_URL (where mail programs send the one click that switches mails off, if
// the page is not the console of this service, which is beside its API);
// AWS_ENDPOINT_URL_SES, when set, is a server that stands in for SES. The error
// names the variable that is missing or wrong.
func FromEnvironment(config aws.Config, getenv func(string) string) (*Mailer, error) {
	from, support := getenv("MAIL_FROM"), getenv("SUPPORT_ADDRESS")
	for name, value := range map[string]string{"MAIL_FROM": from, "SUPPORT_ADDRESS": support} {
		if _, err := netmail.ParseAddress(value); err != nil {
			return nil, fmt.Errorf(
				"the environment variable %s must be an e-mail address, not %q",
				name,
				value,
			)
		}
	}
	for _, name := range []string{"CONSOLE_URL", "API_URL"} {
		if u, err := url.Parse(getenv(name)); err != nil || u.Host == "" || u.Fragment != "" ||
			u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf(
				"the environment variable %s must be an http or https address without a fragment, not %q",
				name,
				getenv(name),
			)
		}
	}
	set := getenv("MAIL_SET")
	if set == "" {
		return nil, errors.New(
			"the environment variable MAIL_SET must name a configuration set of SES",
		)
	}
	renderer, err := NewRenderer(Facts{
		Console: getenv("CONSOLE_URL"),
		API:     apiOf(getenv("CONSOLE_URL"), getenv("API_URL")),
		Support: support,
	})
	if err != nil {
		return nil, err
	}
	endpoint := getenv("AWS_ENDPOINT_URL_SES")
	client := sesv2.NewFromConfig(config, func(o *sesv2.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		// The outbox decides when to try again. If SES's answer is lost, a
		// retry here would send the mail twice.
		o.Retryer = aws.NopRetryer{}
	})
	return &Mailer{client, renderer, from, support, set}, nil
}

// apiOf returns the address of the API: that of this service's console, which
// may be a distribution in front of the API, or api for another console.
func apiOf(console, api string) string {
	if beside, own := strings.CutSuffix(strings.TrimSuffix(console, "/"), "/console"); own {
		return beside
	}
	return strings.TrimSuffix(api, "/")
}

// Deliver renders and sends one message. Errors: CodeInvalid if it can never be
// rendered; any other error if SES did not accept it this time.
func (c *Mailer) Deliver(ctx context.Context, m mailing.Message) error {
	mail, err := c.renderer.Render(m)
	if err != nil {
		return err
	}
	_, err = c.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress:     &c.from,
		ReplyToAddresses:     []string{c.support},
		ConfigurationSetName: &c.set,
		EmailTags: []types.MessageTag{
			{Name: aws.String(mailing.TagMail), Value: aws.String(string(m.ID))},
		},
		Destination: &types.Destination{ToAddresses: []string{mail.To}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(mail.Subject),
			Body:    &types.Body{Text: content(mail.Text), Html: content(mail.HTML)},
			Headers: oneClick(mail.Unsubscribe),
		}},
	})
	if err != nil {
		return fmt.Errorf("ses SendEmail: %w", err)
	}
	return nil
}

// oneClick are the headers by which a mail program switches mails off (RFC
// 8058, which mailboxes ask of senders).
func oneClick(url string) []types.MessageHeader {
	if url == "" {
		return nil
	}
	return []types.MessageHeader{
		{Name: aws.String("List-Unsubscribe"), Value: aws.String("<" + url + ">")},
		{
			Name:  aws.String("List-Unsubscribe-Post"),
			Value: aws.String("List-Unsubscribe=One-Click"),
		},
	}
}

func content(s string) *types.Content {
	return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
}

package operation

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/topic"
)

// preferencesView is how an account is notified about each topic.
type preferencesView struct {
	// what protects the account, carries a code, or changes who may see what;
	// it cannot be switched off
	Security preferenceView `json:"security"`
	// profiles that use much of a service
	Usage preferenceView `json:"usage"`
	// a profile that is deleted, or has nothing to use
	Profile preferenceView `json:"profile"`
	// invitations, their answers, and memberships that end soon
	Team preferenceView `json:"team"`
	// tokens that expire, or that nobody uses
	Token preferenceView `json:"token"`
	// notes, questions and reminders of transfers, and their end
	Transfer preferenceView `json:"transfer"`
	Webhook  preferenceView `json:"webhook"` // webhooks that are disabled
}

type preferenceView struct {
	// each: a mail for each at once; daily: one mail a day, for usage; off:
	// none
	Mail topic.Mail `json:"mail"`
	// whether there are notifications about it
	Console bool `json:"console"`
}

func viewPreferences(p topic.Preferences) preferencesView {
	of := func(t topic.Topic) preferenceView { return preferenceView{p.Mail(t), p.Shows(t)} }
	return preferencesView{
		Security: of(topic.Security),
		Usage:    of(topic.Usage),
		Profile:  of(topic.Profile),
		Team:     of(topic.Team),
		Token:    of(topic.Token),
		Transfer: of(topic.Transfer),
		Webhook:  of(topic.Webhook),
	}
}

// preferencesChanges are changes of how an account is notified.
type preferencesChanges struct {
	// as it is: what is about security cannot be switched off
	Security preferenceChanges `json:"security"`
	Usage    preferenceChanges `json:"usage"`    // profiles that use much of a service
	Profile  preferenceChanges `json:"profile"`  // a profile that is deleted, or has nothing to use
	Team     preferenceChanges `json:"team"`     // invitations and memberships
	Token    preferenceChanges `json:"token"`    // tokens that expire, or that nobody uses
	Transfer preferenceChanges `json:"transfer"` // notes, questions and reminders of transfers
	Webhook  preferenceChanges `json:"webhook"`  // webhooks that are disabled
}

type preferenceChanges struct {
	// each: a mail for each at once; daily: one mail a day, for usage; off:
	// none
	Mail *string `json:"mail" is:"mail_preference"`
	// whether there are notifications about it
	Console *bool `json:"console"`
}

func (b preferencesChanges) changes() [topic.Count]topic.Change {
	return [topic.Count]topic.Change{
		topic.Security: topic.Change(b.Security),
		topic.Usage:    topic.Change(b.Usage),
		topic.Profile:  topic.Change(b.Profile),
		topic.Team:     topic.Change(b.Team),
		topic.Token:    topic.Change(b.Token),
		topic.Transfer: topic.Change(b.Transfer),
		topic.Webhook:  topic.Change(b.Webhook),
	}
}

var MailUnsubscribe = Operation{
	Name:      "mail-unsubscribe",
	Tag:       "Notifications",
	Summary:   "Switches off mails like the one whose link it is, as mail programs do with one click (RFC 8058).",
	Routes:    []Route{{"POST", "/account/unsubscribe/{token}"}},
	Access:    Anonymous,
	Seals:     true,
	AnyParams: true,
	Call:      get[acknowledged](mailUnsubscribe),
	Refuses:   []problem.Reason{problem.ReasonLinkVoid},
	Example:   Example{Path: "/account/unsubscribe/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func mailUnsubscribe(
	ctx context.Context, s *service.Services, r *request,
) (acknowledged, error) {
	about, err := s.Accounts.Unsubscribe(ctx, r.client, r.PathValue("token"))
	if err != nil {
		return "", err
	}
	if about == topic.Security {
		return "This address gets no mails that are not about security", nil
	}
	return acknowledged("Mails about this topic are switched off: " + about.String()), nil
}

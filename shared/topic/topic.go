// Package topic says what mails and notifications are about, and has the rules
// by which an account chooses which of them it gets.
package topic

import (
	"strconv"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Topic is what a mail or a notification is about.
type Topic int

// The topics. Each mail to a customer has one.
const (
	// Security is what protects an account, what carries a code that the
	// reader has asked for, and who may see what. It cannot be switched off.
	Security Topic = iota
	Usage          // profiles that use much of a service
	Profile        // a profile that is deleted, or has nothing to use
	Team           // invitations, their answers, and memberships that end soon
	Token          // tokens that expire, or that nobody uses
	Transfer       // a transfer on its way: offers, questions, reminders, its end
	Webhook        // webhooks that are disabled
	Count          // how many topics there are
)

var names = [Count]string{
	Security: "security", Usage: "usage", Profile: "profile", Team: "team", Token: "token",
	Transfer: "transfer", Webhook: "webhook",
}

// String is the name of the topic on the wire and in the table.
func (t Topic) String() string { return names[t] }

// All returns the topics, Security first.
func All() []Topic {
	all := make([]Topic, Count)
	for i := range all {
		all[i] = Topic(i)
	}
	return all
}

// Parse finds a topic by its name.
func Parse(name string) (Topic, bool) {
	for t, n := range names {
		if n == name {
			return Topic(t), true
		}
	}
	return 0, false
}

// Mail is when mails about a topic are sent.
type Mail string

// When mails are sent. Only those about Usage can be sent once a day.
const (
	MailEach  Mail = "each"  // each at once
	MailDaily Mail = "daily" // all of a day in one
	MailOff   Mail = "off"   // none
)

// Mails are the ways in which mails about a topic other than Security can be
// sent.
func (t Topic) Mails() []string {
	if t == Usage {
		return []string{string(MailEach), string(MailDaily), string(MailOff)}
	}
	return []string{string(MailEach), string(MailOff)}
}

// Preference is how an account is notified about a topic. The zero Preference
// is everything, at once.
type Preference struct {
	Mail   Mail // empty: MailEach
	Hidden bool // notifications about it are not made
}

// Preferences are those of an account.
type Preferences [Count]Preference

// Mail returns when mails about a topic are sent.
func (p Preferences) Mail(t Topic) Mail {
	if m := p[t].Mail; m != "" && t != Security {
		return m
	}
	return MailEach
}

// Shows reports whether notifications about a topic are made.
func (p Preferences) Shows(t Topic) bool { return t == Security || !p[t].Hidden }

// Without returns the preferences without mails about a topic, which is not
// Security.
func (p Preferences) Without(t Topic) Preferences {
	p[t].Mail = MailOff
	return p
}

// Change is a partial change of a preference; a nil field stays as it is.
type Change struct {
	Mail    *string
	Console *bool
}

// Edit returns the preferences with changes applied. Errors: CodeInvalid naming
// the field.
func (p Preferences) Edit(changes [Count]Change) (Preferences, error) {
	for t, c := range changes {
		t, field := Topic(t), "notifications."+Topic(t).String()
		if t == Security && (c.Mail != nil && *c.Mail != string(MailEach) ||
			c.Console != nil && !*c.Console) {
			return p, problem.InvalidField(
				field,
				problem.FieldNotTaken,
				`cannot be switched off: leave it out, or send {"mail": "each", "console": true}`,
			)
		}
		if c.Mail != nil {
			m, err := value.OneOf(field+".mail", *c.Mail, t.Mails()...)
			if err != nil {
				return p, err
			}
			if p[t].Mail = Mail(m); m == string(MailEach) {
				p[t].Mail = ""
			}
		}
		if c.Console != nil {
			p[t].Hidden = !*c.Console
		}
	}
	return p, nil
}

// Differences lists what differs from was.
func (p Preferences) Differences(was Preferences) (fields []auditlog.Change) {
	for _, t := range All() {
		name := "notifications." + t.String()
		fields = append(fields,
			auditlog.Changed(name+".mail", string(was.Mail(t)), string(p.Mail(t))),
			auditlog.Changed(name+".console",
				strconv.FormatBool(was.Shows(t)), strconv.FormatBool(p.Shows(t))),
		)
	}
	return auditlog.Differences(fields...)
}

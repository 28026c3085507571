package mail

import (
	"embed"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Facts are the addresses that every mail may mention besides its own words.
type Facts struct {
	Console string // the URL of the console; links add a fragment to it
	API     string // the URL of the API, without a slash at its end
	Support string // the address that people write to
}

// Mail is a rendered message, and the address that it goes to.
type Mail struct {
	To, Subject, Text, HTML string
	// Unsubscribe is the URL to which a POST switches off mails like this one;
	// empty for one that cannot be switched off.
	Unsubscribe string
}

//go:embed templates
var files embed.FS

// links are the fragments of the console that the links of a mail have. A
// fragment is not sent to any server, and the page acts only when a person
// presses its button. So a program that only fetches a link changes nothing.
var links = map[mailing.Kind]map[string]string{
	mailing.KindAccountConfirm:      {"url": "#/account/confirm/{{code}}"},
	mailing.KindAccountConfirmAgain: {"url": "#/account/confirm/{{code}}"},
	mailing.KindPasswordReset:       {"url": "#/account/password/{{code}}"},
	mailing.KindPasswordChanged:     forgottenLinks,
	mailing.KindAccountExported:     forgottenLinks,
	mailing.KindPin:                 forgottenLinks,
	mailing.KindFactors:             forgottenLinks,
	mailing.KindEmailConfirm:        {"url": "#/account/email/{{code}}"},
	mailing.KindEmailConfirmAgain:   {"url": "#/account/email/{{code}}"},
	mailing.KindEmailAsked:          forgottenLinks,
	mailing.KindEmailChanged:        {"url": "#/account/undo/{{code}}"},
	mailing.KindTeamInvited:         invitationLinks,
	mailing.KindTeamInvitedNew:      invitationLinks,

	mailing.KindTransferRequested:      confirmationLinks,
	mailing.KindTransferRemindOwner:    confirmationLinks,
	mailing.KindTransferOffered:        offerLinks,
	mailing.KindTransferOfferedNew:     offerLinks,
	mailing.KindTransferRemindReceiver: offerLinks,
	mailing.KindTransferDesk:           deskLinks,
	mailing.KindTransferRemindDesk:     deskLinks,
	mailing.KindTransferBackDesk:       deskLinks,
	mailing.KindTransferNote:           transferLinks,
	mailing.KindTransferQuestion:       transferLinks,
	mailing.KindTransferWaiting:        transferLinks,
	mailing.KindTransferExtended:       transferLinks,
	mailing.KindTransferGiven:          transferLinks,
	mailing.KindTransferReceived:       transferLinks,
	mailing.KindTransferReturned:       transferLinks,
	mailing.KindTransferBack:           {"url": "#/transfer/revert/{{original}}"},
}

var (
	forgottenLinks  = map[string]string{"url": "#/forgotten"}
	invitationLinks = map[string]string{
		"url":     "#/profile/team/accept/{{code}}",
		"decline": "#/profile/team/decline/{{code}}",
	}
	confirmationLinks = map[string]string{
		"url":    "#/transfer/confirm/{{ticket}}/{{code}}",
		"cancel": "#/transfer/cancel/{{ticket}}",
	}
	offerLinks = map[string]string{
		"url":     "#/transfer/accept/{{ticket}}/{{code}}",
		"decline": "#/transfer/decline/{{ticket}}/{{code}}",
	}
	deskLinks     = map[string]string{"url": "#/desk/{{ticket}}"}
	transferLinks = map[string]string{"url": "#/transfer/show/{{ticket}}"}
)

// times are the words that are a time, and sentences those that may contain
// times. Messages have times as RFC 3339, and mails in words for people.
var (
	times     = []string{"expires", "when", "until", "last"}
	sentences = []string{"resets", "missing", "lasts", "lines"}
)

// own are the words that every mail has besides its own.
var own = []string{"support", "to", "title"}

// Renderer turns messages into mails. Each kind has two files: the text, with
// the subject in its first line, and the HTML, which is put into the common
// layout. The foot of a mail that can be switched off says how.
type Renderer struct {
	facts Facts
	mails map[mailing.Kind]pair
}

type pair struct {
	subject, text, html template
	footText, footHTML  template // html has a place for footHTML
	links               map[string]template
}

// NewRenderer reads the templates. A kind without its pair is an error, so that
// a function that cannot render a mail does not start.
func NewRenderer(facts Facts) (*Renderer, error) {
	r := &Renderer{facts, map[mailing.Kind]pair{}}
	for _, kind := range mailing.Kinds() {
		p, err := read(kind)
		if err != nil {
			return nil, fmt.Errorf("mail %s: %w", kind, err)
		}
		r.mails[kind] = p
	}
	return r, nil
}

func read(kind mailing.Kind) (p pair, err error) {
	texts := map[string]string{}
	for _, name := range []string{string(kind) + ".txt", string(kind) + ".html", "layout.html", "button.html",
		"foot.txt", "foot.html"} {
		raw, err := files.ReadFile("templates/" + name)
		if err != nil {
			return p, err
		}
		texts[name] = strings.TrimSpace(string(raw))
	}
	subject, text, _ := strings.Cut(texts[string(kind)+".txt"], "\n")
	page := strings.Replace(texts["layout.html"], "{{content}}", texts[string(kind)+".html"], 1)
	page = strings.Replace(page, "{{button}}", texts["button.html"], 1)
	page = strings.Replace(page, "{{foot}}", foot, 1)
	for _, part := range []struct {
		to   *template
		text string
	}{
		{&p.subject, subject}, {&p.text, strings.TrimSpace(text) + "\n"}, {&p.html, page + "\n"},
		{&p.footText, texts["foot.txt"] + "\n"}, {&p.footHTML, "\n" + texts["foot.html"]},
	} {
		if *part.to, err = parse(part.text); err != nil {
			return p, err
		}
	}
	p.links = map[string]template{}
	for word, fragment := range links[kind] {
		if p.links[word], err = parse(fragment); err != nil {
			return p, err
		}
	}
	return p, p.check(kind)
}

// foot is the place in a page for what tells how mails are switched off.
const foot = "<!-- foot -->"

// check refuses a template with a word that mails of the kind do not have, or
// that has no manner.
func (p pair) check(kind mailing.Kind) error {
	lacks := func(word string) bool { return !kind.Has(word) }
	made := func(word string) bool {
		_, link := p.links[word]
		return link || slices.Contains(own, word) || word == "person" && kind.Has("name")
	}
	for _, t := range []template{p.subject, p.text, p.html} {
		for _, word := range t.data {
			if lacks(word) && !made(word) {
				return fmt.Errorf("the mail does not have the word %s", word)
			}
			if manners[word] == nil {
				return fmt.Errorf("the word %s has no manner in which it is written", word)
			}
		}
	}
	for _, link := range p.links {
		if i := slices.IndexFunc(link.data, lacks); i >= 0 {
			return fmt.Errorf("the mail does not have the word %s of a link", link.data[i])
		}
	}
	return nil
}

// Render returns the mail of a message. Errors: CodeInvalid for an unknown
// kind, a recipient that is neither an address nor SupportDesk, or a missing
// word of the template. Such a message can never be rendered.
func (r *Renderer) Render(m mailing.Message) (Mail, error) {
	p, ok := r.mails[m.Kind]
	if !ok {
		return Mail{}, problem.Invalid("there is no mail of the kind %q", m.Kind)
	}
	mail, err := p.render(r.facts, m)
	if err != nil {
		return Mail{}, &problem.Error{
			Code:    problem.CodeInvalid,
			Message: fmt.Sprintf("the mail %s cannot be rendered", m.Kind),
			Err:     err,
		}
	}
	return mail, nil
}

func (p pair) render(facts Facts, m mailing.Message) (mail Mail, err error) {
	if mail.To, err = facts.recipient(m.To); err != nil {
		return mail, err
	}
	// Older mails of the outbox do not say how long a membership lasts.
	data := map[string]string{"support": facts.Support, "to": mail.To, "lasts": ""}
	if m.Kind == mailing.KindAccountConfirm {
		// Older mails of the outbox do not have these words.
		data["when"], data["address"] = m.Created.Format(time.RFC3339), "an unknown address"
	}
	for name, value := range m.Data {
		if manner := manners[name]; manner != nil {
			data[name] = manner(value)
		}
	}
	// The reader of this name may not be its owner, so it is quoted. Somebody
	// without a name is shown by the address.
	data["person"] = mailing.Quoted(m.Data["name"])
	if m.Data["member"] == "" {
		data["member"] = data["address"]
	}
	zone := m.Zone()
	for _, name := range times {
		if value, ok := data[name]; ok {
			if data[name] = moments(value, zone); data[name] == value {
				return mail, problem.Invalid("the value of %s is not a time: %q", name, value)
			}
		}
	}
	for _, name := range sentences {
		if value, ok := data[name]; ok {
			data[name] = moments(value, zone)
		}
	}
	for word, link := range p.links {
		fragment, err := link.execute(data, asIs)
		if err != nil {
			return mail, err
		}
		data[word] = facts.Console + fragment
	}
	if mail.Subject, err = p.subject.execute(data, oneLine); err != nil {
		return mail, err
	}
	data["title"] = mail.Subject
	if mail.Text, err = p.text.execute(data, asIs); err != nil {
		return mail, err
	}
	mail.Text = closeUp(mail.Text)
	if mail.HTML, err = p.html.execute(data, html.EscapeString); err != nil {
		return mail, err
	}
	return p.withFoot(mail, facts, m.UnsubscribeCode())
}

// withFoot adds how mails like this one are switched off: on a page of the
// console, or by one click in the mail program. code is empty for a mail that
// cannot be switched off.
func (p pair) withFoot(mail Mail, facts Facts, code string) (Mail, error) {
	page := ""
	if code != "" {
		mail.Unsubscribe = facts.API + "/account/unsubscribe/" + code
		link := map[string]string{"unsubscribe": facts.Console + "#/account/unsubscribe/" + code}
		text, err := p.footText.execute(link, asIs)
		if err != nil {
			return mail, err
		}
		mail.Text += text
		if page, err = p.footHTML.execute(link, html.EscapeString); err != nil {
			return mail, err
		}
	}
	mail.HTML = strings.Replace(mail.HTML, foot, page, 1)
	return mail, nil
}

// recipient returns the address that a mail goes to: that of support only for
// mailing.SupportDesk, and never for an empty text.
func (f Facts) recipient(to string) (string, error) {
	if to == string(mailing.SupportDesk) {
		return f.Support, nil
	}
	email, err := value.ParseEmail(to)
	if err != nil || string(email) != to {
		return "", problem.Invalid(
			"a mail goes to an address or to the support desk, not to %q",
			to,
		)
	}
	return to, nil
}

// closeUp reduces several empty lines, which an empty word leaves, to one.
func closeUp(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return s
}

// oneLine puts a text on one line, so that it cannot add headers to a mail.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// moments replaces the times in a text by words, in the reader's zone and in
// UTC.
func moments(text string, zone *time.Location) string {
	return rfc3339.ReplaceAllStringFunc(text, func(s string) string {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return value.Moment(t, zone)
	})
}

var rfc3339 = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)`)

package mail

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"maps"
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

// links are the fragments of the console that the links of a mail have. A
// fragment is not sent to any server, and the page acts only when a person
// presses its button. So a program that only fetches a link changes nothing.
var links = map[mailing.Kind]map[string]string{
	mailing.KindAccountConfirm:      {"url": "#/account/confirm/{{code}}"},
	mailing.KindAccountConfirmAgain: {"url": "#/account/confirm/{{code}}"},
	mailing.KindPasswordReset:       {"url": "#/account/password/{{code}}"},
	mailing.KindPasswordChanged:     forgottenLinks,
	mailing.KindAccountExported:     forgottenLinks,
	mailing.KindBackupDownloaded:    forgottenLinks,
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

// Renderer turns messages into mails. Each kind has one file in each language:
// the subject in its first line, and the text, of which the page is made. The
// foot of a mail that can be switched off says how.
type Renderer struct {
	facts     Facts
	languages map[string]*language
}

type pair struct {
	subject, text, page template
	links               map[string]template
}

// NewRenderer reads what all mails of each language have.
func NewRenderer(facts Facts) (*Renderer, error) {
	first, err := readLanguage(english, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", english, err)
	}
	r := &Renderer{facts, map[string]*language{english: first}}
	for _, name := range mailing.Languages() {
		if name == english {
			continue
		}
		if r.languages[name], err = readLanguage(name, first); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

// pair returns the templates of a mail of which this is the file.
func (l *language) pair(kind mailing.Kind, file string) (p pair, err error) {
	texts := map[string]string{}
	for _, name := range []string{"layout.html", "button.html"} {
		raw, err := files.ReadFile("templates/" + name)
		if err != nil {
			return p, err
		}
		texts[name] = strings.TrimSpace(string(raw))
	}
	subject, text, _ := strings.Cut(strings.TrimSpace(file), "\n")
	button := strings.NewReplacer("{{open}}", l.exactly("open", ""), "{{copy}}", l.exactly("copy", "")).
		Replace(texts["button.html"])
	page := strings.NewReplacer(
		"{{content}}", pageOf(text, button), "{{foot}}", foot, "{{language}}", l.name,
	).Replace(texts["layout.html"])
	for _, part := range []struct {
		to   *template
		text string
	}{
		{&p.subject, subject}, {&p.text, strings.TrimSpace(text) + "\n"}, {&p.page, page + "\n"},
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
	return p, nil
}

// foot is the place in a page for its foot.
const foot = "<!-- foot -->"

// Render returns the mail of a message, in the language of its reader. Errors:
// CodeInvalid for an unknown kind, a recipient that is neither an address nor
// SupportDesk, or a missing word of the template. Such a message can never be
// rendered.
func (r *Renderer) Render(m mailing.Message) (Mail, error) {
	p, l, err := r.languages[m.Language()].read(m.Kind)
	if errors.Is(err, fs.ErrNotExist) {
		return Mail{}, problem.Invalid("there is no mail of the kind %q", m.Kind)
	}
	var mail Mail
	if err == nil {
		mail, err = l.render(p, r.facts, m)
	}
	if err != nil {
		return Mail{}, &problem.Error{
			Code:    problem.CodeInvalid,
			Message: fmt.Sprintf("the mail %s cannot be rendered", m.Kind),
			Err:     err,
		}
	}
	return mail, nil
}

func (l *language) render(p pair, facts Facts, m mailing.Message) (mail Mail, err error) {
	if mail.To, err = facts.recipient(m.To); err != nil {
		return mail, err
	}
	words := maps.Clone(m.Data)
	if m.Kind == mailing.KindAccountConfirm && words["when"] == "" {
		// Older mails of the outbox do not have these words.
		words["when"], words["address"] = m.Created.Format(time.RFC3339), ""
	}
	data, err := l.words(words, m.Zone())
	if err != nil {
		return mail, err
	}
	data["support"], data["to"] = facts.Support, mail.To
	// The reader of this name may not be its owner, so it is quoted. Somebody
	// without a name is shown by the address.
	data["person"] = mailing.Quoted(m.Data["name"])
	if m.Data["member"] == "" {
		data["member"] = data["address"]
	}
	if _, ok := data["lasts"]; !ok {
		data["lasts"] = "" // older mails do not say how long a membership lasts
	}
	for word, link := range p.links {
		fragment, err := link.execute(m.Data, asIs)
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
	if mail.HTML, err = p.page.execute(data, html.EscapeString); err != nil {
		return mail, err
	}
	return l.withFoot(mail, facts, m.UnsubscribeCode())
}

// withFoot adds to whom the mail went, and how mails like it are switched off:
// on a page of the console, or by one click in the mail program. code is empty
// for a mail that cannot be switched off.
func (l *language) withFoot(mail Mail, facts Facts, code string) (Mail, error) {
	written := map[string]string{"to": mail.To, "support": facts.Support}
	texts := map[string]string{}
	for _, name := range []string{"foot", "questions", "unsubscribe", "unsubscribe-link"} {
		text, err := l.text(name, written)
		if err != nil {
			return mail, err
		}
		texts[name] = text
	}
	mail.Text += "\n--\n" + texts["foot"] + "\n" + texts["questions"] + "\n"
	const anchor, end = `" style="color:#475467">`, "</a>"
	address := html.EscapeString(facts.Support)
	page := html.EscapeString(texts["foot"]) + " " + strings.Replace(
		html.EscapeString(texts["questions"]),
		address,
		`<a href="mailto:`+address+anchor+address+end,
		1,
	)
	if code != "" {
		mail.Unsubscribe = facts.API + "/account/unsubscribe/" + code
		target := facts.Console + "#/account/unsubscribe/" + code
		mail.Text += texts["unsubscribe"] + " " + target + "\n"
		page += "\n<br>" + html.EscapeString(texts["unsubscribe"]) + ` <a href="` +
			html.EscapeString(target) + anchor + html.EscapeString(texts["unsubscribe-link"]) + end + "."
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

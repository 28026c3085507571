package mail

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"profiles/shared/tenancy"
)

// Facts are what every mail may mention beside its own words.
type Facts struct {
	Console string // the address of the page that links open; they add a fragment to it
	Support string // the address that people write to
}

// Mail is a rendered message.
type Mail struct{ Subject, Text, HTML string }

//go:embed templates
var files embed.FS

// Renderer turns messages into mails. Each kind is a pair of templates: the text names the subject in its first line, the HTML
// stands inside the common layout.
type Renderer struct {
	facts Facts
	text  map[tenancy.MessageKind]*texttemplate.Template
	html  map[tenancy.MessageKind]*htmltemplate.Template
}

const layout = "templates/layout.html"

// NewRenderer reads the templates. A kind without its pair is an error, so that a function that cannot render a mail does not
// start.
func NewRenderer(facts Facts) (*Renderer, error) {
	r := &Renderer{facts, map[tenancy.MessageKind]*texttemplate.Template{}, map[tenancy.MessageKind]*htmltemplate.Template{}}
	functions := map[string]any{"moment": moment}
	for _, kind := range tenancy.MessageKinds {
		file := "templates/" + string(kind)
		text, err := texttemplate.New(string(kind)+".txt").Funcs(functions).Option("missingkey=error").ParseFS(files, file+".txt")
		if err != nil {
			return nil, fmt.Errorf("mail %s: %w", kind, err)
		}
		html, err := htmltemplate.New("layout.html").Funcs(functions).Option("missingkey=error").ParseFS(files, layout, file+".html")
		if err != nil {
			return nil, fmt.Errorf("mail %s: %w", kind, err)
		}
		r.text[kind], r.html[kind] = text, html
	}
	return r, nil
}

// Render returns the mail of a message. A message of an unknown kind, or without a word that its template needs, is
// CodeInvalid: it will never render.
func (r *Renderer) Render(m tenancy.Message) (Mail, error) {
	text, html := r.text[m.Kind], r.html[m.Kind]
	if text == nil {
		return Mail{}, tenancy.Invalid("there is no mail of the kind %q", m.Kind)
	}
	words := map[string]string{"console": r.facts.Console, "support": r.facts.Support, "to": m.To}
	for name, value := range m.Data {
		words[name] = value
	}
	var plain, rich bytes.Buffer
	if err := text.Execute(&plain, words); err != nil {
		return Mail{}, unrenderable(m, err)
	}
	if err := html.Execute(&rich, words); err != nil {
		return Mail{}, unrenderable(m, err)
	}
	subject, body, _ := strings.Cut(plain.String(), "\n")
	return Mail{Subject: oneLine(subject), Text: strings.TrimSpace(body) + "\n", HTML: rich.String()}, nil
}

func unrenderable(m tenancy.Message, err error) error {
	return &tenancy.Error{Code: tenancy.CodeInvalid, Message: fmt.Sprintf("the mail %s cannot be rendered", m.Kind), Err: err}
}

// oneLine keeps a person's words from adding lines to the head of a mail.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// moment writes a time for people. Messages carry times as RFC 3339.
func moment(s string) (string, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return "", err
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC"), nil
}

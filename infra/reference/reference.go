// Package reference makes the reference pages of the API from its OpenAPI
// document: plain HTML that needs no script to be read.
package reference

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"profiles/infra/openapi"
	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
)

//go:embed *.html
var sources embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"rich":      rich,
	"breakable": breakable,
	"code":      codes,
	"sent":      tableOf(sent),
	"answered":  tableOf(answered),
}).ParseFS(sources, "*.html"))

// Page is what every page has.
type Page struct {
	Title    string
	Here     string // its path
	Chapters []Chapter
}

// Chapter is a page with the operations of a tag.
type Chapter struct {
	Name, Path string
	Operations []Operation
}

// Operation is what a page says of an operation.
type Operation struct {
	ID, Summary string
	Link        string // to where it is described
	Who, Limit  string
	Routes      []operation.Route
	Parameters  []Field
	Body        *Shape
	Answer      Shape
	Files       []string // the media types of files that it may answer with
	Refusals    []Refusals
	Examples    []Example
}

// Refusals are the reasons with one status.
type Refusals struct {
	Status  string
	Reasons []problem.Reason
}

// Example is the operation in one language.
type Example struct{ Language, Text string }

// Reason is what a page says of a reason for refusals.
type Reason struct {
	problem.ReasonFacts
	Status     int
	Text       string      // of the status
	Operations []Operation // that may refuse for it; none when they are too many to tell anything
}

// Rates are how many requests a minute a group of operations admits.
type Rates struct {
	Group                string
	Free, Starter, Scale int
}

// telling is the largest number of operations that are listed for a reason: a
// longer list says nothing.
const telling = 16

// Pages are the pages by the names of their files: index.html, errors.html and
// one for each tag.
func Pages(d *openapi.Document, operations []operation.Operation) (map[string][]byte, error) {
	documented, chapters := documentedIn(d), chapters(d, operations)
	out := map[string][]byte{}
	write := func(path, source, title string, data map[string]any) error {
		data["Page"] = Page{title, path, chapters}
		name := strings.TrimPrefix(strings.TrimPrefix(path, "/docs"), "/")
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, source, data); err != nil {
			return err
		}
		out[cmp.Or(name, "index")+".html"] = b.Bytes()
		return nil
	}
	for _, c := range chapters {
		if err := write(c.Path, "chapter.html", c.Name, map[string]any{"Chapter": c}); err != nil {
			return nil, err
		}
	}
	if err := write(
		"/docs/errors",
		"errors.html",
		"Errors",
		map[string]any{"Reasons": reasons(chapters)},
	); err != nil {
		return nil, err
	}
	index := map[string]any{
		"Title":   d.Info.Title,
		"Version": d.Info.Version,
		"Rates":   rates(operations, documented),
		"Headers": headers(d),
		"First":   first,
	}
	return out, write("/docs", "index.html", "Overview", index)
}

// documentedIn are the operations of a document by their names.
func documentedIn(d *openapi.Document) map[string]*openapi.Operation {
	out := map[string]*openapi.Operation{}
	for _, item := range d.Paths {
		for _, o := range []*openapi.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if o != nil {
				out[o.ID] = o
			}
		}
	}
	return out
}

// chapters are the documented operations by the tags of the document.
func chapters(d *openapi.Document, operations []operation.Operation) (out []Chapter) {
	documented, r := documentedIn(d), renderer{d.Components.Schemas}
	for _, tag := range d.Tags {
		c := Chapter{Name: tag.Name, Path: "/docs/" + slug(tag.Name)}
		for _, o := range operations {
			if o.Tag == tag.Name && documented[o.Name] != nil {
				c.Operations = append(c.Operations, r.operation(o, documented[o.Name], c.Path))
			}
		}
		out = append(out, c)
	}
	return out
}

// first are a first request, and what comes before the calls of SDKs.
var first = []Example{{"curl", `API=https://api.example.com
TOKEN=p-DemoAna0OnlyForTheLocalStack000KBP

curl "$API/profile" -H "token: $TOKEN"`}, {"JavaScript", openapi.JavaScriptClient}, {"Python", openapi.PythonClient}}

// slug is a name as a part of a path.
func slug(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

func (r renderer) operation(o operation.Operation, d *openapi.Operation, page string) Operation {
	out := Operation{
		ID:       d.ID,
		Summary:  d.Summary,
		Link:     page + "#" + d.ID,
		Who:      openapi.Who(o),
		Limit:    openapi.Limit(o),
		Routes:   o.Routes,
		Examples: examples(o, d),
	}
	for _, p := range d.Parameters {
		out.Parameters = append(out.Parameters, r.parameter(p))
	}
	if d.Body != nil {
		shape := r.shape(d.Body.Content["application/json"].Schema, sent)
		out.Body = &shape
	}
	success := d.Responses["200"].Content
	out.Answer = r.shape(success["application/json"].Schema.Properties["result"], answered)
	for _, media := range slices.Sorted(maps.Keys(success)) {
		if media != "application/json" {
			out.Files = append(out.Files, media)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(d.Responses)) {
		if refused := d.Responses[status]; len(refused.Reasons) > 0 {
			out.Refusals = append(
				out.Refusals,
				Refusals{
					status + " " + strings.TrimSuffix(refused.Description, "."),
					refused.Reasons,
				},
			)
		}
	}
	return out
}

// examples are the operation's own example as a command, and its calls in the
// SDKs.
func examples(o operation.Operation, d *openapi.Operation) []Example {
	command := "curl "
	if method := o.Routes[0].Method; method != http.MethodGet {
		command += "-X " + method + " "
	}
	command += `"$API` + o.Example.Path + `"`
	switch {
	case o.Access == operation.Browser:
		command += " \\\n  -H 'Sec-Fetch-Site: same-origin' -H 'console: 1' -H \"Origin: $API\" \\\n  -b \"__Host-session=$SESSION\""
	case o.SignsIn:
		command += " \\\n  -H 'Sec-Fetch-Site: same-origin' -H 'console: 1' -H \"Origin: $API\""
	case o.Access != operation.Anonymous:
		command += " \\\n  -H \"token: $TOKEN\""
	}
	if o.Example.Body != "" {
		command += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + strings.ReplaceAll(
			indented(o.Example.Body),
			"'",
			`'\''`,
		) + "'"
	}
	out := []Example{{"curl", command}}
	if d.SDK != nil && d.SDK.JavaScript != "" {
		out = append(out, Example{"JavaScript", d.SDK.JavaScript})
	}
	if d.SDK != nil && d.SDK.Python != "" {
		out = append(out, Example{"Python", d.SDK.Python})
	}
	return out
}

// indented is a body as people read it: on one line where that is short.
func indented(body string) string {
	const short = 60
	if len(body) <= short {
		return body
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(body), "  ", "  "); err != nil {
		return body
	}
	return b.String()
}

// reasons is every reason, with what may refuse for it.
func reasons(chapters []Chapter) (out []Reason) {
	for _, facts := range problem.Reasons() {
		one := Reason{
			ReasonFacts: facts,
			Status:      httpapi.Fail(&problem.Error{Code: facts.Class}).Status,
		}
		one.Text = http.StatusText(one.Status)
		for _, c := range chapters {
			for _, o := range c.Operations {
				if slices.ContainsFunc(
					o.Refusals,
					func(r Refusals) bool { return slices.Contains(r.Reasons, facts.Reason) },
				) {
					one.Operations = append(one.Operations, o)
				}
			}
		}
		if len(one.Operations) > telling {
			one.Operations = nil
		}
		out = append(out, one)
	}
	return out
}

// rates are the groups of rate limits, in the order of the operations that they
// are for.
func rates(
	operations []operation.Operation,
	documented map[string]*openapi.Operation,
) (out []Rates) {
	for _, o := range operations {
		group := o.RateGroup()
		if group == plan.RateNone || documented[o.Name] == nil {
			continue
		}
		one := Rates{
			documented[o.Name].RateGroup,
			group.PerMinute(plan.Free),
			group.PerMinute(plan.Starter),
			group.PerMinute(plan.Scale),
		}
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// table is a list of values as the template "fields" shows it. Values whose
// Needed is Mark get the word Marked; the others, the usual case, get none.
type table struct {
	Head, Caption string
	Fields        []Field
	Mark          bool
	Marked        string
}

func tableOf(way direction) func(head, caption string, fields []Field) table {
	return func(head, caption string, fields []Field) table {
		if way == sent {
			return table{head, caption, fields, true, "required"}
		}
		return table{head, caption, fields, false, "not always there"}
	}
}

// headers are those of answers.
func headers(d *openapi.Document) (out []Field) {
	for _, name := range slices.Sorted(maps.Keys(d.Components.Headers)) {
		out = append(
			out,
			Field{
				Name:   name,
				Type:   d.Components.Headers[name].Schema.Type,
				Needed: true,
				Words:  d.Components.Headers[name].Description,
			},
		)
	}
	return out
}

var quoted = regexp.MustCompile("`([^`]+)`")

// rich is a text with what stands in backticks as code.
func rich(text string) template.HTML {
	return template.HTML(
		quoted.ReplaceAllString(template.HTMLEscapeString(text), "<code>$1</code>"),
	) // escaped before
}

// breakable is a name that may be broken between its words where there is
// little room.
func breakable(name any) template.HTML {
	escaped := template.HTMLEscapeString(fmt.Sprint(name))
	return template.HTML(
		strings.NewReplacer(".", ".<wbr>", "_", "_<wbr>", "/", "/<wbr>").Replace(escaped),
	) // escaped before
}

// codes is a list of names as people read it.
func codes(names []string) template.HTML {
	var out []string
	for _, name := range names {
		out = append(out, "<code>"+template.HTMLEscapeString(name)+"</code>")
	}
	return template.HTML(strings.Join(out, ", ")) // escaped before
}

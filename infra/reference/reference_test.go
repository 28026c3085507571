package reference_test

import (
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/infra/openapi"
	"profiles/infra/reference"
	"profiles/shared/operation"
	"profiles/shared/problem"
)

const root = "../.."

func document(t *testing.T) *openapi.Document {
	t.Helper()
	words, err := openapi.Read(root, openapi.Sources...)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Of(operation.All(), words)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pages(t *testing.T, d *openapi.Document) map[string]string {
	t.Helper()
	made, err := reference.Pages(d, operation.All())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, html := range made {
		out["/docs/"+strings.TrimSuffix(name, ".html")] = string(html)
	}
	out["/docs"] = out["/docs/index"]
	delete(out, "/docs/index")
	return out
}

// part is the text of a page from a heading to the next section.
func part(page, id string) string {
	_, rest, _ := strings.Cut(page, `id="`+id+`"`)
	rest, _, _ = strings.Cut(rest, "</section>")
	return strings.ReplaceAll(rest, "<wbr>", "")
}

// Each operation has its part in the page of its tag, with all facts that the
// document has about it.
func TestEveryOperationIsOnAPage(t *testing.T) {
	t.Parallel()
	d := document(t)
	all := pages(t, d)
	found := 0
	for path, item := range d.Paths {
		for method, o := range map[string]*openapi.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete,
		} {
			if o == nil {
				continue
			}
			found++
			page := "/docs/" + strings.ReplaceAll(strings.ToLower(o.Tags[0]), " ", "-")
			if !strings.Contains(all["/docs"], `href="`+page+"#"+o.ID+`"`) {
				t.Errorf("%s is not in the overview", o.ID)
			}
			text := part(all[page], o.ID)
			want := []string{">" + method + "</span> <code>" + path + "<", "<dt>Who</dt>", "$API"}
			for _, route := range o.Also {
				method, path, _ := strings.Cut(route, " ")
				want = append(want, ">"+method+"</span> <code>"+path+"<")
			}
			for _, p := range o.Parameters {
				name := p.Name
				if p.Style == "deepObject" {
					name += "[...]"
				}
				want = append(want, "<code>"+name+"</code>")
			}
			if o.RateGroup != "" {
				want = append(want, "<dt>Rate limit</dt>")
			}
			if o.Body != nil {
				want = append(want, "<h3>Body</h3>")
				for _, name := range keys(d, o.Body.Content["application/json"].Schema) {
					want = append(want, "<code>"+name+"</code>")
				}
			}
			for _, name := range keys(d, o.Responses["200"].Content["application/json"].Schema.Properties["result"]) {
				want = append(want, "<code>"+name+"</code>")
			}
			for _, refused := range o.Responses {
				for _, reason := range refused.Reasons {
					want = append(want, `href="/docs/errors#`+string(reason)+`"`)
				}
			}
			if o.SDK != nil && o.SDK.JavaScript != "" {
				want = append(want, "in JavaScript")
			}
			if o.SDK != nil && o.SDK.Python != "" {
				want = append(want, "in Python")
			}
			for _, part := range want {
				if !strings.Contains(text, part) {
					t.Errorf("%s says nothing of %q", o.ID, part)
				}
			}
		}
	}
	if found < 90 {
		t.Errorf("only %d operations were looked at", found)
	}
}

// keys are the names of an object's keys and of the keys within it, in the form
// of the pages.
func keys(d *openapi.Document, s *jsonschema.Schema) (out []string) {
	switch {
	case s == nil || s.Not != nil:
	case s.Ref != "":
		return keys(d, d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]])
	case s.Items != nil:
		return keys(d, s.Items)
	}
	if s == nil {
		return nil
	}
	for _, one := range s.AnyOf {
		out = append(out, keys(d, one)...)
	}
	for name, p := range s.Properties {
		out = append(out, name)
		list := ""
		if p.Items != nil {
			list = "[]"
		}
		if p.AdditionalProperties != nil && p.AdditionalProperties.Not == nil {
			p, list = p.AdditionalProperties, ".*"
		}
		for _, inner := range keys(d, p) {
			out = append(out, name+list+"."+inner)
		}
	}
	return out
}

// The pages and anchors to which refusals lead exist.
func TestEveryReasonHasItsPlace(t *testing.T) {
	t.Parallel()
	page := pages(t, document(t))["/docs/errors"]
	for _, facts := range problem.Reasons() {
		if n := strings.Count(page, `id="`+string(facts.Reason)+`"`); n != 1 {
			t.Errorf("%s has %d places", facts.Reason, n)
		}
		words, _, _ := strings.Cut(facts.Help, "`")
		if !strings.Contains(part(page, string(facts.Reason)), template.HTMLEscapeString(words)) {
			t.Errorf("%s is not described", facts.Reason)
		}
	}
}

// Each code of a wrong field is described.
func TestEveryCodeOfAFieldIsDescribed(t *testing.T) {
	t.Parallel()
	page := pages(t, document(t))["/docs/errors"]
	source, err := os.ReadFile(filepath.Join(root, "shared", "problem", "error.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`FieldCode = "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 8 {
		t.Errorf("only %d codes were found", len(codes))
	}
	for _, m := range codes {
		if !strings.Contains(page, `<tr><th scope="row"><code>`+m[1]+`</code></th>`) {
			t.Errorf("%s is not described", m[1])
		}
	}
}

var (
	links   = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	anchors = regexp.MustCompile(` id="([^"]*)"`)
)

// Links lead to pages and places that exist, and an id names one place.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	all := pages(t, document(t))
	places := map[string]bool{
		"/openapi.json":       true,
		"/docs/reference.css": true,
		"/docs/reference.js":  true,
	}
	for path, page := range all {
		places[path] = true
		for _, m := range anchors.FindAllStringSubmatch(page, -1) {
			if places[path+"#"+m[1]] {
				t.Errorf("%s has two places %s", path, m[1])
			}
			places[path+"#"+m[1]] = true
		}
	}
	for path, page := range all {
		for _, m := range links.FindAllStringSubmatch(page, -1) {
			to := m[1]
			if strings.HasPrefix(to, "#") {
				to = path + to
			}
			if !places[to] {
				t.Errorf("%s leads to %s, which there is not", path, m[1])
			}
		}
	}
}

// The pages contain no scripts and styles, because their policy allows none
// inside a page.
func TestPagesHaveNoScriptOrStyleOfTheirOwn(t *testing.T) {
	t.Parallel()
	inside := regexp.MustCompile(
		`(?i)<style|<script(>| [^>]*>[^<])|\sstyle=|\son[a-z]+="|javascript:|(href|src)="(//|[a-z]+:)|<(img|iframe|object|form)`,
	)
	for path, page := range pages(t, document(t)) {
		if found := inside.FindString(page); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
	for _, bad := range []string{"<style>", "<script>x</script>", `<p style="x">`, `<p onclick="x">`, `<script src="x">y</script>`, `<a href="http://b">`} {
		if !inside.MatchString(bad) {
			t.Errorf("%s is not found", bad)
		}
	}
	script, err := os.ReadFile(filepath.Join(root, "docs", "reference", "reference.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"innerHTML", "eval(", "fetch(", "localStorage", "http"} {
		if strings.Contains(string(script), word) {
			t.Errorf("the script has %s", word)
		}
	}
}

// Headings go down one step at a time, and each page has one of the first.
func TestHeadings(t *testing.T) {
	t.Parallel()
	for path, page := range pages(t, document(t)) {
		level := 0
		for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(page, -1) {
			next := int(m[1][0] - '0')
			if next > level+1 || next == 1 && level > 0 {
				t.Errorf("%s: a heading of level %d is after one of level %d", path, next, level)
			}
			level = next
		}
		if level == 0 {
			t.Errorf("%s has no heading", path)
		}
	}
}

// Descriptions and examples appear as text, and the calls of SDKs stand beside
// the command.
func TestTextIsText(t *testing.T) {
	t.Parallel()
	d := document(t)
	o := d.Paths["/profile/{id}/team"].Post
	o.Summary = `Invites <b>"all" & sundry</b>.`
	o.SDK = &openapi.SDK{
		JavaScript: "await resources.profiles.x(\"a\" < 1);",
		Python:     "resources.x('<i>')",
	}
	d.Components.Schemas["InvitationBody"].Properties["email"].Description = "An `<i>address</i>` <u>."
	text := part(pages(t, d)["/docs/team"], "team-invite")
	for _, want := range []string{
		"Invites &lt;b&gt;&#34;all&#34; &amp; sundry&lt;/b&gt;.", "An <code>&lt;i&gt;address&lt;/i&gt;</code> &lt;u&gt;.",
		`<p class="language">JavaScript</p>`, "x(&#34;a&#34; &lt; 1);", `<p class="language">Python</p>`, "resources.x(&#39;&lt;i&gt;&#39;)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
}

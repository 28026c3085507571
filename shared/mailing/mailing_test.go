package mailing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
)

// declared returns the types that have a kind, and the fields of all types that
// mails are made of.
func declared(t *testing.T) (kinds []string, fields map[string][]string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fields = map[string][]string{}
	alias := map[string]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil && n.Name.Name == "Kind" {
					kinds = append(kinds, n.Recv.List[0].Type.(*ast.Ident).Name)
				}
			case *ast.TypeSpec:
				switch of := n.Type.(type) {
				case *ast.Ident:
					alias[n.Name.Name] = of.Name
				case *ast.StructType:
					fields[n.Name.Name] = []string{}
					for _, f := range of.Fields.List {
						for _, name := range f.Names {
							fields[n.Name.Name] = append(fields[n.Name.Name], name.Name)
						}
					}
				}
			}
			return true
		})
	}
	for name, of := range alias {
		if f, ok := fields[of]; ok {
			fields[name] = f
		}
	}
	return kinds, fields
}

// incomplete returns the words that source leaves out of a mail that it makes,
// and how many mails it makes.
func incomplete(file *ast.File, fields map[string][]string) (left []string, made int) {
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		s, ok := literal.Type.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if of, ok := s.X.(*ast.Ident); !ok || of.Name != "mailing" {
			return true
		}
		made++
		given := map[string]bool{}
		for _, element := range literal.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				given[pair.Key.(*ast.Ident).Name] = true
			}
		}
		for _, f := range fields[s.Sel.Name] {
			if !given[f] {
				left = append(left, s.Sel.Name+"."+f)
			}
		}
		return true
	})
	return left, made
}

// A mail without one of its words would be found out by its reader.
func TestEachMailIsMadeWithAllItsTemplateData(t *testing.T) {
	t.Parallel()
	_, fields := declared(t)
	for source, want := range map[string]string{
		`mailing.AccountExists{Name: "x"}`:   "",
		`mailing.AccountExists{}`:            "AccountExists.Name",
		`mailing.AccountLeaving{}`:           "",
		`mailing.Pin{Pin: pin}`:              "Pin.Expires",
		`mailing.TeamInvitedNew{Owner: "x"}`: "TeamInvitedNew.Address TeamInvitedNew.Profile TeamInvitedNew.Permission TeamInvitedNew.Lasts TeamInvitedNew.Code TeamInvitedNew.Expires TeamInvitedNew.Invitation",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar _ = "+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if left, _ := incomplete(file, fields); strings.Join(left, " ") != want {
			t.Errorf("%s: got %q, want %q", source, left, want)
		}
	}
	var paths []string
	for _, pattern := range []string{"../*/*.go", "../*/*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	sum := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		left, made := incomplete(file, fields)
		for _, word := range left {
			t.Errorf("%s: a mail is made without %s", path, word)
		}
		sum += made
	}
	if sum < 30 {
		t.Errorf("only %d places make a mail", sum)
	}
}

func TestEveryMailHasAKindOfItsOwn(t *testing.T) {
	t.Parallel()
	types, _ := declared(t)
	kinds := mailing.Kinds()
	if len(types) != len(kinds) {
		t.Errorf("%d types of mails have a kind, and %d are listed", len(types), len(kinds))
	}
	sorted := slices.Sorted(slices.Values(kinds))
	if distinct := slices.Compact(sorted); len(distinct) != len(kinds) {
		t.Errorf("two types have one kind: %v", kinds)
	}
}

func TestWordsAreWhatTheOutboxKeeps(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC)
	m := mailing.UsageAlert{
		Name: "Ana", Profile: "Plant", Service: "input", Percent: 80, Used: "8", Limit: "10", Resets: "soon",
	}
	want := map[string]string{
		"name": "Ana", "profile": "Plant", "service": "input", "percent": "80", "used": "8", "limit": "10", "resets": "soon",
	}
	if got := mailing.Words(m); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	pin := mailing.New(
		"id",
		"ana@example.com",
		mailing.Reader{Zone: "Europe/Berlin", Language: "pt-BR"},
		mailing.Pin{Pin: "123456", Expires: now},
		now,
	)
	words := map[string]string{
		"pin":     "123456",
		"expires": "2030-03-14T09:26:53Z",
		"zone":    "Europe/Berlin",

		"language": "pt",
	}
	if !maps.Equal(pin.Data, words) || pin.Kind != mailing.KindPin || pin.To != "ana@example.com" ||
		pin.ID != "id" ||
		!pin.Created.Equal(now) {
		t.Errorf("got %+v", pin)
	}
	for zone, want := range map[string]string{"": "UTC", "UTC": "UTC", "Europe/Berlin": "Europe/Berlin", "Not/AZone": "UTC"} {
		m := mailing.New("id", "ana@example.com", mailing.Reader{Zone: zone}, mailing.AccountLeaving{}, now)
		if got := m.Zone().String(); got != want {
			t.Errorf("%q: got the zone %s", zone, got)
		}
		if _, has := m.Data["zone"]; has != (zone != "" && zone != "UTC") {
			t.Errorf("%q: the outbox keeps %v", zone, m.Data)
		}
	}
}

// Whoever has chosen a language of another name gets mails in English.
func TestLanguagesAreFoundByTheirBase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"pt": "pt", "pt-BR": "pt", "pt_br": "pt", "PT": "pt", "en": "en", "en-GB": "en",
		"": "en", "de": "en", "portuguese": "en", "p": "en", "-pt": "en",
	} {
		if got := mailing.LanguageOf(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// A phrase keeps its words, whatever they are; the text of an older mail is
// none.
func TestPhrasesKeepTheirWords(t *testing.T) {
	t.Parallel()
	lines, ok := mailing.Unanswered(mailing.Reason("a: b, {{c}}\n=d")).Lines()
	want := []mailing.Line{
		{Name: "unanswered", Words: map[string]string{}},
		{Name: "reason", Words: map[string]string{"reason": "a: b, {{c}}\n=d"}},
	}
	if !ok || !reflect.DeepEqual(lines, want) {
		t.Errorf("got %+v, %v, want %+v", lines, ok, want)
	}
	for _, text := range []mailing.Phrase{"", "It is yours again.", mailing.Optional("x")} {
		if lines, ok := text.Lines(); ok {
			t.Errorf("%q: got %+v, want no phrase", text, lines)
		}
	}
}

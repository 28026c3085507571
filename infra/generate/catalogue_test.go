package main

import (
	"go/parser"
	"go/token"
	"maps"
	"strings"
	"testing"

	"profiles/shared/operation"
)

// Every entry that is declared is found. An entry that is not in the catalogue
// is refused.
func TestUnlistedEntries(t *testing.T) {
	t.Parallel()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := unlisted(root, operation.All()); err != nil {
		t.Error(err)
	}
	n := 0
	for i, o := range operation.All() {
		if o.Static {
			continue // declared in package static
		}
		if n++; n%30 != 1 {
			continue // each reads all files
		}
		rest := append(operation.All()[:i:i], operation.All()[i+1:]...)
		const what = " is not in the catalogue: add it to All in shared/operation/catalogue.go"
		if err := unlisted(root, rest); err == nil ||
			!strings.HasSuffix(err.Error(), camel(o.Name)+what) {
			t.Errorf("without %s: got %v", o.Name, err)
		}
	}
}

func TestEntriesOfAFile(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "x.go",
		"package x\nvar A = Operation{Tag: \"x\", Name: \"a-b\"}\nvar b = 1\nvar C = Route{\"GET\", \"/\"}\nvar D = Operation{}\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := entries(file); !maps.Equal(got, map[string]string{"A": "a-b", "D": ""}) {
		t.Errorf("got %v", got)
	}
}

package testkit

import (
	"os"
	"strings"
	"testing"
)

// Documented is a table of a document that a test writes.
type Documented struct {
	File string // the document
	Head string // the first line of the table
	Rows string // the lines below the rule under the head, each with its end
	// Command writes the rows.
	Command string
}

// Hold fails if the document does not have the rows; with update it writes
// them.
func (d Documented) Hold(t testing.TB, update bool) {
	t.Helper()
	text, err := os.ReadFile(d.File)
	if err != nil {
		t.Fatal(err)
	}
	head := "\n" + d.Head + "\n|" + strings.Repeat(" --- |", strings.Count(d.Head, "|")-1) + "\n"
	before, rest, ok := strings.Cut(string(text), head)
	_, after, ends := strings.Cut(rest, "\n\n")
	if !ok || !ends {
		t.Fatalf("%s has no table %q with text below it", d.File, d.Head)
	}
	want := before + head + d.Rows + "\n" + after
	if want == string(text) {
		return
	}
	if !update {
		t.Errorf("the table %q in %s is not current; run %s", d.Head, d.File, d.Command)
		return
	}
	if err := os.WriteFile(d.File, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

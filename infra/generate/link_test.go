package main

import (
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"profiles/shared/operation"
)

// Each client of an AWS service takes part of a start, so a function links only
// those that its operation needs.
func TestFunctionsLinkOnlyTheClientsThatTheyNeed(t *testing.T) {
	t.Parallel()
	linked := dependencies(t)
	for _, o := range operation.All() {
		var want []string
		if !o.Static {
			want = append(want, "dynamodb")
		}
		if o.Posts {
			want = append(want, "eventbridge")
		}
		if o.Keyed() {
			want = append(want, "secretsmanager")
		}
		if o.Mails {
			want = append(want, "sesv2")
		}
		var got []string
		for _, dependency := range linked["profiles/functions/"+o.Name] {
			if folder, name := path.Split(dependency); folder == clients {
				got = append(got, name)
			}
		}
		for _, dependency := range linked["profiles/functions/"+o.Name] {
			own, _ := strings.CutPrefix(dependency, "profiles/")
			if o.Static && strings.HasPrefix(own, "shared/") && !slices.Contains(still, own) {
				t.Errorf("%s needs no table and links %s", o.Name, own)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s links the clients %q, want %q", o.Name, got, want)
		}
	}
}

// still are our packages that functions without a table may link.
var still = []string{
	"shared/adapter", "shared/console", "shared/httpapi", "shared/metric", "shared/plan",
	"shared/problem", "shared/secret/form", "shared/static",
}

// clients is the folder of the SDK that has a client for each service.
const clients = "github.com/aws/aws-sdk-go-v2/service/"

// dependencies returns all packages that each function links.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./functions/...")
	list.Dir = filepath.Join("..", "..")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%s: %v", list, err)
	}
	linked := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		linked[words[0]] = words[1:]
	}
	return linked
}

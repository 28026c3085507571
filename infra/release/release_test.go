package release_test

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"profiles/infra/release"
	"profiles/shared/store"
)

const root = "../../"

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(root + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func changelog(t *testing.T) []release.Release {
	t.Helper()
	all, err := release.Parse(read(t, "CHANGELOG.md"))
	if err != nil {
		t.Fatal("CHANGELOG.md: ", err)
	}
	return all
}

// The changelog gives the unreleased version the schema of the code.
func TestTheChangelogHasTheSchema(t *testing.T) {
	t.Parallel()
	if all := changelog(t); all[0].Schema != store.Schema {
		t.Errorf("the first section of CHANGELOG.md says schema %d, and the code has %d",
			all[0].Schema, store.Schema)
	}
}

// shapes are the attributes that a version of the schema has, with their types.
func shapes(t *testing.T, version int) map[string]string {
	t.Helper()
	out := map[string]string{}
	file := "shared/store/testdata/schema/" + strconv.Itoa(version) + ".txt"
	for line := range strings.Lines(read(t, file)) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, of, _ := strings.Cut(rest, " ")
		out[kind+" "+name] = of
	}
	return out
}

// Every change from one version of the schema to the next is one that the code
// of the version before can work with, and the changelog has it.
func TestTheChangelogTellsOfEachAttribute(t *testing.T) {
	t.Parallel()
	all := changelog(t)
	for version := 2; version <= store.Schema; version++ {
		text := ""
		for _, r := range all {
			if r.Schema == version {
				text += r.Text
			}
		}
		if wrong := untold(shapes(t, version-1), shapes(t, version), text); len(wrong) > 0 {
			t.Errorf("schema %d: %s", version, strings.Join(wrong, "\n"))
		}
	}
}

// untold are the changes of shapes that a text does not name, or that are not
// allowed.
func untold(before, after map[string]string, text string) (wrong []string) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, had := before[name]
		is, has := after[name]
		kind, attribute, _ := strings.Cut(name, " ")
		if had && has && was != is {
			wrong = append(wrong, name+" was "+was+" and is "+is+
				": the code of the version before cannot read it; give it another name")
		}
		told := strings.Contains(text, "`"+attribute+"`") &&
			(kind == "*" || strings.Contains(text, "`"+kind+"`"))
		if had != has && !told {
			wrong = append(wrong, "no entry of CHANGELOG.md names `"+attribute+"` of `"+kind+"`")
		}
	}
	return wrong
}

func TestUntoldChangesAreFound(t *testing.T) {
	t.Parallel()
	before := map[string]string{"account name": "S", "account age": "N"}
	for what, c := range map[string]struct {
		after map[string]string
		text  string
		wrong int
	}{
		"nothing":          {before, "", 0},
		"added":            {map[string]string{"account name": "S", "account age": "N", "token x": "S"}, "", 1},
		"added and told":   {map[string]string{"account name": "S", "account age": "N", "token x": "S"}, "`x` of a `token`", 0},
		"removed":          {map[string]string{"account name": "S"}, "", 1},
		"removed and told": {map[string]string{"account name": "S"}, "`age` of an `account`", 0},
		"another type":     {map[string]string{"account name": "N", "account age": "N"}, "`name` of an `account`", 1},
		"optional now":     {map[string]string{"account name": "S optional", "account age": "N"}, "`name` of an `account`", 1},
	} {
		if got := untold(before, c.after, c.text); len(got) != c.wrong {
			t.Errorf("%s: got %q, want %d", what, got, c.wrong)
		}
	}
}

const (
	first  = "## [1.0.0] - 2026-11-28\nSchema 1, commit `14d28964d159062d63830a2eddb3d432bb0e3882`.\n### Added\n- **Clients**: all\n"
	next   = "## [Unreleased]\nSchema 2.\n### Changed\n- **Operators**: some\n"
	before = "# Changelog\n"
)

func TestTheFormIsHeld(t *testing.T) {
	t.Parallel()
	second := strings.NewReplacer("1.0.0", "1.1.0", "11-28", "12-01", "Schema 1", "Schema 2").Replace(first)
	for what, c := range map[string]struct{ text, want string }{
		"a changelog":           {before + next + first, ""},
		"two releases":          {before + next + second + first, ""},
		"no title":              {next + first, "# Changelog"},
		"no release":            {before + next, "there is no release"},
		"nothing unreleased":    {before + first, "the first section"},
		"unreleased below":      {before + next + first + next, "not on top"},
		"a heading of its own":  {before + strings.Replace(next, "Changed", "Improved", 1) + first, "Improved is none of"},
		"an entry for nobody":   {before + strings.Replace(next, "Operators", "Us", 1) + first, "expected - **Operators**"},
		"an entry of nothing":   {before + strings.Replace(next, "### Changed\n", "", 1) + first, "below a heading"},
		"no schema":             {before + next + strings.Replace(first, "Schema 1", "Form 1", 1), "no line Schema"},
		"a schema too far":      {before + strings.Replace(next, "Schema 2", "Schema 3", 1) + first, "by one at most"},
		"a schema that falls":   {before + strings.Replace(next, "Schema 2", "Schema 1", 1) + second + first, "cannot follow"},
		"no commit":             {before + next + strings.Replace(first, ", commit `14d28964d159062d63830a2eddb3d432bb0e3882`", "", 1), "names its commit"},
		"a commit cut short":    {before + next + strings.Replace(first, "14d28964d159", "", 1), "no line Schema"},
		"a day that is none":    {before + next + strings.Replace(first, "11-28", "11-31", 1), "day out of range"},
		"no day":                {before + next + strings.Replace(first, " - 2026-11-28", "", 1), "expected ## [Unreleased]"},
		"versions out of order": {before + next + first + second, "is not above"},
		"the same version":      {before + next + first + first, "is not above"},
		"days out of order":     {before + next + strings.Replace(second, "12-01", "11-01", 1) + first, "a day before"},
		"a schema in a patch":   {before + next + strings.Replace(second, "1.1.0", "1.0.1", 1) + first, "raise the second number"},
		"nothing in a release":  {before + next + strings.Replace(first, "### Added\n- **Clients**: all\n", "", 1), "has no entries"},
	} {
		all, err := release.Parse(c.text)
		if c.want == "" && (err != nil || release.Last(all).Released() == false) ||
			c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", what, err, c.want)
		}
	}
}

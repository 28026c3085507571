// Package release reads CHANGELOG.md: which releases there are, which version
// of the schema each writes, and the commit that it was made of.
package release

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Release is a section of the changelog.
type Release struct {
	Version string // "" for what is not released yet
	Date    string // as in 2026-11-28
	Schema  int    // see store.Schema
	Commit  string // the whole name; "" for what is not released yet
	// Entries are the lines of each heading, such as Added.
	Entries map[string][]string
	Text    string // of the whole section
}

// Released reports whether the section is of a release.
func (r Release) Released() bool { return r.Version != "" }

var (
	unreleased = "## [Unreleased]"
	heading    = regexp.MustCompile(`^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$`)
	facts      = regexp.MustCompile("^Schema (\\d+)(?:, commit `([0-9a-f]{40})`)?\\.$")
	// headings are those of keepachangelog.com.
	headings = []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
	// readers are those for whom an entry is.
	readers = regexp.MustCompile(`^- \*\*(Operators|Clients)\*\*: \S`)
)

// Parse reads a changelog, the newest section first. It refuses one whose form
// is not that of keepachangelog.com, whose versions or dates are out of order,
// or in which a section lacks its schema, its commit or its entries. A higher
// schema needs a higher minor or major version.
func Parse(text string) ([]Release, error) {
	var all []Release
	for i, section := range strings.Split("\n"+text, "\n## ") {
		if i == 0 {
			if !strings.HasPrefix(section+"\n", "\n# Changelog\n") {
				return nil, fmt.Errorf("the first line is not # Changelog")
			}
			continue
		}
		r, err := parse("## " + section)
		if err != nil {
			return nil, err
		}
		if i == 1 && r.Released() {
			return nil, fmt.Errorf("the first section is not %s", unreleased)
		}
		all = append(all, r)
	}
	for i := 1; i < len(all); i++ {
		if err := follows(all[i-1], all[i]); err != nil {
			return nil, err
		}
	}
	if len(all) < 2 {
		return nil, fmt.Errorf("%d sections: there is no release", len(all))
	}
	return all, nil
}

// parse reads a section.
func parse(text string) (r Release, err error) {
	lines := strings.Split(text, "\n")
	wrong := func(format string, args ...any) (Release, error) {
		return Release{}, fmt.Errorf(lines[0]+": "+format, args...)
	}
	r = Release{Entries: map[string][]string{}, Text: text}
	if m := heading.FindStringSubmatch(lines[0]); m != nil {
		r.Version, r.Date = m[1], m[2]
		if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
			return wrong("%v", err)
		}
	} else if lines[0] != unreleased {
		return wrong("expected %s, or ## [1.2.3] - 2026-11-28", unreleased)
	}
	under := ""
	for _, line := range lines[1:] {
		if m := facts.FindStringSubmatch(line); m != nil {
			r.Schema, _ = strconv.Atoi(m[1])
			r.Commit = m[2]
			continue
		}
		if name, ok := strings.CutPrefix(line, "### "); ok {
			if under = name; !slices.Contains(headings, under) {
				return wrong("the heading %s is none of %v", name, headings)
			}
			continue
		}
		if strings.HasPrefix(line, "- ") {
			if under == "" || !readers.MatchString(line) {
				return wrong(
					"expected - **Operators**: or - **Clients**: below a heading, came %q", line)
			}
			r.Entries[under] = append(r.Entries[under], line)
		}
	}
	switch {
	case r.Schema == 0:
		return wrong("it has no line Schema 1.")
	case r.Released() != (r.Commit != ""):
		return wrong("a release, and nothing else, names its commit beside the schema")
	case r.Released() && len(r.Entries) == 0:
		return wrong("it has no entries")
	}
	return r, nil
}

// follows says why a section cannot be right above the one before it.
func follows(r, before Release) error {
	switch {
	case !before.Released():
		return fmt.Errorf("%s is there twice, or not on top", unreleased)
	case r.Released() && slices.Compare(numbers(r.Version), numbers(before.Version)) <= 0:
		return fmt.Errorf("%s is not above %s", r.Version, before.Version)
	case r.Schema < before.Schema || r.Schema > before.Schema+1:
		return fmt.Errorf("schema %d cannot follow schema %d: a release raises it by one at most",
			r.Schema, before.Schema)
	case !r.Released():
		return nil
	case r.Date < before.Date:
		return fmt.Errorf("%s is of a day before that of %s", r.Version, before.Version)
	case r.Schema > before.Schema &&
		slices.Equal(numbers(r.Version)[:2], numbers(before.Version)[:2]):
		return fmt.Errorf("%s has another schema than %s: raise the second number",
			r.Version, before.Version)
	}
	return nil
}

// numbers are the three of a version.
func numbers(version string) []int {
	out := make([]int, 3)
	for i, part := range strings.SplitN(version, ".", 3) {
		out[i], _ = strconv.Atoi(part)
	}
	return out
}

// Last is the last release of a changelog.
func Last(all []Release) Release {
	return all[slices.IndexFunc(all, Release.Released)]
}

package value_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/value"
)

func TestCompareOrdersAsPeopleDo(t *testing.T) {
	t.Parallel()
	want := []string{
		"",
		"2 pumps",
		"10 pumps",
		"Ähre",
		"apple",
		"Apple pie",
		"Élan",
		"elbow",
		"Ørsted",
		"osten",
		"sensor 2",
		"sensor 002b",
		"Sensor 10",
		"straße",
		"strasse 2",
		"zebra",
		"Zoë",
		"Zoo",
		"Ωmega",
		"дом",
		"Ель",
		"йод",
		"日本",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, value.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"zoe", "Zoë", true}, {"ZOË*", "zoe's laptop", true}, {"straße", "STRASSE", true}, {"Zoe\u0308", "Zoë", true}, {"ｄａｓｈ", "dash", true}, {"*ünch*", "München", true},
		{"τελος", "ΤΕΛΟΣ", true}, {"zo", "Zoë", false}, {"и", "й", false}, {"か", "が", false}, {"a*a", "a", false}, {"a*b*c", "aXcXbXc", true}, {"*", "", true}, {"", "", true},
		{"", "a", false}, {"**", "x", true}, {"a*", "b", false},
	} {
		if got := value.Matches(c.pattern, c.text); got != c.want {
			t.Errorf("Matches(%q, %q): got %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

// Texts that a filter takes for the same stand together in a sorted list, and
// the order is consistent.
func TestFiltersAndOrderAreConsistent(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(
		rapid.SampledFrom([]rune("aAäÄeéß ss0129*Zzçøo\u0301\u0308İıжйςΣ")),
		0,
		6,
		-1,
	)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		if value.Compare(a, b) != -value.Compare(b, a) || (value.Compare(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: got %d and %d", a, b, value.Compare(a, b), value.Compare(b, a))
		}
		list := []string{a, b, c}
		slices.SortFunc(list, value.Compare)
		if value.Compare(list[0], list[2]) > 0 {
			t.Fatalf("not an order: %q", list)
		}
		if value.Fold(list[0]) == value.Fold(list[2]) &&
			value.Fold(list[1]) != value.Fold(list[0]) &&
			!numbers(list) {
			t.Fatalf("%q stands between two that are the same", list)
		}
		if !value.Matches(a, a) ||
			value.Matches(a, b) && value.Fold(a) == a && !slices.Contains([]rune(a), '*') &&
				value.Fold(b) != a {
			t.Fatalf("%q and %q", a, b)
		}
		if value.Fold(value.Fold(a)) != value.Fold(a) {
			t.Fatalf(
				"Fold(%q): got %q, and of that %q",
				a,
				value.Fold(a),
				value.Fold(value.Fold(a)),
			)
		}
	})
}

// numbers reports whether a text has a zero that its number does not need: 2
// and 02 have one place.
func numbers(list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return slices.Contains([]byte(s), '0') })
}

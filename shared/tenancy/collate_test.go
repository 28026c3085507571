package tenancy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/tenancy"
)

func TestCompareOrdersAsPeopleDo(t *testing.T) {
	t.Parallel()
	want := []string{
		"", "2 pumps", "10 pumps", "Ähre", "apple", "Apple pie", "Élan", "elbow", "Ørsted", "osten", "sensor 2", "sensor 002b", "Sensor 10", "straße", "strasse 2",
		"zebra", "Zoë", "Zoo", "Ωmega", "дом", "Ель", "йод", "日本",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, tenancy.Compare)
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
		if got := tenancy.Matches(c.pattern, c.text); got != c.want {
			t.Errorf("Matches(%q, %q): got %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

// What a filter takes for the same stands together in a sorted list, and the order is one.
func TestFiltersAndOrderAreConsistent(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aAäÄeéß ss0129*Zzçøo\u0301\u0308İıжйςΣ")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		if tenancy.Compare(a, b) != -tenancy.Compare(b, a) || (tenancy.Compare(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: got %d and %d", a, b, tenancy.Compare(a, b), tenancy.Compare(b, a))
		}
		list := []string{a, b, c}
		slices.SortFunc(list, tenancy.Compare)
		if tenancy.Compare(list[0], list[2]) > 0 {
			t.Fatalf("not an order: %q", list)
		}
		if tenancy.Fold(list[0]) == tenancy.Fold(list[2]) && tenancy.Fold(list[1]) != tenancy.Fold(list[0]) && !numbers(list) {
			t.Fatalf("%q stands between two that are the same", list)
		}
		if !tenancy.Matches(a, a) || tenancy.Matches(a, b) && tenancy.Fold(a) == a && !slices.Contains([]rune(a), '*') && tenancy.Fold(b) != a {
			t.Fatalf("%q and %q", a, b)
		}
		if tenancy.Fold(tenancy.Fold(a)) != tenancy.Fold(a) {
			t.Fatalf("Fold(%q): got %q, and of that %q", a, tenancy.Fold(a), tenancy.Fold(tenancy.Fold(a)))
		}
	})
}

// numbers reports whether a text has a zero that its number does not need: 2 and 02 have one place.
func numbers(list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return slices.Contains([]byte(s), '0') })
}

package value_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// unseen are texts that look like nothing, or like something else.
var unseen = map[string]string{
	"a zero-width space":               "\u200b",
	"one inside a name":                "An\u200ba",
	"an override of the direction":     "\u202egnp.exe",
	"an embedding":                     "a\u202ab",
	"an isolate":                       "a\u2067b\u2069",
	"a mark of direction":              "Ana\u200e",
	"an Arabic mark of direction":      "Ana\u061c",
	"a line separator":                 "a\u2028b",
	"a paragraph separator":            "a\u2029b",
	"a soft hyphen":                    "pass\u00adword",
	"a byte order mark":                "a\ufeffb",
	"a word joiner":                    "a\u2060b",
	"an invisible plus":                "a\u2064b",
	"a filler of Hangul":               "\u3164",
	"another one":                      "a\u115fb",
	"a half-width one":                 "\uffa0",
	"a vowel of Khmer without a shape": "a\u17b4",
	"a combining grapheme joiner":      "a\u034fb",
	"a variation selector at a letter": "a\ufe0f",
	"one of the supplement":            "a\U000e0100",
	"a tag":                            "a\U000e0061",
	"an annotation":                    "a\ufff9b\ufffa",
	"a musical control":                "a\U0001d173b",
	"a joiner at the beginning":        "\u200dAna",
	"a joiner at the end":              "Ana\u200c",
	"a joiner at a blank":              "Ana \u200dBerg",
	"two joiners":                      "ی\u200c\u200cا",
	"a joiner alone":                   "\u200d",
}

// blank are texts without anything to see.
var blank = map[string]string{
	"an empty pattern of braille":  "\u2800",
	"marks alone":                  "\u0301\u0302",
	"a blank of no width to break": "\u2800 \u2800",
	"a note without a head":        "\U0001d159",
}

var seeable = []string{
	"Ana",
	"Ána 山田 🏭",
	"a\u0301",
	"می\u200cخواهم",
	"क्\u200dष",
	"র\u200d্য",
	"👨\u200d👩\u200d👧",
	"❤\ufe0f",
	"👁\ufe0f\u200d🗨\ufe0f",
	"👋🏽",
	"1\ufe0f\u20e3",
	"#1",
	"-",
	"بيت",
	"\u0600١",
	"Ana\u00a0Berg",
	"\U0001fae9",
}

// Every text of people, in every place where it enters. A refusal names the
// field.
func TestTextsOfPeopleCanBeSeen(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	account := tenancy.Account{
		ID:           "1",
		Name:         "Ana",
		Active:       true,
		Subscription: billing.Subscription{Plan: plan.Scale},
	}
	edit := func(e tenancy.AccountEdit) error { _, err := account.Edit(e, now); return err }
	billed := func(e billing.AddressEdit) error {
		_, err := billing.Address{}.Edit(e, now)
		return err
	}
	entries := map[string]func(string) error{
		"name":             func(s string) error { _, err := value.ParseName("name", s); return err },
		"optional":         func(s string) error { _, err := value.ParseOptionalText("optional", s); return err },
		"account.name":     func(s string) error { return edit(tenancy.AccountEdit{Name: &s}) },
		"account.company":  func(s string) error { return edit(tenancy.AccountEdit{Company: &s}) },
		"account.country":  func(s string) error { return edit(tenancy.AccountEdit{Country: &s}) },
		"account.phone":    func(s string) error { return edit(tenancy.AccountEdit{Phone: &s}) },
		"account.language": func(s string) error { return edit(tenancy.AccountEdit{Language: &s}) },
		"billing.company":  func(s string) error { return billed(billing.AddressEdit{Company: &s}) },
		"billing.city":     func(s string) error { return billed(billing.AddressEdit{City: &s}) },
		"billing.comments": func(s string) error { return billed(billing.AddressEdit{Comments: &s}) },
		"transfer message": func(s string) error { _, err := transfer.ParseText("message", s, false); return err },
		"transfer reason":  func(s string) error { _, err := transfer.ParseText("reason", s, true); return err },
		"title": func(s string) error {
			_, err := tenancy.NewNotification("1", "2", s, "message", false, now)
			return err
		},
		"message": func(s string) error {
			_, err := tenancy.NewNotification("1", "2", "title", s, false, now)
			return err
		},
	}
	for name, enter := range entries {
		for _, texts := range []map[string]string{unseen, blank} {
			for what, text := range texts {
				if err := enter(text); problem.CodeOf(err) != problem.CodeInvalid {
					t.Errorf("%s: %s, %+q: got %v, want CodeInvalid", name, what, text, err)
				}
			}
		}
		for _, text := range seeable {
			if err := enter(text); err != nil {
				t.Errorf("%s: %+q: got %v", name, text, err)
			}
		}
	}
	for what, text := range unseen {
		_, err := value.ParseURL("logo_url", "https://example.com/"+text)
		if problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("an address with %s: got %v, want CodeInvalid", what, err)
		}
		turns := func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }
		if got := value.CleanAgent("curl " + text + "x"); strings.ContainsFunc(got, turns) {
			t.Errorf("an agent with %s: got %+q", what, got)
		}
	}
}

// Texts from before are shown without what is refused by now; what is not, is
// shown as it is, and among other text it keeps its direction to itself.
func TestVisibleAndIsolated(t *testing.T) {
	t.Parallel()
	for _, text := range seeable {
		if got := value.Visible(text); got != text {
			t.Errorf("got %+q, want %+q", got, text)
		}
	}
	for text, want := range map[string]string{
		"Ana": "Ana", "\u202egnp.exe": "gnp.exe", "An\u200ba": "Ana", "+\u200d\ufe0fA": "+\ufe0fA", "بيت": "\u2068بيت\u2069", "\u202eבית": "\u2068בית\u2069", "": "",
	} {
		if got := value.Isolated(text); got != want {
			t.Errorf("%+q: got %+q, want %+q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("a\u200b\u200d\ufe0f❤ی\u202e\u2069")))).
			Draw(t, "text")
		shown := value.Visible(s)
		if again := value.Visible(shown); again != shown {
			t.Fatalf("%+q becomes %+q and then %+q", s, shown, again)
		}
		if strings.ContainsFunc(
			shown,
			func(r rune) bool {
				return unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
			},
		) {
			t.Fatalf("%+q becomes %+q", s, shown)
		}
	})
}

package value_test

import (
	"strings"
	"testing"

	"profiles/shared/problem/problemtest"
	"profiles/shared/value"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	const (
		length = "invalid: password must have 8 to 1024 characters"
		common = "invalid: password is one of the most common ones, which are tried first: choose another, a few unrelated words for example"
		own    = "invalid: password must not be made of your own name or e-mail address"
	)
	for _, test := range []struct{ name, password, want string }{
		{"a few unrelated words", "four ducks under a tin roof", ""},
		{"eight characters of one kind", "kxwqzjvb", ""},
		{"only digits without a pattern", "49271650", ""},
		{"64 characters", strings.Repeat("kxwqzjvb", 8), ""},
		{"a long sentence", strings.Repeat("the quick brown fox ", 10), ""},
		{"1024 characters, however many bytes", strings.Repeat("山川海空", 256), ""},
		{"any script", "пара́доксы", ""},
		{"pictures", "🐎🔋📎🌋🧲🎻🛶🪐", ""},
		{"blanks anywhere", "  a b c  d ", ""},
		{"quotes and signs", `"'\;--<>%00`, ""},

		{"nothing", "", length},
		{"seven characters", "kxwqzjv", length},
		{"seven characters of 28 bytes", "🐎🔋📎🌋🧲🎻🛶", length},
		{"1025 characters", strings.Repeat("a1", 512) + "x", length},

		{"the most common one", "password", common},
		{"in capitals", "PassWord", common},
		{"digits behind a common word", "password2024", common},
		{"digits and signs behind a common word", "Sunshine99!!", common},
		{"a row of keys", "qwertyuiop", common},
		{"a row of digits", "123456789", common},
		{"one character all along", "aaaaaaaaaaaa", common},
		{"two characters in turn", "abababababab", common},
		{"blanks only", "        ", common},
		{"letters that count up", "fghijklmno", common},
		{"letters that count down, in capitals", "ONMLKJIHGF", common},
		{"a row of another alphabet", "αβγδεζηθ", common},

		{"the own address", "Ana.Berg@Example.com", own},
		{"the own address and a digit", "ana.berg@example.com1", own},
		{"the own mailbox and a year", "ana.berg2024", own},
		{"a sign before the own mailbox", "!!Ana.Berg!!", own},
		{"the own name", "wilhelmina", own},
		{"the own name and a digit", "Wilhelmina1", own},
		{"more than the own name", "wilhelmina likes tea", ""},
		{"more than the own address", "mail ana.berg@example.com now", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := problemtest.Text(
				value.CheckPassword(test.password, "Wilhelmina", "ana.berg@example.com"),
			); got != test.want {
				t.Errorf("CheckPassword(%.40q): got %q, want %q", test.password, got, test.want)
			}
		})
	}
}

func TestShortWordsOfOnesOwnDoNotForbidPasswords(t *testing.T) {
	t.Parallel()
	// "jo" is inside half of all words, and an empty company inside all of
	// them.
	for _, word := range []string{"", "@", "jo", "jo@example.com"} {
		for _, password := range []string{"jo49271650", "49271650", "1x6-5?9!"} {
			if err := value.CheckPassword(password, word); err != nil {
				t.Errorf("%q with the own word %q: got %v, want no refusal", password, word, err)
			}
		}
	}
}

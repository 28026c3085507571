package value_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"profiles/shared/value"

	"pgregory.net/rapid"
)

func TestCleanAgent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "curl/8.5.0": "curl/8.5.0", " Mozilla/5.0 (X11) ": "Mozilla/5.0 (X11)", "a\r\nb\x00c": "abc", "\xffx\xfe": "x",
		"\u202eevil": "evil", "Größe 𝄞": "Größe 𝄞", strings.Repeat("é", 300): strings.Repeat("é", 200), strings.Repeat("x", 200): strings.Repeat("x", 200),
	} {
		if got := value.CleanAgent(text); got != want {
			t.Errorf("value.CleanAgent(%.20q): got %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := value.CleanAgent(
			rapid.OneOf(rapid.String(),
				rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).
				Draw(t, "agent"),
		)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 200 ||
			strings.ContainsAny(got, "\r\n\t\x00") ||
			value.CleanAgent(got) != got {
			t.Fatalf("got %q", got)
		}
	})
}

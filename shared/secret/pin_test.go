package secret_test

import (
	"regexp"
	"strings"
	"testing"

	"profiles/shared/secret"
)

// The vectors of RFC 6238, appendix B, for SHA-1, of whose eight digits an
// authenticator of six shows the last.
func TestPinsOfAuthenticators(t *testing.T) {
	t.Parallel()
	const key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // 12345678901234567890
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		step := seconds / 30
		if got, err := secret.AuthenticatorPin(key, step); err != nil || got != want {
			t.Errorf("at %d: got %s, %v; want %s", seconds, got, err, want)
		}
		if got, ok := secret.AuthenticatorStep(key, want, step-1, step+1); !ok || got != step {
			t.Errorf("at %d: the pin is found at step %d, %v", seconds, got, ok)
		}
		if got, ok := secret.AuthenticatorStep(key, want, step+1, step+2); ok {
			t.Errorf("at %d: the pin is good at step %d too", seconds, got)
		}
	}
}

func TestNewAuthenticators(t *testing.T) {
	t.Parallel()
	key, url := secret.NewAuthenticator("Profiles", "ana+b@example.com")
	other, _ := secret.NewAuthenticator("Profiles", "ana+b@example.com")
	if key == other || !regexp.MustCompile(`^[A-Z2-7]{32}$`).MatchString(key) { // 160 bits
		t.Errorf("got the secrets %s and %s", key, other)
	}
	if !strings.HasPrefix(url, "otpauth://totp/Profiles:ana+b@example.com?") ||
		!strings.Contains(url, "secret="+key) {
		t.Errorf("got the URL %s", url)
	}
}

func TestPinsAndTextsAreRandom(t *testing.T) {
	t.Parallel()
	digits, letters := map[rune]int{}, map[rune]int{}
	for range 2000 {
		pin := secret.NewPin()
		if !regexp.MustCompile(`^\d{6}$`).MatchString(pin) {
			t.Fatalf("got the pin %q", pin)
		}
		for _, d := range pin {
			digits[d]++
		}
		for _, l := range secret.NewText(8, "ABCDEFGH") {
			letters[l]++
		}
	}
	for d := '0'; d <= '9'; d++ {
		if n := digits[d]; n < 1000 || n > 1400 {
			t.Errorf("%c comes %d times in 12,000", d, n)
		}
	}
	for l := 'A'; l <= 'H'; l++ {
		if n := letters[l]; n < 1750 || n > 2250 {
			t.Errorf("%c comes %d times in 16,000", l, n)
		}
	}
}

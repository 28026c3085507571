package secret_test

import (
	"encoding/hex"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/secret"
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Tokens are in the hands of devices for years and their hashes in the table:
// neither form may ever change.
func TestIssuedTokensStayValid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		token string
		want  secret.Credential
		hash  string
	}{
		{"p-0A1b2C3dabcdefghijklmnopqrstuvKSvT", secret.Credential{ID: "0A1b2C3d", Secret: "abcdefghijklmnopqrstuv"},
			"a502fd481e7f8183453915ffd6851a8a6962b1f9f8f8f98c3b532daa3c8c825a"},
		{"p-zzzzzzzzZZZZZZZZZZZZZZZZZZZZZZw48r", secret.Credential{ID: "zzzzzzzz", Secret: "ZZZZZZZZZZZZZZZZZZZZZZ"},
			"cb4acb374f0f89153380edbe9adef9118fd4fb24515d1985e4ebb7ce3372c71d"},
	} {
		got, ok := secret.Parse(test.token)
		if !ok || got != test.want {
			t.Errorf("Parse(%s): got %v, %v, want %v", test.token, got, ok, test.want)
		}
		if got := test.want.Token(); got != test.token {
			t.Errorf("got the token %s, want %s", got, test.token)
		}
		if got := hex.EncodeToString(test.want.Hash()); got != test.hash {
			t.Errorf("got the hash %s, want %s", got, test.hash)
		}
	}
}

func TestNewCredentialMakesTokensOf36Characters(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^p-[0-9A-Za-z]{34}$`)
	c := secret.NewCredential()
	token, code := c.Token(), c.Code()
	if len(token) != 36 || !form.MatchString(token) {
		t.Errorf("got a token that does not match %s", form)
	}
	if "p-"+code != token {
		t.Error("got a code that is not the token without its prefix")
	}
	for _, text := range []string{token, code} {
		if got, ok := secret.Parse(text); !ok || got != c {
			t.Errorf("of %d characters: got another credential, %v, want the same", len(text), ok)
		}
	}
}

func TestNoTwoCredentialsAreAlike(t *testing.T) {
	t.Parallel()
	ids, secrets := map[string]bool{}, map[string]bool{}
	const n = 2000
	for range n {
		c := secret.NewCredential()
		ids[c.ID], secrets[c.Secret] = true, true
	}
	if len(ids) != n || len(secrets) != n {
		t.Errorf("got %d ids and %d secrets, want %d of both", len(ids), len(secrets), n)
	}
}

func TestParseRefusesWhatWasNeverIssued(t *testing.T) {
	t.Parallel()
	const good = "0A1b2C3dabcdefghijklmnopqrstuvKSvT"
	for _, test := range []struct{ name, text string }{
		{"nothing", ""},
		{"a prefix alone", "p-"},
		{"another prefix", "a-" + good},
		{"a prefix in capitals", "P-" + good},
		{"two prefixes", "p-p-" + good},
		{"a character less", good[:33]},
		{"a character more", good + "0"},
		{"36 characters without a prefix", "00" + good},
		{"a blank before it", " " + good},
		{"a line break behind it", good + "\n"},
		{"a wrong checksum", good[:33] + "U"},
		{"another id under the same checksum", "1" + good[1:]},
		{"another secret under the same checksum", good[:29] + "w" + good[30:]},
		{"letters in another case", strings.ToLower(good)},
		{"neighbours that changed places", "A0" + good[2:]},
		{"a sign outside the alphabet at the front", "-" + good[1:]},
		{"a sign outside the alphabet in the middle", good[:15] + "_" + good[16:]},
		{"a NUL in the middle", good[:15] + "\x00" + good[16:]},
		{"a letter of two bytes in the middle", good[:15] + "é" + good[17:]},
		{"the masked form", "p-0A1b2C3d**************************"},
		{"the id", "0A1b2C3d"},
		{"a UUID, as tokens of others look", "5f0f8a6e-7c3b-4b1e-9d2a-0c1d2e3f4a5b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := secret.Parse(test.text); ok || got != (secret.Credential{}) {
				t.Errorf("got %v, %v, want nothing", got, ok)
			}
		})
	}
}

func credentials() *rapid.Generator[secret.Credential] {
	return rapid.Custom(func(t *rapid.T) secret.Credential {
		return secret.Credential{
			ID:     rapid.StringMatching(`[0-9A-Za-z]{8}`).Draw(t, "id"),
			Secret: rapid.StringMatching(`[0-9A-Za-z]{22}`).Draw(t, "secret"),
		}
	})
}

func TestEveryTokenIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := credentials().Draw(t, "credential")
		for _, text := range []string{c.Token(), c.Code()} {
			if got, ok := secret.Parse(text); !ok || got != c {
				t.Fatalf("Parse(%q): got %v, %v, want %v", text, got, ok, c)
			}
			if got, ok := secret.ParseReference(text); !ok || got != c.ID {
				t.Fatalf("ParseReference(%q): got %q, %v, want %q", text, got, ok, c.ID)
			}
		}
		if len(c.Token()) != 36 || !c.Matches(c.Hash()) {
			t.Fatalf(
				"got %q of %d characters, want 36 and the hash of its own",
				c.Token(),
				len(c.Token()),
			)
		}
	})
}

func TestOneWrongCharacterIsNoticed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(credentials().Draw(t, "credential").Code())
		i := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		wrong := rapid.SampledFrom([]byte(alphabet)).
			Filter(func(b byte) bool { return b != text[i] }).
			Draw(t, "wrong")
		text[i] = wrong
		if got, ok := secret.Parse(string(text)); ok {
			t.Fatalf("Parse(%q): got %v, want nothing", text, got)
		}
	})
}

func TestParseReadsNothingThatItWouldNotWrite(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`(p-)?[0-9A-Za-z*]{0,36}`),
		rapid.StringN(34, 36, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		if c, ok := secret.Parse(text); ok && c.Code() != strings.TrimPrefix(text, "p-") {
			t.Fatalf("Parse(%q): got %v, which is written %q", text, c, c.Code())
		}
		if id, ok := secret.ParseReference(text); ok &&
			!regexp.MustCompile(`^[0-9A-Za-z]{8}$`).MatchString(id) {
			t.Fatalf("ParseReference(%q): got %q, want 8 characters of the alphabet", text, id)
		}
	})
}

func TestParseReference(t *testing.T) {
	t.Parallel()
	const good = "0A1b2C3dabcdefghijklmnopqrstuvKSvT"
	stars := strings.Repeat("*", 26)
	for _, test := range []struct {
		name, text string
		ok         bool
	}{
		{"the token", "p-" + good, true},
		{"the token without its prefix", good, true},
		{"the masked token", "p-0A1b2C3d" + stars, true},
		{"the masked token without its prefix", "0A1b2C3d" + stars, true},
		{"what Masked writes", secret.Masked("0A1b2C3d"), true},
		{"the id", "0A1b2C3d", true},
		{"the id with a prefix", "p-0A1b2C3d", true},

		{"nothing", "", false},
		{"a prefix alone", "p-", false},
		{"stars alone", "p-" + strings.Repeat("*", 34), false},
		{"a star too few", "p-0A1b2C3d" + stars[1:], false},
		{"a star too many", "p-0A1b2C3d" + stars + "*", false},
		{"a token with a wrong checksum", "p-" + good[:33] + "U", false},
		{"a token with a part masked", "p-" + good[:30] + "****", false},
		{"seven characters", "0A1b2C3", false},
		{"nine characters", "0A1b2C3dd", false},
		{"a separator of keys", "0A1b#C3d", false},
		{"a separator of paths", "0A1b/C3d", false},
		{"eight bytes of other letters", "éééé", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := ""
			if test.ok {
				want = "0A1b2C3d"
			}
			if got, ok := secret.ParseReference(test.text); got != want || ok != test.ok {
				t.Errorf("got %q, %v, want %q, %v", got, ok, want, test.ok)
			}
		})
	}
}

func TestMaskedShowsTheIdAndIsAsLongAsTheToken(t *testing.T) {
	t.Parallel()
	const want = "p-0A1b2C3d**************************"
	if got := secret.Masked("0A1b2C3d"); got != want || len(got) != 36 {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, ok := secret.Parse(want); ok {
		t.Error("a masked token is a token")
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	c := secret.NewCredential()
	other := secret.Credential{ID: c.ID, Secret: secret.NewCredential().Secret}
	moved := secret.Credential{ID: secret.NewCredential().ID, Secret: c.Secret}
	for _, test := range []struct {
		name string
		hash []byte
		want bool
	}{
		{"its own hash", c.Hash(), true},
		{"the hash of another secret under the same id", other.Hash(), false},
		{"the hash of the same secret under another id", moved.Hash(), false},
		{"no hash", nil, false},
		{"an empty hash", []byte{}, false},
		{"the beginning of its hash", c.Hash()[:31], false},
		{"more than its hash", append(c.Hash(), 0), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := c.Matches(test.hash); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	if strings.Contains(string(c.Hash()), c.Secret) {
		t.Error("the hash holds the secret")
	}
}

func TestNoCharacterIsLikelierThanAnother(t *testing.T) {
	t.Parallel()
	// A byte taken modulo 62 would make the first eight characters a fifth more
	// frequent. Chance alone stays far within a tenth.
	const n = 10_000
	var counts [256]int
	for range n {
		c := secret.NewCredential()
		for _, b := range []byte(c.ID + c.Secret) {
			counts[b]++
		}
	}
	total := 0
	for _, b := range []byte(alphabet) {
		total += counts[b]
		if share := float64(counts[b]) * 62 / (30 * n); math.Abs(share-1) > 0.1 {
			t.Errorf("%q: got %.2f times its share, want 0.9 to 1.1", b, share)
		}
	}
	if total != 30*n {
		t.Errorf("got %d characters of the alphabet, want %d", total, 30*n)
	}
}

func TestIdsAre24DigitsThatBeginWithTheTime(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{24}$`)
	now := time.Date(2026, 1, 31, 12, 0, 0, 123_456_789, time.UTC)
	id := secret.NewID(now)
	if !form.MatchString(id) {
		t.Errorf("got %q, want a match of %s", id, form)
	}
	if ms, err := strconv.ParseInt(id[:12], 16, 64); err != nil || ms != now.UnixMilli() {
		t.Errorf("got the time %d, %v, want %d", ms, err, now.UnixMilli())
	}
	alike := map[string]bool{}
	for range 2000 {
		alike[secret.NewID(now)] = true
	}
	if len(alike) != 2000 {
		t.Errorf("of one millisecond: got %d different ids, want 2000", len(alike))
	}
}

func TestIdsMadeLaterSortLater(t *testing.T) {
	t.Parallel()
	// 48 bits of milliseconds last until the year 10889.
	moments := rapid.Int64Range(0, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()-1)
	rapid.Check(t, func(t *rapid.T) {
		first := moments.Draw(t, "first")
		later := rapid.Int64Range(first+1,
			time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()).
			Draw(t, "later")
		a, b := secret.NewID(time.UnixMilli(first)), secret.NewID(time.UnixMilli(later))
		if a >= b {
			t.Fatalf("got %s for %d and %s for %d, want them in order", a, first, b, later)
		}
		if ms, err := strconv.ParseInt(b[:12], 16, 64); err != nil || ms != later {
			t.Fatalf("got the time %d, %v, want %d", ms, err, later)
		}
	})
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	const want = "fec52565aa0cf18f" // stored: it must stay what it is
	if got := secret.Fingerprint("203.0.113.7"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if secret.Fingerprint("203.0.113.8") == want || secret.Fingerprint("") == want {
		t.Error("two values have one fingerprint")
	}
}

package secret_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"profiles/shared/secret"
)

// A test vector of the reference implementation of argon2id. Its parameters are
// not ours, and cost next to nothing: a hash is checked with the parameters it
// was made with, so that they can be raised without losing anyone's password.
const vector = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

// people hashes at the cost that accounts of people have.
var people secret.Passwords

// cheap is the hash of a password under the least parameters there are.
func cheap(password string) string {
	salt := []byte("0123456789abcdef")
	return fmt.Sprintf(
		"$argon2id$v=19$m=8,t=1,p=1$%s$%s",
		base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 8, 1, 32)),
	)
}

func TestHash(t *testing.T) {
	t.Parallel()
	const password, elsewhere = "cafe\u0301 under a tin roof", "caf\u00e9 under a tin roof"
	form := regexp.MustCompile(
		`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`,
	)
	hash, again := people.Hash(password), people.Hash(password)
	if !form.MatchString(hash) {
		t.Errorf("got %q, want a match of %s", hash, form)
	}
	if hash == again {
		t.Error("one password has the same hash twice: the salt is not random")
	}
	if !people.Verify(hash, elsewhere) {
		t.Error("a password set on one keyboard is wrong on another")
	}
}

func TestVerifyTakesTheParametersFromTheHash(t *testing.T) {
	t.Parallel()
	if !people.Verify(vector, "password") {
		t.Error("the password of the reference vector is wrong")
	}
	for _, password := range []string{"", "Password", "password ", " password", "password\x00", "passwor"} {
		if people.Verify(vector, password) {
			t.Errorf("%q is right for the hash of another password", password)
		}
	}
}

func TestPasswordsThatLookTheSameAreTheSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, kept, typed string
		want              bool
	}{
		{"a letter with an accent, in one piece or in two", "caf\u00e9 au lait", "cafe\u0301 au lait", true},
		{"a syllable of Hangul, in one piece or in three", "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165", true},
		{"letters of full width", "fullwidth", "ｆｕｌｌｗｉｄｔｈ", true},
		{"a ligature", "office", "o\ufb03ce", true},
		{"a blank that does not break", "a b", "a\u00a0b", true},
		{"a missing accent", "caf\u00e9", "cafe", false},
		{"another case", "Password", "password", false},
		{"letters of another alphabet that look alike", "pass", "p\u0430ss", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := people.Verify(cheap(test.kept), test.typed); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A hash that cannot be read costs as much as a real one, so this list has each
// kind once.
func TestAHashThatCannotBeReadIsNeverRight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, hash, password string }{
		{"an empty hash and an empty password", "", ""},
		{"another algorithm", strings.Replace(vector, "argon2id", "argon2i", 1), "password"},
		{"another version", strings.Replace(vector, "v=19", "v=16", 1), "password"},
		{"no passes", strings.Replace(vector, "t=2", "t=0", 1), "password"},
		{"no lanes", strings.Replace(vector, "p=1", "p=0", 1), "password"},
		{"no key, which every key would begin with", vector[:strings.LastIndex(vector, "$")+1], "password"},
		{"a part too many", vector + "$", "password"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if people.Verify(test.hash, test.password) {
				t.Errorf("%q is right for %q", test.password, test.hash)
			}
		})
	}
}

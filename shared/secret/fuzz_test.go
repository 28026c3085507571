package secret_test

import (
	"strings"
	"testing"

	"profiles/shared/secret"
)

// tokenTexts are texts around a token, for the fuzzer to begin with.
func tokenTexts(f *testing.F) {
	c := secret.Credential{ID: "00000001", Secret: "0123456789ABCDEFGHIJKL"}
	for _, text := range []string{
		c.Token(), c.Code(), c.ID, secret.TokenPrefix + c.ID, secret.Masked(c.ID),
		strings.TrimPrefix(secret.Masked(c.ID), secret.TokenPrefix),
		"", secret.TokenPrefix, secret.TokenPrefix + c.Token(), c.Token() + "0", c.Code()[1:], "P-" + c.Code(), c.ID + strings.Repeat("*", 25), strings.Repeat("\xff", 34),
	} {
		f.Add(text)
	}
}

// A text that is accepted was issued in this form, and is written as it was
// read.
func FuzzParse(f *testing.F) {
	tokenTexts(f)
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := secret.Parse(text)
		if !ok {
			if c != (secret.Credential{}) {
				t.Errorf("%q is refused and is %+v", text, c)
			}
			return
		}
		if len(c.ID) != 8 || len(c.Secret) != 22 {
			t.Errorf(
				"%q has an id of %d and a secret of %d characters",
				text,
				len(c.ID),
				len(c.Secret),
			)
		}
		if text != c.Token() && text != c.Code() {
			t.Errorf("%q is written as %q", text, c.Token())
		}
		if !c.Matches(c.Hash()) {
			t.Errorf("%q does not match its hash", text)
		}
		other := c
		other.ID = other.ID[1:] + "0"
		if other != c && other.Matches(c.Hash()) {
			t.Errorf("another id than that of %q matches its hash", text)
		}
	})
}

// A reference names an id of 8 characters, which names itself again in each of
// its forms.
func FuzzParseReference(f *testing.F) {
	tokenTexts(f)
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := secret.ParseReference(text)
		if c, whole := secret.Parse(text); whole && (!ok || id != c.ID) {
			t.Errorf("the token %q refers to %q, %v", text, id, ok)
		}
		if !ok {
			if id != "" {
				t.Errorf("%q is refused and refers to %q", text, id)
			}
			return
		}
		if len(id) != 8 || !strings.Contains(text, id) {
			t.Errorf("%q refers to %q", text, id)
		}
		for _, form := range []string{id, secret.TokenPrefix + id, secret.Masked(id)} {
			if again, ok := secret.ParseReference(form); !ok || again != id {
				t.Errorf("%q refers to %q, %v, want %q", form, again, ok, id)
			}
		}
	})
}

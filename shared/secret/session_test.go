package secret_test

import (
	"strings"
	"testing"

	"profiles/shared/secret"
)

const holder = "01a20c000000000000000001"

// A session is read as it was written. Its id and hash are those of no token.
func TestSessions(t *testing.T) {
	t.Parallel()
	key := secret.NewCredential()
	s := key.Session(holder, 'C')
	if len(s.Text()) != 60 || !strings.HasPrefix(s.Text(), "s-"+holder+"C") {
		t.Errorf("got %d characters, %q", len(s.Text()), s.Text())
	}
	read, ok := secret.ParseSession(s.Text())
	if !ok || read != s || !read.Matches(s.Hash()) {
		t.Errorf("got %v %v, want %v", read, ok, s)
	}
	if s.ID != "s-C"+key.ID[1:] || read.Matches(key.Hash()) || key.Matches(s.Hash()) {
		t.Errorf("the session %q is the token %q", s.ID, key.ID)
	}
	if _, ok := secret.Parse(s.Text()); ok {
		t.Error("a session is read as a token")
	}
}

// A text that was never issued is refused, with each kind of mistake.
func TestTextsThatAreNoSession(t *testing.T) {
	t.Parallel()
	text := secret.NewCredential().Session(holder, '0').Text()
	flipped := []byte(text)
	flipped[40] ^= 1
	for name, wrong := range map[string]string{
		"nothing":              "",
		"no prefix":            strings.TrimPrefix(text, "s-"),
		"a token":              secret.NewCredential().Token(),
		"another account":      strings.Replace(text, holder, "01a20c000000000000000002", 1),
		"another character":    string(flipped),
		"one character more":   text + "0",
		"one character less":   text[:len(text)-1],
		"a foreign character":  strings.Replace(text, "s-0", "s-é", 1),
		"blanks around it":     " " + text,
		"another case of it":   strings.ToUpper(text),
		"the same with quotes": `"` + text + `"`,
	} {
		if _, ok := secret.ParseSession(wrong); ok {
			t.Errorf("%s: %q is read", name, wrong)
		}
	}
}

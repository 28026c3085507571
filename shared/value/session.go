package value

import (
	"strings"

	"profiles/shared/problem"
)

// SessionID is the public part of a session, which authenticates nothing: s-,
// one of SessionPlaces, and 7 base62 characters.
type SessionID string

// SessionPlaces are the places for the sessions of an account, each named by
// one character. An account has at most one session in each.
const SessionPlaces = "0123456789ABCDEFGHIJ"

const (
	sessionPrefix   = "s-"
	sessionIDLength = 10
	base62          = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// ParseSessionID accepts the id of a session, as their list shows it; anything
// else is answered like an unknown one (CodeNotFound).
func ParseSessionID(s string) (SessionID, error) {
	rest, ok := strings.CutPrefix(s, sessionPrefix)
	if !ok || len(s) != sessionIDLength || strings.Trim(rest, base62) != "" ||
		!strings.Contains(SessionPlaces, rest[:1]) {
		return "", problem.NotFound("Session")
	}
	return SessionID(s), nil
}

// Place returns the place that the session has in its account.
func (s SessionID) Place() string { return string(s[len(sessionPrefix) : len(sessionPrefix)+1]) }

// IsSession reports whether the id of a token is that of a session, which acts
// like one.
func (t TokenID) IsSession() bool { return strings.HasPrefix(string(t), sessionPrefix) }

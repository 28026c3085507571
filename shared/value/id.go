package value

import "profiles/shared/problem"

// IDLength is the length of every id on the wire: 24 lower-case hexadecimal
// digits.
const IDLength = 24

// AccountID identifies an account.
type AccountID string

// ProfileID identifies a profile.
type ProfileID string

// TokenID is the public part of a token, 8 base62 characters; it says which
// token, and opens nothing.
type TokenID string

// CodeID identifies a one-time code.
type CodeID string

// ParseProfileID accepts 24 lower-case hexadecimal digits. Anything else cannot
// be the id of a profile and is answered like an unknown one (CodeNotFound).
func ParseProfileID(s string) (ProfileID, error) {
	if !IsID(s) {
		return "", problem.NotFound("Profile")
	}
	return ProfileID(s), nil
}

// ParseAccountID accepts 24 lower-case hexadecimal digits; anything else is
// CodeNotFound.
func ParseAccountID(s string) (AccountID, error) {
	if !IsID(s) {
		return "", problem.NotFound("Account")
	}
	return AccountID(s), nil
}

func IsID(s string) bool {
	if len(s) != IDLength {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// ParseMember accepts the id of a member's account or of an open invitation, as
// the list of a team shows them; anything else is CodeNotFound.
func ParseMember(s string) (string, error) {
	if !IsID(s) {
		return "", problem.NotFound("Account")
	}
	return s, nil
}

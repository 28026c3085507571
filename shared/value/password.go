package value

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"profiles/shared/problem"
)

// Bounds of a password in characters. The lower one is the least NIST SP
// 800-63B admits; the upper one only bounds the work of hashing.
const (
	MinPassword = 8
	MaxPassword = 1024
)

//go:embed common_passwords.txt
var commonPasswords string

// CheckPassword refuses (CodeInvalid) a new password that is too short or too
// long, is among the most common ones, or is little more than the person's own
// address or name. There is no rule about kinds of characters: such rules make
// worse passwords. words are what the password must not consist of.
func CheckPassword(password string, words ...string) error {
	n := utf8.RuneCountInString(password)
	if n < MinPassword || n > MaxPassword {
		return problem.InvalidField("password", problem.FieldLength, "must have %d to %d characters", MinPassword, MaxPassword).
			Bound(passwordBound(n))
	}
	lower := strings.ToLower(password)
	if isCommon(lower) || isMonotonous(lower) {
		return problem.InvalidField(
			"password",
			problem.FieldChoice,
			"is one of the most common ones, which are tried first: choose another, a few unrelated words for example",
		)
	}
	for _, w := range words {
		w = strings.ToLower(w)
		local, _, _ := strings.Cut(w, "@")
		if isMadeOf(lower, w) || isMadeOf(lower, local) {
			return problem.InvalidField(
				"password",
				problem.FieldChoice,
				"must not be made of your own name or e-mail address",
			)
		}
	}
	return nil
}

// passwordBound is the bound that a length of a password passes.
func passwordBound(n int) int {
	if n < MinPassword {
		return MinPassword
	}
	return MaxPassword
}

// isMadeOf finds a password that is the word and nothing but digits and signs
// around it.
func isMadeOf(lower, word string) bool {
	before, after, ok := strings.Cut(lower, word)
	return ok && len(word) >= 4 && strings.Trim(before+after, "0123456789!.-_") == ""
}

// isCommon looks up the password, and the password without the digits and signs
// that people put behind a common word.
func isCommon(lower string) bool {
	stem := strings.TrimRight(lower, "0123456789!?.@#$*_-")
	return listed(lower) || len(stem) >= 4 && listed(stem)
}

func listed(s string) bool {
	return !strings.Contains(s, "\n") && strings.Contains(commonPasswords, "\n"+s+"\n")
}

// isMonotonous finds a password that repeats at most two different characters,
// or one that counts up or down throughout.
func isMonotonous(s string) bool {
	kinds := map[rune]bool{}
	up, down := true, true
	last := rune(-1)
	for _, r := range s {
		kinds[r] = true
		if last >= 0 {
			up, down = up && r == last+1, down && r == last-1
		}
		last = r
	}
	return len(kinds) <= 2 || up || down
}

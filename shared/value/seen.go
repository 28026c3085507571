package value

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"profiles/shared/problem"
)

// Texts of people are shown to others, in lists, subjects of mails and audit
// logs, and must not look like other texts. So some characters are refused:
// those that change the direction of the text around them, that end a line, or
// that cannot be seen. Older texts may have some of them; Visible removes these
// for display.

// hidden finds a character that a text of people must not have. Joiners between
// letters are allowed, because many languages need them, and so are joiners and
// variation selectors between symbols, which keyboards write in emoji.
func hidden(s string) (rune, bool) {
	before := rune(-1)
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if s = s[size:]; !isPlausible(before, r, s) {
			return r, true
		}
		before = r
	}
	return 0, false
}

const (
	textStyle, emojiStyle = '\ufe0e', '\ufe0f'
	keycap                = '\u20e3'
)

// isPlausible reports whether r may stand between the character before it, -1
// at the beginning, and the text after it.
func isPlausible(before, r rune, rest string) bool {
	if !unobvious(r) {
		return true
	}
	after, _ := utf8.DecodeRuneInString(rest)
	switch {
	case unicode.Is(unicode.Join_Control, r):
		return letter(before) && letter(after) ||
			r == '\u200d' && symbol(before) && symbol(after) && !style(after)
	case style(r):
		return symbol(before) && !style(before) ||
			after == keycap && strings.ContainsRune("0123456789#*", before)
	}
	return false
}

// letter also holds for marks: a vowel sign or a virama is part of its letter.
func letter(r rune) bool {
	return r > 0 && !unobvious(r) && (unicode.IsLetter(r) || unicode.IsMark(r))
}

func symbol(r rune) bool {
	modifier := unicode.Is(unicode.Sk, r) && r > unicode.MaxLatin1
	return r > 0 && (unicode.In(r, unicode.So, unicode.Sm) || modifier || style(r))
}

func style(r rune) bool { return r == textStyle || r == emojiStyle }

// unobvious reports whether a character is invisible, or changes the place of
// others. Most are those that Unicode calls default ignorable; the line and
// paragraph separators and the annotation characters are added.
func unobvious(r rune) bool {
	switch {
	case r < 0x80:
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(
		r,
		unicode.Bidi_Control,
		unicode.Cf,
		unicode.Zl,
		unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector,
	)
}

// blank reports whether a character leaves its place empty, or needs another
// one to be seen.
func blank(r rune) bool {
	switch r {
	// an empty pattern of braille, and a note without a head: symbols by their
	// category
	case '\u2800', '\U0001d159':
		return true
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Z, r) ||
		unicode.IsMark(r) ||
		unobvious(r)
}

// CheckVisible refuses (CodeInvalid) a text with a hidden character, or with
// blanks only.
func CheckVisible(field, s string) error {
	if r, found := hidden(s); found {
		return problem.InvalidField(
			field,
			problem.FieldFormat,
			"must not contain %U: only characters that can be seen, and that leave the others in their order",
			r,
		)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !blank(r) }) {
		return problem.InvalidField(
			field,
			problem.FieldFormat,
			"must contain a character that can be seen",
		)
	}
	return nil
}

// Visible returns a text of people without hidden characters, for texts that
// were stored before these were refused.
func Visible(s string) string {
	if _, found := hidden(s); !found {
		return s
	}
	var b strings.Builder
	before := rune(-1)
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if s = s[size:]; isPlausible(before, r, s) {
			b.WriteRune(r)
			before = r
		}
	}
	return b.String()
}

const (
	firstStrong = "\u2068" // begins a text whose direction is its own
	isolateEnds = "\u2069"
)

// Isolated returns a text of people for use inside other text. If it has
// letters that are written from right to left, it is put between marks that
// isolate its direction. Without them, text after a name could be shown before
// it.
func Isolated(s string) string {
	if s = Visible(s); strings.ContainsFunc(s, rightToLeft) {
		return firstStrong + s + isolateEnds
	}
	return s
}

// rightToLeft covers the blocks of scripts that are written so, those that are
// not assigned yet included.
func rightToLeft(r rune) bool {
	return 0x0590 <= r && r <= 0x08ff || 0xfb1d <= r && r <= 0xfdff || 0xfe70 <= r && r <= 0xfeff ||
		0x10800 <= r && r <= 0x10fff ||
		0x1e800 <= r && r <= 0x1efff
}

package httpapi

import "unicode/utf8"

// AnswerLimit is the size of the largest answer that Lambda takes from a
// function, in bytes. An answer beyond it is lost: the client gets a 500 from
// the gateway. Source: the error of Lambda's Runtime API names it; AWS
// documents 6 MB.
const AnswerLimit = 6_291_556

// BodyLimit is how much of that a body may take, which leaves room for headers.
const BodyLimit = AnswerLimit - 32<<10

// EncodedSize is how many bytes a body takes in the answer of a function, where
// it is a text in JSON: quotes, backslashes and line ends count twice, other
// control characters, line separators and bytes that are no text six times.
func EncodedSize(body []byte) int {
	n := len(body)
	for i := 0; i < len(body); {
		switch b := body[i]; {
		case b == '"' || b == '\\' || b == '\n' || b == '\r' || b == '\t':
			n++
		case b < ' ':
			n += 5
		case b >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(body[i:])
			if r == '\u2028' || r == '\u2029' || r == utf8.RuneError && size == 1 {
				n += 6 - size
			}
			i += size
			continue
		}
		i++
	}
	return n
}

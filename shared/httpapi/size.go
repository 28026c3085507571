package httpapi

import (
	"encoding/base64"
	"unicode/utf8"
)

// AnswerLimit is the largest answer that Lambda takes from a function, in
// bytes. A larger one is lost, and the client gets a 500 from the gateway.
// Source: the error of Lambda's Runtime API names it; AWS documents 6 MB.
const AnswerLimit = 6_291_556

// BodyLimit is the largest encoded body, which leaves room for headers.
const BodyLimit = AnswerLimit - 32<<10

// EncodedSize returns how many bytes a body takes as a JSON text in the answer
// of a function. Quotes, backslashes and line ends take two; other control
// characters and line separators take six. What is not UTF-8 is sent in base64.
func EncodedSize(body []byte) int {
	if !utf8.Valid(body) {
		return base64.StdEncoding.EncodedLen(len(body))
	}
	n := len(body)
	for i := 0; i < len(body); {
		switch b := body[i]; {
		case b == '"' || b == '\\' || b == '\n' || b == '\r' || b == '\t':
			n++
		case b < ' ':
			n += 5
		case b >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(body[i:])
			if r == '\u2028' || r == '\u2029' {
				n += 6 - size
			}
			i += size
			continue
		}
		i++
	}
	return n
}

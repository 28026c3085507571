package idempotency

import "encoding/binary"

// Answer is the answer to a request.
type Answer struct {
	Status  int
	Type    string // of the body
	Session string // the session that the request began; empty: none
	Body    []byte
}

// hasSession is added to the status of a packed answer with a session. It is
// above every HTTP status.
const hasSession = 1 << 15

// pack writes an answer as bytes: the status, the length of the type, the type,
// the length of the session and the session if there is one, and the body.
func (a Answer) pack() []byte {
	status := uint16(a.Status)
	if a.Session != "" {
		status |= hasSession
	}
	out := appendText(binary.BigEndian.AppendUint16(nil, status), a.Type)
	if a.Session != "" {
		out = appendText(out, a.Session)
	}
	return append(out, a.Body...)
}

// unpack is the inverse of pack.
func unpack(b []byte) Answer {
	status := binary.BigEndian.Uint16(b)
	a := Answer{Status: int(status &^ hasSession)}
	a.Type, b = cutText(b[2:])
	if status&hasSession != 0 {
		a.Session, b = cutText(b)
	}
	a.Body = b
	return a
}

func appendText(out []byte, s string) []byte { return append(append(out, byte(len(s))), s...) }

func cutText(b []byte) (text string, rest []byte) {
	return string(b[1 : 1+b[0]]), b[1+b[0]:]
}

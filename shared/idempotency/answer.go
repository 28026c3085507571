package idempotency

import "encoding/binary"

// Answer is the answer to a request.
type Answer struct {
	Status int
	Type   string // of the body
	Body   []byte
}

// pack writes an answer as its status, the length of its type, its type and its
// body.
func (a Answer) pack() []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(a.Status))
	out = append(append(out, byte(len(a.Type))), a.Type...)
	return append(out, a.Body...)
}

// unpack reads an answer that pack has written.
func unpack(b []byte) Answer {
	rest := b[3:]
	return Answer{
		Status: int(binary.BigEndian.Uint16(b)), Type: string(rest[:b[2]]), Body: rest[b[2]:],
	}
}

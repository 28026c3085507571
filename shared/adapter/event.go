package adapter

import (
	"bytes"
	"context"
	"encoding/json"
)

// Handler is a Lambda handler of a function from an event to an answer,
// both JSON. It replaces lambda.NewHandler, which reuses the buffer of an
// answer for the next invocation while the caller of Invoke still reads it. In
// the local stack, where several run at once, a client would get the answer of
// another.
type Handler[E, A any] func(context.Context, E) (A, error)

// Invoke handles one event. The caller owns the returned bytes.
func (h Handler[E, A]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event E
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	answer, err := h(ctx, event)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

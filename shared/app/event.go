package app

import (
	"bytes"
	"context"
	"encoding/json"
)

// eventHandler is a Lambda handler of a function that takes an event and
// answers with a value, both as JSON. It replaces lambda.NewHandler, which
// hands the buffer of an answer to the next invocation while the caller of
// Invoke still reads it: where several run at once, as in the local stack, one
// client would get the answer of another.
type eventHandler[E, A any] func(context.Context, E) (A, error)

// Invoke handles one event. What it returns belongs to the caller.
func (h eventHandler[E, A]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
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

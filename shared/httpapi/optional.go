package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Optional is a field of a row that a client may leave out by its choice of
// fields. With the tag omitzero it is left out of the JSON if There is false. A
// nil pointer that is there is null.
type Optional[T any] struct {
	There bool
	Value T
}

// Some returns a value that is there.
func Some[T any](v T) Optional[T] { return Optional[T]{true, v} }

// IsZero reports whether the value is absent.
func (o Optional[T]) IsZero() bool { return !o.There }

// MarshalJSON writes the value as an answer has it.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(o.Value)
	return b.Bytes(), err
}

// Only returns a row with only the named fields; without names, with all.
// Fields without the tag omitzero always stay.
func Only[T any](row T, fields []string) T {
	if len(fields) == 0 {
		return row
	}
	v := reflect.ValueOf(&row).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if options == "omitzero" && !slices.Contains(fields, name) {
			v.FieldByIndex(f.Index).SetZero()
		}
	}
	return row
}

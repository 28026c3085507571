// Package httpapi reads requests strictly and writes every answer in one envelope.
package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"profiles/shared/tenancy"
)

// maxBody is the largest request body, in bytes. The largest honest one is a few hundred.
const maxBody = 64 * 1024

// tokenHeaders are the headers that clients have used for the token over the years, in the order in which they are tried.
var tokenHeaders = []string{"token", "profile-token", "account-token", "authorization", "authentication"}

// Token returns the text of the token that a request carries, "" when it carries none. A leading "Bearer " is dropped. The
// words null and undefined are what broken clients send for none.
func Token(h http.Header) string {
	for _, name := range tokenHeaders {
		text := strings.TrimSpace(h.Get(name))
		if scheme, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, "bearer") {
			text = strings.TrimSpace(rest)
		}
		if text != "" && text != "null" && text != "undefined" {
			return text
		}
	}
	return ""
}

// Decode reads the body, a single JSON object of at most 64 KiB, into v, a pointer to a struct. No body, or one of blanks,
// leaves v as it is: SDKs send bodiless requests with any content type. Keys that v does not know are ignored, as the original
// API does; a value of the wrong type is CodeInvalid naming its field.
func Decode(r *http.Request, v any) error { return decode(r, v, '{', "object") }

// DecodeList is Decode for a body that is a JSON list, into a pointer to a slice. A body that is missing is refused.
func DecodeList(r *http.Request, v any) error { return decode(r, v, '[', "list") }

// Body reads the body of a request. Errors: CodeTooLarge for more than 64 KiB.
func Body(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, tenancy.Invalid("the request body could not be read")
	}
	if len(body) > maxBody {
		return nil, &tenancy.Error{Code: tenancy.CodeTooLarge, Message: "the request body must not exceed 64 KiB"}
	}
	return body, nil
}

func decode(r *http.Request, v any, opening byte, what string) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 && opening == '{' {
		return nil
	}
	if !utf8.Valid(body) {
		return tenancy.Invalid("the request body must be JSON in UTF-8")
	}
	if len(body) == 0 || body[0] != opening {
		return tenancy.Invalid("the request body must be a JSON %s", what)
	}
	err = json.Unmarshal(body, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := fieldPath(reflect.TypeOf(v), wrong.Field)
		if field == "" {
			return tenancy.Invalid("the request body must be a JSON %s of objects", what)
		}
		return tenancy.Invalid("%s must be %s", field, describe(wrong.Type.Kind().String()))
	}
	var refused *tenancy.Error
	if errors.As(err, &refused) {
		return refused
	}
	if err != nil {
		return tenancy.Invalid("the request body is not valid JSON: %s", err)
	}
	return nil
}

// fieldPath leaves out of a path what is no key of the body: the names of embedded structs.
func fieldPath(t reflect.Type, path string) string {
	var keys []string
	for name := range strings.SplitSeq(path, ".") {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		embedded := false
		if t.Kind() == reflect.Struct {
			for i := range t.NumField() {
				f := t.Field(i)
				key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if key == name || f.Anonymous && key == "" && f.Name == name {
					t, embedded = f.Type, key == ""
					break
				}
			}
		}
		if !embedded && name != "" {
			keys = append(keys, name)
		}
	}
	return strings.Join(keys, ".")
}

func describe(kind string) string {
	switch kind {
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "struct", "map":
		return "an object"
	case "slice", "array":
		return "a list"
	case "int", "int64":
		return "a whole number"
	default:
		return "a number"
	}
}

// Nullable is a value that a body may set, set to null, or leave out.
type Nullable[T any] struct {
	Set   bool // the body has the key
	Value T    // the zero value for null
}

func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	*n = Nullable[T]{Set: true} // null after a value, under a key that comes twice, is null
	return json.Unmarshal(b, &n.Value)
}

// Pointer returns the value as edits want it: nil when it was left out.
func (n Nullable[T]) Pointer() *T {
	if !n.Set {
		return nil
	}
	return &n.Value
}

// Package httpapi reads requests strictly and writes every answer in one
// envelope.
package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"profiles/shared/problem"
)

// maxBody is the largest request body, in bytes. Most bodies have a few
// hundred.
const maxBody = 64 * 1024

// tokenHeaders are the headers in which the original's clients send the token,
// in the order in which they are read.
var tokenHeaders = []string{
	"token",
	"profile-token",
	"account-token",
	"authorization",
	"authentication",
}

// Token returns the text of a request's token; "" for none. A leading "Bearer "
// is removed. The words null and undefined, which some clients send by mistake,
// count as none.
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

// Decode reads the body, a single JSON value of at most 64 KiB, into v: an
// object for a pointer to a struct, a list for one to a slice. No body, or one
// of blanks, leaves a struct as it is, as SDKs send bodiless requests with any
// content type; where a list is wanted it is refused. Keys that v does not know
// are ignored, as in the original API (but see DecodeKnown). Errors:
// CodeInvalid for a value of the wrong type, naming its field.
func Decode(r *http.Request, v any) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	return decodeBody(body, v)
}

// DecodeKnown is Decode for requests that give or limit a right, or cost money.
// There a misspelled key must not be ignored: keys that v does not know are
// refused, at any depth, unless they have no value (null, false or an empty
// text). Errors: those of Decode; CodeInvalid naming the key.
func DecodeKnown(r *http.Request, v any) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	if err := decodeBody(body, v); err != nil {
		return err
	}
	if path, known := unknown(reflect.TypeOf(v), body); path != "" {
		return problem.InvalidField(
			problem.Quoted(path),
			problem.FieldNotTaken,
			"is not taken here: send %s",
			problem.List(known),
		).
			For(problem.ReasonUnknownField)
	}
	return nil
}

// DecodeNothing is DecodeKnown for a request that takes no body: it refuses
// keys with a value, and ignores any other body.
func DecodeNothing(r *http.Request) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	if path, _ := unknown(reflect.TypeFor[struct{}](), body); path != "" {
		return problem.Invalid("%s is not taken here: send no body", problem.Quoted(path))
	}
	return nil
}

// unknown returns the path of the first key of a body that the type does not
// have, and the keys that the type has there. The body must fit the type
// otherwise.
func unknown(t reflect.Type, body json.RawMessage) (path string, known []string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var keys map[string]json.RawMessage
	var elements []json.RawMessage
	switch {
	case t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(unmarshaler) &&
		json.Unmarshal(body, &keys) == nil:
		types := map[string]reflect.Type{}
		for f := range fields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if types[strings.ToLower(name)] = f.Type; f.Type != reflect.TypeFor[Ignored]() {
				known = append(known, name)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			inner, has := types[strings.ToLower(key)]
			if !has && !slices.Contains([]string{"null", "false", `""`}, string(keys[key])) {
				return key, known
			}
			if has {
				if path, known := unknown(inner, keys[key]); path != "" {
					return join(key, path), known
				}
			}
		}
	case t.Kind() == reflect.Map && json.Unmarshal(body, &keys) == nil:
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if path, known := unknown(t.Elem(), keys[key]); path != "" {
				return join(key, path), known
			}
		}
	case t.Kind() == reflect.Slice && json.Unmarshal(body, &elements) == nil:
		for i, value := range elements {
			if path, known := unknown(t.Elem(), value); path != "" {
				return join("["+strconv.Itoa(i)+"]", path), known
			}
		}
	}
	return "", nil
}

// Body reads the body of a request. Errors: CodeTooLarge for more than 64 KiB.
func Body(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, problem.Invalid("the request body could not be read")
	}
	if len(body) > maxBody {
		return nil, (&problem.Error{Code: problem.CodeTooLarge, Message: "the request body must not exceed 64 KiB"}).With(
			"limit",
			maxBody,
		)
	}
	return body, nil
}

func decodeBody(body []byte, v any) error {
	opening, what := byte('{'), "object"
	if reflect.TypeOf(v).Elem().Kind() == reflect.Slice {
		opening, what = '[', "list"
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 && opening == '{' {
		return nil
	}
	if !utf8.Valid(body) {
		return problem.Invalid("the request body must be JSON in UTF-8")
	}
	if len(body) == 0 || body[0] != opening {
		return problem.Invalid("the request body must be a JSON %s", what)
	}
	err := json.Unmarshal(body, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field, want := mismatch(reflect.TypeOf(v), body)
		if field == "" {
			return problem.Invalid("the request body must be a JSON %s of objects", what)
		}
		return problem.InvalidField(problem.Quoted(field), problem.FieldType, "must be %s", want)
	}
	var refused *problem.Error
	if errors.As(err, &refused) {
		return refused
	}
	if err != nil {
		return problem.Invalid("the request body is not valid JSON: %s", err)
	}
	return nil
}

// mismatch returns the path of the first value of a body that does not fit a
// type, such as services.sms or notification_ids[0], and what it must be. It
// follows the rules of encoding/json, whose own error does not name keys of
// maps and indexes of lists, and does name embedded structs.
func mismatch(t reflect.Type, body json.RawMessage) (path, want string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(unmarshaler) {
		if f, ok := t.FieldByName("Value"); ok {
			t = f.Type // of a Nullable
		}
	}
	if json.Unmarshal(body, reflect.New(t).Interface()) == nil {
		return "", ""
	}
	var keys map[string]json.RawMessage
	var elements []json.RawMessage
	switch t.Kind() {
	case reflect.Struct:
		if json.Unmarshal(body, &keys) != nil {
			return "", "an object"
		}
		for f := range fields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			name = cmp.Or(name, f.Name)
			for key, value := range keys {
				if strings.EqualFold(key, name) {
					if path, want := mismatch(f.Type, value); want != "" {
						return join(name, path), want
					}
				}
			}
		}
	case reflect.Map:
		if json.Unmarshal(body, &keys) != nil {
			return "", "an object"
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if path, want := mismatch(t.Elem(), keys[key]); want != "" {
				return join(key, path), want
			}
		}
	case reflect.Slice:
		if json.Unmarshal(body, &elements) != nil {
			return "", "a list"
		}
		for i, value := range elements {
			if path, want := mismatch(t.Elem(), value); want != "" {
				return join("["+strconv.Itoa(i)+"]", path), want
			}
		}
	}
	want = describe(t.Kind().String())
	if strings.Trim(string(body), "-0123456789") == "" && want == describe("int") {
		want += " that is not so large"
	}
	return "", want
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// fields iterates over the fields of a struct that are keys of its JSON,
// including those of embedded structs.
func fields(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() && !f.Anonymous && f.Tag.Get("json") != "-" && !yield(f) {
				return
			}
		}
	}
}

func join(name, path string) string {
	if path == "" || path[0] == '[' {
		return name + path
	}
	return name + "." + path
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

// Ignored is a key that clients send and that has no effect, with any value.
type Ignored struct{}

func (*Ignored) UnmarshalJSON([]byte) error { return nil }

// Nullable is a value that a body may set, set to null, or leave out.
type Nullable[T any] struct {
	Set   bool // the body has the key
	Value T    // the zero value for null
}

func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	*n = Nullable[T]{Set: true} // of a key that comes twice, a last null counts
	return json.Unmarshal(b, &n.Value)
}

// Pointer returns the value for an edit; nil if the key was left out.
func (n Nullable[T]) Pointer() *T {
	if !n.Set {
		return nil
	}
	return &n.Value
}

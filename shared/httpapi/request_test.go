package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
)

// said is the error for its caller, as "code: message", or "" for none.
func said(err error) string {
	var e *problem.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return string(e.Code) + ": " + e.Message
	default:
		return "not an Error: " + err.Error()
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		headers []string // name, value, name, value
		want    string
	}{
		{"no header", nil, ""},
		{"the SDKs' header", []string{"token", "T"}, "T"},
		{"in any case", []string{"TOKEN", "T"}, "T"},
		{"the header of the specification", []string{"Profile-Token", "T"}, "T"},
		{"the header of old Python", []string{"Account-Token", "T"}, "T"},
		{"the raw token as authorization", []string{"Authorization", "T"}, "T"},
		{"a bearer", []string{"Authorization", "Bearer T"}, "T"},
		{"a bearer in lower case", []string{"authorization", "bearer T"}, "T"},
		{"a bearer in capitals", []string{"Authorization", "BEARER T"}, "T"},
		{"a bearer with more blanks", []string{"Authorization", "  Bearer   T  "}, "T"},
		{"a bearer in the wrong header", []string{"token", "Bearer T"}, "T"},
		{"a header that only a page of the documents names", []string{"Authentication", "T"}, "T"},
		{"blanks around it", []string{"token", "  T\t"}, "T"},
		{"another scheme stays, to be refused as a token", []string{"Authorization", "Basic YTpi"}, "Basic YTpi"},

		{"token comes before profile-token", []string{"profile-token", "B", "token", "A"}, "A"},
		{"profile-token before account-token", []string{"account-token", "B", "profile-token", "A"}, "A"},
		{"account-token before authorization", []string{"authorization", "B", "account-token", "A"}, "A"},
		{"authorization before authentication", []string{"authentication", "B", "authorization", "Bearer A"}, "A"},
		{"an empty header does not count", []string{"token", "", "authorization", "A"}, "A"},
		{"nor one of blanks", []string{"token", "  ", "account-token", "A"}, "A"},
		{"nor the word null", []string{"token", "null", "authorization", "A"}, "A"},
		{"nor the word undefined", []string{"token", "undefined", "authentication", "A"}, "A"},
		{"nor a bearer of null", []string{"authorization", "Bearer null", "authentication", "A"}, "A"},
		{"null everywhere is none", []string{"token", "null", "authorization", "Bearer undefined"}, ""},

		{"the header of a device is not ours", []string{"device-token", "T"}, ""},
		{"a cookie is not ours", []string{"cookie", "token=T"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for i := 0; i < len(test.headers); i += 2 {
				h.Set(test.headers[i], test.headers[i+1])
			}
			if got := httpapi.Token(h); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

type body struct {
	Name    string                   `json:"name"`
	Amount  int64                    `json:"amount"`
	Ratio   float64                  `json:"ratio"`
	On      bool                     `json:"on"`
	Email   *string                  `json:"email"`
	Options struct{ Format *string } `json:"options"`
	IDs     []string                 `json:"ids"`
	Limits  map[string]int64         `json:"limits"`
	Logo    httpapi.Nullable[string] `json:"logo_url"`
	Info    struct {
		Banner httpapi.Nullable[string] `json:"banner_url"`
	} `json:"info"`
}

func decode(t testing.TB, text string) (body, error) {
	t.Helper()
	b := body{Name: "before"}
	err := httpapi.Decode(httptest.NewRequest("POST", "/", strings.NewReader(text)), &b)
	return b, err
}

func TestDecodeReads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       func(*body)
	}{
		{"no body leaves everything", "", func(*body) {}},
		{"blanks leave everything", " \r\n\t ", func(*body) {}},
		{"an empty object leaves everything", "{}", func(*body) {}},
		{"a text", `{"name":"Ana"}`, func(b *body) { b.Name = "Ana" }},
		{"blanks around the object", "\n {\"name\":\"Ana\"}\r\n", func(b *body) { b.Name = "Ana" }},
		{"an empty text", `{"name":""}`, func(b *body) { b.Name = "" }},
		{"null leaves a text", `{"name":null}`, func(*body) {}},
		{"letters beyond ASCII and escapes", `{"name":"Ána \u5c71 🏭"}`, func(b *body) { b.Name = "Ána 山 🏭" }},
		{"numbers", `{"amount":9007199254740993,"ratio":0.07}`, func(b *body) { b.Amount, b.Ratio = 9007199254740993, 0.07 }},
		{"a boolean", `{"on":true}`, func(b *body) { b.On = true }},
		{"a list", `{"ids":["a","b"]}`, func(b *body) { b.IDs = []string{"a", "b"} }},
		{"an object by names", `{"limits":{"sms":5}}`, func(b *body) { b.Limits = map[string]int64{"sms": 5} }},
		{"an object inside", `{"options":{"Format":"12"}}`, func(b *body) { b.Options.Format = new("12") }},
		{"unknown keys of any kind are ignored", `{"profile_id":"x","info2":{"a":[1,{"b":null}]},"name":"Ana"}`, func(b *body) { b.Name = "Ana" }},
		{"of a key that comes twice the last counts", `{"name":"Ana","name":"Ben"}`, func(b *body) { b.Name = "Ben" }},
		{"a value for what may be null", `{"logo_url":"x"}`, func(b *body) { b.Logo = httpapi.Nullable[string]{Set: true, Value: "x"} }},
		{"null for what may be null", `{"logo_url":null}`, func(b *body) { b.Logo = httpapi.Nullable[string]{Set: true} }},
		{"null after a value", `{"logo_url":"x","logo_url":null}`, func(b *body) { b.Logo = httpapi.Nullable[string]{Set: true} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := body{Name: "before"}
			test.want(&want)
			if got, err := decode(t, test.text); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	const (
		object = "invalid: the request body must be a JSON object"
		utf8   = "invalid: the request body must be JSON in UTF-8"
		syntax = "invalid: the request body is not valid JSON: "
	)
	for _, test := range []struct{ name, text, want string }{
		{"a form", "name=Ana", object},
		{"a list", `[{"name":"Ana"}]`, object},
		{"a text", `"name"`, object},
		{"a number", "1", object},
		{"null", "null", object},
		{"a mark of byte order", "\ufeff{}", object},
		{"half an object", `{"name":"Ana"`, syntax + "unexpected end of JSON input"},
		{"two objects", `{"name":"Ana"}{"name":"Ben"}`, syntax + "invalid character '{' after top-level value"},
		{"a word behind the object", `{"name":"Ana"} x`, syntax + "invalid character 'x' after top-level value"},
		{"single quotes", `{'name':'Ana'}`, syntax + "invalid character '\\'' looking for beginning of object key string"},
		{"a comma too many", `{"name":"Ana",}`, syntax + "invalid character '}' looking for beginning of object key string"},
		{"a line break in a text", "{\"name\":\"A\nna\"}", syntax + `invalid character '\n' in string literal`},
		{"depth without end", `{"a":` + strings.Repeat("[", 60_000) + "}", syntax + "invalid character '[' exceeded max depth"},
		{"bytes that are no text", "{\"name\":\"\xff\"}", utf8},
		{"half a surrogate in UTF-8", "{\"name\":\"\xed\xa0\x80\"}", utf8},
		{"another encoding", "{\x00}\x00\xfe", utf8},

		{"a number for a text", `{"name":5}`, "invalid: name must be a text"},
		{"an object for a text", `{"name":{}}`, "invalid: name must be a text"},
		{"a list for a text that may be absent", `{"email":[]}`, "invalid: email must be a text"},
		{"a text for a boolean", `{"on":"true"}`, "invalid: on must be true or false"},
		{"a text for a number", `{"amount":"5"}`, "invalid: amount must be a whole number"},
		{"a number that is too large", `{"amount":9223372036854775808}`, "invalid: amount must be a whole number that is not so large"},
		{"a number for an object by names", `{"limits":{"sms":"1"}}`, "invalid: limits.sms must be a whole number"},
		{"a text for a list", `{"ids":"a"}`, "invalid: ids must be a list"},
		{"a number in a list of texts", `{"ids":["a",5]}`, "invalid: ids[1] must be a text"},
		{"a list for an object", `{"options":[]}`, "invalid: options must be an object"},
		{"a number in an object", `{"options":{"Format":12}}`, "invalid: options.Format must be a text"},
		{"a list for an object by names", `{"limits":[]}`, "invalid: limits must be an object"},
		{"a number for a text that may be null", `{"logo_url":5}`, "invalid: logo_url must be a text"},
		{"the same in an object", `{"info":{"banner_url":false}}`, "invalid: info.banner_url must be a text"},
		{"what follows a mistake does not hide it", `{"on":1,"name":"Ana"}`, "invalid: on must be true or false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := decode(t, test.text); said(err) != test.want {
				t.Errorf("got %q, want %q", said(err), test.want)
			}
		})
	}
}

type row struct {
	Profile string `json:"profile"`
	Input   *int64 `json:"input"`
}

func TestDecodeList(t *testing.T) {
	t.Parallel()
	const (
		list   = "invalid: the request body must be a JSON list"
		syntax = "invalid: the request body is not valid JSON: "
	)
	for _, test := range []struct {
		name, text string
		want       []row
		says       string
	}{
		{"two rows", `[{"profile":"a","input":1},{"profile":"b"}]`, []row{{"a", new(int64(1))}, {"b", nil}}, ""},
		{"blanks around it", "\r\n [ {\"profile\":\"a\"} ]\t", []row{{"a", nil}}, ""},
		{"an empty list", "[]", []row{}, ""},
		{"unknown keys are ignored", `[{"profile":"a","x":[{}]}]`, []row{{"a", nil}}, ""},
		{"null leaves what may be absent", `[{"profile":null,"input":null}]`, []row{{"", nil}}, ""},

		{"no body", "", nil, list},
		{"blanks", " \n", nil, list},
		{"the object that an old example sends", `{"profile":"a","input":1}`, nil, list},
		{"null", "null", nil, list},
		{"a text", `"[]"`, nil, list},
		{"a form", "profile=a", nil, list},
		{"half a list", `[{"profile":"a"}`, nil, syntax + "unexpected end of JSON input"},
		{"two lists", `[][]`, nil, syntax + "invalid character '[' after top-level value"},
		{"depth without end", strings.Repeat("[", 60_000), nil, syntax + "invalid character '[' exceeded max depth"},
		{"bytes that are no text", "[\"\xff\"]", nil, "invalid: the request body must be JSON in UTF-8"},
		{"more than 64 KiB", "[" + strings.Repeat(" ", 64*1024) + "]", nil, "too-large: the request body must not exceed 64 KiB"},
		{"a text for a number", `[{"profile":"a","input":"1"}]`, nil, "invalid: [0].input must be a whole number"},
		{"a fraction for a whole number", `[{"input":0.5}]`, nil, "invalid: [0].input must be a whole number"},
		{"a number that is too large", `[{"input":9223372036854775808}]`, nil, "invalid: [0].input must be a whole number that is not so large"},
		{"a number for a text", `[{"profile":1}]`, nil, "invalid: [0].profile must be a text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []row
			err := httpapi.Decode(httptest.NewRequest("POST", "/", strings.NewReader(test.text)), &got)
			if said(err) != test.says || test.says == "" && !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %q, want %+v, %q", got, said(err), test.want, test.says)
			}
		})
	}
}

func TestDecodeReads64KiB(t *testing.T) {
	t.Parallel()
	const most = 64 * 1024
	empty := `{"name":""}`
	name := strings.Repeat("a", most-len(empty))
	full := `{"name":"` + name + `"}`
	if got, err := decode(t, full); err != nil || got.Name != name {
		t.Errorf(
			"%d bytes: got a name of %d, %v, want one of %d",
			len(full),
			len(got.Name),
			err,
			len(name),
		)
	}
	const want = "too-large: the request body must not exceed 64 KiB"
	for what, text := range map[string]string{
		"one byte more": full + " ", "blanks only": strings.Repeat(" ", most+1), "no JSON": strings.Repeat("x", 10*most),
	} {
		if _, err := decode(t, text); said(err) != want {
			t.Errorf("%s: got %q, want %q", what, said(err), want)
		}
	}
}

type brokenBody struct{ error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.error }

func TestDecodeKeepsWhyABodyCouldNotBeRead(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(
		"POST",
		"/",
		io.MultiReader(
			strings.NewReader(`{"name":"Ana"}`),
			brokenBody{errors.New("reset by 10.0.0.1")},
		),
	)
	b := body{Name: "before"}
	if err := httpapi.Decode(r, &b); said(err) != "invalid: the request body could not be read" || b.Name != "before" {
		t.Errorf("got %q and %q, want the fixed text and nothing read", said(err), b.Name)
	}
}

// even refuses wrong values in its own words, as types of the operations do.
type even int

func (e *even) UnmarshalJSON(b []byte) error {
	if len(b) != 1 || (b[0]-'0')%2 != 0 {
		return problem.Invalid("number must be even, such as 2")
	}
	*e = even(b[0] - '0')
	return nil
}

func TestDecodePassesOnWhatAFieldSays(t *testing.T) {
	t.Parallel()
	var v struct{ Number even }
	r := httptest.NewRequest("POST", "/", strings.NewReader(`{"number":3}`))
	if err := httpapi.Decode(r, &v); said(err) != "invalid: number must be even, such as 2" {
		t.Errorf("got %q, want the words of the field", said(err))
	}
}

func TestDecodeNeverPanics(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.StringMatching(`\{("(name|amount|on|ids|options|logo_url|info)":(null|true|"x"|-?[0-9]{1,20}(\.[0-9])?|\[("a",?){0,3}\]|\{("Format":(1|"x"|null))?\}),?){0,4}\}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		var b body
		err := httpapi.Decode(httptest.NewRequest("POST", "/", strings.NewReader(text)), &b)
		if err != nil &&
			(problem.CodeOf(err) != problem.CodeInvalid || strings.HasPrefix(said(err), "invalid:  ")) {
			t.Fatalf("Decode(%q): got %q, want CodeInvalid that names something", text, said(err))
		}
	})
}

func TestNullable(t *testing.T) {
	t.Parallel()
	if got := (httpapi.Nullable[string]{}).Pointer(); got != nil {
		t.Errorf("left out: got %q, want nil", *got)
	}
	for text, want := range map[string]string{`{"logo_url":null}`: "", `{"logo_url":""}`: "", `{"logo_url":"x"}`: "x"} {
		b, err := decode(t, text)
		if got := b.Logo.Pointer(); err != nil || got == nil || *got != want {
			t.Errorf("%s: got %v, %v, want a pointer to %q", text, got, err, want)
		}
	}
}

// An operation without a body refuses a body with content, and accepts the
// empty ones that clients send.
func TestNoBodyIsTaken(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"": "", " \n": "", "{}": "", "null": "", "[]": "", `""`: "", "a=b": "", "{": "", `{"reason":null,"note":"","force":false}`: "",
		`{"reason":"no"}`: "reason is not taken here: send no body", `{"a":null,"b":{"c":1}}`: "b is not taken here: send no body", `{"days":0}`: "days is not taken here: send no body",
	} {
		if want != "" {
			want = "invalid: " + want
		}
		got := said(httpapi.DecodeNothing(httptest.NewRequest("POST", "/", strings.NewReader(body))))
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	err := httpapi.DecodeNothing(httptest.NewRequest("POST", "/",
		strings.NewReader(strings.Repeat("x", 100_000))))
	if problem.CodeOf(err) != problem.CodeTooLarge {
		t.Errorf("a large one: got %v", err)
	}
}

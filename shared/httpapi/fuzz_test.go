package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
)

// The text of a token is one that a header has, without the characters that are
// no part of it.
func FuzzToken(f *testing.F) {
	for _, text := range []string{"", "p-x", " p-x ", "Bearer p-x", "bearer  p-x", "BEARER", "Bearer null", "null", "undefined", "Basic YTpi", "Bearer Bearer p-x", "p-x,p-y", "\tp-x"} {
		f.Add("token", text, "Authorization", "Bearer p-z")
		f.Add("Authorization", text, "account-token", "")
		f.Add("x-token", text, "profile-token", text)
	}
	f.Fuzz(func(t *testing.T, name, text, otherName, otherText string) {
		h := http.Header{}
		h.Set(name, text)
		h.Set(otherName, otherText)
		got := httpapi.Token(h)
		if got == "null" || got == "undefined" || got != strings.TrimSpace(got) {
			t.Errorf("%v: got %q", h, got)
		}
		if got != "" && !strings.Contains(text, got) && !strings.Contains(otherText, got) {
			t.Errorf("%v: got %q, which no header has", h, got)
		}
		// The first of all such headers is the one that counts.
		h.Set("token", "p-first")
		if got := httpapi.Token(h); got != "p-first" {
			t.Errorf("%v: got %q, want that of the header token", h, got)
		}
	})
}

// A query is refused with the reason, or read within its bounds. Written anew,
// it reads the same.
func FuzzReadQuery(f *testing.F) {
	for _, raw := range []string{
		"", "page=3&amount=50", "page=&amount=&fields=&orderBy=&filter%5Bname%5D=", "fields%5B0%5D=name&fields%5B1%5D=token", "fields[]=name&fields=token,id",
		"fields[10]=c&fields[2]=b&fields[01]=d&fields[1]=e&fields[-1]=f", "orderBy=created_at%2C+asc", "orderBy[0]=name&orderBy[1]=DESC", "orderBy=a,b,c",
		"filter%5Bname%5D=a%2A&filter[read]=False", "filter[a][b]=c", "filter[=c", "filter[]=c", "page=0", "page=99999999999999999999", "amount=1e3", "%zz", "a;b", "a=%00",
		"details=true&timezone=Europe%2FBerlin",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var q struct {
			Page    string `query:"page"`
			Amount  string `query:"amount"`
			Details string `query:"details"`
		}
		var f struct {
			Details bool `query:"details"`
		}
		if httpapi.ReadQuery(raw, &q) == nil {
			err := httpapi.ReadQuery(raw, &f)
			if f.Details != (strings.EqualFold(q.Details, "true") || q.Details == "1") ||
				f.Details && err != nil {
				t.Errorf("%q: the flag is not what the text says", raw)
			}
		}
		if err := httpapi.CheckQuery(raw, []string{"page"}); err == nil && len(q.Amount) > 0 {
			t.Errorf("%q: an unknown parameter is let through", raw)
		} else if err != nil &&
			(problem.CodeOf(err) != problem.CodeInvalid || len(err.Error()) > 1000) {
			t.Errorf("%q: got %v, want CodeInvalid in few words", raw, err)
		}
		l, err := parseList(raw)
		if err != nil {
			if problem.CodeOf(err) != problem.CodeInvalid || err.Error() == "" ||
				!reflect.DeepEqual(l, httpapi.List{}) {
				t.Errorf("%q: got %+v, %v, want CodeInvalid and nothing", raw, l, err)
			}
			return
		}
		if l.Page < 0 || l.Page > 1_000_000 || l.Amount < 1 || l.Amount > 10_000 ||
			l.Filter == nil ||
			slices.Contains(l.Fields, "") ||
			l.OrderBy == "" && l.Descending {
			t.Errorf("%q: got %+v, want what is within bounds", raw, l)
		}
		values := url.Values{}
		for name, value := range l.Filter {
			values.Set("filter["+name+"]", value)
		}
		for _, field := range l.Fields {
			values.Add("fields", field)
		}
		values.Set("page", q.Page)
		values.Set("amount", q.Amount)
		if l.OrderBy != "" {
			values.Set("orderBy", l.OrderBy+map[bool]string{true: ",desc", false: ",asc"}[l.Descending])
		}
		if again, err := parseList(values.Encode()); err != nil || !reflect.DeepEqual(again, l) {
			t.Errorf(
				"%q: got %+v, and %+v, %v when it is written as %q",
				raw,
				l,
				again,
				err,
				values.Encode(),
			)
		}
	})
}

// plainBody is a body with a value of each kind that bodies here have.
type plainBody struct {
	Name     string           `json:"name"`
	On       bool             `json:"on"`
	Count    *int64           `json:"count"`
	Ratio    float64          `json:"ratio"`
	List     []string         `json:"list"`
	Services map[string]int64 `json:"services"`
	Options  struct {
		Form string `json:"form"`
	} `json:"options"`
}

func bodies(f *testing.F) {
	for _, body := range []string{
		``, ` `, `{}`, `[]`, `{"name":"Ana","on":true,"count":5,"ratio":1.5,"phone":null,"list":["a"],"services":{"input":1},"options":{"form":"x"}}`, `{"name":5}`,
		`{"count":1.5}`, `{"count":1e400}`, `{"phone":"1","phone":null}`, `{"options":[]}`, `{"unknown":{"deep":[[[]]]}}`, `{"name":"a"}{"name":"b"}`, `{"name":"\ud800"}`,
		"{\"name\":\"\xff\"}", `[{"name":"a"},{"name":"b"}]`, `[5]`, `[null]`, `[{"services":{"input":"1"}}]`, `null`, `{"name":`, strings.Repeat("[", 20000), strings.Repeat(`{"options":`, 9000),
		`{"name":"` + strings.Repeat("x", 64*1024) + `"}`, `{"NAME":"a","Name":"b"}`, "\ufeff{}", `{"services":{"` + strings.Repeat("k", 60000) + `":"1"}}`,
	} {
		f.Add([]byte(body))
	}
}

// decodes checks the result of decoding a body, for both forms of bodies.
func decodes[T any](
	t *testing.T,
	body []byte,
	opening byte,
	decode func(*http.Request, any) error,
) {
	var got T
	err := decode(httptest.NewRequest("POST", "/", strings.NewReader(string(body))), &got)
	trimmed := strings.TrimSpace(string(body))
	if err != nil {
		code := problem.CodeOf(err)
		if code != problem.CodeInvalid && code != problem.CodeTooLarge ||
			(code == problem.CodeTooLarge) != (len(body) > 64*1024) {
			t.Errorf("%.100q of %d bytes: got %v", body, len(body), err)
		}
		if text := err.Error(); !utf8.ValidString(text) || len(text) > 2000 ||
			strings.Contains(text, "plainBody") {
			t.Errorf("%.100q: the refusal is %.300q", body, text)
		}
		return
	}
	if trimmed == "" && opening == '{' {
		return
	}
	if trimmed == "" || trimmed[0] != opening || !json.Valid(body) || !utf8.Valid(body) ||
		len(body) > 64*1024 {
		t.Errorf("%.100q of %d bytes is taken", body, len(body))
	}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatalf("%.100q: what was read cannot be written: %v", body, err)
	}
	if len(written) > 64*1024 {
		return
	}
	var again T
	err = decode(httptest.NewRequest("POST", "/", io.NopCloser(strings.NewReader(string(written)))),
		&again)
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("%.100q: got %+v, and %+v, %v when it is written as %.200s", body, got, again, err, written)
	}
}

func FuzzDecode(f *testing.F) {
	bodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		decodes[plainBody](t, body, '{', httpapi.Decode)
		var null struct {
			Phone httpapi.Nullable[string] `json:"phone"`
		}
		err := httpapi.Decode(httptest.NewRequest("POST", "/", strings.NewReader(string(body))), &null)
		if err == nil && (null.Phone.Pointer() == nil) == null.Phone.Set {
			t.Errorf("%.100q: got %+v", body, null.Phone)
		}
	})
}

func FuzzDecodeList(f *testing.F) {
	bodies(f)
	f.Fuzz(func(t *testing.T, body []byte) { decodes[[]plainBody](t, body, '[', httpapi.Decode) })
}

package event_test

import (
	"strings"
	"testing"

	"profiles/shared/event"
)

// The form is that of CloudEvents 1.0, with all required attributes.
func TestAnEventIsACloudEvent(t *testing.T) {
	t.Parallel()
	_, body := event.Encode(entry, event.Subject{Profile: "00000000000000000000000a"}, 7)
	kind, text, err := event.Cloud(body)
	const want = `{"specversion":"1.0","id":"0123456789abcdef01234567","source":"/profiles",` +
		`"type":"token.created","subject":"profile/00000000000000000000000a",` +
		`"time":"2030-03-14T09:26:53.589Z","datacontenttype":"application/json","sequence":"7",` +
		`"data":{"profile":"00000000000000000000000a","account":null,"resource":"token",` +
		`"resource_id":"Sample00","message":"Token created","who":"00000000000000000000000b",` +
		`"changes":[{"field":"name","before":"","after":"gateway"},` +
		`{"field":"allow_list","before":"","after":""}]}}`
	if err != nil || kind != "token.created" || string(text) != want {
		t.Errorf("got %s, %v\n%s\nwant\n%s", kind, err, text, want)
	}
	_, body = event.Test("x", "w", event.Subject{Account: "a"}, "a", entry.Time)
	_, text, err = event.Cloud(body)
	if err != nil || !strings.Contains(string(text), `"subject":"account/a"`) ||
		strings.Contains(string(text), `"sequence"`) {
		t.Errorf("a test is %s, %v", text, err)
	}
	for _, wrong := range []string{"", "[]", "{}", `{"id":"x","data":{}}`} {
		if _, text, err := event.Cloud([]byte(wrong)); err == nil {
			t.Errorf("%q is the event %s", wrong, text)
		}
	}
}

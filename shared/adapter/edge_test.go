package adapter

import (
	"crypto/sha256"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// The viewer's address is accepted in the form that CloudFront writes and in
// that of URLs. Anything else is a defect of the distribution and not of a
// client. It is not mistaken for another address.
func TestFormsOfTheViewersAddress(t *testing.T) {
	t.Parallel()
	edge := Edge{digests: [][sha256.Size]byte{sha256.Sum256([]byte("v"))}}
	for text, want := range map[string]string{
		"198.51.100.10:46532":           "198.51.100.10",
		"2001:db8::1:443":               "2001:db8::1",
		"[2001:db8::1]:443":             "2001:db8::1",
		"2001:db8:0:0:1:0:0:1:46532":    "2001:db8::1:0:0:1",
		"2001:DB8::A:65535":             "2001:db8::a",
		"::1:1":                         "::1",
		"::ffff:198.51.100.10:443":      "198.51.100.10",
		"[::ffff:198.51.100.10]:443":    "198.51.100.10",
		"":                              "",
		"198.51.100.10":                 "",
		"198.51.100.10:":                "",
		"198.51.100.10:0":               "",
		"198.51.100.10:65536":           "",
		"198.51.100.10:+443":            "",
		"198.51.100.10:443,203.0.113.9": "",
		"203.0.113.9:1,198.51.100.10:2": "",
		"203.0.113.9, 198.51.100.10:2":  "",
		"198.51.100.010:443":            "",
		"2001:db8::1":                   "",
		"2001:db8::1%eth0:443":          "",
		"[2001:db8::1:443":              "",
		"[198.51.100.10]:443":           "",
		"[2001:db8::1]":                 "",
		"example.com:443":               "",
		" 198.51.100.10:443":            "",
	} {
		event := events.APIGatewayV2HTTPRequest{
			Headers: map[string]string{originHeader: "v", viewerHeader: text},
		}
		event, err := edge.admit(event)
		if got := event.RequestContext.HTTP.SourceIP; got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q with %v, want %q", text, got, err, want)
		}
	}
}

// Package signature checks AWS's Signature Version 4 for the servers that stand
// in for AWS, against the one key that they know.
package signature

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"profiles/infra/engine"
)

const (
	format = "20060102T150405Z"
	// patience is how far the time of a signature may be off. Source: AWS
	// Signature Version 4.
	patience = 5 * time.Minute
)

// Valid reports whether a request is signed for a service, with the key of the
// local engine. The body is read, and put back.
func Valid(r *http.Request, service string, now time.Time) (bool, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	parts := parse(r.Header.Get("Authorization"))
	at, err := time.Parse(format, r.Header.Get("X-Amz-Date"))
	scope := strings.Split(parts["Credential"], "/") // key/date/region/service/aws4_request
	if err != nil || now.Sub(at).Abs() > patience || len(scope) != 5 ||
		scope[0] != engine.AccessKeyID ||
		scope[3] != service {
		return false, nil
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	if err != nil {
		return false, nil
	}
	for _, name := range strings.Split(parts["SignedHeaders"], ";") {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	hash := sha256.Sum256(body)
	key := aws.Credentials{AccessKeyID: engine.AccessKeyID, SecretAccessKey: engine.SecretAccessKey}
	digest := hex.EncodeToString(hash[:])
	err = v4.NewSigner().SignHTTP(context.Background(), key, again, digest, service, scope[2], at)
	if err != nil {
		return false, nil
	}
	want := parse(again.Header.Get("Authorization"))["Signature"]
	return subtle.ConstantTimeCompare([]byte(want), []byte(parts["Signature"])) == 1, nil
}

// parse reads the parts of an Authorization header of Signature Version 4; it
// has none of any other header.
func parse(header string) map[string]string {
	parts := map[string]string{}
	rest, ok := strings.CutPrefix(header, "AWS4-HMAC-SHA256 ")
	if !ok {
		return parts
	}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	return parts
}

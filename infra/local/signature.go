package main

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

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"profiles/infra/engine"
)

const (
	signedService = "execute-api"
	signedFormat  = "20060102T150405Z"
	// signedFor is how far the time of a signature may be off. Source: AWS Signature Version 4.
	signedFor = 5 * time.Minute
)

// verify checks that a request is signed with the local stack's own key, as API Gateway checks IAM's signatures, and returns what that
// tells functions of the caller; nil for a request that is not. The body is read, and put back.
func verify(r *http.Request, now time.Time) (*events.APIGatewayV2HTTPRequestContextAuthorizerDescription, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	parts := signatureOf(r.Header.Get("Authorization"))
	at, err := time.Parse(signedFormat, r.Header.Get("X-Amz-Date"))
	scope := strings.Split(parts["Credential"], "/") // key/date/region/service/aws4_request
	if err != nil || now.Sub(at).Abs() > signedFor || len(scope) != 5 || scope[0] != engine.AccessKeyID || scope[3] != signedService {
		return nil, nil
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	if err != nil {
		return nil, nil
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
	if err := v4.NewSigner().SignHTTP(context.Background(), key, again, hex.EncodeToString(hash[:]), signedService, scope[2], at); err != nil {
		return nil, nil
	}
	want := signatureOf(again.Header.Get("Authorization"))["Signature"]
	if subtle.ConstantTimeCompare([]byte(want), []byte(parts["Signature"])) != 1 {
		return nil, nil
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
		AccessKey: engine.AccessKeyID, AccountID: "000000000000", CallerID: "local", UserARN: "arn:aws:iam::000000000000:user/local", UserID: "local",
	}}, nil
}

// signatureOf reads the parts of an Authorization header of Signature Version 4; it has none of any other header.
func signatureOf(header string) map[string]string {
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

package main

import (
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/infra/engine"
	"profiles/infra/signature"
)

// verify checks that a request is signed with the local stack's own key, as API
// Gateway checks IAM's signatures, and returns what that tells functions of the
// caller; nil for a request that is not.
func verify(
	r *http.Request,
	now time.Time,
) (*events.APIGatewayV2HTTPRequestContextAuthorizerDescription, error) {
	if valid, err := signature.Valid(r, "execute-api", now); err != nil || !valid {
		return nil, err
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
			AccessKey: engine.AccessKeyID,
			AccountID: "000000000000",
			CallerID:  "local",
			UserARN:   "arn:aws:iam::000000000000:user/local",
			UserID:    "local",
		},
	}, nil
}

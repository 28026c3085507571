package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// check fails for an answer that shows that a run would measure failures. Warm
// functions must succeed. The samples of the others use a table without their
// tokens, so their answer is a refusal.
func check(s subject, answer []byte) error {
	if len(s.declared.Routes) == 0 {
		return nil
	}
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		return fmt.Errorf("%s: the answer is not one to API Gateway: %w", s.name, err)
	}
	success := s.name == read || s.name == noIO
	if response.StatusCode >= http.StatusInternalServerError ||
		success && response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: the answer is %d: %s", s.name, response.StatusCode, response.Body)
	}
	return nil
}

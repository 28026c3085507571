package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// check keeps the run from measuring failures. The warm functions must succeed;
// the samples of the others meet a table without their tokens, and what they
// get is a refusal.
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

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"profiles/infra/template"
)

// pages are the HTTP functions that answer a document instead of the envelope.
var pages = []string{"console-page", "docs-page"}

// judge checks the form of a function's answer, by what triggers the function,
// and returns what to print about it. Other tests check the content: the sample
// events meet an empty table.
func judge(f template.Function, answer []byte) (string, error) {
	switch {
	case len(f.Routes) > 0:
		return judgeHTTP(f.Name, answer)
	case len(f.Streams) > 0:
		return judgeStream(answer)
	case len(f.Schedules) > 0 || len(f.Topics) > 0:
		return "done", nil
	}
	return "", errors.New("the template declares no trigger for it")
}

func judgeHTTP(name string, answer []byte) (string, error) {
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		return "", fmt.Errorf("the answer is not one to API Gateway: %w", err)
	}
	if response.StatusCode < http.StatusOK ||
		response.StatusCode >= http.StatusInternalServerError {
		return "", fmt.Errorf("the status is %d: %s", response.StatusCode, response.Body)
	}
	want, page := "application/json", slices.Contains(pages, name)
	if page {
		want = "text/html"
	}
	got := ""
	for header, value := range response.Headers {
		if strings.EqualFold(header, "Content-Type") {
			got = value
		}
	}
	if kind, _, err := mime.ParseMediaType(got); err != nil || kind != want {
		return "", fmt.Errorf("the content type is %q, not %s", got, want)
	}
	if page {
		return fmt.Sprintf("%d %s", response.StatusCode, want), nil
	}
	var envelope struct {
		Status  *bool  `json:"status"`
		Message string `json:"message"`
		Code    string `json:"code"`
	}
	if err := json.Unmarshal(
		[]byte(response.Body),
		&envelope,
	); err != nil ||
		envelope.Status == nil {
		return "", fmt.Errorf("the body is not the envelope: %s", response.Body)
	}
	if success := response.StatusCode < http.StatusBadRequest; *envelope.Status != success {
		return "", fmt.Errorf(
			"the status %d and the envelope disagree: %s",
			response.StatusCode,
			response.Body,
		)
	}
	if success := *envelope.Status; success != (envelope.Code == "") {
		return "", fmt.Errorf("a refusal has a code, and nothing else has: %s", response.Body)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", response.StatusCode, envelope.Message)), nil
}

func judgeStream(answer []byte) (string, error) {
	var response events.DynamoDBEventResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		return "", fmt.Errorf("the answer is not one to a stream: %w", err)
	}
	if n := len(response.BatchItemFailures); n > 0 {
		return "", fmt.Errorf("%d records of the sample failed", n)
	}
	return "done, no record failed", nil
}

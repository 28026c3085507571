package openapi

import (
	"maps"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/shared/problem"
)

func components(named map[string]*jsonschema.Schema) Components {
	c := Components{Schemas: maps.Clone(named)}
	no := any(false)
	var codes []any
	for _, facts := range problem.Reasons() {
		codes = append(codes, string(facts.Reason))
	}
	c.Schemas["Refusal"] = &jsonschema.Schema{
		Type:        "object",
		Description: "Why a request was refused.",
		Required: []string{
			"status",
			"message",
			"code",
			"docs",
		},
		PropertyOrder: []string{"status", "message", "code", "details", "docs"},
		Properties: map[string]*jsonschema.Schema{
			"status": {Const: &no},
			"message": {
				Type:        "string",
				Description: "What was wrong and what would be right, for people.",
			},
			"code": {
				Type:        "string",
				Enum:        codes,
				Description: "The reason, for programs: it stays the same for ever.",
			},
			"details": {
				Type:                 "object",
				Description:          "Facts of the reason.",
				AdditionalProperties: &jsonschema.Schema{},
				PropertyOrder: []string{
					"fields",
					"limit",
					"used",
					"plan",
					"needs",
					"has",
					"retry_after",
					"factors",
					"first",
				},
				Properties: map[string]*jsonschema.Schema{
					"fields": {
						Type:        "array",
						Description: "What of the request is wrong.",
						Items: &jsonschema.Schema{
							Type:          "object",
							Required:      []string{"field"},
							PropertyOrder: []string{"field", "code", "limit"},
							Properties: map[string]*jsonschema.Schema{
								"field": {
									Type:        "string",
									Description: "The path of the value, or its query parameter.",
								},
								"code": {
									Type:        "string",
									Enum:        set(problem.FieldCodes()...),
									Description: "What is wrong with it, where that is known.",
								},
								"limit": {
									Types:       []string{"number", "string"},
									Description: "The bound that it passes, as a number or in words.",
								},
							},
						},
					},
					"limit": {Type: "number", Description: "How many there may be."},
					"used":  {Type: "number", Description: "How many there are."},
					"plan":  {Type: "string", Description: "The plan of the account."},
					"needs": {
						Description: "The plans that have it, or the permission that it takes.",
					},
					"has":         {Type: "string", Description: "The permission of the token."},
					"retry_after": {Type: "integer", Description: "The seconds to wait."},
					"factors": {
						Type:        "array",
						Items:       &jsonschema.Schema{Type: "string"},
						Description: "The second factors that there are.",
					},
					"first": {Type: "string", Description: "The second factor to ask for."},
				},
			},
			"docs": {
				Type:        "string",
				Description: "Where the reason is described, relative to the API.",
			},
		},
	}
	whole := &jsonschema.Schema{Type: "integer"}
	c.Headers = map[string]Header{
		"RateLimit-Limit":     {"The requests that the limit admits in its window.", whole},
		"RateLimit-Remaining": {"How many of them are left.", whole},
		"RateLimit-Reset":     {"The seconds until the window ends.", whole},
		"Retry-After":         {"The seconds to wait before the next try.", whole},
	}
	c.SecuritySchemes = map[string]SecurityScheme{
		"token": {
			"apiKey",
			"An account token. The headers `authorization` and others of older clients are read too, with or without Bearer.",
			"token",
			"header",
		},
		"session": {
			"apiKey",
			"The session that a browser keeps after `session-create`. It counts only in requests of this service's own pages, with the header `console: 1`.",
			"__Host-session",
			"cookie",
		},
		"iam": {
			"apiKey",
			"AWS Signature Version 4, for data planes in the operator's AWS account.",
			"Authorization",
			"header",
		},
	}
	return c
}

// Package docs has the documents that the service serves: its OpenAPI document
// and the reference pages, which are made of it.
package docs

import "embed"

// Files are openapi.json and the folder reference, with a page for each
// chapter, their style sheet and their script. All but the last two are written
// by make generate.
//
//go:embed openapi.json reference
var Files embed.FS

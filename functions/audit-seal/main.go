// Command audit-seal seals audit entries as they are written, each to the one before it in its log.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AuditSeal) }

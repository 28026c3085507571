// Command audit-get returns what was changed in a profile, of at most 7 days: for its owner, and members with full permission.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AuditGet) }

// Command account-audit-get returns what happened to the account itself, of at most 7 days: sign-ins and changes.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountAuditGet) }

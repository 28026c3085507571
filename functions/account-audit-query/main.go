// Command account-audit-query returns the answer to a query of the account's audit log once more, by the id that it was given.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountAuditQuery) }

// Command account-purge removes what deleted accounts left, and mails when that is done.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountPurge) }

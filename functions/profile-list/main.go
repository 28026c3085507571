// Command profile-list lists the profiles the account can open: own first, oldest first, then shared ones.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileList) }

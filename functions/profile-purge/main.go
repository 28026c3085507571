// Command profile-purge reclaims what deleted profiles left in the table.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfilePurge) }

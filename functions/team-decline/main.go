// Command team-decline declines an invitation with the code from the mail.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamDecline) }

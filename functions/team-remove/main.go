// Command team-remove removes a member, withdraws an invitation, or leaves a team.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamRemove) }

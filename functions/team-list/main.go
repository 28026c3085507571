// Command team-list lists the members of a profile's team and its open invitations.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamList) }

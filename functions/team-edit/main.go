// Command team-edit changes the permission of a member.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamEdit) }

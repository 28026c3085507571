// Command team-expire reminds of invitations that end soon, and ends those whose time has come.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamExpire) }

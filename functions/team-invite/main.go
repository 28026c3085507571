// Command team-invite invites an address to the team of an own profile, or renews its invitation.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamInvite) }

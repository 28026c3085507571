// Command token-revoke-member revokes all tokens that a member has made for an own profile.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenRevokeMember) }

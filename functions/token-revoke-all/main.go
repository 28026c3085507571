// Command token-revoke-all revokes all tokens of an own profile, the owner's and the members', in one write.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenRevokeAll) }

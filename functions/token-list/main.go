// Command token-list lists the tokens of a profile, without their secrets.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenList) }

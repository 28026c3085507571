// Command token-delete deletes a token, named by itself, its masked form or its id.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenDelete) }

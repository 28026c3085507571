// Command token-edit renames, limits, disables or enables a token.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenEdit) }

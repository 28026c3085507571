// Command token-info returns what the calling token is.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenInfo) }

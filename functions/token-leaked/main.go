// Command token-leaked revokes a token that was found in public and tells its owner; the answer is the same for every text.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenLeaked) }

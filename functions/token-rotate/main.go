// Command token-rotate puts a new token in the place of an own one, which goes on for a grace of up to 7 days.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenRotate) }

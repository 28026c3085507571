// Command desk-extend gives an open transfer its full time again.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskExtend) }

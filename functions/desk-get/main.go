// Command desk-get returns a transfer to support agents: prerequisites, both accounts' facts, timeline.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskGet) }

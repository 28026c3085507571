// Command desk-approve approves a transfer for the support desk.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskApprove) }

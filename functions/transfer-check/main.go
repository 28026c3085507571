// Command transfer-check returns the open transfer of an own profile, or whether one could be requested and what is missing.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferCheck) }

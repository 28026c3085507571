// Command allocation-edit divides the account's services over its profiles.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AllocationEdit) }

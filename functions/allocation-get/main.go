// Command allocation-get lists what each profile of the account has of its services.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AllocationGet) }

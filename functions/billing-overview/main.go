// Command billing-overview returns plan and profiles in the form of older clients.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.BillingOverview) }

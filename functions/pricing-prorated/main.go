// Command pricing-prorated returns the prices for the rest of the account's cycle.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PricingProrated) }

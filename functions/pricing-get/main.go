// Command pricing-get returns the prices of plans, add-ons and services, in cents for a cycle.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PricingGet) }

// Command subscription-edit changes the plan, service limits or add-ons: what costs more at once, what costs less at the renewal.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.SubscriptionEdit) }

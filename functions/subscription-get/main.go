// Command subscription-get returns the account's subscription.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.SubscriptionGet) }

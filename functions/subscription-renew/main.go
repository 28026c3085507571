// Command subscription-renew renews subscriptions whose cycle is over, with what was scheduled.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.SubscriptionRenew) }

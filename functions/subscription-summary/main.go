// Command subscription-summary says whether anything about the subscription is in progress, due or scheduled.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.SubscriptionSummary) }

// Command payment-method-get answers that the account has no payment method: there is no payment provider.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PaymentMethodGet) }

// Command payment-method-edit refuses to keep or remove payment methods: there is no payment provider.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PaymentMethodEdit) }

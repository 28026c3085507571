// Command payment-history lists the charges of the account, newest first.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PaymentHistory) }

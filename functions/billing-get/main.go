// Command billing-get returns where the account's invoices go.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.BillingGet) }

// Command billing-edit changes where the account's invoices go.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.BillingEdit) }

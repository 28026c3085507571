// Command pending-end answers that no payment is pending: charges are recorded at once.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PendingEnd) }

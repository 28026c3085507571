// Command account-get returns the account that the token acts for.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountGet) }

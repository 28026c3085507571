// Command account-login checks a password and lists the profiles the person can open.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountLogin) }

// Command email-request asks for another address of the account, which confirms it by mail; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.EmailRequest) }

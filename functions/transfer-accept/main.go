// Command transfer-accept accepts an offered profile with the code from the mail, on the terms that are sent; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferAccept) }

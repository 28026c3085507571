// Command email-undo gives the account its former address back, with the code from the mail to that, and revokes all tokens.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.EmailUndo) }

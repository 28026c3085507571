// Command transfer-cancel cancels the open transfer of an own profile.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferCancel) }

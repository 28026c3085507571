// Command status-get answers when the service is up.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.StatusGet) }

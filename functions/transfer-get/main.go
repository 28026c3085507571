// Command transfer-get returns a transfer as one of its sides sees it: prerequisites, gates, timeline, and whose turn it is.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferGet) }

// Command console-page serves the page that links in mails open.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ConsolePage) }

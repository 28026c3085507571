// Command route-unknown answers 404 for paths and methods that are no route.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.RouteUnknown) }

// Command token-expire removes tokens whose end has come, with an audit entry each.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenExpire) }

// Command token-reuse revokes the families of rotated tokens that were used after their grace, and tells their owners.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenReuse) }

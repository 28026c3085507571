// Command notification-create adds a notification for the own account.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationCreate) }

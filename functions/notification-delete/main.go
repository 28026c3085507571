// Command notification-delete deletes a notification.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationDelete) }

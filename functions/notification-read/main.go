// Command notification-read marks notifications as read or unread.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationRead) }

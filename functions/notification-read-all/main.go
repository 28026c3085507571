// Command notification-read-all marks all notifications of the account as read.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationReadAll) }

// Command notification-list lists the notifications of the account, newest first.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationList) }

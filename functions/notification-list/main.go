// Command notification-list lists the notifications of the account, newest first.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationList) }

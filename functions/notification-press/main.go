// Command notification-press presses a button of a notification: accepts or refuses the invitation it carries.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.NotificationPress) }

// Command schedule-cancel takes back what is scheduled for the renewal.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ScheduleCancel) }

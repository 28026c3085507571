// Command schedule-get returns what changes when the subscription is renewed.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ScheduleGet) }

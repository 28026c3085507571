// Command statistics-get returns what a profile had used by hour, day, month or year: running totals of the cycle, and levels.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.StatisticsGet) }

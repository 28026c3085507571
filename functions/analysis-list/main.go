// Command analysis-list answers that the token's profile has no analyses: scripts are the data plane's. TagoIO's command line asks for them first.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AnalysisList) }

// Package price has the prices of AWS by which the documents say what the
// service costs. They are list prices, without the free tiers.
package price

// Date is when the prices were read, and Region where they hold.
const (
	Date   = "2026-11-27"
	Region = "us-east-1"
)

// Prices are in US dollars. Functions run on arm64, and the table is on demand.
const (
	Requests   = 1.00 / million // a request to an HTTP API
	Invocation = 0.20 / million // of a function
	Second     = 0.0000133334   // of a function, for each GB of memory
	ReadUnit   = 0.125 / million
	WriteUnit  = 0.625 / million
	LogBytes   = 0.50 / billion // of what is written to a log
	Mail       = 0.10 / thousand
	Trace      = 5.00 / million // recorded by X-Ray
	Schedule   = 1.00 / million // an invocation by EventBridge Scheduler
	SecretRead = 5.00 / million // of Secrets Manager

	// A month of 730 hours.
	Metric    = 0.30 // with values in each hour
	Alarm     = 0.10 // for each metric that it reads
	Dashboard = 3.00 // beyond the first three of an AWS account
	Secret    = 0.40
)

const (
	thousand = 1e3
	million  = 1e6
	billion  = 1e9
)

// Hours are the hours of a month.
const Hours = 730

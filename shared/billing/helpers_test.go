package billing_test

import (
	"time"

	"profiles/shared/value"
)

const (
	anaID value.AccountID = "0123456789abcdef0000000a"

	tick = time.Millisecond
	day  = 24 * time.Hour
)

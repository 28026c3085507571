// Command coupon-get answers that there is no such coupon: none are issued.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.CouponGet) }

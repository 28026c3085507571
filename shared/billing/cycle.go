package billing

import (
	"time"

	"profiles/shared/plan"
	"profiles/shared/value"
)

// Cycle is a month of billing, from Start up to but not including End.
type Cycle struct{ Start, End time.Time }

// CycleAt returns the billing cycle that contains now. A cycle begins every
// month on the day and at the hour of anchor. In a month that does not have
// this day it begins on the last day.
func CycleAt(anchor, now time.Time) Cycle {
	anchor, now = anchor.UTC(), now.UTC()
	n := (now.Year()-anchor.Year())*12 + int(now.Month()) - int(anchor.Month())
	if value.AddMonths(anchor, n).After(now) {
		n--
	}
	return Cycle{value.AddMonths(anchor, n), value.AddMonths(anchor, n+1)}
}

// Cycle returns the billing cycle of now.
func (sub Subscription) Cycle(now time.Time) Cycle { return CycleAt(sub.Anchor, now) }

// prorated returns the part of a price that is due for the remaining days of
// the cycle, today included, rounded to the cent.
func (c Cycle) prorated(price int64, now time.Time) int64 {
	left := int64((c.End.Sub(now) + day - 1) / day)
	all := int64((c.End.Sub(c.Start) + day/2) / day)
	left = max(min(left, all), 0)
	return (2*price*left + all) / (2 * all)
}

// Prorated returns what a purchase now costs for the rest of the account's
// cycle, where price is that of a whole cycle. A consumable costs the whole
// price. So does everything on the plan free, because the cycle begins with the
// purchase. Source: the original's billing pages.
func (sub Subscription) Prorated(price int64, consumable bool, now time.Time) int64 {
	if consumable || sub.Plan == plan.Free {
		return price
	}
	return sub.Cycle(now).prorated(price, now)
}

const day = 24 * time.Hour

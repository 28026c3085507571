package tenancy_test

import (
	"fmt"
	"time"

	"profiles/shared/billing"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const (
	tick = time.Millisecond
	day  = 24 * time.Hour
)

// holding returns the account with n profiles: the first n that it has, and if
// there are fewer, others without an allocation.
func holding(a tenancy.Account, n int) tenancy.Account {
	shares := map[value.ProfileID]billing.Share{}
	for _, id := range a.ProfileIDs()[:min(n, a.Profiles())] {
		shares[id] = a.Shares[id]
	}
	for i := len(shares); i < n; i++ {
		shares[value.ProfileID(fmt.Sprint("empty", i))] = billing.Share{}
	}
	a.Shares = shares
	return a
}

package tenancy

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

// The rules of a subscription are in package billing. The methods here apply
// those that change one to the account that has it: they also set the time of
// the change, and the account of the charges.

// having returns the account with another subscription, updated at now.
func (a Account) having(s billing.Subscription, now time.Time) Account {
	a.Subscription, a.Updated = s, now
	return a
}

// charged sets the account of charges.
func (a Account) charged(charges []billing.Charge) []billing.Charge {
	for i := range charges {
		charges[i].Account = a.ID
	}
	return charges
}

// AddProfile is Subscription.AddProfile for the account.
func (a Account) AddProfile(
	id value.ProfileID,
	share billing.Share,
	now time.Time,
) (Account, error) {
	s, err := a.Subscription.AddProfile(id, share, now)
	if err != nil {
		return a, err
	}
	return a.having(s, now), nil
}

// RemoveProfile is Subscription.RemoveProfile for the account.
func (a Account) RemoveProfile(
	id value.ProfileID,
	use billing.Usage,
	now time.Time,
) (Account, error) {
	s, err := a.Subscription.RemoveProfile(id, use, now)
	if err != nil {
		return a, err
	}
	return a.having(s, now), nil
}

// Return is Subscription.Return for the account.
func (a Account) Return(
	id value.ProfileID,
	d billing.Departure,
	use map[value.ProfileID]billing.Usage,
	now time.Time,
) (Account, plan.Amounts, []billing.Charge, error) {
	s, resumed, charges, err := a.Subscription.Return(id, d, use, now)
	if err != nil {
		return a, resumed, nil, err
	}
	return a.having(s, now), resumed, a.charged(charges), nil
}

// WithSpare is Subscription.WithSpare for the account.
func (a Account) WithSpare(id value.ProfileID, now time.Time) Account {
	a.Subscription = a.Subscription.WithSpare(id, now)
	return a
}

// Alone is Subscription.Alone for the account.
func (a Account) Alone(now time.Time) Account {
	a.Subscription = a.Subscription.Alone(now)
	return a
}

// Allocate is Subscription.Allocate for the account.
func (a Account) Allocate(
	changes map[value.ProfileID]map[plan.Service]int64,
	use map[value.ProfileID]billing.Usage,
	now time.Time,
) (Account, error) {
	s, err := a.Subscription.Allocate(changes, use, now)
	if err != nil {
		return a, err
	}
	return a.having(s, now), nil
}

// EditSubscription is Subscription.Edit for the account.
func (a Account) EditSubscription(
	e billing.SubscriptionEdit,
	now time.Time,
) (Account, []billing.Charge, error) {
	s, charges, err := a.Subscription.Edit(e, now)
	if err != nil {
		return a, nil, err
	}
	return a.having(s, now), a.charged(charges), nil
}

// CancelSchedule is Subscription.CancelSchedule for the account.
func (a Account) CancelSchedule(now time.Time) (Account, error) {
	s, err := a.Subscription.CancelSchedule()
	if err != nil {
		return a, err
	}
	return a.having(s, now), nil
}

// Renew is Subscription.Renew for the account.
func (a Account) Renew(now time.Time) (Account, []billing.Charge, error) {
	s, charges, err := a.Subscription.Renew(now)
	if err != nil {
		return a, nil, err
	}
	return a.having(s, now), a.charged(charges), nil
}

// Current is Subscription.Current for the account.
func (a Account) Current(now time.Time) (Account, []billing.Charge) {
	if !a.Due(now) {
		return a, nil
	}
	s, charges := a.Subscription.Current(now)
	return a.having(s, now), a.charged(charges)
}

// Resuming is Subscription.Resuming for the account.
func (a Account) Resuming(s billing.Spent, now time.Time) (Account, plan.Amounts) {
	var resumed plan.Amounts
	a.Subscription, resumed = a.Subscription.Resuming(s, now)
	return a, resumed
}

// Covering is Subscription.Covering for the account.
func (a Account) Covering(
	was Account,
	use map[value.ProfileID]billing.Usage,
	now time.Time,
) Account {
	a.Subscription = a.Subscription.Covering(was.Subscription, use, now)
	return a
}

// StillHolding is Subscription.StillHolding for the account.
func (a Account) StillHolding(use map[value.ProfileID]billing.Usage) Account {
	a.Subscription = a.Subscription.StillHolding(use)
	return a
}

// Upcoming returns the account after its next renewal, as things stand, and the
// charges of that renewal. With the plan free there are none.
func (a Account) Upcoming() (Account, []billing.Charge) {
	next, charges, err := a.Renew(a.PaidUntil)
	if err != nil {
		return a, nil
	}
	return next, charges
}

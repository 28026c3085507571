package tenancy

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Share is what a profile has of its account's subscription.
type Share struct {
	Allocation plan.Amounts
	// Held are levels that were above the allocation when that was last looked
	// at: after a lower limit, or a return. They are charged against the
	// account in the place of the allocation.
	Held    plan.Amounts
	Addons  Addons
	Updated time.Time
}

// BillingAddress is where invoices go.
type BillingAddress struct {
	Company, Country, State, City, Street, ZipCode, Comments string
	Updated                                                  time.Time // zero: never set
}

// Cycle is a month of billing, from Start up to End.
type Cycle struct{ Start, End time.Time }

// CycleAt returns the billing cycle of now. Each cycle begins a month after the
// one before, at the day and hour of anchor, or in a month that is too short on
// its last day.
func CycleAt(anchor, now time.Time) Cycle {
	anchor, now = anchor.UTC(), now.UTC()
	n := (now.Year()-anchor.Year())*12 + int(now.Month()) - int(anchor.Month())
	if addMonths(anchor, n).After(now) {
		n--
	}
	return Cycle{addMonths(anchor, n), addMonths(anchor, n+1)}
}

// Cycle returns the account's billing cycle.
func (a Account) Cycle(now time.Time) Cycle { return CycleAt(a.Anchor, now) }

const day = 24 * time.Hour

// prorated is the part of a price for a cycle that is due for the days that
// remain of it, today's included, rounded to the cent.
func (c Cycle) prorated(price int64, now time.Time) int64 {
	left := int64((c.End.Sub(now) + day - 1) / day)
	all := int64((c.End.Sub(c.Start) + day/2) / day)
	left = max(min(left, all), 0)
	return (2*price*left + all) / (2 * all)
}

// Prorated returns what something of a price would cost from now to the end of
// the account's cycle. Consumables cost all of it, as everything does for an
// account that pays nothing yet: its cycle begins with the purchase. Source:
// the original's billing pages.
func (a Account) Prorated(price int64, consumable bool, now time.Time) int64 {
	if consumable || a.Plan == plan.Free {
		return price
	}
	return a.Cycle(now).prorated(price, now)
}

// Charge is one line of an account's statement: what was bought, for which
// time, for how many cents.
type Charge struct {
	ID       string
	Account  value.AccountID
	Kind     ChargeKind
	Plan     plan.Plan       // of a plan
	Service  plan.Service    // of a service
	Addon    plan.Addon      // of an add-on
	Profile  value.ProfileID // of an add-on
	Limit    int64           // of a service: what the account has with it
	Amount   int64           // cents
	From, To time.Time
}

// ChargeKind says what a charge is for.
type ChargeKind string

const (
	ChargePlan    ChargeKind = "plan"
	ChargeService ChargeKind = "service"
	ChargeAddon   ChargeKind = "addon"
)

// What names what was bought.
func (c Charge) What() string {
	switch c.Kind {
	case ChargePlan:
		return string(c.Plan)
	case ChargeAddon:
		return string(c.Addon)
	}
	return c.Service.String()
}

// Schedule is what changes when a subscription is renewed. A nil part stays as
// it is.
type Schedule struct {
	Plan     *plan.Plan
	Services map[plan.Service]int64           // the limits from then on
	Addons   map[plan.Addon][]value.ProfileID // what ends then
}

// empty reports whether nothing changes.
func (s *Schedule) empty() bool {
	return s == nil || s.Plan == nil && len(s.Services) == 0 && len(s.Addons) == 0
}

// clone returns a copy to work on.
func (s *Schedule) clone() *Schedule {
	c := &Schedule{Services: map[plan.Service]int64{}, Addons: map[plan.Addon][]value.ProfileID{}}
	if s != nil {
		c.Plan = s.Plan
		maps.Copy(c.Services, s.Services)
		for one, ids := range s.Addons {
			c.Addons[one] = slices.Clone(ids)
		}
	}
	return c
}

// SubscriptionEdit is a change of a subscription: exactly one of its fields is
// set.
type SubscriptionEdit struct {
	Plan     *plan.Plan
	Services map[plan.Service]int64 // limits; services that are left out stay
	// who has an add-on from now on; those that are left out stay
	Addons map[plan.Addon][]value.ProfileID
}

// ErrNothingScheduled answers a request to cancel when there is nothing to
// cancel.
var ErrNothingScheduled = problem.Invalid("Nothing is scheduled: the subscription is renewed as it is").
	For(problem.ReasonNothingScheduled)

// EditSubscription returns the account after a change of its subscription, and
// what it is charged for that. What costs more holds at once and is charged for
// the rest of the cycle, minus what was paid; what costs less is scheduled for
// the renewal. The first paid plan is charged in full and begins a cycle.
// Errors: CodeInvalid for none or several of plan, services and add-ons, a
// limit that is no tier, and a profile that is not the account's; CodeForbidden
// for services and add-ons with the plan free.
func (a Account) EditSubscription(e SubscriptionEdit, now time.Time) (Account, []Charge, error) {
	parts := 0
	for _, set := range []bool{e.Plan != nil, e.Services != nil, e.Addons != nil} {
		if set {
			parts++
		}
	}
	if parts != 1 {
		return a, nil, problem.Invalid("send exactly one of plan, services and addons").
			At("plan", "services", "addons")
	}
	if e.Plan == nil && a.Plan == plan.Free {
		return a, nil, a.Plan.Lacks(
			"The plan free has no further services and no add-ons: choose the plan starter or scale first",
		)
	}
	// A renewal that is due comes first, though nobody has written it down yet.
	a, due := a.Current(now)
	a.Schedule = a.Schedule.clone()
	var charges []Charge
	var err error
	switch {
	case e.Plan != nil:
		a, charges = a.changePlan(*e.Plan, now)
	case e.Services != nil:
		a, charges, err = a.changeServices(e.Services, now)
	default:
		a, charges, err = a.changeAddons(e.Addons, now)
	}
	if err != nil {
		return a, nil, err
	}
	if a.Schedule.empty() {
		a.Schedule = nil
	}
	a.Updated = now
	return a, append(due, charges...), nil
}

func (a Account) changePlan(to plan.Plan, now time.Time) (Account, []Charge) {
	a.Schedule.Plan = nil
	switch {
	case to == a.Plan:
		return a, nil
	case to.Price() < a.Plan.Price():
		a.Schedule.Plan = &to
		return a, nil
	case a.Plan == plan.Free:
		a.Anchor = now
		a.PaidUntil = a.Cycle(now).End
		a.Plan = to
		return a, []Charge{a.charge(Charge{Kind: ChargePlan, Plan: to, Amount: to.Price()}, now)}
	}
	amount := a.Prorated(to.Price(), false, now) - a.Prorated(a.Plan.Price(), false, now)
	a.Plan = to
	return a, []Charge{a.charge(Charge{Kind: ChargePlan, Plan: to, Amount: amount}, now)}
}

// charge completes a charge for the time from now to the end of what is paid.
func (a Account) charge(c Charge, now time.Time) Charge {
	c.Account, c.From, c.To = a.ID, now, a.PaidUntil
	return c
}

func (a Account) changeServices(
	limits map[plan.Service]int64,
	now time.Time,
) (Account, []Charge, error) {
	var charges []Charge
	for _, s := range plan.Services() {
		limit, ok := limits[s]
		if !ok {
			continue
		}
		if !slices.ContainsFunc(s.Tiers(), func(t plan.Tier) bool { return t.Amount == limit }) {
			return a, nil, problem.InvalidField("services."+s.String()+".limit", problem.FieldChoice, "must be one of %s", tierList(s)).
				For(problem.ReasonTierUnknown).
				With("tiers", tierAmounts(s))
		}
		delete(a.Schedule.Services, s)
		switch was := a.Limits[s]; {
		case limit < was:
			a.Schedule.Services[s] = limit
		case limit > was:
			amount := a.Prorated(
				s.Price(limit),
				s.Consumable(),
				now,
			) - a.Prorated(
				s.Price(was),
				s.Consumable(),
				now,
			)
			charges = append(
				charges,
				a.charge(
					Charge{Kind: ChargeService, Service: s, Limit: limit, Amount: amount},
					now,
				),
			)
			a.Limits[s] = limit
		}
	}
	return a.Alone(now), charges, nil
}

func tierAmounts(s plan.Service) (amounts []int64) {
	for _, t := range s.Tiers() {
		amounts = append(amounts, t.Amount)
	}
	return amounts
}

func tierList(s plan.Service) string {
	var amounts []string
	for _, n := range tierAmounts(s) {
		amounts = append(amounts, fmt.Sprint(n))
	}
	return strings.Join(amounts, ", ")
}

// Alone gives everything to an account's only profile that is left of this
// cycle. One that is left over by a transfer keeps what it had, so that the
// other one can come back.
func (a Account) Alone(now time.Time) Account {
	if a.Profiles() != 1 {
		return a
	}
	all := a.Divisible(now)
	return a.withShares(func(shares map[value.ProfileID]Share) {
		for id, share := range shares {
			if share.Allocation != all {
				share.Allocation, share.Updated = all, now
				shares[id] = share
			}
		}
	})
}

func (a Account) changeAddons(
	lists map[plan.Addon][]value.ProfileID,
	now time.Time,
) (Account, []Charge, error) {
	var charges []Charge
	for _, one := range plan.AllAddons() {
		ids, ok := lists[one]
		if !ok {
			continue
		}
		for _, id := range ids {
			if _, own := a.Shares[id]; !own {
				return a, nil, problem.InvalidField(
					"addons."+string(one),
					problem.FieldChoice,
					"must list profiles of the account, and %s is none",
					problem.Quoted(id),
				)
			}
		}
		delete(a.Schedule.Addons, one)
		for _, id := range a.ProfileIDs() {
			wants, has := slices.Contains(ids, id), a.Shares[id].Addons.Has(one)
			switch {
			case has && !wants:
				a.Schedule.Addons[one] = append(a.Schedule.Addons[one], id)
			case wants && !has:
				charges = append(
					charges,
					a.charge(
						Charge{
							Kind:    ChargeAddon,
							Addon:   one,
							Profile: id,
							Amount:  a.Prorated(one.Price(), false, now),
						},
						now,
					),
				)
				a = a.withAddon(id, one, true)
			}
		}
	}
	return a, charges, nil
}

func (a Account) withAddon(id value.ProfileID, one plan.Addon, has bool) Account {
	return a.withShares(func(shares map[value.ProfileID]Share) {
		if share, ok := shares[id]; ok {
			share.Addons = share.Addons.With(one, has)
			shares[id] = share
		}
	})
}

// ProfilesWith lists the account's profiles that have an add-on, oldest first.
func (a Account) ProfilesWith(one plan.Addon) []value.ProfileID {
	ids := []value.ProfileID{}
	for _, id := range a.ProfileIDs() {
		if a.Shares[id].Addons.Has(one) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Keeping lists the account's profiles that have an add-on and are to keep it,
// oldest first.
func (a Account) Keeping(one plan.Addon) []value.ProfileID {
	ids := a.ProfilesWith(one)
	if a.Schedule == nil {
		return ids
	}
	return slices.DeleteFunc(
		ids,
		func(id value.ProfileID) bool { return slices.Contains(a.Schedule.Addons[one], id) },
	)
}

// CancelSchedule returns the account with nothing scheduled. Errors:
// ErrNothingScheduled.
func (a Account) CancelSchedule(now time.Time) (Account, error) {
	if a.Schedule.empty() {
		return a, ErrNothingScheduled
	}
	a.Schedule, a.Updated = nil, now
	return a, nil
}

// scheduled returns the account as its schedule makes it.
func (a Account) scheduled(now time.Time) Account {
	s := a.Schedule.clone()
	a.Schedule = nil
	for service, limit := range s.Services {
		a.Limits[service] = limit
	}
	for one, ids := range s.Addons {
		for _, id := range ids {
			a = a.withAddon(id, one, false)
		}
	}
	if s.Plan != nil {
		a.Plan = *s.Plan
	}
	if a.Plan == plan.Free {
		a.Limits = plan.Included()
		a = a.withShares(func(shares map[value.ProfileID]Share) {
			for id, share := range shares {
				share.Addons = Addons{}
				shares[id] = share
			}
		})
	}
	return a.fitted(now).Alone(now)
}

// fitted lowers what the profiles have, in proportion, where they have more
// than the account.
func (a Account) fitted(now time.Time) Account {
	had, has := a.Allocated(), a.Divisible(now)
	return a.withShares(func(shares map[value.ProfileID]Share) {
		for id, share := range shares {
			for s := range share.Allocation {
				if had[s] > has[s] {
					share.Allocation[s] = portion(share.Allocation[s], has[s], had[s])
					share.Updated = now
				}
			}
			shares[id] = share
		}
	})
}

// portion is n*of/all, rounded down, for numbers whose product is more than an
// int64 holds.
func portion(n, of, all int64) int64 {
	high, low := bits.Mul64(uint64(n), uint64(of))
	quotient, _ := bits.Div64(high, low, uint64(all))
	return int64(quotient)
}

// RenewsAt is when the account changes by itself: at the end of the cycle that
// is paid, or with the plan free at the end of one in which profiles used
// something up that are gone, as that is free again then. Zero: never, as
// things stand.
func (a Account) RenewsAt() time.Time {
	if a.PaidUntil.IsZero() && a.Spent.Used != (plan.Amounts{}) {
		return a.Cycle(a.Spent.Cycle).End
	}
	return a.PaidUntil
}

// Renew returns an account whose cycle is over with the next one, as scheduled,
// and what that is charged: with the plan free nothing. A renewal that is late
// begins when the cycle before ended; several that are late are renewed one
// after the other. Errors: ErrDone before the end of the cycle.
func (a Account) Renew(now time.Time) (Account, []Charge, error) {
	start := a.RenewsAt()
	if start.IsZero() || now.Before(start) {
		return a, nil, ErrDone
	}
	if a.Spent.Cycle.Before(start) {
		a.Spent = Spent{}
	}
	a = a.scheduled(start)
	a.Updated = now
	if a.Plan == plan.Free {
		a.PaidUntil = time.Time{}
		return a, nil, nil
	}
	a.PaidUntil = a.Cycle(start).End
	return a, a.renewal(start), nil
}

// Current returns the account as all renewals leave it that are due by now,
// whether or not they were written down, and what they are charged.
func (a Account) Current(now time.Time) (Account, []Charge) {
	var all []Charge
	for {
		next, charges, err := a.Renew(now)
		if err != nil {
			return a, all
		}
		a, all = next, append(all, charges...)
	}
}

// renewal is what a cycle that begins at start is charged.
func (a Account) renewal(start time.Time) []Charge {
	charges := []Charge{
		a.charge(Charge{Kind: ChargePlan, Plan: a.Plan, Amount: a.Plan.Price()}, start),
	}
	for _, s := range plan.Services() {
		if price := s.Price(a.Limits[s]); price > 0 {
			charges = append(
				charges,
				a.charge(
					Charge{Kind: ChargeService, Service: s, Limit: a.Limits[s], Amount: price},
					start,
				),
			)
		}
	}
	for _, one := range plan.AllAddons() {
		for _, id := range a.ProfilesWith(one) {
			charges = append(
				charges,
				a.charge(
					Charge{Kind: ChargeAddon, Addon: one, Profile: id, Amount: one.Price()},
					start,
				),
			)
		}
	}
	return charges
}

// Upcoming returns the account as the next renewal will leave it, as things
// stand, and what that will be charged; nothing with the plan free.
func (a Account) Upcoming() (Account, []Charge) {
	next, charges, err := a.Renew(a.PaidUntil)
	if err != nil {
		return a, nil
	}
	return next, charges
}

// over is the refusal (CodeInvalid) of allocations that come to more of a
// service than there is.
func over(s plan.Service, used, limit int64, format string, args ...any) *problem.Error {
	return problem.Invalid(format, args...).
		For(problem.ReasonAllocationOver).
		With("service", s.String()).
		With("used", used).
		With("limit", limit)
}

// Allocate returns the account with other allocations of some of its profiles;
// services and profiles that are left out stay. use is what the profiles that
// are named have used. Errors: CodeForbidden for an account whose only profile
// has everything; CodeInvalid for a profile that is not the account's, a
// negative amount, more of a service than the account has, and less than a
// profile has used (see Usage.Floor).
func (a Account) Allocate(
	changes map[value.ProfileID]map[plan.Service]int64,
	use map[value.ProfileID]Usage,
	now time.Time,
) (Account, error) {
	if a.Profiles() == 1 && a.Free(now) == (plan.Amounts{}) {
		return a, problem.Forbidden("The account's only profile has everything that the account has: create another profile to divide it").
			For(problem.ReasonOnlyProfile)
	}
	var bad error
	was := a
	a = a.withShares(func(shares map[value.ProfileID]Share) {
		for _, id := range slices.Sorted(maps.Keys(changes)) {
			share, own := shares[id]
			if !own {
				bad = problem.Invalid("profile %s is none of the account's own", problem.Quoted(id))
				return
			}
			for _, s := range plan.Services() {
				n, ok := changes[id][s]
				if !ok {
					continue
				}
				if n < 0 || n > a.Limits[s] {
					bad = problem.Invalid(
						"%s of profile %s must be from 0 to the %d that the account has",
						s,
						id,
						a.Limits[s],
					)
					return
				}
				if floor := use[id].Floor(a, now)[s]; n < floor && n < share.Allocation[s] {
					bad = belowFloor(id, s, floor, a, now)
					return
				}
				share.Allocation[s] = n
			}
			share.Updated = now
			shares[id] = share.holding(use[id])
		}
	})
	if bad != nil {
		return a, bad
	}
	sum, charged, before, spent := a.Allocated(), a.charged(), was.charged(), a.spent(now)
	for _, s := range plan.Services() {
		switch has := a.Limits[s] - spent[s]; {
		case sum[s] <= has && (charged[s] <= has || charged[s] <= before[s]):
		case sum[s] <= has:
			return a, over(
				s,
				charged[s],
				has,
				"%s adds up to %d over the profiles with what they hold above their allocations, and the account has %d: remove some of it first, or raise the limit",
				s,
				charged[s],
				has,
			)
		case spent[s] > 0:
			return a, over(
				s,
				sum[s],
				has,
				"%s adds up to %d over the profiles, and of the %d that the account has %d are used up until %s, by a profile that is gone: lower it for one of them, or raise the limit",
				s,
				sum[s],
				a.Limits[s],
				spent[s],
				a.Cycle(now).End.Format(value.TimeFormat),
			)
		default:
			return a, over(
				s,
				sum[s],
				has,
				"%s adds up to %d over the profiles, and the account has %d: lower it for one of them, or raise the limit",
				s,
				sum[s],
				has,
			)
		}
	}
	a.Updated = now
	return a, nil
}

// BillingAddressEdit is a partial change of a billing address; a nil field
// stays as it is.
type BillingAddressEdit struct{ Company, Country, State, City, Street, ZipCode, Comments *string }

// MaxAddressLine is the longest line of an address for invoices, in characters.
const MaxAddressLine = 200

// Edit returns the address with the change applied. Errors: CodeInvalid naming
// the field.
func (b BillingAddress) Edit(e BillingAddressEdit, now time.Time) (BillingAddress, error) {
	for _, f := range []struct {
		name string
		to   *string
		from *string
	}{
		{"company", &b.Company, e.Company}, {"country", &b.Country, e.Country}, {"state", &b.State, e.State}, {"city", &b.City, e.City},
		{"street", &b.Street, e.Street}, {"zip_code", &b.ZipCode, e.ZipCode}, {"comments", &b.Comments, e.Comments},
	} {
		if f.from == nil {
			continue
		}
		var err error
		if *f.to, err = value.CleanText(f.name, *f.from, 0, MaxAddressLine); err != nil {
			return b, err
		}
	}
	b.Updated = now
	return b, nil
}

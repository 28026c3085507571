package billing

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Snapshot is what an account had and how its profiles divided it, from Time
// until the next snapshot. Each change of either is kept as one.
type Snapshot struct {
	Time   time.Time
	Limits plan.Amounts
	Shares map[value.ProfileID]Share
}

// Snapshot returns the subscription's limits and shares as of now.
func (sub Subscription) Snapshot(now time.Time) Snapshot {
	return Snapshot{Time: now, Limits: sub.Limits, Shares: sub.Shares}
}

// CostLine is the part of a charge that a profile causes. The lines of a charge
// add up to its amount exactly.
type CostLine struct {
	Profile value.ProfileID // empty: the plan, and the part that is allocated to no profile
	Charge  Charge
	Amount  int64 // cents
}

// Split divides a charge over the profiles. A service is divided by how much of
// it each profile had allocated and for how long; what was not allocated falls
// to no profile. An add-on falls to its profile for as long as the account had
// the profile with it. A plan falls to no profile. history is ordered by time
// and begins at or before the charge; its last snapshot holds until the charge
// ends.
func (c Charge) Split(history []Snapshot) []CostLine {
	if c.Kind == ChargePlan {
		return []CostLine{{Charge: c, Amount: c.Amount}}
	}
	weights := map[value.ProfileID]*big.Int{"": new(big.Int)}
	add := func(id value.ProfileID, span time.Duration, n int64) {
		if weights[id] == nil {
			weights[id] = new(big.Int)
		}
		weights[id].Add(
			weights[id],
			new(big.Int).Mul(big.NewInt(span.Milliseconds()), big.NewInt(n)),
		)
	}
	for i, s := range history {
		from, to := s.Time, c.To
		if i == 0 || from.Before(c.From) {
			from = c.From
		}
		if i+1 < len(history) && history[i+1].Time.Before(to) {
			to = history[i+1].Time
		}
		if !from.Before(to) {
			continue
		}
		span := to.Sub(from)
		if c.Kind == ChargeAddon {
			if s.Shares[c.Profile].Addons.Has(c.Addon) {
				add(c.Profile, span, 1)
			} else {
				add("", span, 1)
			}
			continue
		}
		free := s.Limits[c.Service]
		for id, share := range s.Shares {
			n := share.Allocation[c.Service]
			add(id, span, n)
			free -= n
		}
		add("", span, max(free, 0))
	}
	return c.divide(weights)
}

// divide gives each profile its part of the amount, rounded down. The cents
// that are left go, one each, to the parts that lost most by rounding.
func (c Charge) divide(weights map[value.ProfileID]*big.Int) []CostLine {
	all := new(big.Int)
	for _, w := range weights {
		all.Add(all, w)
	}
	if all.Sign() == 0 {
		return []CostLine{{Charge: c, Amount: c.Amount}}
	}
	type part struct {
		CostLine
		lost *big.Int
	}
	var parts []part
	left := c.Amount
	for id, w := range weights {
		product := new(big.Int).Mul(w, big.NewInt(c.Amount))
		amount, lost := new(big.Int).QuoRem(product, all, new(big.Int))
		left -= amount.Int64()
		parts = append(parts, part{CostLine{id, c, amount.Int64()}, lost})
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(b.lost.Cmp(a.lost), cmp.Compare(a.Profile, b.Profile))
	})
	var lines []CostLine
	for i, p := range parts {
		if int64(i) < left {
			p.Amount++
		}
		if p.Amount > 0 {
			lines = append(lines, p.CostLine)
		}
	}
	slices.SortFunc(lines, func(a, b CostLine) int { return cmp.Compare(a.Profile, b.Profile) })
	return lines
}

// Cost is what an account was charged in a month, and the parts of that.
type Cost struct {
	From, To time.Time // the month
	Total    int64     // cents; the sum of Charges, and of Lines
	Charges  []Charge  // the statement: what was charged in the month
	Lines    []CostLine
}

// CostOf returns the cost of a month, with each charge divided by Split.
func CostOf(month time.Time, charges []Charge, history []Snapshot) Cost {
	cost := Cost{From: month, To: month.AddDate(0, 1, 0), Charges: charges}
	for _, c := range charges {
		cost.Total += c.Amount
		cost.Lines = append(cost.Lines, c.Split(history)...)
	}
	return cost
}

// Of returns the part of the cost that is a profile's.
func (c Cost) Of(id value.ProfileID) Cost {
	part := Cost{From: c.From, To: c.To}
	for _, line := range c.Lines {
		if line.Profile == id {
			part.Lines = append(part.Lines, line)
			part.Total += line.Amount
		}
	}
	return part
}

// CycleCost returns what a cycle costs for a profile, in cents: its part of
// each service that the subscription has, by allocation and rounded down, and
// its add-ons. That is what the next renewal costs if nothing changes.
func (sub Subscription) CycleCost(id value.ProfileID) (cost int64) {
	share := sub.Shares[id]
	if sub.Plan == plan.Free {
		return 0
	}
	for _, s := range plan.Services() {
		if limit := sub.Limits[s]; limit > 0 {
			cost += portion(s.Price(limit), share.Allocation[s], limit)
		}
	}
	for _, one := range plan.AllAddons() {
		if share.Addons.Has(one) {
			cost += one.Price()
		}
	}
	return cost
}

// ParseMonth reads a month such as 2026-11, in UTC; an empty text is the month
// of now. Errors: CodeInvalid for another form, and for a month in the future.
func ParseMonth(s string, now time.Time) (time.Time, error) {
	now = now.UTC()
	if s == "" {
		return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC), nil
	}
	month, err := time.Parse("2006-01", s)
	if err != nil || month.After(now) {
		return month, problem.InvalidField(
			"month",
			problem.FieldFormat,
			"must be one such as 2026-11, and not in the future",
		)
	}
	return month, nil
}

package plan

import (
	"strconv"

	"profiles/shared/problem"
)

// Amounts holds one number per service: limits, allocations or use.
type Amounts [ServiceCount]int64

// Included is what every plan includes of each service, before anything is
// bought.
func Included() Amounts {
	var a Amounts
	for s := range a {
		a[s] = services[s].tiers[0].Amount
	}
	return a
}

// Plus returns the sum per service.
func (a Amounts) Plus(b Amounts) Amounts {
	for s := range a {
		a[s] += b[s]
	}
	return a
}

// Minus returns the difference per service.
func (a Amounts) Minus(b Amounts) Amounts {
	for s := range a {
		a[s] -= b[s]
	}
	return a
}

// Valid reports whether no amount is negative, or so large that sums of a few
// would not be numbers any more.
func (a Amounts) Valid() bool {
	for _, n := range a {
		if n < 0 || n > MaxAmount {
			return false
		}
	}
	return true
}

// MaxAmount is far above every tier, and far below where sums of amounts in
// parts would overflow.
const MaxAmount = 1_000_000_000_000

// Within reports whether no service of a exceeds that of b.
func (a Amounts) Within(b Amounts) bool {
	for s := range a {
		if a[s] > b[s] {
			return false
		}
	}
	return true
}

// Map returns the amounts by the names of their services, all nine present, as
// clients expect them.
func (a Amounts) Map() map[string]int64 {
	m := make(map[string]int64, len(a))
	for s, n := range a {
		m[services[s].name] = n
	}
	return m
}

// AmountsFrom reads what Map wrote. Names that are no service are ignored.
func AmountsFrom(m map[string]int64) Amounts {
	var a Amounts
	for s := range a {
		a[s] = m[services[s].name]
	}
	return a
}

// ParseAmounts reads amounts that are given for some services by name. Errors:
// CodeInvalid naming the field for a name that is no service, and for a
// negative amount.
func ParseAmounts(field string, m map[string]int64) (map[Service]int64, error) {
	out := map[Service]int64{}
	for _, s := range Services() {
		if n, ok := m[s.String()]; ok {
			if n < 0 {
				return nil, problem.InvalidField(
					field+"."+s.String(),
					problem.FieldRange,
					"must not be negative",
				)
			}
			out[s] = n
		}
	}
	if len(out) != len(m) {
		return nil, problem.InvalidField(
			field,
			problem.FieldChoice,
			"must have the names of services: %s",
			problem.List(Services()),
		)
	}
	return out, nil
}

// Without lists the services of which there is nothing, in the order of the
// catalogue.
func (a Amounts) Without() (none []Service) {
	for _, s := range Services() {
		if a[s] == 0 {
			none = append(none, s)
		}
	}
	return none
}

// wholeUnits returns amounts in parts as whole units, rounded up.
func (a Amounts) WholeUnits() Amounts {
	for s := range a {
		parts := Service(s).Parts()
		a[s] = (a[s] + parts - 1) / parts
	}
	return a
}

// Units returns use by the names of services, in units, all nine present.
func (a Amounts) Units() map[string]float64 {
	m := make(map[string]float64, len(a))
	for _, s := range Services() {
		m[s.String()] = s.Units(a[s])
	}
	return m
}

// Text returns a number of parts of a service in its units as people read it: a
// plain decimal, however large.
func (s Service) Text(
	parts int64,
) string {
	return strconv.FormatFloat(s.Units(parts), 'f', -1, 64)
}

// Units returns a number of parts of a service in its units.
func (s Service) Units(parts int64) float64 { return float64(parts) / float64(s.Parts()) }

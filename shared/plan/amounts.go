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

// Valid reports whether each amount is from 0 to MaxAmount.
func (a Amounts) Valid() bool {
	for _, n := range a {
		if n < 0 || n > MaxAmount {
			return false
		}
	}
	return true
}

// MaxAmount is the largest amount of a service. It is far above every tier, and
// small enough that sums of amounts in parts do not overflow.
const MaxAmount = 1_000_000_000_000

// Within reports whether each amount of a is at most that of b.
func (a Amounts) Within(b Amounts) bool {
	for s := range a {
		if a[s] > b[s] {
			return false
		}
	}
	return true
}

// Map returns the amounts by service name. All nine services are present,
// because clients expect them.
func (a Amounts) Map() map[string]int64 {
	m := make(map[string]int64, len(a))
	for s, n := range a {
		m[services[s].name] = n
	}
	return m
}

// AmountsFrom is the inverse of Map. Names that are no service are ignored; a
// service that is missing has 0.
func AmountsFrom(m map[string]int64) Amounts {
	var a Amounts
	for s := range a {
		a[s] = m[services[s].name]
	}
	return a
}

// ParseAmounts reads amounts by service name; services may be missing. Errors:
// CodeInvalid at field for a name that is no service, and at field.service for
// a negative amount.
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

// Without lists the services whose amount is 0, in the order of the catalogue.
func (a Amounts) Without() (none []Service) {
	for _, s := range Services() {
		if a[s] == 0 {
			none = append(none, s)
		}
	}
	return none
}

// WholeUnits converts amounts from parts to whole units, rounded up.
func (a Amounts) WholeUnits() Amounts {
	for s := range a {
		parts := Service(s).Parts()
		a[s] = (a[s] + parts - 1) / parts
	}
	return a
}

// Units converts amounts from parts to units, by service name. All nine
// services are present.
func (a Amounts) Units() map[string]float64 {
	m := make(map[string]float64, len(a))
	for _, s := range Services() {
		m[s.String()] = s.Units(a[s])
	}
	return m
}

// Text returns a number of parts of the service in its units, as a plain
// decimal without an exponent.
func (s Service) Text(parts int64) string {
	return strconv.FormatFloat(s.Units(parts), 'f', -1, 64)
}

// Units converts a number of parts of the service to its units.
func (s Service) Units(parts int64) float64 { return float64(parts) / float64(s.Parts()) }

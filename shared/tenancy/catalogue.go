package tenancy

import "strings"

// Service is one of the nine metered services of a profile. Its value is its place in an Amounts.
type Service int

const (
	ServiceInput Service = iota
	ServiceOutput
	ServiceSMS
	ServiceEmail
	ServiceAnalysis
	ServiceDataRecords
	ServiceRunUsers
	ServicePushNotification
	ServiceFileStorage

	serviceCount
)

// Counting says how use of a service adds up.
type Counting int

const (
	CountingMonthly Counting = iota // a counter that starts again with each billing cycle
	CountingLevel                   // a level, with a maximum at any time
)

type serviceFacts struct {
	name     string
	unit     string
	counting Counting
	included int64
}

// The catalogue of services: name on the wire, unit, way of counting, and the amount that every plan includes.
// Source: the original's services page and the first tier of its price list.
var services = [serviceCount]serviceFacts{
	ServiceInput:            {"input", "variables", CountingMonthly, 1_000_000},
	ServiceOutput:           {"output", "records read", CountingMonthly, 3_000_000},
	ServiceSMS:              {"sms", "messages", CountingMonthly, 10},
	ServiceEmail:            {"email", "messages", CountingMonthly, 100},
	ServiceAnalysis:         {"analysis", "minutes", CountingMonthly, 3_000},
	ServiceDataRecords:      {"data_records", "records", CountingLevel, 800_000},
	ServiceRunUsers:         {"run_users", "users", CountingLevel, 10},
	ServicePushNotification: {"push_notification", "messages", CountingMonthly, 100},
	ServiceFileStorage:      {"file_storage", "MB", CountingLevel, 200},
}

// Services lists all services in the order of the catalogue.
func Services() []Service {
	all := make([]Service, serviceCount)
	for i := range all {
		all[i] = Service(i)
	}
	return all
}

func (s Service) String() string     { return services[s].name }
func (s Service) Unit() string       { return services[s].unit }
func (s Service) Counting() Counting { return services[s].counting }

// Amounts holds one number per service: limits, allocations or use.
type Amounts [serviceCount]int64

// Included is what every plan includes of each service, before anything is bought.
func Included() Amounts {
	var a Amounts
	for s := range a {
		a[s] = services[s].included
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

// Within reports whether no service of a exceeds that of b.
func (a Amounts) Within(b Amounts) bool {
	for s := range a {
		if a[s] > b[s] {
			return false
		}
	}
	return true
}

// Map returns the amounts by the names of their services, all nine present, as clients expect them.
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

// ParseAmounts reads amounts that are given for some services by name. Errors: CodeInvalid naming the field for a name that is no service,
// and for a negative amount.
func ParseAmounts(field string, m map[string]int64) (map[Service]int64, error) {
	out := map[Service]int64{}
	for _, s := range Services() {
		if n, ok := m[s.String()]; ok {
			if n < 0 {
				return nil, Invalid("%s.%s must not be negative", field, s)
			}
			out[s] = n
		}
	}
	if len(out) != len(m) {
		return nil, Invalid("%s must have the names of services: %s", field, serviceNames())
	}
	return out, nil
}

func serviceNames() string {
	var names []string
	for _, s := range Services() {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}

// Plan is the name of a subscription plan.
type Plan string

const (
	PlanFree    Plan = "free"
	PlanStarter Plan = "starter"
	PlanScale   Plan = "scale"
)

// PlanLimits are the resource counts a plan admits. Source: the original's resource limits page.
type PlanLimits struct {
	Profiles int // per account
	Members  int // team members per profile, the owner not counted
}

// Limits returns the limits of the plan. An unknown plan has those of PlanFree.
func (p Plan) Limits() PlanLimits {
	switch p {
	case PlanScale:
		return PlanLimits{Profiles: 5, Members: 5}
	case PlanStarter:
		return PlanLimits{Profiles: 2, Members: 1}
	default:
		return PlanLimits{Profiles: 1, Members: 0}
	}
}

// LimitReached is the refusal of one resource more than a plan admits, in the wording (sic) that clients of the
// original API know.
func LimitReached(what string, limit int) *Error {
	return Forbidden("You have exceeded the maximum limit of %s (%d). Please upgrade you plan or contact support.", what, limit)
}

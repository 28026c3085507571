package plan

import (
	"slices"

	"profiles/shared/problem"
)

// Addon is a paid extra of a profile.
type Addon string

const (
	AddonCustomDNS Addon = "custom_dns"
	AddonMobile    Addon = "mobile"
)

// AllAddons lists the add-ons in the order of the catalogue.
func AllAddons() []Addon { return []Addon{AddonCustomDNS, AddonMobile} }

// Price returns what the add-on costs for a profile and a cycle, in cents.
func (Addon) Price() int64 { return 9900 }

// ParseAddon reads the name of an add-on; anything else is CodeNotFound.
func ParseAddon(s string) (Addon, error) {
	for _, a := range AllAddons() {
		if s == string(a) {
			return a, nil
		}
	}
	return "", problem.NotFound("Addon")
}

// Plan is the name of a subscription plan.
type Plan string

const (
	Free    Plan = "free"
	Starter Plan = "starter"
	Scale   Plan = "scale"
)

// Plans lists the plans, the cheapest first.
func Plans() []Plan { return []Plan{Free, Starter, Scale} }

// Price returns what the plan costs for a cycle, in cents.
func (p Plan) Price() int64 {
	switch p {
	case Scale:
		return 19900
	case Starter:
		return 4900
	default:
		return 0
	}
}

// ParsePlan reads the name of a plan; anything else is CodeInvalid.
func ParsePlan(s string) (Plan, error) {
	for _, p := range Plans() {
		if s == string(p) {
			return p, nil
		}
	}
	return "", problem.InvalidField("plan", problem.FieldChoice, "must be free, starter or scale")
}

// Limits are the resource counts a plan admits. Source: the original's resource
// limits page.
type Limits struct {
	Profiles int // per account
	Members  int // team members per profile, the owner not counted
}

// Limits returns the limits of the plan. An unknown plan has those of Free.
func (p Plan) Limits() Limits {
	switch p {
	case Scale:
		return Limits{Profiles: 5, Members: 5}
	case Starter:
		return Limits{Profiles: 2, Members: 1}
	default:
		return Limits{Profiles: 1, Members: 0}
	}
}

// Lacks returns the refusal (CodeForbidden) of something that every plan but
// this one has.
func (p Plan) Lacks(message string) *problem.Error {
	others := slices.DeleteFunc(Plans(), func(other Plan) bool { return other == p })
	return problem.Forbidden("%s", message).
		For(problem.ReasonPlanLacks).
		With("plan", p).
		With("needs", others)
}

// LimitReached returns the refusal (CodeForbidden) of one more resource than a
// plan admits. Its wording, with the mistake in it, is that of the original
// API, which clients know.
func LimitReached(what string, limit int) *problem.Error {
	return problem.Forbidden("You have exceeded the maximum limit of %s (%d). Please upgrade you plan or contact support.", what, limit).
		With("limit", limit)
}

// Transferable reports whether profiles of accounts with this plan can change
// hands. Source: the original's page on profiles.
func (p Plan) Transferable() bool { return p == Starter || p == Scale }

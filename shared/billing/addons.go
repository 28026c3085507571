package billing

import (
	"profiles/shared/plan"
	"profiles/shared/problem"
)

// Addons are the paid extras of a profile.
type Addons struct {
	CustomDNS bool
	Mobile    bool
}

// String names the add-ons, "none" when there are none.
func (a Addons) String() string {
	var has []plan.Addon
	for _, one := range plan.AllAddons() {
		if a.Has(one) {
			has = append(has, one)
		}
	}
	return problem.List(has)
}

// Has reports whether the add-on is among them.
func (a Addons) Has(one plan.Addon) bool { return *a.of(one) }

// And returns the add-ons that are among both.
func (a Addons) And(other Addons) (both Addons) {
	for _, one := range plan.AllAddons() {
		both = both.With(one, a.Has(one) && other.Has(one))
	}
	return both
}

// With returns the add-ons with one of them added or removed.
func (a Addons) With(one plan.Addon, has bool) Addons {
	*a.of(one) = has
	return a
}

func (a *Addons) of(one plan.Addon) *bool {
	if one == plan.AddonMobile {
		return &a.Mobile
	}
	return &a.CustomDNS
}

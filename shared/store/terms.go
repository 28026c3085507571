package store

import (
	"slices"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

type termsAttribute struct {
	Name       string            `dynamodbav:"name,omitempty"`
	Allocation map[string]int64  `dynamodbav:"allocation,omitempty"`
	Addons     []string          `dynamodbav:"addons,omitempty"`
	Policy     *policyAttribute  `dynamodbav:"tokenPolicy,omitempty"`
	Members    map[string]string `dynamodbav:"members,omitempty"`
	Owner      string            `dynamodbav:"owner,omitempty"`
}

type policyAttribute struct {
	LongestDays int  `dynamodbav:"longestDays"`
	NoNever     bool `dynamodbav:"noNever"`
	Unused      bool `dynamodbav:"unused,omitempty"`
	Quiet       bool `dynamodbav:"quiet,omitempty"`
}

func addonNames(a billing.Addons) (names []string) {
	for _, one := range plan.AllAddons() {
		if a.Has(one) {
			names = append(names, string(one))
		}
	}
	return names
}

func addonsFrom(names []string) (a billing.Addons) {
	for _, one := range plan.AllAddons() {
		a = a.With(one, slices.Contains(names, string(one)))
	}
	return a
}

func termsFrom(t transfer.Terms) termsAttribute {
	a := termsAttribute{Name: t.Name, Addons: addonNames(t.Addons)}
	if t.TokenPolicy != nil {
		a.Policy = &policyAttribute{
			t.TokenPolicy.LongestDays, t.TokenPolicy.NoNever,
			t.TokenPolicy.DisableUnused, t.TokenPolicy.QuietNetworks,
		}
	}
	if t.Allocation != (plan.Amounts{}) {
		a.Allocation = t.Allocation.Map()
	}
	if t.Owner != tenancy.PermissionNone {
		a.Owner = t.Owner.String()
	}
	for id, right := range t.Members {
		if a.Members == nil {
			a.Members = map[string]string{}
		}
		a.Members[string(id)] = right.String()
	}
	return a
}

func (a termsAttribute) value() transfer.Terms {
	t := transfer.Terms{
		Name:       a.Name,
		Allocation: plan.AmountsFrom(a.Allocation),
		Addons:     addonsFrom(a.Addons),
		Owner:      storedPermission(a.Owner),
	}
	if a.Policy != nil {
		t.TokenPolicy = &tenancy.TokenPolicy{
			LongestDays: a.Policy.LongestDays, NoNever: a.Policy.NoNever,
			DisableUnused: a.Policy.Unused, QuietNetworks: a.Policy.Quiet,
		}
	}
	for id, right := range a.Members {
		if t.Members == nil {
			t.Members = map[value.AccountID]tenancy.Permission{}
		}
		t.Members[value.AccountID(id)] = storedPermission(right)
	}
	return t
}

package store

import (
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

type shareAttribute struct {
	Allocation map[string]int64 `dynamodbav:"allocation"`
	CustomDNS  bool             `dynamodbav:"customDNS"`
	Mobile     bool             `dynamodbav:"mobile"`
	CostAlert  bool             `dynamodbav:"costAlert,omitempty"`
	Updated    int64            `dynamodbav:"updated"`
	Held       map[string]int64 `dynamodbav:"held,omitempty"`
}

func sharesFrom(shares map[value.ProfileID]billing.Share) map[string]shareAttribute {
	out := make(map[string]shareAttribute, len(shares))
	for id, s := range shares {
		one := shareAttribute{
			Allocation: s.Allocation.Map(),
			CustomDNS:  s.Addons.CustomDNS,
			Mobile:     s.Addons.Mobile,
			CostAlert:  s.CostAlert,
			Updated:    millis(s.Updated),
		}
		if s.Held != (plan.Amounts{}) {
			one.Held = s.Held.Map()
		}
		out[string(id)] = one
	}
	return out
}

func sharesOf(stored map[string]shareAttribute) map[value.ProfileID]billing.Share {
	out := make(map[value.ProfileID]billing.Share, len(stored))
	for id, s := range stored {
		out[value.ProfileID(id)] = billing.Share{
			Allocation: plan.AmountsFrom(s.Allocation),
			Addons:     billing.Addons{CustomDNS: s.CustomDNS, Mobile: s.Mobile},
			CostAlert:  s.CostAlert,
			Updated:    fromMillis(s.Updated), Held: plan.AmountsFrom(s.Held),
		}
	}
	return out
}

// spentAttribute has the counters that former profiles have used in a cycle, in
// parts of a unit.
type spentAttribute struct {
	Cycle int64            `dynamodbav:"cycle"`
	Used  map[string]int64 `dynamodbav:"used"`
}

func spentFrom(s billing.Spent) *spentAttribute {
	if s.Used == (plan.Amounts{}) {
		return nil
	}
	return &spentAttribute{millis(s.Cycle), s.Used.Map()}
}

func (a *spentAttribute) value() billing.Spent {
	if a == nil {
		return billing.Spent{}
	}
	return billing.Spent{Cycle: fromMillis(a.Cycle), Used: plan.AmountsFrom(a.Used)}
}

type scheduleAttribute struct {
	Plan     string              `dynamodbav:"plan,omitempty"`
	Services map[string]int64    `dynamodbav:"services,omitempty"`
	Addons   map[string][]string `dynamodbav:"addons,omitempty"`
}

func scheduleFrom(s *billing.Schedule) *scheduleAttribute {
	if s == nil {
		return nil
	}
	out := &scheduleAttribute{Services: map[string]int64{}, Addons: map[string][]string{}}
	if s.Plan != nil {
		out.Plan = string(*s.Plan)
	}
	for service, limit := range s.Services {
		out.Services[service.String()] = limit
	}
	for addon, ids := range s.Addons {
		for _, id := range ids {
			out.Addons[string(addon)] = append(out.Addons[string(addon)], string(id))
		}
	}
	return out
}

func (a *scheduleAttribute) value() *billing.Schedule {
	if a == nil {
		return nil
	}
	s := &billing.Schedule{
		Services: map[plan.Service]int64{},
		Addons:   map[plan.Addon][]value.ProfileID{},
	}
	if a.Plan != "" {
		plan := plan.Plan(a.Plan)
		s.Plan = &plan
	}
	for _, service := range plan.Services() {
		if limit, ok := a.Services[service.String()]; ok {
			s.Services[service] = limit
		}
	}
	for addon, ids := range a.Addons {
		for _, id := range ids {
			s.Addons[plan.Addon(addon)] = append(
				s.Addons[plan.Addon(addon)],
				value.ProfileID(id),
			)
		}
	}
	return s
}

type billingAttribute struct {
	Company  string `dynamodbav:"company,omitempty"`
	Country  string `dynamodbav:"country,omitempty"`
	State    string `dynamodbav:"state,omitempty"`
	City     string `dynamodbav:"city,omitempty"`
	Street   string `dynamodbav:"street,omitempty"`
	ZipCode  string `dynamodbav:"zipCode,omitempty"`
	Comments string `dynamodbav:"comments,omitempty"`
	Updated  int64  `dynamodbav:"updated"`
}

func billingFrom(b billing.Address) *billingAttribute {
	if b == (billing.Address{}) {
		return nil
	}
	return &billingAttribute{
		b.Company,
		b.Country,
		b.State,
		b.City,
		b.Street,
		b.ZipCode,
		b.Comments,
		millis(b.Updated),
	}
}

func (a *billingAttribute) value() billing.Address {
	if a == nil {
		return billing.Address{}
	}
	return billing.Address{
		Company: a.Company, Country: a.Country, State: a.State, City: a.City, Street: a.Street,
		ZipCode: a.ZipCode, Comments: a.Comments, Updated: fromMillis(a.Updated),
	}
}

type factorAttribute struct {
	Factor string `dynamodbav:"factor"`
	Since  int64  `dynamodbav:"since"`
}

func factorsFrom(factors []tenancy.EnabledFactor) (out []factorAttribute) {
	for _, f := range factors {
		out = append(out, factorAttribute{string(f.Factor), millis(f.Since)})
	}
	return out
}

func factorsOf(stored []factorAttribute) (out []tenancy.EnabledFactor) {
	for _, f := range stored {
		out = append(
			out,
			tenancy.EnabledFactor{Factor: tenancy.Factor(f.Factor), Since: fromMillis(f.Since)},
		)
	}
	return out
}

type askedAttribute struct {
	Email   string `dynamodbav:"email"`
	Expires int64  `dynamodbav:"expires"`
	Changed int64  `dynamodbav:"secured,omitempty"`
}

func askedFrom(a tenancy.AskedEmail) *askedAttribute {
	if a.Email == "" {
		return nil
	}
	return &askedAttribute{string(a.Email), millis(a.Expires), millis(a.CredentialsChanged)}
}

func (a *askedAttribute) value() tenancy.AskedEmail {
	if a == nil {
		return tenancy.AskedEmail{}
	}
	return tenancy.AskedEmail{
		Email:              value.Email(a.Email),
		Expires:            fromMillis(a.Expires),
		CredentialsChanged: fromMillis(a.Changed),
	}
}

type undoAttribute struct {
	Code    string `dynamodbav:"code"`
	Email   string `dynamodbav:"email"`
	Expires int64  `dynamodbav:"expires"`
	Proved  int64  `dynamodbav:"proved,omitempty"`
}

func undosFrom(undos []tenancy.Undo) (out []undoAttribute) {
	for _, u := range undos {
		out = append(
			out,
			undoAttribute{string(u.Code), string(u.Email), millis(u.Expires), millis(u.Proved)},
		)
	}
	return out
}

func undosOf(stored []undoAttribute) (out []tenancy.Undo) {
	for _, u := range stored {
		out = append(
			out,
			tenancy.Undo{
				Code:    value.CodeID(u.Code),
				Email:   value.Email(u.Email),
				Expires: fromMillis(u.Expires),
				Proved:  fromMillis(u.Proved),
			},
		)
	}
	return out
}

package store

import (
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
)

// ownAlertAttribute is an alert of a profile. A service is empty in an alert on
// cost.
type ownAlertAttribute struct {
	ID      string   `dynamodbav:"id"`
	Service string   `dynamodbav:"service,omitempty"`
	Percent int64    `dynamodbav:"percent,omitempty"`
	Amount  int64    `dynamodbav:"amount,omitempty"`
	Cost    int64    `dynamodbav:"cost,omitempty"`
	Actions []string `dynamodbav:"actions"`
	Stop    string   `dynamodbav:"stop"`
	Created int64    `dynamodbav:"created"`
	Updated int64    `dynamodbav:"updated"`
	Armed   int64    `dynamodbav:"armed"`
}

func alertsFrom(alerts billing.Alerts) (out []ownAlertAttribute) {
	for _, a := range alerts {
		one := ownAlertAttribute{
			ID: string(a.ID), Percent: a.Percent, Amount: a.Amount, Cost: a.Cost,
			Stop: string(a.Stop), Created: millis(a.Created), Updated: millis(a.Updated),
			Armed: millis(a.Armed), Actions: []string{},
		}
		if a.Percent > 0 || a.Amount > 0 {
			one.Service = a.Service.String()
		}
		for _, action := range a.Actions {
			one.Actions = append(one.Actions, string(action))
		}
		out = append(out, one)
	}
	return out
}

func alertsOf(stored []ownAlertAttribute) (out billing.Alerts) {
	for _, i := range stored {
		a := billing.Alert{
			ID: billing.AlertID(i.ID), Percent: i.Percent, Amount: i.Amount, Cost: i.Cost,
			Stop: billing.Stop(i.Stop), Created: fromMillis(i.Created),
			Updated: fromMillis(i.Updated), Armed: fromMillis(i.Armed),
		}
		a.Service, _ = plan.ParseService(i.Service)
		for _, action := range i.Actions {
			a.Actions = append(a.Actions, billing.AlertAction(action))
		}
		out = append(out, a)
	}
	return out
}

// reachedAttribute notes that an alert was reached.
type reachedAttribute struct {
	Alert     string `dynamodbav:"alert"`
	Armed     int64  `dynamodbav:"armed"`
	Threshold int64  `dynamodbav:"threshold"`
	Time      int64  `dynamodbav:"time"`
	Lifted    bool   `dynamodbav:"lifted,omitempty"`
}

func reachedFrom(reached []billing.Reached) (out []reachedAttribute) {
	for _, r := range reached {
		out = append(out, reachedAttribute{
			string(r.Alert), millis(r.Armed), r.Threshold, millis(r.Time), r.Lifted,
		})
	}
	return out
}

func reachedOf(stored []reachedAttribute) (out []billing.Reached) {
	for _, i := range stored {
		out = append(out, billing.Reached{
			Alert: billing.AlertID(i.Alert), Armed: fromMillis(i.Armed), Threshold: i.Threshold,
			Time: fromMillis(i.Time), Lifted: i.Lifted,
		})
	}
	return out
}

// SetAlerts changes the alerts, the soft limits and the cost of a profile that
// was read at p.Version. u is its usage as read with it. Reports that rely on
// what was before are not counted any more. It fails with problem.ErrConflict
// if one of them has changed in a way that matters.
func (tx *Tx) SetAlerts(p tenancy.Profile, u billing.Usage) {
	c := sameVersion(p.Version)
	p.Version++
	p.QuotaVersion++
	tx.overwrite(profileKey(p.ID), profileFrom(p), optionalOf[profileItem](), nil, c)
	if u.Version == 0 {
		tx.check(usageKey(p.ID), absent)
		return
	}
	tx.update(
		usageKey(p.ID),
		"SET "+raiseQuota+"#version = #version + :one",
		item{":one": number(1), ":none": number(0)},
		exists,
	)
}

// LiftStop stores the usage of a profile of which a stop was lifted. It fails
// with problem.ErrConflict if the usage or the profile has changed since before
// and p were read.
func (tx *Tx) LiftStop(p tenancy.Profile, before, after billing.Usage) {
	tx.check(profileKey(p.ID), sameVersion(p.Version))
	tx.replaceUse(before, after)
}

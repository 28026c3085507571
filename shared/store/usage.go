package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindUsage Kind = "usage"

func usageKey(p value.ProfileID) key { return key{kindUsage, "P#" + string(p), "U"} }

// usageItem is what a profile has used, and in the form of an hour what it had
// used at the end of that.
type usageItem struct {
	key
	usageAttributes
}

type usageAttributes struct {
	Profile   string                    `dynamodbav:"profile"`
	Cycle     int64                     `dynamodbav:"cycle"`
	Hour      int64                     `dynamodbav:"hour"`
	Used      map[string]int64          `dynamodbav:"used"`
	Parts     map[string]int64          `dynamodbav:"parts,omitempty"` // of a unit in Used
	Over      map[string]int64          `dynamodbav:"over,omitempty"`  // as Used
	Alerts    map[string]alertAttribute `dynamodbav:"alerts,omitempty"`
	Reached   []reachedAttribute        `dynamodbav:"reached,omitempty"`
	Stops     map[string]bool           `dynamodbav:"stops,omitempty"` // by service
	Updated   int64                     `dynamodbav:"updated"`
	Version   int64                     `dynamodbav:"version"`
	Quota     int64                     `dynamodbav:"quota,omitempty"`
	Suspended int64                     `dynamodbav:"suspended,omitempty"`
	Held      int64                     `dynamodbav:"held,omitempty"`
	receiptAttributes
	TTL int64 `dynamodbav:"ttl,omitempty"`
}

type alertAttribute struct {
	Percent int64 `dynamodbav:"percent"`
	Limit   int64 `dynamodbav:"limit"`
}

func usageFrom(u billing.Usage) usageItem {
	i := usageItem{usageKey(u.Profile), usageAttributes{
		Profile: string(u.Profile), Cycle: millis(u.Cycle),
		Hour: millis(u.Hour), Used: u.Used.Map(), Suspended: millis(u.Suspended),
		Held:  millis(u.Held),
		Parts: dividedUnits(), Alerts: map[string]alertAttribute{}, Updated: millis(u.Updated),
		Version: u.Version, Quota: u.Quota, Reached: reachedFrom(u.Reached),
		receiptAttributes: receiptsFrom(u.Receipts),
	}}
	if u.Over != (plan.Amounts{}) {
		i.Over = u.Over.Map()
	}
	for _, name := range u.Stops.Names() {
		if i.Stops == nil {
			i.Stops = map[string]bool{}
		}
		i.Stops[name] = true
	}
	for _, s := range plan.Services() {
		i.Alerts[s.String()] = alertAttribute(u.Alerts[s])
	}
	return i
}

func (i usageItem) value() billing.Usage { return i.usageAttributes.value() }

func (i usageAttributes) value() billing.Usage {
	u := billing.Usage{
		Profile: value.ProfileID(i.Profile), Cycle: fromMillis(i.Cycle), Hour: fromMillis(i.Hour),
		Used: plan.AmountsFrom(i.Used), Suspended: fromMillis(i.Suspended),
		Held: fromMillis(i.Held), Coarse: i.Parts == nil,
		Updated: fromMillis(i.Updated), Version: i.Version, Quota: i.Quota,
		Over: plan.AmountsFrom(i.Over), Reached: reachedOf(i.Reached),
		Receipts: i.receiptAttributes.value(),
		Stops:    billing.ServicesOf(slices.Collect(maps.Keys(i.Stops))),
	}
	for _, s := range plan.Services() {
		u.Alerts[s] = billing.Passed(i.Alerts[s.String()])
		if i.Parts == nil {
			u.Used[s] = divided(s, u.Used[s])
		}
	}
	return u
}

// dividedUnits returns the services that are counted in fractions, with their
// parts of a unit.
func dividedUnits() map[string]int64 {
	parts := map[string]int64{}
	for _, s := range plan.Services() {
		if n := s.Parts(); n > 1 {
			parts[s.String()] = n
		}
	}
	return parts
}

// divided converts an amount of an item from before items named their parts to
// parts of a unit. Then analysis was counted in hundredths, and everything else
// in whole units.
func divided(s plan.Service, n int64) int64 {
	if s == plan.ServiceAnalysis {
		return n
	}
	return n * s.Parts()
}

// Usage adds the usage of a profile to the batch.
func (b *Batch) Usage(p value.ProfileID) *Found[billing.Usage] {
	return want(b, usageKey(p), usageItem.value)
}

// replaceUse replaces the usage that was read, before, by after. If an hour or
// a cycle has ended in between, the usage at its end goes to the history.
func (tx *Tx) replaceUse(before, after billing.Usage) {
	if before.Version == 0 {
		tx.put(usageFrom(after), absent)
		return
	}
	tx.put(usageFrom(after), sameVersion(before.Version))
	switch {
	case !before.Hour.Equal(after.Hour):
		tx.put(hourFrom(before), condition{})
	case !before.Cycle.Equal(after.Cycle):
		// The hour in which a cycle ends has two rows; that of the old cycle
		// comes first.
		last := hourFrom(before)
		last.key = hourKey(before.Profile, before.Hour.Add(-time.Millisecond))
		tx.put(last, condition{})
	}
}

// CloseUse removes the usage of a profile, which the caller charges to its
// owner. It fails if the usage has changed since u was read.
func (tx *Tx) CloseUse(p value.ProfileID, u billing.Usage) {
	tx.delete(usageKey(p), usedAsRead(u))
}

// ForgetUse removes the usage of a profile whose owner is deleted, without a
// condition.
func (tx *Tx) ForgetUse(p value.ProfileID) { tx.delete(usageKey(p), condition{}) }

// MoveUse replaces the usage of a profile by that at its new owner. The caller
// charges the former usage to the former owner. It fails if the usage has
// changed since was was read.
func (tx *Tx) MoveUse(p value.ProfileID, was, is billing.Usage) {
	if was.Version == 0 {
		tx.check(usageKey(p), absent)
		return
	}
	tx.replaceUse(was, is)
}

// SuspendUse suspends reports of a profile until a time, so that a caller that
// needs its exact usage can read it and write.
func (tx *Tx) SuspendUse(p value.ProfileID, until time.Time) {
	tx.update(
		usageKey(p),
		"SET #suspended = :until, #version = #version + :one",
		item{":until": number(millis(until)), ":one": number(1)},
		exists,
	)
}

// HoldUse has reports wait for the one that calls it, until a time or until it
// has replaced the usage. It reports false if another one holds the usage, or
// reports are suspended.
func (s *Store) HoldUse(
	ctx context.Context, p value.ProfileID, until, now time.Time,
) (bool, error) {
	return s.updateOne(
		ctx,
		usageKey(p),
		"SET #held = :until, #version = #version + :one",
		"attribute_exists(PK) AND (attribute_not_exists(#held) OR #held <= :now) AND "+
			"(attribute_not_exists(#suspended) OR #suspended <= :now)",
		item{":until": number(millis(until)), ":one": number(1), ":now": number(millis(now))},
	)
}

func usedAsRead(u billing.Usage) condition {
	if u.Version == 0 {
		return absent
	}
	return sameVersion(u.Version)
}

// raiseQuota raises the version of a quota. The version of a profile and the
// one in its usage are raised in the same commits, so that they are the same.
const raiseQuota = "#quota = if_not_exists(#quota, :none) + :one, "

// holdUse requires that a profile, whose usage was read as u, has used at most
// limits, in parts of a unit. Counters from a cycle before the one that began
// at cycle count as 0. Concurrent reports that stay within the limits do not
// make it fail. Reports that rely on an earlier quota are not counted any more.
func (tx *Tx) holdUse(
	p value.ProfileID,
	u billing.Usage,
	cycle time.Time,
	limits map[plan.Service]int64,
) {
	if u.Version == 0 {
		// The first report requires that the profile is as it was read.
		tx.check(usageKey(p), absent)
		return
	}
	values := item{":cycle": number(millis(cycle))}
	var counters, levels []string
	for _, s := range plan.Services() {
		n, held := limits[s]
		if !held {
			continue
		}
		name := s.String()
		values[":"+name] = number(n)
		if s.Counting() == plan.CountingMonthly {
			counters = append(counters, "#used.#"+name+" <= :"+name)
		} else {
			levels = append(levels, "#used.#"+name+" <= :"+name)
		}
	}
	expression := strings.Join(levels, " AND ")
	switch past := "#cycle < :cycle OR (" + strings.Join(counters, " AND ") + ")"; {
	case counters == nil:
		delete(values, ":cycle")
	case levels == nil:
		expression = past // parentheses around parentheses are an error
	default:
		expression += " AND (" + past + ")"
	}
	tx.update(
		usageKey(p),
		"SET "+raiseQuota+"#version = #version + :one",
		item{":one": number(1), ":none": number(0)},
		condition{expression, values, problem.ErrConflict},
	)
}

// quotaOf is the condition that the usage has noted this version of the quota.
// Usage from before quotas had versions has the version 0.
func quotaOf(version int64) (string, types.AttributeValue) {
	if version == 0 {
		return "(attribute_not_exists(#quota) OR #quota = :quota)", number(0)
	}
	return "#quota = :quota", number(version)
}

// addUsage adds the additions of a usage update, if there is still headroom for
// them after concurrent reports.
func (tx *Tx) addUsage(p tenancy.Profile, t billing.UsageUpdate) {
	a := additionOf(p, t)
	tx.update(usageKey(p.ID), a.expression(), a.values, condition{
		strings.Join(a.conditions, " AND "), a.bounds, problem.ErrConflict,
	})
}

// addition is an update of a usage item by what was added, with the condition
// that there is still headroom for it after concurrent reports.
type addition struct {
	set        []string
	values     item
	conditions []string
	bounds     item // values of the conditions
}

func (a addition) expression() string { return "SET " + strings.Join(a.set, ", ") }

func additionOf(p tenancy.Profile, t billing.UsageUpdate) addition {
	quota, version := quotaOf(t.After.Quota)
	a := addition{
		[]string{"#updated = :updated", "#version = #version + :one"},
		item{":updated": number(millis(t.After.Updated)), ":one": number(1)},
		[]string{
			"#cycle = :cycle AND #hour = :hour", quota,
			"attribute_not_exists(#suspended) AND attribute_not_exists(#held)",
		},
		item{
			":cycle": number(millis(t.After.Cycle)), ":hour": number(millis(t.After.Hour)),
			":quota": version,
		},
	}
	for _, s := range plan.Services() {
		name, n := s.String(), t.Added[s]
		if n != 0 {
			a.set = append(a.set, "#used.#"+name+" = #used.#"+name+" + :"+name)
			a.values[":"+name] = number(n)
			if n > 0 {
				a.conditions = append(
					a.conditions, "#used.#"+name+" <= :room_"+name, unstopped(s))
				a.bounds[":room_"+name] = number(t.Headroom(s, p.Allocation[s]))
			} else {
				a.conditions = append(a.conditions, "#used.#"+name+" >= :least_"+name)
				a.bounds[":least_"+name] = number(-n)
			}
		}
		if n := t.AddedOver[s]; n != 0 {
			a.set = append(a.set, "#over.#"+name+" = #over.#"+name+" + :over_"+name)
			a.values[":over_"+name] = number(n)
			a.conditions = append(a.conditions,
				"#used.#"+name+" >= :full_"+name+" AND #over.#"+name+" <= :above_"+name,
				unstopped(s))
			a.bounds[":full_"+name] = number(t.After.Used[s])
			a.bounds[":above_"+name] = number(t.HeadroomOver(s))
		}
		if was, is := t.Before.Alerts[s], t.After.Alerts[s]; was != is {
			a.set = append(a.set, "#alerts.#"+name+" = :alert_"+name)
			a.values[":alert_"+name] = passedValue(is)
			// A level may have fallen since it was read, and then has not
			// passed the threshold of the alert.
			a.conditions = append(
				a.conditions,
				"#alerts.#"+name+" = :said_"+name,
				"#used.#"+name+" >= :known_"+name,
			)
			a.bounds[":known_"+name] = number(t.Before.Used[s])
			a.bounds[":said_"+name] = passedValue(was)
		}
	}
	return a
}

func passedValue(p billing.Passed) types.AttributeValue {
	return &types.AttributeValueMemberM{
		Value: item{"percent": number(p.Percent), "limit": number(p.Limit)},
	}
}

// unstopped is the condition that no alert stops a service.
func unstopped(s plan.Service) string { return "attribute_not_exists(#stops.#" + s.String() + ")" }

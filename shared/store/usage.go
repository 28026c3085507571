package store

import (
	"context"
	"iter"
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

const (
	kindUsage     Kind = "usage"
	kindUsageHour Kind = "usage-hour"
)

const hourPrefix = "H#"

func usageKey(p value.ProfileID) key { return key{kindUsage, "P#" + string(p), "U"} }

func hourKey(p value.ProfileID, hour time.Time) key {
	return key{kindUsageHour, "P#" + string(p), hourPrefix + sortable(hour)}
}

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
	TTL       int64                     `dynamodbav:"ttl,omitempty"`
}

type alertAttribute struct {
	Percent int64 `dynamodbav:"percent"`
	Limit   int64 `dynamodbav:"limit"`
}

func usageFrom(u billing.Usage) usageItem {
	i := usageItem{usageKey(u.Profile), usageAttributes{
		Profile: string(u.Profile), Cycle: millis(u.Cycle),
		Hour: millis(u.Hour), Used: u.Used.Map(), Suspended: millis(u.Suspended),
		Parts: dividedUnits(), Alerts: map[string]alertAttribute{}, Updated: millis(u.Updated),
		Version: u.Version, Quota: u.Quota, Reached: reachedFrom(u.Reached),
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

// hourFrom returns the row of the history for the end of an hour.
func hourFrom(u billing.Usage) usageItem {
	i := usageFrom(u)
	i.key, i.Alerts, i.Quota = hourKey(u.Profile, u.Hour), nil, 0
	i.Reached, i.Stops = nil, nil
	i.TTL = u.Hour.AddDate(0, billing.UsageHistoryMonths, 0).Unix()
	return i
}

func (i usageItem) value() billing.Usage { return i.usageAttributes.value() }

func (i usageAttributes) value() billing.Usage {
	u := billing.Usage{
		Profile: value.ProfileID(i.Profile), Cycle: fromMillis(i.Cycle), Hour: fromMillis(i.Hour),
		Used: plan.AmountsFrom(i.Used), Suspended: fromMillis(i.Suspended),
		Coarse: i.Parts == nil, Updated: fromMillis(i.Updated), Version: i.Version, Quota: i.Quota,
		Over: plan.AmountsFrom(i.Over), Reached: reachedOf(i.Reached),
		Stops: billing.ServicesOf(slices.Collect(maps.Keys(i.Stops))),
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
	set := []string{"#updated = :updated", "#version = #version + :one"}
	values := item{":updated": number(millis(t.After.Updated)), ":one": number(1)}
	quota, version := quotaOf(t.After.Quota)
	conditions := []string{
		"#cycle = :cycle AND #hour = :hour AND attribute_not_exists(#suspended)", quota,
	}
	bounds := item{
		":cycle": number(millis(t.After.Cycle)), ":hour": number(millis(t.After.Hour)),
		":quota": version,
	}
	for _, s := range plan.Services() {
		name, n := s.String(), t.Added[s]
		if n != 0 {
			set = append(set, "#used.#"+name+" = #used.#"+name+" + :"+name)
			values[":"+name] = number(n)
			if n > 0 {
				conditions = append(conditions, "#used.#"+name+" <= :room_"+name, unstopped(s))
				bounds[":room_"+name] = number(t.Headroom(s, p.Allocation[s]))
			} else {
				conditions = append(conditions, "#used.#"+name+" >= :least_"+name)
				bounds[":least_"+name] = number(-n)
			}
		}
		if n := t.AddedOver[s]; n != 0 {
			set = append(set, "#over.#"+name+" = #over.#"+name+" + :over_"+name)
			values[":over_"+name] = number(n)
			conditions = append(conditions,
				"#used.#"+name+" >= :full_"+name+" AND #over.#"+name+" <= :above_"+name,
				unstopped(s))
			bounds[":full_"+name] = number(t.After.Used[s])
			bounds[":above_"+name] = number(t.HeadroomOver(s))
		}
		if was, is := t.Before.Alerts[s], t.After.Alerts[s]; was != is {
			set = append(set, "#alerts.#"+name+" = :alert_"+name)
			values[":alert_"+name] = tx.value(alertAttribute(is))
			// A level may have fallen since it was read, and then has not
			// passed the threshold of the alert.
			conditions = append(
				conditions,
				"#alerts.#"+name+" = :said_"+name,
				"#used.#"+name+" >= :known_"+name,
			)
			bounds[":known_"+name] = number(t.Before.Used[s])
			bounds[":said_"+name] = tx.value(alertAttribute(was))
		}
	}
	tx.update(
		usageKey(p.ID),
		"SET "+strings.Join(set, ", "),
		values,
		condition{strings.Join(conditions, " AND "), bounds, problem.ErrConflict},
	)
}

// unstopped is the condition that no alert stops a service.
func unstopped(s plan.Service) string { return "attribute_not_exists(#stops.#" + s.String() + ")" }

// Hours reads the usage of a profile at the end of each hour in a time span,
// oldest first. The first entry is the last one before the span, if there is
// any; it is read at the same time as the others.
func (s *Store) Hours(
	ctx context.Context,
	p value.ProfileID,
	from, to time.Time,
) ([]billing.Usage, error) {
	pk := profileKey(p).PK
	before := make(chan error, 1)
	var last []billing.Usage
	go func() {
		for u, err := range decoded(s.query(ctx, span{
			pk: pk, from: hourPrefix, to: hourPrefix + sortable(from.Add(-time.Millisecond)),
			newestFirst: true, pageSize: 1,
		}), usageItem.value) {
			if err == nil {
				last = append(last, u)
			}
			before <- err
			return
		}
		before <- nil
	}()
	var within []billing.Usage
	var failed error
	for u, err := range s.hours(ctx, pk, from, to) {
		if failed = err; err != nil {
			break
		}
		within = append(within, u)
	}
	if err := <-before; err != nil {
		return nil, err
	}
	return append(last, within...), failed
}

func (s *Store) hours(
	ctx context.Context,
	pk string,
	from, to time.Time,
) iter.Seq2[billing.Usage, error] {
	return decoded(s.query(ctx, span{
		pk: pk, from: hourPrefix + sortable(from),
		to: hourPrefix + sortable(to.Add(-time.Millisecond)),
	}), usageItem.value)
}

// lastHours is how many hours are read before a time. The last one may have
// reports after the time, and the one before may have two rows, as a cycle can
// end within it.
const lastHours = 3

// LastHours reads the usage of a profile at the end of the last hours before a
// time, oldest first. One of them is the last without reports after the time,
// if there is any.
func (s *Store) LastHours(
	ctx context.Context, p value.ProfileID, before time.Time,
) (hours []billing.Usage, err error) {
	q := span{
		pk: profileKey(p).PK, from: hourPrefix,
		to:          hourPrefix + sortable(before.Add(-time.Millisecond)),
		newestFirst: true, pageSize: lastHours,
	}
	for u, err := range decoded(s.query(ctx, q), usageItem.value) {
		if err != nil {
			return nil, err
		}
		if hours = append(hours, u); len(hours) == lastHours {
			break
		}
	}
	slices.Reverse(hours)
	return hours, nil
}

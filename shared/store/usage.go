package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// usageItem is what a profile has used, and in the form of an hour what it had used at the end of that.
type usageItem struct {
	key
	Profile   string                    `dynamodbav:"profile"`
	Cycle     int64                     `dynamodbav:"cycle"`
	Hour      int64                     `dynamodbav:"hour"`
	Used      map[string]int64          `dynamodbav:"used"`
	Parts     map[string]int64          `dynamodbav:"parts,omitempty"` // into how many a unit is divided in Used, where not one
	Alerts    map[string]alertAttribute `dynamodbav:"alerts,omitempty"`
	Updated   int64                     `dynamodbav:"updated"`
	Version   int64                     `dynamodbav:"version"`
	Suspended int64                     `dynamodbav:"suspended,omitempty"`
	TTL       int64                     `dynamodbav:"ttl,omitempty"`
}

type alertAttribute struct {
	Percent int64 `dynamodbav:"percent"`
	Limit   int64 `dynamodbav:"limit"`
}

func usageFrom(u tenancy.Usage) usageItem {
	i := usageItem{
		key: usageKey(u.Profile), Profile: string(u.Profile), Cycle: millis(u.Cycle), Hour: millis(u.Hour), Used: u.Used.Map(),
		Suspended: millis(u.Suspended), Parts: dividedUnits(), Alerts: map[string]alertAttribute{}, Updated: millis(u.Updated), Version: u.Version,
	}
	for _, s := range plan.Services() {
		i.Alerts[s.String()] = alertAttribute(u.Alerts[s])
	}
	return i
}

// hourFrom is the row that history has of what was used at the end of an hour.
func hourFrom(u tenancy.Usage) usageItem {
	i := usageFrom(u)
	i.key, i.Alerts, i.TTL = hourKey(u.Profile, u.Hour), nil, u.Hour.AddDate(0, tenancy.UsageHistoryMonths, 0).Unix()
	return i
}

func (i usageItem) value() tenancy.Usage {
	u := tenancy.Usage{
		Profile: value.ProfileID(i.Profile), Cycle: fromMillis(i.Cycle), Hour: fromMillis(i.Hour), Used: plan.AmountsFrom(i.Used),
		Suspended: fromMillis(i.Suspended), Coarse: i.Parts == nil,
		Updated: fromMillis(i.Updated), Version: i.Version,
	}
	for _, s := range plan.Services() {
		u.Alerts[s] = tenancy.Alert(i.Alerts[s.String()])
		if i.Parts == nil {
			u.Used[s] = divided(s, u.Used[s])
		}
	}
	return u
}

// dividedUnits are the services that are counted in fractions.
func dividedUnits() map[string]int64 {
	parts := map[string]int64{}
	for _, s := range plan.Services() {
		if n := s.Parts(); n > 1 {
			parts[s.String()] = n
		}
	}
	return parts
}

// divided returns in parts what an item says that does not say into how many parts it divides a unit: minutes of analysis were counted in
// hundredths then, everything else in whole units.
func divided(s plan.Service, n int64) int64 {
	if s == plan.ServiceAnalysis {
		return n
	}
	return n * s.Parts()
}

// eventItem remembers the answer to a line, so that it counts once.
type eventItem struct {
	key
	Service  string `dynamodbav:"service"`
	Kind     string `dynamodbav:"kind,omitempty"`
	Parts    int64  `dynamodbav:"parts,omitempty"`
	Admitted bool   `dynamodbav:"admitted"`
	Used     int64  `dynamodbav:"used"`
	Limit    int64  `dynamodbav:"limit"`
	Reset    int64  `dynamodbav:"reset,omitempty"`
	Amount   int64  `dynamodbav:"amount"`
	Happened int64  `dynamodbav:"happened"`
	TTL      int64  `dynamodbav:"ttl"`
}

func (i eventItem) value() tenancy.UsageAnswer {
	service, _ := plan.ParseService(i.Service)
	a := tenancy.UsageAnswer{
		Service: service, Kind: tenancy.LineKind(i.Kind), Admitted: i.Admitted, Used: i.Used, Limit: i.Limit, Reset: fromMillis(i.Reset),
	}
	if i.Parts == 0 {
		a.Used, a.Limit = divided(service, a.Used), divided(service, a.Limit)
	}
	return a
}

// Usage asks for what a profile has used.
func (b *Batch) Usage(p value.ProfileID) *Found[tenancy.Usage] {
	return want(b, usageKey(p), usageItem.value)
}

// UsageEvent asks for the answer that a line was given before.
func (b *Batch) UsageEvent(p value.ProfileID, event string) *Found[tenancy.UsageAnswer] {
	return want(b, eventKey(p, event), eventItem.value)
}

// Report counts lines for a profile that was read at p.Version: each event once, and nothing that does not fit. It fails with
// tenancy.ErrConflict when something else was reported or allocated since, so that it has to be tallied anew. Additions of several callers
// do not disturb each other as long as there is room for all.
func (tx *Tx) Report(p tenancy.Profile, lines []tenancy.UsageLine, t tenancy.UsageUpdate, now time.Time) {
	for i, line := range lines {
		a := t.Answers[i]
		tx.put(eventItem{
			key: eventKey(p.ID, line.Event), Service: line.Service.String(), Kind: string(a.Kind), Parts: line.Service.Parts(), Admitted: a.Admitted, Used: a.Used, Limit: a.Limit, Reset: millis(a.Reset),
			Amount: line.Amount, Happened: millis(line.Time), TTL: now.Add(tenancy.UsageEventLife).Unix(),
		}, absent)
	}
	tx.check(profileKey(p.ID), sameVersion(p.Version))
	switch {
	case t.Absolute:
		tx.replaceUse(t.Before, t.After)
	case t.Added != plan.Amounts{} || t.Before.Alerts != t.After.Alerts:
		tx.addUsage(p, t)
	}
}

// replaceUse puts use in the place of what was read before. What was used at the end of an hour that is over, or of a cycle, is kept.
func (tx *Tx) replaceUse(before, after tenancy.Usage) {
	if before.Version == 0 {
		tx.put(usageFrom(after), absent)
		return
	}
	tx.put(usageFrom(after), sameVersion(before.Version))
	switch {
	case !before.Hour.Equal(after.Hour):
		tx.put(hourFrom(before), condition{})
	case !before.Cycle.Equal(after.Cycle):
		// The hour in which a cycle ends has two rows: that of the old one comes first.
		last := hourFrom(before)
		last.key = hourKey(before.Profile, before.Hour.Add(-time.Millisecond))
		tx.put(last, condition{})
	}
}

// CloseUse forgets what a profile has used, for good, if it is what was read: it becomes a charge of its owner.
func (tx *Tx) CloseUse(p value.ProfileID, u tenancy.Usage) {
	tx.delete(usageKey(p), usedAsRead(u))
}

// ForgetUse is CloseUse for a profile whose owner is gone.
func (tx *Tx) ForgetUse(p value.ProfileID) { tx.delete(usageKey(p), condition{}) }

// MoveUse lets the use of a profile go on with another owner, if it is what was read: it becomes a charge of the old one.
func (tx *Tx) MoveUse(p value.ProfileID, was, is tenancy.Usage) {
	if was.Version == 0 {
		tx.check(usageKey(p), absent)
		return
	}
	tx.replaceUse(was, is)
}

// SuspendUse makes reports of a profile wait until a time, so that whoever must know what it has used to the unit can read that and write.
func (tx *Tx) SuspendUse(p value.ProfileID, until time.Time) {
	tx.update(usageKey(p), "SET #suspended = :until, #version = #version + :one", item{":until": number(millis(until)), ":one": number(1)}, exists)
}

func usedAsRead(u tenancy.Usage) condition {
	if u.Version == 0 {
		return absent
	}
	return sameVersion(u.Version)
}

// HoldUse requires that a profile has used no more of some services than limits says, in parts of a unit. Counters of a cycle before the one
// that began at cycle count for nothing. Reports that stay within that do not disturb it.
func (tx *Tx) HoldUse(p value.ProfileID, cycle time.Time, limits map[plan.Service]int64) {
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
	tx.check(usageKey(p), condition{expression, values, problem.ErrConflict}.orAbsent())
}

// addUsage adds what a tally added, if there is room for it whatever others have added meanwhile.
func (tx *Tx) addUsage(p tenancy.Profile, t tenancy.UsageUpdate) {
	set := []string{"#updated = :updated", "#version = #version + :one"}
	values := item{":updated": number(millis(t.After.Updated)), ":one": number(1)}
	conditions := []string{"#cycle = :cycle AND #hour = :hour AND attribute_not_exists(#suspended)"}
	bounds := item{":cycle": number(millis(t.After.Cycle)), ":hour": number(millis(t.After.Hour))}
	for _, s := range plan.Services() {
		name, n := s.String(), t.Added[s]
		if n != 0 {
			set = append(set, "#used.#"+name+" = #used.#"+name+" + :"+name)
			values[":"+name] = number(n)
			if n > 0 {
				conditions = append(conditions, "#used.#"+name+" <= :room_"+name)
				bounds[":room_"+name] = number(t.Headroom(s, p.Allocation[s]))
			} else {
				conditions = append(conditions, "#used.#"+name+" >= :least_"+name)
				bounds[":least_"+name] = number(-n)
			}
		}
		if was, is := t.Before.Alerts[s], t.After.Alerts[s]; was != is {
			set = append(set, "#alerts.#"+name+" = :alert_"+name)
			values[":alert_"+name] = tx.value(alertAttribute(is))
			// A level may have fallen since it was read, and then has not passed what is told of it.
			conditions = append(conditions, "#alerts.#"+name+" = :said_"+name, "#used.#"+name+" >= :known_"+name)
			bounds[":known_"+name] = number(t.Before.Used[s])
			bounds[":said_"+name] = tx.value(alertAttribute(was))
		}
	}
	tx.update(usageKey(p.ID), "SET "+strings.Join(set, ", "), values, condition{strings.Join(conditions, " AND "), bounds, problem.ErrConflict})
}

// Hours reads what a profile had used at the end of each hour in a span of time, oldest first. The first entry is the last one before the
// span, if there is any. Both are read at the same time.
func (s *Store) Hours(ctx context.Context, p value.ProfileID, from, to time.Time) ([]tenancy.Usage, error) {
	pk := profileKey(p).PK
	before := make(chan error, 1)
	var last []tenancy.Usage
	go func() {
		for u, err := range decoded(s.query(ctx, span{
			pk: pk, from: hourPrefix, to: hourPrefix + sortable(from.Add(-time.Millisecond)), newestFirst: true, pageSize: 1,
		}), usageItem.value) {
			if err == nil {
				last = append(last, u)
			}
			before <- err
			return
		}
		before <- nil
	}()
	var within []tenancy.Usage
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

func (s *Store) hours(ctx context.Context, pk string, from, to time.Time) iter.Seq2[tenancy.Usage, error] {
	return decoded(s.query(ctx, span{
		pk: pk, from: hourPrefix + sortable(from), to: hourPrefix + sortable(to.Add(-time.Millisecond)),
	}), usageItem.value)
}

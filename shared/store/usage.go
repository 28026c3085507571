package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"profiles/shared/tenancy"
)

// usageItem is what a profile has used, and in the form of an hour what it had used at the end of that.
type usageItem struct {
	key
	Profile string                    `dynamodbav:"profile"`
	Cycle   int64                     `dynamodbav:"cycle"`
	Hour    int64                     `dynamodbav:"hour"`
	Used    map[string]int64          `dynamodbav:"used"`
	Alerts  map[string]alertAttribute `dynamodbav:"alerts,omitempty"`
	Updated int64                     `dynamodbav:"updated"`
	Version int64                     `dynamodbav:"version"`
	TTL     int64                     `dynamodbav:"ttl,omitempty"`
}

type alertAttribute struct {
	Percent int64 `dynamodbav:"percent"`
	Limit   int64 `dynamodbav:"limit"`
}

func usageFrom(u tenancy.Usage) usageItem {
	i := usageItem{
		key: usageKey(u.Profile), Profile: string(u.Profile), Cycle: millis(u.Cycle), Hour: millis(u.Hour), Used: u.Used.Map(),
		Alerts: map[string]alertAttribute{}, Updated: millis(u.Updated), Version: u.Version,
	}
	for _, s := range tenancy.Services() {
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
		Profile: tenancy.ProfileID(i.Profile), Cycle: fromMillis(i.Cycle), Hour: fromMillis(i.Hour), Used: tenancy.AmountsFrom(i.Used),
		Updated: fromMillis(i.Updated), Version: i.Version,
	}
	for _, s := range tenancy.Services() {
		u.Alerts[s] = tenancy.Alert(i.Alerts[s.String()])
	}
	return u
}

// eventItem remembers the answer to a line, so that it counts once.
type eventItem struct {
	key
	Service  string `dynamodbav:"service"`
	Admitted bool   `dynamodbav:"admitted"`
	Used     int64  `dynamodbav:"used"`
	Limit    int64  `dynamodbav:"limit"`
	Reset    int64  `dynamodbav:"reset,omitempty"`
	Amount   int64  `dynamodbav:"amount"`
	Happened int64  `dynamodbav:"happened"`
	TTL      int64  `dynamodbav:"ttl"`
}

func (i eventItem) value() tenancy.UsageAnswer {
	service, _ := tenancy.ParseService(i.Service)
	return tenancy.UsageAnswer{Service: service, Admitted: i.Admitted, Used: i.Used, Limit: i.Limit, Reset: fromMillis(i.Reset)}
}

// Usage asks for what a profile has used.
func (b *Batch) Usage(p tenancy.ProfileID) *Found[tenancy.Usage] {
	return want(b, usageKey(p), usageItem.value)
}

// UsageEvent asks for the answer that a line was given before.
func (b *Batch) UsageEvent(p tenancy.ProfileID, event string) *Found[tenancy.UsageAnswer] {
	return want(b, eventKey(p, event), eventItem.value)
}

// Report counts lines for a profile that was read at p.Version: each event once, and nothing that does not fit. It fails with
// tenancy.ErrConflict when something else was reported or allocated since, so that it has to be tallied anew. Additions of several callers
// do not disturb each other as long as there is room for all.
func (tx *Tx) Report(p tenancy.Profile, lines []tenancy.UsageLine, t tenancy.Tally, now time.Time) {
	for i, line := range lines {
		a := t.Answers[i]
		tx.put(eventItem{
			key: eventKey(p.ID, line.Event), Service: line.Service.String(), Admitted: a.Admitted, Used: a.Used, Limit: a.Limit, Reset: millis(a.Reset),
			Amount: line.Amount, Happened: millis(line.Time), TTL: now.Add(tenancy.UsageEventLife).Unix(),
		}, absent)
	}
	tx.check(profileKey(p.ID), sameVersion(p.Version))
	switch {
	case t.Absolute && t.Before.Version == 0:
		tx.put(usageFrom(t.After), absent)
	case t.Absolute:
		tx.put(usageFrom(t.After), sameVersion(t.Before.Version))
		switch {
		case !t.Before.Hour.Equal(t.After.Hour):
			tx.put(hourFrom(t.Before), condition{})
		case !t.Before.Cycle.Equal(t.After.Cycle):
			// The hour in which a cycle ends has two rows: that of the old one comes first.
			last := hourFrom(t.Before)
			last.key = hourKey(t.Before.Profile, t.Before.Hour.Add(-time.Millisecond))
			tx.put(last, condition{})
		}
	case t.Added != tenancy.Amounts{} || t.Before.Alerts != t.After.Alerts:
		tx.addUsage(p, t)
	}
}

// addUsage adds what a tally added, if there is room for it whatever others have added meanwhile.
func (tx *Tx) addUsage(p tenancy.Profile, t tenancy.Tally) {
	set := []string{"#updated = :updated", "#version = #version + :one"}
	values := item{":updated": number(millis(t.After.Updated)), ":one": number(1)}
	conditions := []string{"#cycle = :cycle AND #hour = :hour"}
	bounds := item{":cycle": number(millis(t.After.Cycle)), ":hour": number(millis(t.After.Hour))}
	for _, s := range tenancy.Services() {
		name, n := s.String(), t.Added[s]
		if n != 0 {
			set = append(set, "#used.#"+name+" = #used.#"+name+" + :"+name)
			values[":"+name] = number(n)
			if n > 0 {
				conditions = append(conditions, "#used.#"+name+" <= :room_"+name)
				bounds[":room_"+name] = number(t.Room(s, p.Allocation[s]))
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
	tx.update(usageKey(p.ID), "SET "+strings.Join(set, ", "), values, condition{strings.Join(conditions, " AND "), bounds, tenancy.ErrConflict})
}

// Hours reads what a profile had used at the end of each hour in a span of time, oldest first. The first entry is the last one before the
// span, if there is any. Both are read at the same time.
func (s *Store) Hours(ctx context.Context, p tenancy.ProfileID, from, to time.Time) ([]tenancy.Usage, error) {
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

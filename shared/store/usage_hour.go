package store

import (
	"context"
	"iter"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/value"
)

const kindUsageHour Kind = "usage-hour"

const hourPrefix = "H#"

func hourKey(p value.ProfileID, hour time.Time) key {
	return key{kindUsageHour, "P#" + string(p), hourPrefix + sortable(hour)}
}

// hourFrom returns the row of the history for the end of an hour.
func hourFrom(u billing.Usage) usageItem {
	i := usageFrom(u)
	i.key, i.Alerts, i.Quota, i.Held = hourKey(u.Profile, u.Hour), nil, 0, 0
	i.Reached, i.Stops, i.receiptAttributes = nil, nil, receiptAttributes{}
	i.TTL = u.Hour.AddDate(0, billing.UsageHistoryMonths, 0).Unix()
	return i
}

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

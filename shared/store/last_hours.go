package store

import (
	"context"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/value"
)

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

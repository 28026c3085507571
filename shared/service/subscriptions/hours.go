package subscriptions

import (
	"context"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/value"
)

// longStep is the length of a step from which on reading the hours before its
// end costs less than reading all hours in it.
const longStep = 7 * 24 * time.Hour

// hours reads the usage that statistics of steps are made of: all hours in the
// span, or of long steps only those before the end of each.
func (s Usage) hours(
	ctx context.Context, id value.ProfileID, steps []time.Time, now time.Time,
) ([]billing.Usage, error) {
	first, last := steps[0], steps[len(steps)-1]
	if last.Sub(first) < longStep*time.Duration(len(steps)-1) {
		return s.Store.Hours(ctx, id, first, last)
	}
	// Of ends from before the history only the last one can have an hour that
	// is still there.
	oldest := now.AddDate(0, -billing.UsageHistoryMonths-1, 0)
	kept := slices.IndexFunc(steps, func(t time.Time) bool { return t.After(oldest) })
	if kept < 0 {
		kept = len(steps) - 1
	}
	steps = steps[kept:]
	found := make([][]billing.Usage, len(steps))
	reads := make([]func(context.Context) error, len(steps))
	for i, end := range steps {
		reads[i] = func(ctx context.Context) (err error) {
			found[i], err = s.Store.LastHours(ctx, id, end)
			return err
		}
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return nil, err
	}
	hours := slices.Concat(found...)
	slices.SortStableFunc(hours, func(a, b billing.Usage) int {
		return a.Updated.Compare(b.Updated)
	})
	return hours, nil
}

package store_test

import (
	"testing"
	"time"

	"profiles/shared/testkit"
)

// A span of time may be empty or before 1970, because clients choose it, as in
// GET /profile/{id}/statistics?date=1969-07-20 and GET
// /account/cost?month=1969-07. The result is empty, without an error.
func TestSpansWithoutAnything(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	date := func(y int, m time.Month, d int) time.Time {
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	for name, span := range map[string][2]time.Time{
		"before 1970":        {date(1969, time.July, 20), date(1969, time.July, 21)},
		"the first year":     {date(1, time.January, 1), date(1, time.February, 1)},
		"into 1970":          {date(1969, time.December, 31), date(1970, time.January, 2)},
		"empty":              {w.Now(), w.Now()},
		"of fourteen digits": {date(2286, time.November, 1), date(2286, time.December, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			if hours, err := w.Store.Hours(t.Context(), "p", span[0], span[1]); err != nil ||
				len(hours) != 0 {
				t.Errorf("Hours: got %v, %v, want none and no error", hours, err)
			}
			for charge, err := range w.Store.Charges(t.Context(), "a", span[0], span[1]) {
				t.Errorf("Charges: got %v, %v, want none and no error", charge, err)
			}
			snapshots, err := w.Store.Snapshots(t.Context(), "a", span[0], span[1])
			if err != nil ||
				len(snapshots) != 0 {
				t.Errorf("Snapshots: got %v, %v, want none and no error", snapshots, err)
			}
		})
	}
}

package billing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
)

func TestCycles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, anchor, now, start, end string }{
		{"the first moment of the first cycle", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z"},
		{"the last moment of the first cycle", "2026-01-15T10:00:00Z", "2026-02-15T09:59:59.999Z", "2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z"},
		{"the first moment of the second cycle", "2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z", "2026-02-15T10:00:00Z", "2026-03-15T10:00:00Z"},
		{"before the hour on the day of the turn", "2026-01-15T22:30:00Z", "2026-06-15T22:29:59Z", "2026-05-15T22:30:00Z", "2026-06-15T22:30:00Z"},
		{"over the end of a year", "2026-01-15T10:00:00Z", "2027-01-02T00:00:00Z", "2026-12-15T10:00:00Z", "2027-01-15T10:00:00Z"},
		{"from the end of January to that of February", "2026-01-31T10:00:00Z", "2026-02-28T09:59:59Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
		{"from the end of February back to that of March", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"},
		{"from the 31st to the 30th", "2026-01-31T10:00:00Z", "2026-04-01T00:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"},
		{"in a leap year February ends a day later", "2028-01-31T10:00:00Z", "2028-02-29T09:59:59Z", "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z"},
		{"and begins there", "2028-01-30T10:00:00Z", "2028-02-29T10:00:00Z", "2028-02-29T10:00:00Z", "2028-03-30T10:00:00Z"},
		{"the 29th of a leap year, in the next one", "2028-02-29T00:00:00Z", "2029-02-28T00:00:00Z", "2029-02-28T00:00:00Z", "2029-03-29T00:00:00Z"},
		{"the 29th of a leap year, in the next leap year", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2032-03-29T00:00:00Z"},
		{"a year that is no leap year, though 4 divides it", "2099-12-31T12:00:00Z", "2100-03-01T00:00:00Z", "2100-02-28T12:00:00Z", "2100-03-31T12:00:00Z"},
		{"a moment before there was a subscription", "2026-03-31T10:00:00Z", "2026-02-28T09:00:00Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
		{"an anchor from elsewhere counts in UTC", "2026-02-01T01:00:00+02:00", "2026-02-28T23:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T23:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			anchor, err := time.Parse(time.RFC3339, test.anchor)
			if err != nil {
				t.Fatal(err)
			}
			want := billing.Cycle{Start: rules.At(t, test.start), End: rules.At(t, test.end)}
			rules.Same(t, "the cycle", billing.CycleAt(anchor, rules.At(t, test.now)), want)
			rules.Same(t, "the account's", tenancy.Account{Subscription: billing.Subscription{
				Anchor: anchor}}.Cycle(rules.At(t, test.now)), want)
		})
	}
}

// moment draws a time, often one at the end of a month, with an hour of its
// own.
func moment(t *rapid.T, what string) time.Time {
	year, month := rapid.IntRange(2023, 2033).
		Draw(t, what+" year"),
		rapid.IntRange(1, 12).
			Draw(t, what+" month")
	d := rapid.OneOf(rapid.IntRange(1, 31), rapid.IntRange(28, 31)).Draw(t, what+" day")
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	ms := rapid.OneOf(rapid.SampledFrom([]int{0, 36e5, 86400e3 - 1}), rapid.IntRange(0, 86400e3-1)).
		Draw(t, what+" time")
	return time.Date(year, time.Month(month), min(d, last), 0, 0, 0, ms*1e6, time.UTC)
}

func TestCyclesMeetAndHoldTheirMoment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		anchor, now := moment(t, "anchor"), moment(t, "now")
		c := billing.CycleAt(anchor, now)
		if c.Start.After(now) || !now.Before(c.End) {
			t.Fatalf("got %v, which does not hold %v", c, now)
		}
		if length := c.End.Sub(c.Start); length < 28*day || length > 31*day || length%day != 0 {
			t.Fatalf("got %v, of %v", c, length)
		}
		next, before := billing.CycleAt(anchor, c.End), billing.CycleAt(anchor, c.Start.Add(-tick))
		if next.Start != c.End || before.End != c.Start {
			t.Fatalf("got %v between %v and %v", c, before, next)
		}
		if billing.CycleAt(anchor, c.Start) != c || billing.CycleAt(anchor, c.End.Add(-tick)) != c {
			t.Fatalf("the cycle is another one at its own ends: %v", c)
		}
		if h, m, s := c.Start.Clock(); h != anchor.Hour() || m != anchor.Minute() ||
			s != anchor.Second() ||
			c.Start.Nanosecond() != anchor.Nanosecond() {
			t.Fatalf("got %v of %v", c, anchor)
		}
		if d := c.Start.Day(); d != anchor.Day() &&
			(d > anchor.Day() || c.Start.AddDate(0, 0, 1).Day() != 1) {
			t.Fatalf("got %v of %v", c, anchor)
		}
		if got := billing.CycleAt(anchor, anchor); got.Start != anchor {
			t.Fatalf("the first cycle of %v begins at %v", anchor, got.Start)
		}
	})
}

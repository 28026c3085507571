package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/testkit"
)

// Statistics of months cost what is in them, and not what all their hours cost.
// They have the totals that the days have at the end of each month, also where
// a month ends within an hour.
func TestStatisticsOfMonthsReadTheEndOfEach(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.Advance(time.Date(2030, time.March, 27, 0, 10, 0, 0, time.UTC).Sub(w.Now()))
	for i := range 24 * 8 {
		sendUse(w, ana.Home,
			used(plan.ServiceInput, 1, fmt.Sprint("a", i)),
			stands(plan.ServiceDataRecords, float64(i+1), fmt.Sprint("b", i)),
		)
		w.Advance(35 * time.Minute)
		sendUse(w, ana.Home, used(plan.ServiceInput, 1, fmt.Sprint("c", i)))
		w.Advance(25 * time.Minute)
	}
	me := fresh(ana)
	for _, zone := range []string{"UTC", "Asia/Kolkata", "America/St_Johns"} {
		q := billing.StatisticsQuery{Start: "2029-06-01", End: "2030-05-01", Timezone: zone, Periodicity: "month"}
		days := q
		days.Periodicity = "day"
		for _, s := range []plan.Service{plan.ServiceInput, plan.ServiceDataRecords} {
			last := map[string]string{} // by month
			var months []string
			for _, point := range points(w, me, ana.Home, s, days) {
				at, use, _ := strings.Cut(point, "=")
				day, err := time.Parse("01-02T15:04", at)
				w.OK(err)
				// days begin before or after UTC's
				month := day.Add(14 * time.Hour).Month().String()
				if _, has := last[month]; !has {
					months = append(months, month)
				}
				last[month] = use
			}
			var got, want []string
			for _, point := range points(w, me, ana.Home, s, q) {
				_, use, _ := strings.Cut(point, "=")
				got = append(got, use)
			}
			for _, month := range months {
				want = append(want, last[month])
			}
			if !slices.Equal(got, want) || len(want) < 2 {
				t.Errorf("%s in %s: the months have %v, the days %v", s, zone, got, want)
			}
		}
	}
	read := func(periodicity string) float64 {
		w.Meter.Reset()
		q := billing.StatisticsQuery{Start: "2029-06-01", End: "2030-05-01", Periodicity: periodicity}
		points(w, me, ana.Home, plan.ServiceInput, q)
		return w.Meter.Reset().Reads
	}
	if months, days := read("month"), read("day"); months > 20 || days < months {
		t.Errorf("statistics of months cost %.1f units, and of days %.1f", months, days)
	}
}

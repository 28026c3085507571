package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// reading is what somebody has read of a profile.
type reading struct {
	profile tenancy.Profile
	usage   billing.Usage
}

// setAlerts changes alerts and soft limits as whoever has read r.
func (m *metered) setAlerts(r reading, change func(*tenancy.Profile)) error {
	p := r.profile
	change(&p)
	err := commit(m.w, func(tx *store.Tx) { tx.SetAlerts(p, r.usage) })
	if err == nil {
		p.Version++
		p.QuotaVersion++
		m.profile = p
	}
	return err
}

func (m *metered) reading() reading { return reading{m.profile, m.usage()} }

// drawAlert is an alert on one of the services, near a limit of ten.
func drawAlert(rt *rapid.T, i int, now time.Time, services []plan.Service) billing.Alert {
	s := rapid.SampledFrom(services).Draw(rt, "watched")
	stops := []billing.Stop{billing.StopNone, billing.StopService, billing.StopAll}
	a := billing.Alert{
		ID: billing.AlertID(fmt.Sprintf("%024d", i)), Service: s, Armed: now,
		Stop: rapid.SampledFrom(stops).Draw(rt, "stop"),
	}
	if rapid.Bool().Draw(rt, "follows the limit") {
		a.Percent = 10 * rapid.Int64Range(1, 14).Draw(rt, "percent")
	} else {
		a.Amount = rapid.Int64Range(1, 14).Draw(rt, "level") * s.Parts()
	}
	return a
}

// raise raises the allocation of a service as whoever has read r. Reports that
// rely on the lower one are counted.
func (m *metered) raise(r reading, s plan.Service) error {
	p := r.profile
	p.Allocation[s] += 2
	err := commit(m.w, func(tx *store.Tx) { tx.UpdateProfile(p, nil) })
	if err == nil {
		p.Version++
		m.profile = p
	}
	return err
}

// With alerts, stops and soft limits, too, reporters whose reading is out of
// date leave what those would leave that read anew, or are refused. Nothing is
// admitted above the threshold of a stop, nor of what is stopped, and an alert
// is reached once in a cycle.
func TestReportsBesideAlertsAreAsIfOneByOne(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	start := w.Now()
	rapid.Check(t, func(rt *rapid.T) {
		w.Advance(start.Sub(w.Now()))
		m := newMetered(w, 10)
		services := []plan.Service{plan.ServiceInput, plan.ServiceAnalysis, plan.ServiceRunUsers}
		readings := [3]reading{m.reading(), m.reading(), m.reading()}
		reached := map[string]bool{}
		steps := rapid.IntRange(1, 30).Draw(rt, "steps")
		for i := range steps {
			w.Advance(rapid.SampledFrom([]time.Duration{0, 0, 0, 0, 0, time.Hour, 31 * day}).
				Draw(rt, "later"))
			who := rapid.IntRange(0, len(readings)-1).Draw(rt, "who")
			if rapid.Bool().Draw(rt, "reads") {
				readings[who] = m.reading()
			}
			r, before := readings[who], m.usage()
			quota := m.profile.Quota()
			var err error
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				err = m.setAlerts(r, func(p *tenancy.Profile) {
					var full error
					alert := drawAlert(rt, i, w.Now(), services)
					if p.Alerts, full = p.Alerts.With(alert); full != nil {
						p.Alerts = nil
					}
				})
			case 1:
				err = m.setAlerts(r, func(p *tenancy.Profile) {
					one := rapid.SampledFrom(services).Draw(rt, "softened")
					p.Soft[one] = !p.Soft[one]
				})
			case 2:
				err = m.liftAll(rt, r)
			case 3:
				err = m.raise(r, rapid.SampledFrom(services).Draw(rt, "raised"))
			default:
				lines := drawLines(rt, i, services)
				fresh := before.Apply(quota, lines, w.Now())
				var update billing.UsageUpdate
				update, err = m.reportAs(r, lines)
				if err == nil {
					m.compare(rt, lines, update, fresh, before,
						r.profile.Version == m.profile.Version)
					for _, x := range update.Reached {
						at, _ := m.usage().Noted(x.Alert, m.profile.Quota())
						name := fmt.Sprint(m.usage().Cycle, x.Alert.ID, at.Armed, at.Threshold)
						if reached[name] {
							rt.Fatalf("the alert %s is reached twice", name)
						}
						reached[name] = true
					}
				}
			}
			if err != nil {
				if after := m.usage(); !errors.Is(err, problem.ErrConflict) ||
					!reflect.DeepEqual(before, after) {
					rt.Fatalf("got %v, and %+v after %+v", err, after, before)
				}
				if reflect.DeepEqual(r, m.reading()) {
					rt.Fatalf("refused, although nothing has changed since it was read: %+v", r)
				}
			}
			readings[who] = m.reading()
		}
	})
}

func drawLines(rt *rapid.T, i int, services []plan.Service) (lines []billing.UsageLine) {
	for j := range rapid.IntRange(1, 3).Draw(rt, "lines") {
		s := rapid.SampledFrom(services).Draw(rt, "service")
		l := line(s, rapid.Int64Range(1, 5).Draw(rt, "amount")*s.Parts(), fmt.Sprint(i, " ", j))
		if s.Counting() == plan.CountingLevel {
			switch rapid.IntRange(0, 3).Draw(rt, "how") {
			case 0:
				l.Amount = -l.Amount
			case 1:
				l.Set, l.Amount = true, l.Amount*3
			}
		}
		lines = append(lines, l)
	}
	return lines
}

func (m *metered) reportAs(r reading, lines []billing.UsageLine) (billing.UsageUpdate, error) {
	update := r.usage.Apply(r.profile.Quota(), lines, m.w.Now())
	return update, commit(m.w, func(tx *store.Tx) {
		tx.Report(r.profile, lines, update, nil, m.w.Now())
	})
}

// liftAll lifts one of the stops, if there is one.
func (m *metered) liftAll(rt *rapid.T, r reading) error {
	for _, a := range r.profile.Alerts {
		lifted, err := r.usage.Lift(a, r.profile.Quota(), m.w.Now())
		if err == nil {
			return commit(m.w, func(tx *store.Tx) { tx.LiftStop(r.profile, r.usage, lifted) })
		}
	}
	return nil
}

// compare requires that a report has left what it would have left if it had
// read the usage before. What is within a limit that was raised since, and so
// not current, may still be counted above it.
func (m *metered) compare(
	rt *rapid.T, lines []billing.UsageLine, update, fresh billing.UsageUpdate,
	before billing.Usage, current bool,
) {
	after, quota := m.usage(), m.profile.Quota()
	for k := range lines {
		a, b := update.Answers[k], fresh.Answers[k]
		if a.Admitted && !b.Admitted {
			rt.Fatalf("%+v is admitted, and not by those who read anew: %+v", lines[k], before)
		}
		if !a.Admitted && b.Admitted {
			return // it did not fit when it was read
		}
	}
	total := after.Used.Plus(after.Over)
	if total != fresh.After.Used.Plus(fresh.After.Over) ||
		current && after.Used != fresh.After.Used ||
		after.Stops != fresh.After.Stops && after.Version != before.Version {
		rt.Fatalf("after %v of %+v:\ngot  %+v\nwant %+v", lines, before, after, fresh.After)
	}
	for _, s := range plan.Services() {
		if s.Counting() == plan.CountingMonthly && after.Used[s] > quota.Allocation[s]*s.Parts() {
			rt.Fatalf("%s: used %d, above the limit", s, after.Used[s])
		}
	}
	for _, a := range quota.Alerts {
		now := before.Now(quota, m.w.Now())
		_, noted := now.Noted(a, quota)
		total := after.Used[a.Service] + after.Over[a.Service]
		was := now.Used[a.Service] + now.Over[a.Service]
		if most := a.Threshold(quota.Allocation); a.Stop != billing.StopNone && !noted &&
			total > most && total > was && a.Service.Counting() == plan.CountingMonthly {
			rt.Fatalf("%s: used %d, above the stop at %d", a.Service, total, most)
		}
	}
}

// A report that read the usage before a stop adds nothing to what is stopped.
func TestAReportThatReadBeforeAStopIsRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 100)
	m.count(line(plan.ServiceSMS, 1, "first"), line(plan.ServiceInput, 1, "input"))
	w.OK(m.setAlerts(m.reading(), func(p *tenancy.Profile) {
		p.Alerts = billing.Alerts{{
			ID: "a", Service: plan.ServiceSMS, Amount: 50, Stop: billing.StopAll, Armed: w.Now(),
		}}
	}))
	m.count(line(plan.ServiceSMS, 1, "knows the alert"))
	early := m.reading()
	update := m.count(line(plan.ServiceSMS, 60, "is stopped"))
	if update.Answers[0].Admitted || len(update.Reached) != 1 || !update.Reached[0].Refused {
		t.Fatalf("got %+v, want the alert reached by a line that is refused", update)
	}
	_, err := m.reportAs(early, []billing.UsageLine{line(plan.ServiceInput, 1, "of all")})
	w.Refused(err, problem.CodeConflict)
	if got := m.count(line(plan.ServiceInput, 1, "again")); got.Answers[0].Admitted {
		t.Error("the other service is admitted while all are stopped")
	}
	w.OK(m.liftAll(nil, m.reading()))
	if got := m.count(line(plan.ServiceSMS, 60, "after it")); !got.Answers[0].Admitted {
		t.Error("nothing is admitted after the stop was lifted")
	}
}

// Reports that have read the same usage are not all added when together they
// reach an alert, within the limit or above a soft one.
func TestReportsTogetherReachAnAlert(t *testing.T) {
	t.Parallel()
	for name, soft := range map[string]bool{"within the limit": false, "above a soft limit": true} {
		w := testkit.New(t)
		m := newMetered(w, 100)
		m.count(line(plan.ServiceInput, 1, "first"))
		w.OK(m.setAlerts(m.reading(), func(p *tenancy.Profile) {
			p.Soft[plan.ServiceInput] = soft
			threshold := int64(50)
			if soft {
				threshold = 150
			}
			p.Alerts = billing.Alerts{{
				ID: "a", Service: plan.ServiceInput, Amount: threshold, Armed: w.Now(),
			}}
		}))
		m.count(line(plan.ServiceInput, 1, "knows the alert"))
		if soft {
			m.count(line(plan.ServiceInput, 102, "begins above the limit"))
		}
		early := m.reading()
		m.count(line(plan.ServiceInput, 30, "one"))
		other := []billing.UsageLine{line(plan.ServiceInput, 30, "the other")}
		update, err := m.reportAs(early, other)
		if update.Absolute {
			t.Errorf("%s: the report rests on its reading, and not on what there is room for", name)
		}
		w.Refused(err, problem.CodeConflict)
		if got := m.count(other...); len(got.Reached) != 1 || !got.Answers[0].Admitted {
			t.Errorf("%s: got %+v, want the line admitted and the alert reached", name, got)
		}
	}
}

package seed

import (
	"context"
	"fmt"
	"math"
	"time"

	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/value"
)

// The profiles of the history without the mark: Nora's, and the last one
// Omar's.
const (
	greenhouse = "greenhouse"
	coldStore  = "cold store"
	vineyard   = "vineyard"
	archive    = "archive"
	orchard    = "orchard"
)

// limits are what Nora buys of the services; each is a tier.
var limits = map[plan.Service]int64{
	plan.ServiceInput:            10_000_000,
	plan.ServiceOutput:           18_000_000,
	plan.ServiceSMS:              200,
	plan.ServiceEmail:            1000,
	plan.ServiceAnalysis:         6000,
	plan.ServiceDataRecords:      1_500_000,
	plan.ServiceRunUsers:         100,
	plan.ServicePushNotification: 1000,
	plan.ServiceFileStorage:      10_000,
}

// site is a profile with its part of Nora's limits, in per cent, and how much
// of that it uses in a month. Without a part it has what every plan includes.
type site struct {
	name  string
	share int64
	busy  float64
}

var sites = []site{
	{greenhouse, 50, 0.78},
	{coldStore, 30, 0.55},
	{vineyard, 15, 0.3},
	{archive, 5, 0.04},
	{orchard, 0, 0.35},
}

func (p site) allocated(s plan.Service) int64 {
	if p.share == 0 {
		return s.Tiers()[0].Amount
	}
	return limits[s] * p.share / 100
}

// use reports what the profiles use: once a day, in the last days every three
// hours. Subscriptions are renewed in between.
func (h *history) use() {
	before := time.Duration(0) // since the beginning
	for ago := historyDays*day - time.Hour; ago > time.Hour; {
		from, to := before, historyDays*day-ago
		h.at(ago, func(ctx context.Context) error {
			if month := to / day; month >= 28 && month <= 32 {
				if _, err := h.Billing.Renew(ctx); err != nil {
					return err
				}
			}
			return h.reports(ctx, from, to)
		})
		before = to
		if ago > 2*day {
			ago -= day
		} else {
			ago -= 3 * time.Hour
		}
	}
}

// reports has each profile report beside the others: most of the time of one
// passes while it waits for the table.
func (h *history) reports(ctx context.Context, from, to time.Duration) error {
	all := make([]func(context.Context) error, len(sites))
	for i, p := range sites {
		all[i] = func(ctx context.Context) error { return h.report(ctx, p, i, from, to) }
	}
	return flow.Parallel(ctx, all...)
}

// report reports what a profile has used between two times since the beginning.
func (h *history) report(
	ctx context.Context,
	p site,
	number int,
	from, to time.Duration,
) error {
	var lines []billing.ReportedLine
	for _, s := range plan.Services() {
		allocated := float64(p.allocated(s))
		line := billing.ReportedLine{Service: s.String(), Event: fmt.Sprintf("demo %s %s", s, to)}
		amount := 0.0
		if s.Counting() == plan.CountingLevel {
			// Levels grow over the weeks.
			grown := 0.4 + 0.6*to.Hours()/(historyDays*24)
			line.Set, amount = true, allocated*p.busy*grown
		} else {
			part := (to - from).Hours() / (30 * 24)
			amount = allocated * p.busy * part * h.weather(s, number)
		}
		amount = math.Round(amount)
		if line.Amount = &amount; amount > 0 || line.Set {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	_, err := h.Usage.Report(ctx, plane, h.profiles[p.name], lines)
	return err
}

// plane is a data plane that the gateway has verified and that reports, and
// planeReads the same when it asks what is left.
var (
	plane = service.Client{
		Service: true, Source: "203.0.113.40", Access: operation.UsageReport.Access,
	}
	planeReads = plane.For(operation.UsageCheck.Access)
)

// weather returns how much busier than usual a profile is with a service now:
// less at weekends and nights. It is not random, so that all stacks look alike.
func (h *history) weather(s plan.Service, number int) float64 {
	week := 1.1
	if d := h.clock.Weekday(); d == time.Saturday || d == time.Sunday {
		week = 0.7
	}
	at := float64(h.clock.YearDay()*24+h.clock.Hour()) + float64(number*37+int(s)*101)
	return week * (1 + 0.25*math.Sin(at*2.3) + 0.15*math.Sin(at*0.71))
}

// today makes what Nora finds when she signs in: a service that is used up, two
// that nearly are, and a report that was refused.
func (h *history) today() {
	for _, to := range []struct {
		ago     time.Duration
		name    string
		service plan.Service
		part    float64
	}{
		{30 * time.Hour, coldStore, plan.ServiceSMS, 0.84},
		{26 * time.Hour, greenhouse, plan.ServiceInput, 0.82},
		{9 * time.Hour, coldStore, plan.ServiceSMS, 1},
		{5 * time.Hour, greenhouse, plan.ServiceInput, 0.93},
		{2 * time.Hour, vineyard, plan.ServiceEmail, 0.81},
	} {
		h.at(to.ago, func(ctx context.Context) error {
			return h.fill(ctx, h.profiles[to.name], to.service, to.part)
		})
	}
	h.at(95*time.Minute, func(ctx context.Context) error {
		one := 1.0
		answers, err := h.Usage.Report(ctx, plane, h.profiles[coldStore], []billing.ReportedLine{
			{Service: plan.ServiceSMS.String(), Amount: &one, Event: "demo over the limit"},
		})
		if err == nil && answers[0].Admitted {
			err = fmt.Errorf("%s should be used up, and is not", plan.ServiceSMS)
		}
		return err
	})
}

// fill reports as much of a service as leaves it used up to a part of its
// limit.
func (h *history) fill(
	ctx context.Context,
	id value.ProfileID,
	s plan.Service,
	part float64,
) error {
	now, err := h.Usage.Check(ctx, planeReads, id)
	if err != nil {
		return err
	}
	limit := float64(now.Profile.Allocation[s])
	amount := math.Ceil(limit*part) - math.Ceil(float64(now.Usage.Used[s])/float64(s.Parts()))
	if amount <= 0 {
		return nil
	}
	_, err = h.Usage.Report(ctx, plane, id, []billing.ReportedLine{
		{Service: s.String(), Amount: &amount, Event: fmt.Sprintf("demo fill %s %v", s, part)},
	})
	return err
}

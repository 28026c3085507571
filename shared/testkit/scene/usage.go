package scene

import (
	"fmt"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
)

// An event counts once: a repeated report adds nothing.
func ofUsage() []Scene {
	return []Scene{
		{
			Operation: operation.UsageReport, What: "the first one ever", Prepare: plants,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("a", 1)),
			Cost: Cost{3, 2, 5, 6, 8},
		},
		{
			Operation: operation.UsageReport, What: "in the same hour", Prepare: used,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("b", 1)),
			Cost: Cost{4, 3, 6, 6, 2},
		},
		{
			Operation: operation.UsageReport, What: "in another hour",
			Prepare: func(s *Stage) { used(s); s.Advance(time.Hour) },
			Send:    "POST /usage/HOME", By: Plane, Body: report(line("b", 1)),
			Cost: Cost{3, 2, 5, 6, 10},
		},
		{
			Operation: operation.UsageReport, What: "in another cycle",
			Prepare: func(s *Stage) { used(s); s.Advance(31 * 24 * time.Hour) },
			Send:    "POST /usage/HOME", By: Plane, Body: report(line("b", 1)),
		},
		{
			Operation: operation.UsageReport, What: "a line again", Prepare: used,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("a", 1)),
			Cost: Cost{2, 1, 4, 6, 0},
		},
		{
			Operation: operation.UsageReport, What: "a line again, after many others",
			Prepare: func(s *Stage) { used(s); reports(s, "b"); turn(s, 3) },
			Send:    "POST /usage/HOME", By: Plane, Body: report(line("b", 1)),
			Cost: Cost{3, 2, 5, 7, 0},
		},
		{
			Operation: operation.UsageReport, What: "a line whose report has ended half-way",
			Prepare: func(s *Stage) { used(s); claimed(s, "b"); turn(s, 1) },
			Send:    "POST /usage/HOME", By: Plane, Body: report(line("b", 1)),
			Cost: Cost{14, 13, 24, 35, 3},
		},
		{
			Operation: operation.UsageReport, What: "a line that is blocked", Prepare: used,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("b", 2_000_000)),
			Cost: Cost{3, 2, 5, 6, 1},
		},
		{
			Operation: operation.UsageReport, What: "past a threshold", Prepare: used,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("b", 800_000)),
			Cost: Cost{4, 3, 6, 7, 13},
		},
		{
			Operation: operation.UsageReport, What: "past a threshold, for the mail of the day",
			Prepare: func(s *Stage) {
				used(s)
				var daily [topic.Count]topic.Change
				daily[topic.Usage].Mail = new("daily")
				s.OK(s.Accounts.Edit(s.Context(), s.Ana.Client(operation.AccountEdit),
					tenancy.AccountEdit{Notifications: daily}))
			},
			Send: "POST /usage/HOME", By: Plane, Body: report(line("b", 800_000)),
			Cost: Cost{5, 4, 7, 8, 13},
		},
		{
			Operation: operation.UsageReport, What: "100 lines", Prepare: used,
			Send: "POST /usage/HOME", By: Plane, Body: report(lines(100)...),
			Cost: Cost{9, 8, 106, 105, 102}, Calm: true,
		},
		{
			Operation: operation.UsageReport, What: "signed", Prepare: used,
			Send: "POST /profile/HOME/usage", By: Gateway, Body: report(line("b", 1)),
			Cost: Cost{3, 3, 4, 3, 2}, Calm: true,
		},
		{
			Operation: operation.UsageCheck, Prepare: used,
			Send: "GET /usage/HOME", By: Plane, Cost: Cost{2, 1, 3, 5, 0},
		},
		{
			Operation: operation.StatisticsGet, What: "own, a day", Prepare: measured,
			Send: "GET /profile/HOME/statistics?date=2030-03-14", Cost: Cost{1, 1, 3, 6, 0},
		},
		{
			Operation: operation.StatisticsGet, What: "current", Prepare: measured,
			Send: "GET /profile/current/statistics", Cost: Cost{3, 2, 5, 8, 0},
		},
	}
}

func report(lines ...Object) Object { return Object{"lines": lines} }

func line(event string, amount int) Object {
	return Object{"service": "input", "amount": amount, "event": event}
}

func lines(n int) (out []Object) {
	for i := range n {
		out = append(out, line(fmt.Sprint("line", i), 1))
	}
	return out
}

// plants leaves a data plane.
func plants(s *Stage) {
	s.Plane = s.Quick("plane")
	_, err := s.Operator.SetType(s.Context(), string(s.Plane.Email), tenancy.AccountService)
	s.OK(err)
}

// used leaves a profile of which the event a was reported.
func used(s *Stage) {
	plants(s)
	reports(s, "a")
}

// measured leaves a profile with three hours of history.
func measured(s *Stage) {
	plants(s)
	for i := range 4 {
		reports(s, fmt.Sprint("hour", i))
		s.Advance(time.Hour)
	}
}

func reports(s *Stage, event string) {
	s.Helper()
	reported(s, line(event, 1))
}

// reported has the data plane report a line about ana's first profile.
func reported(s *Stage, l Object) {
	s.Helper()
	path := "/usage/" + string(s.Ana.Home)
	got := s.Call(operation.UsageReport, "POST", path, s.Plane.Token, report(l))
	got.Into(s.World, new(any))
}

// turn begins so many generations of receipts of the profile.
func turn(s *Stage, times int) {
	s.Helper()
	for range times {
		u := usageOf(s)
		next := u.Receipts.Generation + 1
		_, err := s.Store.TurnReceipts(s.Context(), s.Ana.Home, u, next, s.Now())
		s.OK(err)
	}
}

func usageOf(s *Stage) billing.Usage {
	s.Helper()
	batch := s.Store.Batch()
	usage := batch.Usage(s.Ana.Home)
	s.OK(batch.Get(s.Context()))
	return usage.Value
}

// claimed leaves a line as a report does that ends before it counts it.
func claimed(s *Stage, event string) {
	s.Helper()
	const receipt = "random"
	s.OK(s.Store.Answer(s.Context(), s.Ana.Home,
		billing.UsageLine{Service: plan.ServiceInput, Amount: 1, Event: event, Time: s.Now()},
		billing.UsageAnswer{
			Event: event, Service: plan.ServiceInput, Kind: billing.LineAdds, Admitted: true,
			Claim: usageOf(s).Receipts.Claim(receipt),
		}, "", s.Now()))
}

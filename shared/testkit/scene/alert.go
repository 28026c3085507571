package scene

import (
	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
)

func ofAlerts() []Scene {
	of := func(path string) string { return "/profile/HOME/alert" + path }
	half := Object{"service": "input", "percent": 50, "actions": []string{"mail", "notification"}}
	return []Scene{
		{
			Operation: operation.AlertList, Prepare: stopped,
			Send: "GET " + of(""), Cost: Cost{1, 1, 1, 4, 0},
		},
		{
			Operation: operation.AlertCreate, What: "on a service", Prepare: used,
			Send: "POST " + of(""), Body: half, Cost: Cost{3, 3, 3, 5, 14}, More: "L+1",
		},
		{
			Operation: operation.AlertCreate, What: "on cost",
			Send: "POST " + of(""), Body: Object{"cost": 5000, "actions": []string{"mail"}},
			Cost: Cost{3, 3, 3, 5, 14}, More: "L+1", Calm: true,
		},
		{
			Operation: operation.AlertEdit, Prepare: alerted,
			Send: "PUT " + of("/THING"), Body: Object{"stop": "all"}, Cost: Cost{3, 3, 3, 5, 14},
		},
		{
			Operation: operation.AlertEdit, What: "of a profile that has used nothing",
			Prepare: quiet, Send: "PUT " + of("/THING"), Body: Object{"stop": "all"},
			Cost: Cost{3, 3, 3, 5, 14}, Calm: true,
		},
		{
			Operation: operation.AlertDelete, What: "of a profile that has used nothing",
			Prepare: quiet, Send: "DELETE " + of("/THING"), Cost: Cost{3, 3, 3, 5, 14},
			Again: 404, Calm: true,
		},
		{
			Operation: operation.SoftLimitsSet, What: "of a profile that has used nothing",
			Send: "PUT /profile/HOME/soft_limits", Body: Object{"input": true},
			Cost: Cost{3, 3, 3, 5, 14}, Calm: true,
		},
		{
			Operation: operation.AlertDelete, Prepare: alerted,
			Send: "DELETE " + of("/THING"), Cost: Cost{3, 3, 3, 5, 14}, Again: 404,
		},
		{
			Operation: operation.AlertLift, Prepare: stopped,
			Send: "POST " + of("/THING/lift"), Cost: Cost{3, 3, 3, 5, 14}, Again: 409,
		},
		{
			Operation: operation.SoftLimitsSet, Prepare: used,
			Send: "PUT /profile/HOME/soft_limits", Body: Object{"input": true},
			Cost: Cost{3, 3, 3, 5, 14},
		},
		{
			Operation: operation.UsageReport, What: "that reaches an alert", Prepare: alerted,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("b", 500)),
			Cost: Cost{4, 3, 6, 7, 13},
		},
		{
			Operation: operation.UsageReport, What: "above a soft limit", Prepare: soft,
			Send: "POST /usage/HOME", By: Plane, Body: report(line("b", 1)),
			Cost: Cost{4, 3, 6, 6, 2}, Calm: true,
		},
	}
}

// alerted leaves an alert of ana's first profile that stops a service, and its
// id. The profile has used less than that.
func alerted(s *Stage) {
	s.Helper()
	used(s)
	quiet(s)
}

// quiet is alerted for a profile that has used nothing.
func quiet(s *Stage) {
	s.Helper()
	service, amount := plan.ServiceInput.String(), 400.0
	actions, stop := []string{"mail", "notification", "webhook"}, "service"
	id, err := s.Billing.CreateAlert(s.Context(), s.Ana.Client(operation.AlertCreate), s.home(),
		billing.AlertEdit{Service: &service, Amount: &amount, Actions: &actions, Stop: &stop})
	s.OK(err)
	s.Thing = string(id)
}

// stopped is alerted, and the alert was reached.
func stopped(s *Stage) {
	s.Helper()
	alerted(s)
	reported(s, line("r", 500))
}

// soft leaves ana's first profile above its limit, which is soft.
func soft(s *Stage) {
	s.Helper()
	plants(s)
	s.OK(s.Billing.SetSoft(s.Context(), s.Ana.Client(operation.SoftLimitsSet), s.home(),
		billing.SoftEdit{plan.ServiceInput: true}))
	reported(s, line("s", 1_500_000))
}

package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// AlertID identifies an alert: 24 lower-case hexadecimal digits.
type AlertID string

// ParseAlertID accepts the id of an alert; anything else is CodeNotFound.
func ParseAlertID(s string) (AlertID, error) {
	if !value.IsID(s) {
		return "", ErrNoAlert
	}
	return AlertID(s), nil
}

// Bounds of alerts.
const (
	MaxAlerts       = 10 // of a profile
	MaxAlertPercent = 1000
	MaxAlertCost    = 100_000_000 // cents
)

// ErrNoAlert refuses an alert that there is not; ErrNotStopped refuses to lift
// the stop of one that stops nothing.
var (
	ErrNoAlert    error = problem.NotFound("Alert")
	ErrNotStopped error = problem.Conflict("The alert stops nothing now").
			For(problem.ReasonNotStopped)
)

// Stop is what an alert stops when its threshold is reached.
type Stop string

// What an alert can stop.
const (
	StopNone    Stop = "none"
	StopService Stop = "service" // the service that the alert is about
	StopAll     Stop = "all"     // all services of the profile
)

// AlertAction is a way in which an alert says that its threshold is reached.
type AlertAction string

// The actions of alerts. Each can be taken together with the others.
const (
	AlertMail         AlertAction = "mail"         // a mail to the owner
	AlertNotification AlertAction = "notification" // in the owner's console
	AlertWebhook      AlertAction = "webhook"      // an event to the profile's webhooks
)

// AlertActions returns all actions.
func AlertActions() []AlertAction {
	return []AlertAction{AlertMail, AlertNotification, AlertWebhook}
}

// Alert is a threshold of use or cost that the owner of a profile has set for
// it. When it is reached, the owner is notified, once in a cycle, and it may
// stop services. Exactly one of Percent, Amount and Cost is set.
type Alert struct {
	ID      AlertID
	Service plan.Service // of Percent and Amount
	Percent int64        // of the profile's limit of the service
	Amount  int64        // of the service, in parts of a unit
	Cost    int64        // of the profile in a cycle, in cents; see Subscription.CycleCost
	Actions []AlertAction
	Stop    Stop
	Created time.Time
	Updated time.Time
	// Armed is when the threshold or the stop was last set. From then on the
	// alert can be reached, also if it was reached before.
	Armed time.Time
}

// OfCost reports whether the alert is about cost and not about a service.
func (a Alert) OfCost() bool { return a.Cost > 0 }

// Acts reports whether the alert takes an action.
func (a Alert) Acts(action AlertAction) bool { return slices.Contains(a.Actions, action) }

// Stops reports whether the alert, when its threshold is reached, stops a
// service.
func (a Alert) Stops(s plan.Service) bool {
	return a.Stop == StopAll || a.Stop == StopService && a.Service == s
}

// Threshold returns the threshold at which the alert is reached: cents for
// cost, parts of a unit for a service. It is 0 for a percentage of nothing,
// which is never reached.
func (a Alert) Threshold(limits plan.Amounts) int64 {
	switch {
	case a.OfCost():
		return a.Cost
	case a.Percent > 0:
		return thresholdAt(a.Percent, limits[a.Service]*a.Service.Parts())
	}
	return a.Amount
}

// Dollars is an amount of cents as texts name it.
func Dollars(cents int64) string { return fmt.Sprintf("%d.%02d USD", cents/100, cents%100) }

// Condition says in words at which threshold the alert is reached.
func (a Alert) Condition() string {
	switch {
	case a.OfCost():
		return "cost of a cycle at " + Dollars(a.Cost)
	case a.Percent > 0:
		return a.Service.Title() + " at " + strconv.FormatInt(a.Percent, 10) + " %"
	}
	return a.Service.Title() + " at " + a.Service.Text(a.Amount) + " " + a.Service.Unit()
}

// AlertEdit is a new alert, or a partial change of one: a nil field stays as it
// is. A change of the threshold names the whole threshold: Cost, or Service
// with Percent or Amount.
type AlertEdit struct {
	Service *string
	Percent *int64
	Amount  *float64 // in units
	Cost    *int64   // in cents
	Actions *[]string
	Stop    *string
}

// threshold reports whether the edit sets the threshold.
func (e AlertEdit) threshold() bool {
	return e.Service != nil || e.Percent != nil || e.Amount != nil || e.Cost != nil
}

// Edit returns the alert with the change applied. Errors: CodeInvalid naming
// the field.
func (a Alert) Edit(e AlertEdit, now time.Time) (Alert, error) {
	was := a
	var err error
	if e.threshold() || a.Percent+a.Amount+a.Cost == 0 {
		if a, err = a.atThreshold(e); err != nil {
			return was, err
		}
	}
	if e.Actions != nil {
		if a.Actions, err = parseAlertActions(*e.Actions); err != nil {
			return was, err
		}
	}
	if len(a.Actions) == 0 {
		return was, problem.InvalidField("actions", problem.FieldRequired,
			"must have at least one of mail, notification and webhook")
	}
	if e.Stop != nil {
		stop, err := value.OneOf("stop", *e.Stop,
			string(StopNone), string(StopService), string(StopAll))
		if err != nil {
			return was, err
		}
		a.Stop = Stop(stop)
	}
	if a.OfCost() && a.Stop == StopService {
		return was, problem.InvalidField("stop", problem.FieldContradicts,
			"must be none or all for an alert on cost, which is about no service")
	}
	a.Updated = now
	if a.Service != was.Service || a.Percent != was.Percent || a.Amount != was.Amount ||
		a.Cost != was.Cost || a.Stop != was.Stop {
		a.Armed = now
	}
	return a, nil
}

// atThreshold returns the alert with the threshold of an edit.
func (a Alert) atThreshold(e AlertEdit) (Alert, error) {
	a.Service, a.Percent, a.Amount, a.Cost = 0, 0, 0, 0
	if e.Cost != nil {
		if e.Service != nil || e.Percent != nil || e.Amount != nil {
			return a, problem.InvalidField("cost", problem.FieldContradicts,
				"cannot be sent with service, percent or amount: an alert has one threshold")
		}
		if *e.Cost < 1 || *e.Cost > MaxAlertCost {
			return a, problem.InvalidField("cost", problem.FieldRange,
				"must be 1 to %d cents", MaxAlertCost).Bound(MaxAlertCost)
		}
		a.Cost = *e.Cost
		return a, nil
	}
	if e.Service == nil {
		return a, problem.InvalidField("service", problem.FieldRequired,
			"is required, with percent or amount; or send cost, in cents")
	}
	var err error
	if a.Service, err = plan.ParseService(*e.Service); err != nil {
		return a, err
	}
	switch {
	case (e.Percent == nil) == (e.Amount == nil):
		return a, problem.Invalid("send either percent or amount").At("percent", "amount")
	case e.Percent != nil && (*e.Percent < 1 || *e.Percent > MaxAlertPercent):
		return a, problem.InvalidField("percent", problem.FieldRange,
			"must be 1 to %d", MaxAlertPercent).Bound(MaxAlertPercent)
	case e.Percent != nil:
		a.Percent = *e.Percent
	default:
		a.Amount, err = parseUse(a.Service, *e.Amount, false)
		if err == nil && a.Amount < 0 {
			err = problem.InvalidField("amount", problem.FieldRange, "must be positive")
		}
	}
	return a, err
}

// ActionNames lists the actions of the alert in a text.
func (a Alert) ActionNames() string {
	names := make([]string, len(a.Actions))
	for i, one := range a.Actions {
		names[i] = string(one)
	}
	return strings.Join(names, ", ")
}

// parseAlertActions reads actions: each at most once, in the order of
// AlertActions. Errors: CodeInvalid.
func parseAlertActions(names []string) ([]AlertAction, error) {
	var all []string
	for _, a := range AlertActions() {
		all = append(all, string(a))
	}
	given := map[AlertAction]bool{}
	for _, name := range names {
		one, err := value.OneOf("actions", name, all...)
		if err != nil {
			return nil, err
		}
		given[AlertAction(one)] = true
	}
	var actions []AlertAction
	for _, a := range AlertActions() {
		if given[a] {
			actions = append(actions, a)
		}
	}
	return actions, nil
}

// Alerts are those of a profile, oldest first.
type Alerts []Alert

// Find returns an alert. Errors: ErrNoAlert.
func (l Alerts) Find(id AlertID) (Alert, error) {
	for _, a := range l {
		if a.ID == id {
			return a, nil
		}
	}
	return Alert{}, ErrNoAlert
}

// With returns the alerts with one in the place of that with its id, or behind
// all others. Errors: CodeForbidden above MaxAlerts.
func (l Alerts) With(a Alert) (Alerts, error) {
	l = slices.Clone(l)
	for i := range l {
		if l[i].ID == a.ID {
			l[i] = a
			return l, nil
		}
	}
	if len(l) >= MaxAlerts {
		return l, problem.Forbidden("A profile has at most %d alerts: delete one first", MaxAlerts).
			For(problem.ReasonAlertsFull).With("limit", MaxAlerts)
	}
	return append(l, a), nil
}

// Without returns the alerts without one.
func (l Alerts) Without(id AlertID) Alerts {
	return slices.DeleteFunc(slices.Clone(l), func(a Alert) bool { return a.ID == id })
}

// OnCost reports whether one of the alerts is about cost.
func (l Alerts) OnCost() bool { return slices.ContainsFunc(l, Alert.OfCost) }

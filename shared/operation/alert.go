package operation

import (
	"context"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
)

// alert reads which alert of which profile the path names.
func (r *request) alert() (ref service.ProfileRef, id billing.AlertID, err error) {
	if ref, err = r.profile(); err == nil {
		id, err = billing.ParseAlertID(r.PathValue("alert"))
	}
	return ref, id, err
}

var AlertList = Operation{
	Name:    "alert-list",
	Tag:     "Alerts",
	Summary: "Lists the alerts of a profile, with whether they were reached in this cycle and what they stop.",
	Routes:  []Route{{"GET", "/profile/{id}/alert"}},
	Access:  BillingRead,
	Call:    get[[]alertRow](alertList),
	Example: Example{Path: "/profile/current/alert"},
}

// alertRow is an alert of a profile as it stands. It has either a service with
// a percentage or an amount, or a cost.
type alertRow struct {
	ID      billing.AlertID `json:"id" is:"alert_id"`     // the id of the alert
	Service *string         `json:"service" is:"service"` // the service; null for an alert on cost
	// how much of the profile's limit must be used, in percent; null for
	// another threshold
	Percent *int64 `json:"percent"`
	// how much of the service must be used; null for another threshold
	Amount *float64 `json:"amount"`
	// how many cents the profile must cost in a cycle; null for an alert on a
	// service
	Cost *int64 `json:"cost"`
	// how it says that it was reached
	Actions []billing.AlertAction `json:"actions" is:"alert_action"`
	Stop    billing.Stop          `json:"stop" is:"alert_stop"` // what it stops when it is reached
	// the amount at which it is reached now, which for a percentage follows the
	// limit; 0 for an alert on cost
	Threshold float64 `json:"threshold"`
	// when it was reached in this cycle; null if it was not
	Reached  *string `json:"reached_at" is:"time"`
	Stopping bool    `json:"stopping"`             // whether it stops something now
	Lifted   bool    `json:"lifted"`               // whether its stop was lifted for the rest of the cycle
	Created  string  `json:"created_at" is:"time"` // when it was created
	Updated  string  `json:"updated_at" is:"time"` // when it was last changed
}

func alertList(ctx context.Context, s *service.Services, r *request) ([]alertRow, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	alerts, err := s.Billing.Alerts(ctx, r.client, ref)
	rows := make([]alertRow, len(alerts))
	for i, a := range alerts {
		rows[i] = alertRow{
			ID: a.ID, Actions: a.Actions, Stop: a.Stop,
			Reached: timeOrNull(a.Reached), Stopping: a.Stopping, Lifted: a.Lifted,
			Created: isoTime(a.Created), Updated: isoTime(a.Updated),
		}
		if a.OfCost() {
			rows[i].Cost = &a.Cost
			continue
		}
		name, amount := a.Service.String(), a.Service.Units(a.Amount)
		rows[i].Service, rows[i].Threshold = &name, a.Service.Units(a.Threshold)
		if a.Percent > 0 {
			rows[i].Percent = &a.Percent
		} else {
			rows[i].Amount = &amount
		}
	}
	return rows, err
}

// alertBody is a new alert, or a change of one. A threshold is either a service
// with percent or amount, or a cost. In a change, what is left out stays.
type alertBody struct {
	Service *string `json:"service" is:"service"` // the service, with percent or amount
	// how much of the profile's limit must be used, in percent: 1 to 1000
	Percent *int64   `json:"percent"`
	Amount  *float64 `json:"amount"` // how much of the service must be used
	// how many cents the profile must cost in a cycle: its part of what the
	// subscription costs, by allocation, and its add-ons
	Cost *int64 `json:"cost"`
	// how it says that it was reached: at least one of mail, notification and
	// webhook
	Actions *[]string `json:"actions" is:"alert_action"`
	// what it stops when it is reached: none, the service, or all services of
	// the profile; none for a new alert if it is left out
	Stop *string `json:"stop" is:"alert_stop"`
}

var AlertCreate = Operation{
	Name:    "alert-create",
	Tag:     "Alerts",
	Summary: "Adds an alert to a profile: a threshold of use or cost at which its owner is notified, once in a cycle, and which may stop services.",
	Routes:  []Route{{"POST", "/profile/{id}/alert"}},
	Access:  OwnerBilling,
	Call:    strict[alertBody, alertMade](alertCreate),
	Refuses: []problem.Reason{problem.ReasonAlertsFull},
	Example: Example{
		Path: "/profile/current/alert",
		Body: `{"service": "input", "percent": 50, "actions": ["mail"]}`,
	},
}

type alertMade struct {
	ID billing.AlertID `json:"id" is:"alert_id"` // the id of the alert
}

func alertCreate(
	ctx context.Context, s *service.Services, r *request, b alertBody,
) (alertMade, error) {
	ref, err := r.profile()
	if err != nil {
		return alertMade{}, err
	}
	id, err := s.Billing.CreateAlert(ctx, r.client, ref, billing.AlertEdit(b))
	return alertMade{id}, err
}

var AlertEdit = Operation{
	Name:    "alert-edit",
	Tag:     "Alerts",
	Summary: "Changes the threshold, the actions or the stop of an alert. With another threshold or stop it can be reached again in this cycle.",
	Routes:  []Route{{"PUT", "/profile/{id}/alert/{alert}"}},
	Access:  OwnerBilling,
	Call:    strict[alertBody, acknowledged](alertEdit),
	Example: Example{
		Path: "/profile/current/alert/0123456789abcdef01234567",
		Body: `{"stop": "service"}`,
	},
}

func alertEdit(
	ctx context.Context, s *service.Services, r *request, b alertBody,
) (acknowledged, error) {
	ref, id, err := r.alert()
	if err != nil {
		return "", err
	}
	return "Alert Successfully Updated",
		s.Billing.EditAlert(ctx, r.client, ref, id, billing.AlertEdit(b))
}

var AlertDelete = Operation{
	Name:    "alert-delete",
	Tag:     "Alerts",
	Summary: "Deletes an alert; what it stops is admitted again.",
	Routes:  []Route{{"DELETE", "/profile/{id}/alert/{alert}"}},
	Access:  OwnerBilling,
	Call:    get[acknowledged](alertDelete),
	Example: Example{Path: "/profile/current/alert/0123456789abcdef01234567"},
}

func alertDelete(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, id, err := r.alert()
	if err != nil {
		return "", err
	}
	return "Alert Successfully Deleted", s.Billing.DeleteAlert(ctx, r.client, ref, id)
}

var AlertLift = Operation{
	Name:    "alert-lift",
	Tag:     "Alerts",
	Summary: "Lifts what an alert stops, for the rest of the cycle.",
	Routes:  []Route{{"POST", "/profile/{id}/alert/{alert}/lift"}},
	Access:  OwnerBilling,
	Call:    bare[acknowledged](alertLift),
	Refuses: []problem.Reason{problem.ReasonNotStopped},
	Example: Example{Path: "/profile/current/alert/0123456789abcdef01234567/lift"},
}

func alertLift(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, id, err := r.alert()
	if err != nil {
		return "", err
	}
	return "Stop Successfully Lifted", s.Billing.LiftAlert(ctx, r.client, ref, id)
}

var SoftLimitsSet = Operation{
	Name:    "soft-limits-set",
	Tag:     "Alerts",
	Summary: "Makes limits of a profile soft or hard: of a soft one, use above it is admitted, counted apart and not charged.",
	Routes:  []Route{{"PUT", "/profile/{id}/soft_limits"}},
	Access:  OwnerBilling,
	Call:    strict[softLimitsBody, acknowledged](softLimitsSet),
	Example: Example{Path: "/profile/current/soft_limits", Body: `{"input": true}`},
}

// softLimitsBody has the services whose limit becomes soft or hard. Those that
// are left out stay as they are.
type softLimitsBody struct {
	Input            *bool `json:"input"`             // data that devices send
	Output           *bool `json:"output"`            // data that is read
	SMS              *bool `json:"sms"`               // text messages
	Email            *bool `json:"email"`             // e-mails
	Analysis         *bool `json:"analysis"`          // runs of scripts
	DataRecords      *bool `json:"data_records"`      // records that are stored
	RunUsers         *bool `json:"run_users"`         // users of applications
	PushNotification *bool `json:"push_notification"` // push notifications
	FileStorage      *bool `json:"file_storage"`      // files that are stored
}

func (b softLimitsBody) edit() billing.SoftEdit {
	edit := billing.SoftEdit{}
	for one, soft := range map[plan.Service]*bool{
		plan.ServiceInput:            b.Input,
		plan.ServiceOutput:           b.Output,
		plan.ServiceSMS:              b.SMS,
		plan.ServiceEmail:            b.Email,
		plan.ServiceAnalysis:         b.Analysis,
		plan.ServiceDataRecords:      b.DataRecords,
		plan.ServiceRunUsers:         b.RunUsers,
		plan.ServicePushNotification: b.PushNotification,
		plan.ServiceFileStorage:      b.FileStorage,
	} {
		if soft != nil {
			edit[one] = *soft
		}
	}
	return edit
}

func softLimitsSet(
	ctx context.Context, s *service.Services, r *request, b softLimitsBody,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	edit := b.edit()
	if len(edit) == 0 {
		return "", problem.Invalid("send true or false for at least one service")
	}
	return "Soft Limits Successfully Updated", s.Billing.SetSoft(ctx, r.client, ref, edit)
}

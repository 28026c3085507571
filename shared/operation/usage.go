package operation

import (
	"context"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

var UsageReport = Operation{
	Name:    "usage-report",
	Tag:     "Usage",
	Summary: "Counts the usage of a profile that a data plane reports, and says which lines are admitted.",
	Routes:  []Route{{"POST", "/profile/{id}/usage"}, {"POST", "/usage/{id}"}},
	Access:  DataPlane,
	Call:    strict[usageReportBody, usageReportView](usageReport),
	Refuses: []problem.Reason{problem.ReasonNeedsPermission, problem.ReasonEventReused},
	Example: Example{
		Path: "/usage/01a20c000000000000000001",
		Body: `{"lines": [{"service": "input", "amount": 25, "event": "0f8b1c"}, {"service": "data_records", "amount": 25, "event": "0f8b1d"}]}`,
	},
}

// usageLine is a line of a report, as data planes send it.
type usageLine struct {
	Service string   `json:"service" is:"service,required"` // the name of the service
	Amount  *float64 `json:"amount"`                        // how much was used
	// for a level: true if amount is the new level, false if amount is added to
	// it
	Set bool `json:"set"`
	// the name of the event, by which a line that is reported twice is counted
	// once
	Event string `json:"event" is:"event,required"`
	Time  string `json:"time"  is:"date"` // when the usage happened; now if it is left out
}

type usageReportBody struct {
	Lines []usageLine `json:"lines"` // the lines of the report, up to 100
}

func usageReport(
	ctx context.Context,
	s *service.Services,
	r *request,
	b usageReportBody,
) (usageReportView, error) {
	id, err := value.ParseProfileID(r.PathValue("id"))
	if err != nil {
		return usageReportView{}, err
	}
	lines := make([]billing.ReportedLine, len(b.Lines))
	for i, l := range b.Lines {
		lines[i] = billing.ReportedLine(l)
	}
	answers, err := s.Usage.Report(ctx, r.client, id, lines)
	if err != nil {
		return usageReportView{}, err
	}
	out := usageReportView{Lines: make([]usageAnswer, len(answers)), Blocked: []string{}}
	blocked := map[plan.Service]bool{}
	for i, a := range answers {
		out.Lines[i] = usageAnswer{
			Event:    a.Event,
			Service:  a.Service.String(),
			Admitted: a.Admitted,
			Used:     a.Service.Units(a.Used),
			Limit:    a.Service.Units(a.Limit),
			Reset:    timeOrNull(a.Reset),
		}
		if !a.Admitted && !blocked[a.Service] {
			blocked[a.Service] = true
			out.Blocked = append(out.Blocked, a.Service.String())
		}
	}
	return out, nil
}

type usageReportView struct {
	// an answer to each line of the report, in the same order
	Lines   []usageAnswer `json:"lines"`
	Blocked []string      `json:"blocked"` // the services of which a line was not admitted
}

type usageAnswer struct {
	Event    string  `json:"event"    is:"text"`    // the name of the event of the line
	Service  string  `json:"service"  is:"service"` // the service
	Admitted bool    `json:"admitted"`              // whether the line was admitted
	Used     float64 `json:"used"`                  // how much is used now
	Limit    float64 `json:"limit"`                 // the limit of the profile
	// when counting starts from zero again; null for a level
	Reset *string `json:"reset_at" is:"time"`
}

var UsageCheck = Operation{
	Name:    "usage-check",
	Tag:     "Usage",
	Summary: "Returns the usage of a profile to a data plane, with the services that are used up.",
	Routes:  []Route{{"GET", "/profile/{id}/usage"}, {"GET", "/usage/{id}"}},
	Access:  DataPlaneRead,
	Call:    get[usageCheckView](usageCheck),
	Example: Example{Path: "/usage/01a20c000000000000000001"},
}

func usageCheck(ctx context.Context, s *service.Services, r *request) (usageCheckView, error) {
	id, err := value.ParseProfileID(r.PathValue("id"))
	if err != nil {
		return usageCheckView{}, err
	}
	m, err := s.Usage.Check(ctx, r.client, id)
	if err != nil {
		return usageCheckView{}, err
	}
	out := usageCheckView{
		Services: map[string]serviceState{},
		Blocked:  []string{},
		Reset:    isoTime(m.Reset),
	}
	stopped := m.Usage.Stopped(m.Profile.Quota())
	for _, one := range plan.Services() {
		blocked := m.Usage.Blocked(one, m.Profile.Quota())
		out.Services[one.String()] = serviceState{
			one.Units(m.Usage.Used[one]),
			m.Profile.Allocation[one],
			blocked,
			m.Profile.Soft[one],
			one.Units(m.Usage.Over[one]),
			stopped[one],
		}
		if blocked {
			out.Blocked = append(out.Blocked, one.String())
		}
	}
	return out, nil
}

type usageCheckView struct {
	Services map[string]serviceState `json:"services"`             // the state of each service, by its name
	Blocked  []string                `json:"blocked" is:"service"` // the services that admit no more usage
	Reset    string                  `json:"reset_at" is:"time"`   // when the monthly counters start from zero again
}

type serviceState struct {
	Used    float64 `json:"used"`    // how much of the service is used now
	Limit   int64   `json:"limit"`   // the limit of the profile for the service
	Blocked bool    `json:"blocked"` // whether the service admits no more usage
	Soft    bool    `json:"soft"`    // whether use above the limit is admitted, too
	Over    float64 `json:"over"`    // how much was used above a soft limit
	Stopped bool    `json:"stopped"` // whether an alert stops the service
}

var StatisticsGet = Operation{
	Name:    "statistics-get",
	Tag:     "Usage",
	Summary: "Returns the usage of a profile by hour, day, month or year: totals of counters since the cycle began, and levels.",
	Routes:  []Route{{"GET", "/profile/{id}/statistics"}},
	Access:  Usage,
	Zones:   true,
	Call:    list[statisticsQuery, []statisticsRow](statisticsGet),
	Example: Example{Path: "/profile/current/statistics"},
}

func statisticsGet(
	ctx context.Context,
	s *service.Services,
	r *request,
	q statisticsQuery,
) ([]statisticsRow, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	points, err := s.Usage.Statistics(ctx, r.client, ref, billing.StatisticsQuery(q))
	rows := make([]statisticsRow, len(points))
	for i, p := range points {
		used := func(one plan.Service) *float64 {
			n, there := p.Used[one]
			if !there {
				return nil
			}
			return &n
		}
		rows[i] = statisticsRow{
			Time:             isoTime(p.Time),
			Input:            used(plan.ServiceInput),
			Output:           used(plan.ServiceOutput),
			SMS:              used(plan.ServiceSMS),
			Email:            used(plan.ServiceEmail),
			Analysis:         used(plan.ServiceAnalysis),
			DataRecords:      used(plan.ServiceDataRecords),
			RunUsers:         used(plan.ServiceRunUsers),
			PushNotification: used(plan.ServicePushNotification),
			FileStorage:      used(plan.ServiceFileStorage),
		}
	}
	return rows, err
}

// statisticsQuery has the span of time and the length of its steps. Without
// parameters, these are the hours of today.
type statisticsQuery struct {
	// the day, or the instant, in the time zone of the account
	Date string `query:"date" is:"date"`
	// the first day, or the first instant, in the time zone of the account
	Start string `query:"start_date"  is:"date"`
	// the last day, or the last instant, in the time zone of the account
	End         string `query:"end_date"    is:"date"`
	Periodicity string `query:"periodicity" is:"periodicity"` // the steps: hour, day, month or year
	// the IANA name of the time zone for dates without one; UTC if it is left
	// out
	Timezone string `query:"timezone" is:"timezone"`
}

// statisticsRow is the usage at the end of a step. Services without usage are
// absent.
type statisticsRow struct {
	Time string `json:"time"                        is:"time"` // when the step begins
	// data that devices send
	Input       *float64 `json:"input,omitempty"`
	Output      *float64 `json:"output,omitempty"`       // data that is read
	SMS         *float64 `json:"sms,omitempty"`          // text messages
	Email       *float64 `json:"email,omitempty"`        // e-mails
	Analysis    *float64 `json:"analysis,omitempty"`     // runs of scripts
	DataRecords *float64 `json:"data_records,omitempty"` // records that are stored
	// users of applications
	RunUsers         *float64 `json:"run_users,omitempty"`
	PushNotification *float64 `json:"push_notification,omitempty"` // push notifications
	FileStorage      *float64 `json:"file_storage,omitempty"`      // files that are stored, in MB
}

package operation

import (
	"context"

	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var UsageReport = Operation{
	Name: "usage-report", Tag: "Usage", Summary: "Counts what a data plane has seen a profile use, and says which lines are admitted.",
	Routes: []Route{{"POST", "/profile/{id}/usage"}, {"POST", "/usage/{id}"}}, Access: Reporter, answer: usageReport,
	Example: Example{Path: "/usage/01a20c000000000000000001", Body: `{"lines": [{"service": "input", "amount": 25, "event": "0f8b1c"}, {"service": "data_records", "amount": 25, "event": "0f8b1d"}]}`},
}

// usageLine is a line of a report, as data planes send it.
type usageLine struct {
	Service string   `json:"service"`
	Amount  *float64 `json:"amount"`
	Set     bool     `json:"set"`
	Event   string   `json:"event"`
	Time    string   `json:"time"`
}

func usageReport(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := tenancy.ParseProfileID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var b struct {
		Lines []usageLine `json:"lines"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	lines := make([]tenancy.ReportedLine, len(b.Lines))
	for i, l := range b.Lines {
		lines[i] = tenancy.ReportedLine(l)
	}
	answers, err := s.Usage.Report(ctx, r.client, id, lines)
	if err != nil {
		return nil, err
	}
	out := usageReportView{Lines: make([]usageAnswer, len(answers)), Blocked: []string{}}
	blocked := map[tenancy.Service]bool{}
	for i, a := range answers {
		out.Lines[i] = usageAnswer{
			Event: a.Event, Service: a.Service.String(), Admitted: a.Admitted, Used: a.Service.Units(a.Used), Limit: a.Service.Units(a.Limit), Reset: timeOrNull(a.Reset),
		}
		if !a.Admitted && !blocked[a.Service] {
			blocked[a.Service] = true
			out.Blocked = append(out.Blocked, a.Service.String())
		}
	}
	return out, nil
}

type usageReportView struct {
	Lines   []usageAnswer `json:"lines"`
	Blocked []string      `json:"blocked"` // services of which a line did not fit
}

type usageAnswer struct {
	Event    string  `json:"event"`
	Service  string  `json:"service"`
	Admitted bool    `json:"admitted"`
	Used     float64 `json:"used"`
	Limit    float64 `json:"limit"`
	Reset    *string `json:"reset_at"` // null for a level
}

var UsageCheck = Operation{
	Name: "usage-check", Tag: "Usage", Summary: "Returns to a data plane what a profile has used, and what of it is blocked.",
	Routes: []Route{{"GET", "/profile/{id}/usage"}, {"GET", "/usage/{id}"}}, Access: ReporterRead, answer: usageCheck,
	Example: Example{Path: "/usage/01a20c000000000000000001"},
}

func usageCheck(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := tenancy.ParseProfileID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	m, err := s.Usage.Check(ctx, r.client, id)
	if err != nil {
		return nil, err
	}
	out := usageCheckView{Services: map[string]serviceState{}, Blocked: []string{}, Reset: isoTime(m.Reset)}
	for _, one := range tenancy.Services() {
		blocked := m.Usage.Blocked(one, m.Profile.Allocation)
		out.Services[one.String()] = serviceState{one.Units(m.Usage.Used[one]), m.Profile.Allocation[one], blocked}
		if blocked {
			out.Blocked = append(out.Blocked, one.String())
		}
	}
	return out, nil
}

type usageCheckView struct {
	Services map[string]serviceState `json:"services"`
	Blocked  []string                `json:"blocked"`
	Reset    string                  `json:"reset_at"`
}

type serviceState struct {
	Used    float64 `json:"used"`
	Limit   int64   `json:"limit"`
	Blocked bool    `json:"blocked"`
}

var StatisticsGet = Operation{
	Name: "statistics-get", Tag: "Usage", Summary: "Returns what a profile had used by hour, day, month or year: running totals of the cycle, and levels.",
	Routes: []Route{{"GET", "/profile/{id}/statistics"}}, Access: Read, Zones: true, params: []string{"date", "start_date", "end_date", "periodicity", "timezone"}, answer: statisticsGet,
	Example: Example{Path: "/profile/current/statistics"},
}

func statisticsGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	text := texts(r.URL.RawQuery)
	points, err := s.Usage.Statistics(ctx, r.client, ref, tenancy.StatisticsQuery{
		Date: text("date"), Start: text("start_date"), End: text("end_date"), Periodicity: text("periodicity"), Timezone: text("timezone"),
	})
	rows := make([]map[string]any, len(points))
	for i, p := range points {
		rows[i] = map[string]any{"time": isoTime(p.Time)}
		for one, n := range p.Used {
			rows[i][one.String()] = n
		}
	}
	return rows, err
}

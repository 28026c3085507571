package operation

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var AccountCost = Operation{
	Name: "account-cost", Tag: "Cost", Summary: "Returns what the account costs in a month, by profile and service, and what its renewal will cost.",
	Routes: []Route{{"GET", "/account/cost"}}, Access: Read, Zones: true, params: []string{"month", "format"}, answer: accountCost,
	Example: Example{Path: "/account/cost"},
}

func accountCost(ctx context.Context, s *service.Services, r *request) (any, error) {
	text := texts(r.URL.RawQuery)
	format, err := costFormat(text("format"))
	if err != nil {
		return nil, err
	}
	cost, err := s.Billing.Cost(ctx, r.client, text("month"))
	if err != nil {
		return nil, err
	}
	return format(cost), nil
}

var ProfileCost = Operation{
	Name: "profile-cost", Tag: "Cost", Summary: "Returns what an own profile costs in a month, by service.",
	Routes: []Route{{"GET", "/profile/{id}/cost"}}, Access: OwnerRead, Zones: true, params: []string{"month", "format"}, answer: profileCost,
	Example: Example{Path: "/profile/current/cost"},
}

func profileCost(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	text := texts(r.URL.RawQuery)
	format, err := costFormat(text("format"))
	if err != nil {
		return nil, err
	}
	cost, err := s.Billing.ProfileCost(ctx, r.client, ref, text("month"))
	if err != nil {
		return nil, err
	}
	return format(cost), nil
}

func costFormat(name string) (func(service.Cost) any, error) {
	switch name {
	case "", "json":
		return func(c service.Cost) any { return costOf(c) }, nil
	case "csv":
		return func(c service.Cost) any { return costCSV(c) }, nil
	}
	return nil, tenancy.InvalidField("format", "must be json or csv")
}

// costView is a month's cost. All amounts are in cents; the lines add up to the total.
type costView struct {
	Month    string       `json:"month"`
	Currency string       `json:"currency"`
	Total    int64        `json:"total"`
	Lines    []costLine   `json:"lines"`
	Charges  []chargeView `json:"statement"`
	Forecast forecastView `json:"forecast"`
}

type costLine struct {
	Profile *string `json:"profile"` // null: the plan, and what no profile has
	Name    *string `json:"profile_name"`
	Kind    string  `json:"kind"`
	What    string  `json:"what"`
	Amount  int64   `json:"amount"`
	From    string  `json:"from"`
	To      string  `json:"to"`
}

type chargeView struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	What   string `json:"what"`
	Limit  int64  `json:"limit,omitempty"`
	Amount int64  `json:"amount"`
	From   string `json:"from"`
	To     string `json:"to"`
}

// forecastView is what the next renewal will cost, if nothing changes until then.
type forecastView struct {
	Renewal *string    `json:"renewal"`
	Total   int64      `json:"total"`
	Lines   []costLine `json:"lines"`
}

func costOf(c service.Cost) costView {
	v := costView{
		Month: c.From.Format("2006-01"), Currency: currency, Total: c.Total, Lines: linesOf(c.Cost, c.Names),
		Charges: []chargeView{}, Forecast: forecastView{timeOrNull(c.Renewal), c.Upcoming.Total, linesOf(c.Upcoming, c.Names)},
	}
	for _, charge := range c.Charges {
		v.Charges = append(v.Charges, chargeView{charge.ID, string(charge.Kind), charge.What(), charge.Limit, charge.Amount, isoTime(charge.From), isoTime(charge.To)})
	}
	return v
}

func linesOf(c tenancy.Cost, names map[tenancy.ProfileID]string) []costLine {
	lines := []costLine{}
	for _, l := range c.Lines {
		lines = append(lines, costLine{
			orNull(string(l.Profile)), orNull(names[l.Profile]), costKind(l), l.Charge.What(), l.Amount, isoTime(l.Charge.From), isoTime(l.Charge.To),
		})
	}
	return lines
}

// costKind tells what no profile has from what one has.
func costKind(l tenancy.CostLine) string {
	if l.Profile == "" && l.Charge.Kind != tenancy.ChargePlan {
		return "unallocated " + string(l.Charge.Kind)
	}
	return string(l.Charge.Kind)
}

func costCSV(c service.Cost) httpapi.File {
	rows := [][]string{{"month", "profile", "profile_name", "kind", "what", "amount_cents", "from", "to", "local_from", "local_to", "timezone"}}
	for _, l := range c.Lines {
		rows = append(rows, []string{
			c.From.Format("2006-01"), string(l.Profile), c.Names[l.Profile], costKind(l), l.Charge.What(), fmt.Sprint(l.Amount),
			l.Charge.From.Format(time.RFC3339), l.Charge.To.Format(time.RFC3339),
			tenancy.LocalTime(l.Charge.From, c.Zone), tenancy.LocalTime(l.Charge.To, c.Zone), c.Zone.String(),
		})
	}
	return httpapi.CSV("cost-"+c.From.Format("2006-01")+".csv", rows)
}

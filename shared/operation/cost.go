package operation

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/billing"
	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/subscriptions"
	"profiles/shared/value"
)

var AccountCost = Operation{
	Name:    "account-cost",
	Tag:     "Cost",
	Summary: "Returns the cost of the account in a month, by profile and service, and the forecast of its renewal.",
	Routes:  []Route{{"GET", "/account/cost"}},
	Access:  BillingRead,
	Zones:   true,
	Call:    list[costQuery, oneOf[costView, httpapi.File]](accountCost),
	Example: Example{Path: "/account/cost"},
}

func accountCost(
	ctx context.Context,
	s *service.Services,
	r *request,
	q costQuery,
) (oneOf[costView, httpapi.File], error) {
	format, err := costFormat(q.Format)
	if err != nil {
		return oneOf[costView, httpapi.File]{}, err
	}
	cost, err := s.Billing.Cost(ctx, r.client, q.Month)
	if err != nil {
		return oneOf[costView, httpapi.File]{}, err
	}
	return format(cost), nil
}

var ProfileCost = Operation{
	Name:    "profile-cost",
	Tag:     "Cost",
	Summary: "Returns the cost of an own profile in a month, by service.",
	Routes:  []Route{{"GET", "/profile/{id}/cost"}},
	Access:  OwnerBillingRead,
	Zones:   true,
	Call:    list[costQuery, oneOf[costView, httpapi.File]](profileCost),
	Example: Example{Path: "/profile/current/cost"},
}

func profileCost(
	ctx context.Context,
	s *service.Services,
	r *request,
	q costQuery,
) (oneOf[costView, httpapi.File], error) {
	ref, err := r.profile()
	if err != nil {
		return oneOf[costView, httpapi.File]{}, err
	}
	format, err := costFormat(q.Format)
	if err != nil {
		return oneOf[costView, httpapi.File]{}, err
	}
	cost, err := s.Billing.ProfileCost(ctx, r.client, ref, q.Month)
	if err != nil {
		return oneOf[costView, httpapi.File]{}, err
	}
	return format(cost), nil
}

// costQuery names the month, and the format of the answer.
type costQuery struct {
	Month  string `query:"month"  is:"month"`       // the month; the current one if it is left out
	Format string `query:"format" is:"cost_format"` // json, or a file: csv
}

func costFormat(name string) (func(subscriptions.Cost) oneOf[costView, httpapi.File], error) {
	switch name {
	case "", "json":
		return func(c subscriptions.Cost) oneOf[costView, httpapi.File] {
			return first[costView, httpapi.File](costOf(c))
		}, nil
	case "csv":
		return func(c subscriptions.Cost) oneOf[costView, httpapi.File] {
			return second[costView](costCSV(c))
		}, nil
	}
	return nil, problem.InvalidField("format", problem.FieldChoice, "must be json or csv")
}

// costView is the cost of a month. All amounts are in cents, and the lines add
// up to the total.
type costView struct {
	Month    string `json:"month"    is:"month"`    // the month
	Currency string `json:"currency" is:"currency"` // the currency
	Total    int64  `json:"total"`                  // the sum, in cents
	// the cost of each plan, service and add-on; the amounts add up to the
	// total
	Lines    []costLine   `json:"lines"`
	Charges  []chargeView `json:"statement"` // what was charged in the month
	Forecast forecastView `json:"forecast"`  // what the next renewal will cost if nothing changes
}

type costLine struct {
	// the id of the profile; null for the plan and for services that no profile
	// has
	Profile *string `json:"profile"`
	// the name of the profile; null if there is no profile
	Name *string `json:"profile_name" is:"text"`
	// plan, service or addon, with "unallocated " in front for what no profile
	// has
	Kind   string `json:"kind" is:"text"`
	What   string `json:"what"   is:"text"` // the name of the plan, service or add-on
	Amount int64  `json:"amount"`           // the cost, in cents
	From   string `json:"from"   is:"time"` // the start of the time that the cost is for
	To     string `json:"to"     is:"time"` // the end of the time that the cost is for
}

type chargeView struct {
	ID   string `json:"id"   is:"text"` // the id of the charge
	Kind string `json:"kind" is:"text"` // plan, service or addon
	What string `json:"what" is:"text"` // the name of the plan, service or add-on
	// the limit that was bought; absent for others than services
	Limit  int64 `json:"limit,omitempty"`
	Amount int64 `json:"amount"` // the amount that was charged, in cents
	// the start of the time that the charge is for
	From string `json:"from"            is:"time"`
	To   string `json:"to"              is:"time"` // the end of the time that the charge is for
}

// forecastView is the cost of the next renewal if nothing changes before it.
type forecastView struct {
	// when the subscription is renewed; null for a plan that is not
	Renewal *string    `json:"renewal" is:"time"`
	Total   int64      `json:"total"` // the sum, in cents
	Lines   []costLine `json:"lines"` // the cost of each plan, service and add-on
}

func costOf(c subscriptions.Cost) costView {
	v := costView{
		Month: c.From.Format(
			"2006-01",
		),
		Currency: currency,
		Total:    c.Total,
		Lines:    linesOf(c.Cost, c.Names),
		Charges:  []chargeView{},
		Forecast: forecastView{
			timeOrNull(c.Renewal),
			c.Upcoming.Total,
			linesOf(c.Upcoming, c.Names),
		},
	}
	for _, charge := range c.Charges {
		v.Charges = append(
			v.Charges,
			chargeView{
				charge.ID,
				string(charge.Kind),
				charge.What(),
				charge.Limit,
				charge.Amount,
				isoTime(charge.From),
				isoTime(charge.To),
			},
		)
	}
	return v
}

func linesOf(c billing.Cost, names map[value.ProfileID]string) []costLine {
	lines := []costLine{}
	for _, l := range c.Lines {
		lines = append(lines, costLine{
			orNull(string(l.Profile)),
			orNull(names[l.Profile]),
			costKind(l),
			l.Charge.What(),
			l.Amount,
			isoTime(l.Charge.From),
			isoTime(l.Charge.To),
		})
	}
	return lines
}

// costKind names the kind of a line, with a prefix if no profile has the thing.
func costKind(l billing.CostLine) string {
	if l.Profile == "" && l.Charge.Kind != billing.ChargePlan {
		return "unallocated " + string(l.Charge.Kind)
	}
	return string(l.Charge.Kind)
}

func costCSV(c subscriptions.Cost) httpapi.File {
	rows := [][]string{
		{
			"month",
			"profile",
			"profile_name",
			"kind",
			"what",
			"amount_cents",
			"from",
			"to",
			"local_from",
			"local_to",
			"timezone",
		},
	}
	for _, l := range c.Lines {
		rows = append(rows, []string{
			c.From.Format(
				"2006-01",
			),
			string(l.Profile),
			c.Names[l.Profile],
			costKind(l),
			l.Charge.What(),
			fmt.Sprint(l.Amount),
			l.Charge.From.Format(time.RFC3339),
			l.Charge.To.Format(time.RFC3339),
			value.LocalTime(
				l.Charge.From,
				c.Zone,
			),
			value.LocalTime(l.Charge.To, c.Zone),
			c.Zone.String(),
		})
	}
	return httpapi.CSV("cost-"+c.From.Format("2006-01")+".csv", rows)
}

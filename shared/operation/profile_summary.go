package operation

import (
	"context"

	"profiles/shared/plan"
	"profiles/shared/service"
)

var ProfileSummary = Operation{
	Name:    "profile-summary",
	Tag:     "Profiles",
	Summary: "Returns a profile's limits, usage and add-ons.",
	Routes:  []Route{{"GET", "/profile/{id}/summary"}},
	Access:  Read,
	Call:    list[summaryQuery, oneOf[summaryView, amountView]](profileSummary),
	Example: Example{Path: "/profile/current/summary"},
}

func profileSummary(
	ctx context.Context,
	s *service.Services,
	r *request,
	q summaryQuery,
) (oneOf[summaryView, amountView], error) {
	ref, err := r.profile()
	if err != nil {
		return oneOf[summaryView, amountView]{}, err
	}
	summary, err := s.Profiles.Summary(ctx, r.client, ref)
	if err != nil {
		return oneOf[summaryView, amountView]{}, err
	}
	if q.OnlyAmount {
		return second[summaryView](amountView{}), nil
	}
	limit, used := summary.Profile.Allocation.Map(), summary.Used.Units()
	for _, name := range elsewhere {
		used[name] = 0
	}
	limit[tagoCore], used[tagoCore] = 0, 0
	return first[summaryView, amountView](summaryView{
		Blocked: blockedServices(summary.Blocked), Reset: isoTime(summary.Reset),
		Limit: limit, Used: used, Addons: extrasOf(summary.Profile),
		TagoRun: string(summary.Profile.ID) + ".tago.run",
	}), nil
}

// summaryQuery says which part of the summary is wanted.
type summaryQuery struct {
	OnlyAmount bool `query:"onlyAmount"` // whether only the amounts are wanted
}

// amountView is the part of a summary that says what the profile holds in the
// data plane.
type amountView struct {
	Amount resourceCounts `json:"amount"` // what the profile holds in the data plane
}

// What the original counts beside the nine services: instances of TagoCore,
// clusters of them, and what dashboards read by themselves. There is nothing of
// that here, so none of it can be had or is used.
const tagoCore = "tcore"

var elsewhere = []string{"tcore_cluster", "dashboard_output"}

type summaryView struct {
	Limit map[string]int64   `json:"limit"`      // what the profile has of each service
	Used  map[string]float64 `json:"limit_used"` // what was used of each service
	// what the profile holds in the data plane
	Amount resourceCounts `json:"amount"`
	Addons extrasView     `json:"addons"` // the add-ons
	// the address of applications in the original
	TagoRun string `json:"tago_run" is:"text"`
	// the services that are used up; one of which the profile has nothing is
	// not among them
	Blocked []string `json:"blocked" is:"service"`
	// when what is counted by the month starts from nothing again
	Reset string `json:"reset_at" is:"time"`
}

func blockedServices(services []plan.Service) []string {
	out := []string{}
	for _, one := range services {
		out = append(out, one.String())
	}
	return out
}

// resourceCounts are the things a profile holds in the data plane. This control
// plane keeps none of them, so there are none.
type resourceCounts struct {
	Device     int `json:"device"`           // devices
	Bucket     int `json:"bucket"`           // buckets
	Dashboard  int `json:"dashboard"`        // dashboards
	Shared     int `json:"dashboard_shared"` // shared dashboards
	Analysis   int `json:"analysis"`         // scripts
	Action     int `json:"action"`           // actions
	AM         int `json:"am"`               // access rules
	RunUsers   int `json:"run_users"`        // users of applications
	Dictionary int `json:"dictionary"`       // dictionaries
	Connectors int `json:"connectors"`       // connectors
	Networks   int `json:"networks"`         // networks
	TagoCore   int `json:"tcore"`            // instances of TagoCore
	Clusters   int `json:"tcore_cluster"`    // clusters of TagoCore
}

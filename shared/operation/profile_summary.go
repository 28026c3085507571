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
	Access:  Usage,
	Call:    list[summaryQuery, oneOf[summaryView, amountView]](profileSummary),
	Example: Example{Path: "/profile/current/summary"},
}

func profileSummary(
	ctx context.Context,
	s *service.Services,
	r *request,
	q summaryQuery,
) (oneOf[summaryView, amountView], error) {
	whole, err := wholeSummary(ctx, s, r)
	if err != nil {
		return oneOf[summaryView, amountView]{}, err
	}
	if q.OnlyAmount {
		return second[summaryView](amountView{}), nil
	}
	return first[summaryView, amountView](whole), nil
}

// wholeSummary returns the summary of the profile that the path names.
func wholeSummary(ctx context.Context, s *service.Services, r *request) (summaryView, error) {
	ref, err := r.profile()
	if err != nil {
		return summaryView{}, err
	}
	summary, err := s.Profiles.Summary(ctx, r.client, ref)
	if err != nil {
		return summaryView{}, err
	}
	limit, used := summary.Profile.Allocation.Map(), summary.Used.Units()
	for _, name := range elsewhere {
		used[name] = 0
	}
	limit[tagoCore], used[tagoCore] = 0, 0
	return summaryView{
		Soft: summary.Profile.Soft.Names(), Over: unitsOver(summary.Over),
		Stopped: summary.Stopped.Names(),
		Blocked: blockedServices(summary.Blocked), Reset: isoTime(summary.Reset),
		Limit: limit, Used: used, Addons: extrasOf(summary.Profile),
		TagoRun: string(summary.Profile.ID) + ".tago.run",
	}, nil
}

// summaryQuery names the part of the summary to return.
type summaryQuery struct {
	OnlyAmount bool `query:"onlyAmount"` // whether only the amounts are wanted
}

// amountView is the part of a summary about the profile's things in the data
// plane.
type amountView struct {
	Amount resourceCounts `json:"amount"` // what the profile holds in the data plane
}

// The original has more services than these nine: instances of TagoCore,
// clusters of them, and reads of dashboards. They do not exist here, so their
// limits and usage are 0.
const tagoCore = "tcore"

var elsewhere = []string{"tcore_cluster", "dashboard_output"}

type summaryView struct {
	Limit map[string]int64   `json:"limit"`      // the limit of the profile for each service
	Used  map[string]float64 `json:"limit_used"` // how much of each service the profile has used
	// what the profile holds in the data plane
	Amount resourceCounts `json:"amount"`
	Addons extrasView     `json:"addons"` // the add-ons
	// the address of applications in the original
	TagoRun string `json:"tago_run" is:"text"`
	// the services of which no more is admitted, as the limit is used up or an
	// alert stops them; a service of which the profile has nothing is there
	// only if an alert stops it
	Blocked []string `json:"blocked" is:"service"`
	Stopped []string `json:"stopped" is:"service"`     // the services that an alert stops
	Soft    []string `json:"soft_limits" is:"service"` // the services whose limit is soft
	// what was used above soft limits, for each service of which something was
	Over  map[string]float64 `json:"over"`
	Reset string             `json:"reset_at" is:"time"` // when the monthly counters start from zero again
}

// unitsOver returns what was used above soft limits, in units.
func unitsOver(amounts plan.Amounts) map[string]float64 {
	over := map[string]float64{}
	for _, one := range plan.Services() {
		if n := amounts[one]; n > 0 {
			over[one.String()] = one.Units(n)
		}
	}
	return over
}

func blockedServices(services []plan.Service) []string {
	out := []string{}
	for _, one := range services {
		out = append(out, one.String())
	}
	return out
}

// resourceCounts are the numbers of a profile's things in the data plane. This
// service does not store them, so all numbers are 0.
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

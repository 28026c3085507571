package operation

import (
	"context"

	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/static"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

var OverviewGet = Operation{
	Name:    "overview-get",
	Tag:     "Account",
	Summary: "Returns every profile that the account can open, with its limits and usage, and the limits of the plan.",
	Routes:  []Route{{"GET", "/account/overview"}},
	Access:  Read,
	Call:    get[accountOverviewView](overviewGet),
	Example: Example{Path: "/account/overview"},
}

func overviewGet(
	ctx context.Context,
	s *service.Services,
	r *request,
) (accountOverviewView, error) {
	o, err := s.Profiles.Overview(ctx, r.client)
	if err != nil {
		return accountOverviewView{}, err
	}
	out := accountOverviewView{
		Plan:     o.Account.Plan,
		Limits:   static.LimitsOf(o.Account.Plan),
		Free:     numbers(o.Account.Free(o.Now)),
		Profiles: []profileOutline{},
	}
	for _, one := range o.Profiles {
		row := profileOutline{
			ID:         one.Profile.ID,
			Name:       one.Profile.Name,
			LogoURL:    orNull(one.Profile.LogoURL),
			Account:    one.Profile.Owner,
			Owner:      one.Owner,
			rightView:  viewRight(one.Grant.Own(), one.Grant.Permission),
			Plan:       one.Profile.Plan,
			Allocation: one.Profile.Allocation.Map(),
			Used:       one.Used.Units(),
			Blocked:    blockedServices(one.Blocked),
			Stopped:    one.Stopped.Names(),
			Over:       unitsOver(one.Over),
			Reset:      isoTime(one.Reset),
		}
		if one.Grant.Own() {
			members, invitations := one.Joined(), one.Invited()
			row.Members, row.Invitations = &members, &invitations
		}
		if one.Transfer != "" {
			row.Transfer = &one.Transfer
		}
		out.Profiles = append(out.Profiles, row)
	}
	return out, nil
}

type accountOverviewView struct {
	Plan   plan.Plan         `json:"plan"`   // the plan of the account
	Limits static.LimitsView `json:"limits"` // the limits of the plan
	Free   serviceAmounts    `json:"free"`   // the amount of each service that no profile has
	// the profiles that the account can open: own ones first
	Profiles []profileOutline `json:"profiles"`
}

// profileOutline is a profile in the overview of an account.
type profileOutline struct {
	ID   value.ProfileID `json:"id"`             // the id of the profile
	Name string          `json:"name" is:"text"` // the name of the profile
	// the address of the logo; null for none
	LogoURL *string         `json:"logo_url"   is:"logo"`
	Account value.AccountID `json:"account"` // the id of the account that owns the profile
	// the name of the account that owns the profile
	Owner string `json:"owner_name" is:"text"`
	rightView
	Plan       plan.Plan          `json:"plan"`       // the plan of the account that owns the profile
	Allocation map[string]int64   `json:"allocation"` // the limit of the profile for each service
	Used       map[string]float64 `json:"used"`       // how much of each service the profile has used
	// the services of which no more is admitted, as the limit is used up or an
	// alert stops them; a service of which the profile has nothing is there
	// only if an alert stops it
	Blocked []string `json:"blocked" is:"service"`
	Stopped []string `json:"stopped" is:"service"` // the services that an alert stops
	// what was used above soft limits, for each service of which something was
	Over  map[string]float64 `json:"over"`
	Reset string             `json:"reset_at" is:"time"` // when the monthly counters start from zero again
	// how many members an own profile has, without its owner; null for a
	// profile of another account
	Members *int `json:"members"`
	// how many open invitations an own profile has; null for a profile of
	// another account
	Invitations *int `json:"invitations"`
	// the open transfer of an own profile; null for none, and for a profile of
	// another account
	Transfer *transfer.ID `json:"transfer"`
}

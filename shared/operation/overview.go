package operation

import (
	"context"

	"profiles/shared/plan"
	"profiles/shared/service"
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
		Limits:   viewLimits(o.Account.Plan),
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
	Plan   plan.Plan  `json:"plan"`   // the plan of the account
	Limits limitsView `json:"limits"` // what the plan admits
	// what of each service no profile has
	Free serviceAmounts `json:"free"`
	// the profiles that the account can open: own ones first
	Profiles []profileOutline `json:"profiles"`
}

// profileOutline is a profile in the overview of an account.
type profileOutline struct {
	ID   value.ProfileID `json:"id"`             // the profile
	Name string          `json:"name" is:"text"` // the name of the profile
	// the address of the logo; null for none
	LogoURL *string         `json:"logo_url"   is:"logo"`
	Account value.AccountID `json:"account"`              // the account that owns it
	Owner   string          `json:"owner_name" is:"text"` // the name of that account
	rightView
	Plan       plan.Plan          `json:"plan"`       // the plan of the owner
	Allocation map[string]int64   `json:"allocation"` // what the profile has of each service
	Used       map[string]float64 `json:"used"`       // what was used of each service
	// the services that are used up; one of which the profile has nothing is
	// not among them
	Blocked []string `json:"blocked" is:"service"`
	// when what is counted by the month starts from nothing again
	Reset string `json:"reset_at" is:"time"`
	// how many members an own profile has beside its owner; null for one of
	// others
	Members *int `json:"members"`
	// how many open invitations an own profile has; null for one of others
	Invitations *int `json:"invitations"`
	// the open transfer of an own profile; null for none, and for one of others
	Transfer *transfer.ID `json:"transfer"`
}

package operation

import (
	"context"
	"fmt"

	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

var AllocationGet = Operation{
	Name:    "allocation-get",
	Tag:     "Allocation",
	Summary: "Lists how the account's limits are allocated to its profiles.",
	Routes:  []Route{{"GET", "/account/allocation"}},
	Access:  BillingRead,
	Call:    get[[]allocationView](allocationGet),
	Example: Example{Path: "/account/allocation"},
}

func allocationGet(ctx context.Context, s *service.Services, r *request) ([]allocationView, error) {
	a, err := s.Billing.Account(ctx, r.client)
	rows := []allocationView{}
	for _, id := range a.ProfileIDs() {
		share := a.Shares[id]
		rows = append(rows, allocationView{id, numbers(share.Allocation), isoTime(share.Updated)})
	}
	return rows, err
}

// allocationView is a profile's allocation of each service.
type allocationView struct {
	Profile value.ProfileID `json:"profile"` // the id of the profile
	serviceAmounts
	Updated string `json:"updated_at" is:"time"` // when this allocation last changed
}

// serviceAmounts has an amount for each of the nine services.
type serviceAmounts struct {
	Input            int64 `json:"input"`             // data that devices send
	Output           int64 `json:"output"`            // data that is read
	SMS              int64 `json:"sms"`               // text messages
	Email            int64 `json:"email"`             // e-mails
	Analysis         int64 `json:"analysis"`          // runs of scripts
	DataRecords      int64 `json:"data_records"`      // records that are stored
	RunUsers         int64 `json:"run_users"`         // users of applications
	PushNotification int64 `json:"push_notification"` // push notifications
	FileStorage      int64 `json:"file_storage"`      // files that are stored, in MB
}

func numbers(a plan.Amounts) serviceAmounts {
	return serviceAmounts{
		Input:            a[plan.ServiceInput],
		Output:           a[plan.ServiceOutput],
		SMS:              a[plan.ServiceSMS],
		Email:            a[plan.ServiceEmail],
		Analysis:         a[plan.ServiceAnalysis],
		DataRecords:      a[plan.ServiceDataRecords],
		RunUsers:         a[plan.ServiceRunUsers],
		PushNotification: a[plan.ServicePushNotification],
		FileStorage:      a[plan.ServiceFileStorage],
	}
}

var AllocationEdit = Operation{
	Name:    "allocation-edit",
	Tag:     "Allocation",
	Summary: "Divides the account's services over its profiles.",
	Routes:  []Route{{"POST", "/account/allocation"}},
	Access:  Billing,
	Call:    strict[[]allocationRow, acknowledged](allocationEdit),
	Refuses: []problem.Reason{
		problem.ReasonOnlyProfile,
		problem.ReasonAllocationOver,
		problem.ReasonAllocationUnder,
		problem.ReasonAllocationStale,
	},
	Example: Example{
		Path: "/account/allocation",
		Body: `[{"profile": "01a20c000000000000000001", "input": 100000}]`,
	},
}

const allocated = "Profile resource allocation Successfully Updated"

// allocationRow is the part of an edit about one profile: its id, and the new
// limits of some services.
type allocationRow struct {
	Profile value.ProfileID `json:"profile"` // the id of the profile
	serviceNumbers
	// the allocation that the caller has seen: if one of these numbers is
	// different now, nothing is changed
	Seen *serviceNumbers `json:"seen"`
	// the time that the list returned, which changes nothing
	Updated httpapi.Ignored `json:"updated_at"`
}

// serviceNumbers has an amount for some of the nine services.
type serviceNumbers struct {
	Input            *int64 `json:"input"`             // data that devices send
	Output           *int64 `json:"output"`            // data that is read
	SMS              *int64 `json:"sms"`               // text messages
	Email            *int64 `json:"email"`             // e-mails
	Analysis         *int64 `json:"analysis"`          // runs of scripts
	DataRecords      *int64 `json:"data_records"`      // records that are stored
	RunUsers         *int64 `json:"run_users"`         // users of applications
	PushNotification *int64 `json:"push_notification"` // push notifications
	FileStorage      *int64 `json:"file_storage"`      // files that are stored, in MB
}

func (n serviceNumbers) amounts() map[plan.Service]int64 {
	out := map[plan.Service]int64{}
	for s, v := range map[plan.Service]*int64{
		plan.ServiceInput:            n.Input,
		plan.ServiceOutput:           n.Output,
		plan.ServiceSMS:              n.SMS,
		plan.ServiceEmail:            n.Email,
		plan.ServiceAnalysis:         n.Analysis,
		plan.ServiceDataRecords:      n.DataRecords,
		plan.ServiceRunUsers:         n.RunUsers,
		plan.ServicePushNotification: n.PushNotification,
		plan.ServiceFileStorage:      n.FileStorage,
	} {
		if v != nil {
			out[s] = *v
		}
	}
	return out
}

func allocationEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	rows []allocationRow,
) (acknowledged, error) {
	changes := map[value.ProfileID]map[plan.Service]int64{}
	seen := map[value.ProfileID]map[plan.Service]int64{}
	for i, row := range rows {
		if row.Profile == "" {
			return "", problem.Invalid("profile is required: the allocation at place %d has none", i).
				At(fmt.Sprintf("[%d].profile", i))
		}
		if changes[row.Profile] != nil {
			return "", problem.Invalid("profile %s is in the list twice", problem.Quoted(row.Profile)).
				At(fmt.Sprintf("[%d].profile", i))
		}
		changes[row.Profile] = row.amounts()
		if row.Seen != nil {
			seen[row.Profile] = row.Seen.amounts()
		}
	}
	if len(changes) == 0 {
		return "", problem.Invalid("the list must have an allocation of at least one profile")
	}
	return allocated, s.Billing.AllocateSeen(ctx, r.client, changes, seen)
}

var ProfileServices = Operation{
	Name:    "profile-services",
	Tag:     "Allocation",
	Summary: "Sets the allocation of an own profile.",
	Routes:  []Route{{"POST", "/profile/{id}/services"}},
	Access:  OwnerBilling,
	Call:    strict[profileServicesBody, acknowledged](profileServices),
	Refuses: []problem.Reason{problem.ReasonOnlyProfile, problem.ReasonAllocationUnder},
	Example: Example{Path: "/profile/current/services", Body: `{"input": 100000}`},
}

type profileServicesBody struct {
	Profile string `json:"profile"    is:"profile"` // the id of the profile, as in the path
	serviceNumbers
	// the time that the answer returned, which changes nothing
	Updated httpapi.Ignored `json:"updated_at"`
}

func profileServices(
	ctx context.Context,
	s *service.Services,
	r *request,
	b profileServicesBody,
) (acknowledged, error) {
	ref, err := r.profileNamed(b.Profile)
	if err != nil {
		return "", err
	}
	amounts := b.amounts()
	if len(amounts) == 0 {
		return "", problem.Invalid("send a number for at least one service")
	}
	return allocated, s.Billing.AllocateOne(ctx, r.client, ref, amounts)
}

var AddonList = Operation{
	Name: "addon-list", Tag: "Allocation", Summary: "Returns which add-ons a profile has.",
	Routes: []Route{{"GET", "/profile/{id}/addons"}}, Access: BillingRead,
	Call:    get[addonsView](addonList),
	Example: Example{Path: "/profile/current/addons"},
}

func addonList(ctx context.Context, s *service.Services, r *request) (addonsView, error) {
	ref, err := r.profile()
	if err != nil {
		return addonsView{}, err
	}
	has, err := s.Billing.Addons(ctx, r.client, ref)
	return addonsView(has), err
}

var AddonEdit = Operation{
	Name:    "addon-edit",
	Tag:     "Allocation",
	Summary: "Adds add-ons to an own profile, or ends them at the end of the cycle.",
	Routes:  []Route{{"POST", "/profile/{id}/addons"}},
	Access:  OwnerBilling,
	Call:    strict[addonChanges, acknowledged](addonEdit),
	Refuses: []problem.Reason{problem.ReasonPlanLacks},
	Example: Example{Path: "/profile/current/addons", Body: `{"custom_dns": true}`},
}

type addonChanges struct {
	// whether the profile has a domain of its own
	CustomDNS *bool `json:"custom_dns"`
	// whether the profile has its own mobile app
	Mobile  *bool  `json:"mobile"`
	ID      string `json:"id"      is:"profile"` // the id of the profile, as in the path
	Profile string `json:"profile" is:"profile"` // the id of the profile, as in the path
	// what the answer of a list has, which changes nothing here
	Name httpapi.Ignored `json:"name"`
	// what the answer of a list has, which changes nothing here
	Logo httpapi.Ignored `json:"logo_url"`
	// the time that the answer returned, which changes nothing
	Updated httpapi.Ignored `json:"updated_at"`
}

func addonEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b addonChanges,
) (acknowledged, error) {
	ref, err := r.profileNamed(b.ID, b.Profile)
	if err != nil {
		return "", err
	}
	wanted := map[plan.Addon]bool{}
	if b.CustomDNS != nil {
		wanted[plan.AddonCustomDNS] = *b.CustomDNS
	}
	if b.Mobile != nil {
		wanted[plan.AddonMobile] = *b.Mobile
	}
	if len(wanted) == 0 {
		return "", problem.Invalid("send custom_dns or mobile, true or false").
			At("custom_dns", "mobile")
	}
	return "Addons Successfully Updated", s.Billing.EditAddons(ctx, r.client, ref, wanted)
}

var AddonRemove = Operation{
	Name:    "addon-remove",
	Tag:     "Allocation",
	Summary: "Ends an add-on of an own profile at the end of the cycle.",
	Routes:  []Route{{"DELETE", "/profile/{id}/{addon}"}},
	Access:  OwnerBilling,
	Call:    get[acknowledged](addonRemove),
	Example: Example{Path: "/profile/current/mobile"},
}

func addonRemove(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	one, err := plan.ParseAddon(r.PathValue("addon"))
	if err != nil {
		return "", err
	}
	return "Addon Successfully Removed", s.Billing.RemoveAddon(ctx, r.client, ref, one)
}

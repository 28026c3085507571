package operation

import (
	"context"
	"fmt"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var AllocationGet = Operation{
	Name: "allocation-get", Tag: "Allocation", Summary: "Lists what each profile of the account has of its services.",
	Routes: []Route{{"GET", "/account/allocation"}}, Access: Read, answer: allocationGet,
	Example: Example{Path: "/account/allocation"},
}

func allocationGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	a, err := s.Billing.Account(ctx, r.client)
	rows := []map[string]any{}
	for _, id := range a.ProfileIDs() {
		share := a.Shares[id]
		row := map[string]any{"profile": id, "updated_at": isoTime(share.Updated)}
		for name, n := range share.Allocation.Map() {
			row[name] = n
		}
		rows = append(rows, row)
	}
	return rows, err
}

var AllocationEdit = Operation{
	Name: "allocation-edit", Tag: "Allocation", Summary: "Divides the account's services over its profiles.",
	Routes: []Route{{"POST", "/account/allocation"}}, Access: Write, answer: allocationEdit,
	Example: Example{Path: "/account/allocation", Body: `[{"profile": "01a20c000000000000000001", "input": 100000}]`},
}

const allocated = "Profile resource allocation Successfully Updated"

// allocationRow is one profile's part of an edit: its id, and numbers of some services beside it.
type allocationRow struct {
	Profile tenancy.ProfileID `json:"profile"`
	serviceNumbers
}

// serviceNumbers are the nine services as keys of an object, each of which may be left out.
type serviceNumbers struct {
	Input            *int64 `json:"input"`
	Output           *int64 `json:"output"`
	SMS              *int64 `json:"sms"`
	Email            *int64 `json:"email"`
	Analysis         *int64 `json:"analysis"`
	DataRecords      *int64 `json:"data_records"`
	RunUsers         *int64 `json:"run_users"`
	PushNotification *int64 `json:"push_notification"`
	FileStorage      *int64 `json:"file_storage"`
}

func (n serviceNumbers) amounts() map[tenancy.Service]int64 {
	out := map[tenancy.Service]int64{}
	for s, v := range map[tenancy.Service]*int64{
		tenancy.ServiceInput: n.Input, tenancy.ServiceOutput: n.Output, tenancy.ServiceSMS: n.SMS, tenancy.ServiceEmail: n.Email,
		tenancy.ServiceAnalysis: n.Analysis, tenancy.ServiceDataRecords: n.DataRecords, tenancy.ServiceRunUsers: n.RunUsers,
		tenancy.ServicePushNotification: n.PushNotification, tenancy.ServiceFileStorage: n.FileStorage,
	} {
		if v != nil {
			out[s] = *v
		}
	}
	return out
}

func allocationEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	var rows []allocationRow
	if err := httpapi.DecodeKnown(r.Request, &rows); err != nil {
		return nil, err
	}
	changes := map[tenancy.ProfileID]map[tenancy.Service]int64{}
	for i, row := range rows {
		if row.Profile == "" {
			return nil, tenancy.Invalid("profile is required: the allocation at place %d names none", i).At(fmt.Sprintf("[%d].profile", i))
		}
		if changes[row.Profile] != nil {
			return nil, tenancy.Invalid("profile %s is in the list twice", tenancy.Quoted(row.Profile)).At(fmt.Sprintf("[%d].profile", i))
		}
		changes[row.Profile] = row.amounts()
	}
	if len(changes) == 0 {
		return nil, tenancy.Invalid("the list must have an allocation of at least one profile")
	}
	return allocated, s.Billing.Allocate(ctx, r.client, changes)
}

var ProfileServices = Operation{
	Name: "profile-services", Tag: "Allocation", Summary: "Sets what an own profile has of the account's services.",
	Routes: []Route{{"POST", "/profile/{id}/services"}}, Access: OwnerWrite, answer: profileServices,
	Example: Example{Path: "/profile/current/services", Body: `{"input": 100000}`},
}

func profileServices(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Profile string `json:"profile"`
		serviceNumbers
	}
	if err := r.decodeKnown(&b, "updated_at"); err != nil {
		return nil, err
	}
	ref, err := r.profileNamed(b.Profile)
	if err != nil {
		return nil, err
	}
	amounts := b.amounts()
	if len(amounts) == 0 {
		return nil, tenancy.Invalid("send a number for at least one service")
	}
	return allocated, s.Billing.AllocateOne(ctx, r.client, ref, amounts)
}

var AddonList = Operation{
	Name: "addon-list", Tag: "Allocation", Summary: "Returns which add-ons a profile has.",
	Routes: []Route{{"GET", "/profile/{id}/addons"}}, Access: Read, answer: addonList,
	Example: Example{Path: "/profile/current/addons"},
}

func addonList(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	has, err := s.Billing.Addons(ctx, r.client, ref)
	return addonsView(has), err
}

var AddonEdit = Operation{
	Name: "addon-edit", Tag: "Allocation", Summary: "Adds add-ons to an own profile, or ends them with the cycle.",
	Routes: []Route{{"POST", "/profile/{id}/addons"}}, Access: OwnerWrite, answer: addonEdit,
	Example: Example{Path: "/profile/current/addons", Body: `{"custom_dns": true}`},
}

func addonEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		CustomDNS *bool  `json:"custom_dns"`
		Mobile    *bool  `json:"mobile"`
		ID        string `json:"id"`
		Profile   string `json:"profile"`
	}
	if err := r.decodeKnown(&b, "name", "logo_url", "updated_at"); err != nil {
		return nil, err
	}
	ref, err := r.profileNamed(b.ID, b.Profile)
	if err != nil {
		return nil, err
	}
	wanted := map[tenancy.Addon]bool{}
	if b.CustomDNS != nil {
		wanted[tenancy.AddonCustomDNS] = *b.CustomDNS
	}
	if b.Mobile != nil {
		wanted[tenancy.AddonMobile] = *b.Mobile
	}
	if len(wanted) == 0 {
		return nil, tenancy.Invalid("send custom_dns or mobile, true or false").At("custom_dns", "mobile")
	}
	return "Addons Successfully Updated", s.Billing.EditAddons(ctx, r.client, ref, wanted)
}

var AddonRemove = Operation{
	Name: "addon-remove", Tag: "Allocation", Summary: "Ends an add-on of an own profile with the cycle.",
	Routes: []Route{{"DELETE", "/profile/{id}/{addon}"}}, Access: OwnerWrite, answer: addonRemove,
	Example: Example{Path: "/profile/current/mobile"},
}

func addonRemove(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	one, err := tenancy.ParseAddon(r.PathValue("addon"))
	if err != nil {
		return nil, err
	}
	return "Addon Successfully Removed", s.Billing.RemoveAddon(ctx, r.client, ref, one)
}

package operation

import (
	"cmp"
	"context"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var ProfileList = Operation{
	Name: "profile-list", Tag: "Profiles", Summary: "Lists the profiles the account can open: own first, oldest first, then shared ones.",
	Routes: []Route{{"GET", "/profile"}}, Access: Read, answer: profileListAnswer,
	Example: Example{Path: "/profile"},
}

func profileListAnswer(ctx context.Context, s *service.Services, r *request) (any, error) {
	grants, err := s.Profiles.List(ctx, r.client)
	return profileList(grants, false), err
}

// profileRow is a profile as lists show it. An own profile has only the first three, a shared one says whose it is; signing in
// says that of every profile.
type profileRow struct {
	ID        tenancy.ProfileID `json:"id"`
	Name      string            `json:"name"`
	LogoURL   *string           `json:"logo_url"`
	Account   tenancy.AccountID `json:"account,omitempty"`
	Profile   tenancy.ProfileID `json:"profile,omitempty"`
	FromShare *bool             `json:"from_share,omitempty"`
}

func profileList(grants []tenancy.Grant, owners bool) []profileRow {
	rows := make([]profileRow, len(grants))
	for i, g := range grants {
		rows[i] = profileRow{ID: g.Profile, Name: g.Name, LogoURL: orNull(g.LogoURL)}
		if owners || !g.Own() {
			rows[i].Account = g.Owner
		}
		if shared := !g.Own(); owners || shared {
			rows[i].FromShare = &shared
		}
		if !g.Own() {
			rows[i].Profile = g.Profile
		}
	}
	return rows
}

var ProfileCreate = Operation{
	Name: "profile-create", Tag: "Profiles", Summary: "Adds a profile to the account, up to the limit of its plan.",
	Routes: []Route{{"POST", "/profile"}}, Slash: true, Access: Write, params: []string{"allocate_free_resources"}, answer: profileCreate,
	Example: Example{Path: "/profile?allocate_free_resources=true", Body: `{"name": "Greenhouse"}`},
}

func profileCreate(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Name string `json:"name"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	free, err := flag(r.URL.RawQuery, "allocate_free_resources")
	if err != nil {
		return nil, err
	}
	id, err := s.Profiles.Create(ctx, r.client, b.Name, free)
	return struct {
		ID tenancy.ProfileID `json:"id"`
	}{id}, err
}

var ProfileGet = Operation{
	Name: "profile-get", Tag: "Profiles", Summary: "Returns a profile.",
	Routes: []Route{{"GET", "/profile/{id}"}}, Access: Read, answer: profileGet,
	Example: Example{Path: "/profile/current"},
}

func profileGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	p, err := s.Profiles.Get(ctx, r.client, ref)
	if err != nil {
		return nil, err
	}
	return profileView{
		Info: profileInfo{
			ID: p.ID, Account: p.Owner, Name: p.Name, LogoURL: orNull(p.LogoURL), BannerURL: orNull(p.BannerURL),
			Region: orNull(s.Profiles.Region), Created: isoTime(p.Created), Updated: isoTime(p.Updated),
		},
		Allocation: p.Allocation.Map(), Addons: extrasOf(p), AccountPlan: p.Plan, TokenPolicy: tokenPolicy(p.TokenPolicy),
	}, nil
}

type profileView struct {
	Info        profileInfo      `json:"info"`
	Allocation  map[string]int64 `json:"allocation"`
	Addons      extrasView       `json:"addons"`
	AccountPlan tenancy.Plan     `json:"account_plan"`
	TokenPolicy tokenPolicyView  `json:"token_policy"`
}

type profileInfo struct {
	ID        tenancy.ProfileID `json:"id"`
	Account   tenancy.AccountID `json:"account"`
	Name      string            `json:"name"`
	LogoURL   *string           `json:"logo_url"`
	BannerURL *string           `json:"banner_url"`
	Region    *string           `json:"region"` // of AWS
	RPM       requestRates      `json:"rpm"`
	Created   string            `json:"created_at"`
	Updated   string            `json:"updated_at"`
}

// requestRates are how often in a minute a device of the profile may send and read. Data planes have no limit here, so there is no number.
type requestRates struct {
	DataInput  *int `json:"data_input"`
	DataOutput *int `json:"data_output"`
}

// extrasView is what a profile has of add-ons as clients of the original know it. Control Tower is not sold here. Updated is when the
// profile last changed, of which its add-ons are a part.
type extrasView struct {
	addonsView
	ControlTower bool              `json:"control_tower"`
	Profile      tenancy.ProfileID `json:"profile"`
	Updated      string            `json:"updated_at"`
}

func extrasOf(p tenancy.Profile) extrasView {
	return extrasView{addonsView: addons(p), Profile: p.ID, Updated: isoTime(p.Updated)}
}

type addonsView struct {
	CustomDNS bool `json:"custom_dns"`
	Mobile    bool `json:"mobile"`
}

func addons(p tenancy.Profile) addonsView { return addonsView(p.Addons) }

var ProfileEdit = Operation{
	Name: "profile-edit", Tag: "Profiles", Summary: "Changes a profile's name, logo and banner.",
	Routes: []Route{{"PUT", "/profile/{id}"}}, Access: Write, answer: profileEdit,
	Example: Example{Path: "/profile/current", Body: `{"name": "Plant A", "logo_url": "https://example.com/logo.png"}`},
}

// profileChanges is the part of a body that an edit looks at. Clients send it flat, or as a whole profile with it in info; where a field is in
// both, as in a profile that was read and given another name, the flat one is what they mean.
type profileChanges struct {
	Name      *string                  `json:"name"`
	LogoURL   httpapi.Nullable[string] `json:"logo_url"`
	BannerURL httpapi.Nullable[string] `json:"banner_url"`
}

func profileEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	var b struct {
		profileChanges
		Info profileChanges `json:"info"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Successfully Updated", s.Profiles.Edit(ctx, r.client, ref, tenancy.ProfileEdit{
		Name: cmp.Or(b.Name, b.Info.Name), LogoURL: cmp.Or(b.LogoURL.Pointer(), b.Info.LogoURL.Pointer()),
		BannerURL: cmp.Or(b.BannerURL.Pointer(), b.Info.BannerURL.Pointer()),
	})
}

var ProfileDelete = Operation{
	Name: "profile-delete", Tag: "Profiles", Summary: "Deletes an own profile for good; asks for the password.",
	Routes: []Route{{"DELETE", "/profile/{id}"}}, Access: Owner, Hashes: true, Remedy: true, answer: profileDelete,
	Example: Example{Path: "/profile/0123456789abcdef01234567", Body: `{"password": "demo lantern otter"}`},
}

func profileDelete(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	var b proofBody
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Successfully Removed", s.Profiles.Delete(ctx, r.client, ref, b.proof())
}

var ProfileSummary = Operation{
	Name: "profile-summary", Tag: "Profiles", Summary: "Returns a profile's limits, use and add-ons.",
	Routes: []Route{{"GET", "/profile/{id}/summary"}}, Access: Read, params: []string{"onlyAmount"}, answer: profileSummary,
	Example: Example{Path: "/profile/current/summary"},
}

func profileSummary(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	onlyAmount, err := flag(r.URL.RawQuery, "onlyAmount")
	if err != nil {
		return nil, err
	}
	summary, err := s.Profiles.Summary(ctx, r.client, ref)
	if err != nil {
		return nil, err
	}
	if onlyAmount {
		return struct {
			Amount resourceCounts `json:"amount"`
		}{}, nil
	}
	limit, used := summary.Profile.Allocation.Map(), summary.Used.Units()
	for _, name := range elsewhere {
		used[name] = 0
	}
	limit[tagoCore], used[tagoCore] = 0, 0
	return summaryView{
		Limit: limit, Used: used, Addons: extrasOf(summary.Profile),
		TagoRun: string(summary.Profile.ID) + ".tago.run",
	}, nil
}

// What the original counts beside the nine services: instances of TagoCore, clusters of them, and what dashboards read by themselves. There
// is nothing of that here, so none of it can be had or is used.
const tagoCore = "tcore"

var elsewhere = []string{"tcore_cluster", "dashboard_output"}

type summaryView struct {
	Limit   map[string]int64   `json:"limit"`
	Used    map[string]float64 `json:"limit_used"`
	Amount  resourceCounts     `json:"amount"`
	Addons  extrasView         `json:"addons"`
	TagoRun string             `json:"tago_run"`
}

// resourceCounts are the things a profile holds in the data plane. This control plane keeps none of them, so there are none.
type resourceCounts struct {
	Device     int `json:"device"`
	Bucket     int `json:"bucket"`
	Dashboard  int `json:"dashboard"`
	Shared     int `json:"dashboard_shared"`
	Analysis   int `json:"analysis"`
	Action     int `json:"action"`
	AM         int `json:"am"`
	RunUsers   int `json:"run_users"`
	Dictionary int `json:"dictionary"`
	Connectors int `json:"connectors"`
	Networks   int `json:"networks"`
	TagoCore   int `json:"tcore"`
	Clusters   int `json:"tcore_cluster"`
}

var ProfileSwitch = Operation{
	Name: "profile-switch", Tag: "Profiles", Summary: "Moves the calling token to another profile of its account.",
	Routes: []Route{{"PUT", "/profile/switch/{id}"}}, Access: Write, answer: profileSwitch,
	Example: Example{Path: "/profile/switch/0123456789abcdef01234567"},
}

func profileSwitch(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	if ref.Current {
		return nil, tenancy.NotFound("Profile")
	}
	return "Token Successfully Transferred", s.Profiles.Switch(ctx, r.client, ref.ID)
}

var ProfilePurge = Operation{
	Name: "profile-purge", Tag: "Profiles", Summary: "Reclaims what deleted profiles left in the table.",
	Trigger: Schedule, Every: 5 * time.Minute, sweep: profilePurge,
}

func profilePurge(ctx context.Context, s *service.Services) (int, error) {
	return s.Profiles.Purge(ctx)
}

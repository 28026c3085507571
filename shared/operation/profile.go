package operation

import (
	"cmp"
	"context"

	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/static"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var ProfileList = Operation{
	Name:    "profile-list",
	Tag:     "Profiles",
	Summary: "Lists the profiles the account can open: own first, oldest first, then shared ones.",
	Routes:  []Route{{"GET", "/profile"}},
	Access:  Usage,
	Call:    get[[]profileRow](profileListAnswer),
	Example: Example{Path: "/profile"},
}

func profileListAnswer(ctx context.Context, s *service.Services, r *request) ([]profileRow, error) {
	grants, err := s.Profiles.List(ctx, r.client)
	return profileList(grants, false), err
}

// profileRow is a profile as lists show it. The owner is named for a shared
// profile only; at sign-in, for every profile.
type profileRow struct {
	ID   value.ProfileID `json:"id"`             // the id of the profile
	Name string          `json:"name" is:"text"` // the name of the profile
	// the address of the logo; null for none
	LogoURL *string `json:"logo_url" is:"logo"`
	// the id of the account that owns the profile; absent for an own profile,
	// except at sign-in
	Account value.AccountID `json:"account,omitempty"`
	// the id of the profile once more; absent for an own profile
	Profile value.ProfileID `json:"profile,omitempty"`
	// whether another account has shared the profile; absent for an own
	// profile, except at sign-in
	FromShare *bool `json:"from_share,omitempty"`
	rightView
}

// rightView is what the account may do in a profile. The token of the request
// may allow less.
type rightView struct {
	Role string `json:"role" is:"profile_role"` // the role of the account in the profile
	// what the account may do in the profile
	Permission string `json:"permission" is:"permission"`
}

// Roles of accounts on profiles.
const (
	RoleOwner  = "owner"
	RoleMember = "member"
)

func viewRight(own bool, granted tenancy.Permission) rightView {
	role := RoleMember
	if own {
		role = RoleOwner
	}
	return rightView{role, granted.String()}
}

func profileList(grants []tenancy.Grant, owners bool) []profileRow {
	rows := make([]profileRow, len(grants))
	for i, g := range grants {
		rows[i] = profileRow{
			ID: g.Profile, Name: g.Name, LogoURL: orNull(g.LogoURL),
			rightView: viewRight(g.Own(), g.Permission),
		}
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
	Name:    "profile-create",
	Tag:     "Profiles",
	Summary: "Adds a profile to the account, up to the limit of its plan.",
	Routes:  []Route{{"POST", "/profile"}},
	Slash:   true,
	Access:  Write,
	Call:    call[newProfileBody, newProfileView](profileCreate),
	Refuses: []problem.Reason{problem.ReasonProfilesFull},
	Example: Example{Path: "/profile?allocate_free_resources=true", Body: `{"name": "Greenhouse"}`},
}

type newProfileBody struct {
	// the name of the profile; several profiles may have the same one
	Name string `json:"name" is:"profile_name,required"`
	// whether the profile starts with all that no other one has, in place of
	// what the plan free has
	Free bool `json:"-" query:"allocate_free_resources"`
}

func profileCreate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b newProfileBody,
) (newProfileView, error) {
	id, err := s.Profiles.Create(ctx, r.client, b.Name, b.Free)
	return newProfileView{id}, err
}

// newProfileView has the id of a new profile.
type newProfileView struct {
	ID value.ProfileID `json:"id"` // the id of the profile
}

var ProfileGet = Operation{
	Name: "profile-get", Tag: "Profiles", Summary: "Returns a profile.",
	Routes: []Route{{"GET", "/profile/{id}"}}, Access: Usage,
	Call:    get[profileView](profileGet),
	Example: Example{Path: "/profile/current"},
}

func profileGet(ctx context.Context, s *service.Services, r *request) (profileView, error) {
	ref, err := r.profile()
	if err != nil {
		return profileView{}, err
	}
	seen, err := s.Profiles.Get(ctx, r.client, ref)
	if err != nil {
		return profileView{}, err
	}
	p := seen.Profile
	return profileView{
		rightView: viewRight(seen.Own, seen.Granted),
		Limits:    static.LimitsOf(p.Plan),
		Info: profileInfo{
			ID:        p.ID,
			Account:   p.Owner,
			Name:      p.Name,
			LogoURL:   orNull(p.LogoURL),
			BannerURL: orNull(p.BannerURL),
			Region:    orNull(s.Profiles.Region),
			Created:   isoTime(p.Created),
			Updated:   isoTime(p.Updated),
		},
		Allocation:  p.Allocation.Map(),
		Addons:      extrasOf(p),
		AccountPlan: p.Plan,
		TokenPolicy: tokenPolicy(p.TokenPolicy),
	}, nil
}

type profileView struct {
	Info       profileInfo      `json:"info"`       // the profile itself
	Allocation map[string]int64 `json:"allocation"` // the limit of the profile for each service
	Addons     extrasView       `json:"addons"`     // the add-ons of the profile
	// the plan of the account that owns the profile
	AccountPlan plan.Plan       `json:"account_plan"`
	TokenPolicy tokenPolicyView `json:"token_policy"` // how long tokens of the profile may work
	rightView
	// the limits of the plan of the account that owns the profile
	Limits static.LimitsView `json:"limits"`
}

type profileInfo struct {
	ID      value.ProfileID `json:"id"`                // the id of the profile
	Account value.AccountID `json:"account"`           // the id of the account that owns the profile
	Name    string          `json:"name"    is:"text"` // the name of the profile
	// the address of the logo; null for none
	LogoURL *string `json:"logo_url" is:"logo"`
	// the address of the banner; null for none
	BannerURL *string `json:"banner_url" is:"url"`
	Region    *string `json:"region"` // the AWS region in which the profile is stored
	// always null: requests of devices have no limit here
	RPM     requestRates `json:"rpm"`
	Created string       `json:"created_at" is:"time"` // when the profile was created
	Updated string       `json:"updated_at" is:"time"` // when the profile last changed
}

// requestRates are the limits of a device's requests in a minute. Data planes
// have no such limit here, so the numbers are null.
type requestRates struct {
	DataInput  *int `json:"data_input"`  // always null: there is no limit
	DataOutput *int `json:"data_output"` // always null: there is no limit
}

// extrasView has the add-ons of a profile in the form of the original. Control
// Tower is not offered here. The add-ons are a part of the profile, so that
// Updated is when the profile last changed.
type extrasView struct {
	addonsView
	// always false: Control Tower is not offered
	ControlTower bool            `json:"control_tower"`
	Profile      value.ProfileID `json:"profile"`                 // the id of the profile
	Updated      string          `json:"updated_at"    is:"time"` // when the profile last changed
}

func extrasOf(p tenancy.Profile) extrasView {
	return extrasView{addonsView: addons(p), Profile: p.ID, Updated: isoTime(p.Updated)}
}

type addonsView struct {
	CustomDNS bool `json:"custom_dns"` // whether the profile has a domain of its own
	Mobile    bool `json:"mobile"`     // whether the profile has its own mobile app
}

func addons(p tenancy.Profile) addonsView { return addonsView(p.Addons) }

var ProfileEdit = Operation{
	Name:    "profile-edit",
	Tag:     "Profiles",
	Summary: "Changes a profile's name, logo and banner.",
	Routes:  []Route{{"PUT", "/profile/{id}"}},
	Access:  Write,
	Call:    call[profileEditBody, acknowledged](profileEdit),
	Example: Example{
		Path: "/profile/current",
		Body: `{"name": "Plant A", "logo_url": "https://example.com/logo.png"}`,
	},
}

// profileChanges is the part of a body that an edit reads. Clients send it at
// the top of the body, or in info, as in a profile that they have read. If a
// field is in both, the one at the top counts: a client that renames a profile
// sets it there.
type profileChanges struct {
	Name *string `json:"name" is:"profile_name"` // the name of the profile
	// the address of a logo, or the one that the profile has, which changes
	// nothing; null for none
	LogoURL httpapi.Nullable[string] `json:"logo_url" is:"new_logo"`
	// the address of the banner; null for none
	BannerURL httpapi.Nullable[string] `json:"banner_url" is:"url"`
}

type profileEditBody struct {
	profileChanges
	Info profileChanges `json:"info"` // the profile itself
}

func profileEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b profileEditBody,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	return "Successfully Updated", s.Profiles.Edit(ctx, r.client, ref, tenancy.ProfileEdit{
		Name: cmp.Or(
			b.Name,
			b.Info.Name,
		),
		LogoURL:   cmp.Or(b.LogoURL.Pointer(), b.Info.LogoURL.Pointer()),
		BannerURL: cmp.Or(b.BannerURL.Pointer(), b.Info.BannerURL.Pointer()),
	})
}

var ProfileSwitch = Operation{
	Name:    "profile-switch",
	Tag:     "Profiles",
	Summary: "Moves the calling token to another profile of its account.",
	Routes:  []Route{{"PUT", "/profile/switch/{id}"}},
	Access:  Write,
	Call:    get[acknowledged](profileSwitch),
	Refuses: []problem.Reason{problem.ReasonTokenPolicy, problem.ReasonTokenOnly},
	Example: Example{Path: "/profile/switch/0123456789abcdef01234567"},
}

func profileSwitch(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	if ref.Current {
		return "", problem.NotFound("Profile")
	}
	return "Token Successfully Transferred", s.Profiles.Switch(ctx, r.client, ref.ID)
}

package operation

import (
	"context"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

// tokenLimits has the fields of a body that limit a token.
type tokenLimits struct {
	// the networks from which the token works, at most 20; empty for all
	AllowList *[]string `json:"allow_list" is:"cidr"`
	// account if the token opens all profiles of the account, profile if it
	// opens this one only
	Scope *string `json:"scope" is:"scope"`
}

var TokenEdit = Operation{
	Name:    "token-edit",
	Tag:     "Tokens",
	Summary: "Renames, limits, disables or enables a token; asks for the password when the token can do more than before.",
	Routes: []Route{
		{"PUT", "/profile/{id}/token/{token}"},
	},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    strict[tokenChanges, acknowledged](tokenEdit),
	Refuses: []problem.Reason{problem.ReasonForbidden, problem.ReasonTokenExceeds},
	Example: Example{
		Path: "/profile/current/token/DemoAna0",
		Body: `{"name": "Sample", "allow_list": ["192.0.2.0/24", "127.0.0.1", "::1"]}`,
	},
}

type tokenChanges struct {
	Name     *string `json:"name"     is:"token_name"` // the name of the token
	Disabled *bool   `json:"disabled"`                 // whether the token is disabled
	credentialsBody
	tokenLimits
}

func tokenEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b tokenChanges,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	edit := tenancy.TokenEdit{
		Name:        b.Name,
		Disabled:    b.Disabled,
		TokenLimits: tenancy.TokenLimits(b.tokenLimits),
	}
	return "Token Successfully Updated", s.Tokens.Edit(
		ctx,
		r.client,
		ref,
		r.PathValue("token"),
		edit,
		b.credentials(),
	)
}

var TokenPolicySet = Operation{
	Name:    "token-policy-set",
	Tag:     "Tokens",
	Summary: "Changes the token policy of an own profile; asks for the password when it asks less of tokens than before.",
	Routes: []Route{
		{"PUT", "/profile/{id}/token_policy"},
	},
	Access:  Owner,
	Hashes:  true,
	Remedy:  true,
	Call:    strict[tokenPolicyChanges, acknowledged](tokenPolicySet),
	Example: Example{Path: "/profile/current/token_policy", Body: `{"longest_days": 365}`},
}

type tokenPolicyChanges struct {
	// how many days a token may live at most; null for no limit
	LongestDays httpapi.Nullable[int] `json:"longest_days"`
	// whether tokens without an end are allowed
	Never *bool `json:"never"`
	// whether tokens that were not used for 365 days are disabled
	DisableUnused *bool `json:"disable_unused"`
	// whether the owner and the maker of a token are notified when it is first
	// used from a network
	NotifyNewNetwork *bool `json:"notify_new_network"`
	credentialsBody
}

func tokenPolicySet(
	ctx context.Context,
	s *service.Services,
	r *request,
	b tokenPolicyChanges,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	edit := tenancy.TokenPolicyEdit{
		LongestDays: b.LongestDays.Pointer(), Never: b.Never,
		DisableUnused: b.DisableUnused, NotifyNewNetwork: b.NotifyNewNetwork,
	}
	return "Token Policy Successfully Updated", s.Profiles.SetTokenPolicy(
		ctx,
		r.client,
		ref,
		edit,
		b.credentials(),
	)
}

type tokenPolicyView struct {
	// how many days a token may work at most; null for no limit
	LongestDays *int `json:"longest_days"`
	Never       bool `json:"never"` // whether tokens without an end are allowed
	// whether tokens that were not used for 365 days are disabled
	DisableUnused bool `json:"disable_unused"`
	// whether the owner and the maker of a token are notified when it is first
	// used from a network
	NotifyNewNetwork bool `json:"notify_new_network"`
}

func tokenPolicy(p tenancy.TokenPolicy) tokenPolicyView {
	v := tokenPolicyView{
		Never: !p.NoNever, DisableUnused: p.DisableUnused, NotifyNewNetwork: !p.QuietNetworks,
	}
	if p.LongestDays != 0 {
		v.LongestDays = &p.LongestDays
	}
	return v
}

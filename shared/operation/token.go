package operation

import (
	"context"
	"slices"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var TokenCreate = Operation{
	Name:    "token-create",
	Tag:     "Tokens",
	Summary: "Makes a token of a profile; asks for the password. Only this answer shows the token.",
	Routes:  []Route{{"POST", "/profile/{id}/token"}},
	Access:  Write,
	Hashes:  true,
	Zones:   true,
	Call:    strict[newTokenBody, newTokenView](tokenCreate),
	Refuses: []problem.Reason{problem.ReasonTokenExceeds, problem.ReasonTokenPolicy},
	Example: Example{
		Path: "/profile/current/token",
		Body: `{"name": "Sample", "permission": "read", "expire_time": "1 day", "email": "ana@example.com", "password": "demo lantern otter"}`,
	},
}

type newTokenBody struct {
	credentialsBody
	Profile    string `json:"profile_id" is:"profile"`             // the id of the profile, as in the path
	Name       string `json:"name"       is:"token_name,required"` // the name of the token
	Permission string `json:"permission" is:"permission"`          // what the token may do
	// when the token expires: a date, a span such as "3 months", or never
	Expires string `json:"expire_time" is:"expiry"`
	// the e-mail address of the account, as clients of the original send it
	Email string `json:"email" is:"email"`
	tokenLimits
}

func tokenCreate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b newTokenBody,
) (newTokenView, error) {
	ref, err := r.profileNamed(b.Profile)
	if err != nil {
		return newTokenView{}, err
	}
	made, err := s.Tokens.Create(ctx, r.client, tokens.NewToken{
		Profile:     ref,
		Email:       b.Email,
		Credentials: b.credentials(),
		Name:        b.Name,
		Permission:  b.Permission,
		Expires:     b.Expires,
		TokenLimits: tenancy.TokenLimits(b.tokenLimits),
	})
	if err != nil {
		return newTokenView{}, err
	}
	return newToken(made), nil
}

type newTokenView struct {
	Token      string `json:"token"       is:"token"`      // the token, which no later answer shows
	Name       string `json:"name"        is:"text"`       // the name of the token
	Permission string `json:"permission"  is:"permission"` // what the token may do
	ExpireDate string `json:"expire_date" is:"text"`       // when the token expires, as in expire_time
	// when the token expires: a time, or never
	ExpireTime string          `json:"expire_time" is:"text"`
	Profile    value.ProfileID `json:"profile"`    // the id of the profile
	CreatedBy  value.AccountID `json:"created_by"` // the id of the account that created the token
	// the networks from which the token works, at most 20; empty for all
	AllowList []string `json:"allow_list" is:"cidr"`
	// account if the token opens all profiles of the account, profile if it
	// opens this one only
	Scope    string `json:"scope"    is:"scope"`
	Disabled bool   `json:"disabled"` // whether the token is disabled
}

func newToken(m tokens.Made) newTokenView {
	end := expiry(m.Expires)
	return newTokenView{
		Token:      m.Text,
		Name:       m.Name,
		Permission: m.Permission.String(),
		ExpireDate: end,
		ExpireTime: end,
		Profile:    m.Profile,
		CreatedBy:  m.Account,
		AllowList:  m.Networks.Texts(),
		Scope:      m.Scope.String(),
		Disabled:   m.Disabled(),
	}
}

var TokenList = Operation{
	Name:    "token-list",
	Tag:     "Tokens",
	Summary: "Lists the tokens of a profile without their secrets, except the token of the request.",
	Routes:  []Route{{"GET", "/profile/{id}/token"}},
	Access:  Read,
	Call:    pages[httpapi.List, tokenRow](tokenList),
	Example: Example{
		Path: "/profile/current/token?page=1&fields%5B0%5D=name&fields%5B1%5D=token&amount=20&orderBy=created_at%2Cdesc",
	},
}

func tokenList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q httpapi.List,
) ([]tokenRow, string, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, "", err
	}
	if err := knownFields(q.Fields, slices.Concat(tokenFields, shownTokenFields)); err != nil {
		return nil, "", err
	}
	wanted := tokens.Query{
		Filter:     map[tokens.TokenField]string{},
		Descending: q.Descending,
		Paging:     paging(q.Paging),
	}
	for name, pattern := range q.Filter {
		if wanted.Filter[tokens.TokenField(name)] = pattern; !slices.Contains(tokenFields, name) {
			return nil, "", problem.Invalid("tokens cannot be filtered by filter[%s]: use one of %s", problem.Quoted(name), problem.List(tokenFields)).
				At("filter[" + problem.Quoted(name) + "]")
		}
	}
	if wanted.OrderBy = tokens.TokenField(q.OrderBy); q.OrderBy != "" &&
		!slices.Contains(tokenFields, q.OrderBy) {
		return nil, "", problem.InvalidField(
			"orderBy",
			problem.FieldChoice,
			"must name a field of a token to sort by: one of %s",
			problem.List(tokenFields),
		)
	}
	tokens, err := s.Tokens.List(ctx, r.client, ref, wanted)
	if err != nil {
		return nil, "", err
	}
	rows := make([]tokenRow, len(tokens.Rows))
	for i, t := range tokens.Rows {
		row := rowOfToken(t)
		if string(t.ID) == r.client.Token.ID {
			// Clients find the profile of a token by looking for it in the
			// lists. The caller of this request has sent it.
			row.Token = httpapi.Some(httpapi.Token(r.Header))
		}
		rows[i] = httpapi.Only(row, q.Fields)
	}
	return rows, tokens.Next, nil
}

var tokenFields = []string{
	"token",
	"name",
	"permission",
	"expire_time",
	"created_at",
	"type",
	"serie_number",
	"verification_code",
	"ref_id",
	"created_by",
	"allow_list",
	"scope",
	"disabled",
}

// shownTokenFields are the fields that are read only for the rows of a page.
// Lists cannot be filtered or sorted by them.
var shownTokenFields = []string{
	"last_authorization",
	"last_address",
	"last_agent",
	"used_from",
	"grace_ends",
	"replaces",
}

// knownFields refuses fields that the rows of a list do not have.
func knownFields(fields, known []string) error {
	for _, name := range fields {
		if !slices.Contains(known, name) {
			return problem.Invalid("fields: %s is not a field of this list: use %s", problem.Quoted(name), problem.List(known)).
				At("fields")
		}
	}
	return nil
}

// tokenRow is a token without its secret. It always has its two dates, even if
// the request asks for other fields only, because clients parse them.
type tokenRow struct {
	// the token, masked; only the token of the request is shown in full
	Token httpapi.Optional[string] `json:"token,omitzero" is:"text"`
	// the name of the token
	Name httpapi.Optional[string] `json:"name,omitzero" is:"text"`
	// what the token may do
	Permission httpapi.Optional[string] `json:"permission,omitzero" is:"permission"`
	Expires    string                   `json:"expire_time" is:"text"` // when the token expires: a time, or never
	Created    string                   `json:"created_at" is:"time"`  // when the token was created
	// always profile
	Type httpapi.Optional[string] `json:"type,omitzero" is:"text"`
	// always null: tokens of devices have one in the original
	Serial httpapi.Optional[none] `json:"serie_number,omitzero"`
	// when the token was last used, to within some minutes; null before its
	// first use
	LastUse httpapi.Optional[*string] `json:"last_authorization,omitzero" is:"time"`
	// the network address that last used the token; null before its first use
	LastAddress httpapi.Optional[*string] `json:"last_address,omitzero" is:"text"`
	// the user agent that last used the token; null before its first use
	LastAgent httpapi.Optional[*string] `json:"last_agent,omitzero" is:"text"`
	// the networks from which the token was used, at most 20: the first 24 bits
	// of IPv4 addresses and the first 48 of IPv6 addresses
	UsedFrom httpapi.Optional[[]string] `json:"used_from,omitzero" is:"cidr"`
	// always null: tokens of devices have one in the original
	Verification httpapi.Optional[none] `json:"verification_code,omitzero"`
	// the id of the profile that the token is for
	Ref httpapi.Optional[value.ProfileID] `json:"ref_id,omitzero"`
	// the id of the account that created the token
	CreatedBy httpapi.Optional[value.AccountID] `json:"created_by,omitzero"`
	// when a rotated token stops working; null for a token that is not rotated
	GraceEnds httpapi.Optional[*string] `json:"grace_ends,omitzero" is:"time"`
	// the rotated token that this one replaced, masked; null for none
	Replaces httpapi.Optional[*string] `json:"replaces,omitzero" is:"text"`
	// the networks from which the token works, at most 20; empty for all
	AllowList httpapi.Optional[[]string] `json:"allow_list,omitzero" is:"cidr"`
	// account if the token opens all profiles of the account, profile if it
	// opens this one only
	Scope httpapi.Optional[string] `json:"scope,omitzero" is:"scope"`
	// whether the token is disabled
	Disabled httpapi.Optional[bool] `json:"disabled,omitzero"`
}

func rowOfToken(t tokens.UsedToken) tokenRow {
	return tokenRow{
		Token:        httpapi.Some(secret.Masked(string(t.ID))),
		Name:         httpapi.Some(t.Name),
		Permission:   httpapi.Some(t.Permission.String()),
		Expires:      expiry(t.Expires),
		Created:      isoTime(t.Created),
		Type:         httpapi.Some("profile"),
		Serial:       httpapi.Some[none](nil),
		LastUse:      httpapi.Some(timeOrNull(t.Last.Time)),
		LastAddress:  httpapi.Some(orNull(t.Last.Address)),
		LastAgent:    httpapi.Some(orNull(t.Last.Agent)),
		UsedFrom:     httpapi.Some(append([]string{}, t.Last.Known...)),
		Verification: httpapi.Some[none](nil),
		Ref:          httpapi.Some(t.Profile),
		CreatedBy:    httpapi.Some(t.Account),
		GraceEnds:    httpapi.Some(timeOrNull(t.Retires)),
		Replaces:     httpapi.Some(replacedBy(t.Token)),
		AllowList:    httpapi.Some(t.Networks.Texts()),
		Scope:        httpapi.Some(t.Scope.String()),
		Disabled:     httpapi.Some(t.Disabled()),
	}
}

var TokenInfo = Operation{
	Name: "token-info", Tag: "Tokens", Summary: "Describes the calling token.",
	Routes: []Route{{"GET", "/info"}}, Access: Usage,
	Call:    list[infoQuery, tokenRow](tokenInfo),
	Refuses: []problem.Reason{problem.ReasonTokenOnly},
	Example: Example{Path: "/info"},
}

func tokenInfo(
	ctx context.Context,
	s *service.Services,
	r *request,
	_ infoQuery,
) (tokenRow, error) {
	t, err := s.Tokens.Info(ctx, r.client)
	if err != nil {
		return tokenRow{}, err
	}
	info := rowOfToken(t)
	info.Token = httpapi.Optional[string]{}
	return info, nil
}

// infoQuery has the parameter that SDKs send. Every answer has the details.
type infoQuery struct {
	// accepted for the SDKs and ignored: every answer has all details
	Details bool `query:"details"`
}

// replacedBy returns the token that another one has replaced, masked.
func replacedBy(t tenancy.Token) *string {
	if t.Previous == "" {
		return nil
	}
	masked := secret.Masked(string(t.Previous))
	return &masked
}

// expiry is when a token expires, in a form that clients can parse: a date, or
// the word never.
func expiry(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return isoTime(t)
}

func isoTime(t time.Time) string { return t.Format(value.TimeFormat) }

func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := isoTime(t)
	return &s
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

var AccountTokenList = Operation{
	Name:    "account-token-list",
	Tag:     "Tokens",
	Summary: "Lists the tokens of all own profiles without their secrets, by profile and age.",
	Routes:  []Route{{"GET", "/account/token"}},
	Access:  Read,
	Call:    pages[inventoryQuery, inventoryRow](accountTokenList),
	Example: Example{Path: "/account/token?never_expires=true"},
}

// inventoryQuery selects the tokens of an inventory.
type inventoryQuery struct {
	httpapi.Paging
	// whether only tokens that never expire are listed
	NeverExpires bool `query:"never_expires"`
	// whether only tokens are listed that were neither made nor used in the
	// last 90 days
	Unused bool `query:"unused"`
	// whether tokens of former members are listed in place of those that work;
	// they do not work, and are removed within a quarter of an hour
	RemovedMember bool `query:"removed_member"`
}

// inventoryRow is a token of the inventory.
type inventoryRow struct {
	tokenRow
	ProfileName string `json:"profile_name" is:"text"` // the name of the profile of the token
	// whether the token works no more, because its maker has left the team
	Former bool `json:"former_member"`
}

func accountTokenList(
	ctx context.Context, s *service.Services, r *request, q inventoryQuery,
) ([]inventoryRow, string, error) {
	list, err := s.Tokens.Inventory(ctx, r.client, tokens.Selection{
		NeverExpires:  q.NeverExpires,
		Unused:        q.Unused,
		RemovedMember: q.RemovedMember,
		Paging:        paging(q.Paging),
	})
	rows := make([]inventoryRow, len(list.Rows))
	for i, t := range list.Rows {
		rows[i] = inventoryRow{rowOfToken(t.UsedToken), t.ProfileName, t.Former}
	}
	return rows, list.Next, err
}

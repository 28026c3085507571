package operation

import (
	"context"
	"slices"
	"strings"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var TokenCreate = Operation{
	Name: "token-create", Tag: "Tokens", Summary: "Makes a token of a profile; asks for the password. The token is shown this once.",
	Routes: []Route{{"POST", "/profile/{id}/token"}}, Access: Write, Hashes: true, Zones: true, answer: tokenCreate,
	Example: Example{Path: "/profile/current/token", Body: `{"name": "Sample", "permission": "read", "expire_time": "1 day", "email": "ana@example.com", "password": "demo lantern otter"}`},
}

func tokenCreate(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		proofBody
		Profile    string `json:"profile_id"`
		Name       string `json:"name"`
		Permission string `json:"permission"`
		Expires    string `json:"expire_time"`
		Email      string `json:"email"`
		tokenLimits
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	ref, err := r.profileNamed(b.Profile)
	if err != nil {
		return nil, err
	}
	made, err := s.Tokens.Create(ctx, r.client, service.NewToken{
		Profile: ref, Email: b.Email, Proof: b.proof(), Name: b.Name, Permission: b.Permission, Expires: b.Expires,
		TokenLimits: tenancy.TokenLimits(b.tokenLimits),
	})
	if err != nil {
		return nil, err
	}
	return newToken(made), nil
}

type newTokenView struct {
	Token      string            `json:"token"`
	Name       string            `json:"name"`
	Permission string            `json:"permission"`
	ExpireDate string            `json:"expire_date"`
	ExpireTime string            `json:"expire_time"`
	Profile    tenancy.ProfileID `json:"profile"`
	CreatedBy  tenancy.AccountID `json:"created_by"`
	AllowList  []string          `json:"allow_list"`
	Scope      string            `json:"scope"`
	Disabled   bool              `json:"disabled"`
}

func newToken(m service.Made) newTokenView {
	end := expiry(m.Expires)
	return newTokenView{
		Token: m.Text, Name: m.Name, Permission: m.Permission.String(), ExpireDate: end, ExpireTime: end,
		Profile: m.Profile, CreatedBy: m.Account, AllowList: m.Networks.Texts(), Scope: m.Scope.String(), Disabled: m.Disabled(),
	}
}

var TokenList = Operation{
	Name: "token-list", Tag: "Tokens", Summary: "Lists the tokens of a profile without their secrets, the one apart that the request carries.",
	Routes: []Route{{"GET", "/profile/{id}/token"}}, Access: Read, params: []string{"page", "amount", "fields", "filter", "orderBy"}, answer: tokenList,
	Example: Example{Path: "/profile/current/token?page=1&fields%5B0%5D=name&fields%5B1%5D=token&amount=20&orderBy=created_at%2Cdesc"},
}

func tokenList(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	list, err := parseList(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if err := knownFields(list.Fields, slices.Concat(tokenFields, shownTokenFields)); err != nil {
		return nil, err
	}
	q := service.TokenQuery{Filter: map[service.TokenField]string{}, Descending: list.Descending, Page: list.Page, Amount: list.Amount}
	for name, pattern := range list.Filter {
		if q.Filter[service.TokenField(name)] = pattern; !slices.Contains(tokenFields, name) {
			return nil, tenancy.Invalid("filter[%s] is not a field of a token to filter by: use one of %s", tenancy.Quoted(name), strings.Join(tokenFields, ", ")).
				At("filter[" + tenancy.Quoted(name) + "]")
		}
	}
	if q.OrderBy = service.TokenField(list.OrderBy); list.OrderBy != "" && !slices.Contains(tokenFields, list.OrderBy) {
		return nil, tenancy.InvalidField("orderBy", "must name a field of a token to sort by: one of %s", strings.Join(tokenFields, ", "))
	}
	tokens, err := s.Tokens.List(ctx, r.client, ref, q)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, len(tokens))
	for i, t := range tokens {
		rows[i] = tokenRow(t, list.Fields)
		if _, shown := rows[i]["token"]; shown && string(t.ID) == r.client.Token.ID {
			// Clients find the profile of a token by looking for it in the lists. Whoever reads this has sent it.
			rows[i]["token"] = httpapi.Token(r.Header)
		}
	}
	return rows, nil
}

var tokenFields = []string{
	"token", "name", "permission", "expire_time", "created_at", "type", "serie_number", "verification_code", "ref_id", "created_by", "allow_list",
	"scope", "disabled",
}

// shownTokenFields are those of a row that are read for a page only, and so neither filtered nor sorted by.
var shownTokenFields = []string{"last_authorization", "last_address", "last_agent", "grace_ends"}

// knownFields refuses fields that the rows of a list do not have.
func knownFields(fields, known []string) error {
	for _, name := range fields {
		if !slices.Contains(known, name) {
			return tenancy.Invalid("fields: %s is none of this list: use %s", tenancy.Quoted(name), strings.Join(known, ", ")).At("fields")
		}
	}
	return nil
}

// tokenRow has the fields asked for, and the two dates, which clients parse whatever they asked for.
func tokenRow(t service.UsedToken, fields []string) map[string]any {
	row := map[string]any{
		"token": secret.Masked(string(t.ID)), "name": t.Name, "permission": t.Permission.String(),
		"expire_time": expiry(t.Expires), "created_at": isoTime(t.Created), "type": "profile", "serie_number": nil,
		"last_authorization": timeOrNull(t.Last.Time), "last_address": orNull(t.Last.Address), "last_agent": orNull(t.Last.Agent),
		"verification_code": nil, "ref_id": t.Profile, "created_by": t.Account, "grace_ends": timeOrNull(t.Retires),
		"allow_list": t.Networks.Texts(), "scope": t.Scope.String(), "disabled": t.Disabled(),
	}
	if len(fields) > 0 {
		for name := range row {
			if name != "expire_time" && name != "created_at" && !slices.Contains(fields, name) {
				delete(row, name)
			}
		}
	}
	return row
}

var TokenRotate = Operation{
	Name: "token-rotate", Tag: "Tokens", Summary: "Puts a new token in the place of an own one, which goes on for a grace of up to 7 days. The new one is shown this once.",
	Routes: []Route{{"POST", "/profile/{id}/token/{token}/rotate"}}, Access: Full, Hashes: true, Remedy: true, answer: tokenRotate,
	Example: Example{Path: "/profile/current/token/Sample00/rotate", Body: `{"grace": "12 hours"}`},
}

func tokenRotate(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	var b struct {
		Grace string `json:"grace"`
		proofBody
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	rotated, err := s.Tokens.Rotate(ctx, r.client, ref, service.Rotation{Token: r.PathValue("token"), Grace: b.Grace, Proof: b.proof()})
	if err != nil {
		return nil, err
	}
	return rotatedView{newToken(rotated.Made), isoTime(rotated.GraceEnds)}, nil
}

// rotatedView is what a new token's view is, with the time at which the old one stops working.
type rotatedView struct {
	newTokenView
	GraceEnds string `json:"grace_ends"`
}

var TokenReuse = Operation{
	Name: "token-reuse", Tag: "Tokens", Summary: "Revokes the families of rotated tokens that were used after their grace, and tells their owners.",
	Trigger: Schedule, Every: time.Minute, Seals: true, sweep: tokenReuse,
}

func tokenReuse(ctx context.Context, s *service.Services) (int, error) { return s.Tokens.Reuses(ctx) }

var TokenDelete = Operation{
	Name: "token-delete", Tag: "Tokens", Summary: "Deletes a token, named by itself, its masked form or its id.",
	Routes: []Route{{"DELETE", "/profile/{id}/token/{token}"}, {"DELETE", "/profile/token/{token}"}},
	Access: Full, Remedy: true, answer: tokenDelete,
	Example: Example{Path: "/profile/current/token/Sample00"},
}

func tokenDelete(ctx context.Context, s *service.Services, r *request) (any, error) {
	const done = "Token Successfully Removed"
	if r.PathValue("id") == "" {
		return done, s.Tokens.DeleteAnywhere(ctx, r.client, r.PathValue("token"))
	}
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	return done, s.Tokens.Delete(ctx, r.client, ref, r.PathValue("token"))
}

var TokenInfo = Operation{
	Name: "token-info", Tag: "Tokens", Summary: "Returns what the calling token is.",
	Routes: []Route{{"GET", "/info"}}, Access: Read, params: []string{"details"}, answer: tokenInfo,
	Example: Example{Path: "/info"},
}

func tokenInfo(ctx context.Context, s *service.Services, r *request) (any, error) {
	t, err := s.Tokens.Info(ctx, r.client)
	if err != nil {
		return nil, err
	}
	info := tokenRow(t, nil)
	delete(info, "token")
	return info, nil
}

var TokenRevokeAll = Operation{
	Name: "token-revoke-all", Tag: "Tokens", Summary: "Revokes all tokens of an own profile, the owner's and the members', in one write.",
	Routes: []Route{{"DELETE", "/profile/{id}/token"}}, Access: Owner, Remedy: true, answer: tokenRevokeAll,
	Example: Example{Path: "/profile/current/token"},
}

const revoked = "Tokens Successfully Revoked"

func tokenRevokeAll(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	return revoked, s.Tokens.RevokeAll(ctx, r.client, ref)
}

var TokenRevokeMember = Operation{
	Name: "token-revoke-member", Tag: "Tokens", Summary: "Revokes all tokens that a member has made for an own profile.",
	Routes: []Route{{"DELETE", "/profile/{id}/team/{member}/token"}}, Access: Owner, Remedy: true, answer: tokenRevokeMember,
	Example: Example{Path: "/profile/current/team/01a20c000000000000000001/token"},
}

func tokenRevokeMember(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, member, err := r.member()
	if err != nil {
		return nil, err
	}
	return revoked, s.Tokens.RevokeMember(ctx, r.client, ref, member)
}

var TokenLeaked = Operation{
	Name: "token-leaked", Tag: "Tokens", Summary: "Revokes a token that was found in public and tells its owner; the answer is the same for every text.",
	Routes: []Route{{"POST", "/token/leaked"}}, Access: Anonymous, answer: tokenLeaked,
	Example: Example{Path: "/token/leaked", Body: `{"token": "p-Sample00ThisTokenOpensNothing00aaaa"}`},
}

func tokenLeaked(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Token string `json:"token"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Thank you: if it is a token of ours, it is revoked and its owner is told", s.Tokens.Leaked(ctx, r.client, b.Token)
}

var TokenExpire = Operation{
	Name: "token-expire", Tag: "Tokens", Summary: "Removes tokens whose end has come, with an audit entry each, and reminds of ends that are near.",
	Trigger: Schedule, Every: time.Minute, Seals: true, sweep: tokenExpire,
}

func tokenExpire(ctx context.Context, s *service.Services) (int, error) { return s.Tokens.Expire(ctx) }

// expiry is the end of a token as clients can parse it: a date, or the word never.
func expiry(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return isoTime(t)
}

func isoTime(t time.Time) string { return t.Format(tenancy.TimeFormat) }

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

package backup

import (
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// Content is what a backup has. Its types are the format of the file: what is
// in it today is read for MonthsKept. The name and the form of profile.json are
// those of the original, whose command line reads it.
type Content struct {
	Profile  Profile
	Logo     []byte // a PNG that is kept here; nil: it has none here
	Team     []Member
	Webhooks []Webhook
	Alerts   []Alert

	// What follows is not restored: it is a record of what was.

	Tokens []Token
	// TokensWhole says that Tokens has all of them.
	TokensWhole bool
	Usage       []Hour
	Audit       []Entry // newest first
	// AuditWhole says that Audit has all entries that were kept.
	AuditWhole bool
}

// Profile is the profile itself.
type Profile struct {
	ID         value.ProfileID  `json:"id"`
	Name       string           `json:"name"`
	Account    value.AccountID  `json:"account"`
	LogoURL    *string          `json:"logo_url"`
	BannerURL  *string          `json:"banner_url"`
	Created    string           `json:"created_at"`
	Updated    string           `json:"updated_at"`
	Plan       plan.Plan        `json:"account_plan"`
	Allocation map[string]int64 `json:"resource_allocation"`
	Addons     []plan.Addon     `json:"addons"`
	Soft       []string         `json:"soft_limits"`
	Policy     TokenPolicy      `json:"token_policy"`
}

// Since returns when the profile was created.
func (p Profile) Since() time.Time { return parseTime(p.Created) }

// TokenPolicy is what its owner has decided about its tokens.
type TokenPolicy struct {
	LongestDays      int  `json:"longest_days"` // 0: no limit
	Never            bool `json:"never"`        // whether tokens may live for ever
	DisableUnused    bool `json:"disable_unused"`
	NotifyNewNetwork bool `json:"notify_new_network"`
}

// Member is a member of the team.
type Member struct {
	Account    value.AccountID `json:"account"`
	Name       string          `json:"name"`
	Email      value.Email     `json:"email"`
	Permission string          `json:"permission"`
	Since      string          `json:"created_at"`
	Ends       *string         `json:"ends_at"` // when the membership ends; null: it does not
}

// Webhook is a webhook of the profile, without its secret.
type Webhook struct {
	ID          webhook.ID `json:"id"`
	URL         string     `json:"url"`
	Events      []string   `json:"events"` // patterns; none: all events
	Description string     `json:"description"`
	Enabled     bool       `json:"enabled"`
	Created     string     `json:"created_at"`
}

// Alert is an alert of the profile. It has a service with a percentage or an
// amount in units, or a cost in cents.
type Alert struct {
	ID      billing.AlertID `json:"id"`
	Service *string         `json:"service"`
	Percent *int64          `json:"percent"`
	Amount  *float64        `json:"amount"`
	Cost    *int64          `json:"cost"`
	Actions []string        `json:"actions"`
	Stop    string          `json:"stop"`
	Created string          `json:"created_at"`
}

// Token is a token of the profile, without its secret.
type Token struct {
	Token      string          `json:"token"` // masked
	Name       string          `json:"name"`
	Permission string          `json:"permission"`
	Expires    *string         `json:"expire_time"` // null: never
	Created    string          `json:"created_at"`
	CreatedBy  value.AccountID `json:"created_by"`
	AllowList  []string        `json:"allow_list"`
	Scope      string          `json:"scope"`
	Disabled   bool            `json:"disabled"`
}

// Hour is the usage of the profile at the end of an hour, in units.
type Hour struct {
	Time  string             `json:"time"`  // of the last report in the hour
	Cycle string             `json:"cycle"` // when the counters began
	Used  map[string]float64 `json:"used"`
	Over  map[string]float64 `json:"over,omitempty"` // above soft limits, charged to nobody
}

// Entry is an entry of the audit log.
type Entry struct {
	ID         string    `json:"id"`
	Time       string    `json:"date"`
	Resource   string    `json:"resourceName"`
	ResourceID string    `json:"resourceID"`
	Message    string    `json:"message"`
	Who        string    `json:"who"`
	Token      string    `json:"token,omitempty"`
	Source     string    `json:"source,omitempty"`
	Request    string    `json:"request,omitempty"`
	Changes    []Changed `json:"changes,omitempty"`
}

// Changed is a field that an entry of the audit log says has changed.
type Changed struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func iso(t time.Time) string { return t.UTC().Format(value.TimeFormat) }

func isoOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(iso(t))
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Of returns the content of a backup of a profile, without what is only a
// record. The members have their names and addresses.
func Of(
	p tenancy.Profile, logo tenancy.Logo, team tenancy.Team, hooks []webhook.Webhook,
) Content {
	c := Content{
		Profile: Profile{
			ID: p.ID, Name: p.Name, Account: p.Owner, LogoURL: orNull(p.LogoURL),
			BannerURL: orNull(p.BannerURL), Created: iso(p.Created), Updated: iso(p.Updated),
			Plan: p.Plan, Allocation: p.Allocation.Map(), Addons: []plan.Addon{},
			Soft: append([]string{}, p.Soft.Names()...),
			Policy: TokenPolicy{
				p.TokenPolicy.LongestDays, !p.TokenPolicy.NoNever, p.TokenPolicy.DisableUnused,
				!p.TokenPolicy.QuietNetworks,
			},
		},
		Logo: logo.PNG, TokensWhole: true,
		Team: []Member{}, Webhooks: []Webhook{}, Alerts: []Alert{},
		Tokens: []Token{}, Usage: []Hour{}, Audit: []Entry{},
	}
	if p.Logo() != "" && logo.PNG == nil {
		c.Profile.LogoURL = nil // it is gone since the profile was read
	}
	for _, one := range plan.AllAddons() {
		if p.Addons.Has(one) {
			c.Profile.Addons = append(c.Profile.Addons, one)
		}
	}
	for _, m := range team.Joined() {
		c.Team = append(c.Team, Member{
			m.Account, m.Name, m.Email, m.Permission.String(), iso(m.Created), isoOrNull(m.Ends),
		})
	}
	for _, h := range hooks {
		c.Webhooks = append(c.Webhooks, Webhook{
			h.ID, h.URL, append([]string{}, h.Events...), h.Note, h.Enabled, iso(h.Created),
		})
	}
	for _, a := range p.Alerts {
		c.Alerts = append(c.Alerts, alertOf(a))
	}
	return c
}

func alertOf(a billing.Alert) Alert {
	out := Alert{ID: a.ID, Actions: []string{}, Stop: string(a.Stop), Created: iso(a.Created)}
	for _, action := range a.Actions {
		out.Actions = append(out.Actions, string(action))
	}
	if a.OfCost() {
		out.Cost = &a.Cost
		return out
	}
	out.Service = new(a.Service.String())
	if a.Percent > 0 {
		out.Percent = &a.Percent
	} else {
		out.Amount = new(a.Service.Units(a.Amount))
	}
	return out
}

// TokenOf returns a token as backups have it. masked is the token without its
// secret.
func TokenOf(t tenancy.Token, masked string) Token {
	return Token{
		masked, t.Name, t.Permission.String(), isoOrNull(t.Expires), iso(t.Created), t.Account,
		append([]string{}, t.Networks.Texts()...), t.Scope.String(), t.Disabled(),
	}
}

// HourOf returns the usage of an hour as backups have it.
func HourOf(u billing.Usage) Hour {
	h := Hour{Time: iso(u.Updated), Cycle: iso(u.Cycle), Used: map[string]float64{}}
	for _, s := range plan.Services() {
		h.Used[s.String()] = s.Units(u.Used[s])
		if u.Over[s] > 0 {
			if h.Over == nil {
				h.Over = map[string]float64{}
			}
			h.Over[s.String()] = s.Units(u.Over[s])
		}
	}
	return h
}

// EntryOf returns an entry of an audit log as backups have it.
func EntryOf(e auditlog.Entry) Entry {
	out := Entry{
		ID: e.ID, Time: iso(e.Time), Resource: e.Resource, ResourceID: e.ResourceID,
		Message: e.Message, Who: e.Who, Token: string(e.Token), Source: e.Source,
		Request: e.Request,
	}
	for _, c := range e.Changes {
		out.Changes = append(out.Changes, Changed(c))
	}
	return out
}

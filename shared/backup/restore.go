package backup

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// Part is what a restoration can bring back on its own.
type Part string

const (
	PartSettings   Part = "settings"   // name, pictures, token policy, soft limits
	PartAllocation Part = "allocation" // of the account's limits
	PartAddons     Part = "addons"
	PartAlerts     Part = "alerts"
	PartWebhooks   Part = "webhooks"
	PartTeam       Part = "team"
)

// Parts returns all parts, in the order in which they are restored.
func Parts() []Part {
	return []Part{
		PartSettings, PartAlerts, PartWebhooks, PartAllocation, PartAddons, PartTeam,
	}
}

// ParseParts reads which parts to restore; none means all. Errors: CodeInvalid
// naming the field.
func ParseParts(names []string) ([]Part, error) {
	if len(names) == 0 {
		return Parts(), nil
	}
	var parts []Part
	for _, name := range names {
		if !slices.Contains(Parts(), Part(name)) {
			return nil, problem.InvalidField(
				"parts", problem.FieldChoice, "must be some of %s", problem.List(Parts()))
		}
		parts = append(parts, Part(name))
	}
	return parts, nil
}

// Change is what a restoration changes. Before is empty for what is missing
// now; nothing that came after the backup is taken away, so After is never
// empty except for a setting that was empty.
type Change struct {
	Part          Part
	What          string // the setting, the service, the add-on, the address of the member
	Before, After string
}

// Compare returns what a restoration of the parts of a backup changes in a
// profile: now is what it has, with those who are invited, and was the backup.
// Settings, alerts and webhooks become what they were. What was lost comes
// back. What came later stays, and so does the permission that a present or an
// invited member has: who may see a profile is never decided by a backup alone.
// For a new profile, now is zero.
func Compare(now, was Content, parts []Part) (changes []Change) {
	for _, part := range Parts() {
		if !slices.Contains(parts, part) {
			continue
		}
		for _, c := range differences[part](now, was) {
			if c.Before != c.After {
				c.Part = part
				changes = append(changes, c)
			}
		}
	}
	return changes
}

var differences = map[Part]func(now, was Content) []Change{
	PartSettings: func(now, was Content) []Change {
		n, w := now.Profile, was.Profile
		days := func(p Profile) string {
			if p.Policy.LongestDays == 0 {
				return ""
			}
			return strconv.Itoa(p.Policy.LongestDays)
		}
		policy := func(field string, of func(TokenPolicy) bool) Change {
			before := strconv.FormatBool(of(n.Policy))
			if n.ID == "" {
				// That of a new profile: it admits all and notifies.
				before = strconv.FormatBool(of(TokenPolicy{Never: true, NotifyNewNetwork: true}))
			}
			return Change{What: "token_policy." + field, Before: before,
				After: strconv.FormatBool(of(w.Policy))}
		}
		return []Change{
			{What: "name", Before: n.Name, After: w.Name},
			{What: "logo_url", Before: text(n.LogoURL), After: text(w.LogoURL)},
			{What: "banner_url", Before: text(n.BannerURL), After: text(w.BannerURL)},
			{What: "token_policy.longest_days", Before: days(n), After: days(w)},
			policy("never", func(p TokenPolicy) bool { return p.Never }),
			policy("disable_unused", func(p TokenPolicy) bool { return p.DisableUnused }),
			policy("notify_new_network", func(p TokenPolicy) bool { return p.NotifyNewNetwork }),
			{What: "soft_limits", Before: strings.Join(n.Soft, ", "),
				After: strings.Join(w.Soft, ", ")},
		}
	},
	PartAlerts: func(now, was Content) (out []Change) {
		for _, a := range was.Alerts {
			before := ""
			i := slices.IndexFunc(now.Alerts, func(b Alert) bool { return b.ID == a.ID })
			if i >= 0 {
				before = now.Alerts[i].text()
			}
			out = append(out, Change{What: string(a.ID), Before: before, After: a.text()})
		}
		return out
	},
	PartWebhooks: func(now, was Content) (out []Change) {
		for _, h := range was.Webhooks {
			before := ""
			i := slices.IndexFunc(now.Webhooks, func(b Webhook) bool { return b.ID == h.ID })
			if i >= 0 {
				before = now.Webhooks[i].text()
			}
			out = append(out, Change{What: string(h.ID), Before: before, After: h.text()})
		}
		return out
	},
	PartAllocation: func(now, was Content) (out []Change) {
		for _, s := range plan.Services() {
			name, before := s.String(), ""
			then, had := was.Profile.Allocation[name]
			if !had {
				continue // a service that came later
			}
			if n, ok := now.Profile.Allocation[name]; ok {
				before = strconv.FormatInt(n, 10)
			}
			out = append(out, Change{What: name, Before: before,
				After: strconv.FormatInt(then, 10)})
		}
		return out
	},
	PartAddons: func(now, was Content) (out []Change) {
		for _, one := range was.Profile.Addons {
			if !slices.Contains(now.Profile.Addons, one) {
				out = append(out, Change{What: string(one), After: string(one)})
			}
		}
		return out
	},
	PartTeam: func(now, was Content) (out []Change) {
		for _, m := range was.Lost(now.Team) {
			out = append(out, Change{What: string(m.Email), After: m.Permission})
		}
		return out
	},
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (a Alert) text() string {
	edit := a.Edit()
	alert, err := billing.Alert{}.Edit(edit, time.Time{})
	if err != nil {
		return string(a.ID)
	}
	return alert.Condition() + ", " + strings.Join(a.Actions, ", ") + ", stops " + a.Stop
}

func (h Webhook) text() string {
	events, state := "all events", "disabled"
	if len(h.Events) > 0 {
		events = strings.Join(h.Events, " ")
	}
	if h.Enabled {
		state = "enabled"
	}
	return h.URL + ", " + events + ", " + state + ", " + h.Description
}

// same reports whether two entries of a team are one person.
func (m Member) same(other Member) bool {
	return m.Account != "" && m.Account == other.Account || m.Email == other.Email
}

// Lost returns the members of the backup that are not in a team.
func (c Content) Lost(team []Member) (lost []Member) {
	for _, m := range c.Team {
		if !slices.ContainsFunc(team, func(b Member) bool { return b.same(m) }) {
			lost = append(lost, m)
		}
	}
	return lost
}

// Over reports whether a membership of the backup would have ended by now.
func (m Member) Over(now time.Time) bool {
	return m.Ends != nil && !now.Before(parseTime(*m.Ends))
}

// Hidden returns a change of the team or of a webhook without the address that
// it names, for whoever has not proved to be its owner.
func (c Change) Hidden() Change {
	switch c.Part {
	case PartTeam:
		if name, domain, ok := strings.Cut(c.What, "@"); ok {
			c.What = name[:min(1, len(name))] + "...@" + domain
		}
	case PartWebhooks:
		c.Before, c.After = hostOf(c.Before), hostOf(c.After)
	}
	return c
}

// hostOf cuts what follows the host of an address.
func hostOf(s string) string {
	if parts := strings.SplitN(s, "/", 4); len(parts) == 4 {
		return strings.Join(parts[:3], "/") + "/..."
	}
	return s
}

// Edit returns the alert as a client would create it.
func (a Alert) Edit() billing.AlertEdit {
	return billing.AlertEdit{
		Service: a.Service, Percent: a.Percent, Amount: a.Amount, Cost: a.Cost,
		Actions: &a.Actions, Stop: &a.Stop,
	}
}

// Settings returns a profile with the settings and the alerts of the backup, as
// far as parts has them, and its logo, which is zero if it is not kept here.
// newID makes ids for alerts of another profile. Errors: those of
// billing.Alert.Edit and Alerts.With.
func (c Content) Settings(
	p tenancy.Profile, parts []Part, newID func() string, now time.Time,
) (tenancy.Profile, tenancy.Logo, error) {
	var logo tenancy.Logo
	if slices.Contains(parts, PartSettings) {
		p.Name, p.BannerURL = c.Profile.Name, text(c.Profile.BannerURL)
		if c.Logo != nil {
			logo = tenancy.NewLogo(p.ID, c.Logo)
			p = p.WithLogo(logo, now)
		} else {
			p.LogoURL = text(c.Profile.LogoURL)
		}
		policy := c.Profile.Policy
		p.TokenPolicy = tenancy.TokenPolicy{
			LongestDays: policy.LongestDays, NoNever: !policy.Never,
			DisableUnused: policy.DisableUnused, QuietNetworks: !policy.NotifyNewNetwork,
		}
		p.Soft = billing.ServicesOf(c.Profile.Soft)
	}
	if slices.Contains(parts, PartAlerts) {
		for _, a := range c.Alerts {
			was, err := p.Alerts.Find(a.ID)
			if err != nil {
				was = billing.Alert{ID: a.ID, Created: parseTime(a.Created)}
				if c.Profile.ID != p.ID {
					was.ID, was.Created = billing.AlertID(newID()), now
				}
			} else if alertOf(was).text() == a.text() {
				continue
			}
			alert, err := was.Edit(a.Edit(), now)
			if err == nil {
				p.Alerts, err = p.Alerts.With(alert)
			}
			if err != nil {
				return p, logo, err
			}
		}
	}
	p.Updated = now
	return p, logo, nil
}

// Hooks returns the webhooks of a profile with those of the backup. seal makes
// a secret for one that is missing, and returns it sealed. Errors: those of
// webhook.List.With.
func (c Content) Hooks(
	l webhook.List, newID func() string, seal func(webhook.ID) []byte, now time.Time,
) (webhook.List, error) {
	for _, h := range c.Webhooks {
		one, err := l.Find(h.ID)
		if err != nil {
			one = webhook.Webhook{ID: h.ID, Created: parseTime(h.Created)}
			if c.Profile.ID != l.Subject.Profile {
				one.ID, one.Created = webhook.ID(newID()), now
			}
			one.Secret = seal(one.ID)
		}
		if one.URL == h.URL && slices.Equal(one.Events, h.Events) && one.Note == h.Description &&
			one.Enabled == h.Enabled {
			continue
		}
		one.URL, one.Events, one.Note = h.URL, h.Events, h.Description
		if one.Enabled = h.Enabled; h.Enabled {
			one.Failed = time.Time{}
		}
		one.Updated = now
		if l, err = l.With(one); err != nil {
			return l, err
		}
	}
	return l, nil
}

// parseTime reads a time that iso has written; what is none is the zero time.
func parseTime(s string) time.Time {
	t, _ := time.Parse(value.TimeFormat, s)
	return t
}

// Amount returns the allocation that the change sets.
func (c Change) Amount() int64 {
	n, _ := strconv.ParseInt(c.After, 10, 64)
	return n
}

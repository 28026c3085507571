package tenancy

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Differences lists what differs from another state of the profile.
func (p Profile) Differences(was Profile) []Change {
	return Differences(Change{"name", was.Name, p.Name}, Change{"logo_url", was.LogoURL, p.LogoURL}, Change{"banner_url", was.BannerURL, p.BannerURL})
}

// Differences lists what differs from another state of the account, the password left out.
func (a Account) Differences(was Account) []Change {
	fields := []Change{
		{"name", was.Name, a.Name}, {"email", string(was.Email), string(a.Email)}, {"company", was.Company, a.Company},
		{"country", was.Country, a.Country}, {"phone", was.Phone, a.Phone}, {"timezone", was.Timezone, a.Timezone},
		{"language", was.Language, a.Language}, {"plan", string(was.Plan), string(a.Plan)}, {"paid_until", dated(was.PaidUntil), dated(a.PaidUntil)},
	}
	flag := strconv.FormatBool
	o, p := was.Options, a.Options
	fields = append(fields,
		Change{"newsletter", flag(was.Newsletter), flag(a.Newsletter)}, Change{"options.user_view_welcome", flag(o.UserViewWelcome), flag(p.UserViewWelcome)},
		Change{"options.date_format", o.DateFormat, p.DateFormat}, Change{"options.time_format", o.TimeFormat, p.TimeFormat},
		Change{"options.decimal_separator", o.DecimalSeparator, p.DecimalSeparator},
		Change{"options.thousand_separator", o.ThousandSeparator, p.ThousandSeparator},
		Change{"options.show_last_updated_at", o.ShowLastUpdatedAt, p.ShowLastUpdatedAt},
		Change{"billing.company", was.Billing.Company, a.Billing.Company}, Change{"billing.country", was.Billing.Country, a.Billing.Country},
		Change{"billing.state", was.Billing.State, a.Billing.State}, Change{"billing.city", was.Billing.City, a.Billing.City},
		Change{"billing.street", was.Billing.Street, a.Billing.Street}, Change{"billing.zip_code", was.Billing.ZipCode, a.Billing.ZipCode},
		Change{"billing.comments", was.Billing.Comments, a.Billing.Comments},
	)
	for _, f := range []Factor{FactorAuthenticator, FactorEmail} {
		fields = append(fields, Change{"otp." + string(f), flag(was.Has(f)), flag(a.Has(f))})
	}
	for _, s := range Services() {
		fields = append(fields, Change{"limit " + s.String(), strconv.FormatInt(was.Limits[s], 10), strconv.FormatInt(a.Limits[s], 10)})
	}
	for _, id := range a.ProfileIDs() {
		for _, s := range Services() {
			before, after := was.Shares[id].Allocation[s], a.Shares[id].Allocation[s]
			fields = append(fields, Change{"allocation " + s.String() + " " + string(id), strconv.FormatInt(before, 10), strconv.FormatInt(after, 10)})
		}
		fields = append(fields, Change{"addons " + string(id), was.Shares[id].Addons.String(), a.Shares[id].Addons.String()})
	}
	return append(Differences(fields...), a.Schedule.differences(was.Schedule)...)
}

// dated is a time in an entry, empty for none.
func dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(TimeFormat)
}

// differences lists what differs from another schedule.
func (s *Schedule) differences(was *Schedule) []Change {
	one, other := was.clone(), s.clone()
	chosen := func(s *Schedule) string {
		if s.Plan == nil {
			return ""
		}
		return string(*s.Plan)
	}
	limit := func(s *Schedule, of Service) string {
		if n, ok := s.Services[of]; ok {
			return strconv.FormatInt(n, 10)
		}
		return ""
	}
	ends := func(s *Schedule, of Addon) string {
		ids := make([]string, 0, len(s.Addons[of]))
		for _, id := range s.Addons[of] {
			ids = append(ids, string(id))
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	fields := []Change{{"schedule.plan", chosen(one), chosen(other)}}
	for _, of := range Services() {
		fields = append(fields, Change{"schedule.limit " + of.String(), limit(one, of), limit(other, of)})
	}
	for _, of := range AllAddons() {
		fields = append(fields, Change{"schedule.ends " + string(of), ends(one, of), ends(other, of)})
	}
	return Differences(fields...)
}

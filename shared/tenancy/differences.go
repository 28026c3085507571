package tenancy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

// Differences lists the fields of the profile that differ from was.
func (p Profile) Differences(was Profile) []auditlog.Change {
	return auditlog.Differences(
		auditlog.Changed("name", was.Name, p.Name),
		auditlog.Changed("logo_url", was.LogoURL, p.LogoURL),
		auditlog.Changed("banner_url", was.BannerURL, p.BannerURL),
	)
}

// Differences lists the fields of the account that differ from was, without the
// password.
func (a Account) Differences(was Account) []auditlog.Change {
	fields := []auditlog.Change{
		auditlog.Changed(
			"name",
			was.Name,
			a.Name,
		),
		auditlog.Changed("email", string(was.Email), string(a.Email)),
		auditlog.Changed("company", was.Company, a.Company),
		auditlog.Changed(
			"country",
			was.Country,
			a.Country,
		),
		auditlog.Changed("phone", was.Phone, a.Phone),
		auditlog.Changed("timezone", was.Timezone, a.Timezone),
		auditlog.Changed(
			"language",
			was.Language,
			a.Language,
		),
		auditlog.Changed("plan", string(was.Plan), string(a.Plan)),
		auditlog.Changed("paid_until", Dated(was.PaidUntil), Dated(a.PaidUntil)),
	}
	flag := strconv.FormatBool
	o, p := was.Options, a.Options
	fields = append(
		fields,
		auditlog.Changed(
			"newsletter",
			flag(was.Newsletter),
			flag(a.Newsletter),
		),
		auditlog.Changed(
			"options.user_view_welcome",
			flag(o.UserViewWelcome),
			flag(p.UserViewWelcome),
		),
		auditlog.Changed(
			"options.date_format",
			o.DateFormat,
			p.DateFormat,
		),
		auditlog.Changed("options.time_format", o.TimeFormat, p.TimeFormat),
		auditlog.Changed("options.decimal_separator", o.DecimalSeparator, p.DecimalSeparator),
		auditlog.Changed("options.thousand_separator", o.ThousandSeparator, p.ThousandSeparator),
		auditlog.Changed("options.show_last_updated_at", o.ShowLastUpdatedAt, p.ShowLastUpdatedAt),
		auditlog.Changed(
			"billing.company",
			was.Billing.Company,
			a.Billing.Company,
		),
		auditlog.Changed("billing.country", was.Billing.Country, a.Billing.Country),
		auditlog.Changed(
			"billing.state",
			was.Billing.State,
			a.Billing.State,
		),
		auditlog.Changed("billing.city", was.Billing.City, a.Billing.City),
		auditlog.Changed(
			"billing.street",
			was.Billing.Street,
			a.Billing.Street,
		),
		auditlog.Changed("billing.zip_code", was.Billing.ZipCode, a.Billing.ZipCode),
		auditlog.Changed("billing.comments", was.Billing.Comments, a.Billing.Comments),
	)
	fields = append(fields, a.Preferences.Differences(was.Preferences)...)
	for _, f := range []Factor{FactorAuthenticator, FactorEmail} {
		fields = append(
			fields,
			auditlog.Changed("otp."+string(f), flag(was.Has(f)), flag(a.Has(f))),
		)
	}
	for _, s := range plan.Services() {
		fields = append(
			fields,
			auditlog.Changed(
				"limit "+s.String(),
				strconv.FormatInt(was.Limits[s], 10),
				strconv.FormatInt(a.Limits[s], 10),
			),
		)
	}
	for _, id := range a.ProfileIDs() {
		for _, s := range plan.Services() {
			before, after := was.Shares[id].Allocation[s], a.Shares[id].Allocation[s]
			fields = append(
				fields,
				auditlog.Changed(
					"allocation "+s.String()+" "+string(id),
					strconv.FormatInt(before, 10),
					strconv.FormatInt(after, 10),
				),
			)
		}
		fields = append(
			fields,
			auditlog.Changed(
				"addons "+string(id),
				was.Shares[id].Addons.String(),
				a.Shares[id].Addons.String(),
			),
		)
	}
	return append(auditlog.Differences(fields...), scheduleDifferences(a.Schedule, was.Schedule)...)
}

// Dated returns a time as an audit entry has it, empty for the zero time.
func Dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(value.TimeFormat)
}

// scheduleDifferences lists the parts of a schedule that differ from was.
func scheduleDifferences(s, was *billing.Schedule) []auditlog.Change {
	one, other := was.Clone(), s.Clone()
	chosen := func(s *billing.Schedule) string {
		if s.Plan == nil {
			return ""
		}
		return string(*s.Plan)
	}
	limit := func(s *billing.Schedule, of plan.Service) string {
		if n, ok := s.Services[of]; ok {
			return strconv.FormatInt(n, 10)
		}
		return ""
	}
	ends := func(s *billing.Schedule, of plan.Addon) string {
		ids := make([]string, 0, len(s.Addons[of]))
		for _, id := range s.Addons[of] {
			ids = append(ids, string(id))
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	fields := []auditlog.Change{auditlog.Changed("schedule.plan", chosen(one), chosen(other))}
	for _, of := range plan.Services() {
		fields = append(
			fields,
			auditlog.Changed("schedule.limit "+of.String(), limit(one, of), limit(other, of)),
		)
	}
	for _, of := range plan.AllAddons() {
		fields = append(
			fields,
			auditlog.Changed("schedule.ends "+string(of), ends(one, of), ends(other, of)),
		)
	}
	return auditlog.Differences(fields...)
}

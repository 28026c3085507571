package tenancy

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/problem"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// MaxPhone and MaxLanguage are the most characters of these fields of an
// account.
const (
	MaxPhone    = 40
	MaxLanguage = 16
)

// DateFormats returns the formats in which dates can be shown.
func DateFormats() []string { return []string{"YYYY-MM-DD", "DD-MM-YYYY", "MM-DD-YYYY"} }

// TimeFormats returns the formats of the time of day: a clock of 12 or of 24
// hours.
func TimeFormats() []string { return []string{"12", "24"} }

// LastUpdatedPlaces returns the places where the original shows the time of the
// last update.
func LastUpdatedPlaces() []string { return []string{"footer", "menu"} }

// AccountEdit is a partial change of an account; a nil field stays as it is.
type AccountEdit struct {
	// Email must be the account's present address; another one must be
	// confirmed first.
	Email                                             *string
	Name, Company, Country, Phone, Timezone, Language *string
	Newsletter                                        *bool
	Options                                           AccountOptionsEdit
	Notifications                                     [topic.Count]topic.Change

	// The fields below cannot be changed by an edit. They are here because
	// clients send back all of an account; a value that differs is refused.
	Plan                                    *string
	Active, Blocked, Developer, SendInvoice *bool
	Factors                                 map[string]*bool
}

// AccountOptionsEdit is the part of an AccountEdit that concerns the options.
type AccountOptionsEdit struct {
	UserViewWelcome                                                                *bool
	DateFormat, TimeFormat, DecimalSeparator, ThousandSeparator, ShowLastUpdatedAt *string
}

// Edit returns the account with the change applied, or CodeInvalid naming the
// field that is wrong.
func (a Account) Edit(e AccountEdit, now time.Time) (Account, error) {
	var err error
	text := func(field string, to *string, from *string, max int) {
		if from == nil || err != nil {
			return
		}
		*to, err = value.CleanText(field, *from, 0, max)
	}
	if e.Name != nil {
		if a.Name, err = value.ParseName("name", *e.Name); err != nil {
			return a, err
		}
	}
	if e.Email != nil {
		if email, err := value.ParseEmail(*e.Email); err != nil || email != a.Email {
			return a, problem.InvalidField(
				"email",
				problem.FieldNotTaken,
				"cannot be changed here: leave it out",
			)
		}
	}
	if e.Plan != nil && *e.Plan != string(a.Plan) {
		return a, problem.InvalidField(
			"plan",
			problem.FieldNotTaken,
			"cannot be changed here: leave it out, and change the subscription",
		)
	}
	for _, kept := range []struct {
		name string
		to   *bool
		is   bool
	}{
		{"active", e.Active, a.Active}, {"blocked", e.Blocked, a.Blocked},
		{"developer", e.Developer, a.Developer}, {"send_invoice", e.SendInvoice, false},
	} {
		if kept.to != nil && *kept.to != kept.is {
			return a, problem.InvalidField(
				kept.name,
				problem.FieldNotTaken,
				"cannot be changed: leave it out, or send %v as it is",
				kept.is,
			)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Factors)) {
		to := e.Factors[name]
		if to == nil || *to == a.Has(Factor(name)) {
			continue
		}
		factor, err := ParseFactor(name)
		if err != nil {
			return a, err
		}
		deed := "enable"
		if !*to {
			deed = "disable"
		}
		return a, problem.Invalid(
			"otp.%s cannot be changed here: leave it out, and use POST /account/otp/%s/%s",
			factor,
			factor,
			deed,
		)
	}
	if e.Timezone != nil {
		if a.Timezone, err = value.ParseTimezone(*e.Timezone); err != nil {
			return a, err
		}
	}
	text("company", &a.Company, e.Company, value.MaxName)
	text("country", &a.Country, e.Country, value.MaxName)
	text("phone", &a.Phone, e.Phone, MaxPhone)
	text("language", &a.Language, e.Language, MaxLanguage)
	choice := func(field string, to *string, from *string, allowed ...string) {
		if from == nil || err != nil {
			return
		}
		*to, err = value.OneOf(field, *from, allowed...)
	}
	o := e.Options
	choice("options.date_format", &a.Options.DateFormat, o.DateFormat, DateFormats()...)
	choice("options.time_format", &a.Options.TimeFormat, o.TimeFormat, TimeFormats()...)
	choice(
		"options.show_last_updated_at",
		&a.Options.ShowLastUpdatedAt,
		o.ShowLastUpdatedAt,
		LastUpdatedPlaces()...)
	separator := func(field string, to *string, from *string) {
		if from == nil || err != nil {
			return
		}
		*to, err = value.ParseSeparator(field, *from)
	}
	separator("options.decimal_separator", &a.Options.DecimalSeparator, o.DecimalSeparator)
	separator("options.thousand_separator", &a.Options.ThousandSeparator, o.ThousandSeparator)
	if err == nil {
		a.Preferences, err = a.Preferences.Edit(e.Notifications)
	}
	if err != nil {
		return a, err
	}
	if e.Newsletter != nil {
		a.Newsletter = *e.Newsletter
	}
	if o.UserViewWelcome != nil {
		a.Options.UserViewWelcome = *o.UserViewWelcome
	}
	a.Updated = now
	return a, nil
}

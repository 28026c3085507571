package operation

import (
	"context"

	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/static"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
)

var AccountGet = Operation{
	Name:    "account-get",
	Tag:     "Account",
	Summary: "Returns the account that the token acts for; a token of one profile, or with the permission billing or usage, sees its id, name, plan, time zone and options.",
	Routes:  []Route{{"GET", "/account"}},
	Access:  Usage,
	Call:    get[oneOf[accountView, accountOutline]](accountGet),
	Example: Example{Path: "/account"},
}

func accountGet(
	ctx context.Context,
	s *service.Services,
	r *request,
) (oneOf[accountView, accountOutline], error) {
	a, err := s.Accounts.Get(ctx, r.client)
	if err != nil {
		return oneOf[accountView, accountOutline]{}, err
	}
	if !a.Whole {
		return second[accountView](
			accountOutline{
				ID:       a.ID,
				Name:     a.Name,
				Plan:     a.Plan,
				Timezone: a.Timezone,
				Options:  viewOptions(a.Options),
			},
		), nil
	}
	return first[accountView, accountOutline](viewAccount(a)), nil
}

// wholeAccount returns the account to a token of all its profiles. Errors:
// those of accounts.Service.Get; tenancy.ErrOneProfile for a token of one
// profile.
func wholeAccount(ctx context.Context, s *service.Services, r *request) (accountView, error) {
	a, err := s.Accounts.Get(ctx, r.client)
	if err == nil && !a.Whole {
		err = tenancy.ErrOneProfile
	}
	if err != nil {
		return accountView{}, err
	}
	return viewAccount(a), nil
}

func viewAccount(a accounts.View) accountView {
	asked, former := viewEmails(a.Account)
	return accountView{
		ID:         a.ID,
		Type:       "user",
		Active:     a.Active,
		Blocked:    a.Blocked,
		Name:       a.Name,
		Email:      a.Email,
		Company:    a.Company,
		Country:    orNull(a.Country),
		Phone:      orNull(a.Phone),
		Timezone:   a.Timezone,
		Language:   a.Language,
		Plan:       a.Plan,
		Newsletter: a.Newsletter,
		Developer:  a.Developer,
		LastLogin:  timeOrNull(a.LastLogin),

		NewEmail:     asked,
		FormerEmails: former,
		Options:      viewOptions(a.Options),
		Preferences:  viewPreferences(a.Preferences),
		OTP: otpView{
			Authenticator: a.Has(tenancy.FactorAuthenticator),
			Email:         a.Has(tenancy.FactorEmail),
		},
		RecoveryCodes: a.RecoveryCodes,
		Limits:        static.LimitsOf(a.Plan),
		Created:       isoTime(a.Created),
		Updated:       isoTime(a.Updated),
	}
}

// accountOutline is the part of its account that a token of one profile can
// read. Official clients begin with this request.
type accountOutline struct {
	ID   value.AccountID `json:"id"`             // the id of the account
	Name string          `json:"name" is:"text"` // the name of the person
	Plan plan.Plan       `json:"plan"`           // the plan
	// the IANA name of the time zone for dates without one
	Timezone string `json:"timezone" is:"timezone"`
	// how the person wants numbers and times
	Options accountOptionsView `json:"options"`
}

type accountView struct {
	ID   value.AccountID `json:"id"`             // the id of the account
	Type string          `json:"type" is:"text"` // always user
	// whether the address of the account is confirmed
	Active bool `json:"active"`
	// whether the operator has blocked the account
	Blocked bool   `json:"blocked"`
	Name    string `json:"name"    is:"text"` // the name of the person
	// the e-mail address of the account
	Email   value.Email `json:"email"`
	Company string      `json:"company" is:"text"` // the company; empty for none
	Country *string     `json:"country" is:"text"` // the country; null for none
	// the phone number; null for none
	Phone *string `json:"phone" is:"text"`
	// the IANA name of the time zone for dates without one
	Timezone string `json:"timezone" is:"timezone"`
	// the language, such as pt; see PUT /account
	Language string    `json:"language" is:"text"`
	Plan     plan.Plan `json:"plan"` // the plan
	// whether the person wants the newsletter
	Newsletter bool `json:"newsletter"`
	Developer  bool `json:"developer"` // whether the person develops
	// always false: there is no payment provider
	SendInvoice bool `json:"send_invoice"`
	// always null: there is no payment provider
	StripeID *string `json:"stripe_id" is:"text"`
	// the address that was asked for and waits for its confirmation; null for
	// none
	NewEmail *newEmailView `json:"new_email"`
	// former addresses, from which the change can still be undone
	FormerEmails []formerEmailView `json:"former_emails"`
	// when the person signed in last; null before the first time
	LastLogin *string `json:"last_login" is:"time"`
	// how the person wants numbers and times
	Options accountOptionsView `json:"options"`
	// which mails and notifications the person gets
	Preferences preferencesView `json:"notifications"`
	// which second factors the account asks for
	OTP otpView `json:"otp"`
	// how many recovery codes are left; null without a second factor
	RecoveryCodes *int              `json:"recovery_codes_left"`
	Limits        static.LimitsView `json:"limits"`               // the limits of the plan
	Created       string            `json:"created_at" is:"time"` // when the account was created
	Updated       string            `json:"updated_at" is:"time"` // when the account last changed
}

type newEmailView struct {
	Email value.Email `json:"email" is:"email"` // the new address
	// until when the new address can be confirmed
	Expires string `json:"expires_at" is:"time"`
}

type formerEmailView struct {
	Email value.Email `json:"email" is:"email"` // the former address
	// until when the change can be undone from the former address
	Expires string `json:"expires_at" is:"time"`
}

// viewEmails are the addresses of an account beside the one that it has.
func viewEmails(a tenancy.Account) (*newEmailView, []formerEmailView) {
	var asked *newEmailView
	if a.Asked.Email != "" {
		asked = &newEmailView{a.Asked.Email, isoTime(a.Asked.Expires)}
	}
	former := []formerEmailView{}
	for _, u := range a.Undos {
		former = append(former, formerEmailView{u.Email, isoTime(u.Expires)})
	}
	return asked, former
}

// otpView says which second factors an account asks for.
type otpView struct {
	Authenticator bool `json:"authenticator"` // whether pins of an authenticator are asked for
	SMS           bool `json:"sms"`           // always false: pins by text message are not offered
	Email         bool `json:"email"`         // whether pins by mail are asked for
}

type accountOptionsView struct {
	// whether the person has seen the welcome
	UserViewWelcome bool `json:"user_view_welcome"`
	// the sign before the decimals of a number
	DecimalSeparator string `json:"decimal_separator" is:"text"`
	// the sign between the thousands of a number; empty for none
	ThousandSeparator string `json:"thousand_separator" is:"text"`
	// always null: news of the original
	LastWhatsNew *string `json:"last_whats_new"`
	// how dates are written; absent before the person has chosen
	DateFormat string `json:"date_format,omitempty" is:"text"`
	// 12 or 24 hours; absent before the person has chosen
	TimeFormat string `json:"time_format,omitempty" is:"text"`
	// how the time of the last change is shown; absent before it is chosen
	ShowLastUpdatedAt string `json:"show_last_updated_at,omitempty" is:"text"`
}

func viewOptions(o tenancy.AccountOptions) accountOptionsView {
	return accountOptionsView{
		UserViewWelcome:   o.UserViewWelcome,
		DecimalSeparator:  o.DecimalSeparator,
		ThousandSeparator: o.ThousandSeparator,
		DateFormat:        o.DateFormat,
		TimeFormat:        o.TimeFormat,
		ShowLastUpdatedAt: o.ShowLastUpdatedAt,
	}
}

// preferencesView is how an account is notified about each topic.
type preferencesView struct {
	// what protects the account, carries a code, or changes who may see what;
	// it cannot be switched off
	Security preferenceView `json:"security"`
	// profiles that use much of a service
	Usage preferenceView `json:"usage"`
	// a profile that is deleted, or has nothing to use
	Profile preferenceView `json:"profile"`
	// invitations, their answers, and memberships that end soon
	Team preferenceView `json:"team"`
	// tokens that expire, or that nobody uses
	Token preferenceView `json:"token"`
	// notes, questions and reminders of transfers, and their end
	Transfer preferenceView `json:"transfer"`
	Webhook  preferenceView `json:"webhook"` // webhooks that are disabled
}

type preferenceView struct {
	// each: a mail for each at once; daily: one mail a day, for usage; off:
	// none
	Mail topic.Mail `json:"mail"`
	// whether there are notifications about it
	Console bool `json:"console"`
}

func viewPreferences(p topic.Preferences) preferencesView {
	of := func(t topic.Topic) preferenceView { return preferenceView{p.Mail(t), p.Shows(t)} }
	return preferencesView{
		Security: of(topic.Security),
		Usage:    of(topic.Usage),
		Profile:  of(topic.Profile),
		Team:     of(topic.Team),
		Token:    of(topic.Token),
		Transfer: of(topic.Transfer),
		Webhook:  of(topic.Webhook),
	}
}

// preferencesChanges are changes of how an account is notified.
type preferencesChanges struct {
	// as it is: what is about security cannot be switched off
	Security preferenceChanges `json:"security"`
	Usage    preferenceChanges `json:"usage"`    // profiles that use much of a service
	Profile  preferenceChanges `json:"profile"`  // a profile that is deleted, or has nothing to use
	Team     preferenceChanges `json:"team"`     // invitations and memberships
	Token    preferenceChanges `json:"token"`    // tokens that expire, or that nobody uses
	Transfer preferenceChanges `json:"transfer"` // notes, questions and reminders of transfers
	Webhook  preferenceChanges `json:"webhook"`  // webhooks that are disabled
}

type preferenceChanges struct {
	// each: a mail for each at once; daily: one mail a day, for usage; off:
	// none
	Mail *string `json:"mail" is:"mail_preference"`
	// whether there are notifications about it
	Console *bool `json:"console"`
}

func (b preferencesChanges) changes() [topic.Count]topic.Change {
	return [topic.Count]topic.Change{
		topic.Security: topic.Change(b.Security),
		topic.Usage:    topic.Change(b.Usage),
		topic.Profile:  topic.Change(b.Profile),
		topic.Team:     topic.Change(b.Team),
		topic.Token:    topic.Change(b.Token),
		topic.Transfer: topic.Change(b.Transfer),
		topic.Webhook:  topic.Change(b.Webhook),
	}
}

var AccountEdit = Operation{
	Name:    "account-edit",
	Tag:     "Account",
	Summary: "Changes the account that the token acts for.",
	Routes:  []Route{{"PUT", "/account"}},
	Access:  Write,
	Zones:   true,
	Call:    call[accountChanges, acknowledged](accountEdit),
	Refuses: []problem.Reason{problem.ReasonNotOffered},
	Example: Example{
		Path: "/account",
		Body: `{"timezone": "America/Sao_Paulo", "options": {"time_format": "24"}}`,
	},
}

type accountChanges struct {
	Name *string `json:"name" is:"person_name"` // the name of the person
	// the present address, which changes nothing; POST /account/email asks for
	// another one
	Email *string `json:"email" is:"email"`
	// the IANA name of the time zone for dates without one
	Timezone *string `json:"timezone" is:"timezone"`
	// the company; null for none
	Company httpapi.Nullable[string] `json:"company" is:"company"`
	// the phone number; null for none
	Phone   httpapi.Nullable[string] `json:"phone"   is:"phone"`
	Country httpapi.Nullable[string] `json:"country" is:"country"` // the country
	// the language, as the client names it: mails are in Portuguese for pt,
	// with or without a country, and otherwise in English
	Language   *string `json:"language" is:"language"`
	Newsletter *bool   `json:"newsletter"` // whether the person wants the newsletter
	// the present plan, which changes nothing; POST /account/plan chooses
	// another one
	Plan *string `json:"plan" is:"plan"`
	// as it is; only the operator changes it
	Active *bool `json:"active"`
	// as it is; only the operator changes it
	Blocked *bool `json:"blocked"`
	// whether the person develops
	Developer *bool `json:"developer"`
	// false: there is no payment provider
	Invoice *bool `json:"send_invoice"`
	// refused: a new password is set at POST /account/passwordreset
	Password string `json:"password" is:"password"`
	// refused: a new password is set at POST /account/passwordreset
	Repeated string `json:"cpassword" is:"password"`
	// as it is; second factors are set up at /account/otp
	OTP map[string]*bool `json:"otp"`
	// how the person wants numbers and times
	Options accountOptionChanges `json:"options"`
	// which mails and notifications the person gets
	Preferences preferencesChanges `json:"notifications"`
}

// accountOptionChanges are how the person wants numbers and times.
type accountOptionChanges struct {
	// whether the person has seen the welcome
	UserViewWelcome *bool `json:"user_view_welcome"`
	// how dates are written, such as YYYY-MM-DD
	DateFormat *string `json:"date_format" is:"date_format"`
	TimeFormat *string `json:"time_format" is:"time_format"` // 12 or 24 hours
	// the sign before the decimals of a number
	DecimalSeparator *string `json:"decimal_separator" is:"separator"`
	// the sign between the thousands of a number; empty for none
	ThousandSeparator *string `json:"thousand_separator" is:"separator"`
	// how the time of the last change is shown
	ShowLastUpdatedAt *string `json:"show_last_updated_at" is:"show_updated"`
}

func accountEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b accountChanges,
) (acknowledged, error) {
	// The accounts of clients have no password; who sends one wants another,
	// which takes proof.
	for _, p := range []struct{ name, is string }{{"password", b.Password}, {"cpassword", b.Repeated}} {
		if p.is != "" {
			return "", problem.Invalid(
				"%s cannot be changed here: leave it out, and send it to POST /account/passwordreset with current_password or the code of a mail",
				p.name,
			)
		}
	}
	return "Account Successfully Updated", s.Accounts.Edit(ctx, r.client, tenancy.AccountEdit{
		Name:        b.Name,
		Email:       b.Email,
		Timezone:    b.Timezone,
		Company:     b.Company.Pointer(),
		Phone:       b.Phone.Pointer(),
		Country:     b.Country.Pointer(),
		Language:    b.Language,
		Newsletter:  b.Newsletter,
		Plan:        b.Plan,
		Active:      b.Active,
		Blocked:     b.Blocked,
		Developer:   b.Developer,
		SendInvoice: b.Invoice,
		Options:     tenancy.AccountOptionsEdit(b.Options),

		Notifications: b.Preferences.changes(),
		Factors:       b.OTP,
	})
}

package operation

import (
	"context"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var AccountCreate = Operation{
	Name: "account-create", Tag: "Account", Summary: "Signs a person up and mails the link that confirms the address.",
	Routes: []Route{{"POST", "/account"}}, Access: Anonymous, Hashes: true, Zones: true, answer: accountCreate,
	Example: Example{Path: "/account", Body: `{"name": "Zoe Sample", "email": "zoe@example.com", "password": "demo lantern otter", "cpassword": "demo lantern otter", "timezone": "Europe/Berlin"}`},
}

func accountCreate(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Name       string `json:"name"`
		Email      string `json:"email"`
		Password   string `json:"password"`
		Repeated   string `json:"cpassword"`
		Timezone   string `json:"timezone"`
		Country    string `json:"country"`
		Company    string `json:"company"`
		Newsletter bool   `json:"newsletter"`
		Developer  bool   `json:"developer"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Account created successfully: open the link in the mail we sent to confirm your address",
		s.Accounts.Create(ctx, r.client, service.NewAccount(b))
}

var AccountConfirm = Operation{
	Name: "account-confirm", Tag: "Account", Summary: "Confirms the address of a sign-up with the code from the mail; makes the first profile.",
	Routes: []Route{{"GET", "/account/confirm/{token}"}}, Acts: true, Access: Anonymous, AnyParams: true, answer: accountConfirm,
	Example: Example{Path: "/account/confirm/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func accountConfirm(ctx context.Context, s *service.Services, r *request) (any, error) {
	return "Account confirmed successfully", s.Accounts.Confirm(ctx, r.client, r.PathValue("token"))
}

var AccountResend = Operation{
	Name: "account-resend", Tag: "Account", Summary: "Mails a new confirmation link to an address that waits for one.",
	Routes: []Route{{"GET", "/account/resend_confirmation/{email}"}}, Acts: true, Access: Anonymous, Seals: true, answer: accountResend,
	Example: Example{Path: "/account/resend_confirmation/zoe@example.com"},
}

func accountResend(ctx context.Context, s *service.Services, r *request) (any, error) {
	return "Confirmation email sent, if this address is waiting for one", s.Accounts.Resend(ctx, r.client, r.PathValue("email"))
}

var AccountLogin = Operation{
	Name: "account-login", Tag: "Account", Summary: "Checks a password, and a pin where the account asks for one, and lists the profiles the person can open.",
	Routes: []Route{{"POST", "/account/login"}}, Access: Anonymous, Hashes: true, answer: accountLogin,
	Example: Example{Path: "/account/login", Body: `{"email": "ana@example.com", "password": "demo lantern otter"}`},
}

func accountLogin(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		proofBody
		Email string `json:"email"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	entered, err := s.Accounts.Login(ctx, r.client, b.Email, b.proof())
	if err != nil {
		return nil, err
	}
	account := entered.Account
	return loginView{
		Type: "user", ID: account.ID, Email: account.Email, Company: account.Company, Name: account.Name,
		Phone: orNull(account.Phone), Profiles: profileList(service.OwnFirst(entered.Grants), true),
	}, nil
}

type loginView struct {
	Type     string            `json:"type"`
	ID       tenancy.AccountID `json:"id"`
	Email    tenancy.Email     `json:"email"`
	Company  string            `json:"company"`
	Name     string            `json:"name"`
	Phone    *string           `json:"phone"`
	Profiles []profileRow      `json:"profiles"`
}

var AccountTokenCreate = Operation{
	Name: "account-token-create", Tag: "Account", Summary: "Makes a token at sign-in: the password takes the place of a token, with the pin that signed in where the account asks for one.",
	Routes: []Route{{"POST", "/account/profile/token"}}, Access: Anonymous, Hashes: true, Zones: true, answer: accountTokenCreate,
	Example: Example{Path: "/account/profile/token", Body: `{"profile_id": "0123456789abcdef01234567", "email": "ana@example.com", "password": "demo lantern otter", "name": "Sample", "expire_time": "3 months"}`},
}

func accountTokenCreate(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		proofBody
		ProfileID string `json:"profile_id"`
		Email     string `json:"email"`
		Name      string `json:"name"`
		Expires   string `json:"expire_time"`
		tokenLimits
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	if b.ProfileID == "" {
		return nil, tenancy.InvalidField("profile_id", "is required: one of the ids that signing in lists")
	}
	id, err := tenancy.ParseProfileID(b.ProfileID)
	if err != nil {
		return nil, tenancy.InvalidField("profile_id", "must be 24 hexadecimal digits, such as signing in lists")
	}
	made, err := s.Tokens.CreateAtLogin(ctx, r.client, service.NewToken{
		Profile: service.ProfileRef{ID: id}, Email: b.Email, Proof: b.proof(), Name: b.Name, Expires: b.Expires,
		TokenLimits: tenancy.TokenLimits(b.tokenLimits),
	})
	if err != nil {
		return nil, err
	}
	return newToken(made), nil
}

var AccountGet = Operation{
	Name: "account-get", Tag: "Account", Summary: "Returns the account that the token acts for; a token of one profile sees its id, name, plan, time zone and options.",
	Routes: []Route{{"GET", "/account"}}, Access: Read, answer: accountGet,
	Example: Example{Path: "/account"},
}

func accountGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	a, err := s.Accounts.Get(ctx, r.client)
	if err != nil {
		return nil, err
	}
	options := accountOptionsView{
		UserViewWelcome: a.Options.UserViewWelcome, DecimalSeparator: a.Options.DecimalSeparator,
		ThousandSeparator: a.Options.ThousandSeparator, DateFormat: a.Options.DateFormat, TimeFormat: a.Options.TimeFormat,
		ShowLastUpdatedAt: a.Options.ShowLastUpdatedAt,
	}
	if !a.Whole {
		return accountOutline{ID: a.ID, Name: a.Name, Plan: a.Plan, Timezone: a.Timezone, Options: options}, nil
	}
	return accountView{
		ID: a.ID, Type: "user", Active: a.Active, Blocked: a.Blocked, Name: a.Name, Email: a.Email, Company: a.Company,
		Country: orNull(a.Country), Phone: orNull(a.Phone), Timezone: a.Timezone, Language: a.Language, Plan: a.Plan,
		Newsletter: a.Newsletter, Developer: a.Developer, LastLogin: timeOrNull(a.LastLogin),
		Options: options,
		OTP:     otpView{Authenticator: a.Has(tenancy.FactorAuthenticator), Email: a.Has(tenancy.FactorEmail)},
		Created: isoTime(a.Created), Updated: isoTime(a.Updated),
	}, nil
}

// accountOutline is what a token of one profile sees of its account. Official clients begin with this request.
type accountOutline struct {
	ID       tenancy.AccountID  `json:"id"`
	Name     string             `json:"name"`
	Plan     tenancy.Plan       `json:"plan"`
	Timezone string             `json:"timezone"`
	Options  accountOptionsView `json:"options"`
}

type accountView struct {
	ID          tenancy.AccountID  `json:"id"`
	Type        string             `json:"type"`
	Active      bool               `json:"active"`
	Blocked     bool               `json:"blocked"`
	Name        string             `json:"name"`
	Email       tenancy.Email      `json:"email"`
	Company     string             `json:"company"`
	Country     *string            `json:"country"`
	Phone       *string            `json:"phone"`
	Timezone    string             `json:"timezone"`
	Language    string             `json:"language"`
	Plan        tenancy.Plan       `json:"plan"`
	Newsletter  bool               `json:"newsletter"`
	Developer   bool               `json:"developer"`
	SendInvoice bool               `json:"send_invoice"`
	StripeID    *string            `json:"stripe_id"`
	LastLogin   *string            `json:"last_login"`
	Options     accountOptionsView `json:"options"`
	OTP         otpView            `json:"otp"`
	Created     string             `json:"created_at"`
	Updated     string             `json:"updated_at"`
}

// otpView says which second factors an account asks for.
type otpView struct {
	Authenticator bool `json:"authenticator"`
	SMS           bool `json:"sms"` // never: it is not offered
	Email         bool `json:"email"`
}

type accountOptionsView struct {
	UserViewWelcome   bool    `json:"user_view_welcome"`
	DecimalSeparator  string  `json:"decimal_separator"`
	ThousandSeparator string  `json:"thousand_separator"`
	LastWhatsNew      *string `json:"last_whats_new"`
	DateFormat        string  `json:"date_format,omitempty"`
	TimeFormat        string  `json:"time_format,omitempty"`
	ShowLastUpdatedAt string  `json:"show_last_updated_at,omitempty"`
}

var AccountEdit = Operation{
	Name: "account-edit", Tag: "Account", Summary: "Changes the account that the token acts for.",
	Routes: []Route{{"PUT", "/account"}}, Access: Write, Zones: true, answer: accountEdit,
	Example: Example{Path: "/account", Body: `{"timezone": "America/Sao_Paulo", "options": {"time_format": "24"}}`},
}

func accountEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Name       *string                  `json:"name"`
		Email      *string                  `json:"email"`
		Timezone   *string                  `json:"timezone"`
		Company    httpapi.Nullable[string] `json:"company"`
		Phone      httpapi.Nullable[string] `json:"phone"`
		Country    httpapi.Nullable[string] `json:"country"`
		Language   *string                  `json:"language"`
		Newsletter *bool                    `json:"newsletter"`
		Plan       *string                  `json:"plan"`
		Active     *bool                    `json:"active"`
		Blocked    *bool                    `json:"blocked"`
		Developer  *bool                    `json:"developer"`
		Invoice    *bool                    `json:"send_invoice"`
		Password   string                   `json:"password"`
		Repeated   string                   `json:"cpassword"`
		OTP        map[string]*bool         `json:"otp"`
		Options    struct {
			UserViewWelcome   *bool   `json:"user_view_welcome"`
			DateFormat        *string `json:"date_format"`
			TimeFormat        *string `json:"time_format"`
			DecimalSeparator  *string `json:"decimal_separator"`
			ThousandSeparator *string `json:"thousand_separator"`
			ShowLastUpdatedAt *string `json:"show_last_updated_at"`
		} `json:"options"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	// The accounts of clients have no password; who sends one wants another, which takes proof.
	for _, p := range []struct{ name, is string }{{"password", b.Password}, {"cpassword", b.Repeated}} {
		if p.is != "" {
			return nil, tenancy.Invalid("%s cannot be changed here: leave it out, and send it to POST /account/passwordreset with current_password or the code of a mail", p.name)
		}
	}
	return "Account Successfully Updated", s.Accounts.Edit(ctx, r.client, tenancy.AccountEdit{
		Name: b.Name, Email: b.Email, Timezone: b.Timezone, Company: b.Company.Pointer(), Phone: b.Phone.Pointer(),
		Country: b.Country.Pointer(), Language: b.Language, Newsletter: b.Newsletter,
		Plan: b.Plan, Active: b.Active, Blocked: b.Blocked, Developer: b.Developer, SendInvoice: b.Invoice,
		Options: tenancy.AccountOptionsEdit(b.Options),
		Factors: b.OTP,
	})
}

package operation

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/service/profiles"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var AccountCreate = Operation{
	Name:    "account-create",
	Tag:     "Account",
	Summary: "Signs a person up and mails the link that confirms the address.",
	Routes:  []Route{{"POST", "/account"}},
	Access:  Anonymous,
	Hashes:  true,
	Zones:   true,
	Call:    call[newAccountBody, acknowledged](accountCreate),
	Example: Example{
		Path: "/account",
		Body: `{"name": "Zoe Sample", "email": "zoe@example.com", "password": "demo lantern otter", "cpassword": "demo lantern otter", "timezone": "Europe/Berlin"}`,
	},
}

type newAccountBody struct {
	Name string `json:"name" is:"person_name,required"` // the name of the person
	// the address to sign in with; a mail to the address asks to confirm it
	Email    string `json:"email"     is:"email,required"`
	Password string `json:"password"  is:"new_password,required"` // the password
	Repeated string `json:"cpassword" is:"password,required"`     // the password once more
	// the IANA name of the time zone for dates without one; UTC if it is left
	// out
	Timezone string `json:"timezone" is:"timezone"`
	Country  string `json:"country"  is:"country"` // the country
	Company  string `json:"company"  is:"company"` // the company
	// whether the person wants the newsletter
	Newsletter bool `json:"newsletter"`
	Developer  bool `json:"developer"` // whether the person develops
}

func accountCreate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b newAccountBody,
) (acknowledged, error) {
	return "Account created successfully: open the link in the mail we sent to confirm your address",
		s.Accounts.Create(
			ctx,
			r.client,
			accounts.NewAccount(b),
		)
}

var AccountConfirm = Operation{
	Name:    "account-confirm",
	Tag:     "Account",
	Summary: "Confirms the address of a sign-up with the code from the mail; makes the first profile.",
	Routes: []Route{
		{"GET", "/account/confirm/{token}"},
	},
	Acts:      true,
	Access:    Anonymous,
	AnyParams: true,
	Call:      get[acknowledged](accountConfirm),
	Refuses:   []problem.Reason{problem.ReasonPasswordRequired, problem.ReasonLinkVoid},
	Example:   Example{Path: "/account/confirm/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func accountConfirm(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return "Account confirmed successfully", s.Accounts.Confirm(ctx, r.client, r.PathValue("token"))
}

var AccountResend = Operation{
	Name:    "account-resend",
	Tag:     "Account",
	Summary: "Mails a new confirmation link to an address that is not confirmed.",
	Routes: []Route{
		{"GET", "/account/resend_confirmation/{email}"},
	},
	Acts:    true,
	Access:  Anonymous,
	Seals:   true,
	Call:    get[acknowledged](accountResend),
	Example: Example{Path: "/account/resend_confirmation/zoe@example.com"},
}

func accountResend(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return "Confirmation email sent, if this address is waiting for one", s.Accounts.Resend(
		ctx,
		r.client,
		r.PathValue("email"),
	)
}

var AccountLogin = Operation{
	Name:    "account-login",
	Tag:     "Account",
	Summary: "Checks a password, and a pin if the account has a second factor, and lists the profiles that the person can open.",
	Routes:  []Route{{"POST", "/account/login"}},
	Access:  Anonymous,
	Hashes:  true,
	Call:    call[loginBody, loginView](accountLogin),
	Refuses: []problem.Reason{problem.ReasonAccountBlocked, problem.ReasonAddressUnconfirmed},
	Example: Example{
		Path: "/account/login",
		Body: `{"email": "ana@example.com", "password": "demo lantern otter"}`,
	},
}

type loginBody struct {
	credentialsBody
	Email string `json:"email" is:"email,required"` // the e-mail address of the account
}

func accountLogin(
	ctx context.Context,
	s *service.Services,
	r *request,
	b loginBody,
) (loginView, error) {
	entered, err := s.Accounts.Login(ctx, r.client, b.Email, b.credentials())
	if err != nil {
		return loginView{}, err
	}
	account := entered.Account
	return loginView{
		Type:     "user",
		ID:       account.ID,
		Email:    account.Email,
		Company:  account.Company,
		Name:     account.Name,
		Phone:    orNull(account.Phone),
		Profiles: profileList(profiles.OwnFirst(entered.Grants), true),
	}, nil
}

type loginView struct {
	Type    string          `json:"type"    is:"text"` // always user
	ID      value.AccountID `json:"id"`                // the account
	Email   value.Email     `json:"email"`             // the e-mail address of the account
	Company string          `json:"company" is:"text"` // the company; empty for none
	Name    string          `json:"name"    is:"text"` // the name of the person
	Phone   *string         `json:"phone"   is:"text"` // the phone number; null for none
	// the profiles that the person can open: own ones first
	Profiles []profileRow `json:"profiles"`
}

var AccountTokenCreate = Operation{
	Name:    "account-token-create",
	Tag:     "Account",
	Summary: "Makes a token at sign-in, with address and password in place of a token, and with the pin of the sign-in if the account has a second factor.",
	Routes: []Route{
		{"POST", "/account/profile/token"},
	},
	Access: Anonymous,
	Hashes: true,
	Zones:  true,
	Call:   strict[loginTokenBody, newTokenView](accountTokenCreate),
	Refuses: []problem.Reason{
		problem.ReasonTokenPolicy,
		problem.ReasonNotFound,
		problem.ReasonAddressUnconfirmed,
		problem.ReasonAccountBlocked,
	},
	Example: Example{
		Path: "/account/profile/token",
		Body: `{"profile_id": "0123456789abcdef01234567", "email": "ana@example.com", "password": "demo lantern otter", "name": "Sample", "expire_time": "3 months"}`,
	},
}

type loginTokenBody struct {
	credentialsBody
	// the profile that the token is for
	ProfileID string `json:"profile_id" is:"profile_id,required"`
	// the e-mail address of the account
	Email string `json:"email" is:"email,required"`
	Name  string `json:"name"  is:"token_name,required"` // the name of the token
	// when the token ends: a date, a span such as "3 months", or never
	Expires string `json:"expire_time" is:"expiry"`
	tokenLimits
}

func accountTokenCreate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b loginTokenBody,
) (newTokenView, error) {
	if b.ProfileID == "" {
		return newTokenView{}, problem.InvalidField(
			"profile_id",
			problem.FieldRequired,
			"is required: one of the ids that signing in lists",
		)
	}
	id, err := value.ParseProfileID(b.ProfileID)
	if err != nil {
		return newTokenView{}, problem.InvalidField(
			"profile_id",
			problem.FieldFormat,
			"must be 24 hexadecimal digits, such as signing in lists",
		)
	}
	made, err := s.Tokens.CreateAtLogin(ctx, r.client, tokens.NewToken{
		Profile: service.ProfileRef{
			ID: id,
		},
		Email:       b.Email,
		Credentials: b.credentials(),
		Name:        b.Name,
		Expires:     b.Expires,
		TokenLimits: tenancy.TokenLimits(b.tokenLimits),
	})
	if err != nil {
		return newTokenView{}, err
	}
	return newToken(made), nil
}

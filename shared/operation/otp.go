package operation

import (
	"context"
	"strings"

	"profiles/shared/problem"
	"profiles/shared/service"
)

// credentialsBody has the credentials of a reauthentication: the password, and
// a pin if the account has a second factor.
type credentialsBody struct {
	Password string `json:"password" is:"password"` // the password of the account
	// a pin of the second factor, or a recovery code, where the account asks
	// for one
	Pin    string `json:"pin_code" is:"pin"`
	Factor string `json:"otp_type" is:"factor"` // the second factor that the pin belongs to
}

func (b credentialsBody) credentials() service.Credentials { return service.Credentials(b) }

var OtpRequest = Operation{
	Name:    "otp-request",
	Tag:     "Security",
	Summary: "Mails a pin for signing in or for an action, if the account has pins by mail as a second factor.",
	Routes:  []Route{{"POST", "/account/login/otp"}},
	Access:  Anonymous,
	Hashes:  true,
	Call:    call[pinRequestBody, acknowledged](otpRequest),
	Refuses: []problem.Reason{
		problem.ReasonNotOffered,
		problem.ReasonInvalidCredentials,
		problem.ReasonTooManyAttempts,
		problem.ReasonFactorState,
		problem.ReasonMailLimit,
		problem.ReasonAddressUnconfirmed,
		problem.ReasonAccountBlocked,
	},
	Example: Example{
		Path: "/account/login/otp",
		Body: `{"email": "ana@example.com", "password": "demo lantern otter", "otp_type": "email"}`,
	},
}

type pinRequestBody struct {
	Email    string `json:"email"    is:"email,required"`    // the e-mail address of the account
	Password string `json:"password" is:"password,required"` // the password of the account
	// email: pins of an authenticator are not sent
	Factor string `json:"otp_type" is:"factor,required"`
}

func otpRequest(
	ctx context.Context,
	s *service.Services,
	r *request,
	b pinRequestBody,
) (acknowledged, error) {
	return "PIN code sent", s.Accounts.RequestPin(ctx, r.client, b.Email, b.Password, b.Factor)
}

var OtpEnable = Operation{
	Name:    "otp-enable",
	Tag:     "Security",
	Summary: "Begins to set up a second factor: answers with an authenticator's otpauth URL, or mails the first pin; asks for the password.",
	Routes:  []Route{{"POST", "/account/otp/{type}/enable"}},
	Access:  Full,
	Hashes:  true,
	Call:    call[ownerBody, acknowledged](otpEnable),
	Refuses: []problem.Reason{problem.ReasonPlanLacks},
	Example: Example{
		Path: "/account/otp/authenticator/enable",
		Body: `{"email": "ana@example.com", "password": "demo lantern otter"}`,
	},
}

// ownerBody has the credentials of a reauthentication and the address of the
// account, which clients of the original API send as well.
type ownerBody struct {
	credentialsBody
	// the e-mail address of the account, as clients of the original send it
	Email string `json:"email" is:"email"`
}

func otpEnable(
	ctx context.Context,
	s *service.Services,
	r *request,
	b ownerBody,
) (acknowledged, error) {
	setup, err := s.Accounts.EnableFactor(
		ctx,
		r.client,
		r.PathValue("type"),
		b.Email,
		b.credentials(),
	)
	if err != nil {
		return "", err
	}
	if setup.URL != "" {
		return acknowledged(setup.URL), nil
	}
	return "PIN code sent: confirm with it", nil
}

var OtpConfirm = Operation{
	Name:    "otp-confirm",
	Tag:     "Security",
	Summary: "Enables a second factor with its first pin; answers with recovery codes if it is the account's first factor.",
	Routes:  []Route{{"POST", "/account/otp/{type}/confirm"}},
	Access:  Full,
	Call:    call[pinBody, acknowledged](otpConfirm),
	Refuses: []problem.Reason{problem.ReasonInvalidPin, problem.ReasonFactorState},
	Example: Example{Path: "/account/otp/authenticator/confirm", Body: `{"pin_code": "123456"}`},
}

type pinBody struct {
	Pin string `json:"pin_code" is:"pin,required"` // the first pin of the factor
}

func otpConfirm(
	ctx context.Context,
	s *service.Services,
	r *request,
	b pinBody,
) (acknowledged, error) {
	codes, err := s.Accounts.ConfirmFactor(ctx, r.client, r.PathValue("type"), b.Pin)
	if err != nil {
		return "", err
	}
	if codes == nil {
		return "Two-factor authentication enabled", nil
	}
	// The SDKs expect a text here.
	return acknowledged(
		"Two-factor authentication enabled. Keep these recovery codes, which are not shown again; each takes the place of a pin once: " + strings.Join(
			codes,
			" ",
		),
	), nil
}

var OtpDisable = Operation{
	Name:    "otp-disable",
	Tag:     "Security",
	Summary: "Disables a second factor; asks for the password.",
	Routes: []Route{
		{"POST", "/account/otp/{type}/disable"},
	},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    call[ownerBody, acknowledged](otpDisable),
	Refuses: []problem.Reason{problem.ReasonFactorState},
	Example: Example{
		Path: "/account/otp/authenticator/disable",
		Body: `{"email": "ana@example.com", "password": "demo lantern otter", "otp_type": "authenticator", "pin_code": "123456"}`,
	},
}

func otpDisable(
	ctx context.Context,
	s *service.Services,
	r *request,
	b ownerBody,
) (acknowledged, error) {
	return "Two-factor authentication disabled", s.Accounts.DisableFactor(
		ctx,
		r.client,
		r.PathValue("type"),
		b.Email,
		b.credentials(),
	)
}

var OtpRecovery = Operation{
	Name:    "otp-recovery",
	Tag:     "Security",
	Summary: "Replaces the recovery codes by new ones, which only this answer shows; asks for the password.",
	Routes:  []Route{{"POST", "/account/otp/recovery"}},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    call[ownerBody, recoveryView](otpRecovery),
	Refuses: []problem.Reason{problem.ReasonFactorState},
	Example: Example{
		Path: "/account/otp/recovery",
		Body: `{"email": "ana@example.com", "password": "demo lantern otter", "otp_type": "authenticator", "pin_code": "123456"}`,
	},
}

func otpRecovery(
	ctx context.Context,
	s *service.Services,
	r *request,
	b ownerBody,
) (recoveryView, error) {
	codes, err := s.Accounts.RenewRecovery(ctx, r.client, b.Email, b.credentials())
	if err != nil {
		return recoveryView{}, err
	}
	return recoveryView{codes}, nil
}

type recoveryView struct {
	// the codes, each of which takes the place of a pin once
	Codes []string `json:"recovery_codes" is:"text"`
}

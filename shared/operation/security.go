package operation

import (
	"context"

	"profiles/shared/service"
)

var PasswordRequest = Operation{
	Name: "password-request", Tag: "Security", Summary: "Mails a code that sets a new password.",
	Routes: []Route{{"GET", "/account/passwordreset/{email}"}}, Acts: true, Access: Anonymous, Seals: true, answer: passwordRequest,
	Example: Example{Path: "/account/passwordreset/ana@example.com"},
}

func passwordRequest(ctx context.Context, s *service.Services, r *request) (any, error) {
	return "Email sent successfully", s.Accounts.RequestPassword(ctx, r.client, r.PathValue("email"))
}

var PasswordSet = Operation{
	Name: "password-set", Tag: "Security", Summary: "Sets a new password, with a code from the mail in place of the token, or with the current one.",
	Routes: []Route{{"POST", "/account/passwordreset"}}, Access: Full, Hashes: true, Codes: true, Remedy: true, answer: passwordSet,
	Example: Example{Path: "/account/passwordreset", Body: `{"password": "lantern otter demo"}`},
}

func passwordSet(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Password string `json:"password"`
		Current  string `json:"current_password"`
		Pin      string `json:"pin_code"`
		Factor   string `json:"otp_type"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Password changed successfully", s.Accounts.SetPassword(ctx, r.client, b.Password, service.Proof{Password: b.Current, Pin: b.Pin, Factor: b.Factor})
}

var EmailRequest = Operation{
	Name: "email-request", Tag: "Security", Summary: "Asks for another address of the account, which confirms it by mail; asks for the password.",
	Routes: []Route{{"POST", "/account/email"}}, Access: Full, Hashes: true, Remedy: true, answer: emailRequest,
	Example: Example{Path: "/account/email", Body: `{"email": "ana.b@example.com", "password": "demo lantern otter"}`},
}

func emailRequest(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		proofBody
		Email string `json:"email"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Confirmation email sent", s.Accounts.RequestEmail(ctx, r.client, b.Email, b.proof())
}

var EmailConfirm = Operation{
	Name: "email-confirm", Tag: "Security", Summary: "Makes a new address that of the account, with the code from the mail to it.",
	Routes: []Route{{"POST", "/account/email/confirm"}}, Access: Anonymous, answer: emailConfirm,
	Example: Example{Path: "/account/email/confirm", Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ"}`},
}

// codeBody is a body that carries a code: a path would be in logs.
type codeBody struct {
	Code string `json:"code"`
}

func emailConfirm(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b codeBody
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Email Successfully Changed", s.Accounts.ConfirmEmail(ctx, r.client, b.Code)
}

var EmailUndo = Operation{
	Name: "email-undo", Tag: "Security", Summary: "Gives the account its former address back, with the code from the mail to that, and revokes all tokens.",
	Routes: []Route{{"POST", "/account/email/undo"}}, Access: Anonymous, answer: emailUndo,
	Example: Example{Path: "/account/email/undo", Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ"}`},
}

func emailUndo(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b codeBody
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Email Successfully Restored", s.Accounts.UndoEmail(ctx, r.client, b.Code)
}

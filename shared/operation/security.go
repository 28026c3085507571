package operation

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/topic"
)

var PasswordRequest = Operation{
	Name:    "password-request",
	Tag:     "Security",
	Summary: "Mails a code that sets a new password.",
	Routes: []Route{
		{"GET", "/account/passwordreset/{email}"},
	},
	Acts:    true,
	Access:  Anonymous,
	Seals:   true,
	Call:    get[acknowledged](passwordRequest),
	Example: Example{Path: "/account/passwordreset/ana@example.com"},
}

func passwordRequest(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	return "Email sent successfully", s.Accounts.RequestPassword(
		ctx,
		r.client,
		r.PathValue("email"),
	)
}

var PasswordSet = Operation{
	Name:    "password-set",
	Tag:     "Security",
	Summary: "Sets a new password, with a code from the mail in place of the token, or with the current one.",
	Routes: []Route{
		{"POST", "/account/passwordreset"},
	},
	Access:  Full,
	Hashes:  true,
	Codes:   true,
	Remedy:  true,
	Call:    call[newPasswordBody, acknowledged](passwordSet),
	Refuses: []problem.Reason{problem.ReasonLinkVoid},
	Example: Example{
		Path: "/account/passwordreset",
		Body: `{"password": "lantern otter demo", "current_password": "demo lantern otter"}`,
	},
}

type newPasswordBody struct {
	Password string `json:"password" is:"new_password,required"` // the new password
	// the password so far; needed without a code from a mail
	Current string `json:"current_password" is:"password"`
	// a pin of the second factor, or a recovery code, where the account asks
	// for one
	Pin string `json:"pin_code" is:"pin"`
	// which second factor the pin is of
	Factor string `json:"otp_type" is:"factor"`
}

func passwordSet(
	ctx context.Context,
	s *service.Services,
	r *request,
	b newPasswordBody,
) (acknowledged, error) {
	return "Password changed successfully", s.Accounts.SetPassword(
		ctx,
		r.client,
		b.Password,
		service.Credentials{Password: b.Current, Pin: b.Pin, Factor: b.Factor},
	)
}

var EmailRequest = Operation{
	Name:    "email-request",
	Tag:     "Security",
	Summary: "Asks for a new address of the account, which a code mailed to it confirms; asks for the password.",
	Routes:  []Route{{"POST", "/account/email"}},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    call[newEmailBody, acknowledged](emailRequest),
	Refuses: []problem.Reason{problem.ReasonOwnAddress, problem.ReasonMailLimit},
	Example: Example{
		Path: "/account/email",
		Body: `{"email": "ana.b@example.com", "password": "demo lantern otter"}`,
	},
}

type newEmailBody struct {
	credentialsBody
	Email string `json:"email" is:"email,required"` // the new address
}

func emailRequest(
	ctx context.Context,
	s *service.Services,
	r *request,
	b newEmailBody,
) (acknowledged, error) {
	return "Confirmation email sent", s.Accounts.RequestEmail(
		ctx,
		r.client,
		b.Email,
		b.credentials(),
	)
}

var EmailConfirm = Operation{
	Name:    "email-confirm",
	Tag:     "Security",
	Summary: "Changes the address of the account, with the code from the mail to the new address.",
	Routes:  []Route{{"POST", "/account/email/confirm"}},
	Access:  Anonymous,
	Call:    call[codeBody, acknowledged](emailConfirm),
	Refuses: []problem.Reason{problem.ReasonLinkVoid},
	Example: Example{
		Path: "/account/email/confirm",
		Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ"}`,
	},
}

// codeBody is a body with a code. A code in the path would appear in logs.
type codeBody struct {
	Code string `json:"code" is:"mail_code,required"` // the code from the mail
}

func emailConfirm(
	ctx context.Context,
	s *service.Services,
	r *request,
	b codeBody,
) (acknowledged, error) {
	return "Email Successfully Changed", s.Accounts.ConfirmEmail(ctx, r.client, b.Code)
}

var EmailUndo = Operation{
	Name:    "email-undo",
	Tag:     "Security",
	Summary: "Undoes a change of address with the code that was mailed to the former address, and revokes all tokens.",
	Routes:  []Route{{"POST", "/account/email/undo"}},
	Access:  Anonymous,
	Call:    call[codeBody, acknowledged](emailUndo),
	Refuses: []problem.Reason{problem.ReasonLinkVoid},
	Example: Example{
		Path: "/account/email/undo",
		Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ"}`,
	},
}

func emailUndo(
	ctx context.Context,
	s *service.Services,
	r *request,
	b codeBody,
) (acknowledged, error) {
	return "Email Successfully Restored", s.Accounts.UndoEmail(ctx, r.client, b.Code)
}

var MailUnsubscribe = Operation{
	Name:      "mail-unsubscribe",
	Tag:       "Notifications",
	Summary:   "Switches off mails like the one whose link it is, as mail programs do with one click (RFC 8058).",
	Routes:    []Route{{"POST", "/account/unsubscribe/{token}"}},
	Access:    Anonymous,
	Seals:     true,
	AnyParams: true,
	Call:      get[acknowledged](mailUnsubscribe),
	Refuses:   []problem.Reason{problem.ReasonLinkVoid},
	Example:   Example{Path: "/account/unsubscribe/Sample00ThisCodeConfirmsNobody5aUJ"},
}

func mailUnsubscribe(
	ctx context.Context, s *service.Services, r *request,
) (acknowledged, error) {
	about, err := s.Accounts.Unsubscribe(ctx, r.client, r.PathValue("token"))
	if err != nil {
		return "", err
	}
	if about == topic.Security {
		return "This address gets no mails that are not about security", nil
	}
	return acknowledged("Mails about this topic are switched off: " + about.String()), nil
}

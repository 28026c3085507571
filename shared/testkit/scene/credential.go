package scene

import (
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func ofPasswords() []Scene {
	return []Scene{
		{
			Operation: operation.PasswordRequest, What: "an address with an account",
			Send: "GET /account/passwordreset/ana@example.com",
			Cost: Cost{3, 3, 4, 2, 10}, More: "C/S+1 O/O+1",
		},
		{
			Operation: operation.PasswordRequest, What: "an address without one",
			Send: "GET /account/passwordreset/" + zoe, Cost: Cost{3, 3, 4, 2, 4},
		},
		{
			Operation: operation.PasswordSet, What: "with a code",
			Prepare: func(s *Stage) { forgets(s, s.Ana.Email) },
			Send:    "POST /account/passwordreset", By: Holder, Body: Object{"password": another},
			Cost: Cost{3, 3, 5, 5, 17}, Again: 401,
		},
		{
			Operation: operation.PasswordSet, What: "with the code of a sign-up", Prepare: signsUp,
			Send: "POST /account/passwordreset", By: Holder, Body: Object{"password": another},
			Cost: Cost{3, 3, 5, 4, 19}, Again: 401,
		},
		{
			Operation: operation.PasswordSet,
			What:      "with a code, of an account that a bare link confirmed",
			Prepare: func(s *Stage) {
				signsUp(s)
				s.OK(s.Accounts.Confirm(s.Context(), service.Client{Source: "a"}, s.Code))
				forgets(s, zoe)
			},
			Send: "POST /account/passwordreset", By: Holder, Body: Object{"password": another},
			Cost: Cost{4, 4, 6, 6, 16}, Calm: true,
		},
		// The repetition gives as the current password one that is not that any
		// more: a failed proof leaves a trace.
		{
			Operation: operation.PasswordSet, What: "with the current one",
			Send: "POST /account/passwordreset",
			Body: Object{"password": another, "current_password": testkit.Password},
			Cost: Cost{4, 3, 9, 6, 19}, Again: 401, More: "L+1",
		},
	}
}

// forgets leaves the code that sets a new password.
func forgets(s *Stage, email value.Email) {
	from := service.Client{Source: testkit.Home}
	s.OK(s.Accounts.RequestPassword(s.Context(), from, string(email)))
	s.mailed(email, mailing.KindPasswordReset)
}

func ofAddresses() []Scene {
	return []Scene{
		{
			Operation: operation.EmailRequest,
			Send:      "POST /account/email", Body: of(zoe, nil),
			Cost: Cost{4, 3, 7, 4, 24}, More: "C/S+1 L+1 O/O+2",
		},
		{
			Operation: operation.EmailRequest, What: "the own one, whose mails are stopped",
			Prepare: func(s *Stage) {
				none := new(store.Found[mailing.Stop])
				stop := none.Value.After(mailing.ReturnInvalid, s.Now())
				stop.Email = s.Ana.Email
				tx := s.Store.Begin()
				tx.StopMail(stop, none)
				s.OK(tx.CommitAside(s.Context(), store.Origin{}))
			},
			Send: "POST /account/email", Body: of("ana@example.com", nil),
			Cost: Cost{5, 4, 8, 5, 15}, More: "C/S+1 L+1 O/O+1",
		},
		{
			Operation: operation.EmailConfirm, What: "an address that a sign-up holds",
			Prepare: func(s *Stage) {
				asksForAddress(s)
				code := s.Code
				signsUp(s)
				s.Code = code
			},
			Send: "POST /account/email/confirm", Body: Object{"code": "CODE"},
			Cost: Cost{4, 4, 6, 4, 22}, Again: 400,
		},
		{
			Operation: operation.EmailConfirm, What: "no shared profile", Prepare: asksForAddress,
			Send: "POST /account/email/confirm", Body: Object{"code": "CODE"},
			Cost: Cost{3, 3, 5, 3, 21}, Calm: true,
		},
		{
			Operation: operation.EmailConfirm, What: "one shared profile",
			Prepare: func(s *Stage) { joins(s); asksForAddress(s) },
			Send:    "POST /account/email/confirm", Body: Object{"code": "CODE"},
			Cost: Cost{3, 3, 5, 3, 23}, Again: 400,
		},
		{
			Operation: operation.EmailUndo, What: "one shared profile",
			Prepare: func(s *Stage) { joins(s); moves(s) },
			Send:    "POST /account/email/undo", Body: Object{"code": "CODE"},
			Cost: Cost{4, 4, 5, 4, 32}, Again: 400,
		},
		{
			Operation: operation.EmailUndo, What: "an open transfer",
			Prepare: func(s *Stage) { s.Offer(s.Ana.Home, s.Ana, s.Ben.Email); moves(s) },
			Send:    "POST /account/email/undo", Body: Object{"code": "CODE"},
			Cost: Cost{4, 4, 5, 4, 36}, Calm: true,
		},
	}
}

// joins makes ana a member of ben's profile.
func joins(s *Stage) { s.Share(s.Ben.Home, s.Ana, tenancy.PermissionFull) }

// asksForAddress leaves the code that gives ana the address zoe.
func asksForAddress(s *Stage) {
	s.OK(s.Accounts.RequestEmail(s.Context(), s.Ana.Client(operation.EmailRequest), zoe, proof))
	s.mailed(zoe, mailing.KindEmailConfirm)
}

// moves gives ana the address zoe, and leaves the code that undoes it.
func moves(s *Stage) {
	asksForAddress(s)
	s.OK(s.Accounts.ConfirmEmail(s.Context(), service.Client{}, s.Code))
	s.mailed(s.Ana.Email, mailing.KindEmailChanged)
}

// pin is what a body has of an authenticator whose pin Prepare has left.
var pin = Object{"otp_type": "authenticator", "pin_code": "CODE"}

func ofFactors() []Scene {
	return []Scene{
		{
			Operation: operation.OtpRequest, Prepare: getsPins,
			Send: "POST /account/login/otp", Body: anas(Object{"otp_type": "email"}),
			Cost: Cost{3, 3, 7, 2, 16}, More: "O/O+1",
		},
		{
			Operation: operation.OtpEnable, What: "an authenticator",
			Send: "POST /account/otp/authenticator/enable", Body: anas(nil),
			Cost: Cost{4, 3, 7, 4, 20}, More: "L+1",
		},
		{
			Operation: operation.OtpEnable, What: "pins by mail",
			Send: "POST /account/otp/email/enable", Body: anas(nil),
			Cost: Cost{4, 3, 7, 4, 20}, Calm: true,
		},
		{
			Operation: operation.OtpConfirm,
			Prepare: func(s *Stage) {
				setup, err := s.Accounts.EnableFactor(
					s.Context(), s.Ana.Client(operation.OtpEnable),
					"authenticator", string(s.Ana.Email), proof)
				s.OK(err)
				s.Code = testkit.AppOf(s.World, setup.URL).Now()
			},
			Send: "POST /account/otp/authenticator/confirm", Body: Object{"pin_code": "CODE"},
			Cost: Cost{3, 2, 3, 4, 22}, Again: 400,
		},
		{
			Operation: operation.OtpDisable, Prepare: hasAuthenticator,
			Send: "POST /account/otp/authenticator/disable", Body: anas(pin),
			Cost: Cost{4, 3, 7, 4, 20}, Again: 400,
		},
		{
			Operation: operation.OtpRecovery, Prepare: hasAuthenticator,
			Send: "POST /account/otp/recovery", Body: anas(pin),
			Cost: Cost{4, 3, 7, 4, 20}, Again: 401, More: "L+1",
		},
	}
}

// hasAuthenticator makes an authenticator a second factor of ana's account, and
// leaves a pin of it.
func hasAuthenticator(s *Stage) { s.Code = s.Ana.Authenticator().Next() }

// getsPins makes pins by mail a second factor of ana's account.
func getsPins(s *Stage) {
	_, err := s.Accounts.EnableFactor(s.Context(), s.Ana.Client(operation.OtpEnable),
		"email", string(s.Ana.Email), proof)
	s.OK(err)
	for _, m := range s.Mail(s.Ana.Email) {
		if m.Kind == mailing.KindPin {
			_, err = s.Accounts.ConfirmFactor(s.Context(), s.Ana.Client(operation.OtpConfirm),
				"email", m.Data["pin"])
			s.OK(err)
		}
	}
}

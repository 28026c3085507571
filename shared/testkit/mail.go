package testkit

import (
	"encoding/json"

	"profiles/shared/app"
	"profiles/shared/mail"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/value"
)

// Console is the page that the links of a world's mails open.
const Console = "https://api.example.com/console"

// Rendered delivers everything in the outbox and returns all mails that were
// sent so far, as people get them.
func (w *World) Rendered() (mails []mail.Mail) {
	w.Helper()
	w.Mail("")
	renderer, err := mail.NewRenderer(mail.Facts{Console: Console, Support: "support@example.com"})
	w.OK(err)
	for _, m := range w.Outbox.Sent() {
		rendered, err := renderer.Render(m)
		w.OK(err)
		mails = append(mails, rendered)
	}
	return mails
}

// Fetch sends a request without a token or a body to whichever operation has
// its route, and drops the answer.
func (w *World) Fetch(method, target string) {
	w.Helper()
	payload, err := json.Marshal(Event(method, target))
	w.OK(err)
	for _, o := range operation.All() {
		if o.Trigger == operation.HTTP {
			_, err := app.Handler(o, w.Services).Invoke(w.Context(), payload)
			w.OK(err)
		}
	}
}

// SignUp makes an account as a person does: sign-up, the mail's code, sign-in.
func (w *World) SignUp(email value.Email) Person {
	w.Helper()
	from := service.Client{Source: Home}
	w.OK(
		w.Accounts.Create(
			w.Context(),
			from,
			accounts.NewAccount{
				Name:     "Zoe",
				Email:    string(email),
				Password: Password,
				Repeated: Password,
			},
		),
	)
	for _, m := range w.Mail(email) {
		if m.Kind == mailing.KindAccountConfirm {
			w.OK(w.Accounts.Confirm(w.Context(), service.Client{}, m.Data["code"]))
		}
	}
	return w.Enter(email)
}

// Enter signs in with an address and Password.
func (w *World) Enter(email value.Email) Person { return w.EnterWith(email, Password) }

// EnterWith signs in with an address and a password.
func (w *World) EnterWith(email value.Email, password string) Person {
	w.Helper()
	entered, err := w.Accounts.Login(
		w.Context(),
		service.Client{Source: Home},
		string(email),
		service.Credentials{Password: password},
	)
	w.OK(err)
	p := Person{Account: entered.Account, Home: entered.Grants[0].Profile, w: w}
	p.Token = p.SignInWith(p.Home, password)
	return p
}

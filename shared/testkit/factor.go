package testkit

import (
	"net/url"

	"profiles/shared/operation"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

// Authenticator is the app of a person whose account asks for its pins.
type Authenticator struct {
	Recovery []string // the codes that came with it
	secret   string
	w        *World
}

// Authenticator makes an authenticator a second factor of the person's account.
func (p Person) Authenticator() *Authenticator {
	p.w.Helper()
	setup, err := p.w.Accounts.EnableFactor(
		p.w.Context(),
		p.Client(operation.OtpEnable),
		string(tenancy.FactorAuthenticator),
		string(p.Email),
		service.Credentials{Password: Password},
	)
	p.w.OK(err)
	a := AppOf(p.w, setup.URL)
	a.Recovery, err = p.w.Accounts.ConfirmFactor(
		p.w.Context(),
		p.Client(operation.OtpConfirm),
		string(tenancy.FactorAuthenticator),
		a.Now(),
	)
	p.w.OK(err)
	return a
}

// AppOf is an app that has read an otpauth URL.
func AppOf(w *World, text string) *Authenticator {
	w.Helper()
	u, err := url.Parse(text)
	w.OK(err)
	return &Authenticator{secret: u.Query().Get("secret"), w: w}
}

// Now is the pin that the app shows.
func (a *Authenticator) Now() string { return a.At(0) }

// At is the pin that the app shows some steps from now.
func (a *Authenticator) At(steps int64) string {
	a.w.Helper()
	pin, err := secret.AuthenticatorPin(
		a.secret,
		a.w.Now().Unix()/int64(tenancy.PinStep.Seconds())+steps,
	)
	a.w.OK(err)
	return pin
}

// Next waits for the next pin.
func (a *Authenticator) Next() string {
	a.w.Helper()
	a.w.Advance(tenancy.PinStep)
	return a.Now()
}

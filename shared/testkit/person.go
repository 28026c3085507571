package testkit

import (
	"encoding/hex"
	"fmt"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Person is a fixture account with its first profile and a full token made at
// sign-in.
type Person struct {
	tenancy.Account
	Home  value.ProfileID
	Token string
	w     *World
}

// Account makes a confirmed account, signed in. The plan is Scale unless
// another one is given.
func (w *World) Account(name string, chosen ...plan.Plan) Person {
	w.Helper()
	seed := operator.Seed{
		Name:     name,
		Email:    fmt.Sprintf("%s-%s@example.com", name, hex.EncodeToString(random(4))),
		Password: Password,
		Plan:     plan.Scale,
	}
	if len(chosen) > 0 {
		seed.Plan = chosen[0]
	}
	account, home, err := w.Operator.CreateAccount(w.Context(), seed)
	w.OK(err)
	p := Person{Account: account, Home: home.ID, w: w}
	p.Token = p.SignIn(home.ID, "")
	return p
}

// SignIn makes a token of a profile by e-mail and password. expires is any form
// of expire_time.
func (p Person) SignIn(id value.ProfileID, expires string) string {
	p.w.Helper()
	made, err := p.w.Tokens.CreateAtLogin(
		p.w.Context(),
		service.Client{Source: Home},
		tokens.NewToken{
			Profile: service.ProfileRef{
				ID: id,
			},
			Email:       string(p.Email),
			Credentials: service.Credentials{Password: Password},
			Name:        "sign-in",
			Expires:     expires,
		},
	)
	p.w.OK(err)
	return made.Text
}

// SignInWith is SignIn with another password than Password.
func (p Person) SignInWith(id value.ProfileID, password string) string {
	p.w.Helper()
	made, err := p.w.Tokens.CreateAtLogin(
		p.w.Context(),
		service.Client{Source: Home},
		tokens.NewToken{
			Profile: service.ProfileRef{
				ID: id,
			},
			Email:       string(p.Email),
			Credentials: service.Credentials{Password: password},
			Name:        "sign-in",
		},
	)
	p.w.OK(err)
	return made.Text
}

// With makes a token of the person's first profile with a permission.
func (p Person) With(permission, expires string) string {
	p.w.Helper()
	made, err := p.w.Tokens.Create(p.w.Context(), p.Client(operation.TokenCreate), tokens.NewToken{
		Profile: service.ProfileRef{
			ID: p.Home,
		},
		Email:       string(p.Email),
		Credentials: service.Credentials{Password: Password},
		Name:        permission,
		Permission:  permission,
		Expires:     expires,
	})
	p.w.OK(err)
	return made.Text
}

// Limited makes a full token of a profile with limits.
func (p Person) Limited(id value.ProfileID, l tenancy.TokenLimits) string {
	p.w.Helper()
	made, err := p.w.Tokens.Create(p.w.Context(), p.Client(operation.TokenCreate), tokens.NewToken{
		Profile: service.ProfileRef{
			ID: id,
		},
		Email:       string(p.Email),
		Credentials: service.Credentials{Password: Password},
		Name:        "limited",
		TokenLimits: l,
	})
	p.w.OK(err)
	return made.Text
}

// Client is the person as services see who sends a request to an operation.
func (p Person) Client(o operation.Operation) service.Client {
	return ClientOf(p.Token).For(o.Access)
}

// ClientOf is whoever holds a token. It is admitted nowhere before it says for
// what it asks, with Client.For.
func ClientOf(token string) service.Client {
	credential, _ := secret.Parse(token)
	return service.Client{Token: credential, Source: Home}
}

// Profile makes another profile of the person. Each is a second older than the
// next.
func (p Person) Profile(name string) value.ProfileID {
	p.w.Helper()
	p.w.Advance(time.Second)
	id, err := p.w.Profiles.Create(p.w.Context(), p.Client(operation.ProfileCreate), name, false)
	p.w.OK(err)
	return id
}

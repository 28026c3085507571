package service_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// A successor has the limits of the token that it replaces, and they are
// enforced.
func TestASuccessorIsLimited(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	other := ana.Profile("other")
	token := ana.Limited(ana.Home, tenancy.TokenLimits{AllowList: &[]string{"192.0.2.0/24"}, Scope: ptr("profile")})
	from := func(token, address string) service.Client {
		c := testkit.ClientOf(token)
		c.Source = address
		return c
	}
	rotated, err := w.Tokens.Rotate(t.Context(), from(token, "192.0.2.1").For(operation.TokenRotate.Access),
		at(ana.Home), tokens.Rotation{Token: token})
	w.OK(err)
	next := rotated.Text
	kept, ok := keptToken(w, next)
	if !ok || kept.Scope != tenancy.ScopeProfile || kept.Networks.String() != "192.0.2.0/24" ||
		kept.Version != 0 {
		t.Errorf("the successor is %+v, want the scope and the networks of the token that it replaces", kept)
	}
	_, err = w.Tokens.Info(t.Context(), from(next, "192.0.2.1").For(operation.TokenInfo.Access))
	w.OK(err)
	if _, err = w.Tokens.Info(t.Context(),
		from(next, "198.51.100.1").For(operation.TokenInfo.Access)); !errors.Is(err, tenancy.ErrWrongAddress) {
		t.Errorf("from another network: got %v, want ErrWrongAddress", err)
	}
	_, err = w.Profiles.Get(t.Context(), from(next, "192.0.2.1").For(operation.ProfileGet.Access), at(other))
	w.Refused(err, problem.CodeNotFound)

	// The old token is spent. Its use is recognised from any address, and no
	// answer shows that it once worked.
	if _, err = w.Tokens.Info(t.Context(),
		from(token, "198.51.100.1").For(operation.TokenInfo.Access)); !errors.Is(err, problem.ErrInvalidToken) {
		t.Errorf("the old token: got %v, want ErrInvalidToken", err)
	}
	follow(w)
	if _, err = w.Tokens.Info(t.Context(),
		from(next, "192.0.2.1").For(operation.TokenInfo.Access)); !errors.Is(err, problem.ErrInvalidToken) {
		t.Errorf("the new token after the use of the old one: got %v, want ErrInvalidToken", err)
	}
}

// The use of a spent token is recognised also if the token is disabled.
func TestTheUseOfADisabledSpentToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	first := ana.Mint(ana.Home, "30 days")
	second, err := rotate(w, first, first, ana.Home, "0")
	w.OK(err)
	set(w, "T#"+first[2:10], "T", "disabledBy", string(ana.ID))
	if works(w, first) {
		t.Error("the token works, want it refused")
	}
	follow(w)
	if works(w, second) {
		t.Error("the successor of the token works, want it refused")
	}
}

// A rotation makes no token with wider rights than the token in use, whatever
// the credentials. A successor of a disabled token is disabled, and a policy
// applies to successors.
func TestRotationsBeyondTheLimits(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	wide, disabled, long := ana.Mint(ana.Home, "1 month"), ana.Mint(ana.Home, "1 month"), ana.Mint(ana.Home, "1 year")
	confined := ana.Limited(ana.Home, tenancy.TokenLimits{Scope: ptr("profile")})
	placed := ana.Limited(ana.Home, tenancy.TokenLimits{AllowList: &[]string{"0.0.0.0/0", "::/0"}})
	w.OK(w.Tokens.Edit(t.Context(), ana.Client(operation.TokenEdit), at(ana.Home), disabled,
		tenancy.TokenEdit{Disabled: ptr(true)}, service.Credentials{}))
	w.OK(w.Profiles.SetTokenPolicy(t.Context(), ana.Client(operation.TokenPolicySet), at(ana.Home),
		tenancy.TokenPolicyEdit{LongestDays: ptr(60), Never: ptr(false)}, service.Credentials{}))
	source := testkit.ClientOf(placed)
	source.Source = "192.0.2.1"
	for _, c := range []struct {
		name  string
		by    service.Client
		token string
		code  problem.Code
	}{
		{"a wider scope", testkit.ClientOf(confined), wide, problem.CodeForbidden},
		{"from anywhere", source, wide, problem.CodeForbidden},
		{"one that is disabled", testkit.ClientOf(ana.Token), disabled, problem.CodeForbidden},
		{"by one that is disabled", testkit.ClientOf(disabled), disabled, problem.CodeUnauthenticated},
		{"a longer life than the policy has", testkit.ClientOf(ana.Token), long, problem.CodeForbidden},
		{"a longer life than the policy has, by itself", testkit.ClientOf(long), long, problem.CodeForbidden},
	} {
		before := w.Items()
		_, err := w.Tokens.Rotate(t.Context(), c.by.For(operation.TokenRotate.Access), at(ana.Home),
			tokens.Rotation{Token: c.token,
				Credentials: service.Credentials{Password: testkit.Password}})
		if problem.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %q", c.name, err, c.code)
		}
		if after := w.Items(); len(after) != len(before) {
			t.Errorf("%s: the table has %d items, and then %d, want as many", c.name, len(before), len(after))
		}
	}
	for _, token := range []string{confined, wide} {
		if _, err := rotate(w, token, token, ana.Home, "0"); err != nil {
			t.Errorf("a token that rotates itself: got %v, want success", err)
		}
	}
}

// A rotation to wider rights than those of the token in use asks for the second
// factor of an account that has one. It accepts each pin once.
func TestARotationAsksForAPin(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	month, endless := ana.Mint(ana.Home, "1 month"), ana.Mint(ana.Home, "never")
	app := ana.Authenticator()
	try := func(by, token string, p service.Credentials) error {
		_, err := w.Tokens.Rotate(t.Context(),
			testkit.ClientOf(by).For(operation.TokenRotate.Access), at(ana.Home),
			tokens.Rotation{Token: token, Grace: "1 day", Credentials: p})
		return err
	}
	if err := try(month, endless, service.Credentials{Password: testkit.Password}); err == nil {
		t.Error("a password alone is enough")
	}
	pin := app.Next()
	w.OK(try(month, endless, service.Credentials{Password: testkit.Password, Pin: pin}))
	another := ana.Mint(ana.Home, "never")
	err := try(month, another, service.Credentials{Password: testkit.Password, Pin: pin})
	if err == nil {
		t.Error("a pin is taken twice")
	}
	w.OK(try(month, month, service.Credentials{}))
}

// A rotated token can no longer be edited, because its successor would not have
// the change.
func TestARotatedTokenIsNotEdited(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.Mint(ana.Home, "1 month")
	next, err := rotate(w, token, token, ana.Home, "1 day")
	w.OK(err)
	edit := tenancy.TokenEdit{Disabled: ptr(true)}
	w.Refused(w.Tokens.Edit(t.Context(), ana.Client(operation.TokenEdit), at(ana.Home), token, edit,
		service.Credentials{}), problem.CodeConflict)
	w.OK(w.Tokens.Edit(t.Context(), ana.Client(operation.TokenEdit), at(ana.Home), next, edit,
		service.Credentials{}))
	if !works(w, token) || works(w, next) {
		t.Error("the edit is that of another token")
	}
	w.Advance(24 * time.Hour)
	w.Refused(w.Tokens.Edit(t.Context(), ana.Client(operation.TokenEdit), at(ana.Home), token, edit,
		service.Credentials{}), problem.CodeNotFound)
}

// A thief with a sign-in token and without the password gets no token that
// survives a new password: neither by rotating a token that was made by hand,
// nor by rotating one of another profile or family.
func TestRotationsThatWouldOutliveTheToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	plant := ana.Profile("plant")
	stolen, first := ana.SignIn(ana.Home, "never"), ana.Mint(ana.Home, "never")
	family, err := rotate(w, first, first, ana.Home, "0")
	w.OK(err)
	for name, c := range map[string]struct {
		by, token string
		of        value.ProfileID
	}{
		"made by hand, with one of signing in": {stolen, ana.Mint(ana.Home, "1 month"), ana.Home},
		"of another profile":                   {ana.Token, ana.Mint(plant, "1 month"), plant},
		"of no family, with one of a family":   {family, ana.Mint(ana.Home, "1 month"), ana.Home},
	} {
		before := w.Count("T#", "")
		_, err := rotate(w, c.by, c.token, c.of, "7 days")
		if problem.CodeOf(err) != problem.CodeInvalid || !strings.Contains(err.Error(), "password is required") {
			t.Errorf("%s: got %v, want that a password is asked for", name, err)
		}
		if after := w.Count("T#", ""); after != before {
			t.Errorf("%s: something was rotated", name)
		}
		_, err = w.Tokens.Rotate(t.Context(),
			testkit.ClientOf(c.by).For(operation.TokenRotate.Access), at(c.of), tokens.Rotation{
				Token: c.token, Credentials: service.Credentials{Password: testkit.Password}})
		if err != nil {
			t.Errorf("%s, with the password: got %v, want success", name, err)
		}
	}
	// The successor of a sign-in token is a sign-in token, whatever token
	// rotates it.
	next, err := rotate(w, ana.Token, ana.SignIn(ana.Home, "1 day"), ana.Home, "0")
	w.OK(err)
	w.OK(w.Accounts.SetPassword(t.Context(), ana.Client(operation.PasswordSet), "cobalt heron thimble",
		service.Credentials{Password: testkit.Password}))
	if works(w, next) {
		t.Error("the successor of a token of signing in survives a new password")
	}
}

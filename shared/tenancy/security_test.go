package tenancy

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/testkit/rules"
	"profiles/shared/topic"
	"profiles/shared/value"
)

func TestGoodCodes(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC)
	a := Account{ID: "a", Active: true, CredentialsChanged: now.Add(-time.Hour)}
	code := SecurityCode{
		Purpose:            CodePassword,
		Account:            "a",
		CredentialsChanged: a.CredentialsChanged,
		Expires:            now.Add(time.Millisecond),
	}
	for _, c := range []struct {
		name   string
		change func(*SecurityCode, *Account)
		want   bool
	}{
		{"as it was made", func(*SecurityCode, *Account) {}, true},
		{"for another purpose", func(c *SecurityCode, _ *Account) { c.Purpose = CodeEmail }, false},
		{"to undo", func(c *SecurityCode, _ *Account) { c.Purpose = CodeEmailUndo }, false},
		{"of another account", func(_ *SecurityCode, a *Account) { a.ID = "b" }, false},
		{"of no account", func(_ *SecurityCode, a *Account) { *a = Account{} }, false},
		{"of an account that is not confirmed", func(_ *SecurityCode, a *Account) { a.Active = false }, false},
		{"at its end", func(c *SecurityCode, _ *Account) { c.Expires = now }, false},
		{"after a change", func(_ *SecurityCode, a *Account) { a.CredentialsChanged = now }, false},
		{"made after the change", func(c *SecurityCode, a *Account) { a.CredentialsChanged, c.CredentialsChanged = now, now }, true},
		{"made before the first change", func(c *SecurityCode, a *Account) { c.CredentialsChanged = time.Time{} }, false},
		{"of an account that has never changed", func(c *SecurityCode, a *Account) {
			a.CredentialsChanged, c.CredentialsChanged = time.Time{}, time.Time{}
		}, true},
	} {
		changed, account := code, a
		c.change(&changed, &account)
		if got := changed.Good(CodePassword, account, now); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhichChangesRevokeWhichTokens(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	a := Account{ID: "a", Active: true, Epoch: 3, Sessions: 7, PasswordHash: "old"}
	g := Grant{Account: "a", Profile: "p", Owner: "b"}
	hand, signIn := Token{}.By(a, g), Token{SignIn: true}.By(a, g)
	own := Profile{ID: "p", Owner: "a"}
	for _, c := range []struct {
		name         string
		account      Account
		hand, signIn bool
	}{
		{"nothing", a, true, true}, {"signing out everywhere", a.SignedOut(), true, false}, {"a new password", a.NewPassword("new", now), true, false},
		{"a revocation", a.Revoked(), false, false}, {"a block", Account{ID: "a", Active: true, Epoch: 3, Sessions: 7, Blocked: true}, false, false},
	} {
		if got := hand.AdmittedBy(c.account, g); got != c.hand {
			t.Errorf("%s: a token made by hand is admitted: %v", c.name, got)
		}
		if got := signIn.AdmittedBy(c.account, g); got != c.signIn {
			t.Errorf("%s: a token of signing in is admitted: %v", c.name, got)
		}
		if c.account.Blocked {
			continue
		}
		p := own
		p.OwnerEpoch, p.OwnerSessions = c.account.Epoch, c.account.Sessions
		if got := hand.AdmittedByOwner(p); got != c.hand {
			t.Errorf("%s: the own profile admits a token made by hand: %v", c.name, got)
		}
		if got := signIn.AdmittedByOwner(p); got != c.signIn {
			t.Errorf("%s: the own profile admits a token of signing in: %v", c.name, got)
		}
	}
	// Epoch and Sessions are independent: a token not made at sign-in stays
	// revoked when the two happen to be equal.
	b := Account{ID: "a", Active: true, Epoch: 7, Sessions: 7}
	if hand.AdmittedBy(b, g) ||
		signIn.AdmittedBy(Account{ID: "a", Active: true, Epoch: 7, Sessions: 3}, g) {
		t.Error("the counts of revocations and of sign-outs are mixed up")
	}
	if a.Epoch != 3 || a.Sessions != 7 || a.PasswordHash != "old" {
		t.Errorf("the account itself has changed: %+v", a)
	}
}

func TestAFormerAddressOpensNothing(t *testing.T) {
	t.Parallel()
	a := Account{ID: "a", Email: "new@example.com", PasswordHash: "x"}
	if got := a.At("new@example.com"); got.ID != "a" {
		t.Errorf("at its own address: got %+v", got)
	}
	if got := a.At("old@example.com"); got.ID != "" || got.PasswordHash != "" {
		t.Errorf("at the former one: got %+v", got)
	}
}

// A code is valid for its purpose only, and until its end. A change of
// credentials makes it void, except for the code of an undo, which is void when
// the account no longer has that undo.
func TestGoodCodesOfEachPurpose(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC)
	a := Account{
		ID:                 "a",
		Active:             true,
		CredentialsChanged: now.Add(-time.Hour),
		Undos:              []Undo{{Code: "first"}, {Code: "code"}, {Code: "last"}},
	}
	purposes := []CodePurpose{CodePassword, CodeEmail, CodeEmailUndo}
	for _, purpose := range purposes {
		code := SecurityCode{
			ID:                 "code",
			Purpose:            purpose,
			Account:            "a",
			CredentialsChanged: a.CredentialsChanged,
			Expires:            now.Add(time.Hour),
		}
		undo := purpose == CodeEmailUndo
		for _, asked := range append(purposes, "") {
			if got := code.Good(asked, a, now); got != (asked == purpose) {
				t.Errorf("a code for %s is good for %q: %v", purpose, asked, got)
			}
		}
		for _, c := range []struct {
			name string
			code SecurityCode
			a    Account
			now  time.Time
			want bool
		}{
			{"a millisecond before its end", code, a, code.Expires.Add(-time.Millisecond), true},
			{"at its end", code, a, code.Expires, false},
			{"after its end", code, a, code.Expires.Add(time.Millisecond), false},
			{"after a change", code, changed(a, func(a *Account) { a.CredentialsChanged = a.CredentialsChanged.Add(time.Millisecond) }), now, undo},
			{"in another zone", code, changed(a, func(a *Account) { a.CredentialsChanged = a.CredentialsChanged.In(time.FixedZone("x", 3600)) }), now, true},
			{"with its undo gone", code, changed(a, func(a *Account) { a.Undos = []Undo{{Code: "first"}, {Code: "last"}} }), now, !undo},
			{"with no undo at all", code, changed(a, func(a *Account) { a.Undos = nil }), now, !undo},
			{"of another account", code, changed(a, func(a *Account) { a.ID = "b" }), now, false},
			{"of an account that is gone", code, Account{}, now, false},
			{"of an account that is not confirmed", code, changed(a, func(a *Account) { a.Active = false }), now, false},
		} {
			if got := c.code.Good(purpose, c.a, c.now); got != c.want {
				t.Errorf("a code for %s, %s: got %v, want %v", purpose, c.name, got, c.want)
			}
		}
	}
}

func changed[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

func addresses(a Account) string {
	text := string(a.Email) + ":"
	for _, u := range a.Undos {
		text += " " + string(u.Code) + ">" + string(u.Email)
	}
	return text
}

// moves gives an account of the address a, one hour after the other, the
// addresses named. The code of each undo is that of the address left.
func moves(t *testing.T, now *time.Time, to ...value.Email) Account {
	t.Helper()
	a := Account{
		ID:           "a",
		Active:       true,
		Email:        "a",
		PasswordHash: "hash",
		KnownSources: []string{"home"},
		Epoch:        3,
		Sessions:     7,
	}
	for _, e := range to {
		*now = now.Add(time.Hour)
		moved, err := a.NewEmail(
			e,
			Undo{
				Code:    value.CodeID("undo-" + a.Email),
				Email:   a.Email,
				Expires: now.Add(EmailUndoCodeLife),
			},
			*now,
		)
		if err != nil {
			t.Fatal(err)
		}
		a = moved
	}
	return a
}

func TestNewEmail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		to   []value.Email
		want string
	}{
		{[]value.Email{"b"}, "b: undo-a>a"},
		{[]value.Email{"b", "c"}, "c: undo-a>a undo-b>b"},
		{[]value.Email{"b", "a"}, "a:"},
		{[]value.Email{"b", "c", "a"}, "a:"},
		{[]value.Email{"b", "c", "d", "b"}, "b: undo-a>a"},
		{[]value.Email{"b", "c", "d", "c"}, "c: undo-a>a undo-b>b"},
		{[]value.Email{"b", "c", "a", "d"}, "d: undo-a>a"},
		{[]value.Email{"b", "c", "b", "c", "b", "c", "b", "c", "b", "c", "b", "c", "b", "c"}, "c: undo-a>a undo-b>b"},
	} {
		now := time.Date(2030, time.March, 14, 0, 0, 0, 0, time.UTC)
		a := moves(t, &now, c.to...)
		if got := addresses(a); got != c.want {
			t.Errorf("to %v: got %q, want %q", c.to, got, c.want)
		}
		// Sessions stay valid, and the password is the same.
		if !a.CredentialsChanged.Equal(now) || !a.Updated.Equal(now) || a.PasswordHash != "hash" ||
			len(a.KnownSources) != 1 ||
			a.Epoch != 3 ||
			a.Sessions != 7 {
			t.Errorf("to %v: got %+v", c.to, a)
		}
	}
}

// Ten changes can be undone. The eleventh is refused until the undo of the
// first has expired.
func TestNewEmailTooOften(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 0, 0, 0, 0, time.UTC)
	first := now.Add(time.Hour).Add(EmailUndoCodeLife)
	a := moves(t, &now, "b", "c", "d", "e", "f", "g", "h", "i", "j", "k")
	if len(a.Undos) != 10 {
		t.Fatalf("got %d undos", len(a.Undos))
	}
	before := addresses(a)
	undo := Undo{Code: "x", Email: a.Email, Expires: now.Add(EmailUndoCodeLife)}
	for _, at := range []time.Time{now, first.Add(-time.Millisecond)} {
		got, err := a.NewEmail("l", undo, at)
		if problem.CodeOf(err) != problem.CodeTooMany || addresses(got) != before {
			t.Errorf("at %v: got %q, %v, want a refusal", at, addresses(got), err)
		}
	}
	if back, err := a.NewEmail("c", undo, now); err != nil ||
		addresses(back) != "c: undo-a>a undo-b>b" {
		t.Errorf("back to a former one: got %q, %v", addresses(back), err)
	}
	moved, err := a.NewEmail("l", undo, first)
	if err != nil || len(moved.Undos) != 10 || moved.Undos[0].Email != "b" ||
		moved.Undos[9].Code != "x" ||
		moved.Email != "l" {
		t.Errorf("when the first is over: got %q, %v", addresses(moved), err)
	}
	if addresses(a) != before {
		t.Errorf("the account itself has changed to %q", addresses(a))
	}
}

func TestFormerEmail(t *testing.T) {
	t.Parallel()
	g := Grant{Account: "a", Profile: "p"}
	for _, c := range []struct {
		undo value.Email // whose code is sent
		want string
	}{
		{"a", "a:"}, {"b", "b: undo-a>a"}, {"c", "c: undo-a>a undo-b>b"},
	} {
		now := time.Date(2030, time.March, 14, 0, 0, 0, 0, time.UTC)
		a := moves(t, &now, "b", "c", "d")
		hand, signIn := Token{}.By(a, g), Token{SignIn: true}.By(a, g)
		before := slices.Clone(a.Undos)
		now = now.Add(time.Hour)
		codes := map[value.Email]SecurityCode{}
		for _, u := range a.Undos {
			codes[u.Email] = SecurityCode{
				ID:      u.Code,
				Purpose: CodeEmailUndo,
				Account: "a",
				Expires: u.Expires,
			}
			if !codes[u.Email].Good(CodeEmailUndo, a, now) {
				t.Errorf("the code of %s is not good before", u.Email)
			}
		}
		got := a.RestoreEmail(c.undo, value.CodeID("undo-"+c.undo), now)
		if addresses(got) != c.want {
			t.Errorf("undone to %s: got %q, want %q", c.undo, addresses(got), c.want)
		}
		if got.PasswordHash != "" || got.KnownSources != nil ||
			!got.CredentialsChanged.Equal(now) ||
			!got.Updated.Equal(now) {
			t.Errorf("undone to %s: who changed it has kept something: %+v", c.undo, got)
		}
		if hand.AdmittedBy(got, g) || signIn.AdmittedBy(got, g) {
			t.Errorf("undone to %s: tokens made before are admitted", c.undo)
		}
		for e, code := range codes {
			if good := code.Good(CodeEmailUndo, got, now); good != (e < c.undo) {
				t.Errorf("undone to %s: the code of %s is good: %v", c.undo, e, good)
			}
		}
		if fmt.Sprint(a.Undos) != fmt.Sprint(before) || a.PasswordHash != "hash" {
			t.Error("the account itself has changed")
		}
	}
}

func TestTokensByAnAccount(t *testing.T) {
	t.Parallel()
	a := Account{ID: "a", Epoch: 3, Sessions: 7}
	g := Grant{Account: "a", Profile: "p", Owner: "b", Epoch: 5}
	want := Token{ID: "t", Name: "n", Profile: "p", Account: "a", GrantEpoch: 5}
	for signIn, epoch := range map[bool]int64{false: 3, true: 7} {
		want.SignIn, want.AccountEpoch = signIn, epoch
		got := Token{
			ID:           "t",
			Name:         "n",
			SignIn:       signIn,
			Profile:      "x",
			Account:      "x",
			AccountEpoch: 9,
			GrantEpoch:   9,
		}.By(a, g)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		// A token of another profile is not changed.
		if moved := got.For(Grant{Account: "a", Profile: "q", Epoch: 8}); moved.SignIn != signIn ||
			moved.AccountEpoch != epoch ||
			moved.GrantEpoch != 8 {
			t.Errorf("switched: got %+v", moved)
		}
	}
}

func TestSessionsVouchForTokensOfSigningIn(t *testing.T) {
	t.Parallel()
	g := Grant{Account: "a", Profile: "p", Owner: "b", Epoch: 5}
	for _, c := range []struct {
		epoch, sessions int64
		hand, signIn    bool
	}{
		{3, 7, true, true}, {4, 7, false, true}, {3, 8, true, false}, {4, 8, false, false}, {7, 3, false, false}, {3, 6, true, false}, {2, 7, false, true}, {3, 3, true, false}, {7, 7, false, true},
	} {
		made := Account{ID: "a", Active: true, Epoch: 3, Sessions: 7}
		now := Account{ID: "a", Active: true, Epoch: c.epoch, Sessions: c.sessions}
		p := Profile{ID: "p", Owner: "a", OwnerEpoch: c.epoch, OwnerSessions: c.sessions, Epoch: 5}
		for signIn, want := range map[bool]bool{false: c.hand, true: c.signIn} {
			token := Token{SignIn: signIn}.By(made, g)
			if got := token.AdmittedBy(now, g); got != want {
				t.Errorf(
					"epoch %d, sessions %d, signing in %v: admitted %v",
					c.epoch,
					c.sessions,
					signIn,
					got,
				)
			}
			if got := token.AdmittedByOwner(p); got != want {
				t.Errorf(
					"epoch %d, sessions %d, signing in %v: admitted by the profile %v",
					c.epoch,
					c.sessions,
					signIn,
					got,
				)
			}
		}
	}
}

// taken is an account, with its factors, in which a thief has changed every
// field after the owner last proved the address.
func taken(t *testing.T, now time.Time) (Account, SecondFactors) {
	t.Helper()
	var a Account
	var k SecondFactors
	rules.Fill(t, reflect.ValueOf(&a).Elem(), now)
	rules.Fill(t, reflect.ValueOf(&k).Elem(), now)
	a.ID, k.Account = "a", "a"
	a.Factors = []EnabledFactor{{FactorEmail, now.Add(-time.Hour)}, {FactorAuthenticator, now}}
	a.Undos = []Undo{
		{Code: "first", Email: "older", Expires: now.Add(time.Hour)},
		{Code: "mine", Email: "owner", Expires: now.Add(time.Hour), Proved: now.Add(-time.Minute)},
		{Code: "theirs"},
	}
	return a, k
}

// Recovery removes all credentials that were added or renewed since the owner
// last proved the address. The test lists what becomes of each field of an
// account and of its factors; a new field must be added here.
func TestRecoveryKeepsNothingThatWasAdded(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	then := now.Add(time.Minute)
	a, k := taken(t, now)
	recovered := a.RestoreEmail("owner", "mine", then)
	// Fields that stay the same are no credentials: facts about the person,
	// payments, and decisions of support.
	const kept = "kept"
	account := map[string]any{
		"ID":                 kept,
		"Type":               kept,
		"Active":             kept,
		"Blocked":            kept,
		"Name":               kept,
		"Company":            kept,
		"Country":            kept,
		"Phone":              kept,
		"Timezone":           kept,
		"Language":           kept,
		"Newsletter":         kept,
		"Developer":          kept,
		"Options":            kept,
		"Subscription":       kept,
		"Plan":               kept,
		"Limits":             kept,
		"Shares":             kept,
		"Anchor":             kept,
		"PaidUntil":          kept,
		"Spent":              kept,
		"Schedule":           kept,
		"Billing":            kept,
		"Created":            kept,
		"LastLogin":          kept,
		"RoleSince":          kept,
		"RoleBy":             kept,
		"Version":            kept,
		"Email":              value.Email("owner"),
		"PasswordHash":       "",
		"Epoch":              a.Epoch + 1,
		"Sessions":           a.Sessions + 1,
		"KnownSources":       []string(nil),
		"Undos":              a.Undos[:1],
		"Factors":            a.Factors[:1],
		"CredentialsChanged": then,
		"Updated":            then,
		"Proved":             then,
		"Unproven":           false,
		"Asked":              AskedEmail{},
		"Preferences":        topic.Preferences{},
	}
	factors := map[string]any{
		"Account":       kept,
		"Version":       kept,
		"Step":          kept, // used steps stay used
		"Authenticator": []byte(nil),
		"Setup":         []byte(nil),
		"SetupEnds":     time.Time{},
		"SetupFor":      time.Time{},
		"Mailed":        Pin{},
		"First":         Pin{},
		"SignInPin":     Pin{},
		"Recovery":      [][]byte(nil),
		"RecoveryMade":  time.Time{},
		// A thief with the password could have used up the attempts, so that
		// the owner would have to wait.
		"Wrong":   0,
		"WrongAt": time.Time{},
	}
	compare := func(what string, was, is reflect.Value, fields map[string]any) {
		t.Helper()
		for _, f := range reflect.VisibleFields(was.Type()) {
			want, known := fields[f.Name]
			if !known {
				t.Errorf("%s of the %s: nobody says what recovery does to it", f.Name, what)
				continue
			}
			got := is.FieldByIndex(f.Index).Interface()
			if want == kept {
				want = was.FieldByIndex(f.Index).Interface()
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s of the %s: got %v, want %v", f.Name, what, got, want)
			}
		}
	}
	compare("account", reflect.ValueOf(a), reflect.ValueOf(recovered), account)
	compare(
		"keyring",
		reflect.ValueOf(k),
		reflect.ValueOf(k.Recovered(recovered, a.LastProved("mine"))),
		factors,
	)

	// Factors from before the owner last proved the address stay.
	a.Factors[1].Since, k.RecoveryMade = now.Add(-time.Hour), now.Add(-time.Hour)
	recovered = a.RestoreEmail("owner", "mine", then)
	own := k.Recovered(recovered, a.LastProved("mine"))
	if len(recovered.Factors) != 2 || own.Authenticator == nil || own.Recovery == nil {
		t.Errorf("what the owner had is gone: %+v, %+v", recovered.Factors, own)
	}
	// Without a time of proof, as in older tables, no factor is known to be the
	// owner's.
	a.Undos[1].Proved = time.Time{}
	recovered = a.RestoreEmail("owner", "mine", then)
	if own = k.Recovered(recovered, a.LastProved("mine")); len(recovered.Factors) != 0 ||
		own.Authenticator != nil ||
		own.Recovery != nil {
		t.Errorf("something stays that nobody proved: %+v, %+v", recovered.Factors, own)
	}
}

// A new password by mail removes what was made under an unproven password, and
// nothing that the owner had proved.
func TestAPasswordFromTheMailbox(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	for _, unproven := range []bool{true, false} {
		a := Account{
			ID:           "a",
			Active:       true,
			Epoch:        3,
			Sessions:     7,
			Unproven:     unproven,
			Factors:      []EnabledFactor{{FactorAuthenticator, now}},
			KnownSources: []string{"there"},
		}
		g := Grant{Account: "a", Profile: "p"}
		hand, signIn := Token{}.By(a, g), Token{SignIn: true}.By(a, g)
		got := a.PasswordByMail("hash", now)
		if signIn.AdmittedBy(got, g) || hand.AdmittedBy(got, g) == unproven ||
			(len(got.Factors) == 0) != unproven ||
			(got.KnownSources == nil) != unproven {
			t.Errorf("unproven %v: got %+v", unproven, got)
		}
		if got.Unproven || !got.Proved.Equal(now) || !got.CredentialsChanged.Equal(now) ||
			got.PasswordHash != "hash" {
			t.Errorf("unproven %v: got %+v", unproven, got)
		}
		if with := a.NewPassword("hash", now); with.Unproven != unproven || !with.Proved.IsZero() {
			t.Errorf("unproven %v, with the current one: got %+v", unproven, with)
		}
	}
}

// A change of address proves the new one, and its undo keeps the time at which
// the former one was proved.
func TestAMoveProvesTheAddress(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	a := Account{ID: "a", Email: "a", Proved: now.Add(-time.Hour), Unproven: true}
	moved, err := a.NewEmail("b", Undo{Code: "u", Email: "a", Expires: now.Add(time.Hour)}, now)
	if err != nil || !moved.Proved.Equal(now) || moved.Unproven ||
		!moved.LastProved("u").Equal(a.Proved) ||
		!moved.LastProved("x").IsZero() {
		t.Errorf("got %+v, %v", moved, err)
	}
	if back, err := moved.NewEmail("a", Undo{}, now.Add(time.Minute)); err != nil ||
		!back.Proved.Equal(now.Add(time.Minute)) {
		t.Errorf("back: got %+v, %v", back, err)
	}
}

package service_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func rotate(
	w *testkit.World, by, token string, profile value.ProfileID, grace string,
) (string, error) {
	rotated, err := w.Tokens.Rotate(w.Context(),
		testkit.ClientOf(by).For(operation.TokenRotate.Access), service.ProfileRef{ID: profile},
		tokens.Rotation{Token: token, Grace: grace})
	return rotated.Text, err
}

// works reports whether a token is accepted by both ways to authorize a
// request.
func works(w *testkit.World, token string) bool {
	w.Helper()
	_, byAccount := w.Tokens.Info(w.Context(),
		testkit.ClientOf(token).For(operation.TokenInfo.Access))
	_, byProfile := w.Profiles.Get(w.Context(),
		testkit.ClientOf(token).For(operation.ProfileGet.Access), service.ProfileRef{Current: true})
	if (byAccount == nil) != (byProfile == nil) {
		w.Errorf("a token is admitted in one way only: %v, %v", byAccount, byProfile)
	}
	if byAccount != nil && !errors.Is(byAccount, problem.ErrInvalidToken) {
		w.Errorf("got %v, want ErrInvalidToken", byAccount)
	}
	return byAccount == nil
}

func tokenOf(w *testkit.World, text string) tenancy.Token {
	w.Helper()
	batch := w.Store.Batch()
	found := batch.Token(value.TokenID(text[2:10]))
	w.OK(batch.Get(w.Context()))
	return found.Value
}

// follow runs the sweep that processes reports of reuse.
func follow(w *testkit.World) {
	w.Helper()
	_, err := w.Tokens.Reuses(w.Context())
	w.OK(err)
}

func toldOf(w *testkit.World, to value.Email, kind mailing.Kind) (n int) {
	w.Helper()
	for _, m := range w.Mail(to) {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

func entriesWith(w *testkit.World, text string) (n int) {
	w.Helper()
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "L#") && strings.Contains(it.Text, text) {
			n++
		}
	}
	return n
}

// A rotated token works until the end of its grace, to the millisecond. Its
// successor works at once and has the same end of life.
func TestARotationWithGrace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		token func(testkit.Person) string
		by    func(testkit.Person, string) string
	}{
		{"by itself", func(p testkit.Person) string { return p.Mint(p.Home, "30 days") }, func(_ testkit.Person, token string) string { return token }},
		{"by another one", func(p testkit.Person) string { return p.Mint(p.Home, "30 days") }, func(p testkit.Person, _ string) string { return p.Token }},
		{"one made by signing in", func(p testkit.Person) string { return p.SignIn(p.Home, "30 days") }, func(_ testkit.Person, token string) string { return token }},
		{"one without an end", func(p testkit.Person) string { return p.Mint(p.Home, "never") }, func(_ testkit.Person, token string) string { return token }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			first := c.token(ana)
			was := tokenOf(w, first)
			w.Advance(time.Hour)
			second, err := rotate(w, c.by(ana, first), first, ana.Home, "2 days")
			w.OK(err)
			is := tokenOf(w, second)
			if is.Name != was.Name || is.Permission != was.Permission ||
				!is.Expires.Equal(was.Expires) || is.SignIn != was.SignIn ||
				is.AccountEpoch != was.AccountEpoch || is.GrantEpoch != was.GrantEpoch ||
				is.Account != was.Account {
				t.Errorf("the new one is %+v, want it to be what %+v was", is, was)
			}
			if string(is.Hash) == string(was.Hash) || is.ID == was.ID || second == first {
				t.Error("the new one has something of the old one's secret")
			}
			if !works(w, first) || !works(w, second) {
				t.Error("within the grace, one of them does not work")
			}
			w.Advance(2*24*time.Hour - time.Millisecond)
			if !works(w, first) {
				t.Error("the old one does not work a millisecond before the end of its grace")
			}
			w.Advance(time.Millisecond)
			if works(w, first) {
				t.Error("the old one works at the end of its grace")
			}
			if !works(w, second) {
				t.Error("the new one does not work after the grace")
			}
		})
	}
}

// Without a grace the old token is invalid at once and its row is deleted. The
// rest of it expires after 90 days.
func TestARotationWithoutGrace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	first := ana.Mint(ana.Home, "never")
	rows := rowsOf(w, ana.Token)
	second, err := rotate(w, first, first, ana.Home, "")
	w.OK(err)
	if got := rowsOf(w, ana.Token); got != rows {
		t.Errorf("%d tokens are listed, want %d", got, rows)
	}
	if works(w, first) || !works(w, second) {
		t.Error("it is not the new one alone that works")
	}
	kept := tokenOf(w, first)
	if kept.ID == "" || !kept.Kept().Equal(kept.Retires.Add(90*24*time.Hour)) {
		t.Errorf("of the old one %+v is kept, until %v", kept, kept.Kept())
	}
	// The sweep leaves the spent token at any time.
	w.Advance(60 * 24 * time.Hour)
	_, err = w.Tokens.Expire(t.Context())
	w.OK(err)
	if tokenOf(w, first).ID == "" {
		t.Error("the sweep has forgotten the old one")
	}
}

// A sweep takes a rotated token out of the list after its grace, but keeps its
// item.
func TestASweepAfterAGrace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	first := ana.Mint(ana.Home, "30 days")
	rows := w.Count("P#", "T#")
	second, err := rotate(w, ana.Token, first, ana.Home, "1 day")
	w.OK(err)
	if got := w.Count("P#", "T#"); got != rows+1 {
		t.Errorf("within the grace there are %d rows, want %d", got, rows+1)
	}
	w.Advance(24 * time.Hour)
	n, err := w.Tokens.Expire(t.Context())
	w.OK(err)
	if n != 1 || w.Count("P#", "T#") != rows || tokenOf(w, first).ID == "" || !works(w, second) {
		t.Errorf("the sweep did %d things; there are %d rows, want %d", n, w.Count("P#", "T#"), rows)
	}
	if n, err := w.Tokens.Expire(t.Context()); n != 0 || err != nil {
		t.Errorf("a second sweep did %d things (%v)", n, err)
	}
	works(w, first)
	if w.Count("J#", "") != 1 {
		t.Error("the use of the old one is not recognised after the sweep")
	}
}

func TestRotationsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	plant := ana.Profile("plant")
	bens := ben.Mint(ana.Home, "1 month")
	elsewhere := ana.Mint(plant, "1 month")
	month := ana.Mint(ana.Home, "1 month")
	read := ana.With("read", "1 month")
	ending := ana.Mint(ana.Home, "1 hour")
	rotated := ana.Mint(ana.Home, "1 month")
	_, err := rotate(w, rotated, rotated, ana.Home, "1 day")
	w.OK(err)
	spent := ana.Mint(ana.Home, "1 month")
	_, err = rotate(w, spent, spent, ana.Home, "0")
	w.OK(err)
	revoked := ben.SignIn(ana.Home, "1 day")
	set(w, "T#"+revoked[2:10], "T", "accountEpoch", 77)
	w.Advance(time.Hour)
	for _, c := range []struct {
		name, by, token, grace string
		code                   problem.Code
	}{
		{"more than 7 days", ana.Token, month, "8 days", problem.CodeInvalid},
		{"a grace that is none", ana.Token, month, "soon", problem.CodeInvalid},
		{"a member's token by the owner", ana.Token, bens, "", problem.CodeForbidden},
		{"the owner's token by a member", bens, month, "", problem.CodeNotFound},
		{"a token by a stranger", eve.Token, month, "", problem.CodeNotFound},
		{"a token of another profile", ana.Token, elsewhere, "", problem.CodeNotFound},
		{"no token", ana.Token, "00000000", "", problem.CodeNotFound},
		{"a text that names none", ana.Token, "x", "", problem.CodeNotFound},
		{"an expired one", ana.Token, ending, "", problem.CodeNotFound},
		{"one rotated before", ana.Token, rotated, "", problem.CodeConflict},
		{"one rotated before, by itself", rotated, rotated, "1 day", problem.CodeConflict},
		{"one rotated before without grace", ana.Token, spent, "", problem.CodeConflict},
		{"one rotated before without grace, by itself", spent, spent, "", problem.CodeUnauthenticated},
		{"another one by a rotated one", rotated, month, "", problem.CodeForbidden},
		{"with a read token", read, read, "", problem.CodeForbidden},
		{"a revoked one by its account", bens, revoked, "", problem.CodeNotFound},
		{"one that lives longer, without the password", month, ana.Token, "", problem.CodeInvalid},
	} {
		before := w.Count("T#", "")
		_, err := rotate(w, c.by, c.token, ana.Home, c.grace)
		if problem.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %q", c.name, err, c.code)
		}
		if w.Count("T#", "") != before {
			t.Errorf("%s: something was rotated", c.name)
		}
	}
	byPassword := func(password string) error {
		_, err := w.Tokens.Rotate(t.Context(),
			testkit.ClientOf(month).For(operation.TokenRotate.Access),
			service.ProfileRef{ID: ana.Home},
			tokens.Rotation{Token: ana.Token, Credentials: service.Credentials{Password: password}})
		return err
	}
	if err := byPassword("not this one"); !errors.Is(err, problem.ErrInvalidPassword) {
		t.Errorf("with a wrong password: got %v, want ErrInvalidPassword", err)
	}
	if !works(w, ana.Token) {
		t.Error("a refused rotation has ended a token")
	}
	if err := byPassword(testkit.Password); err != nil || works(w, ana.Token) {
		t.Errorf("with the password: got %v and an old token that may work, want success and its end", err)
	}
	// A member may rotate a token that the member made.
	next, err := rotate(w, bens, bens, ana.Home, "0")
	if err != nil || !works(w, next) || works(w, bens) {
		t.Errorf("a member's own token: got %v, want a new token that works and an old one that does not", err)
	}
}

// At most two tokens of a family work, because rotating the new one ends the
// grace of the old one.
func TestARotationEndsTheGraceBeforeIt(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	chain := []string{ana.Mint(ana.Home, "30 days")}
	rows := w.Count("P#", "T#")
	for range 4 {
		next, err := rotate(w, ana.Token, chain[len(chain)-1], ana.Home, "7 days")
		w.OK(err)
		chain = append(chain, next)
		for i, token := range chain {
			want := i >= len(chain)-2
			if want && !works(w, token) || !want && tokenOf(w, token).Live(w.Now()) {
				t.Errorf("after %d rotations, number %d works: %v", len(chain)-1, i, !want)
			}
		}
		if got := w.Count("P#", "T#"); got != rows+1 {
			t.Errorf("%d rows, want %d", got, rows+1)
		}
	}
}

// The use of a token after its grace makes its family invalid. The owner is
// notified once, however often it is used.
func TestTheUseOfATokenAfterItsGrace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		graces []string
		use    int
		after  time.Duration
	}{
		{"the only one before", []string{"0"}, 0, 0},
		{"within the same millisecond as the rotation", []string{"0"}, 0, 0},
		{"after a grace", []string{"1 day"}, 0, 24 * time.Hour},
		{"the first of five", []string{"0", "1 day", "0", "2 hours", "1 day"}, 0, time.Minute},
		{"the third of five", []string{"0", "1 day", "0", "2 hours", "1 day"}, 2, time.Minute},
		{"the last but one of five, its grace ended by the next", []string{"0", "0", "0", "7 days", "7 days"}, 3, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana, ben := w.Quick("ana"), w.Quick("ben")
			w.Share(ana.Home, ben, tenancy.PermissionFull)
			bystander := ben.Mint(ana.Home, "30 days")
			chain := []string{ben.Mint(ana.Home, "30 days")}
			for _, grace := range c.graces {
				next, err := rotate(w, chain[len(chain)-1], chain[len(chain)-1], ana.Home, grace)
				w.OK(err)
				chain = append(chain, next)
			}
			w.Advance(c.after)
			for range 3 {
				if works(w, chain[c.use]) {
					t.Fatal("the used token works, want it refused")
				}
			}
			follow(w)
			for i, token := range chain {
				if works(w, token) {
					t.Errorf("number %d still works", i)
				}
			}
			follow(w)
			w.Advance(time.Hour)
			_, err := w.Tokens.Expire(t.Context())
			w.OK(err)
			if !works(w, bystander) || !works(w, ana.Token) {
				t.Error("a token of no relation has died")
			}
			for _, p := range []testkit.Person{ana, ben} {
				if n := toldOf(w, p.Email, mailing.KindTokenReused); n != 1 {
					t.Errorf("%s got %d mails, want 1", p.Name, n)
				}
				if n := w.Count("N#"+string(p.ID), ""); n != 1 {
					t.Errorf("%s got %d notifications, want 1", p.Name, n)
				}
			}
			if n := entriesWith(w, "as it was used after it was rotated"); n != 1 {
				t.Errorf("%d entries in the logs, want 1", n)
			}
			if n := w.Count("J#", ""); n != 0 {
				t.Errorf("%d reports of reuse are left, want none", n)
			}
		})
	}
}

// Only a use with the secret counts. A person who knows only the id of a token
// cannot end its family.
func TestAGuessIsNoUse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	first := ana.Mint(ana.Home, "30 days")
	second, err := rotate(w, first, first, ana.Home, "0")
	w.OK(err)
	guess := testkit.ClientOf(second)
	guess.Token.ID = first[2:10]
	_, err = w.Tokens.Info(t.Context(), guess.For(operation.TokenInfo.Access))
	if !errors.Is(err, problem.ErrInvalidToken) {
		t.Errorf("a guess: got %v, want ErrInvalidToken", err)
	}
	if n := w.Count("J#", ""); n != 0 {
		t.Error("a guess is taken for a use")
	}
}

// No notification is sent about a family that was invalid before.
func TestTheUseOfATokenWhoseFamilyIsRevoked(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(*testkit.World, testkit.Person, string){
		"deleted": func(w *testkit.World, p testkit.Person, latest string) {
			w.OK(w.Tokens.Delete(w.Context(), p.Client(operation.TokenDelete),
				service.ProfileRef{ID: p.Home}, latest))
		},
		"revoked": func(w *testkit.World, p testkit.Person, _ string) {
			w.OK(w.Tokens.RevokeAll(w.Context(), p.Client(operation.TokenRevokeAll),
				service.ProfileRef{ID: p.Home}))
		},
	} {
		w := testkit.New(t)
		ana := w.Quick("ana")
		first := ana.Mint(ana.Home, "30 days")
		second, err := rotate(w, first, first, ana.Home, "0")
		w.OK(err)
		kill(w, ana, second)
		for range 2 {
			works(w, first)
			follow(w)
		}
		if n := toldOf(w, ana.Email, mailing.KindTokenReused) + w.Count("J#", ""); n != 0 {
			t.Errorf("%s: %d mails and reports", name, n)
		}
	}
}

// Of two who rotate one token at the same moment, exactly one succeeds.
func TestTwoRotationsOfOneToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for range 10 {
		token := ana.Mint(ana.Home, "30 days")
		before := w.Count("T#", "T")
		var try [4]func() error
		next := make([]string, len(try))
		for i := range try {
			try[i] = func() (err error) {
				next[i], err = rotate(w, ana.Token, token, ana.Home, "1 hour")
				return err
			}
		}
		errs := together(try[:]...)
		if n := succeeded(errs); n != 1 {
			t.Fatalf("%d of the two succeeded: %v, want 1", n, errs)
		}
		for i, err := range errs {
			if err != nil && problem.CodeOf(err) != problem.CodeConflict {
				t.Errorf("got %v, want CodeConflict", err)
			}
			if err == nil && !works(w, next[i]) {
				t.Error("the new token of the request that succeeded does not work")
			}
		}
		if got := w.Count("T#", "T"); got != before+1 {
			t.Errorf("%d new tokens, want 1", got-before)
		}
	}
}

// A rotation runs at the same time as a use that ends the family, a deletion,
// or a switch to another profile. No token stays valid that should not, and
// none exists twice.
func TestRotationAgainstOthers(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	other := ana.Profile("other")
	for range 8 {
		first := ana.Mint(ana.Home, "30 days")
		second, err := rotate(w, first, first, ana.Home, "0")
		w.OK(err)
		works(w, first) // leaves a report of reuse
		third := ""
		errs := together(
			func() (err error) {
				third, err = rotate(w, ana.Token, second, ana.Home, "7 days")
				return err
			},
			func() error {
				_, err := w.Tokens.Reused(w.Context(), value.TokenID(first[2:10]))
				return err
			},
			func() error {
				_, err := w.Tokens.Reused(w.Context(), value.TokenID(first[2:10]))
				return err
			},
		)
		if errs[1] != nil || errs[2] != nil {
			t.Fatalf("got the errors %v, want none from the two reports", errs)
		}
		if works(w, second) || errs[0] == nil && works(w, third) {
			t.Fatalf("a family survives the use of one of its dead (rotated: %v)", errs[0])
		}
	}
	for range 8 {
		token := ana.Mint(ana.Home, "30 days")
		next := ""
		errs := together(
			func() (err error) { next, err = rotate(w, token, token, ana.Home, "0"); return err },
			func() error {
				return w.Tokens.Delete(w.Context(), ana.Client(operation.TokenDelete),
					service.ProfileRef{ID: ana.Home}, token)
			},
		)
		if succeeded(errs) != 1 {
			t.Fatalf("rotated and deleted: %v", errs)
		}
		if works(w, token) || errs[1] == nil && next != "" && works(w, next) {
			t.Fatal("a deleted token has a successor")
		}
	}
	for range 8 {
		token := ana.Mint(ana.Home, "30 days")
		errs := together(
			func() error { _, err := rotate(w, ana.Token, token, ana.Home, "7 days"); return err },
			func() error {
				return w.Profiles.Switch(w.Context(),
					testkit.ClientOf(token).For(operation.ProfileSwitch.Access), other)
			},
		)
		if errs[1] != nil {
			t.Fatalf("got the errors %v, want none from the switch", errs)
		}
		is := tokenOf(w, token)
		if is.Profile != other || is.Rotated() != (errs[0] == nil) {
			t.Fatalf("the token is %+v, and rotating it gave %v", is, errs[0])
		}
	}
	if got, want := w.Count("P#", "T#"), liveTokens(w); got != want {
		t.Errorf("%d rows of %d tokens", got, want)
	}
}

// liveTokens counts tokens that should have a row.
func liveTokens(w *testkit.World) (n int) {
	w.Helper()
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "T#") && it.SK == "T" &&
			!(strings.Contains(it.Text, "retires=") && !strings.Contains(it.Text, "duePK=")) {
			n++
		}
	}
	return n
}

// Reminders are sent 7 days and 1 day before the end, once each, by any number
// of sweeps. Invalid tokens have none.
func TestRemindersOfAnEnd(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	ana.Mint(ana.Home, "30 days")
	ana.SignIn(ana.Home, "30 days")
	gone := ana.Mint(ana.Home, "30 days")
	w.OK(w.Tokens.Delete(t.Context(), ana.Client(operation.TokenDelete),
		service.ProfileRef{ID: ana.Home}, gone))
	ben.Mint(ana.Home, "30 days")
	w.OK(w.Tokens.RevokeMember(t.Context(), ana.Client(operation.TokenRevokeMember),
		service.ProfileRef{ID: ana.Home}, string(ben.ID)))
	sweep := func(what string, want int) {
		t.Helper()
		errs := together(
			func() error { _, err := w.Tokens.Expire(w.Context()); return err },
			func() error { _, err := w.Tokens.Expire(w.Context()); return err },
		)
		if succeeded(errs) != 2 {
			t.Fatalf("%s: %v", what, errs)
		}
		if got := toldOf(w, ana.Email, mailing.KindTokenEnds); got != want {
			t.Errorf("%s: %d mails so far, want %d", what, got, want)
		}
		if got := toldOf(w, ben.Email, mailing.KindTokenEnds); got != 0 {
			t.Errorf("%s: %d mails about tokens that are revoked", what, got)
		}
	}
	w.Advance(23*24*time.Hour - time.Millisecond)
	sweep("a millisecond before the first", 0)
	w.Advance(time.Millisecond)
	sweep("at the first", 1)
	sweep("again", 1)
	w.Advance(6*24*time.Hour - time.Millisecond)
	sweep("a millisecond before the second", 1)
	w.Advance(time.Millisecond)
	sweep("at the second", 2)
	w.Advance(24 * time.Hour)
	sweep("at the end", 2)
	mails := w.Mail(ana.Email)
	if len(mails) == 0 || mails[0].Data["expires"] == "" || mails[0].Data["token"] == "" {
		t.Errorf("the mail does not say what ends when: %v", mails)
	}
}

// After two missed reminders one mail is sent, not two.
func TestRemindersThatWereMissed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ana.Mint(ana.Home, "30 days")
	w.Advance(29*24*time.Hour + time.Hour)
	for range 3 {
		_, err := w.Tokens.Expire(t.Context())
		w.OK(err)
	}
	if got := toldOf(w, ana.Email, mailing.KindTokenEnds); got != 1 {
		t.Errorf("got %d mails, want 1", got)
	}
	for entry, err := range w.Store.Due(t.Context(), store.DueToken, w.Now()) {
		t.Errorf("%v is still due (%v)", entry, err)
	}
}

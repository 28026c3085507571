package operation_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// asked are addresses of every standing that an address can have here.
type asked struct {
	name  string
	email value.Email
}

// everyAddress makes an account, or none, for each standing. ana is the caller
// where a token is needed.
func everyAddress(w *testkit.World) (ana testkit.Person, all []asked) {
	w.Helper()
	signUp := func(email string) {
		w.OK(w.Accounts.Create(w.Context(), service.Client{Source: "203.0.113.1"},
			accounts.NewAccount{Name: "x", Email: email, Password: another, Repeated: another}))
	}
	signUp("lou@example.com")
	w.Advance(tenancy.SignUpLife + time.Hour)
	signUp("zoe@example.com")
	ana = w.Quick("ana")
	ben, kim, eve, lea := w.Quick("ben"), w.Quick("kim"), w.Quick("eve"), w.Quick("lea")
	w.OK(w.Accounts.Delete(w.Context(), lea.Client(operation.AccountDelete),
		service.Credentials{Password: testkit.Password}))
	block(w, kim)
	moveEmail(w, eve.Token, eve.Email, "eve@example.net")
	return ana, []asked{
		{"an account", ben.Email}, {"an unknown one", "nobody@example.com"}, {"an unconfirmed one", "zoe@example.com"}, {"one whose sign-up has lapsed", "lou@example.com"},
		{"a blocked account", kim.Email}, {"a former one", eve.Email}, {"the one that took its place", "eve@example.net"},
		{"a deleted one", lea.Email},
	}
}

// block takes the rights of an account away, as an operator does.
func block(w *testkit.World, p testkit.Person) {
	w.Helper()
	batch := w.Store.Batch()
	account := batch.Account(p.ID)
	w.OK(batch.Get(w.Context()))
	account.Value.Blocked = true
	tx := w.Store.Begin()
	tx.UpdateAccount(account.Value)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
}

// door is a way to ask for something with an address, and the mail that the
// holder of the address gets by it.
type door struct {
	name string
	send func(w *testkit.World, ana testkit.Person, email value.Email) testkit.Answer
	code int
	// the standings that get a mail of the kind, "all" for all
	kinds  map[mailing.Kind]string
	before func(w *testkit.World, ana testkit.Person) testkit.Person // the caller, if not ana
	after  func(w *testkit.World, ana testkit.Person)                // before the next question
}

// doors are all operations that take an address from their caller and could
// reveal by their answer whether it has an account.
var doors = []door{
	{"sign-up", func(w *testkit.World, _ testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.AccountCreate, "POST", "/account", "",
			object{"name": "x", "email": email, "password": another, "cpassword": another})
	}, 200, map[mailing.Kind]string{
		mailing.KindAccountConfirm: "an unknown one, an unconfirmed one, one whose sign-up has lapsed",
		mailing.KindAccountLeaving: "a deleted one",
		mailing.KindAccountExists:  "an account, a blocked account, a former one, the one that took its place",
	}, nil, nil},
	{"the confirmation again", func(w *testkit.World, _ testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.AccountResend, "GET", "/account/resend_confirmation/"+string(email), "", nil)
	}, 200, map[mailing.Kind]string{mailing.KindAccountConfirmAgain: "an unconfirmed one"}, nil, nil},
	{"a new password", func(w *testkit.World, _ testkit.Person, email value.Email) testkit.Answer {
		return askPassword(w, email)
	}, 200, map[mailing.Kind]string{mailing.KindPasswordReset: "an account, a blocked account, the one that took its place"}, nil, nil},
	{"signing in", func(w *testkit.World, _ testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": email, "password": "wrong horse battery"})
	}, 401, nil, nil, nil},
	{"a token at sign-in", func(w *testkit.World, ana testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
			"profile_id": ana.Home, "email": email, "password": "wrong horse battery", "name": "x",
		})
	}, 401, nil, nil, nil},
	{"signing in with a browser", func(w *testkit.World, _ testkit.Person, email value.Email) testkit.Answer {
		return w.Browse(operation.SessionCreate, "POST", "/console/session", "", object{"email": email, "password": "wrong horse battery"})
	}, 401, nil, nil, nil},
	{"a pin by mail", func(w *testkit.World, _ testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.OtpRequest, "POST", "/account/login/otp", "", object{"email": email, "password": "wrong horse battery", "otp_type": "email"})
	}, 401, nil, nil, nil},
	{"a token by hand", func(w *testkit.World, ana testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.TokenCreate, "POST", "/profile/current/token", ana.Token,
			object{"name": "x", "email": email, "password": testkit.Password})
	}, 400, nil, nil, nil},
	{"another address", func(w *testkit.World, ana testkit.Person, email value.Email) testkit.Answer {
		return askEmail(w, ana.Token, email)
	}, 200, map[mailing.Kind]string{mailing.KindEmailConfirm: "all"}, nil, nil},
	{"an invitation", func(w *testkit.World, ana testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, object{"email": email, "permission": "read"})
	}, 200, map[mailing.Kind]string{
		mailing.KindTeamInvited:    "an account, a blocked account, the one that took its place",
		mailing.KindTeamInvitedNew: "an unknown one, an unconfirmed one, one whose sign-up has lapsed, a former one, a deleted one",
	}, nil, func(w *testkit.World, ana testkit.Person) {
		var team []struct{ ID string }
		w.Call(operation.TeamList, "GET", "/profile/current/team", ana.Token, nil).Into(w, &team)
		for _, invited := range team {
			w.Call(operation.TeamRemove, "DELETE", "/profile/current/team/"+invited.ID, ana.Token, nil)
		}
	}},
	{"a transfer", func(w *testkit.World, ana testkit.Person, email value.Email) testkit.Answer {
		return w.Call(operation.TransferRequest, "POST", "/profile/current/transfer", ana.Token,
			object{"email": email, "password": testkit.Password})
	}, 200, map[mailing.Kind]string{
		mailing.KindTransferOffered:    "an account, a blocked account, the one that took its place",
		mailing.KindTransferOfferedNew: "an unknown one, an unconfirmed one, one whose sign-up has lapsed, a former one, a deleted one",
	}, func(w *testkit.World, ana testkit.Person) testkit.Person {
		ana.Token = ana.Mint(ana.Profile("plant"), "")
		return ana
	}, func(w *testkit.World, ana testkit.Person) {
		w.Call(operation.ProfileDelete, "DELETE", "/profile/current", ana.Token, object{"password": testkit.Password})
	}},
}

// outcome is the part of an answer that a caller can see, and the work that it
// took.
type outcome struct {
	code            int
	message         string
	reason          problem.Reason
	details, result string
	header          map[string]string
	requests, trips int
	kinds           map[string]int
}

// Nobody learns the standing of an address here from an answer, from its
// headers, or from its requests to the table and their order. The holder of the
// address learns it by mail.
func TestNoAnswerTellsHowAnAddressStands(t *testing.T) {
	t.Parallel()
	for _, d := range doors {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			for _, what := range again(func() []string { return d.tells(testkit.New(t)) }) {
				t.Error(what)
			}
		})
	}
}

// again looks for differences up to three times. On a busy machine two requests
// that are sent together may once look like one after the other, so only a
// difference that appears each time counts.
func again(look func() []string) (differences []string) {
	for range 3 {
		if differences = look(); len(differences) == 0 {
			return nil
		}
	}
	return differences
}

// tells lists how the addresses of a world can be told apart at the door.
func (d door) tells(w *testkit.World) (differences []string) {
	w.Helper()
	found := func(format string, args ...any) {
		differences = append(differences, fmt.Sprintf(format, args...))
	}
	ana, all := everyAddress(w)
	ask := func(a asked) outcome {
		w.Helper()
		w.Advance(2 * time.Hour) // the counters of mails and attempts start again
		who := ana
		if d.before != nil {
			who = d.before(w, ana)
		}
		before := w.State()
		w.Meter.Reset()
		got := d.send(w, who, a.email)
		used := w.Meter.Reset()
		if got.Code != d.code {
			found("%s: got %d %q, want %d", a.name, got.Code, got.Message, d.code)
		}
		if d.code >= 400 && w.State() != before {
			found("%s: the refusal changed the table", a.name)
		}
		if d.after != nil {
			d.after(w, who)
		}
		return outcome{got.Code, got.Message, got.Reason, fmt.Sprint(got.Details),
			inGeneral(string(got.Result)), got.Header, used.Requests, used.RoundTrips, used.Kinds}
	}
	ask(asked{"the first", "first@example.com"}) // from here on functions remember
	had := map[string]int{}
	for _, a := range all {
		for kind := range d.kinds {
			had[a.name+string(kind)] = mails(w, a.email, kind)
		}
	}
	nobody := slices.IndexFunc(all, func(a asked) bool { return a.name == "an unknown one" })
	want := ask(all[nobody])
	for i, a := range all {
		if i == nobody {
			continue
		}
		if got := ask(a); !reflect.DeepEqual(got, want) {
			found("%s: got %+v, want what an unknown one gets, %+v", a.name, got, want)
		}
	}
	for _, a := range all {
		for kind, who := range d.kinds {
			expected := 0
			if who == "all" || slices.Contains(strings.Split(who, ", "), a.name) {
				expected = 1
			}
			if n := mails(w, a.email, kind) - had[a.name+string(kind)]; n != expected {
				found("%s got %d mails %s, want %d", a.name, n, kind, expected)
			}
		}
	}
	return differences
}

// inGeneral is a result without the number and the time of a transfer, which
// differ each time.
func inGeneral(result string) string {
	return regexp.MustCompile(`"(ticket|expires_at)":"[^"]*"`).ReplaceAllString(result, `"$1":""`)
}

// A code that was never issued, one with another secret and a used one look the
// same, whatever they are for.
func TestNoAnswerTellsWhetherACodeWasIssued(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		issue func(w *testkit.World, ana, ben testkit.Person) string
		use   func(w *testkit.World, ana testkit.Person, code string) testkit.Answer
		told  bool // the holder of the code is told its fate
	}{
		"confirm": {
			func(w *testkit.World, _, _ testkit.Person) string {
				w.Call(operation.AccountCreate, "POST", "/account", "",
					object{"name": "x", "email": "zoe@example.com", "password": another, "cpassword": another})
				return mailed(w, "zoe@example.com", mailing.KindAccountConfirm)
			},
			func(w *testkit.World, _ testkit.Person, code string) testkit.Answer {
				return w.Call(operation.AccountConfirm, "GET", "/account/confirm/"+code, "", nil)
			}, false,
		},
		"set a password": {
			func(w *testkit.World, ana, _ testkit.Person) string {
				return passwordCode(w, ana.Email)
			},
			func(w *testkit.World, _ testkit.Person, code string) testkit.Answer {
				return setPassword(w, code, another, "")
			}, false,
		},
		"confirm an address": {
			func(w *testkit.World, ana, _ testkit.Person) string {
				return emailCode(w, ana.Token, "new@example.com")
			},
			func(w *testkit.World, _ testkit.Person, code string) testkit.Answer {
				return confirmEmail(w, code)
			}, false,
		},
		"undo an address": {
			func(w *testkit.World, ana, _ testkit.Person) string {
				return moveEmail(w, ana.Token, ana.Email, "new@example.com")
			},
			func(w *testkit.World, _ testkit.Person, code string) testkit.Answer {
				return undoEmail(w, code)
			}, false,
		},
		"join a team": {
			invitationCode,
			func(w *testkit.World, _ testkit.Person, code string) testkit.Answer {
				return w.Call(operation.TeamAccept, "GET", "/profile/team/accept/"+code, "", nil)
			}, true,
		},
		"decline a team": {
			invitationCode,
			func(w *testkit.World, _ testkit.Person, code string) testkit.Answer {
				return w.Call(operation.TeamDecline, "GET", "/profile/team/decline/"+code, "", nil)
			}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana, ben := w.Quick("ana"), w.Quick("ben")
			code := c.issue(w, ana, ben)
			credential, ok := secret.Parse(code)
			if !ok {
				t.Fatalf("no code was mailed")
			}
			forged := secret.Credential{ID: credential.ID,
				Secret: strings.Repeat("0", len(credential.Secret))}
			use := func(code string) outcome {
				w.Meter.Reset()
				got := c.use(w, ana, code)
				used := w.Meter.Reset()
				return outcome{got.Code, got.Message, got.Reason, fmt.Sprint(got.Details),
					string(got.Result), got.Header, used.Requests, used.RoundTrips, used.Kinds}
			}
			want := use(w.NextKey().Code())
			if want.code < 400 || want.code > 499 {
				t.Errorf("a code that was never issued: got %+v", want)
			}
			if got := use(forged.Code()); !reflect.DeepEqual(got, want) {
				t.Errorf("another secret: got %+v, want %+v", got, want)
			}
			if got := use(code); got.code != 200 {
				t.Fatalf("the code itself: got %+v", got)
			}
			got := use(code)
			if c.told {
				got.message = want.message
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("used up: got %+v, want %+v", got, want)
			}
		})
	}
}

// Each operation that anybody may call is listed here with the test that shows
// that it reveals nothing.
func TestEveryOpenOperationIsHeldToTellNothing(t *testing.T) {
	t.Parallel()
	held := map[string]string{}
	for by, operations := range map[string][]operation.Operation{
		"TestNoAnswerTellsHowAnAddressStands": {
			operation.AccountCreate, operation.AccountResend, operation.PasswordRequest,
			operation.AccountLogin, operation.AccountTokenCreate, operation.SessionCreate,
			operation.OtpRequest,
		},
		"TestNoAnswerTellsWhetherACodeWasIssued": {
			operation.AccountConfirm, operation.EmailConfirm, operation.EmailUndo,
			operation.TeamAccept, operation.TeamDecline,
		},
		"TestTheLinkOfAMailTellsNothing": {operation.MailUnsubscribe},
		"TestReportsOfLeaksTellNothing":  {operation.TokenLeaked},
		"TestLogosOfProfiles":            {operation.LogoGet},
		"TestTheLinkOfABackup":           {operation.BackupFile},
	} {
		for _, o := range operations {
			held[o.Name] = by
		}
	}
	for _, o := range operation.All() {
		open := o.Trigger == operation.HTTP && o.Access == operation.Anonymous && !o.Static
		if open != (held[o.Name] != "") {
			t.Errorf("%s: open to anybody: %v; held by the test %q", o.Name, open, held[o.Name])
		}
	}
}

func invitationCode(w *testkit.World, ana, ben testkit.Person) string {
	w.Helper()
	w.Call(operation.TeamInvite, "POST", "/profile/current/team", ana.Token, object{"email": ben.Email, "permission": "read"})
	return mailed(w, ben.Email, mailing.KindTeamInvited)
}

// The check of a password takes as long for an address without an account as
// for one with an account. Samples are taken in turns, so that other work of
// the machine slows both. A hash takes ten times as long as all else, so
// leaving it out would put medians and minima far beyond the bounds. On a
// machine that is too busy for a result, the measurement is repeated.
func TestPasswordsTakeTheirTimeForEveryAddress(t *testing.T) {
	w := testkit.New(t)
	w.HashAsForPeople()
	ana := w.Account("ana")
	took := func(do func()) time.Duration {
		start := time.Now()
		do()
		return time.Since(start)
	}
	asked := 0
	for _, d := range doors {
		if !slices.Contains([]string{"sign-up", "signing in", "signing in with a browser", "a token at sign-in"}, d.name) {
			continue
		}
		ask := func(email value.Email) { d.send(w, ana, email) }
		var why string
		for range 4 {
			const samples = 9
			var known, unknown, hash []time.Duration
			for i := range samples {
				w.Advance(time.Hour) // attempts are counted from zero
				asked++              // the caller who signs up is known from then on
				a, b := ana.Email, value.Email(fmt.Sprintf("nobody-%d@example.com", asked))
				if i%2 == 0 {
					known = append(known, took(func() { ask(a) }))
					unknown = append(unknown, took(func() { ask(b) }))
				} else {
					unknown = append(unknown, took(func() { ask(b) }))
					known = append(known, took(func() { ask(a) }))
				}
				hash = append(hash, took(func() { secret.Passwords{}.Hash(another) }))
			}
			why = ""
			if apart(median(known), median(unknown), median(hash)) &&
				apart(slices.Min(known), slices.Min(unknown), slices.Min(hash)) {
				why = fmt.Sprintf("an unknown address takes %v and an account %v; a hash alone takes %v", unknown, known, hash)
				continue
			}
			break
		}
		if why != "" {
			t.Errorf("%s: %s", d.name, why)
		}
	}
}

// apart reports whether two times are told apart, or one is too short for a
// hash.
func apart(known, unknown, hash time.Duration) bool {
	ratio := float64(unknown) / float64(known)
	return ratio < 0.5 || ratio > 2 || min(known, unknown) < hash/2
}

func median(of []time.Duration) time.Duration {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

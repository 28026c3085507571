package operation_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// A code that was mailed to an address with an account is invalid. A sign-up
// that nobody has confirmed gives the address up.
func TestAskingForAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, all := everyAddress(w)
	open := []string{"an unknown one", "one whose sign-up has lapsed", "an unconfirmed one"}
	for _, a := range all {
		w.Advance(2 * time.Hour)
		want := 400
		if slices.Contains(open, a.name) {
			want = 200
		}
		if got := confirmEmail(w, emailCode(w, ana.Token, a.email)); got.Code != want {
			t.Errorf("%s confirms: got %d %q, want %d", a.name, got.Code, got.Message, want)
		}
	}
}

func TestAskingForAnAddressIsRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for _, c := range []struct {
		name, token string
		body        object
		code        int
		says        string
	}{
		{"without a token", "", object{"email": "new@example.com", "password": testkit.Password}, 401, "Unauthorized"},
		{"with a write token", ana.With("write", ""), object{"email": "new@example.com", "password": testkit.Password}, 403, "full"},
		{"without an address", ana.Token, object{"password": testkit.Password}, 400, "email is required"},
		{"for what is none", ana.Token, object{"email": "new", "password": testkit.Password}, 400, "email must be"},
		{"for the own one", ana.Token, object{"email": " ANA@example.com", "password": testkit.Password}, 400, "the address that the account has"},
		{"without the password", ana.Token, object{"email": "new@example.com"}, 400, "password is required"},
		{"with a wrong one", ana.Token, object{"email": "new@example.com", "password": another}, 401, "Invalid password"},
	} {
		before := w.State()
		got := w.Call(operation.EmailRequest, "POST", "/account/email", c.token, c.body)
		if got.Code != c.code || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %d %q, want %d with %q", c.name, got.Code, got.Message, c.code, c.says)
		}
		if before != w.State() {
			t.Errorf("%s: the refusal changed the table", c.name)
		}
	}
	if got := w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"email": "new@example.com"}); got.Code != 400 {
		t.Errorf("an edit of the account: got %d %q, want 400", got.Code, got.Message)
	}
}

// A person changes the address. From then on the old one opens nothing, nobody
// else can take it for a week, and teams show the new one.
func TestAnotherAddress(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ben.Home, ana, tenancy.PermissionRead)
	const is = value.Email("ana@example.net")
	was := ana.Email
	signedIn := ana.SignIn(ana.Home, "")

	code := emailCode(w, ana.Token, is)
	if mails(w, was, mailing.KindEmailAsked) != 1 {
		t.Error("the old address was not told that another one is asked for")
	}
	if got := login(w, is, testkit.Password); got != 401 {
		t.Errorf("sign in with the new address before it is confirmed: got %d, want 401", got)
	}
	if got := confirmEmail(w, code); got.Code != 200 {
		t.Fatalf("confirm: got %d %q", got.Code, got.Message)
	}
	var account struct{ Email value.Email }
	w.Call(operation.AccountGet, "GET", "/account", ana.Token, nil).Into(w, &account)
	if account.Email != is {
		t.Errorf("the account has the address %s", account.Email)
	}
	if alive(w, signedIn) != 200 || alive(w, ana.Token) != 200 {
		t.Error("a new address has killed tokens")
	}
	var team []memberRow
	w.Call(operation.TeamList, "GET", "/profile/"+string(ben.Home)+"/team", ben.Token, nil).Into(w, &team)
	if len(team) != 1 || team[0].Email != string(is) {
		t.Errorf("the team is %+v, want the new address", team)
	}

	newToken := func(email value.Email) int {
		return w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "",
			object{"profile_id": ana.Home, "email": email, "password": testkit.Password, "name": "x"}).Code
	}
	byHand := func(email value.Email) int {
		return w.Call(operation.TokenCreate, "POST", "/profile/current/token", ana.Token,
			object{"email": email, "password": testkit.Password, "name": "x"}).Code
	}
	for what, got := range map[string][2]int{
		"sign in":                    {login(w, was, testkit.Password), 401},
		"a token at sign-in":         {newToken(was), 401},
		"a token by hand":            {byHand(was), 400},
		"sign in, new":               {login(w, is, testkit.Password), 200},
		"a token at sign-in, new":    {newToken(is), 200},
		"a token by hand, new":       {byHand(is), 200},
		"a new password, old answer": {askPassword(w, was).Code, 200},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %d, want %d", what, got[0], got[1])
		}
	}
	if mails(w, was, mailing.KindPasswordReset) != 0 {
		t.Error("the old address got a code for a new password")
	}

	// Nobody else takes the old address until the undo ends.
	signUp := object{"name": "Eve", "email": was, "password": another, "cpassword": another}
	take := func() bool {
		t.Helper()
		before := mails(w, was, mailing.KindAccountConfirm)
		if got := w.Call(operation.AccountCreate, "POST", "/account", "", signUp); got.Code != 200 {
			t.Fatalf("sign up: got %d %q", got.Code, got.Message)
		}
		return mails(w, was, mailing.KindAccountConfirm) > before
	}
	if take() {
		t.Error("somebody signs up with the old address at once")
	}
	if got := confirmEmail(w, emailCode(w, ben.Token, was)); got.Code != 400 {
		t.Errorf("another account moves to the old address: got %d %q, want 400", got.Code, got.Message)
	}
	w.Advance(7*24*time.Hour - time.Millisecond)
	if take() {
		t.Error("somebody signs up with the old address a millisecond before the undo ends")
	}
	w.Advance(time.Millisecond)
	if !take() {
		t.Fatal("the old address cannot be had when the undo has ended")
	}
	got := w.Call(operation.AccountConfirm, "GET",
		"/account/confirm/"+mailed(w, was, mailing.KindAccountConfirm), "", nil)
	if got.Code != 200 {
		t.Errorf("confirm the sign-up: got %d %q", got.Code, got.Message)
	}
	if was, is := login(w, was, another), login(w, is, testkit.Password); was != 200 || is != 200 {
		t.Errorf("both accounts sign in: got %d and %d", was, is)
	}
	if got := undoEmail(w, mailed(w, was, mailing.KindEmailChanged)); got.Code != 400 {
		t.Errorf("undo when it is too late: got %d, want 400", got.Code)
	}
}

// The old address goes to another account when the undo has ended.
func TestTheOldAddressGoesToAnotherAccountThen(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	moveEmail(w, ana.Token, ana.Email, "ana@example.net")
	w.Advance(7 * 24 * time.Hour)
	moveEmail(w, ben.Token, ben.Email, ana.Email)
	if got := login(w, ana.Email, testkit.Password); got != 200 {
		t.Errorf("sign in: got %d", got)
	}
	var account struct{ Name string }
	w.Call(operation.AccountGet, "GET", "/account", ben.Token, nil).Into(w, &account)
	if account.Name != "ben" {
		t.Errorf("got %+v", account)
	}
}

// A person goes back to the former address with an ordinary change. The email
// reservations are right after it.
func TestBackToTheFormerAddress(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	moveEmail(w, ana.Token, ana.Email, "ana@example.net")
	w.Advance(time.Hour)
	moveEmail(w, ana.Token, "ana@example.net", ana.Email)
	w.Advance(8 * 24 * time.Hour)
	was, is := login(w, "ana@example.net", testkit.Password), login(w, ana.Email, testkit.Password)
	if was != 401 || is != 200 {
		t.Errorf("sign in: got %d and %d", was, is)
	}
	if got := w.SignUp("ana@example.net"); got.Email != "ana@example.net" {
		t.Errorf("somebody else signs up with the other one: got %s", got.Email)
	}
}

// An address that got an account after another account had asked for it is not
// taken from the new account.
func TestAnAddressThatGotAnAccountMeanwhile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	code := emailCode(w, ana.Token, "zoe@example.com")
	zoe := w.SignUp("zoe@example.com")
	before := w.State()
	if got := confirmEmail(w, code); got.Code != 400 {
		t.Errorf("got %d %q, want 400", got.Code, got.Message)
	}
	if w.State() != before {
		t.Error("the refusal changed the table")
	}
	if got := login(w, zoe.Email, testkit.Password); got != 200 {
		t.Errorf("zoe signs in: got %d", got)
	}
}

// Two confirmations at once: one account, one address.
func TestConfirmationsRace(t *testing.T) {
	t.Parallel()
	race := func(n int, do func(int) testkit.Answer) (codes map[int]int) {
		codes = map[int]int{}
		got := make([]int, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { got[i] = do(i).Code })
		}
		all.Wait()
		for _, code := range got {
			codes[code]++
		}
		return codes
	}
	t.Run("one code, sent eight times", func(t *testing.T) {
		t.Parallel()
		w := testkit.New(t)
		ana := w.Quick("ana")
		code := emailCode(w, ana.Token, "ana@example.net")
		got := race(8, func(int) testkit.Answer { return confirmEmail(w, code) })
		if got[200] != 1 || got[400] != 7 {
			t.Errorf("got %v, want one success", got)
		}
	})
	t.Run("two addresses of one account", func(t *testing.T) {
		t.Parallel()
		w := testkit.New(t)
		ana := w.Quick("ana")
		codes := []string{emailCode(w, ana.Token, "one@example.net"), emailCode(w, ana.Token, "two@example.net")}
		got := race(2, func(i int) testkit.Answer { return confirmEmail(w, codes[i]) })
		if got[200] != 1 || got[400] != 1 {
			t.Errorf("got %v, want one success", got)
		}
		if n := w.Count("E#", "E"); n != 2 {
			t.Errorf("the account holds %d addresses, want the new and the old one", n)
		}
	})
	t.Run("one address of two accounts", func(t *testing.T) {
		t.Parallel()
		w := testkit.New(t)
		ana, ben := w.Quick("ana"), w.Quick("ben")
		codes := []string{emailCode(w, ana.Token, "one@example.net"), emailCode(w, ben.Token, "one@example.net")}
		got := race(2, func(i int) testkit.Answer { return confirmEmail(w, codes[i]) })
		if got[200] != 1 || got[400] != 1 {
			t.Errorf("got %v, want one success", got)
		}
	})
	t.Run("an address and a password", func(t *testing.T) {
		t.Parallel()
		w := testkit.New(t)
		ana := w.Quick("ana")
		codes := []string{emailCode(w, ana.Token, "one@example.net"), passwordCode(w, ana.Email)}
		got := race(2, func(i int) testkit.Answer {
			if i == 0 {
				return confirmEmail(w, codes[0])
			}
			return setPassword(w, codes[1], another, "")
		})
		if got[200] != 1 || got[400] != 1 {
			t.Errorf("got %v, want one success", got)
		}
	})
	t.Run("one code for a password, sent six times", func(t *testing.T) {
		t.Parallel()
		w := testkit.New(t)
		ana := w.Quick("ana")
		code := passwordCode(w, ana.Email)
		got := race(6, func(i int) testkit.Answer {
			return setPassword(w, code, fmt.Sprint(another, " ", i), "")
		})
		if got[200] != 1 || got[400]+got[401] != 5 {
			t.Errorf("got %v, want one success", got)
		}
	})
}

// The holder of the old address undoes an attacker's change, even if the
// attacker changed other things too. All tokens are revoked, however they were
// made, and a code for a new password is in the mail.
func TestUndoAfterAnAttack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ben.Home, ana, tenancy.PermissionFull)
	const theirs = value.Email("mallory@example.net")
	undo := moveEmail(w, ana.Token, ana.Email, theirs)
	if got := setPassword(w, passwordCode(w, theirs), another, ""); got.Code != 200 {
		t.Fatalf("the attacker sets a password: got %d %q", got.Code, got.Message)
	}
	attackers := map[string]string{"by hand": ana.Token, "on a shared profile": ana.Mint(ben.Home, "never")}
	w.Advance(6 * 24 * time.Hour)
	if got := undoEmail(w, undo); got.Code != 200 {
		t.Fatalf("undo: got %d %q", got.Code, got.Message)
	}
	for name, token := range attackers {
		if got := alive(w, token); got != 401 {
			t.Errorf("a token of the attacker, %s: got %d, want 401", name, got)
		}
		if got := w.Call(operation.ProfileGet, "GET", "/profile/current", token, nil).Code; got != 401 {
			t.Errorf("a token of the attacker, %s, at its profile: got %d, want 401", name, got)
		}
	}
	if got := alive(w, ben.Token); got != 200 {
		t.Errorf("a token of the owner of the shared profile: got %d", got)
	}
	if got := login(w, theirs, another); got != 401 {
		t.Errorf("the attacker's address signs in: got %d, want 401", got)
	}
	var team []memberRow
	w.Call(operation.TeamList, "GET", "/profile/"+string(ben.Home)+"/team", ben.Token, nil).Into(w, &team)
	if len(team) != 1 || team[0].Email != string(ana.Email) {
		t.Errorf("the team is %+v, want the old address", team)
	}
	if mails(w, ana.Email, mailing.KindEmailRestored) != 1 ||
		mails(w, theirs, mailing.KindEmailRestored) != 1 {
		t.Error("not both addresses were told")
	}
	got := setPassword(w, mailed(w, ana.Email, mailing.KindPasswordReset), "wicker falcon marble", "")
	if got.Code != 200 {
		t.Errorf("the code in the mail sets a password: got %d %q", got.Code, got.Message)
	}
	if got := login(w, ana.Email, "wicker falcon marble"); got != 200 {
		t.Errorf("the person signs in: got %d", got)
	}
	if got := undoEmail(w, undo); got.Code != 400 {
		t.Errorf("undo again: got %d, want 400", got.Code)
	}
	// The attacker's address is free at once.
	if zoe := w.SignUp(theirs); zoe.Email != theirs {
		t.Error("the other address is not free")
	}
}

// The person who changed the address had the password. After the undo it is
// invalid: the owner sets a new one with the code in the mail.
func TestUndoEndsThePasswordThatTheAttackerKnows(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]string{"the one that was stolen": testkit.Password, "one that the attacker has set": another} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			undo := moveEmail(w, ana.Token, ana.Email, "mallory@example.net")
			if password == another {
				if got := setPassword(w, ana.Token, another, testkit.Password); got.Code != 200 {
					t.Fatalf("got %d %q", got.Code, got.Message)
				}
			}
			if got := undoEmail(w, undo); got.Code != 200 {
				t.Fatalf("undo: got %d %q", got.Code, got.Message)
			}
			got := w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "",
				object{"profile_id": ana.Home, "email": ana.Email, "password": password, "name": "x"})
			if got.Code != 401 {
				t.Errorf("the attacker, who knows the old address and the password, signs in after the undo: got %d, want 401", got.Code)
			}
		})
	}
}

// An attacker who changes the address twice has an undo of the second change.
// It must not undo the undo of the first.
func TestUndoEndsTheUndosOfLaterChanges(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	mine := moveEmail(w, ana.Token, ana.Email, "mallory-1@example.net")
	w.Advance(time.Second)
	theirs := moveEmail(w, ana.Token, "mallory-1@example.net", "mallory-2@example.net")
	w.Advance(time.Second)
	if got := undoEmail(w, mine); got.Code != 200 {
		t.Fatalf("undo the first: got %d %q", got.Code, got.Message)
	}
	got := setPassword(w, mailed(w, ana.Email, mailing.KindPasswordReset), "wicker falcon marble", "")
	if got.Code != 200 {
		t.Fatalf("the person sets a password: got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Second)
	if got := undoEmail(w, theirs); got.Code != 400 {
		t.Errorf("the attacker undoes the second change after that: got %d, want 400", got.Code)
	}
	if code := mailed(w, "mallory-1@example.net", mailing.KindPasswordReset); code != "" {
		t.Error("the attacker's address got a code for a new password")
	}
	if got := login(w, ana.Email, "wicker falcon marble"); got != 200 {
		t.Errorf("the person signs in: got %d, want 200", got)
	}
}

// The undo of an earlier change still works after that of a later one. So the
// first owner has the account in the end.
func TestTheFirstHolderUndoesLast(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	first := moveEmail(w, ana.Token, ana.Email, "mallory-1@example.net")
	w.Advance(time.Second)
	second := moveEmail(w, ana.Token, "mallory-1@example.net", "mallory-2@example.net")
	w.Advance(time.Second)
	if got := undoEmail(w, second); got.Code != 200 {
		t.Fatalf("undo the second: got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Second)
	if got := undoEmail(w, first); got.Code != 200 {
		t.Fatalf("undo the first: got %d %q", got.Code, got.Message)
	}
	var holders []string
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "E#") && it.SK == "E" && !strings.Contains(it.Text, "expires") {
			holders = append(holders, it.PK)
		}
	}
	if !reflect.DeepEqual(holders, []string{"E#" + string(ana.Email)}) {
		t.Errorf("the addresses held for good are %v, want the first one", holders)
	}
	got := setPassword(w, mailed(w, ana.Email, mailing.KindPasswordReset), another, "")
	if got.Code != 200 || login(w, ana.Email, another) != 200 {
		t.Errorf("the person sets a password: got %d %q", got.Code, got.Message)
	}
}

// An invitation to the former address is for the reader of its mail. The
// account that had the address cannot answer it.
func TestAnInvitationToTheFormerAddress(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	moveEmail(w, ana.Token, ana.Email, "ana@example.net")
	got := w.Call(operation.TeamInvite, "POST", "/profile/current/team", ben.Token, object{"email": ana.Email})
	if got.Code != 200 {
		t.Fatalf("invite: got %d %q", got.Code, got.Message)
	}
	var code string
	for _, m := range w.Mail(ana.Email) {
		if m.Kind == mailing.KindTeamInvited || m.Kind == mailing.KindTeamInvitedNew {
			code = m.Data["code"]
		}
	}
	if got := w.Call(operation.TeamAccept, "GET", "/profile/team/accept/"+code, "", nil); got.Code == 200 {
		t.Errorf("a code sent to the former address makes the account a member: got %d", got.Code)
	}
}

// A transfer to the former address is not for the account that had it.
func TestATransferToTheFormerAddress(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	plant := ben.Profile("plant")
	moveEmail(w, ana.Token, ana.Email, "ana@example.net")
	ticket := w.Offer(plant, ben, ana.Email)
	got := w.Call(operation.TransferAccept, "POST", "/transfer/"+string(ticket.ID)+"/accept", ana.Token,
		object{"code": ticket.Answer, "password": testkit.Password})
	if got.Code == 200 {
		t.Errorf("the account accepts by a code that was sent to its former address: got %d %s", got.Code, got.Result)
	}
}

// An account may change its address ten times a week. Each change can be undone
// by the address before it, including the very first one.
func TestManyChangesOfTheAddress(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	is := ana.Email
	var first string
	for i := range 10 {
		to := value.Email(fmt.Sprintf("a%d@example.net", i))
		undo := moveEmail(w, ana.Token, is, to)
		if i == 0 {
			first = undo
		}
		is = to
		w.Advance(15 * time.Minute) // at most five an hour are asked for
	}
	code := emailCode(w, ana.Token, "last@example.net")
	if got := confirmEmail(w, code); got.Code != 429 {
		t.Errorf("the eleventh: got %d %q, want 429", got.Code, got.Message)
	}
	if got := undoEmail(w, first); got.Code != 200 {
		t.Errorf("the first is undone: got %d %q", got.Code, got.Message)
	}
	if got := confirmEmail(w, code); got.Code != 400 {
		t.Errorf("a code that was asked for before the undo: got %d %q, want 400", got.Code, got.Message)
	}
	got := setPassword(w, mailed(w, ana.Email, mailing.KindPasswordReset), another, "")
	if got.Code != 200 || login(w, ana.Email, another) != 200 {
		t.Errorf("the person is back: got %d %q", got.Code, got.Message)
	}
}

// An attacker who takes over an account and brings its address back has a code
// to undo that. A new password of the owner makes the code invalid.
func TestANewPasswordEndsTheUndosOfAddressesThatCameLater(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	moveEmail(w, ana.Token, ana.Email, "mallory@example.net")
	w.Advance(time.Second)
	back := mailedBack(w, ana)
	w.Advance(time.Second)
	if got := setPassword(w, passwordCode(w, ana.Email), another, ""); got.Code != 200 {
		t.Fatalf("the person sets a password: got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Second)
	if got := undoEmail(w, back); got.Code == 200 {
		t.Errorf("two changes that ended where they began leave mallory@example.net a code that takes the account for a week: got %d", got.Code)
	}
}

// mailedBack goes back to the first address, and returns the undo code that the
// other one got.
func mailedBack(w *testkit.World, p testkit.Person) string {
	w.Helper()
	return moveEmail(w, p.Token, "mallory@example.net", p.Email)
}

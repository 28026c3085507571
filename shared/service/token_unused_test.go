package service_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// leftAlone is a token without an end that ben has made for ana's first
// profile. No other token of that world is looked at.
type leftAlone struct {
	*testkit.World
	ana, ben testkit.Person
	id       value.TokenID
	text     string
}

const day = 24 * time.Hour

func newLeftAlone(t *testing.T, world func(testing.TB) *testkit.World) leftAlone {
	t.Helper()
	w := world(t)
	l := leftAlone{World: w, ana: w.Quick("ana"), ben: w.Quick("ben")}
	w.Share(l.ana.Home, l.ben, tenancy.PermissionFull)
	l.text = l.ben.Mint(l.ana.Home, "never")
	l.id = value.TokenID(l.text[2:10])
	l.edit(l.ben, tenancy.TokenEdit{Name: new("left alone")})
	return l
}

func (l leftAlone) edit(by testkit.Person, e tenancy.TokenEdit) {
	l.Helper()
	l.OK(l.Tokens.Edit(l.Context(), l.as(by, operation.TokenEdit), l.ref(), string(l.id), e,
		service.Credentials{Password: testkit.Password}))
}

// as is a person with a new token, as old ones have expired.
func (l leftAlone) as(p testkit.Person, o operation.Operation) service.Client {
	l.Helper()
	return testkit.ClientOf(p.Mint(p.Home, "1 hour")).For(o.Access)
}

func (l leftAlone) ref() service.ProfileRef { return service.ProfileRef{ID: l.ana.Home} }

func (l leftAlone) policy(e tenancy.TokenPolicyEdit) {
	l.Helper()
	l.OK(l.Profiles.SetTokenPolicy(l.Context(), l.as(l.ana, operation.TokenPolicySet), l.ref(), e,
		service.Credentials{Password: testkit.Password}))
}

func (l leftAlone) use(address string) {
	l.Helper()
	l.OK(l.Store.NoteUse(l.Context(), tenancy.Use{Token: l.id, Time: l.Now(), Address: address}))
}

// sweep runs the sweep, and repeats it until it finds nothing to do.
func (l leftAlone) sweep() {
	l.Helper()
	for {
		n, err := l.Tokens.Expire(l.Context())
		if l.OK(err); n == 0 {
			return
		}
	}
}

func (l leftAlone) token() tenancy.Token {
	l.Helper()
	batch := l.Store.Batch()
	found := batch.Token(l.id)
	l.OK(batch.Get(l.Context()))
	return found.Value
}

// told is how many mails of a kind about the token went to ben and to ana.
func (l leftAlone) told(kind mailing.Kind) (n [2]int) {
	l.Helper()
	for i, p := range []testkit.Person{l.ben, l.ana} {
		for _, m := range l.Mail(p.Email) {
			if m.Kind == kind && m.Data["token"] == "left alone" {
				n[i]++
			}
		}
	}
	return n
}

// noticed is how many notifications of a person have a text.
func (l leftAlone) noticed(p testkit.Person, text string) (n int) {
	l.Helper()
	told, err := l.Notifications.List(l.Context(), l.as(p, operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 99}})
	l.OK(err)
	for _, one := range told.Rows {
		if strings.Contains(one.Title+" "+one.Message, text) {
			n++
		}
	}
	return n
}

// A token that nobody uses for 90 days is told of once, to its maker and to the
// owner of the profile, and again only when it was used in between.
func TestAnUnusedTokenIsToldOfOnce(t *testing.T) {
	t.Parallel()
	l := newLeftAlone(t, testkit.New)
	wants := func(what string, n int) {
		t.Helper()
		l.sweep()
		if got := l.told(mailing.KindTokenUnused); got != [2]int{n, n} {
			t.Errorf("%s: got mails %v, want %d each", what, got, n)
		}
	}
	l.Advance(90*day - time.Millisecond)
	wants("a millisecond early", 0)
	l.Advance(time.Millisecond)
	wants("after 90 days", 1)
	if a, b := l.noticed(l.ana, "left alone"), l.noticed(l.ben, "left alone"); a != 1 || b != 1 {
		t.Errorf("got %d and %d notifications", a, b)
	}
	l.Advance(90 * day)
	wants("after another 90 days", 1)
	l.use(testkit.Home)
	l.Advance(89 * day)
	wants("while it was used again", 1)
	l.Advance(day)
	wants("90 days after it was used again", 2)
	l.Advance(500 * day)
	wants("much later", 2)
	if token := l.token(); token.Disabled() {
		t.Error("it is disabled, and the policy does not say so")
	}
}

// A token that is used is told of never. Neither is one that is disabled, nor
// one of a former member, which opens nothing.
func TestWhatIsNotToldOf(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(l leftAlone){
		"it is used": func(l leftAlone) {
			for range 9 {
				l.Advance(50 * day)
				l.use(testkit.Home)
				l.sweep()
			}
		},
		"it is disabled": func(l leftAlone) {
			l.edit(l.ana, tenancy.TokenEdit{Disabled: new(true)})
			l.Advance(90 * day)
		},
		"its maker is removed": func(l leftAlone) {
			l.OK(l.Teams.Remove(l.Context(), l.as(l.ana, operation.TeamRemove), l.ref(),
				string(l.ben.ID)))
			l.Advance(90 * day)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeftAlone(t, testkit.NewModelled)
			do(l)
			l.sweep()
			if got := l.told(mailing.KindTokenUnused); got != [2]int{} {
				t.Errorf("got %v mails", got)
			}
		})
	}
}

// With a policy that says so, a token that was not used for 365 days is
// disabled. The owner of the profile enables it, and it has 90 days then.
func TestAnUnusedTokenIsDisabled(t *testing.T) {
	t.Parallel()
	l := newLeftAlone(t, testkit.New)
	l.policy(tenancy.TokenPolicyEdit{DisableUnused: new(true)})
	for range 364 {
		l.Advance(day)
		l.sweep()
	}
	if l.token().Disabled() || l.told(mailing.KindTokenUnused) != [2]int{1, 1} {
		t.Fatalf("after 364 days: disabled %v, told %v", l.token().Disabled(),
			l.told(mailing.KindTokenUnused))
	}
	l.Advance(day)
	l.sweep()
	_, err := l.Profiles.Get(t.Context(), testkit.ClientOf(l.text).For(operation.ProfileGet.Access),
		l.ref())
	l.Refused(err, problem.CodeUnauthenticated)
	if got := l.token().DisabledBy; got != l.ana.ID {
		t.Errorf("it is disabled by %q, want the owner of the profile", got)
	}
	if l.told(mailing.KindTokenDisabled) != [2]int{1, 1} ||
		entriesWith(l.World, "Token disabled, as it was not used") != 1 {
		t.Errorf("told %v", l.told(mailing.KindTokenDisabled))
	}
	l.Advance(400 * day)
	l.edit(l.ana, tenancy.TokenEdit{Disabled: new(false)})
	l.sweep()
	l.Advance(90*day - time.Millisecond)
	l.sweep()
	if l.token().Disabled() {
		t.Error("it is disabled again within 90 days")
	}
	l.Advance(time.Millisecond)
	l.sweep()
	if !l.token().Disabled() {
		t.Error("it is not disabled again, and was never used")
	}
}

// An owner who changes the policy while the sweep decides is obeyed. A use in
// the meantime is not noticed: the token was unused when it was looked at.
func TestTheSweepMeetsAnotherPolicy(t *testing.T) {
	t.Parallel()
	l := newLeftAlone(t, testkit.NewModelled)
	l.policy(tenancy.TokenPolicyEdit{DisableUnused: new(true)})
	l.Advance(364 * day)
	l.sweep() // other tokens have ended
	l.Advance(day)
	late := service.New(service.Config{
		Keys: testkit.Keys, Background: l.Background, Now: l.Now, Log: quiet(),
		Store: interrupted(l.World, "TransactWriteItems", func() {
			l.policy(tenancy.TokenPolicyEdit{DisableUnused: new(false)})
		}),
	})
	if _, err := late.Tokens.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.token().Disabled() {
		t.Error("the token is disabled under a policy that was taken back before")
	}
}

// The first use from another network is told to the maker and to the owner, in
// one notification for all networks, unless the policy wants quiet. The network
// of the very first use is no news.
func TestANewNetworkIsToldOfOnce(t *testing.T) {
	t.Parallel()
	l := newLeftAlone(t, testkit.New)
	wants := func(what, text string, n int) {
		t.Helper()
		l.sweep()
		if a, b := l.noticed(l.ana, text), l.noticed(l.ben, text); a != n || b != n {
			t.Errorf("%s: got %d and %d notifications, want %d", what, a, b, n)
		}
	}
	l.use("192.0.2.1")
	wants("the first use", "new network", 0)
	l.use("198.51.100.1")
	l.use("2001:db8::1")
	wants("two others", "used from 198.51.100.0/24, 2001:db8::/48 for the first time", 1)
	l.Advance(time.Hour)
	l.use("198.51.100.2")
	l.use("192.0.2.2")
	wants("the same again", "new network", 1)
	if n := entriesWith(l.World, "Token used from a network for the first time"); n != 1 {
		t.Errorf("got %d audit entries", n)
	}
	l.policy(tenancy.TokenPolicyEdit{NotifyNewNetwork: new(false)})
	l.use("203.0.113.1")
	wants("a policy that wants quiet", "new network", 1)
	l.policy(tenancy.TokenPolicyEdit{NotifyNewNetwork: new(true)})
	wants("after it", "new network", 1)
	l.use("203.0.112.1")
	l.OK(l.Tokens.Delete(t.Context(), l.as(l.ben, operation.TokenDelete), l.ref(), string(l.id)))
	l.sweep()
	if n, err := l.Tokens.Expire(t.Context()); n != 0 || err != nil {
		t.Errorf("the sweep finds a deleted token: %d, %v", n, err)
	}
	wants("a token that is gone", "new network", 1)
}

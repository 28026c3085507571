package service_test

import (
	"slices"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// lasting is a team of ana's first profile in which ben is a member until end.
type lasting struct {
	*testkit.World
	ana, ben testkit.Person
	token    string // of ben, for the profile
	end      time.Time
}

func (e lasting) ref() service.ProfileRef { return service.ProfileRef{ID: e.ana.Home} }

func newEnding(t *testing.T, new func(testing.TB) *testkit.World) lasting {
	t.Helper()
	w := new(t)
	e := lasting{World: w, ana: w.Quick("ana"), ben: w.Quick("ben")}
	w.Share(e.ana.Home, e.ben, tenancy.PermissionWrite)
	e.token = e.ben.Mint(e.ana.Home, "never")
	e.end = w.Now().Add(10 * 24 * time.Hour)
	w.OK(e.edit(e.end.Format(time.RFC3339Nano)))
	return e
}

func (e lasting) edit(end string) error {
	return e.Teams.Edit(e.Context(), e.ana.Client(operation.TeamEdit), e.ref(), string(e.ben.ID),
		teams.MemberEdit{Ends: end})
}

func (e lasting) sweep() int {
	e.Helper()
	n, err := e.Teams.Expire(e.Context())
	e.OK(err)
	return n
}

// reaches reports whether ben reaches the profile: with the token for it, with
// a token of an own profile, and in lists. The three always agree.
func (e lasting) reaches() bool {
	e.Helper()
	read := operation.ProfileGet.Access
	_, own := e.Profiles.Get(e.Context(), testkit.ClientOf(e.token).For(read), e.ref())
	_, other := e.Profiles.Get(e.Context(), e.ben.Client(operation.ProfileGet), e.ref())
	list, err := e.Profiles.List(e.Context(), e.ben.Client(operation.ProfileList))
	e.OK(err)
	listed := slices.ContainsFunc(list, func(g tenancy.Grant) bool {
		return g.Profile == e.ana.Home
	})
	_, account := e.Tokens.Info(e.Context(), testkit.ClientOf(e.token).For(read))
	for _, err := range []error{other, account} {
		if (err == nil) != (own == nil) {
			e.Errorf("one way leads to the profile, and another does not: %v, %v", own, err)
		}
	}
	if listed != (own == nil) {
		e.Errorf("the profile is listed: %v, and can be read: %v", listed, own)
	}
	return own == nil
}

// A membership ends by the clock, to the millisecond, and a sweep removes what
// is left of it. The member and the owner are told two days before, once.
func TestAMembershipEndsAtItsDate(t *testing.T) {
	t.Parallel()
	e := newEnding(t, testkit.New)
	told := func() [2]int {
		return [2]int{
			toldOf(e.World, e.ben.Email, mailing.KindTeamEnding),
			toldOf(e.World, e.ana.Email, mailing.KindTeamEndingOwner),
		}
	}
	if e.sweep() != 0 || !e.reaches() {
		t.Error("the membership ends ten days early")
	}
	e.Advance(8 * 24 * time.Hour)
	if n := e.sweep() + e.sweep(); n != 1 || told() != [2]int{1, 1} || !e.reaches() {
		t.Errorf("two days before, the sweep did %d, and told %v", n, told())
	}
	e.Advance(2*24*time.Hour - time.Millisecond)
	if e.sweep() != 0 || !e.reaches() {
		t.Error("the membership ends a millisecond early")
	}
	e.Advance(time.Millisecond)
	if e.reaches() {
		t.Error("the membership lasts until the sweep")
	}
	_, err := e.Tokens.CreateAtLogin(e.Context(), e.ben.Client(operation.AccountTokenCreate),
		tokens.NewToken{
			Profile: e.ref(), Email: string(e.ben.Email), Name: "late",
			Credentials: service.Credentials{Password: testkit.Password},
		})
	e.Refused(err, problem.CodeNotFound)
	if len(members(e.World, e.ana)) != 0 {
		t.Error("the member whose membership has ended is listed")
	}
	if n := e.sweep() + e.sweep(); n != 1 || told() != [2]int{1, 1} {
		t.Errorf("at the end, the sweep did %d, and told %v", n, told())
	}
	if _, team, err := e.Store.ProfileWithMembers(t.Context(), e.ana.Home); err != nil ||
		len(team) != 0 {
		t.Errorf("the sweep leaves %v, %v", team, err)
	}
	e.Refused(e.Teams.Restore(t.Context(), e.ana.Client(operation.TeamRestore), e.ref(),
		string(e.ben.ID)), problem.CodeInvalid)
}

// The owner moves an end, removes it, and sets one so near that nobody is told.
func TestAnEndIsMoved(t *testing.T) {
	t.Parallel()
	e := newEnding(t, testkit.NewModelled)
	e.Advance(9 * 24 * time.Hour)
	if n := e.sweep(); n != 1 {
		t.Errorf("the sweep told of %d", n)
	}
	e.OK(e.edit("30 days"))
	e.Advance(2 * 24 * time.Hour)
	if e.sweep() != 0 || !e.reaches() {
		t.Error("the membership ends at its former date")
	}
	e.Advance(27 * 24 * time.Hour)
	if n := e.sweep(); n != 1 {
		t.Errorf("the sweep told of %d ends that were moved", n)
	}
	e.OK(e.edit("never"))
	e.Advance(30 * 24 * time.Hour)
	if e.sweep() != 0 || !e.reaches() {
		t.Error("a membership without an end ends")
	}
	e.OK(e.edit("1 hour"))
	if e.sweep() != 0 {
		t.Error("the owner is told of an end that it has just set")
	}
	e.Advance(time.Hour)
	if e.reaches() || e.sweep() != 1 {
		t.Error("the membership lasts longer than an hour")
	}
	e.Refused(e.edit("never"), problem.CodeNotFound)
}

// A date without a time of day is the end of that day where the owner is.
func TestAMembershipEndsWithTheOwnersDay(t *testing.T) {
	t.Parallel()
	e := newEnding(t, testkit.NewModelled)
	e.OK(e.Accounts.Edit(t.Context(), e.ana.Client(operation.AccountEdit),
		tenancy.AccountEdit{Timezone: ptr("Asia/Tokyo")}))
	day := e.Now().AddDate(0, 0, 5).UTC().Format(time.DateOnly)
	e.OK(e.edit(day))
	e.OK(e.Teams.Invite(t.Context(), e.ana.Client(operation.TeamInvite), e.ref(),
		"zoe@example.com", teams.Offered{Ends: day}))
	tokyo := time.FixedZone("", 9*60*60)
	begins, err := time.ParseInLocation(time.DateOnly, day, tokyo)
	e.OK(err)
	team := members(e.World, e.ana)
	if len(team) != 2 {
		t.Fatalf("the team is %+v", team)
	}
	for _, m := range team {
		if want := begins.AddDate(0, 0, 1); !m.Ends.Equal(want) {
			t.Errorf("the membership of %s ends on %v, want %v", m.ID(), m.Ends, want)
		}
	}
}

// A member joins until the date of its invitation, which can be accepted until
// then.
func TestAnInvitationOffersAnEnd(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana, ben, cleo := w.Quick("ana"), w.Quick("ben"), w.Quick("cleo")
	ref := service.ProfileRef{ID: ana.Home}
	_, err := w.Teams.InviteMany(t.Context(), ana.Client(operation.TeamInviteMany), ref,
		[]string{string(ben.Email), string(cleo.Email)}, teams.Offered{Ends: "3 days"})
	w.OK(err)
	end := w.Now().Add(3 * 24 * time.Hour)
	w.Advance(time.Hour)
	code := func(of testkit.Person) string { return w.Mail(of.Email)[0].Data["code"] }
	w.OK(w.Teams.Accept(t.Context(), ben.Client(operation.InvitationAccept), code(ben)))
	if got := members(w, ana); len(got) != 2 || !got[0].Ends.Equal(end) || !got[1].Ends.Equal(end) {
		t.Errorf("the team is %+v, want two until %v", got, end)
	}
	w.Advance(3 * 24 * time.Hour)
	w.Refused(w.Teams.Accept(t.Context(), cleo.Client(operation.InvitationAccept), code(cleo)),
		problem.CodeInvalid)
	for _, wrong := range []string{"yesterday", "2001-01-01", "101 years"} {
		w.Refused(w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), ref,
			"zoe@example.com", teams.Offered{Ends: wrong}), problem.CodeInvalid)
	}
}

// A membership whose end always fails holds up no invitation.
func TestAFailingEndStopsNoInvitation(t *testing.T) {
	t.Parallel()
	e := newEnding(t, testkit.NewModelled)
	e.Advance(7 * 24 * time.Hour)
	e.OK(e.Teams.Invite(t.Context(), e.ana.Client(operation.TeamInvite), e.ref(),
		"zoe@example.com", teams.Offered{}))
	e.Advance(8 * 24 * time.Hour)
	e.Faults.Poison("M#" + string(e.ben.ID))
	if n, err := e.Teams.Expire(t.Context()); n != 1 || err == nil {
		t.Errorf("the sweep did %d, %v, want the invitation and an error", n, err)
	}
}

// An owner who moves the end while the sweep acts on the former one wins or
// loses as a whole: the member is told of, or loses, the end that stands.
func TestTheSweepMeetsAMovedEnd(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{"it tells": false, "it ends": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnding(t, testkit.NewModelled)
			e.Advance(8 * 24 * time.Hour)
			if told {
				e.sweep()
				e.Advance(2*24*time.Hour - time.Millisecond)
			}
			// The clock of the sweep is ahead of the owner's.
			ahead := func() time.Time { return e.Now().Add(time.Millisecond) }
			late := service.New(service.Config{
				Keys: testkit.Keys, Background: e.Background, Now: ahead, Log: quiet(),
				Store: interrupted(e.World, "TransactWriteItems", func() {
					e.OK(e.edit("60 days"))
				}),
			})
			if _, err := late.Teams.Expire(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !e.reaches() {
				t.Error("the member is gone before the end that the owner set")
			}
		})
	}
}

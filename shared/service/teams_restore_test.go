package service_test

import (
	"reflect"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// removal is a team of ana's first profile that ben, a member with permission
// to read, was removed from.
type removal struct {
	*testkit.World
	ana, ben, cleo testkit.Person
	before         tenancy.Team // as it was before the removal
	old            string       // the token that ben had
}

func (r removal) ref() service.ProfileRef { return service.ProfileRef{ID: r.ana.Home} }

func (r removal) remove() error { return r.removeBy(r.ana) }

func (r removal) removeBy(by testkit.Person) error {
	return r.Teams.Remove(r.Context(), by.Client(operation.TeamRemove), r.ref(), string(r.ben.ID))
}

func (r removal) restore() error { return r.restoreWith(r.Services) }

func (r removal) restoreWith(s *service.Services) error {
	return s.Teams.Restore(r.Context(), r.ana.Client(operation.TeamRestore), r.ref(),
		string(r.ben.ID))
}

func newRemoval(t *testing.T, new func(testing.TB) *testkit.World) removal {
	t.Helper()
	w := new(t)
	r := removal{World: w, ana: w.Quick("ana"), ben: w.Quick("ben"), cleo: w.Quick("cleo")}
	w.Share(r.ana.Home, r.ben, tenancy.PermissionRead)
	w.Advance(time.Second)
	w.Share(r.ana.Home, r.cleo, tenancy.PermissionWrite)
	r.old = r.ben.Mint(r.ana.Home, "never")
	r.before = members(w, r.ana)
	w.Advance(time.Minute)
	w.OK(r.remove())
	return r
}

// Only the epoch of the membership is new, so that the tokens of before stay
// revoked. The sweep that removes them does not touch those that are made
// afterwards.
func TestARestoredMemberIsWhereItWas(t *testing.T) {
	t.Parallel()
	r := newRemoval(t, testkit.NewModelled)
	r.Advance(tenancy.RemovalUndo - time.Millisecond)
	r.OK(r.restore())
	after := members(r.World, r.ana)
	for i, m := range after {
		if m.Account == r.ben.ID {
			if m.Epoch <= r.before[i].Epoch {
				t.Errorf("the epoch is %d, want a later one than %d", m.Epoch, r.before[i].Epoch)
			}
			after[i].Epoch = r.before[i].Epoch
		}
	}
	if !reflect.DeepEqual(after, r.before) {
		t.Errorf("the team is %+v, want %+v", after, r.before)
	}
	fresh := r.ben.Mint(r.ana.Home, "never")
	if _, err := r.Profiles.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	for token, alive := range map[string]bool{r.old: false, fresh: true} {
		_, err := r.Profiles.Get(t.Context(),
			testkit.ClientOf(token).For(operation.ProfileGet.Access), r.ref())
		if (err == nil) != alive {
			t.Errorf("a token answers %v; alive should be %v", err, alive)
		}
	}
	if n := r.Count("D#"+string(r.ana.Home), "R#"); n != 0 {
		t.Errorf("%d removals are left of a member that is back, want none", n)
	}
}

func TestAMemberIsNotRestored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(removal)
		want      problem.Reason
	}{
		"an hour after the removal": {func(r removal) {
			r.Advance(tenancy.RemovalUndo)
		}, problem.ReasonRemovalFinal},
		"a second time": {func(r removal) { r.OK(r.restore()) }, problem.ReasonAlreadyMember},
		"after it came back and left by itself": {func(r removal) {
			r.OK(r.restore())
			r.OK(r.removeBy(r.ben))
		}, problem.ReasonRemovalFinal},
		"after it came back by invitation and left": {func(r removal) {
			r.OK(r.Teams.AcceptByCode(r.Context(), service.Client{},
				invited(r.World, r.ana, r.ben.Email)))
			r.OK(r.removeBy(r.ben))
		}, problem.ReasonRemovalFinal},
		"into a team without room": {func(r removal) {
			for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
				err := r.Teams.Invite(r.Context(), r.ana.Client(operation.TeamInvite), r.ref(),
					name+"@example.com", teams.Offered{})
				if problem.ReasonOf(err) == problem.ReasonTeamFull {
					return
				}
				r.OK(err)
			}
			r.Fatal("the team has room for all")
		}, problem.ReasonTeamFull},
		"after its account was deleted": {func(r removal) {
			r.OK(deleteAccount(r.Services, r.World, r.ben))
		}, problem.ReasonNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemoval(t, testkit.NewModelled)
			c.meanwhile(r)
			before := r.State()
			err := r.restore()
			if got := problem.ReasonOf(err); got != c.want || err == nil {
				t.Errorf("got %v, want the code %s", err, c.want)
			}
			if r.State() != before {
				t.Error("a refusal has changed the table")
			}
		})
	}
}

// An invitation of the same person ends when the membership is back, so that it
// takes no second place in the team.
func TestARestoredMemberNeedsNoInvitation(t *testing.T) {
	t.Parallel()
	r := newRemoval(t, testkit.NewModelled)
	code := invited(r.World, r.ana, r.ben.Email)
	r.OK(r.restore())
	if got, want := len(members(r.World, r.ana)), len(r.before); got != want {
		t.Errorf("the team has %d rows, want %d", got, want)
	}
	r.Refused(r.Teams.AcceptByCode(t.Context(), service.Client{}, code), problem.CodeInvalid)
}

// Whatever happens between the reads and the write of a restoration, the
// decision is made again on what is there then.
func TestARestorationLosesRaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(r removal)
		want      problem.Reason
	}{
		"against another one": {
			func(r removal) { r.OK(r.restore()) }, problem.ReasonAlreadyMember,
		},
		"against one, and the person who leaves": {func(r removal) {
			r.OK(r.restore())
			r.OK(r.removeBy(r.ben))
		}, problem.ReasonRemovalFinal},
		"against the invitation that takes the last place": {func(r removal) {
			for i := range 6 {
				err := r.Teams.Invite(r.Context(), r.ana.Client(operation.TeamInvite), r.ref(),
					string(rune('a'+i))+"@example.com", teams.Offered{})
				if err != nil {
					return
				}
			}
		}, problem.ReasonTeamFull},
		"against the deletion of the account": {func(r removal) {
			r.OK(deleteAccount(r.Services, r.World, r.ben))
		}, problem.ReasonNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemoval(t, testkit.NewModelled)
			late := service.New(service.Config{
				Keys: testkit.Keys, Background: r.Background, Now: r.Now, Log: quiet(),
				Store: interrupted(r.World, "TransactWriteItems", func() { c.meanwhile(r) }),
			})
			err := r.restoreWith(late)
			if got := problem.ReasonOf(err); got != c.want || err == nil {
				t.Errorf("got %v, want the code %s", err, c.want)
			}
			checkWorld(r.World)
		})
	}
}

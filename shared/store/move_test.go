package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// grants are the grants on a profile, by the names of their accounts.
type grants map[string]*store.Found[tenancy.Grant]

// movedAs fails the test unless the table has what a move must leave.
func (d *deal) movedAs(t *testing.T, m transfer.Move, want grants, team tenancy.Team) {
	t.Helper()
	batch := d.w.Store.Batch()
	got := grants{}
	ids := map[string]value.AccountID{"source": d.source.ID, "destination": d.destination.ID}
	for _, member := range slices.Concat(m.Stay, m.Leave) {
		ids[string(member.Account)] = member.Account
	}
	for name, id := range ids {
		got[name] = batch.Grant(id, d.profile.ID)
	}
	source := batch.Account(d.source.ID)
	destination := batch.Account(d.destination.ID)
	ended := batch.Transfer(d.transfer.ID)
	d.w.OK(batch.Get(t.Context()))
	for name := range got {
		if want[name] == nil {
			want[name] = &store.Found[tenancy.Grant]{}
		}
		same(t, "grant of "+name, got[name], want[name])
	}
	same(t, "source account", source.Value, at(m.Source, m.Source.Version+1))
	same(t, "destination account", destination.Value, at(m.Destination, m.Destination.Version+1))
	same(t, "transfer", ended.Value, d.transfer)
	p, members, err := d.w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
	d.w.OK(err)
	same(t, "profile", p, at(m.Profile, m.Profile.Version+1))
	byAccount := func(a, b tenancy.Member) int { return strings.Compare(a.ID(), b.ID()) }
	slices.SortFunc(members, byAccount)
	slices.SortFunc(team, byAccount)
	same(t, "team", members, team)
	kept := unix(d.w.Now().Add(transfer.Kept))
	same(t, "what is forgotten", d.ttls(),
		map[string]string{"transfer": kept, "source": kept, "destination": kept})
	same(t, "due transfers", due(d.w, store.DueTransfer, d.w.Now().Add(365*day)), nil)
}

func found(g tenancy.Grant) *store.Found[tenancy.Grant] {
	return &store.Found[tenancy.Grant]{Value: g, OK: true}
}

// A move of a profile, whose team has members of each kind, writes exactly
// these items. It does not change tokens.
func TestAMoveInTheTable(t *testing.T) {
	t.Parallel()
	t.Run(
		"the previous owner and a member leave, another one stays, an invitation is open",
		func(t *testing.T) {
			w := testkit.New(t)
			d := newDeal(w)
			stays, leaves, invitation := d.join(), d.join(), d.invite()
			for _, id := range []value.AccountID{d.source.ID, stays.Account, leaves.Account} {
				d.token(id)
			}
			d.open()
			w.Advance(time.Second)
			terms := staying(tenancy.PermissionNone, stays)
			terms.Name = "renamed"
			var m transfer.Move
			d.wrote("the move", map[string]string{
				string(stays.Account):   "stays",
				string(leaves.Account):  "leaves",
				ms(w.Now()):             "now",
				string(invitation.Code): "code",
				string(invitation.ID):   "invitation",
			}, func() { m = d.move(terms) }, `
			+A#destination P#profile
			+A#destination X#created#ticket
			+B#destination S#000000000001
			+B#source S#000000000001
			+D#profile M#leaves
			+D#profile M#source
			+P#profile C#now
			-A#leaves P#profile
			-A#source P#profile
			-E#destination@example.com X#created#ticket
			-E#code@example.com I#code
			-I#code I
			-P#profile M#I#invitation
			-P#profile M#leaves
			-P#profile X
			-Q#desk created#ticket
			~A#destination A
			~A#source A
			~A#source X#created#ticket
			~A#stays P#profile
			~P#profile M#stays
			~P#profile P
			~X#ticket X`)
			stays.Permission = tenancy.PermissionRead
			d.movedAs(t, m, grants{
				"destination":         found(m.Profile.OwnerGrant()),
				string(stays.Account): found(m.Profile.MemberGrant(stays)),
			}, tenancy.Team{stays})
			if m.Profile.Name != "renamed" || m.Profile.Epoch != w.Now().UnixMilli() ||
				m.Profile.Owner != d.destination.ID {
				t.Errorf("the rules moved nothing: %+v", m.Profile)
			}
			got := due(w, store.DueMember, w.Now())
			slices.Sort(got)
			want := []string{string(d.profile.ID) + string(d.source.ID),
				string(d.profile.ID) + string(leaves.Account)}
			slices.Sort(want)
			same(t, "former members", got, want)
			batch := w.Store.Batch()
			gone := batch.Invitation(invitation.Code)
			w.OK(batch.Get(t.Context()))
			offers, err := w.Store.Offers(t.Context(), invitation.Email, w.Now())
			w.OK(err)
			if gone.OK || len(offers) != 0 ||
				len(due(w, store.DueInvitation, w.Now().Add(365*day))) != 0 {
				t.Errorf("the invitation outlived its owner: %+v, offers %v", gone, offers)
			}
		},
	)

	t.Run("the previous owner stays, the receiving account was a member", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		d.joinReceiver()
		for _, id := range []value.AccountID{d.source.ID, d.destination.ID} {
			d.token(id)
		}
		d.open()
		w.Advance(time.Second)
		var m transfer.Move
		d.wrote(
			"the move",
			map[string]string{ms(w.Now()): "now"},
			func() { m = d.move(staying(tenancy.PermissionWrite)) },
			`
			+A#destination X#created#ticket
			+B#destination S#000000000001
			+B#source S#000000000001
			+D#profile M#destination
			+D#profile M#source
			+P#profile C#now
			+P#profile M#source
			-E#destination@example.com X#created#ticket
			-P#profile M#destination
			-P#profile X
			-Q#desk created#ticket
			~A#destination A
			~A#destination P#profile
			~A#source A
			~A#source P#profile
			~A#source X#created#ticket
			~P#profile P
			~X#ticket X`,
		)
		d.movedAs(t, m, grants{
			"destination": found(m.Profile.OwnerGrant()),
			"source":      found(m.Profile.MemberGrant(*m.Previous)),
		}, tenancy.Team{*m.Previous})
	})
}

// A lapsed invitation is left to the sweep of invitations, which must not fail
// because of the move.
func TestAMoveLeavesALapsedInvitation(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	invitation := d.invite()
	w.Advance(tenancy.InvitationLife)
	d.open()
	m := d.move(transfer.Terms{})
	d.movedAs(t, m, grants{"destination": found(m.Profile.OwnerGrant())},
		tenancy.Team{invitation.Pending()})
	must(w,
		func(tx *store.Tx) { tx.EndInvitation(invitation, tenancy.InvitationExpired, errRefused) })
	// The place of the invitation stays for a while. The new owner's list
	// leaves it out.
	d.movedAs(t, m, grants{"destination": found(m.Profile.OwnerGrant())}, tenancy.Team{invitation.Pending()})
}

// Clocks differ, so a second move may have the time of the first or an earlier
// one. The epoch of the profile still puts it after the first, and it revokes
// what the first one allowed.
func TestAMoveByAClockThatIsBehind(t *testing.T) {
	t.Parallel()
	for name, behind := range map[string]time.Duration{"at the same instant": 0, "five milliseconds behind": 5 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			d := newDeal(w)
			d.open()
			first := d.move(staying(tenancy.PermissionFull))
			d.turn()
			w.Advance(-behind)
			d.open()
			second := d.move(staying(tenancy.PermissionFull))
			if second.Profile.Epoch <= first.Profile.Epoch ||
				second.Previous.Epoch <= first.Profile.Epoch {
				t.Errorf("epochs %d and then %d, %d", first.Profile.Epoch, second.Profile.Epoch,
					second.Previous.Epoch)
			}
			var cuts []transfer.ID
			for cut, err := range w.Store.CostCuts(t.Context(), d.profile.ID) {
				w.OK(err)
				cuts = append(cuts, cut.Transfer)
			}
			if want := []transfer.ID{first.Transfer.ID, second.Transfer.ID}; !slices.Equal(cuts,
				want) {
				t.Errorf("got the marks %v, want %v", cuts, want)
			}
		})
	}
}

// Of many requests that complete one transfer at the same time, one succeeds.
func TestOneMoveOfMany(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	d.token(d.source.ID)
	d.open()
	w.Advance(time.Second)
	m := d.decide(transfer.Terms{})
	const n = 6
	results := make(chan error, n)
	for i := range n {
		go func() {
			tx := w.Store.Begin()
			if i%2 == 0 {
				tx.MoveProfile(m)
			} else {
				tx.EndTransfer(ended(d.transfer, transfer.Canceled, w.Now()))
			}
			results <- tx.CommitAside(w.Context(), store.Origin{})
		}()
	}
	won := 0
	for range n {
		switch err := <-results; {
		case err == nil:
			won++
		case !errors.Is(err, problem.ErrConflict):
			t.Errorf("got %v, want success or ErrConflict", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of them were first, want 1", won)
	}
	batch := w.Store.Batch()
	got, grant := batch.Transfer(d.transfer.ID), batch.Grant(d.destination.ID, d.profile.ID)
	w.OK(batch.Get(t.Context()))
	if moved := got.Value.State == transfer.Completed; moved != grant.OK ||
		moved != (d.stored().Owner == d.destination.ID) {
		t.Errorf("the transfer is %s, and the profile %+v", got.Value.State, d.stored())
	}
}

package store_test

import (
	"fmt"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// A move takes the same requests, actions and capacity with any number of
// tokens.
func TestAMoveCostsTheSameWithAnyNumberOfTokens(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	cost := func(tokens int, terms func(tenancy.Member) transfer.Terms) (int, testkit.Usage) {
		t.Helper()
		d := newDeal(w)
		member, receiver := d.join(), d.joinReceiver()
		for i := range tokens {
			d.token([]value.AccountID{d.source.ID, member.Account, receiver.Account}[i%3])
		}
		d.open()
		w.Advance(time.Second)
		before := w.Count("T#", "") + w.Count("P#", "T#")
		m := d.decide(terms(member))
		tx := w.Store.Begin()
		w.Meter.Reset()
		tx.MoveProfile(m)
		actions := store.Actions(tx)
		w.OK(tx.CommitAside(t.Context(), store.Origin{}))
		used := w.Meter.Reset()
		if n := w.Count("T#", "") + w.Count("P#", "T#"); n != before {
			t.Errorf("%d tokens and rows after a move, want the %d there were", n, before)
		}
		return actions, used
	}
	for name, terms := range map[string]func(tenancy.Member) transfer.Terms{
		"everybody leaves": func(tenancy.Member) transfer.Terms { return transfer.Terms{} },
		"everybody stays":  func(m tenancy.Member) transfer.Terms { return staying(tenancy.PermissionFull, m) },
	} {
		none, with0 := cost(0, terms)
		many, with50 := cost(50, terms)
		if none != many {
			t.Errorf("%s: got %d actions without tokens and %d with 50, want as many", name, none, many)
		}
		if with0.Requests != 1 || with50.Requests != 1 || with0.Capacity() != with50.Capacity() ||
			with0.Capacity() == 0 {
			t.Errorf("%s: without tokens %+v, with 50 %+v", name, with0, with50)
		}
	}
}

// roomForNotices is the number of actions that a move must leave for its other
// effects: two mails, a notification for each side and for each of five
// members, four audit entries, and two counters of attempts.
const roomForNotices = 2 + 2 + 5 + 4 + 2

// The largest moves fit into one transaction, together with all notices about
// them.
func TestTheLargestMove(t *testing.T) {
	t.Parallel()
	most := plan.Scale.Limits().Members
	for name, team := range map[string]func(*deal) transfer.Terms{
		"a full team leaves": func(d *deal) transfer.Terms {
			for range most {
				d.join()
			}
			return staying(tenancy.PermissionFull)
		},
		"a full team leaves, one of whom becomes the owner": func(d *deal) transfer.Terms {
			for range most - 1 {
				d.join()
			}
			d.joinReceiver()
			return staying(tenancy.PermissionFull)
		},
		"invitations fill the team": func(d *deal) transfer.Terms {
			for range most {
				d.invite()
			}
			return staying(tenancy.PermissionFull)
		},
		"almost a full team stays, with the previous owner": func(d *deal) transfer.Terms {
			var stay []tenancy.Member
			for range most - 1 {
				stay = append(stay, d.join())
			}
			d.join()
			return staying(tenancy.PermissionFull, stay...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := testkit.New(t)
			d := newDeal(w)
			terms := team(d)
			d.open()
			w.Advance(time.Second)
			m := d.decide(terms)
			if n := len(m.Stay) + len(m.Leave) + len(m.Void); m.Previous == nil || n < most-1 ||
				m.Joined == nil && n != most {
				t.Fatalf("a team of %d is not the largest", n)
			}
			tx := w.Store.Begin()
			tx.MoveProfile(m)
			used := store.Actions(tx)
			if left := store.MaxActions - used; left < roomForNotices {
				t.Fatalf(
					"the move takes %d actions and leaves %d, want %d",
					used,
					left,
					roomForNotices,
				)
			}
			// The transaction is filled up to the largest number of actions.
			for store.Actions(tx) < store.MaxActions {
				tx.Audit(
					auditlog.Entry{
						ID:   fmt.Sprintf("%024d", store.Actions(tx)),
						Log:  string(d.profile.ID),
						Time: w.Now(),
					},
				)
			}
			w.OK(tx.CommitAside(t.Context(), store.Origin{}))
			_, members, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
			w.OK(err)
			if len(members) != len(m.Stay)+1 {
				t.Errorf("got a team of %d, want %d", len(members), len(m.Stay)+1)
			}
		})
	}
}

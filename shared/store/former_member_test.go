package store_test

import (
	"fmt"
	"testing"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// The purge after a move deletes the tokens that the move made invalid, whether
// or not their account can still open the profile. It deletes no other token.
func TestPurgeAfterAMove(t *testing.T) {
	t.Parallel()
	t.Run("the previous owner leaves", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		stays, leaves := d.join(), d.join()
		tokens := map[string]tenancy.Token{
			"member who stays":  d.token(stays.Account),
			"member who leaves": d.token(leaves.Account),
			"owner":             d.token(d.source.ID),
			"owner, another":    d.token(d.source.ID),
		}
		d.open()
		w.Advance(time.Second)
		d.move(staying(tenancy.PermissionNone, stays))
		// This token is made in the very millisecond of the move.
		tokens["new owner"] = d.token(d.destination.ID)
		w.Advance(time.Second)
		tokens["new owner, later"] = d.token(d.destination.ID)
		tokens["member who stays, later"] = d.token(stays.Account)
		purge(w)
		same(
			t,
			"tokens",
			d.left(tokens),
			[]string{"member who stays", "member who stays, later", "new owner",
				"new owner, later"},
		)
	})
	t.Run("in steps", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		stays := d.join()
		kept := map[string]tenancy.Token{}
		for i := range 2*store.PurgePage + 3 {
			d.token(stays.Account)
			kept[fmt.Sprint(i)] = d.token(d.source.ID)
		}
		w.Advance(time.Second)
		// The second run begins again, as the position of the first is lost.
		next, done, err := w.Store.PurgeMember(
			t.Context(), d.profile.ID, stays.Account, w.Now(), "",
		)
		w.OK(err)
		left := len(rows(w, d.profile.ID, false, 0)) - len(kept)
		if done || next == "" || left != store.PurgePage+3 {
			t.Errorf("a step leaves %d tokens, from %q on, done: %v", left, next, done)
		}
		if steps := purgeMember(w, d.profile.ID, stays.Account, w.Now()); steps != 2 {
			t.Errorf("it took %d more steps, want 2", steps)
		}
		if got := d.left(kept); len(got) != len(kept) ||
			len(rows(w, d.profile.ID, false, 0)) != len(kept) {
			t.Errorf("got %v of %d tokens", got, len(kept))
		}
	})
	t.Run("more tokens than a page", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		stays := d.join()
		kept := map[string]tenancy.Token{}
		for i := range 2*store.PurgePage + 3 {
			d.token(d.source.ID)
			if i%7 == 0 {
				kept[fmt.Sprint(i)] = d.token(stays.Account)
			}
		}
		d.open()
		w.Advance(time.Second)
		d.move(staying(tenancy.PermissionRead, stays))
		kept["as a member"] = d.token(d.source.ID)
		purge(w)
		if got := d.left(kept); len(got) != len(kept) {
			t.Errorf("the tokens %v of %d are left, want all", got, len(kept))
		}
		if n := len(rows(w, d.profile.ID, false, 0)); n != len(kept) {
			t.Errorf("%d rows are left, want %d", n, len(kept))
		}
	})
	t.Run(
		"the previous owner stays as a member, the receiving account was one",
		func(t *testing.T) {
			w := testkit.New(t)
			d := newDeal(w)
			w.Advance(time.Second)
			d.joinReceiver()
			tokens := map[string]tenancy.Token{
				"owner":                d.token(d.source.ID),
				"receiver as a member": d.token(d.destination.ID),
			}
			d.open()
			w.Advance(time.Second)
			d.move(staying(tenancy.PermissionFull))
			tokens["previous owner as a member"] = d.token(d.source.ID)
			tokens["new owner"] = d.token(d.destination.ID)
			w.Advance(time.Second)
			tokens["previous owner as a member, later"] = d.token(d.source.ID)
			purge(w)
			same(
				t,
				"tokens",
				d.left(tokens),
				[]string{"new owner", "previous owner as a member",
					"previous owner as a member, later"},
			)
		},
	)
}

// The purge does the same after a second move, which returns the profile.
func TestPurgeAfterAProfileCameBack(t *testing.T) {
	t.Parallel()
	for _, stays := range []tenancy.Permission{tenancy.PermissionNone, tenancy.PermissionFull} {
		for _, between := range []bool{true, false} {
			t.Run(
				fmt.Sprintf(
					"the profile comes back; the owner in between had %s permission; purged in between: %v",
					stays,
					between,
				),
				func(t *testing.T) {
					w := testkit.New(t)
					d := newDeal(w)
					ana, ben := d.source.ID, d.destination.ID
					tokens := map[string]tenancy.Token{"ana at first": d.token(ana)}
					d.open()
					w.Advance(time.Second)
					d.move(staying(stays))
					tokens["ben as the owner"] = d.token(ben)
					if stays != tenancy.PermissionNone {
						tokens["ana as a member"] = d.token(ana)
					}
					if between {
						purge(w)
						want := []string{"ben as the owner"}
						if stays != tenancy.PermissionNone {
							want = []string{"ana as a member", "ben as the owner"}
						}
						same(t, "tokens between the moves", d.left(tokens), want)
					}
					w.Advance(time.Second)
					d.turn()
					d.open()
					w.Advance(time.Second)
					d.move(staying(stays))
					tokens["ana again"] = d.token(ana)
					want := []string{"ana again"}
					if stays != tenancy.PermissionNone {
						tokens["ben as a member"] = d.token(ben)
						want = append(want, "ben as a member")
					}
					w.Advance(time.Second)
					purge(w)
					same(t, "tokens", d.left(tokens), want)
				},
			)
		}
	}
}

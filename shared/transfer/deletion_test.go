package transfer_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Only open transfers that concern a deleted account end with it. They end for
// good, and show no more of the account than the other side knew.
func TestWhatBecomesOfTransfersOfADeletedAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		deleted := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
		d := tenancy.AccountDeletion{Account: "gone", Email: "gone@example.com", Deleted: deleted}
		now := deleted.Add(
			time.Duration(rapid.IntRange(0, 20*24).Draw(t, "hours later")) * time.Hour,
		)
		tr := transfer.Transfer{
			ID:     "TR-0000-0000",
			Source: rapid.SampledFrom([]value.AccountID{"gone", "x"}).Draw(t, "source"),
			Destination: rapid.SampledFrom([]value.AccountID{"", "gone", "y"}).
				Draw(t, "destination"),
			Email: rapid.SampledFrom([]value.Email{"gone@example.com", "y@example.com"}).
				Draw(t, "address"),
			State: rapid.SampledFrom([]transfer.State{transfer.Requested, transfer.Completed,
				transfer.Canceled, transfer.Declined, transfer.Rejected, transfer.Expired,
				transfer.Failed}).
				Draw(t, "state"),
		}
		tr.Created = deleted.Add(
			time.Duration(rapid.IntRange(-10*24, 2).Draw(t, "requested")) * time.Hour,
		)
		tr.Expires = tr.Created.Add(transfer.Life)
		concerned := tr.Source == d.Account || tr.Destination == d.Account ||
			tr.Destination == "" && tr.Email == d.Email && !tr.Created.After(deleted)

		got, err := tr.Without(d, now)
		switch {
		case tr.State != transfer.Requested || now.Before(tr.Expires) && !concerned:
			if err != problem.ErrDone || got.State != tr.State {
				t.Fatalf("got %s %v, want it left alone", got.State, err)
			}
			return
		case err != nil:
			t.Fatal(err)
		case !now.Before(tr.Expires):
			if got.State != transfer.Expired {
				t.Fatalf("got %s, want it expired: its time was over", got.State)
			}
		case tr.Source == d.Account, tr.Destination == d.Account:
			void := transfer.Context{
				Transfer: tr,
				Profile:  tenancy.Profile{ID: "p", Owner: tr.Source},
			}
			if tr.Source != d.Account {
				void.Source.ID = tr.Source
			}
			if got.State != transfer.Failed || got.Reason != void.Void() {
				t.Fatalf("got %s %q, want it failed: %q", got.State, got.Reason, void.Void())
			}
		case got.State != transfer.Declined || got.Reason != "" || got.Destination != "":
			t.Fatalf("got %+v, want it declined by nobody known", got)
		}
		if _, err := got.Without(d, now.Add(time.Hour)); err != problem.ErrDone {
			t.Fatalf("again: %v", err)
		}
	})
}

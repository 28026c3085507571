package service_test

import (
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/backups"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// keeper is an owner with a backup of its first profile, and a second one to
// divide the subscription with.
type keeper struct {
	*testkit.World
	ana   testkit.Person
	home  service.ProfileRef
	other value.ProfileID
	id    backup.ID
}

func newKeeper(t *testing.T) keeper {
	w := testkit.New(t)
	k := keeper{World: w, ana: w.Quick("ana")}
	k.other = k.ana.Profile("Other")
	k.home = service.ProfileRef{ID: k.ana.Home}
	k.keep()
	return k
}

func (k *keeper) keep() {
	k.Helper()
	b, err := k.Backups.Create(k.Context(), k.ana.Client(operation.BackupCreate), k.home)
	k.OK(err)
	k.id = b.ID
}

func (k keeper) restore(dry bool) (backups.Restored, error) {
	return k.Backups.Restore(
		k.Context(), k.ana.Client(operation.BackupRestore), &k.home, k.id,
		backups.Request{Parts: backup.Parts(), DryRun: dry},
		service.Credentials{Password: testkit.Password},
	)
}

func (k keeper) allocate(input int64) error {
	return k.Billing.AllocateOne(k.Context(), k.ana.Client(operation.ProfileServices), k.home,
		map[plan.Service]int64{plan.ServiceInput: input})
}

func (k keeper) rename(name string) error {
	return k.Profiles.Edit(k.Context(), k.ana.Client(operation.ProfileEdit), k.home,
		tenancy.ProfileEdit{Name: &name})
}

// Of backups that are made at once, one is made.
func TestOneBackupADay(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	k.Advance(24 * time.Hour)
	k.ana.Token = k.ana.Mint(k.ana.Home, "never")
	make := func() error {
		_, err := k.Backups.Create(t.Context(), k.ana.Client(operation.BackupCreate), k.home)
		return err
	}
	errs := together(make, make, make, make)
	if succeeded(errs) != 1 {
		t.Errorf("got %v", errs)
	}
	for _, err := range errs {
		if err != nil && problem.ReasonOf(err) != problem.ReasonBackupToday {
			t.Errorf("got %v", err)
		}
	}
	if n := k.Count("Z#", "B#"); n != 2 {
		t.Errorf("there are %d backups, want 2", n)
	}
}

// An allocation that commits while a restoration reads is not taken back by its
// copy in the profile.
func TestARestorationWritesNoOldAllocation(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	k.OK(k.rename("Wreck"))
	// The first query reads the file. The second one reads the profile, here
	// after the batch beside it has read the account.
	k.Faults.Before("Query", 1, func() {
		read := make(chan struct{})
		k.Faults.After("BatchGetItem", 1, func() { close(read) })
		k.Faults.Before("Query", 1, func() {
			<-read
			k.OK(k.allocate(7))
		})
	})
	_, err := k.Backups.Restore(
		t.Context(), k.ana.Client(operation.BackupRestore), &k.home, k.id,
		backups.Request{Parts: []backup.Part{backup.PartSettings}},
		service.Credentials{Password: testkit.Password},
	)
	k.OK(err)
	batch := k.Store.Batch()
	p := batch.Profile(k.ana.Home)
	k.OK(batch.Get(t.Context()))
	if got := p.Value.Allocation[plan.ServiceInput]; got != 7 {
		t.Errorf("the profile has %d, and the account gives it 7", got)
	}
	checkWorld(k.World)
}

// Restorations beside other changes of the same things leave them in order.
func TestRestorationsBesideOtherChanges(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	for i := range 5 {
		errs := together(
			func() error { _, err := k.restore(false); return err },
			func() error { return k.allocate(int64(1000 + i)) },
			func() error { return k.rename(fmt.Sprint("Wreck ", i)) },
			func() error { _, err := k.restore(false); return err },
		)
		for _, err := range errs {
			if code := problem.CodeOf(err); err != nil && code != problem.CodeConflict {
				t.Errorf("got %v", err)
			}
		}
		checkWorld(k.World)
	}
}

// A dry run tells what a restoration refuses, by the same rules: here those of
// the plan that the account has now.
func TestADryRunForeseesRefusals(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	k.OK(k.Billing.EditAddons(t.Context(), k.ana.Client(operation.AddonEdit), k.home,
		map[plan.Addon]bool{plan.AllAddons()[0]: true}))
	k.Advance(24 * time.Hour)
	k.ana.Token = k.ana.Mint(k.ana.Home, "never")
	k.keep()
	k.OK(k.Profiles.Delete(t.Context(), k.ana.Client(operation.ProfileDelete),
		service.ProfileRef{ID: k.other}, service.Credentials{Password: testkit.Password}))
	k.OK(k.Billing.Edit(t.Context(), k.ana.Client(operation.SubscriptionEdit),
		billing.SubscriptionEdit{Plan: new(plan.Free)}))
	k.Advance(accountOf(k.World, k.ana).PaidUntil.Sub(k.Now()))
	_, err := k.Billing.Renew(t.Context())
	k.OK(err)
	k.ana.Token = k.ana.Mint(k.ana.Home, "never")
	foreseen, err := k.restore(true)
	k.OK(err)
	done, err := k.restore(false)
	k.OK(err)
	reasons := func(r backups.Restored) map[backup.Part]problem.Reason {
		by := map[backup.Part]problem.Reason{}
		for _, no := range r.Refusals {
			by[no.Part] = problem.ReasonOf(no.Err)
		}
		return by
	}
	got, want := reasons(foreseen), reasons(done)
	if !maps.Equal(got, want) || want[backup.PartAddons] != problem.ReasonPlanLacks {
		t.Errorf("foreseen %v, and refused are %v", got, want)
	}
}

// What fails after the commit is in the answer, which has what is shown once.
func TestARestorationWhoseRestFails(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	made, err := k.Webhooks.Create(t.Context(), k.ana.Client(operation.WebhookCreate), &k.home,
		webhook.Edit{URL: new("https://example.com/events")})
	k.OK(err)
	k.Advance(24 * time.Hour)
	k.ana.Token = k.ana.Mint(k.ana.Home, "never")
	k.keep()
	k.OK(k.Webhooks.Delete(t.Context(), k.ana.Client(operation.WebhookDelete), &k.home, made.ID))
	k.OK(k.allocate(7))
	var commits atomic.Int64
	k.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "TransactWriteItems" && commits.Add(1) > 1 {
			return testkit.BrokenService
		}
		return testkit.NoFault
	})
	done, err := k.restore(false)
	k.OK(err)
	k.Faults.Always(nil)
	if len(done.Webhooks) != 1 || done.Webhooks[0].Plain == "" || len(done.Refusals) != 1 ||
		done.Refusals[0].Part != backup.PartAllocation {
		t.Errorf("got %+v", done)
	}
	done, err = k.restore(false)
	if k.OK(err); len(done.Changes) != 1 || len(done.Refusals) != 0 {
		t.Errorf("again: got %+v", done)
	}
}

// Whatever was lost or changed since a backup is as it was after its
// restoration.
func TestABackupRestoresAProfile(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		amount := func(what string) int64 { return rapid.Int64Range(1, 1000).Draw(t, what) }
		change := func(when string) {
			for range rapid.IntRange(0, 6).Draw(t, when) {
				switch rapid.SampledFrom([]string{
					"name", "soft", "policy", "allocation", "alert", "no alert", "webhook",
					"no webhook",
				}).Draw(t, "change") {
				case "name":
					k.OK(k.rename(fmt.Sprint("Plant ", amount("name"))))
				case "soft":
					k.OK(k.Billing.SetSoft(ctx, k.ana.Client(operation.SoftLimitsSet), k.home,
						billing.SoftEdit{plan.ServiceSMS: rapid.Bool().Draw(t, "soft")}))
				case "policy":
					days := int(amount("days"))
					k.OK(k.Profiles.SetTokenPolicy(ctx, k.ana.Client(operation.TokenPolicySet),
						k.home, tenancy.TokenPolicyEdit{LongestDays: &days},
						service.Credentials{Password: testkit.Password}))
				case "allocation":
					k.OK(k.allocate(amount("input")))
				case "alert":
					cost, actions := amount("cost"), []string{"mail"}
					_, err := k.Billing.CreateAlert(ctx, k.ana.Client(operation.AlertCreate),
						k.home, billing.AlertEdit{Cost: &cost, Actions: &actions})
					if err != nil && problem.ReasonOf(err) != problem.ReasonAlertsFull {
						t.Fatal(err)
					}
				case "no alert":
					all, err := k.Billing.Alerts(ctx, k.ana.Client(operation.AlertList), k.home)
					if k.OK(err); len(all) > 0 {
						k.OK(k.Billing.DeleteAlert(ctx, k.ana.Client(operation.AlertDelete),
							k.home, all[0].ID))
					}
				case "webhook":
					_, err := k.Webhooks.Create(ctx, k.ana.Client(operation.WebhookCreate),
						&k.home, webhook.Edit{URL: new("https://example.com/events")})
					if err != nil && problem.ReasonOf(err) != problem.ReasonWebhooksFull {
						t.Fatal(err)
					}
				case "no webhook":
					all, err := k.Webhooks.List(ctx, k.ana.Client(operation.WebhookList), &k.home)
					if k.OK(err); len(all) > 0 {
						k.OK(k.Webhooks.Delete(ctx, k.ana.Client(operation.WebhookDelete),
							&k.home, all[0].ID))
					}
				}
			}
		}
		change("before")
		k.Advance(24 * time.Hour)
		k.ana.Token = k.ana.Mint(k.ana.Home, "never")
		k.keep()
		change("since")
		would, err := k.restore(true)
		k.OK(err)
		if len(would.Refusals) > 0 {
			return // what came later has taken the room
		}
		done, err := k.restore(false)
		if k.OK(err); len(done.Refusals) > 0 {
			t.Fatalf("refused: %+v", done.Refusals)
		}
		after, err := k.restore(true)
		if k.OK(err); len(after.Changes) > 0 {
			t.Fatalf("it is not as it was: %+v", after.Changes)
		}
	})
	checkWorld(k.World)
}

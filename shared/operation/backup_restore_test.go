package operation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/webhook"
)

// kept is a world in which ana has a backup of a profile that ben is a member
// of.
type kept struct {
	*testkit.World
	ana, ben testkit.Person
	home, id string
}

func newKept(t *testing.T) kept {
	w := testkit.New(t)
	k := kept{World: w, ana: w.Account("ana"), ben: w.Account("ben")}
	w.Share(k.ana.Home, k.ben, tenancy.PermissionFull)
	k.ana.Profile("Other")
	k.home = "/profile/" + string(k.ana.Home)
	k.id = backupNow(w, k.ana, k.ana.Home)
	return k
}

func (k kept) do(o operation.Operation, method, path string, body any) testkit.Answer {
	k.Helper()
	got := k.Call(o, method, path, k.ana.Token, body)
	if got.Code != http.StatusOK {
		k.Fatalf("%s: got %d %s", o.Name, got.Code, got.Message)
	}
	return got
}

func (k kept) restore(path string, body object) (v restoredSeen) {
	k.Helper()
	k.do(operation.BackupRestore, "POST", path+"/backup/"+k.id+"/restore", body).Into(k.World, &v)
	return v
}

func (k kept) removeBen() {
	k.Helper()
	k.do(operation.TeamRemove, "DELETE", k.home+"/team/"+string(k.ben.ID), nil)
}

// Who was invited again with less keeps that: a backup alone decides about no
// access.
func TestARestorationLeavesInvitationsAlone(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.removeBen()
	k.do(operation.TeamInvite, "POST", k.home+"/team",
		object{"email": k.ben.Email, "permission": "read"})
	k.Advance(2 * time.Minute)
	before := len(k.Mail(k.ben.Email))
	if v := k.restore(k.home, proves); len(v.Changes) != 0 {
		t.Errorf("got %+v", v.Changes)
	}
	var team []struct{ Email, Permission string }
	k.do(operation.TeamList, "GET", k.home+"/team", nil).Into(k.World, &team)
	if len(team) != 1 || team[0].Permission != "read" || len(k.Mail(k.ben.Email)) != before {
		t.Errorf("got %+v", team)
	}
}

// A member is invited at the address that it has now. One whose account is gone
// is not invited.
func TestLostMembersAreInvitedWhereTheyAre(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.removeBen()
	former := k.ben.Email
	code := emailCode(k.World, k.ben.Token, "moved@example.com")
	if got := confirmEmail(k.World, code); got.Code != http.StatusOK {
		t.Fatalf("another address: got %d %s", got.Code, got.Message)
	}
	v := k.restore(k.home, object{"dry_run": true})
	if len(v.Changes) != 1 || v.Changes[0].What != "moved@example.com" {
		t.Fatalf("got %+v", v)
	}
	before := len(k.Mail(former))
	k.restore(k.home, proves)
	if mails := k.Mail("moved@example.com"); len(mails) == 0 ||
		mails[len(mails)-1].Kind != "team-invited" || len(k.Mail(former)) != before {
		t.Errorf("got %v", mails)
	}
	k.Call(operation.AccountDelete, "DELETE", "/account", k.ben.Token, proves)
	for range 3 {
		_, err := operation.AccountPurge.Sweep(t.Context(), k.Services)
		k.OK(err)
	}
	for path, named := range map[string]bool{k.home: true, "/account": false} {
		v = k.restore(path, object{"dry_run": true, "parts": []string{"team"}})
		if len(v.Changes) != 0 || len(v.Refused) != 1 || v.Refused[0].Code != "conflict" ||
			(v.Refused[0].What == string(former)) != named {
			t.Errorf("%s, without an account: got %+v", path, v)
		}
	}
}

// A membership that has ended since is not restored.
func TestAMembershipThatIsOverIsNotRestored(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.do(operation.TeamEdit, "PUT", k.home+"/team/"+string(k.ben.ID),
		object{"permission": "read", "ends_at": "2030-03-20"})
	k.Advance(24 * time.Hour)
	k.id = backupNow(k.World, k.ana, k.ana.Home)
	k.removeBen()
	k.Advance(10 * 24 * time.Hour)
	if v := k.restore(k.home, object{"dry_run": true}); len(v.Changes) != 0 {
		t.Errorf("got %+v", v)
	}
}

// The open transfer of a profile has the name that it has.
func TestARestorationRenamesTheTransfer(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	var was struct{ Info struct{ Name string } }
	k.do(operation.ProfileGet, "GET", k.home, nil).Into(k.World, &was)
	k.do(operation.ProfileEdit, "PUT", k.home, object{"name": "Wreck"})
	ticket := k.Offer(k.ana.Home, k.ana, "zoe@example.com")
	k.restore(k.home, proves)
	var is struct{ Profile struct{ Name string } }
	k.do(operation.TransferGet, "GET", "/transfer/"+string(ticket.ID), nil).Into(k.World, &is)
	if is.Profile.Name != was.Info.Name {
		t.Errorf("the profile is %q, and the transfer says %q", was.Info.Name, is.Profile.Name)
	}
}

// A dry run says what is refused, and nothing that takes a password to see.
func TestADryRunSaysWhatIsRefused(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	var made struct{ ID string }
	hook := object{"url": "https://example.com/secret"}
	k.do(operation.WebhookCreate, "POST", k.home+"/webhook", hook).Into(k.World, &made)
	k.Advance(24 * time.Hour)
	k.id = backupNow(k.World, k.ana, k.ana.Home)
	k.do(operation.WebhookDelete, "DELETE", k.home+"/webhook/"+made.ID, nil)
	for range webhook.Most {
		k.do(operation.WebhookCreate, "POST", k.home+"/webhook", hook)
	}
	v := k.restore(k.home, object{"dry_run": true})
	if len(v.Refused) != 1 || v.Refused[0].Part != "webhooks" ||
		v.Refused[0].Code != string(problem.ReasonWebhooksFull) {
		t.Errorf("got %+v", v.Refused)
	}
	full := k.Call(operation.BackupRestore, "POST", k.home+"/backup/"+k.id+"/restore",
		k.ana.Token, proves)
	if full.Code != 403 || full.Reason != problem.ReasonWebhooksFull {
		t.Errorf("got %d %q", full.Code, full.Reason)
	}
	for _, c := range k.restore("/account", object{"dry_run": true}).Changes {
		if c.What == string(k.ben.Email) || strings.Contains(c.After, "secret") {
			t.Errorf("a dry run of a new profile shows %+v", c)
		}
	}
}

// Where there is no room for all alerts, or for one more profile, nothing
// changes.
func TestARestorationWithoutRoomIsRefused(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	alert := object{"cost": 5000, "actions": []string{"mail"}}
	var made struct{ ID string }
	k.do(operation.AlertCreate, "POST", k.home+"/alert", alert).Into(k.World, &made)
	k.Advance(24 * time.Hour)
	k.id = backupNow(k.World, k.ana, k.ana.Home)
	k.do(operation.AlertDelete, "DELETE", k.home+"/alert/"+made.ID, nil)
	for range billing.MaxAlerts {
		k.do(operation.AlertCreate, "POST", k.home+"/alert", alert)
	}
	for range plan.Scale.Limits().Profiles - 2 {
		k.ana.Profile("More")
	}
	before := k.State()
	for path, want := range map[string]problem.Reason{
		k.home: problem.ReasonAlertsFull, "/account": problem.ReasonProfilesFull,
	} {
		got := k.Call(operation.BackupRestore, "POST", path+"/backup/"+k.id+"/restore",
			k.ana.Token, proves)
		if got.Code != 403 || got.Reason != want {
			t.Errorf("%s: got %d %q, want %q", path, got.Code, got.Reason, want)
		}
		v := k.restore(path, object{"dry_run": true})
		if len(v.Refused) == 0 || v.Refused[0].Code != string(want) {
			t.Errorf("%s: a dry run says %+v", path, v.Refused)
		}
	}
	if k.State() != before {
		t.Error("the table has changed")
	}
}

// A backup that somebody has changed in the table is not restored.
func TestADamagedBackupIsRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	id := backupNow(w, ana, ana.Home)
	w.RotateKeys()
	at := "/account/backup/" + id + "/restore"
	dry := object{"dry_run": true}
	if got := w.Call(operation.BackupRestore, "POST", at, ana.Token, dry); got.Code != 200 {
		t.Errorf("after a rotation of the keys: got %d %s", got.Code, got.Message)
	}
	w.Damage("Z#"+string(ana.ID), "P#"+id+"#000", "content")
	got := w.Call(operation.BackupRestore, "POST", at, ana.Token, proves)
	if got.Code != 409 || got.Reason != problem.ReasonBackupDamaged {
		t.Errorf("got %d %q %s", got.Code, got.Reason, got.Message)
	}
}

package operation_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/backup"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type backupSeen struct {
	ID      string
	Profile string
	Name    string `json:"profile_name"`
	Reason  string
	Status  string
	Size    int64 `json:"file_size"`
}

type linkSeen struct {
	URL     string
	Size    int64
	Expires string `json:"expire_at"`
}

type restoredSeen struct {
	Profile *string
	Changes []struct{ Part, What, Before, After string }
	Refused []struct{ Part, What, Code, Message string }
	Hooks   []struct{ ID, URL, Secret string } `json:"webhooks"`
}

var proves = object{"password": testkit.Password}

func backupNow(w *testkit.World, p testkit.Person, profile value.ProfileID) (id string) {
	w.Helper()
	var made struct {
		ID string `json:"backup_id"`
	}
	w.Call(operation.BackupCreate, "POST", "/profile/"+string(profile)+"/backup", p.Token, nil).
		Into(w, &made)
	return made.ID
}

func backupsAt(w *testkit.World, token, path string) (list []backupSeen) {
	w.Helper()
	w.Call(operation.BackupList, "GET", path, token, nil).Into(w, &list)
	return list
}

// fileAt fetches a link as a client without a token does.
func fileAt(w *testkit.World, url string) events.APIGatewayV2HTTPResponse {
	w.Helper()
	path, ok := strings.CutPrefix(url, "https://api.example.com")
	if !ok {
		w.Fatalf("the link is %s", url)
	}
	return w.Raw(operation.BackupFile, testkit.Event("GET", path))
}

// unzipped are the files of an answer, by name.
func unzipped(w *testkit.World, got events.APIGatewayV2HTTPResponse) map[string]string {
	w.Helper()
	if got.StatusCode != 200 || !got.IsBase64Encoded {
		w.Fatalf("got %d %s", got.StatusCode, got.Body)
	}
	archive, err := base64.StdEncoding.DecodeString(got.Body)
	w.OK(err)
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	w.OK(err)
	files := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		w.OK(err)
		text, err := io.ReadAll(in)
		w.OK(err)
		files[f.Name] = string(text)
	}
	return files
}

// A backup from its making to its end, as a client sees it.
func TestTheLifeOfABackup(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	at := "/profile/" + string(ana.Home) + "/backup"
	id := backupNow(w, ana, ana.Home)
	again := w.Call(operation.BackupCreate, "POST", at, ana.Token, nil)
	if again.Code != 403 || again.Reason != problem.ReasonBackupToday {
		t.Errorf("a second one: got %d %q %s", again.Code, again.Reason, again.Message)
	}
	list := backupsAt(w, ana.Token, at)
	if len(list) != 1 || list[0].ID != id || list[0].Status != "completed" || list[0].Size == 0 ||
		list[0].Reason != "request" {
		t.Fatalf("got %+v", list)
	}
	for what, got := range map[string]testkit.Answer{
		"a wrong password": w.Call(operation.BackupDownload, "POST", at+"/"+id+"/download",
			ana.Token, object{"password": another}),
		"no password": w.Call(operation.BackupDownload, "POST", at+"/"+id+"/download",
			ana.Token, object{}),
		"a member": w.Call(operation.BackupDownload, "POST", at+"/"+id+"/download",
			ben.Token, proves),
		"a stranger's account": w.Call(operation.BackupDownload, "POST",
			"/account/backup/"+id+"/download", ben.Token, proves),
		"a stranger's deletion": w.Call(operation.BackupDelete, "DELETE",
			"/account/backup/"+id, ben.Token, proves),
		"a stranger's restoration": w.Call(operation.BackupRestore, "POST",
			"/account/backup/"+id+"/restore", ben.Token, proves),
	} {
		if got.Code < 400 || got.Code >= 500 {
			t.Errorf("%s: got %d %s", what, got.Code, got.Message)
		}
	}
	var link linkSeen
	w.Call(operation.BackupDownload, "POST", at+"/"+id+"/download", ana.Token, proves).
		Into(w, &link)
	files := unzipped(w, fileAt(w, link.URL))
	var profile struct {
		Name       string
		Allocation map[string]int64 `json:"resource_allocation"`
	}
	w.OK(json.Unmarshal([]byte(files["resources/profile.json"]), &profile))
	if profile.Name == "" || profile.Allocation["input"] == 0 {
		t.Errorf("got %s", files["resources/profile.json"])
	}
	if !strings.Contains(files["resources/team.json"], string(ben.Email)) ||
		!strings.Contains(files["history/audit_log.json"], "Profile created") ||
		strings.Contains(files["resources/tokens.json"], ana.Token) {
		t.Errorf("the file has %v", files)
	}
	w.Advance(24 * time.Hour)
	backupNow(w, ana, ana.Home)
	if list := backupsAt(w, ana.Token, "/account/backup"); len(list) != 2 || list[1].ID != id {
		t.Errorf("the next day: got %+v", list)
	}
	gone := w.Call(operation.BackupDelete, "DELETE", at+"/"+id, ana.Token, proves)
	if gone.Code != 200 || len(backupsAt(w, ana.Token, at)) != 1 {
		t.Errorf("deleted: got %d %s", gone.Code, gone.Message)
	}
	if n := w.Count("Z#"+string(ana.ID), "P#"+id); n != 0 {
		t.Errorf("%d parts of its file are left", n)
	}
	w.Advance(366 * 24 * time.Hour)
	ana.Token = ana.SignIn(ana.Home, "never")
	if list := backupsAt(w, ana.Token, at); len(list) != 0 {
		t.Errorf("after a year: got %+v", list)
	}
}

// The link of a backup works once, and for two hours. One that does not work
// tells nothing.
func TestTheLinkOfABackup(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	id := backupNow(w, ana, ana.Home)
	link := func() (l linkSeen) {
		w.Call(operation.BackupDownload, "POST", "/account/backup/"+id+"/download", ana.Token,
			proves).Into(w, &l)
		return l
	}
	refused := map[string]string{}
	refuses := func(what, url string) {
		t.Helper()
		got := fileAt(w, url)
		if got.StatusCode != 404 {
			t.Errorf("%s: got %d", what, got.StatusCode)
		}
		refused[got.Body] = what
	}
	first := link()
	second := link()
	refuses("one that another took the place of", first.URL)
	got := fileAt(w, second.URL)
	if unzipped(w, got); got.Headers["Cache-Control"] != "no-store" ||
		got.Headers["Content-Type"] != "application/zip" ||
		got.Headers["Content-Disposition"] != "attachment; filename=backup-"+id+".zip" {
		t.Errorf("got the headers %v", got.Headers)
	}
	refuses("a used one", second.URL)
	late := link()
	w.Advance(backup.LinkLife)
	refuses("a late one", late.URL)
	refuses("one that was never made", "https://api.example.com/backup/c2FtcGxl")
	refuses("one in another alphabet", "https://api.example.com/backup/%C3%BC")
	before := link()
	_, err := w.Operator.SignOut(t.Context(), string(ana.Email))
	w.OK(err)
	refuses("one from before all tokens were revoked", before.URL)
	ana.Token = ana.SignIn(ana.Home, "never")
	of := link()
	w.Call(operation.BackupDelete, "DELETE", "/account/backup/"+id, ana.Token, proves)
	refuses("one of a deleted backup", of.URL)
	if len(refused) != 1 {
		t.Errorf("the answers differ: %v", refused)
	}
	mails := w.Mail(ana.Email)
	if n := len(mails); n == 0 || mails[n-1].Kind != "backup-downloaded" {
		t.Errorf("got the mails %v", mails)
	}
}

// With the plan free no backups are made; the list is empty, and no error.
func TestBackupsOfThePlanFree(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana", plan.Free)
	at := "/profile/" + string(ana.Home) + "/backup"
	got := w.Call(operation.BackupCreate, "POST", at, ana.Token, nil)
	if got.Code != 403 || got.Reason != problem.ReasonPlanLacks {
		t.Errorf("got %d %q", got.Code, got.Reason)
	}
	if list := backupsAt(w, ana.Token, at); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
}

// What was lost and changed comes back into the profile, or into a new one.
func TestRestoringABackup(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	ana.Profile("Other")
	home := "/profile/" + string(ana.Home)
	set := func(o operation.Operation, method, path string, body any) testkit.Answer {
		t.Helper()
		got := w.Call(o, method, home+path, ana.Token, body)
		if got.Code != 200 {
			t.Fatalf("%s: got %d %s", o.Name, got.Code, got.Message)
		}
		return got
	}
	set(operation.ProfileEdit, "PUT", "", object{"name": "Plant"})
	set(operation.SoftLimitsSet, "PUT", "/soft_limits", object{"input": true})
	var hook struct{ ID string }
	set(operation.WebhookCreate, "POST", "/webhook",
		object{"url": "https://example.com/events"}).Into(w, &hook)
	var alert struct{ ID string }
	set(operation.AlertCreate, "POST", "/alert",
		object{"cost": 5000, "actions": []string{"mail"}}).Into(w, &alert)
	id := backupNow(w, ana, ana.Home)
	restore := func(path string, body object) (v restoredSeen) {
		t.Helper()
		w.Call(operation.BackupRestore, "POST", path+"/backup/"+id+"/restore", ana.Token, body).
			Into(w, &v)
		return v
	}
	if v := restore(home, object{"dry_run": true}); len(v.Changes) != 0 {
		t.Errorf("nothing has changed, and %+v would", v.Changes)
	}

	set(operation.ProfileEdit, "PUT", "", object{"name": "Wreck"})
	set(operation.SoftLimitsSet, "PUT", "/soft_limits", object{"input": false})
	set(operation.WebhookDelete, "DELETE", "/webhook/"+hook.ID, nil)
	set(operation.AlertDelete, "DELETE", "/alert/"+alert.ID, nil)
	set(operation.TeamRemove, "DELETE", "/team/"+string(ben.ID), nil)
	set(operation.ProfileServices, "POST", "/services", object{"input": 1})
	before := w.State()
	would := restore(home, object{"dry_run": true})
	if len(would.Changes) != 6 || len(would.Refused) != 0 || w.State() != before {
		t.Fatalf("a dry run says %+v", would)
	}
	part := restore(home, object{"dry_run": true, "parts": []string{"settings"}})
	if len(part.Changes) != 2 {
		t.Errorf("a part: got %+v", part.Changes)
	}
	bad := w.Call(operation.BackupRestore, "POST", home+"/backup/"+id+"/restore", ana.Token,
		object{"password": testkit.Password, "parts": []string{"tokens"}})
	if bad.Code != 400 {
		t.Errorf("an unknown part: got %d %s", bad.Code, bad.Message)
	}
	done := restore(home, proves)
	if len(done.Changes) != 6 || len(done.Refused) != 0 || len(done.Hooks) != 1 ||
		done.Hooks[0].ID != hook.ID || done.Hooks[0].Secret == "" {
		t.Fatalf("got %+v", done)
	}
	if v := restore(home, object{"dry_run": true}); len(v.Changes) != 0 {
		t.Errorf("after it, %+v would change", v.Changes)
	}
	if mails := w.Mail(ben.Email); len(mails) == 0 || mails[len(mails)-1].Kind != "team-invited" {
		t.Errorf("ben got %v", mails)
	}

	// The account has nothing left for a second one.
	made := restore("/account", proves)
	if made.Profile == nil || *made.Profile == string(ana.Home) || len(made.Hooks) != 1 ||
		made.Hooks[0].ID == hook.ID {
		t.Fatalf("a new profile: got %+v", made)
	}
	var is struct {
		Info struct{ Name string }
	}
	w.Call(operation.ProfileGet, "GET", "/profile/"+*made.Profile, ana.Token, nil).Into(w, &is)
	if is.Info.Name != "Plant" {
		t.Errorf("it is called %q", is.Info.Name)
	}
	if len(made.Refused) == 0 || made.Refused[0].Part != "allocation" ||
		made.Refused[0].Code != "allocation_over" {
		t.Errorf("refused %+v", made.Refused)
	}
}

// A deleted profile is backed up before it is removed, and comes back from
// that.
func TestTheBackupBeforeADeletion(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	other := ana.Profile("Plant")
	w.Share(other, ben, tenancy.PermissionWrite)
	w.Call(operation.WebhookCreate, "POST", "/profile/"+string(other)+"/webhook", ana.Token,
		object{"url": "https://example.com/events"})
	w.Call(operation.ProfileDelete, "DELETE", "/profile/"+string(other), ana.Token, proves)
	purge := func() {
		t.Helper()
		_, err := operation.ProfilePurge.Sweep(t.Context(), w.Services)
		w.OK(err)
	}
	if purge(); len(backupsAt(w, ana.Token, "/account/backup")) != 0 {
		t.Error("there is a backup of a profile that can be restored")
	}
	w.Advance(tenancy.ProfileUndo)
	ana.Token = ana.SignIn(ana.Home, "never")
	purge()
	purge()
	list := backupsAt(w, ana.Token, "/account/backup")
	if len(list) != 1 || list[0].Reason != "deletion" || list[0].Profile != string(other) ||
		list[0].Name != "Plant" {
		t.Fatalf("got %+v", list)
	}
	gone := w.Call(operation.BackupList, "GET", "/profile/"+string(other)+"/backup", ana.Token, nil)
	if gone.Code != 404 {
		t.Errorf("by the profile: got %d", gone.Code)
	}
	var v restoredSeen
	w.Call(operation.BackupRestore, "POST", "/account/backup/"+list[0].ID+"/restore", ana.Token,
		proves).Into(w, &v)
	if v.Profile == nil || len(v.Hooks) != 1 || len(v.Refused) != 0 {
		t.Fatalf("got %+v", v)
	}
	var team []struct{ Email string }
	w.Call(operation.TeamList, "GET", "/profile/"+*v.Profile+"/team", ana.Token, nil).Into(w, &team)
	if len(team) != 1 || team[0].Email != string(ben.Email) {
		t.Errorf("the team is %+v", team)
	}
	// An account that is deleted leaves nothing of its backups.
	w.Call(operation.AccountDelete, "DELETE", "/account", ana.Token, proves)
	for range 5 {
		_, err := operation.AccountPurge.Sweep(t.Context(), w.Services)
		w.OK(err)
		w.Advance(time.Hour)
	}
	if n := w.Count("Z#", ""); n != 0 {
		t.Errorf("%d items of backups are left", n)
	}
}

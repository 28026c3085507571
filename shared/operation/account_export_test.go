package operation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// exported says where an export has each kind of item that is about an account,
// as a path into the answer.
var exported = map[string]string{
	"account":            "account",
	"second-factors":     "account.recovery_codes",
	"grant":              "shared_profiles",
	"session":            "sessions",
	"profile":            "profiles.profile",
	"logo":               "profiles.profile.info.logo_url",
	"member":             "profiles.team",
	"open-place":         "profiles.team",
	"invited-address":    "notifications",
	"notification":       "notifications",
	"transfer":           "transfers",
	"transfer-row":       "transfers",
	"offered-transfer":   "transfers",
	"usage":              "profiles.summary.limit_used",
	"usage-hour":         "profiles.statistics",
	"charge":             "charges",
	"token":              "profiles.tokens",
	"token-row":          "profiles.tokens",
	"last-used":          "profiles.tokens.last_authorization",
	"mail-stop":          "mail_stopped_until",
	"webhooks":           "profiles.webhooks",
	"audit-entry":        "audit_log",
	"restorable-profile": "deleted_profiles",
	"backup":             "backups",
}

// unexported says of every other kind why an export lacks it.
var unexported = map[string]string{
	"email-reservation":  "it says of an address whose it is, as the account does",
	"invitation":         "it has the hash of a code; team and notifications have the rest",
	"open-transfer":      "it says of a profile that a transfer is open, as the transfers do",
	"queued-transfer":    "it is a row of support's list of open transfers",
	"cost-cut":           "it says when a profile changed hands, as the transfers do",
	"usage-receipts":     "they say which events were counted, as the usage does",
	"usage-event":        "it keeps a report from being counted twice, and has what a data plane sent",
	"snapshot":           "the cost is computed from it, and each change of it is in the audit log",
	"token-family":       "it says which token took whose place, as the tokens do",
	"token-reuse":        "it waits a minute for its sweep, which writes an audit entry",
	"one-time-code":      "it has the hash of a code that was mailed",
	"security-code":      "it has the hash of a code that was mailed",
	"backup-row":         "it repeats the backup, for the list of a profile",
	"backup-part":        "it is a part of a file that can be downloaded on its own",
	"webhook-queue":      "it says when something is sent next",
	"webhook-waiting":    "it repeats an audit entry, for a day",
	"webhook-delivery":   "it repeats an audit entry, for a week",
	"mail":               "it is sealed until it is sent to the person, and has no words after that",
	"deleted-profile":    "it is a note of a sweep about what is not deleted yet",
	"deleted-account":    "it is a note of a sweep, and nobody can export a deleted account",
	"removed-member":     "it is a note of how to restore a member, for an hour",
	"former-member":      "it is a note of a sweep about tokens that do not work any more",
	"chain-head":         "it has a number and a MAC of an audit log",
	"rate-window":        "it counts requests of minutes",
	"cooldown":           "it is a time before which something is not done again",
	"idempotency-record": "it has the hash of a request and an answer that the client has, for a day",
}

// at is what a path finds in an answer; a list stands for its elements.
func at(v any, path string) (found []any) {
	if list, ok := v.([]any); ok {
		for _, one := range list {
			found = append(found, at(one, path)...)
		}
		return found
	}
	if path == "" {
		if v == nil {
			return nil
		}
		return []any{v}
	}
	name, rest, _ := strings.Cut(path, ".")
	object, _ := v.(map[string]any)
	return at(object[name], rest)
}

func exportOf(w *testkit.World, p testkit.Person) (answer testkit.Answer, all map[string]any) {
	w.Helper()
	answer = w.Call(operation.AccountExport, "POST", "/account/export", p.Token, object{"password": testkit.Password})
	if answer.Code == 200 {
		w.OK(json.Unmarshal(answer.Result, &all))
	}
	return answer, all
}

// lived is a world in which ana has something of every kind.
func lived(t *testing.T) (w *testkit.World, ana, ben testkit.Person) {
	w = testkit.New(t)
	w.NoteUses()
	ana, ben = w.Account("ana"), w.Account("ben")
	plant := ana.Profile("Plant")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	w.Share(ben.Home, ana, tenancy.PermissionWrite)
	w.Call(operation.TeamInvite, "POST", "/profile/"+string(ana.Home)+"/team", ana.Token, object{"email": "zoe@example.com"})
	w.Call(operation.NotificationCreate, "POST", "/notification", ana.Token, object{"title": "t", "message": "m"})
	w.Call(operation.WebhookCreate, "POST", "/profile/"+string(ana.Home)+"/webhook", ana.Token, object{"url": "https://example.com/events"})
	w.Call(operation.BackupCreate, "POST", "/profile/"+string(ana.Home)+"/backup", ana.Token, nil)
	w.OK(w.Profiles.Delete(t.Context(), ana.Client(operation.ProfileDelete), refOf(ana.Profile("gone")),
		service.Credentials{Password: testkit.Password}))
	ana.Browser()
	w.Offer(plant, ana, ben.Email)
	return w, ana, ben
}

// Each kind of item is in an export, or a reason is given. The export has the
// items that the account has.
func TestAnExportHasEveryKind(t *testing.T) {
	t.Parallel()
	for _, e := range store.Entities() {
		path, why := exported[string(e.Kind)], unexported[string(e.Kind)]
		if (path == "") == (why == "") {
			t.Errorf("%s: an export has it at %q, or lacks it because %q: say one of them", e.Kind, path, why)
		}
	}
	if n := len(exported) + len(unexported); n != len(store.Entities()) {
		t.Errorf("%d kinds are named, of %d", n, len(store.Entities()))
	}
	w, ana, _ := lived(t)
	_, all := exportOf(w, ana)
	for kind, path := range exported {
		switch kind {
		case "second-factors", "logo", "usage-hour", "mail-stop", "charge":
			continue // ana has none; the type of the answer has a place for them
		}
		if len(at(all, path)) == 0 {
			t.Errorf("%s: there is nothing at %s", kind, path)
		}
	}
	for name := range all {
		if got := all[name]; got == nil && name != "role_since" && name != "mail_stopped_until" {
			t.Errorf("%s is null", name)
		}
	}
}

// An export has no secret, and nothing about others that its owner does not
// see.
func TestAnExportHasNoSecret(t *testing.T) {
	t.Parallel()
	w, ana, ben := lived(t)
	answer, all := exportOf(w, ana)
	text := string(answer.Result)
	for what, secret := range map[string]string{
		"the token":                      ana.Token[10:],
		"a hash of the password":         "argon2",
		"the name of an attribute":       "passwordHash",
		"a token of the other's profile": ben.Token[2:10],
	} {
		if strings.Contains(text, secret) {
			t.Errorf("it has %s", what)
		}
	}
	if n := len(at(all, "profiles.profile")); n != 2 {
		t.Errorf("got %d own profiles, want 2", n)
	}
	if got := at(all, "shared_profiles.id"); len(got) != 1 || got[0] != string(ben.Home) {
		t.Errorf("got the shared profiles %v", got)
	}
	if strings.Contains(text, `"`+string(ben.Email)+`"`) != true {
		t.Error("the owner sees the address of a member, and the export has it not: this tests nothing")
	}
}

// An export asks for the password, and notifies the owner by mail. It has an
// entry in the audit log, and is made at most five times a day.
func TestAnExportIsNoted(t *testing.T) {
	t.Parallel()
	w, ana, _ := lived(t)
	for body, want := range map[string]problem.Reason{
		`{}`:                   problem.ReasonPasswordRequired,
		`{"password":"wrong"}`: problem.ReasonInvalidPassword,
	} {
		event := testkit.Event("POST", "/account/export")
		event.Headers["token"], event.Body = ana.Token, body
		if got := w.Send(operation.AccountExport, event); got.Reason != want {
			t.Errorf("%s: got %d %q", body, got.Code, got.Body)
		}
	}
	reader := ana.With("write", "")
	if got, _ := exportOf(w,
		testkit.Person{Token: reader}); got.Reason != problem.ReasonNeedsPermission {
		t.Errorf("a token that may write: got %d %q", got.Code, got.Body)
	}
	for range 5 {
		if got, _ := exportOf(w, ana); got.Code != 200 {
			t.Fatalf("got %d %q", got.Code, got.Body)
		}
	}
	got, _ := exportOf(w, ana)
	if got.Code != 429 || got.Header["Retry-After"] == "" || !strings.Contains(got.Message, "five times") {
		t.Errorf("the sixth: got %d %q", got.Code, got.Message)
	}
	mails, entries := 0, 0
	for _, m := range w.Mail(ana.Email) {
		if m.Kind == "account-exported" {
			mails++
		}
	}
	for _, it := range w.Items() {
		if strings.Contains(it.Text, `message="Account exported"`) {
			entries++
		}
	}
	if mails != 5 || entries != 5 {
		t.Errorf("%d mails and %d entries, want 5 of each", mails, entries)
	}
	w.Advance(24 * time.Hour)
	if got, _ := exportOf(w, ana); got.Code != 200 {
		t.Errorf("a day later: got %d %q", got.Code, got.Body)
	}
}

// An export always fits into an answer. It has the newest entries of each log,
// and says what is missing.
func TestAnExportAlwaysFits(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	write := func(log string, n, bytes int) {
		for from := 0; from < n; from += 10 {
			tx := w.Store.Begin()
			for i := from; i < from+10; i++ {
				tx.Audit(auditlog.Entry{
					ID: fmt.Sprintf("%024x", i), Log: log, Message: strings.Repeat("\"", bytes),
					Time: w.Now().Add(time.Duration(i-n) * time.Second),
				})
			}
			w.OK(tx.CommitAside(w.Context(), store.Origin{}))
		}
	}
	write(string(ana.Home), 120, 30_000)
	write(string(ana.ID), 3, 100)
	answer, all := exportOf(w, ana)
	if answer.Code != 200 || httpapi.EncodedSize([]byte(answer.Body)) > httpapi.BodyLimit {
		t.Fatalf("got %d, %d bytes", answer.Code, len(answer.Body))
	}
	events := at(all, "profiles.audit_log.date")
	if len(events) < 20 || len(events) >= 120 {
		t.Errorf("got %d entries of the profile", len(events))
	}
	more := at(all, "more")
	want := fmt.Sprint([]any{map[string]any{"what": "audit_log", "profile": string(ana.Home),
		"before": events[len(events)-1]}})
	if fmt.Sprint(more) != want {
		t.Errorf("got %v, want %v", more, want)
	}
	if n := len(at(all, "audit_log")); n < 4 {
		t.Errorf("got %d entries of the account", n)
	}
}

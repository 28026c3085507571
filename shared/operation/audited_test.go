package operation_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/event"
	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// unaudited are the operations, and single scenes of others, that change
// something and write no audit entry, with the reason.
var unaudited = map[string]string{
	operation.AccountResend.Name:       "sends a mail; the account is as it was",
	operation.PasswordRequest.Name:     "sends a mail; the account is as it was, and strangers can ask for it",
	operation.BackupFile.Name:          "uses up a link that has an entry",
	operation.NotificationCreate.Name:  "tells an account something; nothing of it changes",
	operation.NotificationRead.Name:    "only marks",
	operation.NotificationReadAll.Name: "only marks",
	operation.NotificationDelete.Name:  "only tidies up",
	operation.MailDeliver.Name:         "sends what an entry exists of",
	operation.MailRetry.Name:           "sends what an entry exists of",
	operation.AuditSeal.Name:           "seals entries",
	operation.WebhookTest.Name:         "sends something that says nothing",
	operation.DeliveryResend.Name:      "sends what an entry exists of",
	operation.WebhookDeliver.Name:      "sends what an entry exists of",
	operation.SessionExtend.Name:       "says that the person is still there",
	operation.OtpRequest.Name:          "sends a mail; nothing changes but which pin it is",

	"mail-unsubscribe: of an address without an account": "there is no account whose log could tell",

	"usage-report: the first one ever":                     counts,
	"usage-report: in the same hour":                       counts,
	"usage-report: in another hour":                        counts,
	"usage-report: a line that is blocked":                 counts,
	"usage-report: 100 lines":                              counts,
	"usage-report: a line whose report has ended half-way": counts,
	"usage-report: signed":                                 counts,
	"usage-report: above a soft limit":                     counts,
	"token-expire: one whose grace is over":                "tidies up what the entry of the rotation tells",
	"token-expire: one to remind of":                       "sends a mail; the token is as it was",
	"token-expire: one that is not used":                   "sends a mail; the token is as it was",
}

const counts = "has a history of its own, by the hour"

// secrets are what no entry may have: passwords, their hashes, tokens.
var secrets = regexp.MustCompile(`p-[0-9A-Za-z]{34}|s-[0-9A-Za-z]{58}|argon2|` + testkit.Password + `|` + another)

// auditItems are the keys of all entries.
func auditItems(items []testkit.Item) map[string]bool {
	out := map[string]bool{}
	for _, it := range items {
		if strings.HasPrefix(it.PK, "L#") && it.SK != "H" {
			out[it.PK+" "+it.SK] = true
		}
	}
	return out
}

// Every scene that changes the table writes a complete entry, into the log of
// an account or profile that the change concerns.
func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			s := newModelledStage(t, c)
			before := s.Items()
			if got := c.Run(s); got.Code != 200 {
				t.Fatalf("got %d %q", got.Code, got.Message)
			}
			var added []auditlog.Entry
			concerned := map[string]bool{}
			after := s.Items()
			for _, it := range slices.Concat(before, after) {
				if kind, id, _ := strings.Cut(it.PK, "#"); kind == "A" || kind == "P" || kind == "D" {
					concerned[id] = true
				}
			}
			now, had := s.Now(), auditItems(before)
			for key := range auditItems(after) {
				if had[key] {
					continue
				}
				log := strings.Split(key, "#")[1]
				if !concerned[log] {
					t.Errorf("the entry %s is in the log of nobody", key)
				}
				for e, err := range s.Store.AuditEntries(s.Context(), log, now.Add(-time.Hour),
					now.Add(time.Hour), "", 0) {
					s.OK(err)
					if strings.HasSuffix(key, "#"+e.ID) {
						added = append(added, e)
					}
				}
			}
			_, excepted := unaudited[c.Operation.Name]
			if _, single := unaudited[c.Name()]; single {
				excepted = true
			}
			changed := testkit.StateOf(after) != testkit.StateOf(before)
			if changed && len(added) == 0 && !excepted {
				t.Error("the table has changed, and there is no entry of it")
			}
			if excepted && len(added) > 0 {
				t.Errorf("it is an exception and writes %+v", added)
			}
			for _, e := range added {
				if _, known := event.Of(e); !known {
					t.Errorf("the entry has no type of event: add a rule of %q for %q to shared/event",
						e.Resource, e.Message)
				}
				if e.Who == "" || e.Resource == "" || e.ResourceID == "" || e.Message == "" ||
					e.Time.IsZero() {
					t.Errorf("the entry lacks something: %+v", e)
				}
				// A sweep has no request of its own. The sweep of reuses names
				// the account that used the token.
				http := c.Operation.Trigger == operation.HTTP ||
					c.Operation.Name == operation.TokenReuse.Name
				if http != (e.Source != "") || http != (e.Request != "") {
					t.Errorf("the entry comes from %q by the request %q: %+v", e.Source, e.Request, e)
				}
				for _, change := range e.Changes {
					if change.Field == "" || change.Before == change.After {
						t.Errorf("%q changes nothing: %+v", e.Message, change)
					}
				}
			}
			for _, it := range after {
				if !strings.HasPrefix(it.PK, "L#") || it.SK == "H" {
					continue
				}
				found := secrets.FindString(it.Text)
				if found != "" || s.Code != "" && strings.Contains(it.Text, s.Code) {
					t.Errorf("an entry has a secret: %q in %s", found, it.Text)
				}
			}
			want, ok := differing[c.Name()]
			if !ok {
				want, ok = differing[c.Operation.Name]
			}
			if ok && !excepted {
				var fields []string
				for _, e := range added {
					for _, change := range e.Changes {
						fields = append(fields, change.Field)
					}
				}
				if !slices.ContainsFunc(fields,
					func(f string) bool { return strings.HasPrefix(f, want) }) {
					t.Errorf("the entry does not say what became of %s: %v", want, fields)
				}
			}
		})
	}
	for name := range unaudited {
		if !slices.ContainsFunc(operation.All(),
			func(o operation.Operation) bool { return o.Name == name }) &&
			!slices.ContainsFunc(scenes, func(c scene.Scene) bool { return c.Name() == name }) {
			t.Errorf("%s is an exception, and neither an operation nor a scene", name)
		}
	}
}

// differing are the operations, and single scenes of others, whose entries must
// have the change of a field, with the name of the field or its beginning.
var differing = map[string]string{
	"token-expire: one that is disabled, as it is not used": "disabled",
	"token-expire: one that is used from a new network":     "network",

	operation.AccountConfirm.Name:             "name",
	operation.AccountTokenCreate.Name:         "permission",
	operation.TokenRotate.Name:                "token",
	operation.TokenReuse.Name:                 "name",
	operation.AccountEdit.Name:                "name",
	operation.EmailRequest.Name:               "email",
	operation.EmailConfirm.Name:               "email",
	operation.EmailUndo.Name:                  "email",
	operation.ProfileCreate.Name:              "name",
	operation.ProfileEdit.Name:                "name",
	"profile-edit: that removes a logo":       "logo_url",
	operation.ProfileDelete.Name:              "name",
	operation.ProfileRestore.Name:             "name",
	operation.TokenCreate.Name:                "permission",
	operation.TokenDelete.Name:                "permission",
	operation.TokenExpire.Name:                "name",
	operation.TeamInvite.Name:                 "permission",
	operation.TeamEdit.Name:                   "permission",
	operation.TeamRemove.Name:                 "permission",
	operation.TeamRestore.Name:                "permission",
	operation.TeamAccept.Name:                 "permission",
	operation.InvitationAccept.Name:           "permission",
	operation.InvitationDecline.Name:          "state",
	operation.TeamDecline.Name:                "state",
	operation.TeamExpire.Name:                 "state",
	operation.TransferRequest.Name:            "state",
	operation.TransferCancel.Name:             "state",
	operation.TransferDecline.Name:            "state",
	operation.DeskReject.Name:                 "state",
	operation.BillingEdit.Name:                "billing.",
	operation.AllocationEdit.Name:             "allocation ",
	operation.ProfileServices.Name:            "allocation ",
	operation.AddonEdit.Name:                  "addons ",
	operation.AlertCreate.Name:                "threshold",
	operation.AlertEdit.Name:                  "stop",
	operation.AlertDelete.Name:                "threshold",
	operation.AlertLift.Name:                  "stop",
	operation.SoftLimitsSet.Name:              "soft_limits",
	"usage-report: that reaches an alert":     "used",
	operation.SubscriptionRenew.Name:          "paid_until",
	operation.SubscriptionScheduleCancel.Name: "schedule.",
}

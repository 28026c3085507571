package backup_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

var (
	now  = time.Date(2030, 3, 14, 9, 26, 53, 589e6, time.UTC)
	head = backup.Backup{
		ID: "01ba4f969595000000000009", Account: "01ba4f969595000000000001",
		Profile: "01ba4f969595000000000002", Name: "Plant", Reason: backup.ReasonRequest,
		Created: now,
	}
)

func mac(texts ...string) []byte {
	h := hmac.New(sha256.New, []byte("key"))
	h.Write([]byte(strings.Join(texts, "\x00")))
	return h.Sum(nil)
}

func checks(sum []byte, texts ...string) bool { return hmac.Equal(sum, mac(texts...)) }

func id(i int) string { return fmt.Sprintf("%024x", i) }

// profiles draws a profile with all that its owner can set.
func profiles(t *rapid.T) tenancy.Profile {
	name := rapid.StringMatching(`[A-Za-zäß€ ]{1,20}`)
	p := tenancy.Profile{
		ID: head.Profile, Owner: head.Account, Name: "P" + name.Draw(t, "name"),
		Plan: plan.Scale, Created: now.Add(-time.Hour), Updated: now,
		BannerURL: rapid.SampledFrom([]string{"", "https://example.com/b.png"}).Draw(t, "banner"),
		TokenPolicy: tenancy.TokenPolicy{
			LongestDays:   rapid.IntRange(0, 400).Draw(t, "days"),
			NoNever:       rapid.Bool().Draw(t, "never"),
			DisableUnused: rapid.Bool().Draw(t, "unused"),
			QuietNetworks: rapid.Bool().Draw(t, "quiet"),
		},
	}
	for _, s := range plan.Services() {
		p.Allocation[s] = rapid.Int64Range(0, 1000).Draw(t, "allocation")
		p.Soft[s] = rapid.Bool().Draw(t, "soft")
	}
	for _, one := range plan.AllAddons() {
		p.Addons = p.Addons.With(one, rapid.Bool().Draw(t, "addon"))
	}
	for i := range rapid.IntRange(0, billing.MaxAlerts).Draw(t, "alerts") {
		a := billing.Alert{ID: billing.AlertID(id(i)), Created: now, Updated: now, Armed: now}
		edit := billing.AlertEdit{
			Actions: &[]string{"mail"},
			Stop:    new(rapid.SampledFrom([]string{"none", "all"}).Draw(t, "stop")),
		}
		switch rapid.IntRange(0, 2).Draw(t, "threshold") {
		case 0:
			edit.Cost = new(rapid.Int64Range(1, 10_000).Draw(t, "cost"))
		case 1:
			edit.Service, edit.Percent = new("sms"), new(rapid.Int64Range(1, 1000).Draw(t, "percent"))
		case 2:
			edit.Service, edit.Amount = new("input"), new(float64(rapid.IntRange(1, 99).Draw(t, "amount")))
		}
		if edit.Cost != nil {
			edit.Stop = new("none")
			if rapid.Bool().Draw(t, "all") {
				edit.Stop = new("all")
			}
		}
		a, err := a.Edit(edit, now)
		if err != nil {
			t.Fatal(err)
		}
		p.Alerts = append(p.Alerts, a)
	}
	return p
}

func hooks(t *rapid.T) (out []webhook.Webhook) {
	for i := range rapid.IntRange(0, webhook.Most).Draw(t, "webhooks") {
		out = append(out, webhook.Webhook{
			ID: webhook.ID(id(100 + i)), URL: fmt.Sprintf("https://example.com/%d", i),
			Events:  rapid.SampledFrom([][]string{{}, {"token.*"}}).Draw(t, "events"),
			Note:    rapid.SampledFrom([]string{"", "Inventory"}).Draw(t, "note"),
			Enabled: rapid.Bool().Draw(t, "enabled"), Secret: []byte("sealed"), Created: now,
			Updated: now,
		})
	}
	return out
}

func teams(t *rapid.T) (out tenancy.Team) {
	for i := range rapid.IntRange(0, 5).Draw(t, "members") {
		m := tenancy.Member{
			Profile: head.Profile, Account: value.AccountID(id(200 + i)), Active: true,
			Permission: tenancy.PermissionRead, Name: "Ben",
			Email: value.Email(fmt.Sprintf("ben%d@example.com", i)), Created: now,
		}
		if rapid.Bool().Draw(t, "ends") {
			m.Ends = now.Add(time.Hour)
		}
		out = append(out, m)
	}
	return out
}

// A file is read as what was written, and no byte of it can be changed.
func TestAFileIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := backup.Of(profiles(t), tenancy.Logo{}, teams(t), hooks(t))
		if rapid.Bool().Draw(t, "logo") {
			c.Logo = []byte("a picture")
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "records") {
			c.Usage = append(c.Usage, backup.HourOf(billing.Usage{
				Updated: now, Cycle: now, Used: plan.Amounts{int64(i)}, Over: plan.Amounts{1},
			}))
			c.Audit = append(c.Audit, backup.EntryOf(auditlog.Entry{
				ID: id(i), Time: now, Message: "Profile updated",
				Changes: []auditlog.Change{{Field: "name", Before: "a", After: "b"}},
			}))
			c.Tokens = append(c.Tokens, backup.TokenOf(tenancy.Token{Created: now}, "p-***"))
		}
		c.AuditWhole = true
		file, err := backup.Write(head, c, mac)
		if err != nil {
			t.Fatal(err)
		}
		again, err := backup.Write(head, c, mac)
		if err != nil || !bytes.Equal(file, again) {
			t.Fatalf("written twice, it differs: %v", err)
		}
		got, err := backup.ReadWhole(head, file, checks)
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("wrote %+v, and read %+v: %v", c, got, err)
		}
		place := rapid.IntRange(0, len(file)-1).Draw(t, "place")
		file[place] ^= byte(rapid.IntRange(1, 255).Draw(t, "byte"))
		got, err = backup.ReadWhole(head, file, checks)
		if err == nil && !reflect.DeepEqual(got, c) {
			t.Fatalf("changed, it is read as %+v", got)
		}
		other := head
		other.ID = "01ba4f96959500000000000a"
		_, err = backup.Read(other, again, checks)
		if problem.ReasonOf(err) != problem.ReasonBackupDamaged {
			t.Fatalf("as another backup: %v", err)
		}
	})
}

// A restoration makes a profile what it was: what was lost or changed is as it
// was, and what came later stays.
func TestARestorationMakesAProfileWhatItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		was, had := profiles(t), webhook.List{Hooks: hooks(t)}
		had.Subject.Profile = was.ID
		then := backup.Of(was, tenancy.Logo{}, nil, had.Hooks)
		is, has := profiles(t), webhook.List{Hooks: hooks(t)}
		has.Subject.Profile = was.ID
		is.Allocation, is.Addons = was.Allocation, was.Addons // restored by other rules
		p, _, err := then.Settings(is, backup.Parts(), nil, now)
		if err != nil {
			t.Fatal(err)
		}
		list, err := then.Hooks(has, nil, func(webhook.ID) []byte { return []byte("new") }, now)
		if err != nil {
			t.Fatal(err)
		}
		after := backup.Of(p, tenancy.Logo{}, nil, list.Hooks)
		if left := backup.Compare(after, then, backup.Parts()); len(left) > 0 {
			t.Fatalf("it is not as it was: %+v", left)
		}
		for _, a := range is.Alerts {
			if _, err := p.Alerts.Find(a.ID); err != nil {
				t.Fatalf("the alert %s is gone", a.ID)
			}
		}
		for _, h := range has.Hooks {
			if _, err := list.Find(h.ID); err != nil {
				t.Fatalf("the webhook %s is gone", h.ID)
			}
		}
		same, _, err := then.Settings(p, backup.Parts(), nil, now)
		if err != nil || !reflect.DeepEqual(same, p) {
			t.Fatalf("restored twice: %+v, then %+v", p, same)
		}
	})
}

// A part alone changes nothing of another part.
func TestAPartIsRestoredAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		then := backup.Of(profiles(t), tenancy.Logo{}, teams(t), hooks(t))
		has := backup.Of(profiles(t), tenancy.Logo{}, teams(t), hooks(t))
		var all []backup.Change
		for _, part := range backup.Parts() {
			changes := backup.Compare(has, then, []backup.Part{part})
			if slices.ContainsFunc(changes, func(c backup.Change) bool {
				return c.Part != part || c.Before == c.After
			}) {
				t.Fatalf("%s: %+v", part, changes)
			}
			all = append(all, changes...)
		}
		if !reflect.DeepEqual(all, backup.Compare(has, then, backup.Parts())) {
			t.Fatal("the parts are not the whole")
		}
	})
}

// The audit log gives way to the size of the file: the newest entries stay, and
// the manifest says so.
func TestALongAuditLogIsCut(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{1})
	c := backup.Of(tenancy.Profile{ID: head.Profile}, tenancy.Logo{}, nil, nil)
	for i := range backup.MaxEntries {
		noise := make([]byte, 90)
		random.Read(noise)
		c.Audit = append(c.Audit, backup.Entry{ID: id(i), Message: fmt.Sprintf("%x", noise)})
	}
	c.AuditWhole = true
	file, err := backup.Write(head, c, mac)
	if err != nil || len(file) > backup.MaxSize {
		t.Fatalf("%d bytes: %v", len(file), err)
	}
	got, err := backup.ReadWhole(head, file, checks)
	if err != nil || got.AuditWhole || len(got.Audit) == 0 || len(got.Audit) >= len(c.Audit) ||
		!reflect.DeepEqual(got.Audit, c.Audit[:len(got.Audit)]) {
		t.Errorf("of %d entries %d are left, whole: %v, %v", len(c.Audit), len(got.Audit),
			got.AuditWhole, err)
	}
	if len(file) < backup.MaxSize*3/4 {
		t.Errorf("there was room: the file has %d bytes", len(file))
	}
}

// A day ends in the zone of the owner.
func TestTheDayOfABackup(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	end, full := backup.Day(zone, time.Date(2030, 3, 15, 2, 30, 0, 0, time.UTC))
	if want := time.Date(2030, 3, 15, 3, 0, 0, 0, time.UTC); !end.Equal(want) {
		t.Errorf("the day ends at %v, want %v", end, want)
	}
	if !strings.Contains(full.Error(), "try again in 1 hour") ||
		problem.CodeOf(full) != problem.CodeForbidden {
		t.Errorf("got %v", full)
	}
}

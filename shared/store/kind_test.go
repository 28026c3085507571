package store_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/event"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/webhook"
)

var update = flag.Bool("update", false, "write the table of items in docs/architecture.md anew")

// matches reports whether a key has the form of a pattern. A word of the
// pattern stands for any part. A single letter and the partition of the queue
// stand for themselves.
func matches(pattern, key string) bool {
	parts := strings.Split(pattern, "#")
	for i, part := range parts {
		switch {
		case pattern == "Q#desk" || part == strings.ToUpper(part):
			parts[i] = regexp.QuoteMeta(part)
		default:
			parts[i] = ".+"
		}
	}
	return regexp.MustCompile("^(?s:" + strings.Join(parts, "#") + ")$").MatchString(key)
}

// fits reports whether a key is a key of a kind.
func fits(kind, pk, sk string) bool {
	return slices.ContainsFunc(store.Entities(), func(e store.Entity) bool {
		return string(e.Kind) == kind && matches(e.PK, pk) && matches(e.SK, sk)
	})
}

// The key of each entity has the pattern of its description, and its kind is
// unlike all others.
func TestEntitiesDescribeTheirKeys(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for k, what := range store.Keys(store.IDs{
		Account: "ana", Profile: "plant", Token: "token", Code: "code", Message: "mail",
		Invitation: "invitation", Notification: "notification", Transfer: "TR-1",
		Email: "ana@example.com", Log: "log", Entry: "entry", Subject: "subject", Event: "event",
		Charge: "charge", Version: 1, Scope: "scope", Key: "key", Time: testkit.Start,
		Webhook: "webhook", Delivery: "delivery", Backup: "backup",
	}) {
		kind, _, _ := strings.Cut(what, " ")
		if kind == "" {
			kind = "account" // the only item without the attribute
		}
		if got := store.KindOf(k[0], k[1]); string(got) != kind {
			t.Errorf("the key %v: got the kind %q, want %q", k, got, kind)
		}
		seen[kind]++
		if !fits(kind, k[0], k[1]) {
			t.Errorf("the key %v of kind %q is not described so", k, kind)
		}
	}
	names := map[string]bool{}
	for _, e := range store.Entities() {
		if n := seen[string(e.Kind)]; n != 1 || names[e.Name] {
			t.Errorf(
				"%s: kind %q has %d keys, want a kind and a name of its own",
				e.Name,
				e.Kind,
				n,
			)
		}
		names[e.Name] = true
	}
	if matches("P#profile", "A#ana") || matches("Q#desk", "Q#other") || fits("grant", "A#ana", "A") {
		t.Error("a key of another kind fits: this tests nothing")
	}
}

// attributesOnly are stored forms that are not whole items: attributes that an
// update adds to an item, and those that are read of an item which only updates
// write.
var attributesOnly = []string{"chainLinkItem", "recordItem"}

// A new entity cannot leave out its kind. The constant of a kind has a
// description, Keys has its key, and its stored form embeds a key, which has
// the kind.
func TestNoEntityIsLeftOut(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for _, e := range store.Entities() {
		described[string(e.Kind)] = true
	}
	export, err := os.ReadFile("export_test.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds, keys, items := 0, 0, 0
	for _, d := range declarations(t) {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || d.Type.Results == nil || name(d.Type.Results.List[0].Type) != "key" {
				continue
			}
			if keys++; !added(string(export), d.Name.Name) {
				t.Errorf("Keys has no key of %s", d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					if name(spec.Type) != "Kind" {
						continue
					}
					value := strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`)
					if kinds++; !described[value] {
						t.Errorf("Entities has no %q", value)
					}
				case *ast.TypeSpec:
					form, ok := spec.Type.(*ast.StructType)
					if !ok || !strings.HasSuffix(spec.Name.Name, "Item") {
						continue
					}
					keyed := slices.ContainsFunc(form.Fields.List, func(f *ast.Field) bool {
						return len(f.Names) == 0 && name(f.Type) == "key"
					})
					if items++; keyed == slices.Contains(attributesOnly, spec.Name.Name) {
						t.Errorf("%s has a key: %v", spec.Name.Name, keyed)
					}
				}
			}
		}
	}
	// Both kinds of members have the same key.
	if n := len(described); kinds != n || keys != n-1 || items < 20 {
		t.Errorf("got %d entities with %d kinds, %d keys and %d items, want one kind for each entity and one key less", n, kinds, keys, items)
	}
}

// added reports whether Keys adds the key of a function.
func added(export, key string) bool {
	return regexp.MustCompile(`add\(\s*` + key + `\(`).MatchString(export)
}

// declarations are those of this package without its tests.
func declarations(t *testing.T) (all []ast.Decl) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed.Decls...)
	}
	return all
}

func name(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// Each item is written with its kind, also one that an update creates.
func TestEveryItemSaysItsKind(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	writeAll(w)
	seen := map[string]bool{}
	for _, it := range w.Items() {
		kind := ""
		if v, ok := raw(w, it.PK, it.SK)["itemKind"].(*types.AttributeValueMemberS); ok {
			kind = v.Value
		} else if it.SK == "A" && strings.HasPrefix(it.PK, "A#") {
			kind = "account" // the only item without the attribute
		}
		if !fits(kind, it.PK, it.SK) {
			t.Errorf("%s %s has the kind %q", it.PK, it.SK, kind)
		}
		seen[kind] = true
	}
	for _, e := range store.Entities() {
		if !seen[string(e.Kind)] {
			t.Errorf("no item of kind %q was written: add it to writeAll", e.Kind)
		}
	}
}

// writeAll writes an item of each kind.
func writeAll(w *testkit.World) {
	w.Helper()
	d := newDeal(w)
	member := d.join()
	d.open()
	w.Advance(time.Second)
	d.move(staying(tenancy.PermissionRead, member))
	d.turn()
	d.open()
	d.invite()
	offered := newDeal(w)
	offered.open()
	m := newMetered(w, 100)
	m.count(line(plan.ServiceInput, 1, "one"))
	w.Advance(time.Hour)
	m.count(line(plan.ServiceInput, 1, "two"))
	m.add(line(plan.ServiceInput, 1, "three"), "secret")
	m.turn(2)

	s := newSituation(w)
	must(w, s.reserveForGood)
	must(w, s.createEndless)
	must(
		w,
		s.rotate,
		s.createCode,
		s.createSecurity,
		s.notify,
		s.send,
		s.stop,
		s.count,
		s.charge(s.account),
		s.keep(0),
		func(tx *store.Tx) {
			tx.Cooldown("subject", time.Minute, s.now, errRefused)
		})
	hook := webhook.Webhook{ID: "hook", URL: "https://example.com"}
	subject := event.Subject{Account: s.account.ID}
	waits := webhook.Delivery{ID: "first", Webhook: hook.ID, State: webhook.Pending, Created: s.now}
	ended := webhook.Delivery{ID: "second", Webhook: hook.ID, State: webhook.Delivered, Created: s.now}
	must(w, func(tx *store.Tx) {
		tx.SetWebhooks(webhook.List{Subject: subject, Hooks: []webhook.Webhook{hook}})
		tx.Queue(string(s.account.ID), s.now, waits)
		tx.NoteRemoval(tenancy.Member{Profile: s.profile.ID, Account: s.account.ID}, s.now)
	})
	must(w, func(tx *store.Tx) { tx.Queue(string(s.account.ID), s.now, ended) })
	b, err := w.Store.PutBackupFile(w.Context(), backup.Backup{
		ID: "backup", Account: s.account.ID, Profile: s.profile.ID, File: "file", Created: s.now,
	}, []byte("a file"))
	w.OK(err)
	must(w, func(tx *store.Tx) { tx.AddBackup(b, errRefused) })
	must(w, func(tx *store.Tx) { tx.LinkBackup(b, []byte("hash"), s.now, errRefused) })
	must(w, s.createProfile)
	must(w, func(tx *store.Tx) {
		tx.KeepProfile(tenancy.ProfileDeletion{Profile: s.profile, Time: s.now}, nil)
	})
	gone := newAccount(w)
	must(w, func(tx *store.Tx) { tx.CreateAccount(gone, s.now) })
	must(w, s.deleteAccount(gone))
	must(w, func(tx *store.Tx) { tx.SetLogo(tenancy.NewLogo(s.profile.ID, []byte("png"))) })
	must(w, func(tx *store.Tx) { tx.CreateSession(newSession(w, gone, '0'), nil) })
	w.OK(w.Store.ReportReuse(w.Context(), store.Reuse{Token: s.token.ID, Time: s.now}))
	w.OK(w.Store.NoteUse(w.Context(), tenancy.Use{Token: s.token.ID, Time: s.now}))
	newSending(w, "first").keep("answer")
	mac := func([]byte, ...string) []byte { return []byte("mac") }
	entry := auditlog.Entry{ID: "entry", Log: "log", Time: s.now}
	w.OK(w.Store.Restart(w.Context(), "log", 0, entry, mac))
}

// unkind removes the kind of an item, so that it looks like an item of the time
// before kinds.
func unkind(w *testkit.World, pk, sk string) {
	w.Helper()
	it := raw(w, pk, sk)
	if !has(it, "itemKind") {
		w.Fatalf("%s %s has no kind: this tests nothing", pk, sk)
	}
	delete(it, "itemKind")
	_, err := w.Client.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: &w.Table, Item: it})
	w.OK(err)
}

// An update adds the kind to an item of the time before kinds.
func TestAnUpdateGivesAKind(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createProfile)
	must(w, s.createToken)
	for _, k := range [][2]string{
		{"P#" + string(s.profile.ID), "P"}, {"T#" + string(s.token.ID), "T"},
	} {
		unkind(w, k[0], k[1])
	}
	edited := s.profile
	edited.Name = "other"
	must(w, func(tx *store.Tx) { tx.UpdateProfile(edited, nil) })
	// The condition that a token is unchanged does not include its kind.
	must(w, func(tx *store.Tx) { s.attendToken(tx) })
	for pk, want := range map[string]string{
		"P#" + string(s.profile.ID): "profile", "T#" + string(s.token.ID): "token",
	} {
		it := raw(w, pk, pk[:1])
		if v, ok := it["itemKind"].(*types.AttributeValueMemberS); !ok || v.Value != want {
			t.Errorf("%s: got %v, want the kind %s", pk, it["itemKind"], want)
		}
	}
}

const architecture = "../../docs/architecture.md"

func TestItemsAreDocumented(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for _, e := range store.Entities() {
		fmt.Fprintf(&rows, "| %s | `%s` | `%s` | `%s` |\n", e.Name, e.Kind, e.PK, e.SK)
	}
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	const head = "\n| item | kind | PK | SK |\n| --- | --- | --- | --- |\n"
	before, rest, ok := strings.Cut(string(text), head)
	table, after, ends := strings.Cut(rest, "\n\n")
	if !ok || !ends {
		t.Fatal("docs/architecture.md has no table of items")
	}
	if *update {
		table = strings.TrimSuffix(rows.String(), "\n")
		written := before + head + table + "\n\n" + after
		if err := os.WriteFile(architecture, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if table+"\n" != rows.String() {
		t.Error("the items in docs/architecture.md are not those that there are; " +
			"run go test ./shared/store -run Documented -update")
	}
}

package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/release"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// changelog is the file that says which versions of the schema are released.
const changelog = "../../CHANGELOG.md"

// The table has the attributes of the committed list of its version. The list
// of a released version is never rewritten: another set of attributes needs
// another version.
func TestShapesAreDocumented(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "schema", strconv.Itoa(store.Schema)+".txt")
	want := strings.Join(store.Shapes(), "\n") + "\n"
	text, err := os.ReadFile(changelog)
	if err != nil {
		t.Fatal(err)
	}
	all, err := release.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if *update && release.Last(all).Schema < store.Schema {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	switch {
	case err == nil && string(committed) == want:
	case release.Last(all).Schema >= store.Schema:
		t.Errorf("the items are not those of schema %d, which is released: raise store.Schema, "+
			"then run go test ./shared/store -run Documented -update", store.Schema)
	default:
		t.Errorf("the items are not those of %s; run go test ./shared/store -run Documented -update", file)
	}
}

// Each item is written with its version, and has only attributes that the list
// of its version has.
func TestEveryItemHasItsVersionAndShape(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	writeAll(w)
	shapes := map[string]bool{}
	kinds := map[string]bool{}
	for _, line := range store.Shapes() {
		word := strings.Fields(line)
		shapes[word[0]+" "+word[1]], kinds[word[0]] = true, true
	}
	for _, it := range w.Items() {
		stored := raw(w, it.PK, it.SK)
		if got := numberOf(stored, "v"); got != strconv.Itoa(store.Schema) {
			t.Errorf("%s %s has the version %q", it.PK, it.SK, got)
		}
		kind := string(store.KindOf(it.PK, it.SK))
		for name := range stored {
			if !shapes[kind+" "+name] && !shapes["* "+name] {
				t.Errorf("the list of shapes has no %s of %s: add it to forms", name, kind)
			}
		}
	}
	for _, e := range store.Entities() {
		if !kinds[string(e.Kind)] {
			t.Errorf("the list of shapes has no %s: add it to forms", e.Kind)
		}
	}
}

// newer sets the version of an item.
func newer(w *testkit.World, pk, sk, version string) {
	w.Helper()
	it := raw(w, pk, sk)
	if it == nil {
		w.Fatalf("there is no %s %s", pk, sk)
	}
	it["v"] = &types.AttributeValueMemberN{Value: version}
	_, err := w.Client.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: &w.Table, Item: it})
	w.OK(err)
}

// Each read of an item accepts the next version and refuses the one after it.
func TestEveryReadRefusesTheVersionAfterTheNext(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	agent := s.account
	agent.Type = tenancy.AccountSupport
	must(w, func(tx *store.Tx) { tx.CreateAccount(agent, w.Now()) })
	sending := newSending(w, "first")
	sending.keep("answer")
	known := &sending.IdempotencyRecord
	unknown := *known
	unknown.MAC = []byte("another")
	account := [2]string{"A#" + string(agent.ID), "A"}
	var record [2]string
	used := tenancy.Use{Token: s.token.ID, Time: w.Now(), Address: "192.0.2.1"}
	w.OK(w.Store.NoteUse(w.Context(), used))
	use := [2]string{"U#" + string(s.token.ID), "U"}
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "K#") {
			record = [2]string{it.PK, it.SK}
		}
	}
	for name, way := range map[string]struct {
		key  [2]string
		read func() error
	}{
		"a batch": {account, func() error {
			batch := w.Store.Batch()
			batch.Account(agent.ID)
			return batch.Get(w.Context())
		}},
		"a query": {account, func() error {
			_, _, err := w.Store.AccountWithGrants(w.Context(), agent.ID)
			return err
		}},
		"a scan": {account, func() error {
			_, err := w.Store.Roles(w.Context())
			return err
		}},
		"a use too soon": {use, func() error { return w.Store.NoteUse(w.Context(), used) }},
		"the same request": {record, func() error {
			_, err := w.Store.LookupRecord(w.Context(), known, w.Now())
			return err
		}},
		"another request": {record, func() error {
			_, err := w.Store.LookupRecord(w.Context(), &unknown, w.Now())
			return err
		}},
	} {
		newer(w, way.key[0], way.key[1], strconv.Itoa(store.Schema+1))
		w.OK(way.read())
		for _, version := range []string{strconv.Itoa(store.Schema + 2), "1.5", "1e9"} {
			newer(w, way.key[0], way.key[1], version)
			err := way.read()
			if problem.ReasonOf(err) != problem.ReasonNewerData {
				t.Errorf("%s of version %s: got %v, want ReasonNewerData", name, version, err)
			} else if !strings.Contains(err.Error(), "of kind ") ||
				strings.Contains(err.Error(), string(agent.ID)) {
				t.Errorf("%s: got %q, want the kind and no key", name, err)
			}
		}
	}
}

// Each request to DynamoDB that returns items is made by one of the reads of
// the test above. The scan of audit logs is an exception: it takes items as
// they are, because their MACs cover all attributes and the scan only verifies
// them.
func TestNoReadPassesTheVersionBy(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var reading []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		reads := strings.Contains(string(text), "out.Items") ||
			strings.Contains(string(text), "page.Items") ||
			strings.Contains(string(text), ".Responses[") ||
			strings.Contains(string(text), "failed.Item")
		if !reads || strings.HasSuffix(file, "_test.go") {
			continue
		}
		reading = append(reading, file)
		if file != "audit_log.go" && !strings.Contains(string(text), "readable(") {
			t.Errorf("%s reads items, and does not ask for their version", file)
		}
	}
	want := []string{
		"account.go", "audit_log.go", "batch.go", "idempotency.go", "last_used.go", "query.go",
	}
	if !slices.Equal(reading, want) {
		t.Errorf("got %v, want %v: a new way needs a case in the test above", reading, want)
	}
}

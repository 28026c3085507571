package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/demo/seed"
)

var built = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	program := filepath.Join(root, ".tools", "local-of-drill")
	cmd := exec.Command("go", "build", "-o", program, "./infra/local")
	cmd.Dir = root
	return program, cmd.Run()
})

// rehearsed is a rehearsal with demo accounts.
func rehearsed(
	t *testing.T, tamper func(context.Context, *dynamodb.Client, string) error,
) (said string, err error) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
	local, err := built()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = run(t.Context(), drill{local: local, demo: seed.Accounts, out: &out, tamper: tamper})
	return out.String(), err
}

func TestARestoredTableIsWhole(t *testing.T) {
	t.Parallel()
	said, err := rehearsed(t, nil)
	if err != nil {
		t.Fatal(err, said)
	}
	for _, part := range []string{
		"  account\n", "  audit-entry\n", "  token\n", "every item is compared", "its audit logs verify",
		"a person signs in", "a token works", "a change is sealed by way of the new stream",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("said %s, want %q", said, part)
		}
	}
}

// A single item that is missing, changed or new fails the rehearsal, which
// names it.
func TestARestoreThatIsNotWholeFails(t *testing.T) {
	t.Parallel()
	of := func(i item) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"PK": i["PK"], "SK": i["SK"]}
	}
	var keys [2]string
	said, err := rehearsed(t, func(
		ctx context.Context, client *dynamodb.Client, table string,
	) error {
		items, err := readTable(ctx, client, table)
		if err != nil {
			return err
		}
		gone, changed := items[0], items[len(items)-1]
		keys = [2]string{
			"missing: " + plain(gone["PK"]) + " " + plain(gone["SK"]),
			"changed: " + plain(changed["PK"]) + " " + plain(changed["SK"]),
		}
		lost := &dynamodb.DeleteItemInput{TableName: &table, Key: of(gone)}
		if _, err := client.DeleteItem(ctx, lost); err != nil {
			return err
		}
		_, err = client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table, Key: of(changed), UpdateExpression: aws.String("SET spoiled = :v"),
			ExpressionAttributeValues: item{":v": &types.AttributeValueMemberBOOL{Value: true}},
		})
		return err
	})
	if err == nil {
		t.Fatalf("nothing is wrong: %s", said)
	}
	for _, key := range keys {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("got %v, want %q", err, key)
		}
	}
	if !strings.Contains(err.Error(), "2 items are not as they were") || strings.Contains(said, "signs in") {
		t.Errorf("got %v, said %s", err, said)
	}
}

// An export has every type of attribute. Read again, it has the values that
// were written.
func TestAnExportIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	whole := []item{{
		"PK": text("P#1"), "SK": text("P"), "text": text("Ä \"<\u2028> \n"),
		"number": &types.AttributeValueMemberN{Value: "1899710813589"},
		"bytes":  &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"yes":    &types.AttributeValueMemberBOOL{Value: true},
		"none":   &types.AttributeValueMemberNULL{Value: true},
		"list":   &types.AttributeValueMemberL{Value: []types.AttributeValue{text("a"), text("")}},
		"map":    &types.AttributeValueMemberM{Value: item{"SS": text("x")}},
		"texts":  &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
		"counts": &types.AttributeValueMemberNS{Value: []string{"2", "1"}},
	}, {"PK": text("P#2"), "SK": text("P")}}
	var file bytes.Buffer
	if err := writeExport(&file, whole); err != nil {
		t.Fatal(err)
	}
	got, err := readExport(&file)
	if err != nil || !reflect.DeepEqual(got, whole) {
		t.Errorf("got %v, %v, want %v", got, err, whole)
	}
	if _, err := readExport(strings.NewReader("no export")); err == nil {
		t.Error("a file that is no export is read")
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	of := func(items ...item) snapshot {
		t.Helper()
		s, err := snapshotOf(items)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	set := func(values ...string) item {
		return item{"PK": text("a"), "SK": text("A"), "s": &types.AttributeValueMemberSS{Value: values}}
	}
	other := item{"PK": text("b"), "SK": text("A")}
	for name, c := range map[string]struct {
		before, after snapshot
		want          []string
	}{
		"the same":               {of(set("x", "y"), other), of(other, set("x", "y")), nil},
		"a set in another order": {of(set("x", "y")), of(set("y", "x")), nil},
		"missing":                {of(set("x"), other), of(set("x")), []string{"missing: b A"}},
		"changed":                {of(set("x")), of(set("z")), []string{"changed: a A"}},
		"new":                    {of(other), of(other, set("x")), []string{"new: a A"}},
		"all":                    {of(set("x"), other), of(), []string{"missing: a A", "missing: b A"}},
	} {
		if got := c.before.differences(c.after); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if _, err := snapshotOf([]item{other, other}); err == nil {
		t.Error("an item that is there twice counts as one")
	}
	counts := kinds([]item{
		set("x"), other,
		{"PK": text("c"), "SK": text("X"), "itemKind": text("token")},
		{"PK": text("d"), "SK": text("X")},
	})
	if !reflect.DeepEqual(counts, map[string]int{"account": 2, "token": 1, "of no kind": 1}) {
		t.Errorf("got %v", counts)
	}
}

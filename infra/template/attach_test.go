package template_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"profiles/infra/template"
)

// The table and the secret of another stack, which a stack is put over. The
// pseudo parameters have the values that the reader gives them.
const (
	keptTable  = "profiles-restored"
	keptARN    = "arn:aws:dynamodb:us-east-1:000000000000:table/" + keptTable
	keptStream = keptARN + "/stream/2030-03-14T09:26:53.589"
	keptSecret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:SecretKey-AbCdEf"
)

// attached are the parameters that name them.
func attached(more map[string]string) map[string]string {
	all := map[string]string{
		"SenderAddress": "a@example.com", "SupportAddress": "b@example.com", "TableProtection": "on",
		"MailDomain": "example.com", "MonthlyBudget": "10",
	}
	maps.Copy(all, more)
	return all
}

func readWhole(t *testing.T, parameters map[string]string) map[string]template.Resource {
	t.Helper()
	_, text := project(t)
	whole, err := template.Whole("template.yaml", []byte(text), parameters)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// A stack that is deleted leaves its table and its keys. When it is put back
// over them, all parts that used its own table and keys use these. Nothing else
// changes, and the stack makes neither of them.
func TestAStackIsPutBackOverItsTable(t *testing.T) {
	t.Parallel()
	before := readWhole(t, attached(nil))
	after := readWhole(t, attached(map[string]string{
		"ExistingTable": keptTable, "ExistingStream": keptStream, "ExistingSecret": keptSecret,
	}))
	var kept []string
	for id, resource := range before {
		if resource.DeletionPolicy == "RetainExceptOnCreate" && resource.UpdateReplacePolicy == "Retain" {
			kept = append(kept, id)
		}
	}
	if slices.Sort(kept); !slices.Equal(kept, []string{"SecretKey", "Table"}) {
		t.Errorf("a stack that is deleted leaves %v, want the keys and the table", kept)
	}
	for _, id := range kept {
		if _, made := after[id]; made {
			t.Errorf("%s is made beside the one that is there", id)
		}
		delete(before, id)
	}
	// The order is one in which no name is a part of a later one.
	own := strings.NewReplacer(
		keptARN+"/stream/*", "the stream", keptStream, "the stream",
		"Table.Arn/stream/*", "the stream", "Table.StreamArn", "the stream",
		keptARN, "Table.Arn", keptTable, "Table", keptSecret, "SecretKey",
	)
	followed := 0
	for _, id := range slices.Sorted(maps.Keys(before)) {
		was, is := encoded(t, before[id]), encoded(t, after[id])
		if own.Replace(is) != own.Replace(was) {
			t.Errorf("%s: was\n%s\nis\n%s", id, was, is)
		}
		if is != was {
			followed++
		}
	}
	if len(after) != len(before) {
		t.Errorf("the stack has %d parts, want %d", len(after), len(before))
	}
	if followed < 40 {
		t.Errorf("%d parts use another table, want all roles, functions of the stream and more", followed)
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every part of a stack refers only to things that the stack has, whichever
// table it uses.
func TestEveryReferenceResolves(t *testing.T) {
	t.Parallel()
	for _, given := range []map[string]string{
		{"ExistingTable": keptTable, "ExistingStream": keptStream},
		{"ExistingSecret": keptSecret},
		{"DashboardWanted": "off", "Tracing": "off", "MailDomain": "", "MonthlyBudget": "0"},
	} {
		if got := readWhole(t, attached(given)); len(got) < 200 {
			t.Errorf("%v: got %d parts", given, len(got))
		}
	}
	_, text := project(t)
	for _, c := range []struct{ reference, want string }{
		{"!Ref Table, !Ref ExistingTable", "Table is not made: its condition MakesTable does not hold"},
		{"!GetAtt Table.Arn, ", "Table is not made"},
		{"!Ref SecretKey, ", "SecretKey is not made"},
	} {
		// The branch for a stack that makes its own table and keys, taken
		// everywhere.
		wrong := strings.Replace(text, "[MakesTable, "+c.reference, "[MakesSecret, "+c.reference, 1)
		if strings.HasPrefix(c.reference, "!Ref SecretKey") {
			wrong = strings.Replace(text, "[MakesSecret, "+c.reference, "[MakesTable, "+c.reference, 1)
		}
		if wrong == text {
			t.Fatalf("the template has no reference %q", c.reference)
		}
		given := map[string]string{"ExistingTable": keptTable, "ExistingStream": keptStream}
		if strings.HasPrefix(c.reference, "!Ref SecretKey") {
			given = map[string]string{"ExistingSecret": keptSecret}
		}
		_, err := template.Whole("template.yaml", []byte(wrong), attached(given))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("a reference that follows the wrong parameter: got %v, want %q", err, c.want)
		}
	}
}

// Functions of a stack over another table read and write that one, and its
// stream.
func TestFunctionsOverAnotherTable(t *testing.T) {
	t.Parallel()
	file, text := project(t)
	read, err := template.Read(file, attached(map[string]string{
		"ExistingTable": keptTable, "ExistingStream": keptStream, "ExistingSecret": keptSecret,
	}))
	if err != nil {
		t.Fatal(err)
	}
	keyed := 0
	for _, f := range read.Functions {
		if f.Environment["TABLE_NAME"] != keptTable {
			t.Errorf("%s has the table %q", f.Name, f.Environment["TABLE_NAME"])
		}
		if f.Environment["SECRET_ID"] == keptSecret {
			keyed++
		}
	}
	if keyed < 50 || len(read.Functions) < 100 {
		t.Errorf("%d of %d functions have the secret", keyed, len(read.Functions))
	}
	// A role that may not read the stream of the table is refused.
	wrong := strings.Replace(text, "table/${ExistingTable}/stream/*\"]\n", "table/other/stream/*\"]\n", 1)
	if _, err := template.Parse("template.yaml", []byte(wrong), attached(map[string]string{
		"ExistingTable": keptTable, "ExistingStream": keptStream,
	})); err == nil || !strings.Contains(err.Error(), "may not dynamodb:DescribeStream on "+keptStream) {
		t.Errorf("a role without a right to the stream: got %v", err)
	}
}

package operation_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"profiles/infra/template"
	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// rightsFile has the actions of operations on the table. Their roles are made
// from it.
const rightsFile = root + "/infra/rights.json"

// Each function may do the actions of its operation on the table, and nothing
// else. A right to keys of one kind gives no right to others, and a right to
// all keys must be needed for more than one kind.
func TestPoliciesGrantWhatOperationsUse(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	used, mails := map[string]map[string]bool{}, map[string]int{}
	left := map[string]int{} // how many of an operation's scenes were not played
	for _, o := range operation.All() {
		if used[o.Name] = map[string]bool{}; !o.Static {
			left[o.Name] = 1 // until it is known that it has a scene
		}
	}
	var mu sync.Mutex
	// Also those without a cost: what a function does in them, it must be
	// allowed to do.
	played := scene.All()
	for _, c := range played {
		left[c.Operation.Name] = 0
	}
	t.Run("scenes", func(t *testing.T) {
		for _, c := range played {
			for _, warm := range []bool{false, true} {
				if warm && c.Operation.Trigger != operation.HTTP {
					break
				}
				left[c.Operation.Name]++
				t.Run(c.Name(), func(t *testing.T) {
					t.Parallel()
					usage := measured(t, c, warm)
					mu.Lock()
					defer mu.Unlock()
					maps.Copy(used[c.Operation.Name], usage.Actions)
					left[c.Operation.Name]--
					mails[c.Operation.Name] += usage.Mails
				})
			}
		}
	})
	committed, err := os.ReadFile(rightsFile)
	if err != nil {
		t.Fatal(err)
	}
	chosen := strings.Contains(flag.Lookup("test.run").Value.String(), "/")
	if chosen {
		// Only some scenes were chosen. The record of operations whose other
		// scenes were left out stays.
		before := map[string][]string{}
		if err := json.Unmarshal(committed, &before); err != nil {
			t.Fatal(err)
		}
		for name := range used {
			if _, known := before[name]; left[name] > 0 && !known {
				delete(used, name)
			} else if left[name] > 0 {
				for _, action := range before[name] {
					used[name][action] = true
				}
			}
		}
	}
	var recorded strings.Builder
	for _, name := range slices.Sorted(maps.Keys(used)) {
		actions, err := json.Marshal(append([]string{}, slices.Sorted(maps.Keys(used[name]))...))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&recorded, ",\n\t%q: %s", name, actions)
	}
	text := "{" + strings.TrimPrefix(recorded.String(), ",") + "\n}\n"
	if *update {
		if err := os.WriteFile(rightsFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return // template.yaml is made of it
	}
	if string(committed) != text {
		t.Error("infra/rights.json is not what operations do; run go test ./shared/operation -run PoliciesGrant -update, and make generate")
	}
	for _, o := range operation.All() {
		if chosen && left[o.Name] > 0 {
			continue
		}
		f, ok := testkit.Template(t).Function(o.Name)
		if !ok {
			t.Errorf("template.yaml has no function %s: run make generate", o.Name)
			continue
		}
		for _, problem := range excess(f.Policy, usesOf(o, used[o.Name])) {
			t.Errorf("%s: %s", o.Name, problem)
		}
		if len(used[o.Name]) == 0 && !o.Static {
			t.Errorf("%s does nothing to the table in its scenes", o.Name)
		}
		// The contents of a mail are encrypted.
		if mails[o.Name] > 0 && !o.Keyed() {
			t.Errorf("%s sends mails and is given no secret key", o.Name)
		}
	}
	for _, o := range []operation.Operation{operation.TeamAccept, operation.PasswordRequest,
		operation.TokenExpire} {
		if mails[o.Name] == 0 && !chosen {
			t.Errorf("%s sends no mail in any scene: the check above would prove nothing", o.Name)
		}
	}
}

// usesOf are the actions of an operation, in its scenes and outside them.
func usesOf(o operation.Operation, inScenes map[string]bool) map[string]bool {
	uses := map[string]bool{}
	maps.Copy(uses, inScenes)
	if o.Idempotent() {
		uses["dynamodb:UpdateItem K#*"] = true
		uses["dynamodb:UpdateItem"+testkit.Enclosed] = true // the record is in the commit
	}
	if takesToken(o) {
		// No scene records uses; TestWhateverTakesATokenMayNoteItsUse does.
		uses["dynamodb:UpdateItem J#*"], uses["dynamodb:UpdateItem U#*"] = true, true
	}
	if o.Keyed() {
		uses["secretsmanager:GetSecretValue"] = true // when it starts
	}
	if o.Mails {
		uses["ses:SendEmail"] = true
	}
	uses["logs:CreateLogStream"], uses["logs:PutLogEvents"] = true, true
	if o.Trigger != operation.Schedule {
		uses["xray:PutTraceSegments"], uses["xray:PutTelemetryRecords"] = true, true
	}
	if o.Trigger != operation.HTTP {
		uses["sqs:SendMessage"] = true // when it failed for good
	}
	if o.Trigger == operation.Stream {
		for _, action := range []string{"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"} {
			uses["dynamodb:"+action] = true
		}
	}
	return uses
}

// excess compares the rights that statements give with those that are used, and
// returns the missing and the superfluous ones. A statement with a condition on
// keys is needed if one of its kinds is used, because functions share it.
func excess(policy []template.Statement, uses map[string]bool) (problems []string) {
	wide, narrow, enclosed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, statement := range policy {
		if encloses(statement) {
			for _, action := range statement.Actions {
				if enclosed[action] = true; !uses[action+testkit.Enclosed] {
					problems = append(problems, fmt.Sprintf("may %s in transactions and does not", action))
				}
			}
			continue
		}
		keys := statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
		// A condition of that kind also holds for a request without the key.
		if len(keys) > 0 && !slices.Equal(statement.Condition["Null"]["dynamodb:LeadingKeys"], []string{"false"}) {
			problems = append(problems, "a condition on keys lets requests without a key pass")
		}
		needed := len(keys) == 0
		for _, action := range statement.Actions {
			for _, resource := range statement.Resources {
				streams := action == "dynamodb:ListStreams" && resource == "Table.Arn/stream/*" // those of the table
				// X-Ray has no resources
				traces := strings.HasPrefix(action, "xray:Put")
				if strings.Contains(resource, "*") && !streams && !traces &&
					len(statement.Condition["StringEquals"]["ses:FromAddress"]) == 0 {
					problems = append(problems, fmt.Sprintf("may %s on %s, which is more than one resource", action, resource))
				}
				if strings.HasSuffix(resource, "/index/due") {
					action += "/index"
				}
			}
			if len(keys) == 0 {
				wide[action] = true
			}
			for _, pattern := range keys {
				narrow[action+" "+pattern] = true
				needed = needed || uses[action+" "+pattern]
			}
		}
		if !needed {
			problems = append(problems,
				fmt.Sprintf("may %s on keys that it does not use: %s", strings.Join(statement.Actions, " "), strings.Join(keys, " ")))
		}
	}
	needed := map[string]bool{}
	for action := range uses {
		if whole, inTransaction := strings.CutSuffix(action, testkit.Enclosed); inTransaction {
			if !wide[whole] && !enclosed[whole] {
				problems = append(problems, fmt.Sprintf("does %s in a transaction, which only a condition on keys allows", whole))
			}
			continue
		}
		if whole, _, _ := strings.Cut(action, " "); !narrow[action] {
			needed[whole] = true
		}
	}
	if w, n := list(wide), list(needed); w != n {
		problems = append(problems, "may "+w+"\n  and uses "+n)
	}
	return problems
}

// The check of policies finds each kind of defect.
func TestExcessOfAPolicy(t *testing.T) {
	t.Parallel()
	const onKeys, notNull = "ForAllValues:StringLike", "Null"
	wide := func(actions ...string) template.Statement {
		return template.Statement{Effect: "Allow", Actions: actions, Resources: []string{"Table.Arn"}}
	}
	narrow := func(actions ...string) template.Statement {
		s := wide(actions...)
		s.Condition = map[string]map[string][]string{onKeys: {"dynamodb:LeadingKeys": {"R#*"}}, notNull: {"dynamodb:LeadingKeys": {"false"}}}
		return s
	}
	inside := func(actions ...string) template.Statement {
		s := wide(actions...)
		s.Condition = map[string]map[string][]string{"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": {"TransactWriteItems"}}}
		return s
	}
	hollow := narrow("dynamodb:UpdateItem")
	delete(hollow.Condition, notNull)
	for _, test := range []struct {
		name   string
		policy []template.Statement
		uses   []string
		wrong  bool
	}{
		{"what it uses", []template.Statement{wide("a", "b")}, []string{"a", "b"}, false},
		{"more than it uses", []template.Statement{wide("a", "b")}, []string{"a"}, true},
		{"less than it uses", []template.Statement{wide("a")}, []string{"a", "b"}, true},
		{"keys of one kind", []template.Statement{narrow("a")}, []string{"a R#*"}, false},
		{"keys of one kind, and it uses others", []template.Statement{narrow("a")}, []string{"a R#*", "a"}, true},
		{"keys of one kind and all keys", []template.Statement{narrow("a"), wide("a")}, []string{"a R#*", "a"}, false},
		{"all keys, where one kind is enough", []template.Statement{narrow("a"), wide("a")}, []string{"a R#*"}, true},
		{"all keys alone, for one kind", []template.Statement{wide("a")}, []string{"a R#*"}, false},
		{"keys that it does not use", []template.Statement{narrow("a"), wide("a")}, []string{"a"}, true},
		{"a transaction that only a condition on keys allows", []template.Statement{narrow("a")}, []string{"a R#*", "a" + testkit.Enclosed}, true},
		{"a transaction that is allowed whatever its keys", []template.Statement{narrow("a"), inside("a")}, []string{"a R#*", "a" + testkit.Enclosed}, false},
		{"a transaction where everything is allowed", []template.Statement{narrow("a"), wide("a")}, []string{"a R#*", "a", "a" + testkit.Enclosed}, false},
		{"transactions that it does not use", []template.Statement{narrow("a"), inside("a")}, []string{"a R#*"}, true},
		{"a condition that holds without a key", []template.Statement{hollow}, []string{"dynamodb:UpdateItem R#*"}, true},
	} {
		uses := map[string]bool{}
		for _, action := range test.uses {
			uses[action] = true
		}
		if got := excess(test.policy, uses); (len(got) > 0) != test.wrong {
			t.Errorf("%s: got %q", test.name, got)
		}
	}
}

func list(set map[string]bool) string {
	var out []string
	for name := range set {
		out = append(out, name)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

package scale_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/model"
	"profiles/infra/scale"
	"profiles/shared/service"
	"profiles/shared/testkit"
)

var (
	table  = flag.Bool("table", false, "make the whole table, as make scale does")
	update = flag.Bool("update", false, "keep the table, or write what is documented of it")
	while  = flag.Duration("while", 4*time.Second, "how long callers work, in virtual time")
	only   = flag.String("only", "", "scenarios whose name has this")
)

var right = service.Credentials{Password: testkit.Password}

// documenting writes the table that is kept into docs/performance.md.
const documenting = "go test ./infra/scale -run Documented -update"

// levels are the numbers of callers.
var levels = []int{1, 8, 32, 128}

// each calls f with every item of the table, which f may change.
func (g *ground) each(f func(pk, sk string, it model.Item)) {
	type found struct {
		pk, sk string
		it     model.Item
	}
	var all []found
	g.db.Each(tableName, func(pk, sk string, it model.Item) {
		all = append(all, found{pk, sk, it})
	})
	for _, x := range all {
		f(x.pk, x.sk, x.it)
	}
}

// count is how many items have keys with these prefixes.
func (g *ground) count(pk, sk string) (n int) {
	g.each(func(p, s string, _ model.Item) {
		if strings.HasPrefix(p, pk) && strings.HasPrefix(s, sk) {
			n++
		}
	})
	return n
}

func valueOf(v types.AttributeValue) string {
	n, _ := v.(*types.AttributeValueMemberN)
	if n == nil {
		return ""
	}
	return n.Value
}

// In every scenario some calls succeed, and the values that must be exact are
// exact, at both ends of the assumptions about AWS.
func TestScenariosAreExact(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		for _, end := range []model.End{model.Kind, model.Hard} {
			t.Run(s.name+", "+string(end), func(t *testing.T) {
				t.Parallel()
				callers := 8
				if s.alone {
					callers = 1
				}
				r := run(t, s, callers, end, time.Second/2)
				if r.Inexact != "" || r.PerSecond == 0 || r.WCU+r.RCU == 0 {
					t.Errorf("got %+v", r)
				}
			})
		}
	}
}

// TestTable makes the table and says how it differs from the one that was kept.
// It needs minutes, so only make scale runs it.
func TestTable(t *testing.T) {
	if !*table {
		return
	}
	kept, err := scale.Committed()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(scale.Head)
	var rows []scale.Row
	for _, s := range scenarios() {
		if !strings.Contains(s.name, *only) {
			rows = append(rows, slices.DeleteFunc(slices.Clone(kept), func(r scale.Row) bool {
				return r.Scenario != s.name
			})...)
			continue
		}
		at := levels
		if s.alone {
			at = levels[:1]
		}
		for _, callers := range at {
			var three []scale.Row
			for _, end := range []model.End{model.Middle, model.Kind, model.Hard} {
				three = append(three, run(t, s, callers, end, *while))
			}
			fmt.Print(scale.Markdown(three))
			rows = append(rows, three...)
		}
	}
	fmt.Println()
	for _, line := range scale.Differences(kept, rows) {
		fmt.Println(line)
	}
	if *update {
		text, err := scale.JSON(rows)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("table.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Println("The table is kept; now run", documenting)
	}
}

// docs/performance.md shows the table that is kept.
func TestTheTableIsDocumented(t *testing.T) {
	t.Parallel()
	if *table {
		return
	}
	rows, err := scale.Committed()
	if err != nil {
		t.Fatal(err)
	}
	testkit.Documented{
		File: "../../docs/performance.md", Head: scale.Head, Rows: scale.Markdown(rows),
		Command: documenting,
	}.Hold(t, *update)
	for _, r := range rows {
		if r.Inexact != "" {
			t.Errorf("the table was kept with %s, %d callers: %s", r.Scenario, r.Callers, r.Inexact)
		}
	}
}

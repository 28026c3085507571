package event_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"profiles/shared/event"
)

// The guide has all types of events.
func TestTheGuideHasAllTypes(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/guide/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for _, f := range event.Types() {
		fmt.Fprintf(&rows, "| `%s` | %s |\n", f.Type, f.What)
	}
	if want := "| type | meaning |\n| --- | --- |\n" + rows.String() + "\n"; !strings.Contains(
		string(guide), want,
	) {
		t.Errorf("docs/guide/webhooks.md lacks the table\n%s", want)
	}
}

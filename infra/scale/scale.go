// Package scale is how operations behave when many callers meet at one item: a
// table of scenarios on the model of DynamoDB, in virtual time. Its tests make
// the table, and hold what must be exact in each scenario; see make scale.
package scale

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"profiles/infra/model"
)

// Row is what a scenario did with a number of callers. Shares are of all
// answers, in per cent.
type Row struct {
	Scenario  string    `json:"scenario"`
	Callers   int       `json:"callers"`
	End       model.End `json:"end"`
	PerSecond float64   `json:"perSecond"` // successes a second
	Conflict  float64   `json:"conflict"`  // 409
	TooMany   float64   `json:"tooMany"`   // 429
	Failed    float64   `json:"failed"`    // 5xx
	Refused   float64   `json:"refused"`   // 403
	P50       float64   `json:"p50"`       // ms, of successes
	P99       float64   `json:"p99"`
	Conflicts float64   `json:"conflicts"` // locked items that were met, for each success
	WCU       float64   `json:"wcu"`       // for each success
	RCU       float64   `json:"rcu"`
	// Inexact says what was not as it must be; empty: nothing.
	Inexact string `json:"inexact,omitempty"`
}

//go:embed table.json
var committed []byte

// Committed is the last table that was kept, which docs/performance.md shows.
func Committed() (rows []Row, err error) {
	err = json.Unmarshal(committed, &rows)
	return rows, err
}

// JSON is a table as it is kept: a row a line.
func JSON(rows []Row) ([]byte, error) {
	var b strings.Builder
	for i, r := range rows {
		line, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		b.WriteString([]string{"[\n", ",\n"}[min(i, 1)])
		b.Write(line)
	}
	b.WriteString("\n]\n")
	return []byte(b.String()), nil
}

// Rounded is a number with two digits, or with all before the point.
func Rounded(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	parts := math.Pow(10, max(0, 1-math.Floor(math.Log10(math.Abs(x)))))
	return math.Round(x*parts) / parts
}

// Text is a rounded number as a table shows it.
func Text(x float64) string {
	if x = Rounded(x); x >= 10 {
		return fmt.Sprintf("%.0f", x)
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", x), "0"), ".")
}

// Quantile returns the value below which the share q of the times is, in
// milliseconds; 0 of none.
func Quantile(times []time.Duration, q float64) float64 {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	at := min(len(sorted)-1, int(float64(len(sorted))*q))
	return float64(sorted[at].Microseconds()) / 1000
}

// Head is the first line of the table of docs/performance.md.
const Head = "| scenario | callers | a second, kind to hard | 409 % | 429 % | 5xx % | " +
	"p50, p99 ms | conflicts | WCU | exact |"

// Markdown are the rows of that table: those of the middle, with what the ends
// make of the successes a second.
func Markdown(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		if r.End != model.Middle {
			continue
		}
		exact := "yes"
		if r.Inexact != "" {
			exact = "no: " + r.Inexact
		}
		fmt.Fprintf(&b, "| %s | %d | %s%s | %s | %s | %s | %s, %s | %s | %s | %s |\n",
			r.Scenario, r.Callers, Text(r.PerSecond), between(rows, r), Text(r.Conflict),
			Text(r.TooMany), Text(r.Failed), Text(r.P50), Text(r.P99), Text(r.Conflicts),
			Text(r.WCU), exact)
	}
	return b.String()
}

// between says how many successes a second there are at the ends.
func between(rows []Row, of Row) string {
	kind, ok := find(rows, of, model.Kind)
	hard, also := find(rows, of, model.Hard)
	if !ok || !also {
		return ""
	}
	return fmt.Sprintf(" (%s to %s)", Text(kind.PerSecond), Text(hard.PerSecond))
}

func find(rows []Row, like Row, end model.End) (Row, bool) {
	i := slices.IndexFunc(rows, func(r Row) bool {
		return r.Scenario == like.Scenario && r.Callers == like.Callers && r.End == end
	})
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// Differences are how the rows of a run differ from those that were kept, a
// line each. Times are random, so that small ones are none.
func Differences(kept, now []Row) (lines []string) {
	say := func(r Row, what string, args ...any) {
		lines = append(lines, fmt.Sprintf("%s, %d callers, %s: ", r.Scenario, r.Callers, r.End)+
			fmt.Sprintf(what, args...))
	}
	for _, r := range now {
		was, ok := find(kept, r, r.End)
		if !ok {
			say(r, "new")
			continue
		}
		for _, n := range []struct {
			what     string
			was, now float64
			least    float64 // the smallest difference that is one
		}{
			{"successes a second", was.PerSecond, r.PerSecond, 1},
			{"409 %", was.Conflict, r.Conflict, 1},
			{"429 %", was.TooMany, r.TooMany, 1},
			{"5xx %", was.Failed, r.Failed, 1},
			{"p99 ms", was.P99, r.P99, 20},
			{"WCU", was.WCU, r.WCU, 0.5},
		} {
			if d := math.Abs(n.now - n.was); d >= n.least && d > 0.25*max(n.now, n.was) {
				say(r, "%s %s, was %s", n.what, Text(n.now), Text(n.was))
			}
		}
		if r.Inexact != was.Inexact {
			say(r, "inexact %q, was %q", r.Inexact, was.Inexact)
		}
	}
	for _, r := range kept {
		if _, ok := find(now, r, r.End); !ok {
			say(r, "gone")
		}
	}
	return lines
}

package metric_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"profiles/shared/metric"
	"profiles/shared/testkit"
)

// line is the line of the log that a record makes.
func line(r *metric.Record) string {
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if d, ok := a.Value.Any().(metric.Document); ok {
				a.Value = slog.AnyValue(d.In("stack"))
			}
			return a
		},
	})).LogAttrs(context.Background(), slog.LevelInfo, "answered", r.Attributes(time.Now())...)
	return b.String()
}

// Counts of an invocation are summed up, other values are all there, and what
// the table was asked stands beside them.
func TestALineHasWhatItsInvocationCollected(t *testing.T) {
	t.Parallel()
	ctx, r := metric.Begin(t.Context(), "x", "y")
	metric.Add(ctx, metric.TokensMade, 1)
	metric.Add(ctx, metric.TokensMade, 2)
	metric.Add(ctx, metric.MailDelay, 1.5)
	metric.Add(ctx, metric.MailDelay, 130)
	metric.Add(t.Context(), metric.SignUps, 1) // nobody's
	r.Asked()
	r.Asked() // beside the first
	r.Answered(2, 0)
	r.Answered(0, 3.5)
	r.Asked()
	r.Answered(1, 0)
	r.Refused(true, false)
	r.Refused(false, true)
	got := line(r)
	names, err := testkit.CheckLine(got)
	if err != nil || fmt.Sprint(names) != "[TokensMade MailDelay]" {
		t.Fatalf("got %v, %v of %s", names, err, got)
	}
	var members struct {
		TokensMade                            float64
		MailDelay                             []float64
		Trips, Requests, Conflicts, Throttled int
		Reads, Writes                         float64
	}
	if err := json.Unmarshal([]byte(got), &members); err != nil {
		t.Fatal(err)
	}
	want := "{3 [1.5 130] 2 3 1 1 3 3.5}"
	if fmt.Sprint(members) != want {
		t.Errorf("got %v, want %s", members, want)
	}
}

// A line without metrics is none of the format, and nothing is counted where
// nobody collects.
func TestALineWithoutMetrics(t *testing.T) {
	t.Parallel()
	_, r := metric.Begin(t.Context(), "x", "")
	if names, err := testkit.CheckLine(line(r)); err != nil || len(names) > 0 {
		t.Errorf("got %v, %v", names, err)
	}
	none := metric.From(t.Context())
	none.Asked()
	none.Answered(1, 1)
	none.Refused(true, true)
	if none != nil {
		t.Errorf("got the record %v of nobody", none)
	}
}

// CloudWatch drops a line with more values of a metric than it takes.
func TestALineHasAsManyValuesAsCloudWatchTakes(t *testing.T) {
	t.Parallel()
	ctx, r := metric.Begin(t.Context(), "x", "")
	for n := range 150 {
		metric.Add(ctx, metric.MailDelay, float64(n))
		metric.Add(ctx, metric.ServicesBlocked, 1)
	}
	got := line(r)
	if _, err := testkit.CheckLine(got); err != nil || !strings.Contains(got, `"ServicesBlocked":150`) {
		t.Errorf("got %v of %s", err, got)
	}
}

// The check of lines refuses what CloudWatch would not read, or read as
// something else.
func TestTheCheckOfLinesFails(t *testing.T) {
	t.Parallel()
	good := fmt.Sprintf(`{"a":1,"d":"x","_aws":{"Timestamp":%d,"CloudWatchMetrics":`+
		`[{"Namespace":"n","Dimensions":[["d"]],"Metrics":[{"Name":"a","Unit":"Count"}]}]}}`,
		time.Now().UnixMilli())
	if _, err := testkit.CheckLine(good); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"no object":                   {good, `"x"`},
		"a member twice":              {`"a":1`, `"a":1,"a":2`},
		"a text for a value":          {`"a":1`, `"a":"1"`},
		"no value":                    {`"a":1`, `"b":1`},
		"an empty list":               {`"a":1`, `"a":[]`},
		"a dimension that is nowhere": {`"d":"x"`, `"e":"x"`},
		"a dimension that is no text": {`"d":"x"`, `"d":1`},
		"no set of dimensions":        {`[["d"]]`, `[]`},
		"another unit":                {`"Count"`, `"Counts"`},
		"no metrics":                  {`[{"Name":"a","Unit":"Count"}]`, `[]`},
		"a namespace of AWS":          {`"n"`, `"AWS/n"`},
		"seconds":                     {fmt.Sprint(time.Now().UnixMilli())[:5], "1"},
		"a member of its own":         {`"Namespace"`, `"Stack":"x","Namespace"`},
	} {
		if _, err := testkit.CheckLine(strings.Replace(good, change[0], change[1], 1)); err == nil {
			t.Errorf("%s: nothing is refused", what)
		}
	}
}

// Names are those of CloudWatch, and each is there once.
func TestMetricsAreNamed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range metric.All() {
		if seen[m.Name] || m.Name == "" || m.Unit == "" || m.What == "" {
			t.Errorf("got %+v", m)
		}
		seen[m.Name] = true
	}
}

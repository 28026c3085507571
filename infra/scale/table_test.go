package scale_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"profiles/infra/model"
	"profiles/infra/scale"
)

var kept = []scale.Row{
	{Scenario: "a", Callers: 8, End: model.Middle, PerSecond: 100, P50: 20.4, P99: 31, WCU: 5.4},
	{Scenario: "a", Callers: 8, End: model.Kind, PerSecond: 120},
	{Scenario: "a", Callers: 8, End: model.Hard, PerSecond: 80},
}

// Differences that chance can explain are not reported. Greater ones are.
func TestDifferencesOfTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		change func(r *scale.Row)
		want   string // "": nothing
	}{
		{"nothing", func(*scale.Row) {}, ""},
		{"a little slower", func(r *scale.Row) { r.PerSecond, r.P99 = 90, 40 }, ""},
		{"half as many", func(r *scale.Row) { r.PerSecond = 50 }, "successes a second 50, was 100"},
		{"slower", func(r *scale.Row) { r.P99 = 62 }, "p99 ms 62, was 31"},
		{"dearer", func(r *scale.Row) { r.WCU = 9 }, "WCU 9, was 5.4"},
		{"refusals", func(r *scale.Row) { r.Conflict = 3 }, "409 % 3, was 0"},
		{"failures", func(r *scale.Row) { r.Failed = 1.5 }, "5xx % 1.5, was 0"},
		{"hardly any", func(r *scale.Row) { r.Failed = 0.1 }, ""},
		{"inexact", func(r *scale.Row) { r.Inexact = "lost" }, `inexact "lost", was ""`},
	} {
		now := append([]scale.Row{}, kept...)
		c.change(&now[0])
		got := strings.Join(scale.Differences(kept, now), "\n")
		if want := "a, 8 callers, middle: " + c.want; c.want == "" && got != "" || c.want != "" && got != want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
	if got := scale.Differences(kept[:1], kept[1:2]); len(got) != 2 ||
		!strings.HasSuffix(got[0], "kind: new") || !strings.HasSuffix(got[1], "middle: gone") {
		t.Errorf("got %q", got)
	}
}

func TestTablesAsTexts(t *testing.T) {
	t.Parallel()
	const want = "| a | 8 | 100 (120 to 80) | 0 | 0 | 0 | 20, 31 | 0 | 5.4 | yes |\n"
	if got := scale.Markdown(kept); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	lost := kept[0]
	lost.Inexact = "lost"
	if got := scale.Markdown([]scale.Row{lost}); !strings.Contains(got, "| 100 |") ||
		!strings.Contains(got, "| no: lost |") {
		t.Errorf("got %q", got)
	}
	text, err := scale.JSON(kept)
	if err != nil || strings.Count(string(text), "\n") != len(kept)+2 {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{
		0: "0", 0.0271: "0.027", 0.14: "0.14", 5.44: "5.4", 9.96: "10", 44.4: "44", 1427.4: "1427",
	} {
		if got := scale.Text(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
	if got := scale.Rounded(3.31); got != 3.3 {
		t.Errorf("got %v, want 3.3", got)
	}
	times := []time.Duration{3, 1, 2, 4}
	for i := range times {
		times[i] *= time.Millisecond
	}
	got := []float64{
		scale.Quantile(times, 0), scale.Quantile(times, 0.5), scale.Quantile(times, 0.99),
	}
	if !reflect.DeepEqual(got, []float64{1, 3, 4}) || scale.Quantile(nil, 0.5) != 0 {
		t.Errorf("got %v", got)
	}
}

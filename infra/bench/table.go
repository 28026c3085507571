package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints rows under a title, each cell below the one above it.
type table struct{ *tabwriter.Writer }

func newTable(out io.Writer, title string, columns ...string) table {
	fmt.Fprintf(out, "\n%s\n", title)
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)}
	t.row("", columns...)
	return t
}

// row adds a row with its name.
func (t table) row(name string, cells ...string) {
	fmt.Fprintln(t, strings.Join(append([]string{name}, cells...), "\t")+"\t")
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ms is a time in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.2f", milliseconds(d)) }

// two is a number with two digits after the point.
func two(x float64) string { return fmt.Sprintf("%.2f", x) }

// ratio is 0 where the base could not be measured.
func ratio[T time.Duration | int64](value, base T) float64 {
	if base == 0 {
		return 0
	}
	return float64(value) / float64(base)
}

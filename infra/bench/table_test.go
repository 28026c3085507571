package main

import (
	"strings"
	"testing"
	"time"
)

func TestATableStandsInColumns(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	printed := newTable(&out, "Starts", "ready ms", "x")
	printed.row("hello", ms(1500*time.Microsecond), two(1))
	printed.row("profile-get", ms(12*time.Millisecond), two(ratio(time.Duration(3), 2)))
	printed.row("unknown", "-", two(ratio(int64(3), 0)))
	if err := printed.Flush(); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"",
		"Starts",
		"               ready ms     x",
		"        hello      1.50  1.00",
		"  profile-get     12.00  1.50",
		"      unknown         -  0.00",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

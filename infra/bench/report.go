package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"profiles/infra/engine"
)

const (
	megabyte = 1e6
	mebibyte = 1 << 20
	kibibyte = 1 << 10
)

// report has everything that was measured. starts and size are in the order of
// subjects, whose first is hello.
type report struct {
	out           io.Writer
	subjects      []subject
	size          []size
	starts        []start
	firsts        map[string]first
	warm          []warm
	allocations   []allocation
	reports       []reporting
	checkPassword time.Duration
}

// print prints one table for each thing that was measured.
func (r *report) print(kind engine.Kind) error {
	err := errors.Join(
		r.printStarts(),
		r.printFirsts(),
		r.printWarm(kind),
		r.printAllocations(),
		r.printReports(),
		r.printGoals(),
	)
	const form = "\nA password check takes %.1f ms with a whole CPU.\n"
	fmt.Fprintf(r.out, form, milliseconds(r.checkPassword))
	return err
}

func (r *report) printStarts() error {
	t := newTable(r.out, "Start, plain HTTP; file and zip are those for "+deployed,
		"file MB", "zip MB", "ready ms", "CPU ms", "idle MiB", "ready x", "CPU x", "idle x")
	base := r.starts[0]
	for i, s := range r.subjects {
		at := r.starts[i]
		t.row(s.name,
			two(float64(r.size[i].file)/megabyte), two(float64(r.size[i].zip)/megabyte),
			ms(at.ready), ms(at.cpu), two(float64(at.idle)/mebibyte),
			two(ratio(at.ready, base.ready)), two(ratio(at.cpu, base.cpu)),
			two(ratio(at.idle, base.idle)))
	}
	return t.Flush()
}

func (r *report) printFirsts() error {
	t := newTable(r.out, "Start and first invocation, TLS",
		"ready ms", "CPU ms", "first ms", "ready + first")
	for _, s := range r.subjects {
		if at, ok := r.firsts[s.name]; ok {
			t.row(s.name, ms(at.ready), ms(at.cpu), ms(at.took), ms(at.ready+at.took))
		}
	}
	return t.Flush()
}

func (r *report) printWarm(kind engine.Kind) error {
	t := newTable(r.out, "Warm invocation, plain HTTP, "+string(kind),
		"p50 ms", "p99 ms", "CPU ms", "requests", "CPU x", "per request x")
	for _, w := range r.warm {
		requests, perRequest := r.firsts[w.name].requests, "-"
		times := ratio(w.cpu, r.warm[0].cpu)
		if requests > 0 {
			perRequest = two(times / requests)
		}
		t.row(w.name, ms(w.p50), ms(w.p99), ms(w.cpu), two(requests), two(times), perRequest)
	}
	return t.Flush()
}

func (r *report) printAllocations() error {
	t := newTable(r.out, "Allocations of a warm invocation", "pieces", "KiB")
	for _, a := range r.allocations {
		t.row(a.name, fmt.Sprint(a.pieces), two(float64(a.bytes)/kibibyte))
	}
	return t.Flush()
}

func (r *report) printReports() error {
	if len(r.reports) == 0 {
		return nil
	}
	t := newTable(r.out,
		"Reports of usage, plain HTTP, beside bare updates of one item for each profile",
		"a second", "lines/s", "p50 ms", "p99 ms", "409", "bare x")
	bare := map[[2]int]float64{} // by profiles and writers
	for _, m := range r.reports {
		share := "-"
		if m.lines == 0 {
			bare[[2]int{m.profiles, m.writers}] = m.rate
		} else if base := bare[[2]int{m.profiles, m.writers}]; base > 0 {
			share = two(m.rate / base)
		}
		t.row(m.name(), fmt.Sprintf("%.0f", m.rate), fmt.Sprintf("%.0f", m.rate*float64(m.lines)),
			ms(m.p50), ms(m.p99), fmt.Sprint(m.conflicts), share)
	}
	return t.Flush()
}

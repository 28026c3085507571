package main

import (
	"fmt"
	"io"
	"time"

	"profiles/infra/engine"
)

// Goals, set before the project was written, against hello in the same run
// where they are ratios. The first request of a function has its own: opening
// the connection to DynamoDB is the business of the start.
const (
	goalStart  = 1.45
	goalCPU    = 1.5
	goalIdle   = 1.4
	goalRead   = 1.6 // CPU of a warm authenticated read for each DynamoDB request it makes
	goalZip    = 3.5 // MB
	goalFirst  = 5.0 // ms
	megabyte   = 1e6
	mebibyte   = 1 << 20
	nameWidth  = 22
	goalsWidth = 58
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

func (r *report) sizes(subjects []subject) error {
	known := map[string]size{}
	for _, s := range subjects {
		if _, ok := known[s.program]; !ok {
			measured, err := measureSize(s.program)
			if err != nil {
				return err
			}
			known[s.program] = measured
		}
		r.size = append(r.size, known[s.program])
	}
	return nil
}

func (r *report) print(kind engine.Kind) {
	r.printStarts()
	r.printFirsts()
	r.printWarm(kind)
	r.printAllocations()
	r.printReports()
	r.printGoals()
	fmt.Fprintf(
		r.out,
		"\nA password check takes %.1f ms with a whole CPU.\n",
		milliseconds(r.checkPassword),
	)
}

func (r *report) printStarts() {
	fmt.Fprintf(
		r.out,
		"Start, plain HTTP; file and zip are those for "+deployed+"\n%-*s %9s %8s %9s %9s %9s   %8s %8s %8s\n",
		nameWidth,
		"",
		"file MB",
		"zip MB",
		"ready ms",
		"CPU ms",
		"idle MiB",
		"ready x",
		"CPU x",
		"idle x",
	)
	for i, s := range r.subjects {
		at, base := r.starts[i], r.starts[0]
		fmt.Fprintf(
			r.out,
			"%-*s %9.2f %8.2f %9.2f %9.2f %9.1f   %8.2f %8.2f %8.2f\n",
			nameWidth,
			s.name,
			float64(r.size[i].file)/megabyte,
			float64(r.size[i].zip)/megabyte,
			milliseconds(at.ready),
			milliseconds(at.cpu),
			float64(at.idle)/mebibyte,
			ratio(at.ready, base.ready),
			ratio(at.cpu, base.cpu),
			ratio(at.idle, base.idle),
		)
	}
}

func (r *report) printFirsts() {
	fmt.Fprintf(r.out, "\nStart and first invocation, TLS\n%-*s %9s %9s %9s %13s\n", nameWidth, "",
		"ready ms", "CPU ms", "first ms", "ready + first")
	for _, s := range r.subjects {
		if at, ok := r.firsts[s.name]; ok {
			fmt.Fprintf(
				r.out,
				"%-*s %9.2f %9.2f %9.2f %13.2f\n",
				nameWidth,
				s.name,
				milliseconds(
					at.ready,
				),
				milliseconds(at.cpu),
				milliseconds(at.took),
				milliseconds(at.ready+at.took),
			)
		}
	}
}

func (r *report) printWarm(kind engine.Kind) {
	fmt.Fprintf(
		r.out,
		"\nWarm invocation, plain HTTP, %s\n%-*s %9s %9s %9s %9s   %8s %14s\n",
		kind,
		nameWidth,
		"",
		"p50 ms",
		"p99 ms",
		"CPU ms",
		"requests",
		"CPU x",
		"per request x",
	)
	for _, w := range r.warm {
		perRequest := "-"
		if requests := r.firsts[w.name].requests; requests > 0 {
			perRequest = fmt.Sprintf("%.2f", ratio(w.cpu, r.warm[0].cpu)/requests)
		}
		fmt.Fprintf(
			r.out,
			"%-*s %9.3f %9.3f %9.3f %9.1f   %8.2f %14s\n",
			nameWidth,
			w.name,
			milliseconds(
				w.p50,
			),
			milliseconds(w.p99),
			milliseconds(w.cpu),
			r.firsts[w.name].requests,
			ratio(w.cpu, r.warm[0].cpu),
			perRequest,
		)
	}
}

// printGoals compares the authenticated read with the goals, and gives the same
// ratios to a hello with one thread.
func (r *report) printGoals() {
	var reader, one int
	for i, s := range r.subjects {
		switch s.name {
		case read:
			reader = i
		case helloOne:
			one = i
		}
	}
	warmOf := map[string]warm{}
	for _, w := range r.warm {
		warmOf[w.name] = w
	}
	largest := 0
	for i := range r.size {
		if r.size[i].zip > r.size[largest].zip {
			largest = i
		}
	}
	at, bare, single := r.starts[reader], r.starts[0], r.starts[one]
	perRequest := func(base string) float64 {
		return ratio(warmOf[read].cpu, warmOf[base].cpu) / max(1, r.firsts[read].requests)
	}

	fmt.Fprintf(
		r.out,
		"\n%-*s %9s %9s  %-6s  %s\n",
		goalsWidth,
		"Goals, "+read,
		"measured",
		"goal",
		"",
		"against "+helloOne,
	)
	r.goal("start, x hello", ratio(at.ready, bare.ready), goalStart, ratio(at.ready, single.ready))
	r.goal("CPU of the start, x hello", ratio(at.cpu, bare.cpu), goalCPU, ratio(at.cpu, single.cpu))
	r.goal("idle memory, x hello", ratio(at.idle, bare.idle), goalIdle, ratio(at.idle, single.idle))
	r.goal(
		"CPU of a warm read, for each DynamoDB request, x hello",
		perRequest(hello),
		goalRead,
		perRequest(helloOne),
	)
	r.goal(
		"first request after the start, TLS, ms",
		milliseconds(r.firsts[read].took),
		goalFirst,
		0,
	)
	r.goal("zip of "+read+", MB", float64(r.size[reader].zip)/megabyte, goalZip, 0)
	r.goal(
		"zip of "+r.subjects[largest].name+", the largest, MB",
		float64(r.size[largest].zip)/megabyte,
		goalZip,
		0,
	)
}

func (r *report) goal(what string, measured, goal, other float64) {
	verdict, against := "met", ""
	if measured > goal {
		verdict = "MISSED"
	}
	if other > 0 {
		against = fmt.Sprintf("%.2f", other)
	}
	fmt.Fprintf(
		r.out,
		"%-*s %9.2f %9s  %-6s  %s\n",
		goalsWidth,
		what,
		measured,
		fmt.Sprintf("<= %.2f", goal),
		verdict,
		against,
	)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ratio is 0 where the base could not be measured.
func ratio[T time.Duration | int64](value, base T) float64 {
	if base == 0 {
		return 0
	}
	return float64(value) / float64(base)
}

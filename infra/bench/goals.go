package main

import "fmt"

// Goals, set before the project was written, against hello in the same run
// where they are ratios. The first request of a function has its own: opening
// the connection to DynamoDB is the business of the start.
const (
	goalStart = 1.45
	goalStill = 1.05 // of a function that touches no table
	goalCPU   = 1.5
	goalIdle  = 1.4
	goalRead  = 1.6 // CPU of a warm authenticated read for each DynamoDB request it makes
	goalZip   = 3.5 // MB
	goalFirst = 5.0 // ms
)

// printGoals compares the authenticated read with the goals, and gives the same
// ratios to a hello with one thread.
func (r *report) printGoals() error {
	at, bare, single := r.start(read), r.start(hello), r.start(helloOne)
	t := newTable(r.out, "Goals, "+read, "measured", "goal", "", "against "+helloOne)
	n := r.noise()
	goal := func(what string, measured, most, noise, other float64) {
		against := ""
		if other > 0 {
			against = two(other)
		}
		said := verdict(measured, most, noise)
		t.row(what, two(measured), fmt.Sprintf("<= %.2f", most), said, against)
	}
	goal("start, x hello",
		ratio(at.ready, bare.ready), goalStart, n.ready, ratio(at.ready, single.ready))
	still := ratio(r.start(noIO).ready, bare.ready)
	goal("start of "+noIO+", x hello",
		still, goalStill, n.ready, ratio(r.start(noIO).ready, single.ready))
	goal("CPU of the start, x hello",
		ratio(at.cpu, bare.cpu), goalCPU, n.cpu, ratio(at.cpu, single.cpu))
	goal("idle memory, x hello",
		ratio(at.idle, bare.idle), goalIdle, n.idle, ratio(at.idle, single.idle))
	goal("CPU of a warm read, for each DynamoDB request, x hello",
		r.readPerRequest(hello), goalRead, n.warm, r.readPerRequest(helloOne))
	goal("first request after the start, TLS, ms",
		milliseconds(r.firsts[read].took), goalFirst, n.ready, 0)
	largest := 0
	for i, s := range r.subjects {
		if s.name == read {
			goal("zip of "+read+", MB", float64(r.size[i].zip)/megabyte, goalZip, 1, 0)
		}
		if r.size[i].zip > r.size[largest].zip {
			largest = i
		}
	}
	goal("zip of "+r.subjects[largest].name+", the largest, MB",
		float64(r.size[largest].zip)/megabyte, goalZip, 1, 0)
	if err := t.Flush(); err != nil {
		return err
	}
	r.printNoise()
	return nil
}

// start returns the start of a subject.
func (r *report) start(name string) start {
	for i, s := range r.subjects {
		if s.name == name {
			return r.starts[i]
		}
	}
	return start{}
}

// readPerRequest returns the CPU time of a warm read, in that of an invocation
// of base, for each request that the read makes to DynamoDB.
func (r *report) readPerRequest(base string) float64 {
	return ratio(r.warmOf(read).cpu, r.warmOf(base).cpu) / max(1, r.firsts[read].requests)
}

// warmOf returns the warm invocations of a subject.
func (r *report) warmOf(name string) warm {
	for _, w := range r.warm {
		if w.name == name {
			return w
		}
	}
	return warm{}
}

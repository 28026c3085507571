package main

import "fmt"

// noise is how much two measurements of the same program differ in a run, as
// the larger of them in the smaller.
type noise struct{ ready, cpu, idle, warm float64 }

// noise compares the two hellos of the run.
func (r *report) noise() noise {
	one, other := r.start(hello), r.start(helloAgain)
	return noise{
		ready: apart(one.ready, other.ready),
		cpu:   apart(one.cpu, other.cpu),
		idle:  apart(one.idle, other.idle),
		warm:  apart(r.warmOf(hello).cpu, r.warmOf(helloAgain).cpu),
	}
}

// apart returns the larger of two figures in the smaller, at least 1.
func apart[N ~int64](a, b N) float64 {
	if min(a, b) <= 0 {
		return 1
	}
	return float64(max(a, b)) / float64(min(a, b))
}

// verdict says whether a figure meets its goal, as far as the noise of the run
// lets one say so.
func verdict(measured, most, noise float64) string {
	switch {
	case measured <= most/noise:
		return "met"
	case measured <= most:
		return "met, within the noise"
	case measured <= most*noise:
		return "missed, within the noise"
	default:
		return "MISSED"
	}
}

func (r *report) printNoise() {
	n := r.noise()
	fmt.Fprintf(r.out,
		"\nNoise: two hellos differ by %.0f %% in their start, %.0f %% in its CPU, "+
			"%.0f %% in idle memory, and %.0f %% in the CPU of an invocation.\n",
		100*(n.ready-1), 100*(n.cpu-1), 100*(n.idle-1), 100*(n.warm-1))
}

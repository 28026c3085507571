package main

import (
	"strings"
	"testing"
	"time"
)

func TestNoiseIsWhatTwoHellosDifferBy(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := &report{
		out:      &out,
		subjects: []subject{{name: hello}, {name: read}, {name: helloAgain}},
		starts:   []start{{20, 10, 100}, {30, 30, 30}, {25, 10, 90}},
		warm:     []warm{{name: hello, cpu: 100}, {name: helloAgain, cpu: 150}},
	}
	want := noise{ready: 1.25, cpu: 1, idle: 100. / 90, warm: 1.5}
	if got := r.noise(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	r.printNoise()
	if !strings.Contains(out.String(), "25 % in their start, 0 % in its CPU") {
		t.Errorf("got %q", out.String())
	}
	if apart[time.Duration](0, 5) != 1 {
		t.Error("what was not measured has noise")
	}
}

func TestAVerdictSaysWhatNoiseLetsOneSay(t *testing.T) {
	t.Parallel()
	for measured, want := range map[float64]string{
		1.2: "met", 1.45: "met, within the noise", 1.55: "missed, within the noise", 1.8: "MISSED",
	} {
		if got := verdict(measured, 1.5, 1.1); got != want {
			t.Errorf("%v: got %q, want %q", measured, got, want)
		}
	}
}

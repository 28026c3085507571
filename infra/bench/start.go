package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"profiles/infra/runtimeapi"
)

// settle is how long a started function gets to come to rest before its memory
// is read.
const settle = 5 * time.Millisecond

// start is the cost of a start, each the median of many.
type start struct {
	ready time.Duration // from the start of the process to its first poll
	cpu   time.Duration // user and system time until then
	idle  int64         // resident memory in bytes, 0 where it cannot be read
}

// measureStarts starts each subject in turn, many times over.
func measureStarts(
	ctx context.Context,
	subjects []subject,
	g *ground,
	rounds int,
) ([]start, error) {
	ready := make([][]time.Duration, len(subjects))
	cpu := make([][]time.Duration, len(subjects))
	idle := make([][]int64, len(subjects))
	for range rounds {
		for i, s := range subjects {
			f, err := runtimeapi.Start(ctx, s.options(g.plain))
			if err != nil {
				return nil, err
			}
			time.Sleep(settle)
			resident := residentMemory(f.PID())
			f.Stop()
			ready[i] = append(ready[i], f.Ready())
			cpu[i] = append(cpu[i], f.CPU())
			idle[i] = append(idle[i], resident)
		}
	}
	out := make([]start, len(subjects))
	for i := range subjects {
		out[i] = start{median(ready[i]), median(cpu[i]), median(idle[i])}
	}
	return out, nil
}

// residentMemory is what Linux says a process has in memory. The kernel adds it
// up there page by page; the figure in status is cheaper to read, and off by as
// much as some of the differences here.
func residentMemory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "Rss:" {
			n, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			return n << 10
		}
	}
	return 0
}

// Command bench measures what the functions cost, compared with a bare
// hello-world function in the same run, so that the speed of the machine
// cancels out of the ratios. It reports and does not judge: a time that misses
// its goal is printed as such, and the command fails only when something does
// not work.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"profiles/infra/template"
)

// settings say how much is measured.
type settings struct {
	all         bool
	starts      int
	invocations int
	reports     time.Duration
}

func main() {
	var s settings
	flag.BoolVar(&s.all, "all", false, "measure the start of every function, not only of a few")
	flag.IntVar(&s.starts, "starts", 30, "how often each function is started")
	flag.IntVar(&s.invocations, "invocations", 3000, "how often each warm function is invoked")
	flag.DurationVar(
		&s.reports,
		"reports",
		time.Second,
		"how long each kind of usage report is sent; 0 leaves them out",
	)
	flag.Parse()
	// With the signals handled here, an interrupted run ends its engine and
	// functions too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, s settings) error {
	if s.starts < 1 || s.invocations < batches {
		return fmt.Errorf("at least 1 start and %d invocations are needed", batches)
	}
	file, err := template.Find()
	if err != nil {
		return err
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		return err
	}
	root := filepath.Dir(file)
	subjects, err := choose(declared, root, s.all)
	if err != nil {
		return err
	}
	if err := build(ctx, root, subjects); err != nil {
		return err
	}
	g, err := prepare(ctx, declared, root)
	if err != nil {
		return err
	}
	defer g.close()

	r := report{out: out, subjects: subjects, checkPassword: checkPassword()}
	if r.size, err = measureSizes(subjects); err != nil {
		return err
	}
	if r.starts, err = measureStarts(ctx, subjects, g, s.starts); err != nil {
		return err
	}
	if r.firsts, err = measureFirsts(ctx, subjects, g, max(1, s.starts/2)); err != nil {
		return err
	}
	if r.warm, err = measureWarm(ctx, subjects, g, r.starts, s.invocations); err != nil {
		return err
	}
	if r.allocations, err = measureAllocations(ctx, g, declared.Table.LogicalID); err != nil {
		return err
	}
	if s.reports > 0 {
		table := declared.Table.LogicalID
		if r.reports, err = measureReports(ctx, g, table, s.reports); err != nil {
			return err
		}
	}
	return r.print(g.engine.Kind)
}

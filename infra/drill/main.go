// Command drill rehearses on this machine what docs/recovery.md says: it copies
// the table of a stack, loses it, restores it as another one, puts a stack over
// that, and checks that everything is there and works.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"profiles/infra/demo/seed"
)

func main() {
	local := flag.String("local", ".tools/local", "the program of the local stack")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, drill{local: *local, demo: seed.Whole, out: os.Stdout})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "profiles: the restore failed:", err)
		os.Exit(1)
	}
}

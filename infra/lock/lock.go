// Package lock keeps processes out of each other's way by locks on files, which
// the kernel releases when a process ends in whatever way.
package lock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// ErrHeld says that another process has the lock.
var ErrHeld = errors.New("the lock is held by another process")

// patience is how long a lock is waited for in silence.
const patience = 300 * time.Millisecond

// TakeFrom takes a lock as Take does, and says on log whom it waits for when it
// does not get it at once.
func TakeFrom(ctx context.Context, file, holder string, log io.Writer) (*os.File, error) {
	announce := time.AfterFunc(
		patience,
		func() { fmt.Fprintf(log, "waiting for %s ...\n", holder) },
	)
	defer announce.Stop()
	return Take(ctx, file)
}

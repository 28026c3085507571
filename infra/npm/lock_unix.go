//go:build linux || darwin || freebsd || netbsd || openbsd

package npm

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lock takes the lock of an existing file; the kernel releases it when the process ends in whatever way.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

//go:build linux || darwin || freebsd || netbsd || openbsd

package lock

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// Held reports whether somebody has the lock of a file. A file that does not
// exist has none.
func Held(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return errors.Is(err, syscall.EWOULDBLOCK)
		}
	}
}

// Take opens a file, made when missing, and takes its lock as soon as it is
// free. The lock is the open file's: it ends when this process and every one
// that inherited the file have closed it or are gone. ErrHeld: it was not free
// before ctx ended.
func Take(ctx context.Context, file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ErrHeld
		case <-time.After(50 * time.Millisecond):
		}
	}
}

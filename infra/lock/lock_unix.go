//go:build linux || darwin || freebsd || netbsd || openbsd

// Package lock keeps processes out of each other's way by locks on files, which the kernel releases when a process ends in
// whatever way.
package lock

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// ErrHeld says that another process has the lock.
var ErrHeld = errors.New("the lock is held by another process")

// Try takes the lock of an existing file, or returns ErrHeld.
func Try(file string) (unlock func(), err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	switch {
	case err == nil:
		return func() { f.Close() }, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = ErrHeld
	}
	f.Close()
	return nil, err
}

// Wait takes the lock of an existing file as soon as it is free.
func Wait(ctx context.Context, file string) (unlock func(), err error) {
	for {
		unlock, err := Try(file)
		if !errors.Is(err, ErrHeld) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

//go:build !(linux || darwin || freebsd || netbsd || openbsd)

// Package lock keeps processes out of each other's way by locks on files. Where the system has no flock it does nothing:
// there, install once before running tests in parallel, and run one local stack at a time.
package lock

import (
	"context"
	"errors"
)

// ErrHeld says that another process has the lock.
var ErrHeld = errors.New("the lock is held by another process")

// Try does nothing.
func Try(string) (unlock func(), err error) { return func() {}, nil }

// Wait does nothing.
func Wait(context.Context, string) (unlock func(), err error) { return func() {}, nil }

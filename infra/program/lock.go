package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// ErrLocked says that another process has the lock of a file.
var ErrLocked = errors.New("the lock is held by another process")

const (
	// lockSilence is how long a lock is waited for in silence.
	lockSilence = 300 * time.Millisecond
	// lockPause is the time between two attempts to take a lock.
	lockPause = 50 * time.Millisecond
)

// Lock opens a file, made when missing, and takes its lock as soon as it is
// free. The lock is the open file's: the kernel releases it when this process
// and every program that inherited the file have closed it or are gone. Errors:
// ErrLocked when it was not free before ctx ended.
func Lock(ctx context.Context, file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if mine, err := lock(f); err != nil {
			f.Close()
			return nil, err
		} else if mine {
			return f, nil
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ErrLocked
		case <-time.After(lockPause):
		}
	}
}

// LockFrom takes a lock as Lock does, and says on log whom it waits for when it
// does not get it at once.
func LockFrom(ctx context.Context, file, holder string, log io.Writer) (*os.File, error) {
	announce := time.AfterFunc(lockSilence, func() {
		fmt.Fprintf(log, "waiting for %s ...\n", holder)
	})
	defer announce.Stop()
	return Lock(ctx, file)
}

// Locked reports whether a process has the lock of a file. A file that does not
// exist has none. Where files have no locks, one that exists counts as locked.
func Locked(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	if !canLock {
		return true
	}
	free, err := lock(f)
	return !free && err == nil
}

//go:build linux || darwin || freebsd || netbsd || openbsd

package program

import (
	"errors"
	"os"
	"syscall"
)

// kill ends a program and everything that it has started: it leads a group of
// its own.
func kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// canLock says whether files have locks.
const canLock = true

// lock takes the lock of an open file if it is free, and reports whether it
// did.
func lock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return err == nil, err
		}
	}
}

// Package lock keeps processes out of each other's way by locks on files, which the kernel releases when a process ends in
// whatever way.
package lock

import "errors"

// ErrHeld says that another process has the lock.
var ErrHeld = errors.New("the lock is held by another process")

//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package program

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func kill(p *os.Process) error { return p.Kill() }

// canLock says whether files have locks.
const canLock = false

// lock locks nothing, as there is no flock: here, install once before running
// tests in parallel, and run one local stack at a time.
func lock(*os.File) (bool, error) { return true, nil }

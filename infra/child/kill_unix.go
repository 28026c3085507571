//go:build unix

package child

import (
	"os"
	"syscall"
)

// kill ends a program and whatever it has started: it leads a group of its own.
func kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

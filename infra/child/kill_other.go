//go:build !unix

package child

import "os"

func kill(p *os.Process) error { return p.Kill() }

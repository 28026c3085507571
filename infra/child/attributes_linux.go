package child

import "syscall"

// When the parent is killed, the kernel asks the child to end and does not kill
// it: Amazon DynamoDB Local answers a transaction some milliseconds before it
// is in its file, and writes it when it ends of itself.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

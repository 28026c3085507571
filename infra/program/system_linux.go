package program

import "syscall"

// attributes has the kernel ask a program to end when its parent is killed. It
// does not kill the program: Amazon DynamoDB Local answers a transaction some
// milliseconds before it is in its file, and writes it when it ends of itself.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

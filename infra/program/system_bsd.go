//go:build darwin || freebsd || netbsd || openbsd

package program

import "syscall"

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

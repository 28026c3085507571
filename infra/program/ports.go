package program

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"runtime"
	"syscall"
)

// FreePort returns a TCP port of 127.0.0.1 that was free a moment ago.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// Unguessable returns an address of this machine alone, another one each time
// where the system has many: no page in a browser finds a program there.
func Unguessable() string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1"
	}
	b := make([]byte, 3)
	rand.Read(b)
	return fmt.Sprintf("127.%d.%d.%d", 1+b[0]%254, b[1], 1+b[2]%254)
}

// PortFree reports whether a program could listen at the port, on every address
// and on 127.0.0.1.
func PortFree(port int) bool { return Listenable(port) == nil }

// Listenable says why no program could listen at a port, on every address and
// on 127.0.0.1.
func Listenable(port int) error {
	for _, host := range []string{"127.0.0.1", ""} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
		if err != nil {
			return portError(port, err)
		}
		listener.Close()
	}
	return nil
}

func portError(port int, err error) error {
	switch {
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf(
			"this user may not listen at port %d: ports below 1024 are for root",
			port,
		)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d is in use", port)
	}
	return err
}

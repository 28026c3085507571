package program

import (
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// The ports of FreePort. No usual system gives one of them to a connection or
// to a program that listens at any port, as those come and go by the hundred
// while an engine takes seconds to listen.
const (
	firstPort = 20_000
	morePorts = 4_000
)

// reserved are the locked files of ports that FreePort has returned, for as
// long as this process lives.
var reserved struct {
	sync.Mutex
	files []*os.File
}

// FreePort returns a TCP port that is free, on every address and on 127.0.0.1.
// It returns it to no other process while this one lives.
func FreePort() (int, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprint("profiles-ports-", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	for range morePorts {
		port := firstPort + mathrand.IntN(morePorts)
		mine, err := reserve(filepath.Join(dir, strconv.Itoa(port)), port)
		if err != nil {
			return 0, err
		}
		if mine {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port from %d to %d is free", firstPort, firstPort+morePorts-1)
}

// reserve locks the file of a port, unless this process or another one has, or
// something listens there.
func reserve(file string, port int) (bool, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	if mine, err := lock(f); err != nil || !mine || !PortFree(port) {
		f.Close()
		return false, err
	}
	reserved.Lock()
	defer reserved.Unlock()
	reserved.files = append(reserved.files, f)
	return true, nil
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

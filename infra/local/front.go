package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

// front gives the requests of programs to one of the stack's own, at the port
// that people know, and refuses what a page in a browser sends that is not its
// own: neither the engine nor the mailbox asks who wants something. Browsers
// name the page's origin in whatever can change something, and the host that
// was asked for, which shows a name that somebody has led to this machine.
func front(listener net.Listener, to string) (*http.Server, error) {
	target, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	return &http.Server{
		ReadHeaderTimeout: readHeaderTimeout,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			own := false
			for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
				own = own || strings.EqualFold(r.Host, host+":"+port)
			}
			origin := r.Header.Get("Origin")
			if !own || origin != "" && !strings.EqualFold(origin, "http://"+r.Host) {
				http.Error(w, "pages of other origins are not served here", http.StatusForbidden)
				return
			}
			proxy.ServeHTTP(w, r)
		}),
	}, nil
}

// serveFront serves a program of the stack's own at a port, 0 for any, and
// returns the address.
func (s *stack) serveFront(port int, to string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	server, err := front(listener, to)
	if err != nil {
		listener.Close()
		return "", err
	}
	s.fronts = append(s.fronts, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("the front of %s: %w", to, err))
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"profiles/infra/program"
)

// patience is how long a request may take to send its header.
const patience = 2 * time.Minute

// stack is a running local stack.
type stack struct{ *program.Stack }

// environment is where walks find the stack.
func (s stack) environment() []string {
	return []string{"TAGOIO_API=" + s.API, "MAILBOX=" + s.SES}
}

// start starts a stack on a folder of data and returns when it is up.
func (t trial) start(
	ctx context.Context, b build, data, demo string, more []string,
) (stack, error) {
	cmd := exec.Command(b.program)
	cmd.Dir = b.tree
	cmd.Env = append(program.Environment(
		"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SES", "TRAILING_SLASH",
	), "DATA="+data, "DEMO="+demo, "PORT=0", "DYNAMODB_PORT=0", "MAIL_PORT=0",
		"RATE_LIMITS=off", "LOG_LEVEL=error")
	cmd.Env = append(cmd.Env, more...)
	s, err := program.StartStack(ctx, b.name, cmd, data)
	return stack{s}, err
}

// mixture gives requests to two stacks in turn.
type mixture struct {
	server  *http.Server
	address string
}

// mix makes a mixture. Its mailbox is the mailboxes of both: either may deliver
// a mail.
func mix(one, two stack) (*mixture, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &mixture{address: "http://" + listener.Addr().String()}
	var proxies []*httputil.ReverseProxy
	for _, s := range []stack{one, two} {
		to, err := url.Parse(s.API)
		if err != nil {
			return nil, err
		}
		proxies = append(proxies, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		}})
	}
	var turn atomic.Uint64
	routes := http.NewServeMux()
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		proxies[turn.Add(1)%2].ServeHTTP(w, r)
	})
	routes.HandleFunc("GET /mailbox/store", func(w http.ResponseWriter, r *http.Request) {
		emails, err := bothMailboxes(r.Context(), one, two)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"emails": emails})
	})
	m.server = &http.Server{Handler: routes, ReadHeaderTimeout: patience}
	go func() {
		if err := m.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "upgrade:", err)
		}
	}()
	return m, nil
}

// bothMailboxes are the mails of two stacks.
func bothMailboxes(ctx context.Context, stacks ...stack) (all []json.RawMessage, err error) {
	for _, s := range stacks {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.SES+"/store", nil)
		if err != nil {
			return nil, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		var box struct {
			Emails []json.RawMessage `json:"emails"`
		}
		err = json.NewDecoder(response.Body).Decode(&box)
		response.Body.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, box.Emails...)
	}
	return all, nil
}

func (m *mixture) environment() []string {
	return []string{"TAGOIO_API=" + m.address, "MAILBOX=" + m.address + "/mailbox"}
}

// Close ends the mixture, and leaves its stacks.
func (m *mixture) Close() { _ = m.server.Close() }

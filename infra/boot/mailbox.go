package main

import (
	"fmt"
	"net"
	"net/http"
)

// mailbox stands in for SES: it takes every mail and keeps none.
type mailbox struct {
	endpoint string
	server   *http.Server
}

func openMailbox() (*mailbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &mailbox{
		endpoint: "http://" + listener.Addr().String(),
		server:   &http.Server{Handler: http.HandlerFunc(take)},
	}
	go func() { _ = m.server.Serve(listener) }()
	return m, nil
}

func (m *mailbox) close() { _ = m.server.Close() }

// take answers SendEmail of the SES API, version 2, and refuses everything else
// in that API's words.
func take(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
		w.Header().Set("X-Amzn-Errortype", "NotFoundException")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"message": %q}`, r.Method+" "+r.URL.Path+" is not taken here")
		return
	}
	fmt.Fprint(w, `{"MessageId": "local"}`)
}

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

// take answers SendEmail of the SES API, version 1, and refuses everything else
// in that API's words.
func take(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	if action := r.FormValue("Action"); action != "SendEmail" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(
			w,
			`<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>`+
				`<Code>InvalidAction</Code><Message>%q is not taken here</Message></Error><RequestId>local</RequestId></ErrorResponse>`,
			action,
		)
		return
	}
	fmt.Fprint(
		w,
		`<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult><MessageId>local</MessageId>`+
			`</SendEmailResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></SendEmailResponse>`,
	)
}

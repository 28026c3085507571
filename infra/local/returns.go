package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"profiles/infra/program"
	"profiles/infra/simulator"
	"profiles/infra/template"
)

// returns stands between the functions and the mailbox: mails to addresses of
// simulator.Domain arrive in the mailbox, and then come back, as they do to
// those that SES has for tests. The events go to the functions of the topic.
type returns struct {
	life *life

	mu          sync.Mutex
	subscribers []*function
}

// returnAfter is the time until a mail comes back.
const returnAfter = 200 * time.Millisecond

// subscribe has the functions get events that the template declares a topic
// for.
func (r *returns) subscribe(declared *template.Template, functions map[string]*function) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range declared.Functions {
		if len(f.Topics) > 0 {
			r.subscribers = append(r.subscribers, functions[f.Name])
		}
	}
}

// serveReturns serves the mailbox to functions and returns the address.
func (s *stack) serveReturns(to string) (string, error) {
	target, err := url.Parse(to)
	if err != nil {
		return "", err
	}
	// As for the mailbox itself: no page of a browser may send mails.
	listener, err := net.Listen("tcp", net.JoinHostPort(program.Unguessable(), "0"))
	if err != nil {
		return "", err
	}
	server := &http.Server{
		ReadHeaderTimeout: readHeaderTimeout,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			event, returns := eventOfMail(body, time.Now())
			(&httputil.ReverseProxy{
				Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
				ModifyResponse: func(answer *http.Response) error {
					if returns && answer.StatusCode == http.StatusOK {
						s.returns.publish(event)
					}
					return nil
				},
			}).ServeHTTP(w, r)
		}),
	}
	s.fronts = append(s.fronts, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("the front of %s: %w", to, err))
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

// eventOfMail returns the event of the mail that a request to SES sends; ok is
// false if it does not come back.
func eventOfMail(request []byte, now time.Time) (event []byte, ok bool) {
	var mail struct {
		Destination struct{ ToAddresses []string }
		EmailTags   []struct{ Name, Value string }
	}
	if err := json.Unmarshal(request, &mail); err != nil || len(mail.Destination.ToAddresses) != 1 {
		return nil, false
	}
	tags := map[string]string{}
	for _, tag := range mail.EmailTags {
		tags[tag.Name] = tag.Value
	}
	return simulator.Event(mail.Destination.ToAddresses[0], tags, now)
}

// publish sends an event to the subscribers, as SNS does. One that fails is not
// tried again, where AWS would. It is called while a function sends the mail.
func (r *returns) publish(event []byte) {
	r.mu.Lock()
	subscribers := r.subscribers
	r.mu.Unlock()
	r.life.running.Go(func() {
		wait(r.life.work, returnAfter)
		for _, f := range subscribers {
			if _, err := f.invoke(r.life.whole, event); err != nil && r.life.whole.Err() == nil {
				slog.Error("a mail that came back was not recorded",
					"operation", f.name, "error", err.Error())
			}
		}
	})
}

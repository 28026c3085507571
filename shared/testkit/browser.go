package testkit

import (
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/operation"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/value"
)

// SessionCookie is the name of the cookie that has a session.
const SessionCookie = "__Host-session"

// Browse is Call from a page of the service, in a browser that keeps a session;
// "" for none.
func (w *World) Browse(o operation.Operation, method, target, session string, body any) Answer {
	w.Helper()
	event := PageEvent(method, target, session)
	w.fill(&event, body)
	return w.Send(o, event)
}

// PageEvent is the event of a request that a page of the service sends.
func PageEvent(method, target, session string) events.APIGatewayV2HTTPRequest {
	event := Event(method, target)
	event.Headers["sec-fetch-site"] = "same-origin"
	event.Headers["console"] = "1"
	if method != "GET" && method != "HEAD" {
		event.Headers["origin"] = "https://" + event.Headers["host"]
	}
	if session != "" {
		event.Cookies = []string{"theme=dark", SessionCookie + "=" + session}
	}
	return event
}

// SessionIn returns the session that an answer has a browser keep, "" for none.
func (a Answer) SessionIn() string {
	for _, cookie := range a.Cookies {
		if text, ok := strings.CutPrefix(cookie, SessionCookie+"="); ok {
			text, _, _ = strings.Cut(text, ";")
			return text
		}
	}
	return ""
}

// Browser signs the person in with a browser, and returns the session.
func (p Person) Browser() string { return p.BrowserWith(service.Credentials{Password: Password}) }

// BrowserWith is Browser with credentials.
func (p Person) BrowserWith(given service.Credentials) string {
	p.w.Helper()
	begun, err := p.w.Sessions.Create(
		p.w.Context(), service.Client{Source: Home, Agent: "testkit"}, string(p.Email), given)
	p.w.OK(err)
	return begun.Text
}

// SessionClient is a client who presents a session.
func (w *World) SessionClient(session string) service.Client {
	w.Helper()
	key, ok := secret.ParseSession(session)
	if !ok {
		w.Fatalf("%q is no session", session)
	}
	return service.Client{Source: Home, Agent: "testkit"}.WithSession(key)
}

// SessionID returns the id of a session.
func (w *World) SessionID(session string) value.SessionID {
	return value.SessionID(w.SessionClient(session).Token.ID)
}

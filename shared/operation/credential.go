package operation

import (
	"net/http"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// errNotSameOrigin refuses a session in a request that no page of this service
// has sent.
var errNotSameOrigin = problem.Unauthenticated("Unauthorized: a session counts only in requests of this service's own pages; send a token instead").
	For(problem.ReasonNotSameOrigin)

// endsSession reports whether an answer to a page that signs out has its
// browser forget the session: that has ended, by the request or before, or is
// none, and then was not admitted. After any other failure the browser keeps
// it, so that the person can try again.
func endsSession(status int) bool {
	return status == http.StatusOK || status == http.StatusUnauthorized
}

// present gives a request its credential: the token that it carries, else the
// session of its browser. A sign-in has none, but may end that session. Errors:
// CodeUnauthenticated for a request without a credential that the operation
// takes, or with one that was never issued.
func (o Operation) present(r *request, browser httpapi.Browser) error {
	switch {
	case o.SignsIn && !browser.Own:
		return errNotSameOrigin
	case o.SignsIn:
		r.client.Browser, _ = secret.ParseSession(browser.Session)
		return nil
	case o.Access == Anonymous:
		return nil
	case r.client.Service && o.Access.DataPlanes():
		return nil
	}
	if text := httpapi.Token(r.Header); text != "" && o.Access != Browser {
		token, ok := secret.Parse(text)
		if !ok {
			return problem.ErrInvalidToken
		}
		r.client.Token = token
		return nil
	}
	switch {
	case browser.Session == "" && o.Access == Browser:
		return tenancy.ErrNoSession
	case browser.Session == "":
		return problem.ErrNoToken
	case !browser.Own:
		return errNotSameOrigin
	}
	session, ok := secret.ParseSession(browser.Session)
	if _, err := value.ParseSessionID(session.ID); !ok || err != nil {
		return tenancy.ErrSessionEnded
	}
	r.client = r.client.WithSession(session)
	return nil
}

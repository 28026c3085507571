package operation

import (
	"net/http"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// errNotSameOrigin refuses a session in a request that was not sent by a page
// of this service.
var errNotSameOrigin = problem.Unauthenticated("Unauthorized: a session counts only in requests of this service's own pages; send a token instead").
	For(problem.ReasonNotSameOrigin)

// endsSession reports whether the answer to a sign-out removes the session from
// the browser. It does if the session has ended, or if the request was refused
// because the session is not valid. After any other failure the browser keeps
// the session, so that the person can try again.
func endsSession(status int) bool {
	return status == http.StatusOK || status == http.StatusUnauthorized
}

// present finds the credential of a request: its token, or else the session of
// its browser. A sign-in has no credential, but may end that session. Errors:
// CodeUnauthenticated for a request without a credential that the operation
// accepts, or with one that was never issued.
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

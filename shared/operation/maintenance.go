package operation

import (
	"net/http"

	"profiles/shared/problem"
	"profiles/shared/service"
)

// Changes reports whether a request with a method may change something, apart
// from rate limits and last uses. Such requests are refused while the service
// is read-only, even those that revoke or sign out: a table that changes cannot
// be copied or restored exactly.
func (o Operation) Changes(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return o.Acts
	}
	return !o.Static
}

// readOnly refuses (CodeUnavailable) a request that may change something while
// the service is read-only.
func (o Operation) readOnly(r *http.Request, s *service.Services) error {
	if !o.Changes(r.Method) {
		return nil
	}
	if m := s.Maintenance(); m.On() {
		return problem.Unavailable(
			"The service is read-only for maintenance, and nothing was changed",
			m.Wait(s.Accounts.Now()),
		).For(problem.ReasonMaintenance)
	}
	return nil
}

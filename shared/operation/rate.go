package operation

import (
	"strings"

	"profiles/shared/plan"
)

// Open reports whether anybody may send requests to the operation: it takes no
// credential, or a code from a mail.
func (o Operation) Open() bool {
	return o.Trigger == HTTP && (o.Access == Anonymous || o.Codes)
}

// RateGroup returns which rate limit holds for the operation. Static operations
// cost the table nothing. Data planes report as fast as their customers use
// things: what is limited there is the use, and a report that is refused would
// be use that nobody counted.
func (o Operation) RateGroup() plan.RateGroup {
	switch {
	case o.Trigger != HTTP || o.Static:
		return plan.RateNone
	case o.Access.DataPlanes():
		return plan.RateNone
	case o.file != nil:
		return plan.RateLogo
	case o.Open():
		return plan.RateSource
	case o.Access.Agents():
		return plan.RateDesk
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(o.Routes[0].Path, "/"), "/")
	switch first {
	case "account", "pricing", "billing", "console":
		return plan.RateAccount
	case "notification":
		return plan.RateNotification
	case "info":
		return plan.RateTokenInfo
	}
	return plan.RateProfile
}

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

// RateGroup returns the rate limit of the operation. Static operations have
// none, as they do not use the table. Reports of data planes have none either:
// plans limit the usage itself, and usage whose report was refused would not be
// counted.
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

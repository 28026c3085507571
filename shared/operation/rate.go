package operation

import (
	"strings"

	"profiles/shared/tenancy"
)

// RateGroup returns which rate limit holds for the operation. Static operations cost the table nothing. Data planes report as fast as their
// customers use things: what is limited there is the use, and a report that is refused would be use that nobody counted.
func (o Operation) RateGroup() tenancy.RateGroup {
	switch {
	case o.Trigger != HTTP || o.Static:
		return tenancy.RateNone
	case o.Access == DataPlane || o.Access == DataPlaneRead:
		return tenancy.RateNone
	case o.Access == Anonymous || o.Codes:
		return tenancy.RateSource
	case o.Access == Agent || o.Access == AgentRead:
		return tenancy.RateDesk
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(o.Routes[0].Path, "/"), "/")
	switch first {
	case "account", "pricing", "billing":
		return tenancy.RateAccount
	case "notification":
		return tenancy.RateNotification
	case "info":
		return tenancy.RateTokenInfo
	}
	return tenancy.RateProfile
}

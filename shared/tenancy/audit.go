package tenancy

import "time"

// AuditEntry records one accepted change. It commits with the change.
type AuditEntry struct {
	ID         string
	Log        string // whose log: a profile's id, or an account's for what concerns no profile
	Time       time.Time
	Resource   string // the kind of thing changed, such as "profile"
	ResourceID string
	Message    string // short, past tense: "Profile updated"
	Who        string // the acting account's id, or the name of a scheduled operation
	Token      TokenID
}

// auditMonths is how long entries are kept. Source: the original's audit log page.
const auditMonths = 6

// Kept returns when the entry may be forgotten.
func (e AuditEntry) Kept() time.Time { return e.Time.AddDate(0, auditMonths, 0) }

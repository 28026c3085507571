package operator

import (
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Act is who runs a command, and why. Audit entries and roles have it.
type Act struct{ Who, Why string }

// MaxAct is the most characters of each part of an Act.
const MaxAct = 300

// ParseAct reads who runs a command, and why. Errors: CodeInvalid naming the
// part that is missing, too long, or not readable.
func ParseAct(who, why string) (Act, error) {
	var a Act
	var err error
	if a.Who, err = value.CleanText("OPERATOR", who, 1, MaxAct); err != nil {
		return a, err
	}
	a.Why, err = value.CleanText("REASON", why, 0, MaxAct)
	return a, err
}

// By returns the service for what one person does for one reason.
func (s Service) By(a Act) Service {
	s.act = a
	return s
}

// entry is the audit entry of an operator's change of an account. The operator
// and the reason are among its changes, because the MAC covers those and the
// owner of the account sees them.
func (s Service) entry(
	id value.AccountID,
	message string,
	now time.Time,
	changes ...auditlog.Change,
) auditlog.Entry {
	e := s.AuditEntry(string(id), tenancy.Token{}, "account", string(id), message, now)
	e.Who = "operator"
	e.Changes = append(changes, auditlog.Differences(
		auditlog.Change{Field: "operator", After: s.act.Who},
		auditlog.Change{Field: "reason", After: s.act.Why},
	)...)
	return e
}

package access

import (
	"context"
	"errors"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// The kinds of failed authentication in the audit log of an account, each at
// most once in a span. So a reader sees that there are attempts, and attempts
// cannot fill the log.
const (
	failedRefused  = "Sign-ins refused: too many wrong passwords"
	failedPassword = "Sign-in failed: wrong password"
	failedAction   = "Action refused: wrong password"
	failedBlocked  = "Sign-in refused: the account may not sign in"
	failedPin      = "Wrong pin given"
	failedPause    = "Pin not looked at, after too many wrong ones"
	failedFactor   = "Right password without a pin, from where nobody has signed in before"
)

var errAlreadyAudited = errors.New("the log of the account says so already")

// auditFailure writes a failed authentication into the audit log of an account,
// once in a span for each subject. For an address without an account it makes
// as many requests to the table. The request is refused whether or not the
// entry can be written. It reports whether the log has it.
func (x *Access) auditFailure(
	ctx context.Context, c Client, subject string, account tenancy.Account, text string,
	now time.Time,
) bool {
	tx := x.config.Store.Begin()
	window := store.RateWindow{Subject: subject, End: store.WindowEnd(now, attemptSpan)}
	tx.Count(window, 1, errAlreadyAudited)
	if account.ID != "" {
		tx.Audit(x.failureEntry(account.ID, text, now))
	}
	err := tx.CommitAside(ctx, c.Origin())
	if err == nil || errors.Is(err, errAlreadyAudited) {
		return true
	}
	x.config.Log.WarnContext(ctx, "a failed sign-in is not in the log of the account",
		"account", account.ID, "what", text, "error", err.Error())
	return false
}

// auditRefused writes into the audit log of an account, once in a span, that
// anonymous clients use up its attempts. For an address without an account it
// makes as many requests to the table. Later refusals in this process make
// none.
func (x *Access) auditRefused(
	ctx context.Context, a *passwordAttempt, account tenancy.Account, now time.Time,
) {
	if a.onSubject.Counted <= attemptsPerAccount || x.audited.has(a.bySubject) {
		return
	}
	if x.auditFailure(ctx, a.client, "refused#"+a.bySubject.Subject, account, failedRefused, now) {
		x.audited.put(a.bySubject, 1)
	}
}

// failureEntry returns the audit entry of a failed authentication.
func (x *Access) failureEntry(id value.AccountID, text string, now time.Time) auditlog.Entry {
	e := x.accountEntry(id, text, now)
	e.Who = "whoever tried"
	return e
}

// accountEntry returns an audit entry of an account for an event without a
// token.
func (x *Access) accountEntry(id value.AccountID, text string, now time.Time) auditlog.Entry {
	return auditlog.Entry{
		ID: x.config.NewID(now), Log: string(id), Time: now, Message: text,
		Resource: "account", ResourceID: string(id), Who: string(id),
	}
}

package mailing

import (
	"fmt"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Budget is how many mails an account may cause, or an address may get, in a
// day of UTC. It counts mails to addresses that are not the account's:
// invitations, offers of a transfer, and confirmations of a new address. A mail
// stays counted if its invitation or offer is withdrawn, because it was sent.
// Reminders and notices of the outcome are not counted; each of these mails
// causes only a few.
type Budget struct {
	Code  string // the name of the budget in the refusal, for programs
	Limit int
	whose string
}

var (
	// MailsToOthers is the budget of one account, over all its profiles.
	MailsToOthers = Budget{
		"mails-to-others",
		20,
		"an account sends at most %d mails a day to addresses that are not its own",
	}
	// MailsToAddress is the budget of one address, over all accounts that cause
	// mails to it.
	MailsToAddress = Budget{
		"mails-to-address",
		20,
		"this address is sent at most %d mails a day by other people, whoever they are",
	}
)

// MailDay is the span of a Budget.
const MailDay = 24 * time.Hour

// Spent returns the refusal (CodeTooMany) of a mail for which the budget has
// nothing left until the time free.
func (b Budget) Spent(free, now time.Time) *problem.Error {
	e := problem.TooMany(free.Sub(now)).
		For(problem.ReasonMailLimit).
		With("budget", b.Code).
		With("limit", b.Limit)
	e.Message = fmt.Sprintf(
		"Too many mails (%s, Retry-After: %d): "+b.whose+", and more from %s on",
		b.Code,
		int(e.RetryAfter.Seconds()),
		b.Limit,
		free.UTC().Format(value.TimeFormat),
	)
	return e
}

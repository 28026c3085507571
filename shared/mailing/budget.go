package mailing

import (
	"fmt"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Budget is how many mails somebody causes, or gets, in a day of UTC. It is
// for mails that an account has sent to addresses that are not its own:
// invitations, offers of a transfer, and the confirmation of a new address.
// What is taken back afterwards stays spent, as the mail is out. Reminders and
// what tells how these ended are bounded by them, and are not counted.
type Budget struct {
	Code  string // in the refusal, for programs to know it by
	Limit int
	whose string
}

var (
	// MailsToOthers is what one account causes, whichever of its profiles it
	// does that with.
	MailsToOthers = Budget{
		"mails-to-others",
		20,
		"an account sends at most %d mails a day to addresses that are not its own",
	}
	// MailsToAddress is what one address gets, whoever causes it.
	MailsToAddress = Budget{
		"mails-to-address",
		20,
		"this address is sent at most %d mails a day by other people, whoever they are",
	}
)

// MailDay is the span of a Budget.
const MailDay = 24 * time.Hour

// Spent is the refusal (CodeTooMany) of a mail for which the budget has nothing
// left until free.
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

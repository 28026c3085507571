package service

import (
	"time"

	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/value"
)

// Limits of what anonymous clients can make this service do, by the source of
// their requests and, where there is one, by the account or the address that
// they are about. The original publishes no such limits. A request that cannot
// be counted here is refused. A single use of a code from a mail has
// plan.RateSource. Passwords that are tried are limited in package access.
const (
	// Sign-ups, and requests for a mail to an address.
	signUpSpan      = time.Hour
	signUpsBySource = 30

	// Mails of one kind to an address, whoever asks.
	mailSpan       = time.Hour
	mailsByAddress = 5

	// Reports of leaked tokens: a scanner of repositories finds many at once.
	leakSpan      = time.Hour
	leaksBySource = 100
)

// spendMail takes a mail that an account causes to an address which is not its
// own from the budgets of both. Their counts are in the commit that sends the
// mail: however many are asked for at once, no more go out.
func spendMail(tx *store.Tx, by value.AccountID, to value.Email, now time.Time) {
	spend := func(subject string, budget mailing.Budget) {
		day := store.RateWindow{Subject: subject, End: store.WindowEnd(now, mailing.MailDay)}
		tx.Count(day, budget.Limit, budget.Spent(day.End, now))
	}
	spend("mails#by#"+string(by), mailing.MailsToOthers)
	spend("mails#to#"+secret.Fingerprint(string(to)), mailing.MailsToAddress)
}

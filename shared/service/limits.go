package service

import (
	"time"

	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// What strangers can make this service do, by the source their requests come from and, where there is one, by the account or the address they
// are about. The original publishes no such limits; these are ours. A request that cannot be counted here is refused. What else strangers can
// ask for, each a single use of a code from a mail, has tenancy.RateSource.
const (
	// Passwords that are tried: a person mistypes a few times, and an office shares an address.
	attemptSpan        = 15 * time.Minute
	attemptsPerSource  = 30
	attemptsPerAccount = 20

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

// spendMail takes a mail that an account causes to an address which is not its own from the budgets of both. Their counts are in the commit that
// sends the mail: however many are asked for at once, no more go out.
func spendMail(tx *store.Tx, by value.AccountID, to value.Email, now time.Time) {
	spend := func(subject string, budget tenancy.MailBudget) {
		day := store.RateWindow{Subject: subject, End: rateWindowEnd(now, tenancy.MailDay)}
		tx.Count(day, budget.Limit, budget.Spent(day.End, now))
	}
	spend("mails#by#"+string(by), tenancy.MailsToOthers)
	spend("mails#to#"+secret.Fingerprint(string(to)), tenancy.MailsToAddress)
}

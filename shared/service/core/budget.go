package core

import (
	"time"

	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/value"
)

// SpendMail counts a mail from an account to an address of somebody else
// against two budgets: that of the account and that of the address. The counts
// are part of the commit that sends the mail, so that requests at the same time
// cannot exceed a budget.
func SpendMail(tx *store.Tx, by value.AccountID, to value.Email, now time.Time) {
	spend := func(subject string, budget mailing.Budget) {
		day := store.RateWindow{Subject: subject, End: store.WindowEnd(now, mailing.MailDay)}
		tx.Count(day, budget.Limit, budget.Spent(day.End, now))
	}
	spend("mails#by#"+string(by), mailing.MailsToOthers)
	spend("mails#to#"+secret.Fingerprint(string(to)), mailing.MailsToAddress)
}

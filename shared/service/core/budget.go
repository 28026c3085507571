package core

import (
	"time"

	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/value"
)

// SpendMail takes a mail that an account causes to an address which is not its
// own from the budgets of both. Their counts are in the commit that sends the
// mail: however many are asked for at once, no more go out.
func SpendMail(tx *store.Tx, by value.AccountID, to value.Email, now time.Time) {
	spend := func(subject string, budget mailing.Budget) {
		day := store.RateWindow{Subject: subject, End: store.WindowEnd(now, mailing.MailDay)}
		tx.Count(day, budget.Limit, budget.Spent(day.End, now))
	}
	spend("mails#by#"+string(by), mailing.MailsToOthers)
	spend("mails#to#"+secret.Fingerprint(string(to)), mailing.MailsToAddress)
}

package transfers

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/transfer"
)

// Limits of the mails that one side of a transfer can have sent to itself
// again.
const (
	resendCooldown = time.Minute
	resendDay      = 24 * time.Hour
	resendsPerDay  = 5
)

// errNothingToMail answers a side that has no answer to give.
var errNothingToMail = problem.Conflict("No mail with a code can be sent: this side has answered already, or needs no code")

// Mail sends the caller's side of a transfer the mail once more that it answers
// with, with a new code beside those that were sent: the owner what confirms
// the request, whoever holds the address the offer. Errors: those of every
// request with a token; CodeForbidden without full permission; CodeNotFound for
// a transfer in which the caller has no part; CodeConflict for one that has
// ended, and for a side that has answered; CodeTooMany for more than a mail a
// minute or five a day.
func (s Service) Mail(ctx context.Context, c access.Client, id transfer.ID) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		who, t, err := authorizeTransfer(ctx, s.Access, c, id, nil)
		if err != nil {
			return struct{}{}, err
		}
		party := t.PartyOf(who.Account)
		if party == "" {
			return struct{}{}, problem.NotFound("Transfer")
		}
		now := s.Instant()
		if err := t.Unfinished(now); err != nil {
			return struct{}{}, err
		}
		given, err := s.Load(ctx, t, true)
		if err != nil {
			return struct{}{}, err
		}
		if given.Void() != "" {
			return struct{}{}, s.failed(ctx, t, given.Void())
		}
		key := s.NewKey()
		tx := s.Store.Begin()
		switch t = given.Transfer; {
		case t.Reverts != "":
			return struct{}{}, errNothingToMail
		case party == transfer.PartySource && t.Confirmed.IsZero():
			t.ConfirmCodes = with(t.ConfirmCodes, key.Hash())
			s.mailConfirm(tx, given, key.Code(), now)
		case party == transfer.PartyDestination && t.Accepted.IsZero():
			t.AnswerCodes = with(t.AnswerCodes, key.Hash())
			s.mailOffer(tx, given, key.Code(), now)
		default:
			return struct{}{}, errNothingToMail
		}
		subject := "transfer-mail#" + string(t.ID) + "#" + string(party)
		tx.Cooldown(subject, resendCooldown, now, problem.TooMany(resendCooldown).
			Because("the mail was sent a moment ago").
			For(problem.ReasonMailLimit))
		today := store.RateWindow{Subject: subject, End: store.WindowEnd(now, resendDay)}
		tx.Count(today, resendsPerDay, problem.TooMany(today.End.Sub(now)).
			Because("the mail was sent as often today as may be").
			For(problem.ReasonMailLimit).
			With("limit", resendsPerDay))
		tx.UpdateTransfer(t.Mailed(party))
		tx.CheckAddress(who.Account, problem.ErrConflict)
		tx.Audit(s.AuditEntry(
			string(t.Profile), who.Token, "transfer", string(t.ID), "Mail of the transfer sent again", now,
		))
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// with returns codes with one more, in a list of its own.
func with(codes [][]byte, one []byte) [][]byte {
	return append(codes[:len(codes):len(codes)], one)
}

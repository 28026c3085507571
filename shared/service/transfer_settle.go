package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// settle adds to tx what follows from a transfer's new state: its end, the move
// of the profile when nothing is missing any more, or else the state alone. It
// returns the transfer as it will be.
func (s Transfers) settle(
	tx *store.Tx,
	given tenancy.TransferContext,
	v verb,
	now time.Time,
) tenancy.Transfer {
	t := given.Transfer
	if t.State != tenancy.TransferRequested {
		s.end(tx, given, now)
		return t
	}
	if t.Ready() && !v.opens {
		given.Spare = value.ProfileID(s.NewID(now))
		move, checks := given.Complete(now)
		if move.Transfer.State == tenancy.TransferCompleted {
			s.complete(tx, given, move, now)
			return move.Transfer
		}
		var first bool
		if t, first = t.Wait(checks, t.HeldUntil(given.Source), now); first {
			given.Transfer = t
			s.notifyMissing(tx, given, checks, now)
		}
	}
	switch {
	case v.opens:
		// It may be called something else than when it was given away.
		t.ProfileName = given.Profile.Name
		given.Transfer = t
		tx.OpenTransfer(given.Profile, t)
		s.announceRevert(tx, given, now)
	case v.answers:
		tx.AnswerTransfer(t)
	default:
		tx.UpdateTransfer(t)
	}
	return t
}

// becomes is the change of a transfer's state.
func becomes(was, is tenancy.Transfer) auditlog.Change {
	return auditlog.Change{Field: "state", Before: string(was.State), After: string(is.State)}
}

// bySchedule is the audit entry of what a transfer does by itself.
func (b *base) bySchedule(t tenancy.Transfer, message string, now time.Time) auditlog.Entry {
	e := b.auditEntry(string(t.Profile), tenancy.Token{}, "transfer", string(t.ID), message, now)
	e.Who = "transfer-expire"
	return e
}

// announce tells everybody of a new request: the desk, the owner, and whoever
// holds the address.
func (s Transfers) announce(
	tx *store.Tx,
	given tenancy.TransferContext,
	confirm, answer string,
	now time.Time,
) {
	t, source := given.Transfer, given.Source
	if t.Policy != tenancy.PolicyAuto {
		s.send(
			tx,
			s.newMail(
				tenancy.MessageTransferDesk,
				tenancy.SupportDesk,
				now,
				words(given, map[string]string{
					"message": orWord(
						t.Message,
						"(none)",
					),
					"missing": orWord(given.Checks(now).Missing(), "nothing"),
				}),
			),
		)
	}
	s.send(
		tx,
		s.newMail(tenancy.MessageTransferRequested, source.Email, now, words(given, map[string]string{"code": confirm})).
			In(source.Timezone),
	)
	kind := tenancy.MessageTransferOfferedNew
	if given.Destination.ID != "" {
		kind = tenancy.MessageTransferOffered
		tx.Notify(s.notice(given.Destination.ID, "A profile is offered to you", fmt.Sprintf(
			"%s (%s) offers you the profile %s. The mail about the transfer %s has the link to answer.",
			value.Isolated(source.Name),
			source.Email,
			value.Isolated(t.ProfileName),
			t.ID,
		), now).As(tenancy.NotificationProfile))
	}
	s.send(tx, s.newMail(kind, t.Email, now, words(given, map[string]string{
		"message": orWord(
			t.Message,
			"(none)",
		),
		"amounts": amountsText(given.Profile.Allocation),
		"addons":  pricedAddons(given.Profile.Addons),
		"team":    given.Team.Size(),
		"code":    answer,
	})).In(given.Destination.Timezone))
}

// words are what mails about a transfer may mention, and more of that.
func words(given tenancy.TransferContext, more map[string]string) map[string]string {
	t := given.Transfer
	w := map[string]string{
		"ticket": string(
			t.ID,
		),
		"profile":  t.ProfileName,
		"owner":    given.Source.Name,
		"address":  string(given.Source.Email),
		"name":     given.Source.Name,
		"receiver": string(t.Email),
		"expires":  t.Expires.Format(time.RFC3339),
		"needs":    "Nothing moves before both of you have agreed and our support desk has approved it.",
	}
	if t.Policy == tenancy.PolicyAuto {
		w["needs"] = "Nothing moves before both of you have agreed."
	}
	for word, value := range more {
		w[word] = value
	}
	return w
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// amountsText lists amounts that are not zero, a line each.
func amountsText(a plan.Amounts) string {
	var lines []string
	for _, service := range plan.Services() {
		if n := a[service]; n != 0 {
			lines = append(lines, fmt.Sprintf("%s: %d %s", service, n, service.Unit()))
		}
	}
	return orWord(strings.Join(lines, "\n"), "nothing, as it has no allocation")
}

// pricedAddons names add-ons with what they cost their owner from the next
// renewal on.
func pricedAddons(a tenancy.Addons) string {
	var lines []string
	for _, one := range plan.AllAddons() {
		if a.Has(one) {
			cents := one.Price()
			lines = append(
				lines,
				fmt.Sprintf(
					"%s, %d.%02d USD a month from your next renewal on",
					one,
					cents/100,
					cents%100,
				),
			)
		}
	}
	return orWord(strings.Join(lines, "; "), "none")
}

// side is one side of a transfer as mails reach it.
type side struct {
	party   tenancy.Party
	account tenancy.Account // zero: an address that has not answered
	address value.Email
}

// sides returns those sides that can be told something.
func sides(given tenancy.TransferContext) (out []side) {
	if a := given.Source; a.ID != "" {
		out = append(out, side{tenancy.PartySource, a, a.Email})
	}
	switch a := given.Destination; {
	case a.ID != "":
		out = append(out, side{tenancy.PartyDestination, a, a.Email})
	case given.Transfer.Destination == "":
		out = append(out, side{tenancy.PartyDestination, a, given.Transfer.Email})
	}
	return out
}

// noticeBoth notifies both sides; form has places for the ticket and the
// profile's name.
func (s Transfers) noticeBoth(
	tx *store.Tx,
	given tenancy.TransferContext,
	form string,
	now time.Time,
) {
	t := given.Transfer
	for _, to := range sides(given) {
		if to.account.ID != "" {
			tx.Notify(
				s.notice(to.account.ID, "Transfer "+string(t.ID), fmt.Sprintf(form, t.ID, value.Isolated(t.ProfileName)), now).
					As(tenancy.NotificationProfile),
			)
		}
	}
}

// notifyMissing tells each side what is missing on it.
func (s Transfers) notifyMissing(
	tx *store.Tx,
	given tenancy.TransferContext,
	checks tenancy.Checks,
	now time.Time,
) {
	for _, to := range sides(given) {
		if missing := checks.Of(to.party).Missing(); missing != "" {
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferWaiting, to.address, now, words(given, map[string]string{"name": to.account.Name, "missing": missing})).
					In(to.account.Timezone),
			)
		}
	}
}

// end ends a transfer that does not move the profile, and tells everybody
// concerned.
func (s Transfers) end(tx *store.Tx, given tenancy.TransferContext, now time.Time) {
	t := given.Transfer
	tx.EndTransfer(t)
	more := map[string]string{"outcome": t.Outcome(now), "reason": ""}
	if t.Reason != "" {
		more["reason"] = "The reason: " + t.Reason
	}
	for _, to := range sides(given) {
		s.send(
			tx,
			s.newMail(tenancy.MessageTransferEnded, to.address, now, words(given, more)).
				In(to.account.Timezone),
		)
	}
	if t.Policy != tenancy.PolicyAuto && t.State != tenancy.TransferRejected {
		s.send(
			tx,
			s.newMail(tenancy.MessageTransferEnded, tenancy.SupportDesk, now, words(given, more)),
		)
	}
	s.noticeBoth(tx, given, "The transfer %s of the profile %s "+t.Outcome(now)+".", now)
}

// endWithProfile ends the open transfer of a profile that owner deletes in the
// same commit.
func (s Transfers) endWithProfile(
	ctx context.Context,
	tx *store.Tx,
	id tenancy.TransferID,
	owner tenancy.Account,
	now time.Time,
) error {
	batch := s.Store.Batch()
	found := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	given := tenancy.TransferContext{Source: owner}
	if to := found.Value.Destination; to != "" {
		batch = s.Store.Batch()
		destination := batch.Account(to)
		if err := batch.Get(ctx); err != nil {
			return err
		}
		given.Destination = destination.Value
	}
	t, err := found.Value.Expire(now)
	if err != nil {
		t, err = found.Value.Fail("the profile was deleted", now)
	}
	if err != nil {
		// Somebody else ended it since its claim was read.
		return problem.ErrConflict
	}
	given.Transfer = t
	s.end(tx, given, now)
	return nil
}

// complete moves the profile and tells everybody concerned.
func (s Transfers) complete(
	tx *store.Tx,
	c tenancy.TransferContext,
	m tenancy.TransferMove,
	now time.Time,
) {
	t, p := m.Transfer, m.Profile
	tx.MoveProfile(m)
	c.Transfer = t
	stays := "You can no longer open it."
	if m.Previous != nil {
		stays = fmt.Sprintf("You stay in its team, with %s permission.", m.Previous.Permission)
	}
	more := map[string]string{
		"receiver": string(
			m.Destination.Email,
		),
		"owner":   m.Source.Name,
		"stays":   stays,
		"amounts": amountsText(p.Allocation),
		"addons": pricedAddons(
			p.Addons,
		),
		"original": string(t.Reverts),
		"when":     now.Format(time.RFC3339),
		"until":    t.RevertUntil().Format(time.RFC3339),
	}
	given, received := tenancy.MessageTransferGiven, tenancy.MessageTransferReceived
	if t.Reverts != "" {
		given, received = tenancy.MessageTransferReturned, tenancy.MessageTransferReturned
	}
	s.send(tx, s.newMail(given, m.Source.Email, now, words(c, more)).In(m.Source.Timezone))
	more["name"], more["profile"], more["stays"] = m.Destination.Name, p.Name, "It is yours again."
	s.send(
		tx,
		s.newMail(received, m.Destination.Email, now, words(c, more)).In(m.Destination.Timezone),
	)
	s.noticeBoth(tx, c, "The transfer %s of the profile %s has completed.", now)
	for _, member := range m.Stay {
		tx.Notify(
			s.notice(member.Account, "A profile has a new owner", fmt.Sprintf("The profile %s belongs to %s now. You have %s permission on it.", value.Isolated(p.Name), value.Isolated(m.Destination.Name), member.Permission), now).
				As(tenancy.NotificationProfile),
		)
	}
	for _, member := range m.Leave {
		tx.Notify(
			s.notice(member.Account, "A profile is no longer shared with you", fmt.Sprintf("The profile %s has a new owner, who did not keep you in its team.", value.Isolated(c.Profile.Name)), now).
				As(tenancy.NotificationProfile),
		)
	}
	if n := m.Instead; n != nil {
		tx.Notify(
			s.notice(m.Source.ID, "You have a new profile", fmt.Sprintf("The profile %s went back to its previous owner. It was your only one, so you have a new, empty one: %s.", value.Isolated(c.Profile.Name), value.Isolated(n.Name)), now).
				As(tenancy.NotificationProfile),
		)
		e := s.bySchedule(t, "Profile created in place of the only one, which went back", now)
		e.Log, e.Resource, e.ResourceID, e.Who = string(
			n.ID,
		), "profile", string(
			n.ID,
		), "transfer "+string(
			t.ID,
		)
		tx.Audit(changing(e, n.Differences(tenancy.Profile{})...))
	}
	const moved = "Profile transferred to another account"
	for _, log := range []string{string(p.ID), string(m.Source.ID), string(m.Destination.ID)} {
		e := s.bySchedule(t, moved, now)
		e.Log, e.Who = log, "transfer "+string(t.ID)
		tx.Audit(
			changing(
				e,
				auditlog.Change{
					Field:  "owner",
					Before: string(m.Source.ID),
					After:  string(m.Destination.ID),
				},
			),
		)
	}
}

// announceRevert tells the other side, or both, and the desk that a completed
// transfer is asked back.
func (s Transfers) announceRevert(tx *store.Tx, given tenancy.TransferContext, now time.Time) {
	t := given.Transfer
	asked := t.Timeline[0].By
	by := map[tenancy.Party]string{
		tenancy.PartySource: "the present owner", tenancy.PartyDestination: "the previous owner", tenancy.PartySupport: "the support desk",
	}[asked]
	more := map[string]string{"original": string(t.Reverts), "by": by}
	for _, to := range sides(given) {
		if to.party != asked {
			more["name"] = to.account.Name
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferBack, to.address, now, words(given, more)).
					In(to.account.Timezone),
			)
			tx.Notify(
				s.notice(to.account.ID, "A transfer is asked back", fmt.Sprintf("%s asks to take back the transfer %s of the profile %s.", by, t.Reverts, value.Isolated(t.ProfileName)), now).
					As(tenancy.NotificationProfile),
			)
		}
	}
	s.send(
		tx,
		s.newMail(tenancy.MessageTransferBackDesk, tenancy.SupportDesk, now, words(given, more)),
	)
}

// Expire reminds whoever owes something, tries again to complete what only
// waits for a prerequisite or a hold, and ends transfers whose time is over.
// Transfers end by the clock, not by this. It goes as far as the time of ctx
// allows, may run twice at once, and returns how many transfers it dealt with.
func (s Transfers) Expire(ctx context.Context) (int, error) {
	now := s.now()
	return s.sweep(
		ctx,
		one(store.DueTransfer, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			acted, err := s.expire(ctx, tenancy.TransferID(due.ID), now)
			return oneIf(acted), false, err
		}),
	)
}

// expire does what is due about one transfer, and reports whether something
// was.
func (s Transfers) expire(ctx context.Context, id tenancy.TransferID, now time.Time) (bool, error) {
	batch := s.Store.Batch()
	found := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	t := found.Value
	if !found.OK || t.State != tenancy.TransferRequested {
		return false, nil
	}
	given, err := s.load(ctx, t, true)
	if err != nil {
		return false, err
	}
	if t = given.Transfer; now.Before(t.Due()) && given.Void() == "" {
		return false, nil
	}
	tx := s.Store.Begin()
	end := func(ended tenancy.Transfer, message string) {
		given.Transfer = ended
		s.end(tx, given, now)
		tx.Audit(changing(s.bySchedule(ended, message, now), becomes(t, ended)))
	}
	if expired, err := t.Expire(now); err == nil {
		end(expired, "Transfer expired")
	} else if why := given.Void(); why != "" {
		failed, _ := t.Fail(why, now)
		end(failed, "Transfer failed")
	} else if reminded, ok := t.Remind(now); ok {
		given.Transfer = s.remind(tx, given, reminded, now)
		tx.UpdateTransfer(given.Transfer)
	} else {
		// What is not ready was tried for a reason that is over.
		given.Transfer.Retry = time.Time{}
		t = s.settle(tx, given, verb{}, now)
	}
	err = s.commit(ctx, tx, t, now)
	return err == nil, err
}

// remind writes to whoever owes something, with new codes beside the old ones.
func (s Transfers) remind(
	tx *store.Tx,
	given tenancy.TransferContext,
	t tenancy.Transfer,
	now time.Time,
) tenancy.Transfer {
	checks := given.Checks(now)
	given.Transfer = t
	missing := func(side tenancy.Party) string { return checks.Of(side).Missing() }
	for _, party := range t.WaitingOn(checks, now) {
		switch {
		case party == tenancy.PartySupport:
			s.send(
				tx,
				s.newMail(
					tenancy.MessageTransferRemindDesk,
					tenancy.SupportDesk,
					now,
					words(given, map[string]string{"missing": orWord(checks.Missing(), "nothing")}),
				),
			)
		case t.Reverts != "":
			// The mail that asked for it has the link, which needs no code.
		case party == tenancy.PartySource && t.Confirmed.IsZero():
			key := s.NewKey()
			t.ConfirmCodes = append(
				t.ConfirmCodes[:len(t.ConfirmCodes):len(t.ConfirmCodes)],
				key.Hash(),
			)
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferRemindOwner, given.Source.Email, now, words(given, map[string]string{"code": key.Code()})).
					In(given.Source.Timezone),
			)
		case party == tenancy.PartySource:
			left := missing(party)
			if t.Question {
				left = strings.TrimSpace("- support waits for your answer to its question\n" + left)
			}
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferWaiting, given.Source.Email, now, words(given, map[string]string{"missing": left})).
					In(given.Source.Timezone),
			)
		case t.Accepted.IsZero():
			key := s.NewKey()
			t.AnswerCodes = append(
				t.AnswerCodes[:len(t.AnswerCodes):len(t.AnswerCodes)],
				key.Hash(),
			)
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferRemindReceiver, t.Email, now, words(given, map[string]string{"code": key.Code()})).
					In(given.Destination.Timezone),
			)
		default:
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferWaiting, given.Destination.Email, now, words(given, map[string]string{
					"name": given.Destination.Name, "missing": missing(party),
				})).
					In(given.Destination.Timezone),
			)
		}
	}
	return t
}

package transfers

import (
	"fmt"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// announce tells everybody of a new request: the desk, the owner, and whoever
// holds the address. confirm and answer are the codes of the two sides.
func (s Service) announce(
	tx *store.Tx,
	given transfer.Context,
	confirm, answer string,
	now time.Time,
) {
	t, source, receiver := given.Transfer, given.Source, given.Destination
	if t.Policy != transfer.PolicyAuto {
		s.Send(tx, mailing.SupportDesk, tenancy.Account{}, mailing.TransferDesk{
			Ticket:   t.ID,
			Profile:  t.ProfileName,
			Owner:    source.Name,
			Address:  source.Email,
			Receiver: t.Email,
			Message:  mailing.Optional(t.Message),
			Missing:  mailing.MissingOrNothing(given.Checks(now)),
			Expires:  t.Expires,
		}, now)
	}
	s.mailConfirm(tx, given, confirm, now)
	if receiver.ID != "" {
		tx.Notify(s.Notice(receiver.ID, "A profile is offered to you", fmt.Sprintf(
			"%s (%s) offers you the profile %s. The mail about the transfer %s has the link to answer.",
			value.Isolated(source.Name),
			source.Email,
			value.Isolated(t.ProfileName),
			t.ID,
		), now).As(tenancy.NotificationProfile).About(string(t.ID)))
	}
	s.mailOffer(tx, given, answer, now)
}

// mailConfirm sends the owner the code that confirms a request.
func (s Service) mailConfirm(
	tx *store.Tx,
	given transfer.Context,
	code string,
	now time.Time,
) {
	s.SendTo(tx, given.Source, requested(given, code), now)
}

// mailOffer sends whoever holds the address the offer, with the code that
// answers it.
func (s Service) mailOffer(
	tx *store.Tx,
	given transfer.Context,
	code string,
	now time.Time,
) {
	t, source, receiver := given.Transfer, given.Source, given.Destination
	offer := mailing.TransferOffered{
		Owner:   source.Name,
		Address: source.Email,
		Profile: t.ProfileName,
		Message: mailing.Optional(t.Message),
		Ticket:  t.ID,
		Amounts: mailing.Amounts(given.Profile.Allocation),
		Team:    mailing.Team(given.Team),
		Addons:  mailing.Addons(given.Profile.Addons),
		Needs:   mailing.Needs(t.Policy),
		Code:    code,
		Expires: t.Expires,
	}
	if receiver.ID == "" {
		s.Send(tx, t.Email, tenancy.Account{}, mailing.TransferOfferedNew(offer), now)
		return
	}
	s.Send(tx, t.Email, receiver, offer, now)
}

// requested asks the owner to confirm with a code.
func requested(given transfer.Context, code string) mailing.TransferRequested {
	t := given.Transfer
	return mailing.TransferRequested{
		Name:     given.Source.Name,
		Ticket:   t.ID,
		Profile:  t.ProfileName,
		Receiver: t.Email,
		Needs:    mailing.Needs(t.Policy),
		Code:     code,
		Expires:  t.Expires,
	}
}

// waiting tells one side, by its name, what is missing on it.
func waiting(t transfer.Transfer, name string, missing mailing.Phrase) mailing.TransferWaiting {
	return mailing.TransferWaiting{
		Name:    name,
		Ticket:  t.ID,
		Profile: t.ProfileName,
		Missing: missing,
		Expires: t.Expires,
	}
}

// side is one side of a transfer as mails reach it.
type side struct {
	party   transfer.Party
	account tenancy.Account // zero: an address that has not answered
	address value.Email
}

// sides returns those sides that can be told something.
func sides(given transfer.Context) (out []side) {
	if a := given.Source; a.ID != "" {
		out = append(out, side{transfer.PartySource, a, a.Email})
	}
	switch a := given.Destination; {
	case a.ID != "":
		out = append(out, side{transfer.PartyDestination, a, a.Email})
	case given.Transfer.Destination == "":
		out = append(out, side{transfer.PartyDestination, a, given.Transfer.Email})
	}
	return out
}

// mailSide puts a mail to one side into the outbox.
func (s Service) mailSide(tx *store.Tx, to side, m mailing.Mail, now time.Time) {
	s.Send(tx, to.address, to.account, m, now)
}

// noticeBoth notifies both sides about a topic; form has places for the ticket
// and the profile's name.
func (s Service) noticeBoth(
	tx *store.Tx,
	given transfer.Context,
	about topic.Topic,
	form string,
	now time.Time,
) {
	t := given.Transfer
	title := "Transfer " + string(t.ID)
	text := fmt.Sprintf(form, t.ID, value.Isolated(t.ProfileName))
	for _, to := range sides(given) {
		if to.account.ID != "" {
			s.Notify(tx, to.account, about,
				s.Notice(to.account.ID, title, text, now).
					As(tenancy.NotificationProfile).
					About(string(t.ID)),
			)
		}
	}
}

// notifyMissing tells each side what is missing on it.
func (s Service) notifyMissing(
	tx *store.Tx,
	given transfer.Context,
	checks transfer.Checks,
	now time.Time,
) {
	for _, to := range sides(given) {
		if missing := mailing.Missing(checks.Of(to.party)); missing != "" {
			s.mailSide(tx, to, waiting(given.Transfer, to.account.Name, missing), now)
		}
	}
}

// notifyNote carries the words of the desk to the owner; an answer of the owner
// is only recorded.
func (s Service) notifyNote(
	tx *store.Tx,
	given transfer.Context,
	what transfer.EventKind,
	text string,
	now time.Time,
) {
	t := given.Transfer
	note := mailing.TransferNote{
		Name:    given.Source.Name,
		Ticket:  t.ID,
		Profile: t.ProfileName,
		Note:    text,
		Expires: t.Expires,
	}
	switch what {
	case transfer.EventNote:
		s.SendTo(tx, given.Source, note, now)
	case transfer.EventQuestion:
		s.SendTo(tx, given.Source, mailing.TransferQuestion(note), now)
	}
}

// notifyExtended tells both sides of more time.
func (s Service) notifyExtended(tx *store.Tx, given transfer.Context, now time.Time) {
	t := given.Transfer
	for _, to := range sides(given) {
		s.mailSide(tx, to, mailing.TransferExtended{
			Ticket:  t.ID,
			Profile: t.ProfileName,
			Expires: t.Expires,
		}, now)
	}
}

// notifyEnded tells everybody concerned that a transfer has ended without
// moving the profile.
func (s Service) notifyEnded(tx *store.Tx, given transfer.Context, now time.Time) {
	t := given.Transfer
	ended := mailing.TransferEnded{
		Ticket:  t.ID,
		Profile: t.ProfileName,
		Outcome: mailing.Outcome(t, now),
		Reason:  mailing.Reason(t.Reason),
	}
	for _, to := range sides(given) {
		s.mailSide(tx, to, ended, now)
	}
	if t.Policy != transfer.PolicyAuto && t.State != transfer.Rejected {
		s.Send(tx, mailing.SupportDesk, tenancy.Account{}, ended, now)
	}
	s.noticeBoth(tx, given, topic.Transfer,
		"The transfer %s of the profile %s "+t.Outcome(now)+".", now)
}

// notifyMoved tells both owners and the team of a profile that it has moved.
// was is the name that the profile had before.
func (s Service) notifyMoved(tx *store.Tx, was string, m transfer.Move, now time.Time) {
	s.mailMoved(tx, m, now)
	notify := func(a value.AccountID, title, message string, about value.ProfileID) {
		tx.Notify(s.Notice(a, title, message, now).
			As(tenancy.NotificationProfile).
			About(string(about)))
	}
	was = value.Isolated(was)
	both := transfer.Context{
		Transfer:    m.Transfer,
		Source:      m.Source,
		Destination: m.Destination,
	}
	s.noticeBoth(tx, both, topic.Security,
		"The transfer %s of the profile %s has completed.", now)
	for _, member := range m.Stay {
		notify(member.Account, "A profile has a new owner", fmt.Sprintf(
			"The profile %s belongs to %s now. You have %s permission on it.",
			value.Isolated(m.Profile.Name), value.Isolated(m.Destination.Name), member.Permission,
		), m.Profile.ID)
	}
	for _, member := range m.Leave {
		notify(member.Account, "A profile is no longer shared with you", fmt.Sprintf(
			"The profile %s has a new owner, who did not keep you in its team.", was,
		), "")
	}
	if m.Instead != nil {
		notify(m.Source.ID, "You have a new profile", fmt.Sprintf(
			"The profile %s went back to its previous owner. It was your only one, "+
				"so you have a new, empty one: %s.",
			was, value.Isolated(m.Instead.Name),
		), m.Instead.ID)
	}
}

// mailMoved tells both owners of a profile by mail that it has moved.
func (s Service) mailMoved(tx *store.Tx, m transfer.Move, now time.Time) {
	t, p, was, is := m.Transfer, m.Profile, m.Source, m.Destination
	if t.Reverts != "" {
		returned := mailing.TransferReturned{
			Name:     was.Name,
			Ticket:   t.ID,
			Profile:  t.ProfileName,
			Original: t.Reverts,
			Owner:    was.Name,
			Receiver: is.Email,
			Stays:    mailing.Stays(m.Previous),
			When:     now,
		}
		s.SendTo(tx, was, returned, now)
		returned.Name, returned.Profile, returned.Stays = is.Name, p.Name, mailing.Yours()
		s.SendTo(tx, is, returned, now)
		return
	}
	s.SendTo(tx, was, mailing.TransferGiven{
		Name:     was.Name,
		Ticket:   t.ID,
		Profile:  t.ProfileName,
		Receiver: is.Email,
		Stays:    mailing.Stays(m.Previous),
		When:     now,
		Until:    t.RevertUntil(),
	}, now)
	s.SendTo(tx, is, mailing.TransferReceived{
		Name:    is.Name,
		Ticket:  t.ID,
		Profile: p.Name,
		Owner:   was.Name,
		Amounts: mailing.Amounts(p.Allocation),
		Addons:  mailing.Addons(p.Addons),
		When:    now,
		Until:   t.RevertUntil(),
	}, now)
}

// announceRevert tells the other side, or both, and the desk that a completed
// transfer is asked back.
func (s Service) announceRevert(tx *store.Tx, given transfer.Context, now time.Time) {
	t := given.Transfer
	asked := t.Timeline[0].By
	by := mailing.By(asked)
	for _, to := range sides(given) {
		if to.party == asked {
			continue
		}
		s.mailSide(tx, to, mailing.TransferBack{
			Name:     to.account.Name,
			Ticket:   t.ID,
			Profile:  t.ProfileName,
			Original: t.Reverts,
			By:       by,
			Expires:  t.Expires,
		}, now)
		const form = "%s asks to take back the transfer %s of the profile %s."
		message := fmt.Sprintf(form, by, t.Reverts, value.Isolated(t.ProfileName))
		tx.Notify(s.Notice(to.account.ID, "A transfer is asked back", message, now).
			As(tenancy.NotificationProfile).
			About(string(t.ID)))
	}
	s.Send(tx, mailing.SupportDesk, tenancy.Account{}, mailing.TransferBackDesk{
		Ticket:   t.ID,
		Profile:  t.ProfileName,
		Original: t.Reverts,
		By:       by,
		Owner:    given.Source.Name,
		Address:  given.Source.Email,
		Receiver: t.Email,
		Expires:  t.Expires,
	}, now)
}

// remindOwner asks the owner again to confirm, with a new code.
func (s Service) remindOwner(
	tx *store.Tx,
	given transfer.Context,
	code string,
	now time.Time,
) {
	again := mailing.TransferRemindOwner(requested(given, code))
	s.SendTo(tx, given.Source, again, now)
}

// remindReceiver reminds of the offer, with a new code.
func (s Service) remindReceiver(
	tx *store.Tx,
	given transfer.Context,
	code string,
	now time.Time,
) {
	t := given.Transfer
	s.Send(tx, t.Email, given.Destination, mailing.TransferRemindReceiver{
		Owner:   given.Source.Name,
		Address: given.Source.Email,
		Profile: t.ProfileName,
		Ticket:  t.ID,
		Code:    code,
		Expires: t.Expires,
	}, now)
}

// remindDesk reminds the desk of a ticket.
func (s Service) remindDesk(
	tx *store.Tx,
	t transfer.Transfer,
	checks transfer.Checks,
	now time.Time,
) {
	s.Send(tx, mailing.SupportDesk, tenancy.Account{}, mailing.TransferRemindDesk{
		Ticket:  t.ID,
		Profile: t.ProfileName,
		Missing: mailing.MissingOrNothing(checks),
		Expires: t.Expires,
	}, now)
}

package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// The mails to support about returns in a day. A person who signs up with
// addresses that do not exist must not fill the mailbox of support; the log has
// all returns.
const (
	reportDay     = 24 * time.Hour
	reportsPerDay = 50
)

// Receive is Returned for an event of SES, as it comes by SNS. Other messages
// are left alone.
func (s Service) Receive(ctx context.Context, message string) error {
	r, ok, err := mailing.ParseEvent(message)
	if err != nil || !ok {
		return err
	}
	return s.Returned(ctx, r)
}

// Returned records that a mail came back. It stops mails to an address that
// takes none, or whose reader reported one; the invitation or transfer that the
// mail was about shows it; the owner of that, the holder of the address, and
// support are notified. A return that does not outweigh what is known of the
// mail changes nothing, so that events can come twice and in any order. Neither
// does one of a mail that the table no longer has.
func (s Service) Returned(ctx context.Context, r mailing.Return) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		batch := s.Store.Batch()
		found := batch.Message(r.Mail)
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		m := found.Value
		if !found.OK {
			s.Log.WarnContext(ctx, "a mail that is not known came back", "mail", string(r.Mail))
			return struct{}{}, nil
		}
		if !r.Kind.Outweighs(m.Returned) {
			return struct{}{}, nil
		}
		s.Log.InfoContext(ctx, "a mail came back",
			"mail", string(m.ID), "kind", string(m.Kind), "return", string(r.Kind))
		if _, unsent := m.Waits(); unsent {
			return struct{}{}, errUnsent
		}
		now := s.Instant()
		tx := s.Store.Begin()
		tx.ReturnMail(m, r.Kind, now)
		if r.Kind != mailing.ReturnDelayed {
			back := &returned{s, tx, m, r.Kind, now, returnReads{}}
			if err := back.record(ctx); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, tx.CommitAside(ctx, store.Origin{})
	})
	return err
}

// errUnsent has the event of a return come again: the mail has reached SES, and
// is not marked with its address yet.
var errUnsent = errors.New("the mail that came back is not marked as sent yet")

// returned is one mail that came back, and the commit that records it.
type returned struct {
	Service
	tx   *store.Tx
	mail store.OutboxMail
	kind mailing.ReturnKind
	now  time.Time
	returnReads
}

// returnReads are the items that the record of a return depends on.
type returnReads struct {
	stop       *store.Found[mailing.Stop]
	holder     tenancy.Account    // of the address; zero: nobody
	invitation tenancy.Invitation // that the mail was about; zero: none
	place      *store.Found[tenancy.Member]
	transfer   transfer.Transfer // that the mail was about; zero: none
	source     tenancy.Account   // of the transfer
}

// to is the address that the mail went to.
func (r *returned) to() value.Email { return value.Email(r.mail.To) }

// record adds what follows from the return of the mail to the commit.
func (r *returned) record(ctx context.Context) error {
	if r.to() == mailing.SupportDesk {
		// Support cannot be told by mail.
		r.Log.ErrorContext(ctx, "a mail to support came back: see to its address",
			"mail", string(r.mail.ID), "return", string(r.kind))
		return nil
	}
	if err := r.read(ctx); err != nil {
		return err
	}
	r.stopMails()
	r.showInvitation()
	r.showTransfer()
	return r.report(ctx)
}

func (r *returned) read(ctx context.Context) error {
	batch := r.Store.Batch()
	r.stop = batch.MailStop(r.to())
	reservation := batch.EmailReservation(r.to())
	invitation := &store.Found[tenancy.Invitation]{}
	if r.mail.Invitation != "" {
		invitation = batch.Invitation(r.mail.Invitation)
	}
	moving := &store.Found[transfer.Transfer]{}
	if r.mail.Ticket != "" {
		moving = batch.Transfer(r.mail.Ticket)
	}
	if err := batch.Get(ctx); err != nil {
		return err
	}
	r.invitation, r.transfer = invitation.Value, moving.Value
	batch = r.Store.Batch()
	holder := batch.Account(r.Access.Holder(reservation, r.now))
	source := &store.Found[tenancy.Account]{}
	if moving.OK {
		source = batch.Account(r.transfer.Source)
	}
	r.place = &store.Found[tenancy.Member]{}
	if invitation.OK {
		r.place = batch.OpenPlace(r.invitation)
	}
	if err := batch.Get(ctx); err != nil {
		return err
	}
	r.source = source.Value
	if a := holder.Value.At(r.to()); a.Active {
		r.holder = a
	}
	return nil
}

// entry is the audit entry of what the return of a mail changes.
func (r *returned) entry(log, resource, id, message string) auditlog.Entry {
	e := r.AuditEntry(log, tenancy.Token{}, resource, id, message, r.now)
	e.Who = "mail-return"
	return e
}

// stopMails stops mails to the address, unless its holder has proved it since
// the mail was sent: then the event is older than what is known.
func (r *returned) stopMails() {
	was := r.stop.Value
	was.Email = r.to()
	stop := was.After(r.kind, r.now)
	if stop == was || r.holder.Proved.After(r.mail.Created) {
		return
	}
	r.tx.StopMail(stop, r.stop)
	if r.holder.ID == "" {
		return
	}
	message, notice := "Mails to the address stopped: one came back",
		"The address takes no mail. Until %s no mail is sent to it, not even about "+
			"your password. Change the address under Security, or enter the same "+
			"one there to confirm it again."
	ends := stop.Invalid
	if r.kind == mailing.ReturnComplaint {
		message, ends = "Mails to the address stopped: one was reported as unwanted", stop.Complaint
		notice = "A mail to you was reported as unwanted. Until %s only mails about " +
			"security are sent to you. To get all mails again, enter your address " +
			"under Security and confirm it."
	}
	id := string(r.holder.ID)
	r.tx.Audit(core.Changing(
		r.entry(id, "account", id, message),
		auditlog.Change{Field: "mails_stopped_until", After: ends.Format(value.TimeFormat)},
	))
	r.tx.Notify(r.Notice(
		r.holder.ID,
		"Mails to "+r.mail.To+" are stopped",
		fmt.Sprintf(notice, value.Moment(ends, r.zone())),
		r.now,
	))
}

// zone is the time zone of the holder of the address.
func (r *returned) zone() *time.Location {
	if zone, err := value.Zone(r.holder.Timezone); err == nil {
		return zone
	}
	return time.UTC
}

// showInvitation shows the invitation that the mail was about as undeliverable,
// if it is still open.
func (r *returned) showInvitation() {
	place, i := r.place.Value, r.invitation
	if !r.kind.Undelivered() || !r.place.OK || place.Code != i.Code || !place.Open(r.now) {
		return
	}
	place.Returned = tenancy.MailReturn{
		Time: r.now, Invalid: r.kind == mailing.ReturnInvalid,
	}
	r.tx.ReturnInvitation(place)
	r.tx.Measure(metric.InvitationsBounced, 1)
	r.tx.Audit(core.Changing(
		r.entry(string(i.Profile), "team", string(i.ID), "Invitation could not be delivered"),
		auditlog.Change{Field: "mail", After: string(r.kind)},
	))
	notice := core.UndeliverableInvitation(i.Profile, i.Email, place.Returned.Invalid)
	r.tx.Notify(r.To(i.Owner, notice, r.now))
}

// showTransfer shows the transfer that the mail was about as waiting for a side
// that no mail reaches, if it is still open.
func (r *returned) showTransfer() {
	t := r.transfer
	side := t.SideAt(r.to(), r.source)
	if !r.kind.Undelivered() || side == "" || !t.Open(r.now) {
		return
	}
	invalid := r.kind == mailing.ReturnInvalid
	r.tx.UpdateTransfer(t.MailCameBack(side, invalid, r.now))
	r.tx.Audit(core.Changing(
		r.entry(
			string(t.Profile), "transfer", string(t.ID), "Mail of the transfer could not be delivered",
		),
		auditlog.Change{Field: "mail." + string(side), After: string(r.kind)},
	))
	if side == transfer.PartyDestination {
		r.tx.Notify(r.To(t.Source, core.UndeliverableOffer(t.ID, t.Email, invalid), r.now))
	}
}

// report tells support, within a limit. It does not tell of sign-ups that
// nobody has confirmed: anyone can cause those.
func (r *returned) report(ctx context.Context) error {
	switch r.mail.Kind {
	case mailing.KindAccountConfirm, mailing.KindAccountConfirmAgain:
		return nil
	}
	end := store.WindowEnd(r.now, reportDay)
	n, err := r.Store.Count(ctx, store.RateWindow{Subject: "mail-returned", End: end})
	if err != nil || n > reportsPerDay {
		return err
	}
	r.Send(r.tx, mailing.SupportDesk, tenancy.Account{}, mailing.MailReturned{
		Address: r.to(),
		What:    r.mail.Subject(),
		Outcome: mailing.Returned(r.kind),
		When:    r.now,
	}, r.now)
	return nil
}

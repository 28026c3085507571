// Package outbox delivers the mails that other use cases committed.
package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// Service delivers the mails that other operations committed.
type Service struct{ *core.Base }

// New returns the delivery of mails.
func New(on *core.Base) Service { return Service{on} }

const (
	// deliveryLease is how long one delivery has a mail to itself. It must
	// exceed the time of the functions that deliver.
	deliveryLease = 2 * time.Minute
	// deliveryAttempts is after how many failed deliveries a mail is given up:
	// with the delays of retryPause, about a day. All attempts with a new mail
	// count as one.
	deliveryAttempts = 12
	// newFor is how long a mail is new: the stream tries it in seconds then,
	// and the sweep with its next run.
	newFor = time.Minute
	// sendTime bounds one attempt to hand a mail to SES; with less time than
	// that left, none begins.
	sendTime = 10 * time.Second
	// retriedBeside is how many mails the sweep sends at the same time: a mail
	// takes some 15 milliseconds, nearly all of them waiting for SES and the
	// table.
	retriedBeside = 20
)

// retryPause is the wait after a failed attempt on a mail of some age: none for
// a new one, so that the sweep, which runs each minute, takes it within one;
// else as long again as it has waited, and a minute, up to four hours. It goes
// by the age and not by attempts: those of the stream come in seconds, and an
// outage of seconds must not cost minutes.
func retryPause(age time.Duration) time.Duration {
	if age < newFor {
		return 0
	}
	return min(age+time.Minute, 4*time.Hour)
}

// DeliverItem is Deliver for an item of the table by its partition key; items
// that are no mails are left alone.
func (s Service) DeliverItem(ctx context.Context, partitionKey string) error {
	id, ok := store.MessageIDOfKey(partitionKey)
	if !ok {
		return nil
	}
	return s.Deliver(ctx, id)
}

// Deliver sends one mail of the outbox, unless it is sent already or being
// sent, or mails to its address are stopped. A mail may be sent twice only when
// the process dies between sending and marking it. Errors: CodeInvalid for a
// mail that can never be sent, now and each time it is tried again; any other
// error for one that may be tried again, by the stream at once and by the sweep
// later.
func (s Service) Deliver(ctx context.Context, id mailing.ID) error {
	_, err := s.deliver(ctx, id)
	return err
}

// deliver is Deliver, and reports whether it was the one that sent the mail.
func (s Service) deliver(ctx context.Context, id mailing.ID) (sent bool, err error) {
	batch := s.Store.Batch()
	found := batch.Message(id)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	m := found.Value
	switch {
	case m.Dead != "":
		return false, givenUp(m, m.Dead)
	case !found.OK || !m.Pending:
		return false, nil
	}
	if !flow.TimeFor(ctx, sendTime) {
		// Cut off in the middle it would be nobody's until its lease ends.
		return false, core.ErrTimeUp
	}
	now := s.Instant()
	var mine bool
	var to string
	var why mailing.ReturnKind
	if err := flow.Parallel(ctx, func(ctx context.Context) (err error) {
		mine, err = s.Store.LeaseMail(ctx, m, s.NewID(now), now, now.Add(deliveryLease))
		return err
	}, func(ctx context.Context) (err error) {
		to, why, err = s.recipient(ctx, m.Message, now)
		return err
	}); err != nil || !mine {
		return false, err
	}
	if why != "" {
		return false, s.Store.MailStopped(ctx, m, why, now)
	}
	m.Attempts++
	err = errUnended
	if m.Attempts-m.Early <= deliveryAttempts {
		var opened mailing.Message
		if opened, err = core.OpenMail(s.Keys, m); err == nil {
			m.To, opened.To = to, to
			err = s.hand(ctx, opened)
		}
	}
	// ctx may have ended meanwhile; what became of the mail must be written all
	// the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	switch {
	case err == nil:
		s.measureDelay(ctx, m)
		return true, s.Store.MailSent(ctx, m, s.Instant())
	case problem.CodeOf(err) == problem.CodeInvalid || m.Attempts-m.Early >= deliveryAttempts:
		s.measureDelay(ctx, m)
		return false, errors.Join(
			givenUp(m, err.Error()),
			s.Store.MailDead(ctx, m, err.Error(), s.Instant()),
		)
	default:
		age := now.Sub(m.Created)
		if m.Attempts > 1 && age < newFor {
			m.Early++
		}
		if later := s.Store.MailLater(ctx, m, now.Add(retryPause(age))); later != nil {
			return false, errors.Join(err, later)
		}
		return false, errors.Join(errPostponed, err)
	}
}

// measureDelay measures how long a mail waited that waits no more. One that is
// given up counts as well, and as late: it was tried for a day.
func (s Service) measureDelay(ctx context.Context, m store.OutboxMail) {
	metric.Add(ctx, metric.MailDelay, s.Instant().Sub(m.Created).Seconds())
}

// recipient returns the address that a mail goes to, and why it is kept back;
// empty: it is sent. Whether mails to an address are stopped is looked up here
// and not where a mail is asked for: so a request does the same for every
// address, and nobody learns of a stop by its answer or its time.
func (s Service) recipient(
	ctx context.Context,
	m mailing.Message,
	now time.Time,
) (to string, why mailing.ReturnKind, err error) {
	if m.To == string(mailing.SupportDesk) {
		return m.To, "", nil
	}
	to = m.To
	if id, waited := m.Waits(); waited {
		batch := s.Store.Batch()
		reader := batch.Account(id)
		if err := batch.Get(ctx); err != nil {
			return "", "", err
		}
		if !reader.OK || reader.Value.Preferences.Mail(m.Kind.Topic()) == topic.MailOff {
			return "", mailing.Unwanted, nil
		}
		to = string(reader.Value.Email)
	}
	batch := s.Store.Batch()
	stop := batch.MailStop(value.Email(to))
	err = batch.Get(ctx)
	return to, stop.Value.For(m.Kind, now), err
}

// hand gives a mail to SES, which may be silent.
func (s Service) hand(ctx context.Context, m mailing.Message) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return s.Mailer.Deliver(ctx, m)
}

// errPostponed says that a mail could not be sent now, and that the table says
// when it is tried again.
var errPostponed = errors.New("the mail is tried again later")

// errUnended gives up a mail whose deliveries all ended without a word, as when
// each of them ends the process: it may have gone out each time.
var errUnended = errors.New("none of its deliveries came to an end")

func givenUp(m store.OutboxMail, reason string) error {
	return problem.Invalid("mail %s is given up after %d attempts: %s", m.ID, m.Attempts, reason)
}

// Retry delivers what is due and still unsent, as far as the time of ctx
// allows. It returns how many mails it sent. One that cannot be sent now is
// logged and stays due; the error joins those that were given up. It measures
// how many mails wait, and for how long.
func (s Service) Retry(ctx context.Context) (int, error) {
	work := core.One(store.DueMail, func(
		ctx context.Context, due store.DueEntry,
	) (int, bool, error) {
		sent, err := s.deliver(ctx, mailing.ID(due.ID))
		if errors.Is(err, errPostponed) {
			s.Log.WarnContext(ctx, "a mail stays in the outbox",
				"mail", due.ID, "error", err.Error())
			err = nil
		}
		return core.OneIf(sent), false, err
	})
	work.Beside = retriedBeside
	work.Waiting = func(ctx context.Context, mails []store.DueEntry) {
		if len(mails) == 0 {
			return
		}
		// Ids begin with the time.
		oldest := slices.MinFunc(mails, func(a, b store.DueEntry) int {
			return strings.Compare(a.ID, b.ID)
		})
		metric.Add(ctx, metric.MailsWaiting, float64(len(mails)))
		metric.Add(ctx, metric.OldestMail, s.Instant().Sub(secret.IDTime(oldest.ID)).Seconds())
	}
	return core.Sweep(ctx, s.Config, work)
}

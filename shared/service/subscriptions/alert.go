package subscriptions

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/event"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/plan"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// announce notifies the owner of the thresholds and alerts that a report
// reaches.
func (s Service) announce(
	ctx context.Context,
	tx *store.Tx,
	p tenancy.Profile,
	t billing.UsageUpdate,
	now time.Time,
) error {
	if len(t.Alerts) == 0 && len(t.Reached) == 0 {
		return nil
	}
	batch := s.Store.Batch()
	owner := batch.Account(p.Owner)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if !owner.OK {
		// The account is deleted, and its profiles are deleted next.
		return nil
	}
	var later []mailing.Phrase // what the digest of the account says
	daily := owner.Value.Preferences.Mail(topic.Usage) == topic.MailDaily
	for _, x := range t.Alerts {
		mail := s.passed(tx, owner.Value, p, x, now)
		if daily {
			later = append(later, mail.Line(now))
		} else {
			s.SendTo(tx, owner.Value, mail, now)
		}
	}
	for _, r := range t.Reached {
		s.reached(tx, owner.Value, p, r, now)
		switch {
		case !r.Alert.Acts(billing.AlertMail):
		case daily && r.Alert.Stop == billing.StopNone:
			later = append(later, mailing.ReachedLine(p.Name, r, now))
		default:
			s.SendTo(tx, owner.Value, mailing.AlertReached{
				Name: owner.Value.Name, Profile: p.Name,
				What: mailing.Reached(r), Next: mailing.Stops(r.Alert),
			}, now)
		}
	}
	if len(later) == 0 {
		return nil
	}
	return s.digest(ctx, tx, owner.Value, later, now)
}

// passed adds what tells of a threshold to a commit, and returns its mail.
func (s Service) passed(
	tx *store.Tx, owner tenancy.Account, p tenancy.Profile, x billing.ThresholdAlert, now time.Time,
) mailing.UsageAlert {
	if x.Percent == 100 && !p.Soft[x.Service] {
		tx.Measure(metric.ServicesBlocked, 1)
	}
	var again time.Time // zero: a level, whose use is not counted anew
	if x.Service.Counting() == plan.CountingMonthly {
		again = p.UsageCycle(now).End
	}
	tx.Audit(s.thresholdEntry(p, x, now))
	alert := tenancy.LimitAlert{ThresholdAlert: x, Profile: p.Name, Resets: again}
	used, limit := x.Service.Text(x.Used), x.Service.Text(x.Limit)
	name := value.Isolated(p.Name)
	title := fmt.Sprintf("%s of %s is at %d %%", x.Service.Title(), name, x.Percent)
	text := fmt.Sprintf(
		"The profile %s has used %s of %s %s. %s",
		name,
		used,
		limit,
		x.Service.Unit(),
		resets(again),
	)
	s.Notify(tx, owner, topic.Usage,
		s.Notice(p.Owner, title, text, now).Near(alert).About(string(p.ID)))
	return mailing.UsageAlert{
		Name:    owner.Name,
		Profile: p.Name,
		Service: x.Service.String(),
		Percent: x.Percent,
		Used:    used,
		Limit:   limit,
		Resets:  mailing.Resets(again),
	}
}

// reached adds the audit entry of an alert that was reached to a commit, and
// the notification if the alert asks for one.
func (s Service) reached(
	tx *store.Tx, owner tenancy.Account, p tenancy.Profile, r billing.AlertReached, now time.Time,
) {
	one := r.Alert
	message := "Alert reached: "
	if !one.Acts(billing.AlertWebhook) {
		message = event.NotForWebhooks
	}
	e := s.AuditEntry(
		string(p.ID), tenancy.Token{}, "usage", string(one.ID), message+one.Condition(), now)
	e.Who = "usage-report"
	used := billing.Dollars(r.Used)
	changes := []auditlog.Change{auditlog.Changed("stop", "", string(one.Stop))}
	if !one.OfCost() {
		used = one.Service.Text(r.Used)
		changes = append(changes, auditlog.Changed("service", "", one.Service.String()))
	}
	tx.Audit(core.Changing(e, append(changes, auditlog.Changed("used", "", used))...))
	if !one.Acts(billing.AlertNotification) {
		return
	}
	name := value.Isolated(p.Name)
	text := fmt.Sprintf("The profile %s has reached it: %s.", name, one.Condition())
	switch one.Stop {
	case billing.StopService:
		text += " No more of this service is admitted until you lift the stop, or the next cycle begins."
	case billing.StopAll:
		text += " Nothing more is admitted until you lift the stop, or the next cycle begins."
	}
	s.Notify(tx, owner, topic.Usage,
		s.Notice(p.Owner, "An alert of "+name+" was reached", text, now).
			As(tenancy.NotificationProfile).About(string(p.ID)))
}

// resets says in a notification when the count of a service begins again.
func resets(again time.Time) string {
	if again.IsZero() {
		return "It is a level: use falls when something is removed."
	}
	return "The count begins again on " + inUTC(again) + "."
}

// thresholdEntry is the audit entry of a threshold that a report passes.
func (s Service) thresholdEntry(
	p tenancy.Profile, x billing.ThresholdAlert, now time.Time,
) auditlog.Entry {
	message := "Limit nearly reached"
	if x.Percent == 100 {
		message = "Limit reached"
		if p.Soft[x.Service] {
			message = "Limit reached, and more is admitted"
		}
	}
	e := s.AuditEntry(
		string(p.ID), tenancy.Token{}, "usage", string(p.ID), message+": "+x.Service.Title(), now)
	e.Who = "usage-report"
	return core.Changing(e,
		auditlog.Changed("service", "", x.Service.String()),
		auditlog.Changed("percent", "", strconv.FormatInt(x.Percent, 10)),
		auditlog.Changed("used", "", x.Service.Text(x.Used)),
		auditlog.Changed("limit", "", x.Service.Text(x.Limit)),
	)
}

// inUTC is a time as notifications name it.
func inUTC(t time.Time) string { return value.Moment(t, time.UTC) }

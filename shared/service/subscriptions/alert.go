package subscriptions

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/plan"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// alert tells the owner of the thresholds that a report passes.
func (s Usage) alert(
	ctx context.Context,
	tx *store.Tx,
	p tenancy.Profile,
	t billing.UsageUpdate,
	now time.Time,
) error {
	if len(t.Alerts) == 0 {
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
	var mails []mailing.UsageAlert
	for _, x := range t.Alerts {
		if x.Percent == 100 {
			tx.Measure(metric.ServicesBlocked, 1)
		}
		var again time.Time // zero: a level, whose use is not counted anew
		if x.Service.Counting() == plan.CountingMonthly {
			again = p.UsageCycle(now).End
		}
		tx.Audit(s.thresholdEntry(p, x, now))
		alert := tenancy.LimitAlert{ThresholdAlert: x, Profile: p.Name, Resets: again}
		used, limit := x.Service.Text(x.Used), x.Service.Text(x.Limit)
		mails = append(mails, mailing.UsageAlert{
			Name:    owner.Value.Name,
			Profile: p.Name,
			Service: x.Service.String(),
			Percent: x.Percent,
			Used:    used,
			Limit:   limit,
			Resets:  mailing.Resets(again),
		})
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
		s.Notify(tx, owner.Value, topic.Usage,
			s.Notice(p.Owner, title, text, now).Near(alert).About(string(p.ID)))
	}
	if owner.Value.Preferences.Mail(topic.Usage) == topic.MailDaily {
		return s.digest(ctx, tx, owner.Value, mails, now)
	}
	for _, m := range mails {
		s.SendTo(tx, owner.Value, m, now)
	}
	return nil
}

// resets says in a notification when the count of a service begins again.
func resets(again time.Time) string {
	if again.IsZero() {
		return "It is a level: use falls when something is removed."
	}
	return "The count begins again on " + inUTC(again) + "."
}

// thresholdEntry is the audit entry of a threshold that a report passes.
func (s Usage) thresholdEntry(
	p tenancy.Profile, x billing.ThresholdAlert, now time.Time,
) auditlog.Entry {
	message := "Limit nearly reached"
	if x.Percent == 100 {
		message = "Limit reached"
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

package subscriptions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// AlertState is an alert as it stands now.
type AlertState struct {
	billing.Alert
	Threshold int64     // at which it is reached; see billing.Alert.Threshold
	Reached   time.Time // when it was reached in this cycle; zero: it was not
	Stopping  bool
	Lifted    bool // for the rest of the cycle
}

// watched is a profile with what its alerts look at.
type watched struct {
	token   tenancy.Token
	profile tenancy.Profile
	usage   billing.Usage
	owner   *store.Found[tenancy.Account] // nil: not read
	member  *store.Found[tenancy.Account] // the caller, if it is not the owner; else nil
}

// watch authorizes a request to the alerts of a profile, and reads what they
// look at, with owner also the account of its owner. c.Access says which
// callers are admitted.
func (s Service) watch(
	ctx context.Context, c access.Client, ref access.ProfileRef, owner bool,
) (watched, error) {
	var usage *store.Found[billing.Usage]
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, func(b *store.Batch) {
		if !ref.Current {
			usage = b.Usage(ref.ID)
		}
	})
	if err != nil {
		return watched{}, err
	}
	w := watched{token: r.Token, profile: r.Profile}
	batch := s.Store.Batch()
	if owner {
		w.owner = batch.Account(r.Profile.Owner)
		if !r.Owned() {
			w.member = batch.Account(r.Token.Account)
		}
	}
	if ref.Current {
		usage = batch.Usage(r.Profile.ID)
	}
	if owner || ref.Current {
		if err := batch.Get(ctx); err != nil {
			return watched{}, err
		}
	}
	w.usage = usage.Value
	return w, nil
}

// record adds the audit entry of a change to a commit, and notifies the owner
// of one that a member makes.
func (s Service) record(tx *store.Tx, w watched, e auditlog.Entry, now time.Time) {
	p := w.profile
	entry := s.AuditEntry(string(p.ID), w.token, e.Resource, e.ResourceID, e.Message, now)
	tx.Audit(core.Changing(entry, e.Changes...))
	if w.member == nil {
		return
	}
	text := fmt.Sprintf("%s has changed what stops and bounds the profile %s. %s.",
		value.Isolated(w.member.Value.Name), value.Isolated(p.Name), e.Message)
	tx.Notify(s.Notice(p.Owner, e.Message, text, now).
		As(tenancy.NotificationProfile).
		About(string(p.ID)))
}

// Alerts returns the alerts of a profile, oldest first. Errors: those of every
// request to a profile; CodeForbidden for members that may not see cost.
func (s Service) Alerts(
	ctx context.Context, c access.Client, ref access.ProfileRef,
) ([]AlertState, error) {
	w, err := s.watch(ctx, c, ref, false)
	if err != nil {
		return nil, err
	}
	quota := w.profile.Quota()
	usage := w.usage.Now(quota, s.Instant())
	states := make([]AlertState, len(w.profile.Alerts))
	for i, a := range w.profile.Alerts {
		noted, _ := usage.Noted(a, quota)
		states[i] = AlertState{
			Alert: a, Threshold: a.Threshold(w.profile.Allocation), Reached: noted.Time,
			Stopping: usage.Stopping(a, quota), Lifted: noted.Lifted,
		}
	}
	return states, nil
}

// CreateAlert adds an alert to a profile. It is reached by the next report if
// the profile is above its threshold already. Errors: those of every request to
// a profile; CodeForbidden for members without the permission billing, and
// above billing.MaxAlerts; CodeInvalid naming the field.
func (s Service) CreateAlert(
	ctx context.Context, c access.Client, ref access.ProfileRef, e billing.AlertEdit,
) (billing.AlertID, error) {
	var made billing.AlertID
	err := s.changeAlerts(ctx, c, ref, func(
		p *tenancy.Profile, now time.Time,
	) (auditlog.Entry, error) {
		a := billing.Alert{Stop: billing.StopNone, Created: now}
		a, err := a.Edit(e, now)
		if err != nil {
			return auditlog.Entry{}, err
		}
		a.ID = billing.AlertID(s.NewID(now))
		if p.Alerts, err = p.Alerts.With(a); err != nil {
			return auditlog.Entry{}, err
		}
		made = a.ID
		return alertEntry(nil, &a, "Alert created"), nil
	})
	return made, err
}

// EditAlert changes an alert. If its threshold or its stop changes, it can be
// reached again in this cycle. Errors: as CreateAlert; CodeNotFound.
func (s Service) EditAlert(
	ctx context.Context, c access.Client, ref access.ProfileRef, id billing.AlertID,
	e billing.AlertEdit,
) error {
	return s.changeAlerts(ctx, c, ref, func(
		p *tenancy.Profile, now time.Time,
	) (auditlog.Entry, error) {
		was, err := p.Alerts.Find(id)
		if err != nil {
			return auditlog.Entry{}, err
		}
		a, err := was.Edit(e, now)
		if err != nil {
			return auditlog.Entry{}, err
		}
		p.Alerts, err = p.Alerts.With(a)
		return alertEntry(&was, &a, "Alert updated"), err
	})
}

// DeleteAlert deletes an alert, and ends what it stops. Errors: as EditAlert.
func (s Service) DeleteAlert(
	ctx context.Context, c access.Client, ref access.ProfileRef, id billing.AlertID,
) error {
	return s.changeAlerts(ctx, c, ref, func(
		p *tenancy.Profile, now time.Time,
	) (auditlog.Entry, error) {
		was, err := p.Alerts.Find(id)
		if err != nil {
			return auditlog.Entry{}, err
		}
		p.Alerts = p.Alerts.Without(id)
		return alertEntry(&was, nil, "Alert deleted"), nil
	})
}

// SetSoft changes which services of a profile have a soft limit; services that
// are left out stay. Errors: those of every request to a profile; CodeForbidden
// for members without the permission billing.
func (s Service) SetSoft(
	ctx context.Context, c access.Client, ref access.ProfileRef, e billing.SoftEdit,
) error {
	return s.changeAlerts(ctx, c, ref, func(
		p *tenancy.Profile, now time.Time,
	) (auditlog.Entry, error) {
		was := p.Soft
		p.Soft = p.Soft.With(e)
		return auditlog.Entry{
			Resource: "profile", ResourceID: string(p.ID), Message: "Soft limits changed",
			Changes: auditlog.Differences(auditlog.Changed("soft_limits",
				strings.Join(was.Names(), ", "), strings.Join(p.Soft.Names(), ", "))),
		}, nil
	})
}

// alertEntry is the audit entry of a change of an alert, of which was is nil
// for a new one, and is for one that is deleted.
func alertEntry(was, is *billing.Alert, message string) auditlog.Entry {
	var threshold, actions, stop [2]string
	var id billing.AlertID
	for i, a := range []*billing.Alert{was, is} {
		if a != nil {
			id = a.ID
			threshold[i], actions[i], stop[i] = a.Condition(), a.ActionNames(), string(a.Stop)
		}
	}
	return auditlog.Entry{
		Resource: "alert", ResourceID: string(id), Message: message,
		Changes: auditlog.Differences(
			auditlog.Changed("threshold", threshold[0], threshold[1]),
			auditlog.Changed("actions", actions[0], actions[1]),
			auditlog.Changed("stop", stop[0], stop[1]),
		),
	}
}

// changeAlerts changes the alerts or the soft limits of a profile. decide
// returns the audit entry of the change; one without changes is no change.
func (s Service) changeAlerts(
	ctx context.Context, c access.Client, ref access.ProfileRef,
	decide func(*tenancy.Profile, time.Time) (auditlog.Entry, error),
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		w, err := s.watch(ctx, c, ref, true)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		change, err := decide(&w.profile, now)
		if err != nil || len(change.Changes) == 0 {
			return struct{}{}, err
		}
		p, owner := w.profile, w.owner.Value
		if owner.ID != p.Owner {
			return struct{}{}, problem.ErrConflict // it has just moved
		}
		tx := s.Store.Begin()
		if has := p.Alerts.OnCost(); has != owner.Shares[p.ID].CostAlert {
			owner.Subscription = owner.WithCostAlert(p.ID, has)
			tx.UpdateAccount(owner)
		}
		p = p.Of(owner)
		p.Updated = now
		tx.SetAlerts(p, w.usage)
		s.record(tx, w, change, now)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// LiftAlert lifts what an alert stops, until the cycle ends. Errors: as
// EditAlert; billing.ErrNotStopped.
func (s Service) LiftAlert(
	ctx context.Context, c access.Client, ref access.ProfileRef, id billing.AlertID,
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		w, err := s.watch(ctx, c, ref, true)
		if err != nil {
			return struct{}{}, err
		}
		a, err := w.profile.Alerts.Find(id)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		lifted, err := w.usage.Lift(a, w.profile.Quota(), now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.LiftStop(w.profile, w.usage, lifted)
		s.record(tx, w, auditlog.Entry{
			Resource: "usage", ResourceID: string(id), Message: "Stop lifted: " + a.Condition(),
			Changes: []auditlog.Change{auditlog.Changed("stop", string(a.Stop), "")},
		}, now)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// notifyCost notifies the owner of the alerts on cost that profiles have
// reached without a report: after their cost has risen, or a cycle has begun.
// If it fails, the next report of the profile does.
func (s Service) notifyCost(ctx context.Context, origin store.Origin, ids []value.ProfileID) {
	if len(ids) == 0 {
		return
	}
	batch := s.Store.Batch()
	profiles := make([]*store.Found[tenancy.Profile], len(ids))
	usages := make([]*store.Found[billing.Usage], len(ids))
	for i, id := range ids {
		profiles[i], usages[i] = batch.Profile(id), batch.Usage(id)
	}
	err := batch.Get(ctx)
	for i, p := range profiles {
		if err == nil && p.OK {
			err = s.notifyCostOf(ctx, origin, p.Value, usages[i].Value)
		}
	}
	if err != nil {
		s.Log.WarnContext(ctx, "the owner is not notified of alerts on cost before the next report",
			"profiles", len(ids), "error", err.Error())
	}
}

func (s Service) notifyCostOf(
	ctx context.Context, origin store.Origin, p tenancy.Profile, u billing.Usage,
) error {
	now := s.Instant()
	update := u.Apply(p.Quota(), nil, now)
	if len(update.Reached) == 0 {
		return nil
	}
	tx := s.Store.Begin()
	tx.Report(p, nil, update, nil, now)
	if err := s.announce(ctx, tx, p, update, now); err != nil {
		return err
	}
	return tx.CommitAside(ctx, origin)
}

// costly returns the profiles with an alert on cost that cost more in is than
// in was, or all of them if a new cycle begins.
func costly(was, is tenancy.Account, cycle bool) (ids []value.ProfileID) {
	for _, id := range is.ProfileIDs() {
		if is.Shares[id].CostAlert && (cycle || is.CycleCost(id) > was.CycleCost(id)) {
			ids = append(ids, id)
		}
	}
	return ids
}

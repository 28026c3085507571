package tokens

import (
	"context"
	"fmt"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// concerned is what a sweep knows of a token beside itself.
type concerned struct {
	profile tenancy.Profile
	people  []tenancy.Account // its maker, and the owner of its profile
}

// concerns reads whom a token concerns; nobody if it opens nothing by now.
func (s Service) concerns(ctx context.Context, t tenancy.Token) (concerned, error) {
	batch := s.Store.Batch()
	profile := batch.Profile(t.Profile)
	maker := batch.Account(t.Account)
	grant := batch.Grant(t.Account, t.Profile)
	if err := batch.Get(ctx); err != nil {
		return concerned{}, err
	}
	of := concerned{profile: profile.Value}
	if !t.AdmittedBy(maker.Value, grant.Value) {
		return of, nil
	}
	of.people = append(of.people, maker.Value)
	if of.profile.Owner != t.Account {
		batch = s.Store.Batch()
		owner := batch.Account(of.profile.Owner)
		if err := batch.Get(ctx); err != nil {
			return concerned{}, err
		}
		if owner.OK {
			of.people = append(of.people, owner.Value)
		}
	}
	return of, nil
}

// lookAtUse does what tenancy.Token.Idle says about a token whose last recorded
// use is u. Errors: problem.ErrConflict if the token or the policy of its
// profile has changed since it was read.
func (s Service) lookAtUse(
	ctx context.Context,
	t tenancy.Token,
	u tenancy.Use,
	now time.Time,
) error {
	var of concerned
	if t.Unused(u, now) {
		var err error
		if of, err = s.concerns(ctx, t); err != nil {
			return err
		}
	}
	looked, what := t.Idle(u, of.profile.TokenPolicy, now)
	tx := s.Store.Begin()
	switch {
	case len(of.people) == 0, what == tenancy.IdleNothing:
		tx.AttendToken(t, looked, problem.ErrConflict)
	case what == tenancy.IdleTell:
		tx.AttendToken(t, looked, problem.ErrConflict)
		s.tellUnused(tx, t, u, of, now)
	case what == tenancy.IdleDisable:
		looked.DisabledBy = of.profile.Owner
		tx.EditToken(t, looked, problem.ErrConflict)
		tx.CheckDisablesUnused(of.profile, problem.ErrConflict)
		s.tellDisabled(tx, t, looked, u, of, now)
	}
	return tx.CommitAside(ctx, store.Origin{})
}

// tellUnused tells the people of a token that it is not used.
func (s Service) tellUnused(
	tx *store.Tx,
	t tenancy.Token,
	u tenancy.Use,
	of concerned,
	now time.Time,
) {
	for _, a := range of.people {
		s.SendTo(tx, a, mailing.TokenUnused{
			Name: a.Name, Profile: of.profile.Name, Token: t.Name, Last: t.LastOf(u),
			Next: mailing.NextOfUnused(of.profile.TokenPolicy.DisableUnused),
		}, now)
		s.Notify(tx, a, topic.Token, s.Notice(a.ID, "A token is not used", fmt.Sprintf(
			"The token %s of the profile %s was not used for %d days. Delete it if nothing needs it.",
			value.Isolated(t.Name), value.Isolated(of.profile.Name), days(tenancy.UnusedAfter),
		), now).About(string(of.profile.ID)))
	}
}

// tellDisabled tells the people of a token that it is disabled, and writes the
// audit entry.
func (s Service) tellDisabled(
	tx *store.Tx,
	was, t tenancy.Token,
	u tenancy.Use,
	of concerned,
	now time.Time,
) {
	e := s.AuditEntry(
		string(t.Profile), t, "token", string(t.ID), "Token disabled, as it was not used", now,
	)
	e.Who = "token-expire"
	e.Changes = t.Differences(was)
	tx.Audit(e)
	for _, a := range of.people {
		s.SendTo(tx, a, mailing.TokenDisabled{
			Name: a.Name, Profile: of.profile.Name, Token: t.Name, Last: t.LastOf(u),
		}, now)
		s.Notify(tx, a, topic.Token, s.Notice(a.ID, "A token is disabled", fmt.Sprintf(
			"The token %s of the profile %s was not used for %d days and is disabled. The owner of the profile can enable it.",
			value.Isolated(t.Name), value.Isolated(of.profile.Name), days(tenancy.DisabledAfter),
		), now).About(string(of.profile.ID)))
	}
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// tellNetworks tells the people of a token from which networks it was used for
// the first time, unless the policy of its profile wants quiet; the zero token
// is one that is gone. Errors: problem.ErrConflict if there are more of them by
// now.
func (s Service) tellNetworks(
	ctx context.Context,
	t tenancy.Token,
	u tenancy.Use,
	now time.Time,
) error {
	var of concerned
	if t.ID != "" {
		var err error
		if of, err = s.concerns(ctx, t); err != nil {
			return err
		}
	}
	tx := s.Store.Begin()
	tx.ToldNetworks(u, problem.ErrConflict)
	if len(of.people) > 0 && !of.profile.TokenPolicy.QuietNetworks {
		e := s.AuditEntry(string(t.Profile), t, "token", string(t.ID),
			"Token used from a network for the first time", now)
		e.Who = "token-expire"
		e.Changes = []auditlog.Change{
			auditlog.Changed("network", "", strings.Join(u.Untold, ", ")),
		}
		tx.Audit(e)
		for _, a := range of.people {
			tx.Notify(s.Notice(a.ID, "A token was used from a new network", fmt.Sprintf(
				"The token %s of the profile %s was used from %s for the first time. If that was nobody you know, rotate or delete the token.",
				value.Isolated(t.Name), value.Isolated(of.profile.Name),
				strings.Join(u.Untold, ", "),
			), now).About(string(of.profile.ID)))
		}
	}
	return tx.CommitAside(ctx, store.Origin{})
}

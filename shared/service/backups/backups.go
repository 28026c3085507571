// Package backups has the use cases of backups of profiles, and of their
// restoration.
package backups

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/service/subscriptions"
	"profiles/shared/service/teams"
	"profiles/shared/service/webhooks"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has the operations on backups.
type Service struct {
	*core.Base
	billing  subscriptions.Service
	teams    teams.Service
	webhooks webhooks.Service
}

// New returns the operations on backups.
func New(
	on *core.Base, billing subscriptions.Service, teams teams.Service, hooks webhooks.Service,
) Service {
	return Service{on, billing, teams, hooks}
}

// Of says whose backups a request is about: those of a profile of the caller,
// or if it is nil those of the caller's account, also of profiles that it has
// no longer.
type Of = *access.ProfileRef

// opened are the backups that an admitted caller may see.
type opened struct {
	token   tenancy.Token
	account value.AccountID
	profile tenancy.Profile // zero: those of the account
}

// log is the audit log that has what becomes of the backups.
func (o opened) log() string {
	if o.profile.ID != "" {
		return string(o.profile.ID)
	}
	return string(o.account)
}

// open authorizes a request to backups. c.Access says which callers are
// admitted: owners alone.
func (s Service) open(ctx context.Context, c access.Client, of Of) (opened, error) {
	if of == nil {
		who, err := s.Access.AuthorizeAccount(ctx, c, nil)
		return opened{who.Token, who.Account.ID, tenancy.Profile{}}, err
	}
	r, err := s.Access.AuthorizeProfile(ctx, c, *of, nil)
	return opened{r.Token, r.Profile.Owner, r.Profile}, err
}

// find returns a backup that is opened, with the reads of a batch. Errors:
// backup.ErrNone.
func (s Service) find(
	ctx context.Context, o opened, id backup.ID, batch *store.Batch,
) (backup.Backup, error) {
	b, err := s.stored(ctx, o, id, batch)
	if err == nil && b.Deleted {
		err = backup.ErrNone
	}
	return b, err
}

// stored is find, also for a backup of which only the file is left.
func (s Service) stored(
	ctx context.Context, o opened, id backup.ID, batch *store.Batch,
) (backup.Backup, error) {
	found := batch.Backup(o.account, id)
	if err := batch.Get(ctx); err != nil {
		return backup.Backup{}, err
	}
	b := found.Value
	other := o.profile.ID != "" && b.Profile != o.profile.ID
	if !found.OK || other || !s.Instant().Before(b.Ends()) {
		return b, backup.ErrNone
	}
	return b, nil
}

func (s Service) entry(o opened, b backup.Backup, message string) auditlog.Entry {
	return core.Changing(
		s.AuditEntry(o.log(), o.token, "backup", string(b.ID), message, s.Instant()),
		auditlog.Changed("profile", "", b.Name),
	)
}

// List returns the backups of a profile or of the account, in the order of
// their creation. Errors: those of every request to a profile, or to the
// account; CodeForbidden for members; CodeInvalid for a position that no answer
// has given.
func (s Service) List(
	ctx context.Context, c access.Client, of Of, p core.Paging, oldestFirst bool,
) (core.List[backup.Backup], error) {
	var none core.List[backup.Backup]
	if err := p.Check(value.IsID); err != nil {
		return none, err
	}
	o, err := s.open(ctx, c, of)
	if err != nil {
		return none, err
	}
	now := s.Instant()
	return core.ReadList(p, false,
		func(pageSize int) func(func(backup.Backup, error) bool) {
			return s.Store.Backups(ctx, o.account, o.profile.ID, store.Walk{
				PageSize: pageSize, After: p.After, NewestFirst: !oldestFirst,
			})
		},
		func(b backup.Backup) bool { return b.Kept(now) },
		func(b backup.Backup) string { return string(b.ID) },
	)
}

// Create makes a backup of one of the caller's own profiles. It is complete
// when Create returns. Errors: those of every request to a profile;
// CodeForbidden for members, with the plan free, and for more than
// backup.PerDay.
func (s Service) Create(
	ctx context.Context, c access.Client, ref access.ProfileRef,
) (backup.Backup, error) {
	return flow.RetryOnConflict(ctx, func() (backup.Backup, error) {
		var b backup.Backup
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
		if err != nil {
			return b, err
		}
		if err := backup.Offered(r.Profile.Plan); err != nil {
			return b, err
		}
		now := s.Instant()
		batch := s.Store.Batch()
		owner := batch.Account(r.Profile.Owner)
		content, err := s.content(ctx, r.Profile, team, tenancy.Logo{}, batch)
		if err != nil {
			return b, err
		}
		window, full, err := s.day(ctx, r.Profile, owner.Value, now)
		if err != nil {
			return b, err
		}
		id := s.NewID(now)
		b = backup.Backup{
			ID: backup.ID(id), Account: r.Profile.Owner, Profile: r.Profile.ID,
			Name: r.Profile.Name, Reason: backup.ReasonRequest, Created: now, File: id,
		}
		if b, err = s.write(ctx, b, content); err != nil {
			return b, err
		}
		tx := s.Store.Begin()
		tx.AddBackup(b, problem.ErrConflict)
		tx.CheckOwner(b.Profile, b.Account, problem.ErrConflict)
		tx.Count(window, backup.PerDay, full)
		tx.Audit(s.entry(opened{r.Token, b.Account, r.Profile}, b, "Backup created"))
		return b, tx.Commit(ctx, c.Origin())
	})
}

// day returns what counts the backups of a profile in a day of its owner's time
// zone, and the refusal of one more. Errors: that refusal, if there is one
// already, so that the work is not done in vain. The commit decides about two
// that are made at once; the file of the other ends by itself.
func (s Service) day(
	ctx context.Context, p tenancy.Profile, owner tenancy.Account, now time.Time,
) (w store.RateWindow, full, err error) {
	w.Subject = "backup#" + string(p.Owner) + "#" + string(p.ID)
	w.End, full = backup.Day(owner.Zone(), now)
	batch := s.Store.Batch()
	made := batch.Window(w)
	if err := batch.Get(ctx); err != nil {
		return w, nil, err
	}
	if made.Value >= backup.PerDay {
		return w, full, full
	}
	return w, full, nil
}

// Delete removes a backup, after a fresh proof. If that is interrupted, nobody
// sees the backup any more, and a repetition removes what is left of it.
// Errors: those of List; backup.ErrNone; those of a fresh proof.
func (s Service) Delete(
	ctx context.Context, c access.Client, of Of, id backup.ID, given access.Credentials,
) error {
	proven := s.Access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		o, err := s.open(ctx, c, of)
		if err != nil {
			return struct{}{}, err
		}
		b, err := s.stored(ctx, o, id, s.Store.Batch())
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		if err := proven.Prove(ctx, tx, o.account, "deleting a backup", s.Instant()); err != nil {
			return struct{}{}, err
		}
		if !b.Deleted {
			tx.DeleteBackup(b, backup.ErrNone)
			tx.Audit(s.entry(o, b, "Backup deleted"))
		}
		err = tx.Commit(ctx, c.Origin())
		if problem.CodeOf(err) == problem.CodeUnavailable {
			// The answer may be lost.
			if now, lost := s.stored(ctx, o, id, s.Store.Batch()); lost == nil && now.Deleted {
				b = now
			}
		}
		if err == nil || b.Deleted {
			s.drop(ctx, b)
		}
		return struct{}{}, err
	})
	return err
}

// drop removes what is left of a deleted backup.
func (s Service) drop(ctx context.Context, b backup.Backup) {
	if err := s.Store.DropBackup(ctx, b); err != nil {
		s.Log.WarnContext(ctx, "the file of a deleted backup is there until it is deleted again",
			"backup", string(b.ID), "error", err.Error())
	}
}

// BeforePurge makes the last backup of a deleted profile that nobody can
// restore any more, if its plan had backups, and notifies the account that
// owned it. Whatever is left of the profile must not be removed before. It can
// be repeated.
func (s Service) BeforePurge(ctx context.Context, id value.ProfileID) error {
	now := s.Instant()
	left, ok, err := s.Store.LeavingProfile(ctx, id, now)
	if err != nil || !ok || backup.Offered(left.Profile.Plan) != nil {
		return err
	}
	p := left.Profile
	b := backup.Backup{
		ID: backup.OfDeletion(s.NewID(left.Time), id), Account: p.Owner, Profile: id,
		Name: p.Name, Reason: backup.ReasonDeletion, Created: now, File: s.NewID(now),
	}
	batch := s.Store.Batch()
	there, owner := batch.Backup(b.Account, b.ID), batch.Account(b.Account)
	content, err := s.content(ctx, p, left.Team, left.Logo, batch)
	if err != nil || there.OK || !owner.OK {
		return err
	}
	if b, err = s.write(ctx, b, content); err != nil {
		return err
	}
	tx := s.Store.Begin()
	tx.AddBackup(b, problem.ErrConflict)
	tx.CheckAccount(owner.Value, problem.ErrConflict)
	by := s.entry(opened{account: b.Account}, b, "Backup created before the profile was removed")
	by.Who = "profile-purge"
	tx.Audit(by)
	text := fmt.Sprintf(
		"The profile %s that you have deleted is removed now. A backup of it is kept until %s.",
		value.Isolated(p.Name), value.Moment(b.Ends(), owner.Value.Zone()),
	)
	tx.Notify(s.Notice(b.Account, "A backup of a deleted profile was made", text, now).
		As(tenancy.NotificationProfile))
	return tx.CommitAside(ctx, store.Origin{})
}

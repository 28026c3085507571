package teams

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/mailing"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// endMembership tells of a membership that ends soon, or removes one that has
// ended. It reports whether there was something to do.
func (s Service) endMembership(
	ctx context.Context, due store.DueEntry, now time.Time,
) (bool, error) {
	id, account, err := due.Membership()
	if err != nil {
		return false, err
	}
	profile, team, err := s.Store.ProfileWithMembers(ctx, id)
	if err != nil {
		return false, err
	}
	m, ok := team.Active(account)
	if !ok || m.Ends.IsZero() || now.Before(m.Due()) {
		return false, nil
	}
	batch := s.Store.Batch()
	member, owner := batch.Account(account), batch.Account(profile.Owner)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	tx := s.Store.Begin()
	if m.Open(now) {
		tx.TellMembership(m)
		s.tellEnd(tx, profile, m, member.Value, owner.Value, now)
	} else {
		tx.RemoveMember(profile, m, now)
		tx.ForgetRemoval(m)
		s.tellEnded(tx, profile, m, member.Value, owner.Value, now)
	}
	err = tx.CommitAside(ctx, store.Origin{})
	return err == nil, err
}

// tellEnd tells a member and the owner that the membership ends soon.
func (s Service) tellEnd(
	tx *store.Tx,
	p tenancy.Profile,
	m tenancy.Member,
	member, owner tenancy.Account,
	now time.Time,
) {
	s.SendTo(tx, member, mailing.TeamEnding{
		Name: member.Name, Owner: owner.Name, Address: owner.Email, Profile: p.Name, Until: m.Ends,
	}, now)
	s.SendTo(tx, owner, mailing.TeamEndingOwner{
		Name: owner.Name, Member: member.Name, Address: member.Email, Profile: p.Name,
		Until: m.Ends,
	}, now)
}

// tellEnded tells a member and the owner, in their notifications, that the
// membership has ended, and writes the audit entry.
func (s Service) tellEnded(
	tx *store.Tx,
	p tenancy.Profile,
	m tenancy.Member,
	member, owner tenancy.Account,
	now time.Time,
) {
	of := value.Isolated(p.Name)
	tx.Notify(
		s.Notice(m.Account, "A profile is no longer shared with you",
			fmt.Sprintf("Your membership of the profile %s has ended.", of), now).
			As(tenancy.NotificationProfile),
	)
	tx.Notify(
		s.Notice(owner.ID, "A membership has ended",
			fmt.Sprintf("The membership of %s in the profile %s has ended.",
				value.Isolated(member.Name), of), now).
			As(tenancy.NotificationProfile).
			About(string(p.ID)),
	)
	e := s.AuditEntry(
		string(p.ID), tenancy.Token{}, "team", string(m.Account), "Membership ended", now,
	)
	e.Who = "team-expire"
	tx.Audit(core.Changing(e,
		auditlog.Change{Field: "permission", Before: m.Permission.String()},
		auditlog.Change{Field: "ends_at", Before: tenancy.Dated(m.Ends)},
	))
}

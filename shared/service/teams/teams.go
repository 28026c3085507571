// Package teams has the use cases of teams: who a profile is shared with.
package teams

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has the operations on who a profile is shared with.
type Service struct{ *core.Base }

// New returns the operations on teams.
func New(on *core.Base) Service { return Service{on} }

// List returns the members of a profile's team and its open invitations, oldest
// first, and with lapsed those that nobody has answered, to its owner.
// Addresses are for the owner alone. Errors: those of every request to a
// profile.
func (s Service) List(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	lapsed bool,
) (tenancy.Team, error) {
	now := s.Instant()
	r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
	if err != nil {
		return nil, err
	}
	listed := team.Open(now)
	if lapsed && r.Owned() {
		listed = append(listed, team.Lapsed(r.Profile.Transferred, now)...)
	}
	if team, err = core.WithNames(ctx, s.Store, listed.ByAge()); err != nil {
		return nil, err
	}
	if !r.Owned() {
		team = team.ForMember()
	}
	return team, nil
}

// MemberEdit is a change of a member, in the texts of clients. An empty text
// leaves a field as it is, if the other one has a text.
type MemberEdit struct {
	Permission string
	Ends       string // see tenancy.MembershipEnd
}

// apply returns the member with the change. A day ends in the zone of now.
// Errors: CodeInvalid for the
// permission, and for a change of nothing; those of tenancy.MembershipEnd.
func (e MemberEdit) apply(m tenancy.Member, now time.Time) (_ tenancy.Member, err error) {
	if e.Permission != "" || e.Ends == "" {
		if m.Permission, err = tenancy.ParsePermission(e.Permission); err != nil {
			return m, err
		}
	}
	if e.Ends == "" {
		return m, nil
	}
	end, err := tenancy.MembershipEnd(e.Ends, now)
	return m.Until(end, now), err
}

// Edit changes the permission of a member, at once and for all of its tokens,
// and when the membership ends. Errors: those of every request to a profile;
// CodeForbidden for a member; CodeInvalid for the permission; CodeNotFound for
// an account that is no active member; those of tenancy.MembershipEnd.
func (s Service) Edit(
	ctx context.Context, c access.Client, ref access.ProfileRef, id string, edit MemberEdit,
) error {
	if _, err := edit.apply(tenancy.Member{}, s.Instant().In(core.LastZone)); err != nil {
		return err
	}
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		before, ok := team.Active(value.AccountID(id))
		if !ok || !before.Open(now) {
			return struct{}{}, problem.NotFound("Account")
		}
		here := now
		if value.IsDateAlone(edit.Ends) {
			batch := s.Store.Batch()
			owner := batch.Account(r.Profile.Owner)
			if err := batch.Get(ctx); err != nil {
				return struct{}{}, err
			}
			here = now.In(owner.Value.Zone())
		}
		m, err := edit.apply(before, here)
		if err != nil {
			return struct{}{}, err
		}
		right := m.Permission
		what := "Permission of a member changed to " + right.String()
		if edit.Ends != "" {
			what = "Membership changed"
		}
		e := s.AuditEntry(string(r.Profile.ID), r.Token, "team", id, what, now)
		e.Changes = auditlog.Differences(
			auditlog.Change{
				Field:  "permission",
				Before: before.Permission.String(),
				After:  right.String(),
			},
			auditlog.Change{
				Field:  "ends_at",
				Before: tenancy.Dated(before.Ends),
				After:  tenancy.Dated(m.Ends),
			},
		)
		tx := s.Store.Begin()
		tx.EditMember(r.Profile, m)
		tx.Notify(
			s.Notice(m.Account, "Your permission has changed",
				fmt.Sprintf("You have %s permission on the profile %s now.%s", right, value.Isolated(r.Profile.Name), lasts(m.Ends)), now).
				As(tenancy.NotificationProfile).
				About(string(r.Profile.ID)),
		)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// Remove takes a profile from a member, withdraws an open invitation, or takes
// an expired one off the list; id is as the list of the team shows it. The
// owner may remove anybody, a member itself. The member's tokens for the
// profile are dead with the commit, whatever their number. Restore brings back
// a member that the owner removed, but not one that left. Errors: those of
// every request to a profile; CodeForbidden for a member who names another;
// CodeNotFound for an id that is not in the team.
func (s Service) Remove(
	ctx context.Context, c access.Client, ref access.ProfileRef, id string,
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		leaving, err := r.RequireOwnerOrSelf(id)
		if err != nil {
			return struct{}{}, err
		}
		m, ok := team.ByID(id)
		if !ok {
			return struct{}{}, problem.NotFound("Account")
		}
		now := s.Instant()
		tx := s.Store.Begin()
		what := "Member removed"
		switch {
		case !m.Open(now):
			what = "Expired invitation removed"
			tx.ForgetPlace(m, problem.ErrConflict)
		case !m.Active:
			what = "Invitation withdrawn"
			tx.EndInvitation(
				tenancy.Invitation{
					ID:      m.Invitation,
					Code:    m.Code,
					Profile: m.Profile,
					Email:   m.Email,
				},
				tenancy.InvitationWithdrawn,
				problem.ErrConflict,
			)
		case leaving:
			what = "Member left"
			named, err := core.WithNames(ctx, s.Store, tenancy.Team{m})
			if err != nil {
				return struct{}{}, err
			}
			tx.RemoveMember(r.Profile, m, now)
			tx.ForgetRemoval(m)
			name, of := value.Isolated(named[0].Name), value.Isolated(r.Profile.Name)
			text := fmt.Sprintf("%s has left the profile %s.", name, of)
			tx.Notify(
				s.Notice(r.Profile.Owner, "A member has left", text, now).
					As(tenancy.NotificationProfile).
					About(string(r.Profile.ID)),
			)
		default:
			tx.RemoveMember(r.Profile, m, now)
			tx.NoteRemoval(m, now)
			tx.Notify(
				s.Notice(m.Account, "A profile is no longer shared with you", fmt.Sprintf("The owner of the profile %s has removed you from its team.", value.Isolated(r.Profile.Name)), now).
					As(tenancy.NotificationProfile),
			)
		}
		tx.Audit(
			core.Changing(
				s.AuditEntry(string(r.Profile.ID), r.Token, "team", id, what, now),
				auditlog.Change{Field: "permission", Before: m.Permission.String()},
			),
		)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

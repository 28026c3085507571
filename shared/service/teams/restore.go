package teams

import (
	"context"
	"fmt"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Restore makes an account a member again that the owner has removed in the
// last hour, with the permission and the place in the team of before. Its
// tokens stay revoked. An open invitation of its address ends. Errors: those of
// every request to a profile; CodeForbidden for a member and past the team size
// of the plan; CodeInvalid for a member, for one who left, and for one whose
// removal is older; CodeNotFound for an account that is gone.
func (s Service) Restore(
	ctx context.Context, c access.Client, ref access.ProfileRef, id string,
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := core.AuthorizeTeam(ctx, s.Access, s.Store, c, ref, nil)
		if err != nil {
			return struct{}{}, err
		}
		batch := s.Store.Batch()
		account := batch.Account(value.AccountID(id))
		removal := batch.Removal(r.Profile.ID, value.AccountID(id))
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		m, place, err := removal.Value.Undo(account.Value, r.Profile, team, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.AddMember(r.Profile, m)
		tx.UndoRemoval(removal.Value)
		tx.CheckAddress(account.Value, problem.ErrConflict)
		if place.Invitation != "" {
			tx.EndInvitation(
				tenancy.Invitation{
					ID:      place.Invitation,
					Code:    place.Code,
					Profile: place.Profile,
					Email:   place.Email,
				},
				tenancy.InvitationWithdrawn,
				problem.ErrConflict,
			)
		}
		text := fmt.Sprintf(
			"The owner of the profile %s has put you back in its team, with %s permission. "+
				"Tokens that you made for it before stay revoked.",
			value.Isolated(r.Profile.Name),
			m.Permission,
		)
		tx.Notify(
			s.Notice(m.Account, "A profile is shared with you again", text, now).
				As(tenancy.NotificationProfile).
				About(string(r.Profile.ID)),
		)
		tx.Audit(
			core.Changing(
				s.AuditEntry(string(r.Profile.ID), r.Token, "team", id, "Member restored", now),
				auditlog.Change{Field: "permission", After: m.Permission.String()},
			),
		)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

package teams

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Limits of the mails that an owner can make this service send to one address
// about one profile, however the invitations before ended.
const (
	inviteCooldown = time.Minute
	inviteDay      = 24 * time.Hour
	invitesPerDay  = 5
)

// Invite offers an address a place in the team of one of the caller's own
// profiles. The answer is the same whether the address has an account or not:
// one that has gets the invitation by mail and as a notification, another a
// mail that explains how to make one. Inviting an address again renews its
// invitation, and the old link is dead. Errors: those of every request to a
// profile; CodeForbidden for a member and past the team size of the plan;
// CodeInvalid for the owner's own address or a member's; CodeTooMany for more
// than a mail a minute or five a day to an address; those of
// tenancy.MembershipEnd.
func (s Service) Invite(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	address string,
	o Offered,
) error {
	email, err := value.ParseNewEmail(address)
	if err != nil {
		return err
	}
	if _, err := o.parse(s.Instant().In(core.LastZone)); err != nil {
		return err
	}
	_, err = s.invite(ctx, c, ref, email, o, false, (*store.Tx).Commit)
	return err
}

// Offered is the membership that an owner offers, in the texts of clients.
type Offered struct {
	Permission string // empty: full
	Ends       string // see tenancy.MembershipEnd
}

// parse reads the texts. A day ends in the zone of now.
func (o Offered) parse(now time.Time) (offer tenancy.Offer, err error) {
	offer.Permission = tenancy.PermissionFull
	if o.Permission != "" {
		if offer.Permission, err = tenancy.ParsePermission(o.Permission); err != nil {
			return offer, err
		}
	}
	offer.Ends, err = tenancy.MembershipEnd(o.Ends, now)
	return offer, err
}

// invite invites one address. It reports whether the caller was admitted: an
// error is then about the address. With skips, an address that was just invited
// in the same way is left as it is.
func (s Service) invite(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	email value.Email,
	o Offered,
	skips bool,
	commit func(*store.Tx, context.Context, store.Origin) error,
) (admitted bool, err error) {
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		now := s.Instant()
		admitted = false
		var reservation *store.Found[tenancy.EmailReservation]
		var stop *store.Found[mailing.Stop]
		r, team, err := core.AuthorizeTeam(
			ctx,
			s.Access,
			s.Store,
			c,
			ref,
			func(b *store.Batch) {
				reservation, stop = b.EmailReservation(email), b.MailStop(email)
			},
		)
		if err != nil {
			return struct{}{}, err
		}
		admitted = true
		before, _ := team.ByEmail(email)
		batch := s.Store.Batch()
		owner := batch.Account(r.Profile.Owner)
		invited := batch.Account(s.Access.Holder(reservation, now))
		names := core.Named(batch, team)
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		team = names()
		// For a while an account holds a former address too, which is nobody's
		// to be invited by.
		invited.Value = invited.Value.At(email)
		membership, err := o.parse(now.In(owner.Value.Zone()))
		if err != nil {
			return struct{}{}, err
		}
		if skips && justInvited(before, membership, now) {
			return struct{}{}, nil
		}
		key := s.NewKey()
		i, err := r.Profile.Invite(
			owner.Value,
			team,
			email,
			membership,
			tenancy.InvitationID(s.NewID(now)),
			now,
		)
		if err != nil {
			return struct{}{}, err
		}
		i.Code, i.Hash = value.CodeID(key.ID), key.Hash()

		tx := s.Store.Begin()
		if stop.Value.IsInvalid(now) {
			// The mail would come back, and is not sent.
			i.Returned = tenancy.MailReturn{Time: now, Invalid: true}
			notice := core.UndeliverableInvitation(i.Profile, email, true)
			tx.Notify(s.To(r.Profile.Owner, notice, now))
		}
		subject := "invite#" + string(r.Profile.ID) + "#" + secret.Fingerprint(string(email))
		tx.Cooldown(
			subject,
			inviteCooldown,
			now,
			problem.TooMany(inviteCooldown).
				Because("this address was invited a moment ago, and gets one mail a minute").
				For(problem.ReasonMailLimit),
		)
		today := store.RateWindow{Subject: subject, End: store.WindowEnd(now, inviteDay)}
		tx.Count(
			today,
			invitesPerDay,
			problem.TooMany(today.End.Sub(now)).
				Because("this address was invited to the profile as often today as may be").
				For(problem.ReasonMailLimit).
				With("limit", invitesPerDay),
		)
		core.SpendMail(tx, r.Profile.Owner, email, now)
		offer := s.offer(i, owner.Value, r.Profile)
		tx.Invite(r.Profile, i, before)
		tx.Measure(metric.InvitationsSent, 1)
		invitation := mailing.TeamInvited{
			Owner:      owner.Value.Name,
			Address:    owner.Value.Email,
			Profile:    r.Profile.Name,
			Permission: membership.Permission.String(),
			Lasts:      mailing.Lasts(membership.Ends),
			Code:       key.Code(),
			Expires:    i.Expires,
			Invitation: i.Code,
		}
		if invited.Value.Active {
			tx.Notify(s.To(invited.Value.ID, offer, now))
			s.Send(tx, email, invited.Value, invitation, now)
		} else {
			stranger := mailing.TeamInvitedNew(invitation)
			s.Send(tx, email, invited.Value, stranger, now)
		}
		e := s.AuditEntry(
			string(r.Profile.ID),
			r.Token,
			"team",
			string(i.ID),
			"Member invited",
			now,
		)
		tx.Audit(core.Changing(
			e,
			auditlog.Change{Field: "permission", After: membership.Permission.String()},
			auditlog.Change{Field: "ends_at", After: tenancy.Dated(membership.Ends)},
		))
		return struct{}{}, commit(tx, ctx, c.Origin())
	})
	return admitted, err
}

// offer is the notification with the two buttons that answer an invitation.
func (s Service) offer(
	i tenancy.Invitation,
	owner tenancy.Account,
	p tenancy.Profile,
) tenancy.Notification {
	return tenancy.Notification{
		Invitation: i.Code,
		Title:      "Invitation to the profile " + value.Isolated(p.Name),
		Message: fmt.Sprintf(
			"%s (%s) invites you to the profile %s, with %s permission.%s",
			value.Isolated(owner.Name),
			owner.Email,
			value.Isolated(p.Name),
			i.Permission,
			lasts(i.Ends),
		),
	}
}

// lasts is the sentence of a notification, after another one, that says when a
// membership ends; empty for one without an end.
func lasts(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return " The membership ends on " + end.UTC().Format(time.RFC3339) + "."
}

// Offers returns the notifications of the invitations with these codes that
// still stand, in the words of the day: the owner or the profile may be called
// something else than when they were made.
func (s Service) Offers(
	ctx context.Context,
	codes []value.CodeID,
	now time.Time,
) ([]tenancy.Notification, error) {
	batch := s.Store.Batch()
	found := make([]*store.Found[tenancy.Invitation], len(codes))
	for i, code := range codes {
		found[i] = batch.Invitation(code)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	batch = s.Store.Batch()
	owners, profiles := make(
		[]*store.Found[tenancy.Account],
		len(codes),
	), make(
		[]*store.Found[tenancy.Profile],
		len(codes),
	)
	for i, f := range found {
		if f.OK {
			owners[i], profiles[i] = batch.Account(f.Value.Owner), batch.Profile(f.Value.Profile)
		}
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	var out []tenancy.Notification
	for i, f := range found {
		if f.OK && f.Value.Answerable(now) == nil && owners[i].OK &&
			f.Value.StandsFor(profiles[i].Value) {
			out = append(out, s.offer(f.Value, owners[i].Value, profiles[i].Value))
		}
	}
	return out, nil
}

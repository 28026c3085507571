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
	"profiles/shared/topic"
	"profiles/shared/value"
)

// AcceptByCode makes the account that holds the invited address a member,
// whoever sends the code: it proves that its sender reads that address's mail.
// A code works once. Errors: CodeInvalid for a code that is unknown, renewed,
// answered or too old, and for an address that has no account yet;
// CodeForbidden when the plan admits no more members.
func (s Service) AcceptByCode(ctx context.Context, c access.Client, code string) error {
	return s.byCode(ctx, c, code, Accepted)
}

// DeclineByCode refuses an invitation, whoever sends the code. Errors:
// CodeInvalid as in AcceptByCode.
func (s Service) DeclineByCode(ctx context.Context, c access.Client, code string) error {
	return s.byCode(ctx, c, code, Declined)
}

func (s Service) byCode(ctx context.Context, c access.Client, code string, how Ending) error {
	key, ok := secret.Parse(code)
	if !ok {
		return tenancy.ErrVoidInvitation
	}
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		now := s.Instant()
		batch := s.Store.Batch()
		found := batch.Invitation(value.CodeID(key.ID))
		if err := s.Access.CountBySource(ctx, c, batch.Get); err != nil {
			return struct{}{}, err
		}
		if !found.OK || !key.Matches(found.Value.Hash) {
			return struct{}{}, tenancy.ErrVoidInvitation
		}
		i := found.Value
		if err := i.Answerable(now); err != nil {
			return struct{}{}, err
		}
		var by tenancy.Account
		if how == Accepted {
			var err error
			if by, err = s.accountOf(ctx, i.Email, now); err != nil {
				return struct{}{}, err
			}
			if !by.Active {
				return struct{}{}, problem.Invalid("%s has no account yet: create and confirm one with this address, then accept again", i.Email).
					For(problem.ReasonInvitationAddress)
			}
		}
		return struct{}{}, s.Answer(ctx, c, i, by, tenancy.Token{Account: by.ID}, how, nil, now)
	})
	return err
}

// accountOf reads the account that holds an address, the zero Account when
// there is none.
func (s Service) accountOf(
	ctx context.Context,
	e value.Email,
	now time.Time,
) (tenancy.Account, error) {
	batch := s.Store.Batch()
	reservation := batch.EmailReservation(e)
	if err := batch.Get(ctx); err != nil {
		return tenancy.Account{}, err
	}
	batch = s.Store.Batch()
	account := batch.Account(s.Access.Holder(reservation, now))
	err := batch.Get(ctx)
	return account.Value, err
}

// Accept is AcceptByCode for a person who is signed in, with the account that
// the invitation is for. Errors: those of AcceptByCode, and of every request
// with a token; CodeForbidden for a read token.
func (s Service) Accept(ctx context.Context, c access.Client, code string) error {
	return s.signedIn(ctx, c, code, Accepted)
}

// Decline is DeclineByCode for a person who is signed in, with the account that
// the invitation is for. Errors: as Accept.
func (s Service) Decline(ctx context.Context, c access.Client, code string) error {
	return s.signedIn(ctx, c, code, Declined)
}

func (s Service) signedIn(ctx context.Context, c access.Client, code string, how Ending) error {
	key, ok := secret.Parse(code)
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var found *store.Found[tenancy.Invitation]
		who, err := s.Access.AuthorizeAccount(
			ctx,
			c,
			func(b *store.Batch, _ value.AccountID) {
				if ok {
					found = b.Invitation(value.CodeID(key.ID))
				}
			},
		)
		if err != nil {
			return struct{}{}, err
		}
		if !ok || !found.OK || !key.Matches(found.Value.Hash) {
			return struct{}{}, tenancy.ErrVoidInvitation
		}
		i := found.Value
		return struct{}{}, s.Answer(ctx, c, i, who.Account, who.Token, how, nil, s.Instant())
	})
	return err
}

// Ending is how an invitation ends, in each form in which that is told.
type Ending struct {
	State tenancy.InvitationState
	Audit string
	told  string // "The invitation of X was ..."
}

var (
	Accepted = Ending{
		tenancy.InvitationAccepted,
		"Invitation accepted",
		"accepted",
	}
	Declined = Ending{
		tenancy.InvitationDeclined,
		"Invitation declined",
		"declined",
	}
	expired = Ending{
		tenancy.InvitationExpired,
		"Invitation expired",
		"not answered in time",
	}
)

// mail returns the mail that tells the owner of an ending.
func (e Ending) mail(a mailing.TeamAnswer) mailing.Mail {
	switch e {
	case Accepted:
		return mailing.TeamAccepted(a)
	case Declined:
		return mailing.TeamDeclined(a)
	}
	return mailing.TeamExpired(a)
}

// Answer accepts or declines an invitation in one commit, which also tells the
// owner. The zero account may decline: it stands for whoever reads the
// address's mail. also, when not nil, adds to the commit.
func (s Service) Answer(
	ctx context.Context,
	c access.Client,
	i tenancy.Invitation,
	by tenancy.Account,
	with tenancy.Token,
	how Ending,
	also func(*store.Tx),
	now time.Time,
) error {
	if err := i.Answerable(now); err != nil {
		return err
	}
	name := string(i.Email)
	if by.ID != "" {
		if err := i.For(by); err != nil {
			return err
		}
		name = by.Name
	}
	var profile tenancy.Profile
	var team tenancy.Team
	batch := s.Store.Batch()
	owner := batch.Account(i.Owner)
	err := flow.Parallel(ctx, batch.Get, func(ctx context.Context) (err error) {
		profile, team, err = s.Store.ProfileWithMembers(ctx, i.Profile)
		return err
	})
	if err != nil {
		return err
	}
	if !owner.OK || !i.StandsFor(profile) {
		return tenancy.ErrVoidInvitation
	}
	tx := s.Store.Begin()
	if how == Accepted {
		member, err := i.Accept(by, profile, team, now)
		if err != nil {
			return err
		}
		tx.AddMember(profile, member)
		tx.Measure(metric.InvitationsAccepted, 1)
		tx.CheckAddress(by, problem.ErrConflict)
	}
	e := s.AuditEntry(string(profile.ID), with, "team", string(i.ID), how.Audit, now)
	if how == Accepted {
		e = core.Changing(e, auditlog.Change{Field: "permission", After: i.Permission.String()})
	}
	if by.ID == "" {
		e.Who = "the invited address"
	}
	s.End(tx, i, how, e, owner.Value, profile, name, now)
	if also != nil {
		also(tx)
	}
	return tx.Commit(ctx, c.Origin())
}

func invitationEnds(i tenancy.Invitation, state tenancy.InvitationState) auditlog.Change {
	return auditlog.Change{Field: "state", Before: string(i.State), After: string(state)}
}

// End ends an invitation and tells the owner of the profile, by mail and
// notification.
func (s Service) End(
	tx *store.Tx,
	i tenancy.Invitation,
	how Ending,
	e auditlog.Entry,
	owner tenancy.Account,
	p tenancy.Profile,
	member string,
	now time.Time,
) {
	tx.EndInvitation(i, how.State, problem.ErrConflict)
	tx.Audit(core.Changing(e, invitationEnds(i, how.State)))
	answer := mailing.TeamAnswer{
		Name:    owner.Name,
		Profile: p.Name,
		Member:  member,
		Address: i.Email,
	}
	if member == string(i.Email) {
		answer.Member = ""
	}
	s.SendTo(tx, owner, how.mail(answer), now)
	message := fmt.Sprintf(
		"The invitation of %s to the profile %s was %s.",
		value.Isolated(member),
		value.Isolated(p.Name),
		how.told,
	)
	about := topic.Team
	if how.State == tenancy.InvitationAccepted {
		about = topic.Security // somebody can open the profile from now on
	}
	s.Notify(tx, owner, about,
		s.Notice(owner.ID, "Invitation "+how.told, message, now).As(tenancy.NotificationProfile).
			About(string(p.ID)),
	)
}

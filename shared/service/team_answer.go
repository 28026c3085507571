package service

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// AcceptByCode makes the account that holds the invited address a member,
// whoever sends the code: it proves that its sender reads that address's mail.
// A code works once. Errors: CodeInvalid for a code that is unknown, renewed,
// answered or too old, and for an address that has no account yet;
// CodeForbidden when the plan admits no more members.
func (s Teams) AcceptByCode(ctx context.Context, c Client, code string) error {
	return s.byCode(ctx, c, code, accepted)
}

// DeclineByCode refuses an invitation, whoever sends the code. Errors:
// CodeInvalid as in AcceptByCode.
func (s Teams) DeclineByCode(ctx context.Context, c Client, code string) error {
	return s.byCode(ctx, c, code, declined)
}

func (s Teams) byCode(ctx context.Context, c Client, code string, how ending) error {
	key, ok := secret.Parse(code)
	if !ok {
		return tenancy.ErrVoidInvitation
	}
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		now := s.now()
		batch := s.Store.Batch()
		found := batch.Invitation(value.CodeID(key.ID))
		if err := s.access.CountBySource(ctx, c, batch.Get); err != nil {
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
		if how == accepted {
			var err error
			if by, err = s.accountOf(ctx, i.Email, now); err != nil {
				return struct{}{}, err
			}
			if !by.Active {
				return struct{}{}, problem.Invalid("%s has no account yet: create and confirm one with this address, then accept again", i.Email).
					For(problem.ReasonInvitationAddress)
			}
		}
		return struct{}{}, s.answer(ctx, c, i, by, tenancy.Token{Account: by.ID}, how, nil, now)
	})
	return err
}

// accountOf reads the account that holds an address, the zero Account when
// there is none.
func (s Teams) accountOf(
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
	account := batch.Account(s.access.Holder(reservation, now))
	err := batch.Get(ctx)
	return account.Value, err
}

// Accept is AcceptByCode for a person who is signed in, with the account that
// the invitation is for. Errors: those of AcceptByCode, and of every request
// with a token; CodeForbidden for a read token.
func (s Teams) Accept(ctx context.Context, c Client, code string) error {
	return s.signedIn(ctx, c, code, accepted)
}

// Decline is DeclineByCode for a person who is signed in, with the account that
// the invitation is for. Errors: as Accept.
func (s Teams) Decline(ctx context.Context, c Client, code string) error {
	return s.signedIn(ctx, c, code, declined)
}

func (s Teams) signedIn(ctx context.Context, c Client, code string, how ending) error {
	key, ok := secret.Parse(code)
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var found *store.Found[tenancy.Invitation]
		who, err := s.access.AuthorizeAccount(
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
		return struct{}{}, s.answer(ctx, c, i, who.Account, who.Token, how, nil, s.now())
	})
	return err
}

// ending is how an invitation ends, in each form in which that is told.
type ending struct {
	state tenancy.InvitationState
	audit string
	told  string // "The invitation of X was ..."
}

var (
	accepted = ending{
		tenancy.InvitationAccepted,
		"Invitation accepted",
		"accepted",
	}
	declined = ending{
		tenancy.InvitationDeclined,
		"Invitation declined",
		"declined",
	}
	expired = ending{
		tenancy.InvitationExpired,
		"Invitation expired",
		"not answered in time",
	}
)

// mail returns the mail that tells the owner of an ending.
func (e ending) mail(a mailing.TeamAnswer) mailing.Mail {
	switch e {
	case accepted:
		return mailing.TeamAccepted(a)
	case declined:
		return mailing.TeamDeclined(a)
	}
	return mailing.TeamExpired(a)
}

// answer accepts or declines an invitation in one commit, which also tells the
// owner. The zero account may decline: it stands for whoever reads the
// address's mail. also, when not nil, adds to the commit.
func (s Teams) answer(
	ctx context.Context,
	c Client,
	i tenancy.Invitation,
	by tenancy.Account,
	with tenancy.Token,
	how ending,
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
	if how == accepted {
		member, err := i.Accept(by, profile, team, now)
		if err != nil {
			return err
		}
		tx.AddMember(profile, member)
		tx.CheckAddress(by, problem.ErrConflict)
	}
	e := s.auditEntry(string(profile.ID), with, "team", string(i.ID), how.audit, now)
	if how == accepted {
		e = changing(e, auditlog.Change{Field: "permission", After: i.Permission.String()})
	}
	if by.ID == "" {
		e.Who = "the invited address"
	}
	s.end(tx, i, how, e, owner.Value, profile, name, now)
	if also != nil {
		also(tx)
	}
	return tx.Commit(ctx, c.Origin())
}

func invitationEnds(i tenancy.Invitation, state tenancy.InvitationState) auditlog.Change {
	return auditlog.Change{Field: "state", Before: string(i.State), After: string(state)}
}

// end ends an invitation and tells the owner of the profile, by mail and
// notification.
func (s Teams) end(
	tx *store.Tx,
	i tenancy.Invitation,
	how ending,
	e auditlog.Entry,
	owner tenancy.Account,
	p tenancy.Profile,
	member string,
	now time.Time,
) {
	tx.EndInvitation(i, how.state, problem.ErrConflict)
	tx.Audit(changing(e, invitationEnds(i, how.state)))
	answer := mailing.TeamAnswer{
		Name:    owner.Name,
		Profile: p.Name,
		Member:  member,
		Address: i.Email,
	}
	if member == string(i.Email) {
		answer.Member = ""
	}
	s.sendTo(tx, owner, how.mail(answer), now)
	message := fmt.Sprintf(
		"The invitation of %s to the profile %s was %s.",
		value.Isolated(member),
		value.Isolated(p.Name),
		how.told,
	)
	tx.Notify(
		s.notice(owner.ID, "Invitation "+how.told, message, now).As(tenancy.NotificationProfile).
			About(string(p.ID)),
	)
}

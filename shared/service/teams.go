package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Teams are the operations on who a profile is shared with.
type Teams struct{ *base }

// Limits of the mails that an owner can make this service send to one address
// about one profile, however the invitations before ended.
const (
	inviteCooldown = time.Minute
	inviteDay      = 24 * time.Hour
	invitesPerDay  = 5
)

// withTeam authorises a request to one profile and reads its team beside that,
// when the path names the profile. The profile is the one that was read with
// the team: what the batch of the authorisation saw may be newer, and its
// version would then vouch for a team that it does not have.
func (b *base) withTeam(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	need tenancy.Permission,
	extra func(*store.Batch),
) (access.Rights, tenancy.Team, error) {
	var r access.Rights
	var profile tenancy.Profile
	var team tenancy.Team
	readTeam := func(id value.ProfileID) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			profile, team, err = b.Store.ProfileWithMembers(ctx, id)
			return err
		}
	}
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		r, err = b.access.AuthorizeProfile(ctx, c, ref, need, extra)
		return err
	}}
	if !ref.Current {
		reads = append(reads, readTeam(ref.ID))
	}
	err := flow.Parallel(ctx, reads...)
	if err == nil && ref.Current {
		err = readTeam(r.Profile.ID)(ctx)
	}
	if err == nil && profile.ID == "" {
		err = problem.NotFound("Profile")
	}
	r.Profile = profile
	return r, team, err
}

// List returns the members of a profile's team and its open invitations, oldest
// first. Addresses are for the owner alone. Errors: those of every request to a
// profile.
func (s Teams) List(ctx context.Context, c Client, ref ProfileRef) (tenancy.Team, error) {
	now := s.now()
	r, team, err := s.withTeam(ctx, c, ref, tenancy.PermissionRead, nil)
	if err != nil {
		return nil, err
	}
	if team, err = s.withNames(ctx, team.Open(now).ByAge()); err != nil {
		return nil, err
	}
	if !r.Owned() {
		for i := range team {
			team[i].Email = ""
		}
	}
	return team, nil
}

// named adds to a batch the accounts of a team's members, and returns what
// gives the members their names and addresses when the batch is read. Those are
// facts of the accounts and kept nowhere else: however many teams a person is
// in, all show the same.
func named(batch *store.Batch, team tenancy.Team) func() tenancy.Team {
	accounts := map[value.AccountID]*store.Found[tenancy.Account]{}
	for _, m := range team.Joined() {
		accounts[m.Account] = batch.Account(m.Account)
	}
	return func() tenancy.Team {
		team := slices.Clone(team)
		for i, m := range team {
			if m.Active {
				a := accounts[m.Account].Value
				team[i].Name, team[i].Email = a.Name, a.Email
			}
		}
		return team
	}
}

// withNames reads the names and addresses of a team's members.
func (b *base) withNames(ctx context.Context, team tenancy.Team) (tenancy.Team, error) {
	batch := b.Store.Batch()
	names := named(batch, team)
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	return names(), nil
}

// Invite offers an address a place in the team of one of the caller's own
// profiles. The answer is the same whether the address has an account or not:
// one that has gets the invitation by mail and as a notification, another a
// mail that explains how to make one. Inviting an address again renews its
// invitation, and the old link is dead. Errors: those of every request to a
// profile; CodeForbidden for a member and past the team size of the plan;
// CodeInvalid for the owner's own address or a member's; CodeTooMany for more
// than a mail a minute or five a day to an address.
func (s Teams) Invite(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	address, permission string,
) error {
	email, err := value.ParseNewEmail(address)
	if err != nil {
		return err
	}
	right := tenancy.PermissionFull
	if permission != "" {
		if right, err = tenancy.ParsePermission(permission); err != nil {
			return err
		}
	}
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		now := s.now()
		var reservation *store.Found[tenancy.EmailReservation]
		r, team, err := s.withTeam(
			ctx,
			c,
			ref,
			tenancy.PermissionFull,
			func(b *store.Batch) { reservation = b.EmailReservation(email) },
		)
		if err != nil {
			return struct{}{}, err
		}
		if err := r.RequireOwner(); err != nil {
			return struct{}{}, err
		}
		batch := s.Store.Batch()
		owner, invited := batch.Account(
			r.Profile.Owner,
		), batch.Account(
			s.access.Holder(reservation, now),
		)
		names := named(batch, team)
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		team = names()
		// For a while an account holds a former address too, which is nobody's
		// to be invited by.
		invited.Value = invited.Value.At(email)
		key := s.NewKey()
		i, err := r.Profile.Invite(
			owner.Value,
			team,
			email,
			right,
			tenancy.InvitationID(s.NewID(now)),
			now,
		)
		if err != nil {
			return struct{}{}, err
		}
		i.Code, i.Hash = value.CodeID(key.ID), key.Hash()
		before, _ := team.ByEmail(email)

		tx := s.Store.Begin()
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
		spendMail(tx, r.Profile.Owner, email, now)
		offer := s.offer(i, owner.Value, r.Profile)
		tx.Invite(r.Profile, i, before)
		data := map[string]string{
			"owner":      owner.Value.Name,
			"address":    string(owner.Value.Email),
			"profile":    r.Profile.Name,
			"permission": right.String(),
			"code":       key.Code(),
			"expires":    i.Expires.Format(time.RFC3339),
		}
		kind := tenancy.MessageTeamInvitedNew
		if invited.Value.Active {
			kind = tenancy.MessageTeamInvited
			tx.Notify(s.to(invited.Value.ID, offer, now))
		}
		s.send(tx, s.newMail(kind, email, now, data).In(invited.Value.Timezone))
		e := s.auditEntry(
			string(r.Profile.ID),
			r.Token,
			"team",
			string(i.ID),
			"Member invited",
			now,
		)
		tx.Audit(changing(e, auditlog.Change{Field: "permission", After: right.String()}))
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// offer is the notification with the two buttons that answer an invitation.
func (s Teams) offer(
	i tenancy.Invitation,
	owner tenancy.Account,
	p tenancy.Profile,
) tenancy.Notification {
	return tenancy.Notification{
		Invitation: i.Code,
		Title:      "Invitation to the profile " + value.Isolated(p.Name),
		Message: fmt.Sprintf(
			"%s (%s) invites you to the profile %s, with %s permission.",
			value.Isolated(owner.Name),
			owner.Email,
			value.Isolated(p.Name),
			i.Permission,
		),
	}
}

// offers returns the notifications of the invitations with these codes that
// still stand, in the words of the day: the owner or the profile may be called
// something else than when they were made.
func (s Teams) offers(
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

// to addresses a notification to an account.
func (b *base) to(a value.AccountID, n tenancy.Notification, now time.Time) tenancy.Notification {
	n.ID, n.Account, n.Created = tenancy.NotificationID(b.NewID(now)), a, now
	return n
}

func (b *base) notice(
	a value.AccountID,
	title, message string,
	now time.Time,
) tenancy.Notification {
	return b.to(a, tenancy.Notification{Title: title, Message: message}, now)
}

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
		return struct{}{}, s.answer(ctx, i, by, tenancy.Token{Account: by.ID}, how, nil, now)
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
			tenancy.PermissionWrite,
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
		return struct{}{}, s.answer(ctx, found.Value, who.Account, who.Token, how, nil, s.now())
	})
	return err
}

// ending is how an invitation ends, in each form in which that is told.
type ending struct {
	state tenancy.InvitationState
	mail  tenancy.MessageKind
	audit string
	told  string // "The invitation of X was ..."
}

var (
	accepted = ending{
		tenancy.InvitationAccepted,
		tenancy.MessageTeamAccepted,
		"Invitation accepted",
		"accepted",
	}
	declined = ending{
		tenancy.InvitationDeclined,
		tenancy.MessageTeamDeclined,
		"Invitation declined",
		"declined",
	}
	expired = ending{
		tenancy.InvitationExpired,
		tenancy.MessageTeamExpired,
		"Invitation expired",
		"not answered in time",
	}
)

// answer accepts or declines an invitation in one commit, which also tells the
// owner. The zero account may decline: it stands for whoever reads the
// address's mail. also, when not nil, adds to the commit.
func (s Teams) answer(
	ctx context.Context,
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
	return tx.Commit(ctx)
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
	data := map[string]string{"name": owner.Name, "profile": p.Name, "member": member}
	if member == string(i.Email) {
		data["member"], data["address"] = "", member
	}
	s.send(tx, s.newMail(how.mail, owner.Email, now, data).In(owner.Timezone))
	message := fmt.Sprintf(
		"The invitation of %s to the profile %s was %s.",
		value.Isolated(member),
		value.Isolated(p.Name),
		how.told,
	)
	tx.Notify(
		s.notice(owner.ID, "Invitation "+how.told, message, now).As(tenancy.NotificationProfile),
	)
}

// Edit changes the permission of a member, at once and for all of its tokens.
// Errors: those of every request to a profile; CodeForbidden for a member;
// CodeInvalid for the permission; CodeNotFound for an account that is no active
// member.
func (s Teams) Edit(ctx context.Context, c Client, ref ProfileRef, id, permission string) error {
	right, err := tenancy.ParsePermission(permission)
	if err != nil {
		return err
	}
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := s.withTeam(ctx, c, ref, tenancy.PermissionFull, nil)
		if err != nil {
			return struct{}{}, err
		}
		if err := r.RequireOwner(); err != nil {
			return struct{}{}, err
		}
		m, ok := team.Active(value.AccountID(id))
		if !ok {
			return struct{}{}, problem.NotFound("Account")
		}
		now := s.now()
		e := s.auditEntry(
			string(r.Profile.ID),
			r.Token,
			"team",
			id,
			"Permission of a member changed to "+right.String(),
			now,
		)
		e.Changes = auditlog.Differences(
			auditlog.Change{
				Field:  "permission",
				Before: m.Permission.String(),
				After:  right.String(),
			},
		)
		m.Permission = right
		tx := s.Store.Begin()
		tx.EditMember(r.Profile, m)
		tx.Notify(
			s.notice(m.Account, "Your permission has changed", fmt.Sprintf("You have %s permission on the profile %s now.", right, value.Isolated(r.Profile.Name)), now).
				As(tenancy.NotificationProfile),
		)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// Remove takes a profile from a member, or withdraws an open invitation; id is
// as the list of the team shows it. The owner may remove anybody, a member
// itself. The member's tokens for the profile are dead with the commit,
// whatever their number. Errors: those of every request to a profile;
// CodeForbidden for a member who names another; CodeNotFound for an id that is
// not in the team.
func (s Teams) Remove(ctx context.Context, c Client, ref ProfileRef, id string) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := s.withTeam(ctx, c, ref, tenancy.PermissionRead, nil)
		if err != nil {
			return struct{}{}, err
		}
		leaving := !r.Owned() && id == string(r.Token.Account)
		switch {
		case leaving:
			// A member may leave whatever its right on the profile: the token
			// must allow it to act at all.
			err = access.RequirePermission(r.Token.Permission, tenancy.PermissionWrite)
		case !r.Owned():
			err = r.RequireOwner()
		default:
			err = access.RequirePermission(r.Right, tenancy.PermissionFull)
		}
		if err != nil {
			return struct{}{}, err
		}
		m, ok := team.ByID(id)
		if !ok {
			return struct{}{}, problem.NotFound("Account")
		}
		now := s.now()
		tx := s.Store.Begin()
		what := "Member removed"
		switch {
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
			named, err := s.withNames(ctx, tenancy.Team{m})
			if err != nil {
				return struct{}{}, err
			}
			tx.RemoveMember(r.Profile, m, now)
			tx.Notify(
				s.notice(r.Profile.Owner, "A member has left", fmt.Sprintf("%s has left the profile %s.", value.Isolated(named[0].Name), value.Isolated(r.Profile.Name)), now).
					As(tenancy.NotificationProfile),
			)
		default:
			tx.RemoveMember(r.Profile, m, now)
			tx.Notify(
				s.notice(m.Account, "A profile is no longer shared with you", fmt.Sprintf("The owner of the profile %s has removed you from its team.", value.Isolated(r.Profile.Name)), now).
					As(tenancy.NotificationProfile),
			)
		}
		tx.Audit(
			changing(
				s.auditEntry(string(r.Profile.ID), r.Token, "team", id, what, now),
				auditlog.Change{Field: "permission", Before: m.Permission.String()},
			),
		)
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// Expire reminds the invited of invitations that end in two days, and ends
// those whose time has come: the place in the team is free and the owner is
// told. Invitations end by the clock, not by this. It goes as far as the time
// of ctx allows, may run twice at once, and returns how many invitations it
// dealt with.
func (s Teams) Expire(ctx context.Context) (int, error) {
	now := s.now()
	return s.sweep(
		ctx,
		one(store.DueInvitation, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			acted, err := s.expire(ctx, value.CodeID(due.ID), now)
			return oneIf(acted), false, err
		}),
	)
}

// zoneAt is the time zone of whoever has an address, "" for nobody.
func (s Teams) zoneAt(
	ctx context.Context,
	email value.Email,
	reservation *store.Found[tenancy.EmailReservation],
	now time.Time,
) (string, error) {
	batch := s.Store.Batch()
	holder := batch.Account(s.access.Holder(reservation, now))
	err := batch.Get(ctx)
	return holder.Value.At(email).Timezone, err
}

func (s Teams) expire(ctx context.Context, code value.CodeID, now time.Time) (bool, error) {
	batch := s.Store.Batch()
	found := batch.Invitation(code)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	i := found.Value
	if !found.OK || i.State != tenancy.InvitationPending || now.Before(i.Due()) {
		return false, nil
	}
	batch = s.Store.Batch()
	owner, profile, reservation := batch.Account(
		i.Owner,
	), batch.Profile(
		i.Profile,
	), batch.EmailReservation(
		i.Email,
	)
	err := batch.Get(ctx)
	if err != nil {
		return false, err
	}
	standing := owner.OK && i.StandsFor(profile.Value)
	reminds := now.Before(i.Expires) && standing
	var zone string
	if reminds {
		if zone, err = s.zoneAt(ctx, i.Email, reservation, now); err != nil {
			return false, err
		}
	}
	tx := s.Store.Begin()
	e := s.auditEntry(string(i.Profile), tenancy.Token{}, "team", string(i.ID), expired.audit, now)
	e.Who = "team-expire"
	switch {
	case reminds:
		tx.RemindInvitation(i, problem.ErrConflict)
		s.send(tx, s.newMail(tenancy.MessageTeamReminder, i.Email, now, map[string]string{
			"owner":   owner.Value.Name,
			"address": string(owner.Value.Email),
			"profile": profile.Value.Name,
			"expires": i.Expires.Format(time.RFC3339),
		}).In(zone))
	case standing:
		s.end(tx, i, expired, e, owner.Value, profile.Value, string(i.Email), now)
	default:
		tx.EndInvitation(i, expired.state, problem.ErrConflict)
		tx.Audit(changing(e, invitationEnds(i, expired.state)))
	}
	err = tx.Commit(ctx)
	return err == nil, err
}

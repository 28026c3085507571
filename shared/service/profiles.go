package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Profiles are the operations on profiles.
type Profiles struct{ *base }

// List returns what the token opens: own profiles first, oldest first, then
// those shared with the account. Errors: ErrNoToken, ErrInvalidToken,
// CodeForbidden.
func (s Profiles) List(ctx context.Context, c Client) ([]tenancy.Grant, error) {
	who, grants, err := s.access.AuthorizeGrants(ctx, c)
	if err != nil {
		return nil, err
	}
	grants = slices.DeleteFunc(
		grants,
		func(g tenancy.Grant) bool { return !who.Token.Opens(g.Profile) },
	)
	return OwnFirst(grants), nil
}

// OwnFirst puts the grants of an account's own profiles before those of shared
// ones: those that it made first, in the order of time, which their ids follow,
// then those that it received, so that clients which take the first one find
// the same as ever.
func OwnFirst(grants []tenancy.Grant) []tenancy.Grant {
	var own, shared []tenancy.Grant
	for _, g := range grants {
		if g.Own() {
			own = append(own, g)
		} else {
			shared = append(shared, g)
		}
	}
	slices.SortStableFunc(
		own,
		func(a, b tenancy.Grant) int { return a.Received.Compare(b.Received) },
	)
	return append(own, shared...)
}

// Create adds a profile to the caller's account. It has of each service what
// the account has not allocated yet, up to what the plan free has, or with
// takeFree all of that; no other profile loses anything. Of services of which
// nothing is free it has nothing, and a notification says what to do. Errors:
// CodeInvalid for the name, CodeForbidden at the limit of the plan.
func (s Profiles) Create(
	ctx context.Context,
	c Client,
	name string,
	takeFree bool,
) (value.ProfileID, error) {
	name, err := value.ParseName("name", name)
	if err != nil {
		return "", err
	}
	return flow.RetryOnConflict(ctx, func() (value.ProfileID, error) {
		who, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionWrite, nil)
		if err != nil {
			return "", err
		}
		now := s.now()
		owner, err := s.stillHeld(ctx, who.Account)
		if err != nil {
			return "", err
		}
		allocation := owner.Starting(takeFree, now)
		id := value.ProfileID(s.NewID(now))
		account, err := owner.AddProfile(id, tenancy.Share{Allocation: allocation}, now)
		if err != nil {
			return "", err
		}
		profile := tenancy.NewProfile(id, account, name, now)
		tx := s.Store.Begin()
		tx.Reallocate(account, now)
		tx.CreateProfile(profile)
		if none := allocation.Without(); len(none) > 0 {
			tx.Notify(
				s.notice(
					account.ID,
					"A profile starts without some services",
					withoutText(profile, none),
					now,
				).About(string(profile.ID)),
			)
		}
		e := s.auditEntry(
			string(profile.ID),
			who.Token,
			"profile",
			string(profile.ID),
			"Profile created",
			now,
		)
		tx.Audit(changing(e, profile.Differences(tenancy.Profile{})...))
		return profile.ID, tx.Commit(ctx)
	})
}

// withoutText says which services a new profile cannot use yet, and what to do
// about it.
func withoutText(p tenancy.Profile, none []plan.Service) string {
	var names []string
	for _, s := range none {
		names = append(names, s.String())
	}
	return fmt.Sprintf(
		"When the profile %s was created, nothing was free of: %s. It cannot use them yet. Lower the allocation of another profile and give "+
			"this one some of it, or raise the limits of the account's subscription.",
		value.Isolated(p.Name),
		strings.Join(names, ", "),
	)
}

// Seen is a profile with the right that the caller's account has on it.
type Seen struct {
	tenancy.Profile
	Own     bool
	Granted tenancy.Permission // whatever the token may do
}

// Get returns a profile. Errors: those of every request to a profile, see
// access.AuthorizeProfile.
func (s Profiles) Get(ctx context.Context, c Client, ref ProfileRef) (Seen, error) {
	r, err := s.access.AuthorizeProfile(ctx, c, ref, tenancy.PermissionRead, nil)
	if err != nil {
		return Seen{}, err
	}
	return Seen{r.Profile, r.Owned(), r.Granted}, nil
}

// Edit changes a profile's name and pictures, wherever they are shown. Errors:
// those of Get; CodeInvalid naming the field.
func (s Profiles) Edit(ctx context.Context, c Client, ref ProfileRef, e tenancy.ProfileEdit) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var open *store.Found[tenancy.TransferID]
		r, team, err := s.withTeam(ctx, c, ref, tenancy.PermissionWrite, func(b *store.Batch) {
			if !ref.Current {
				open = b.OpenTransfer(ref.ID)
			}
		})
		if err != nil {
			return struct{}{}, err
		}
		now := s.now()
		profile, err := r.Profile.Edit(e, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.UpdateProfile(profile, team)
		dropLogo(tx, r.Profile, profile)
		if profile.Name != r.Profile.Name {
			if ref.Current {
				batch := s.Store.Batch()
				open = batch.OpenTransfer(profile.ID)
				if err := batch.Get(ctx); err != nil {
					return struct{}{}, err
				}
			}
			if open.OK {
				tx.RenameTransfer(open.Value, profile.Name)
			} else {
				// One that was opened since would have the old name.
				tx.CheckNoTransfer(profile.ID)
			}
		}
		e := s.auditEntry(
			string(profile.ID),
			r.Token,
			"profile",
			string(profile.ID),
			"Profile updated",
			now,
		)
		e.Changes = profile.Differences(r.Profile)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// Delete removes one of the caller's own profiles, for good: its team loses
// access, its tokens die, its allocation is free again, apart from what it has
// used of it in this cycle, and an open transfer of it ends, all in the same
// commit. It asks for fresh proof. The last profile of an account stays.
// Errors: those of Get; CodeInvalid without a password; ErrInvalidPassword;
// CodeTooMany; CodeForbidden for the last profile, for non-owners, and while
// the transfer that brought the profile can be taken back.
func (s Profiles) Delete(ctx context.Context, c Client, ref ProfileRef, given Credentials) error {
	proven := s.access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		r, err := s.access.AuthorizeProfile(ctx, c, ref, tenancy.PermissionFull, nil)
		if err != nil {
			return struct{}{}, err
		}
		if err := r.RequireOwner(); err != nil {
			return struct{}{}, err
		}
		if err := proven.Require("deleting a profile"); err != nil {
			return struct{}{}, err
		}
		now := s.now()
		var team tenancy.Team
		var profile tenancy.Profile
		batch := s.Store.Batch()
		account, open, use := batch.Account(
			r.Token.Account,
		), batch.OpenTransfer(
			r.Profile.ID,
		), batch.Usage(
			r.Profile.ID,
		)
		proven.Reads(batch, r.Token.Account)
		reads := proven.Counts(
			r.Token.Account,
			now,
			batch.Get,
			func(ctx context.Context) (err error) {
				profile, team, err = s.Store.ProfileWithMembers(ctx, r.Profile.ID)
				return err
			},
		)
		if err := flow.Parallel(ctx, reads...); err != nil {
			return struct{}{}, err
		}
		if err := proven.Check(ctx, account.Value, now); err != nil {
			return struct{}{}, err
		}
		if profile.ID == "" {
			return struct{}{}, problem.NotFound("Profile")
		}
		if err := profile.Deletable(now); err != nil {
			return struct{}{}, err
		}
		owner, err := account.Value.RemoveProfile(profile.ID, use.Value, now)
		if err != nil {
			return struct{}{}, err
		}
		owner = owner.Alone(now)
		tx := s.Store.Begin()
		tx.DeleteProfile(profile, team, now)
		tx.CloseUse(profile.ID, use.Value)
		tx.Reallocate(owner, now, changed(account.Value, owner)...)
		tx.Audit(
			changing(
				s.auditEntry(
					string(owner.ID),
					r.Token,
					"profile",
					string(profile.ID),
					"Profile deleted",
					now,
				),
				auditlog.Change{Field: "name", Before: profile.Name},
			),
		)
		s.send(tx, s.newMail(tenancy.MessageProfileDeleted, owner.Email, now, map[string]string{
			"name": owner.Name, "profile": profile.Name, "when": now.Format(time.RFC3339),
		}).In(owner.Timezone))
		if !open.OK {
			// One that was opened since would be left without its profile.
			tx.CheckNoTransfer(profile.ID)
		} else {
			if err := Transfers(
				s,
			).endWithProfile(ctx, tx, open.Value, account.Value, now); err != nil {
				return struct{}{}, err
			}
		}
		proven.Succeeded(ctx, tx)
		err = tx.Commit(ctx)
		if errors.Is(err, problem.ErrConflict) {
			s.suspendUse(ctx, profile.ID, now)
		}
		return struct{}{}, err
	})
	return err
}

// Switch moves the calling token to another profile that its account can open:
// from then on it acts there, and the profile it came from no longer has it.
// Errors: ErrNoToken, ErrInvalidToken, CodeForbidden for a read token, for one
// that is for one profile only, and for one that outlives what the target
// allows, CodeNotFound.
func (s Profiles) Switch(ctx context.Context, c Client, target value.ProfileID) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var grant *store.Found[tenancy.Grant]
		var profile *store.Found[tenancy.Profile]
		who, err := s.access.AuthorizeAccount(
			ctx,
			c,
			tenancy.PermissionWrite,
			func(b *store.Batch, a value.AccountID) {
				grant, profile = b.Grant(a, target), b.Profile(target)
			},
		)
		if err != nil {
			return struct{}{}, err
		}
		if err := who.RequireToken(); err != nil {
			return struct{}{}, err
		}
		if !grant.OK || !profile.OK {
			return struct{}{}, problem.NotFound("Profile")
		}
		if who.Token.Profile == target {
			return struct{}{}, nil
		}
		now := s.now()
		if err := profile.Value.TokenPolicy.Admits(who.Token.Expires, now); err != nil {
			return struct{}{}, err
		}
		moved := who.Token.For(grant.Value)
		tx := s.Store.Begin()
		tx.MoveToken(who.Token, moved, problem.ErrConflict)
		tx.CheckGrant(grant.Value, problem.ErrConflict)
		tx.CheckTokenPolicy(profile.Value, problem.ErrConflict)
		tx.Audit(
			s.auditEntry(
				string(who.Token.Profile),
				who.Token,
				"token",
				string(moved.ID),
				"Token moved to another profile",
				now,
			),
		)
		tx.Audit(
			s.auditEntry(
				string(target),
				who.Token,
				"token",
				string(moved.ID),
				"Token moved here from another profile",
				now,
			),
		)
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// Purge reclaims what deleted profiles and memberships that ended left in the
// table, as far as the time of ctx allows. The rest waits for the next run. It
// returns how many profiles and memberships are gone without a trace.
func (s Profiles) Purge(ctx context.Context) (int, error) {
	return s.sweep(
		ctx,
		one(store.DueProfile, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			gone, err := s.Store.PurgeProfile(ctx, value.ProfileID(due.ID))
			return oneIf(gone), err == nil && !gone, err
		}),
		one(store.DueMember, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			if len(due.ID) <= value.IDLength {
				return 0, false, fmt.Errorf("%q names no member of a profile", due.ID)
			}
			profile, account := due.ID[:value.IDLength], due.ID[value.IDLength:]
			err := s.Store.PurgeMember(
				ctx,
				value.ProfileID(profile),
				value.AccountID(account),
				due.At,
			)
			return oneIf(err == nil), false, err
		}),
	)
}

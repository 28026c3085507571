package access

import (
	"cmp"
	"context"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Caller is a verified caller: its token, and the account the token acts for.
type Caller struct {
	Token   tenancy.Token
	Account tenancy.Account
}

// Rights are what a verified caller may do on a profile that it may see.
type Rights struct {
	Token   tenancy.Token
	Profile tenancy.Profile
	// Right is what the token may do, within what its account may do on the
	// profile.
	Right tenancy.Permission
	// Granted is what the account may do on the profile, whatever the token.
	Granted tenancy.Permission
	Epoch   int64 // of the account's grant on the profile
}

// Owned reports whether the caller owns the profile.
func (r Rights) Owned() bool { return r.Profile.Owner == r.Token.Account }

// RequireOwner refuses (CodeForbidden) everybody but the profile's owner.
func (r Rights) RequireOwner() error {
	if !r.Owned() {
		return tenancy.Forbidden("Only the owner of the profile may do this").For(tenancy.ReasonOwnerOnly)
	}
	return nil
}

// authenticate checks what the token item alone can tell: that it exists, is the one presented, works, and may be used from where it is used. The
// use of one that was rotated and has spent its grace is reported, whatever else refuses it, unless the client repeats its own request: that
// may be the one which rotated it.
func (x *Access) authenticate(ctx context.Context, c Client, found *store.Found[tenancy.Token]) (tenancy.Token, error) {
	if !found.OK || !c.Token.Matches(found.Value.Hash) {
		return tenancy.Token{}, x.reject(c)
	}
	now := x.now()
	if found.Value.Spent(now) && !c.replays {
		x.reportReuse(ctx, c, found.Value, now)
	}
	if !found.Value.Live(now) || found.Value.Disabled() {
		return tenancy.Token{}, x.reject(c)
	}
	if !found.Value.Networks.Admits(c.Source) {
		return tenancy.Token{}, tenancy.ErrWrongAddress
	}
	return found.Value, nil
}

// reject refuses a token, and forgets it if it was good before.
func (x *Access) reject(c Client) error {
	x.memory.drop(c.Token)
	return tenancy.ErrInvalidToken
}

// RequirePermission refuses (CodeForbidden) a right that does not allow what is
// needed.
func RequirePermission(right, need tenancy.Permission) error {
	if right.Allows(need) {
		return nil
	}
	return tenancy.Forbidden("Authorization Denied: this needs %s permission, and the token has %s", need, right).
		For(tenancy.ReasonNeedsPermission).With("needs", need.String()).With("has", right.String())
}

// AuthorizeAccount authorises a request that concerns the account itself. extra, when not nil, adds reads to the batch that knows the
// account. One round trip when the token is remembered, else two. Errors: ErrNoToken, ErrInvalidToken, CodeForbidden also for a token that is
// for one profile only, CodeTooMany.
func (x *Access) AuthorizeAccount(ctx context.Context, c Client, need tenancy.Permission, extra func(*store.Batch, tenancy.AccountID)) (Caller, error) {
	who, err := x.AuthorizeToken(ctx, c, need, extra)
	if err == nil && who.Token.Scope != tenancy.ScopeAccount {
		err = tenancy.ErrOneProfile
	}
	return who, err
}

// AuthorizeToken is enter for what concerns the token alone, and so admits one of any scope.
func (x *Access) AuthorizeToken(ctx context.Context, c Client, need tenancy.Permission, extra func(*store.Batch, tenancy.AccountID)) (Caller, error) {
	if c.Token.ID == "" {
		return Caller{}, tenancy.ErrNoToken
	}
	id := tenancy.TokenID(c.Token.ID)
	guess := x.memory.get(id)
	guessed := guess.account != ""
	first := x.config.Store.Batch()
	found := first.Token(id)
	var account *store.Found[tenancy.Account]
	var grant *store.Found[tenancy.Grant]
	with := func(batch *store.Batch, a tenancy.AccountID, p tenancy.ProfileID) {
		account, grant = batch.Account(a), batch.Grant(a, p)
		if extra != nil {
			extra(batch, a)
		}
	}
	if guessed {
		with(first, guess.account, guess.profile)
	}
	count := x.profileCounter(c, guess, guess.profile, first)
	if err := x.readCounted(ctx, count, first.Get); err != nil {
		return Caller{}, err
	}
	token, err := x.authenticate(ctx, c, found)
	if err != nil {
		return Caller{}, err
	}
	if guess.account != token.Account || guess.profile != token.Profile {
		second := x.config.Store.Batch()
		with(second, token.Account, token.Profile)
		if err := second.Get(ctx); err != nil {
			return Caller{}, err
		}
	}
	return x.authorizeRead(c, count, token, account.Value, grant.Value, need)
}

// authorizeRead ends the authorisation of a request that concerns the account.
func (x *Access) authorizeRead(c Client, count *rateCounter, token tenancy.Token, account tenancy.Account, grant tenancy.Grant, need tenancy.Permission) (Caller, error) {
	if !token.AdmittedBy(account, grant) {
		return Caller{}, x.reject(c)
	}
	x.memory.put(token, grant.Own())
	x.used(c, token, x.now())
	if err := count.checkToken(token, account, grant); err != nil {
		return Caller{}, err
	}
	return Caller{token, account}, RequirePermission(token.Permission, need)
}

// AuthorizeProfile authorises a request to one profile. extra, when not nil, adds reads of things whose keys are known from the
// request. One round trip when the path names the profile and the token was made for it by its owner, or when the token is
// remembered; else two. Errors: ErrNoToken, ErrInvalidToken; CodeNotFound for a profile that the caller may not see;
// CodeForbidden when the right on it is too small; CodeTooMany.
func (x *Access) AuthorizeProfile(ctx context.Context, c Client, ref ProfileRef, need tenancy.Permission, extra func(*store.Batch)) (Rights, error) {
	if c.Token.ID == "" {
		return Rights{}, tenancy.ErrNoToken
	}
	id := tenancy.TokenID(c.Token.ID)
	guess := x.memory.get(id)
	guessed := guess.account != ""
	target := ref.ID
	if ref.Current && guessed {
		target = guess.profile
	}

	first := x.config.Store.Batch()
	found := first.Token(id)
	var profile *store.Found[tenancy.Profile]
	if target != "" {
		profile = first.Profile(target)
	}
	if extra != nil {
		extra(first)
	}
	var account *store.Found[tenancy.Account]
	var home, grant *store.Found[tenancy.Grant]
	with := func(batch *store.Batch, a tenancy.AccountID, own tenancy.ProfileID) {
		account, home, grant = batch.Account(a), batch.Grant(a, own), batch.Grant(a, target)
	}
	byAccount := guessed && !(guess.own && guess.profile == target)
	if byAccount {
		with(first, guess.account, guess.profile)
	}
	count := x.profileCounter(c, guess, target, first)
	if err := x.readCounted(ctx, count, first.Get); err != nil {
		return Rights{}, err
	}
	token, err := x.authenticate(ctx, c, found)
	if err != nil {
		return Rights{}, err
	}

	if ref.Current && target != token.Profile {
		target, profile = token.Profile, nil
	}
	if profile != nil && token.AdmittedByOwner(profile.Value) {
		x.memory.put(token, true)
		x.used(c, token, x.now())
		if err := count.checkProfile(profile.Value); err != nil {
			return Rights{}, err
		}
		return Rights{token, profile.Value, token.Permission, tenancy.PermissionFull, token.GrantEpoch}, cmp.Or(RequirePermission(token.Permission, need), ref.checkNamed(target))
	}

	if !byAccount || profile == nil || guess.account != token.Account || guess.profile != token.Profile {
		second := x.config.Store.Batch()
		with(second, token.Account, token.Profile)
		if profile == nil {
			profile = second.Profile(target)
		}
		if err := second.Get(ctx); err != nil {
			return Rights{}, err
		}
	}
	if !token.AdmittedBy(account.Value, home.Value) {
		return Rights{}, x.reject(c)
	}
	x.memory.put(token, home.Value.Own())
	x.used(c, token, x.now())
	x.memory.reach(id, target, grant.OK && profile.OK)
	if !grant.OK || !profile.OK || !token.Opens(target) {
		if err := count.checkToken(token, account.Value, home.Value); err != nil {
			return Rights{}, err
		}
		return Rights{}, tenancy.NotFound("Profile")
	}
	if err := count.checkProfile(profile.Value); err != nil {
		return Rights{}, err
	}
	right := token.Permission.Within(grant.Value.Permission)
	return Rights{token, profile.Value, right, grant.Value.Permission, grant.Value.Epoch}, cmp.Or(RequirePermission(right, need), ref.checkNamed(target))
}

// reportReuse notes the use of a token that should be gone. The request is
// refused either way, and the next use repeats a report that failed.
func (x *Access) reportReuse(ctx context.Context, c Client, t tenancy.Token, now time.Time) {
	err := x.config.Store.ReportReuse(ctx, store.Reuse{
		Token: t.ID, Time: now, Source: c.Source, Request: c.Request,
	})
	if err != nil {
		x.config.Log.Error("the use of a rotated token was not noted",
			"token", string(t.ID), "error", err.Error())
	}
}

// AuthorizeGrants is AuthorizeToken for a request of any right that reads all
// grants of the account: it returns those too.
func (x *Access) AuthorizeGrants(ctx context.Context, c Client) (Caller, []tenancy.Grant, error) {
	if c.Token.ID == "" {
		return Caller{}, nil, tenancy.ErrNoToken
	}
	id := tenancy.TokenID(c.Token.ID)
	batch := x.config.Store.Batch()
	found := batch.Token(id)
	var account tenancy.Account
	var grants []tenancy.Grant
	list := func(a tenancy.AccountID) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			account, grants, err = x.config.Store.AccountWithGrants(ctx, a)
			return err
		}
	}
	reads := []func(context.Context) error{batch.Get}
	guess := x.memory.get(id)
	if guess.account != "" {
		reads = append(reads, list(guess.account))
	}
	count := x.profileCounter(c, guess, guess.profile, batch)
	if err := x.readCounted(ctx, count, reads...); err != nil {
		return Caller{}, nil, err
	}
	token, err := x.authenticate(ctx, c, found)
	if err != nil {
		return Caller{}, nil, err
	}
	if guess.account != token.Account {
		if err := list(token.Account)(ctx); err != nil {
			return Caller{}, nil, err
		}
	}
	var home tenancy.Grant
	for _, g := range grants {
		if g.Profile == token.Profile {
			home = g
		}
	}
	who, err := x.authorizeRead(c, count, token, account, home, tenancy.PermissionRead)
	return who, grants, err
}

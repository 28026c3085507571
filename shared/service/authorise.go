package service

import (
	"context"
	"sync"

	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// hint remembers which account and profile a token was last seen with, so that the next request can ask for everything in
// one round trip. It decides nothing: the same batch reads the token again, and what a hint guessed wrong is read anew.
type hint struct {
	account tenancy.AccountID
	profile tenancy.ProfileID
	own     bool // the account owned the profile
}

// maxHints bounds the memory of a process that serves many callers.
const maxHints = 4096

type hints struct {
	mu sync.Mutex
	of map[tenancy.TokenID]hint
}

func newHints() *hints { return &hints{of: map[tenancy.TokenID]hint{}} }

func (h *hints) get(id tenancy.TokenID) (hint, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	found, ok := h.of[id]
	return found, ok
}

func (h *hints) put(id tenancy.TokenID, value hint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.of) >= maxHints {
		clear(h.of)
	}
	h.of[id] = value
}

// ProfileRef names the profile of a request: by id, or the calling token's own.
type ProfileRef struct {
	ID      tenancy.ProfileID
	Current bool
}

// caller is a verified caller: its token, and the account the token acts for.
type caller struct {
	token   tenancy.Token
	account tenancy.Account
}

// reach is a verified caller and a profile it may see.
type reach struct {
	token   tenancy.Token
	profile tenancy.Profile
	right   tenancy.Permission // what the token may do, within what the account may do on this profile
	granted tenancy.Permission // what the account may do on this profile, whatever the token
	epoch   int64              // of the account's grant on this profile
}

func (r reach) own() bool { return r.profile.Owner == r.token.Account }

// asOwner refuses everybody but the profile's owner.
func (r reach) asOwner() error {
	if !r.own() {
		return tenancy.Forbidden("Only the owner of the profile may do this")
	}
	return nil
}

// accept checks what the token item alone can tell: that it exists, is the one presented, and has not expired.
func (b *base) accept(c Client, found *store.Found[tenancy.Token]) (tenancy.Token, error) {
	if !found.OK || !c.Token.Matches(found.Value.Hash) || !found.Value.Live(b.now()) {
		return tenancy.Token{}, tenancy.ErrInvalidToken
	}
	return found.Value, nil
}

func lacks(right, need tenancy.Permission) error {
	if right.Allows(need) {
		return nil
	}
	return tenancy.Forbidden("Authorization Denied: this needs %s permission, and the token has %s", need, right)
}

// enter authorises a request that concerns the account itself. extra, when not nil, adds reads to the batch that knows the
// account. One round trip when the token is remembered, else two. Errors: ErrNoToken, ErrInvalidToken, CodeForbidden.
func (b *base) enter(ctx context.Context, c Client, need tenancy.Permission, extra func(*store.Batch, tenancy.AccountID)) (caller, error) {
	if c.Token.ID == "" {
		return caller{}, tenancy.ErrNoToken
	}
	id := tenancy.TokenID(c.Token.ID)
	guess, guessed := b.hints.get(id)
	first := b.Store.Batch()
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
	if err := first.Get(ctx); err != nil {
		return caller{}, err
	}
	token, err := b.accept(c, found)
	if err != nil {
		return caller{}, err
	}
	if guess.account != token.Account || guess.profile != token.Profile {
		second := b.Store.Batch()
		with(second, token.Account, token.Profile)
		if err := second.Get(ctx); err != nil {
			return caller{}, err
		}
	}
	return b.admit(token, account.Value, grant.Value, need)
}

// admit ends the authorisation of a request that concerns the account.
func (b *base) admit(token tenancy.Token, account tenancy.Account, grant tenancy.Grant, need tenancy.Permission) (caller, error) {
	if !token.AdmittedBy(account, grant) {
		return caller{}, tenancy.ErrInvalidToken
	}
	b.hints.put(token.ID, hint{token.Account, token.Profile, grant.Own()})
	return caller{token, account}, lacks(token.Permission, need)
}

// enterProfile authorises a request to one profile. extra, when not nil, adds reads of things whose keys are known from the
// request. One round trip when the path names the profile and the token was made for it by its owner, or when the token is
// remembered; else two. Errors: ErrNoToken, ErrInvalidToken; CodeNotFound for a profile that the caller may not see;
// CodeForbidden when the right on it is too small.
func (b *base) enterProfile(ctx context.Context, c Client, ref ProfileRef, need tenancy.Permission, extra func(*store.Batch)) (reach, error) {
	if c.Token.ID == "" {
		return reach{}, tenancy.ErrNoToken
	}
	id := tenancy.TokenID(c.Token.ID)
	guess, guessed := b.hints.get(id)
	target := ref.ID
	if ref.Current && guessed {
		target = guess.profile
	}

	first := b.Store.Batch()
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
	if err := first.Get(ctx); err != nil {
		return reach{}, err
	}
	token, err := b.accept(c, found)
	if err != nil {
		return reach{}, err
	}

	if ref.Current && target != token.Profile {
		target, profile = token.Profile, nil
	}
	if profile != nil && token.AdmittedByOwner(profile.Value) {
		b.hints.put(id, hint{token.Account, token.Profile, true})
		return reach{token, profile.Value, token.Permission, tenancy.PermissionFull, token.GrantEpoch}, lacks(token.Permission, need)
	}

	if !byAccount || profile == nil || guess.account != token.Account || guess.profile != token.Profile {
		second := b.Store.Batch()
		with(second, token.Account, token.Profile)
		if profile == nil {
			profile = second.Profile(target)
		}
		if err := second.Get(ctx); err != nil {
			return reach{}, err
		}
	}
	if !token.AdmittedBy(account.Value, home.Value) {
		return reach{}, tenancy.ErrInvalidToken
	}
	b.hints.put(id, hint{token.Account, token.Profile, home.Value.Own()})
	if !grant.OK || !profile.OK {
		return reach{}, tenancy.NotFound("Profile")
	}
	right := token.Permission.Within(grant.Value.Permission)
	return reach{token, profile.Value, right, grant.Value.Permission, grant.Value.Epoch}, lacks(right, need)
}

package service

import (
	"cmp"
	"context"
	"sync"
	"time"

	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// lastSeen remembers which account and profile a token was last seen with, so that the next request can ask for everything in
// one round trip. It decides nothing: the same batch reads the token again, and what a hint guessed wrong is read anew.
type lastSeen struct {
	account value.AccountID
	profile value.ProfileID
	own     bool   // the account owned the profile
	hash    []byte // of the token's secret
}

// place is a profile that a token has reached.
type place struct {
	token   value.TokenID
	profile value.ProfileID
}

// maxRemembered bounds the memory of a process that serves many callers.
const maxRemembered = 4096

type tokenMemory struct {
	mu     sync.Mutex
	of     map[value.TokenID]lastSeen
	places map[place]bool
	noted  map[value.TokenID]time.Time // when the use of a token was noted last
}

func newTokenMemory() *tokenMemory {
	return &tokenMemory{of: map[value.TokenID]lastSeen{}, places: map[place]bool{}, noted: map[value.TokenID]time.Time{}}
}

func (h *tokenMemory) get(id value.TokenID) (lastSeen, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	found, ok := h.of[id]
	return found, ok
}

// put remembers a token that was admitted, and that it reaches its own profile.
func (h *tokenMemory) put(t tenancy.Token, own bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.of) >= maxRemembered {
		clear(h.of)
	}
	h.of[t.ID] = lastSeen{t.Account, t.Profile, own, t.Hash}
	h.visit(place{t.ID, t.Profile})
}

// visit remembers a place. The caller holds the lock.
func (h *tokenMemory) visit(p place) {
	if len(h.places) >= maxRemembered {
		clear(h.places)
	}
	h.places[p] = true
}

// drop forgets a token that is good no more. Whoever has its secret may cause that, and nobody else.
func (h *tokenMemory) drop(c secret.Credential) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := value.TokenID(c.ID)
	if known, ok := h.of[id]; ok && c.Matches(known.hash) {
		delete(h.of, id)
	}
}

// reach remembers whether a token reaches a profile, and reached says it.
func (h *tokenMemory) reach(t value.TokenID, p value.ProfileID, does bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if does {
		h.visit(place{t, p})
	} else {
		delete(h.places, place{t, p})
	}
}

func (h *tokenMemory) reached(t value.TokenID, p value.ProfileID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.places[place{t, p}]
}

// ProfileRef names the profile of a request: by id, or the calling token's own.
type ProfileRef struct {
	ID      value.ProfileID
	Current bool
	Named   value.ProfileID // what the rest of the request calls it, which is refused if it is another one; empty: nothing
}

// checkNamed refuses (CodeInvalid) a request that names another profile than the one it is about.
func (r ProfileRef) checkNamed(id value.ProfileID) error {
	if r.Named != "" && r.Named != id {
		return problem.Invalid("the body names another profile than the path: leave it out there, or send the same one")
	}
	return nil
}

// caller is a verified caller: its token, and the account the token acts for.
type caller struct {
	token   tenancy.Token
	account tenancy.Account
}

// profileAccess is a verified caller and a profile it may see.
type profileAccess struct {
	token   tenancy.Token
	profile tenancy.Profile
	right   tenancy.Permission // what the token may do, within what the account may do on this profile
	granted tenancy.Permission // what the account may do on this profile, whatever the token
	epoch   int64              // of the account's grant on this profile
}

func (r profileAccess) owned() bool { return r.profile.Owner == r.token.Account }

// requireOwner refuses everybody but the profile's owner.
func (r profileAccess) requireOwner() error {
	if !r.owned() {
		return problem.Forbidden("Only the owner of the profile may do this").For(problem.ReasonOwnerOnly)
	}
	return nil
}

// authenticate checks what the token item alone can tell: that it exists, is the one presented, works, and may be used from where it is used. The
// use of one that was rotated and has spent its grace is reported, whatever else refuses it, unless the client repeats its own request: that
// may be the one which rotated it.
func (b *base) authenticate(ctx context.Context, c Client, found *store.Found[tenancy.Token]) (tenancy.Token, error) {
	if !found.OK || !c.Token.Matches(found.Value.Hash) {
		return tenancy.Token{}, b.reject(c)
	}
	now := b.now()
	if found.Value.Spent(now) && !c.replays {
		b.reportReuse(ctx, c, found.Value, now)
	}
	if !found.Value.Live(now) || found.Value.Disabled() {
		return tenancy.Token{}, b.reject(c)
	}
	if !found.Value.Networks.Admits(c.Source) {
		return tenancy.Token{}, tenancy.ErrWrongAddress
	}
	return found.Value, nil
}

// reject refuses a token, and forgets it if it was good before.
func (b *base) reject(c Client) error {
	b.memory.drop(c.Token)
	return problem.ErrInvalidToken
}

func requirePermission(right, need tenancy.Permission) error {
	if right.Allows(need) {
		return nil
	}
	return problem.Forbidden("Authorization Denied: this needs %s permission, and the token has %s", need, right).
		For(problem.ReasonNeedsPermission).With("needs", need.String()).With("has", right.String())
}

// authorizeAccount authorises a request that concerns the account itself. extra, when not nil, adds reads to the batch that knows the
// account. One round trip when the token is remembered, else two. Errors: ErrNoToken, ErrInvalidToken, CodeForbidden also for a token that is
// for one profile only, CodeTooMany.
func (b *base) authorizeAccount(ctx context.Context, c Client, need tenancy.Permission, extra func(*store.Batch, value.AccountID)) (caller, error) {
	who, err := b.authorizeToken(ctx, c, need, extra)
	if err == nil && who.token.Scope != tenancy.ScopeAccount {
		err = tenancy.ErrOneProfile
	}
	return who, err
}

// authorizeToken is enter for what concerns the token alone, and so admits one of any scope.
func (b *base) authorizeToken(ctx context.Context, c Client, need tenancy.Permission, extra func(*store.Batch, value.AccountID)) (caller, error) {
	if c.Token.ID == "" {
		return caller{}, problem.ErrNoToken
	}
	id := value.TokenID(c.Token.ID)
	guess, guessed := b.memory.get(id)
	first := b.Store.Batch()
	found := first.Token(id)
	var account *store.Found[tenancy.Account]
	var grant *store.Found[tenancy.Grant]
	with := func(batch *store.Batch, a value.AccountID, p value.ProfileID) {
		account, grant = batch.Account(a), batch.Grant(a, p)
		if extra != nil {
			extra(batch, a)
		}
	}
	if guessed {
		with(first, guess.account, guess.profile)
	}
	count := b.profileCounter(c, guess, guess.profile, first)
	if err := b.readCounted(ctx, count, first.Get); err != nil {
		return caller{}, err
	}
	token, err := b.authenticate(ctx, c, found)
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
	return b.authorizeRead(c, count, token, account.Value, grant.Value, need)
}

// authorizeRead ends the authorisation of a request that concerns the account.
func (b *base) authorizeRead(c Client, count *rateCounter, token tenancy.Token, account tenancy.Account, grant tenancy.Grant, need tenancy.Permission) (caller, error) {
	if !token.AdmittedBy(account, grant) {
		return caller{}, b.reject(c)
	}
	b.memory.put(token, grant.Own())
	b.used(c, token)
	if err := count.checkToken(token, account, grant); err != nil {
		return caller{}, err
	}
	return caller{token, account}, requirePermission(token.Permission, need)
}

// authorizeProfile authorises a request to one profile. extra, when not nil, adds reads of things whose keys are known from the
// request. One round trip when the path names the profile and the token was made for it by its owner, or when the token is
// remembered; else two. Errors: ErrNoToken, ErrInvalidToken; CodeNotFound for a profile that the caller may not see;
// CodeForbidden when the right on it is too small; CodeTooMany.
func (b *base) authorizeProfile(ctx context.Context, c Client, ref ProfileRef, need tenancy.Permission, extra func(*store.Batch)) (profileAccess, error) {
	if c.Token.ID == "" {
		return profileAccess{}, problem.ErrNoToken
	}
	id := value.TokenID(c.Token.ID)
	guess, guessed := b.memory.get(id)
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
	with := func(batch *store.Batch, a value.AccountID, own value.ProfileID) {
		account, home, grant = batch.Account(a), batch.Grant(a, own), batch.Grant(a, target)
	}
	byAccount := guessed && !(guess.own && guess.profile == target)
	if byAccount {
		with(first, guess.account, guess.profile)
	}
	count := b.profileCounter(c, guess, target, first)
	if err := b.readCounted(ctx, count, first.Get); err != nil {
		return profileAccess{}, err
	}
	token, err := b.authenticate(ctx, c, found)
	if err != nil {
		return profileAccess{}, err
	}

	if ref.Current && target != token.Profile {
		target, profile = token.Profile, nil
	}
	if profile != nil && token.AdmittedByOwner(profile.Value) {
		b.memory.put(token, true)
		b.used(c, token)
		if err := count.checkProfile(profile.Value); err != nil {
			return profileAccess{}, err
		}
		return profileAccess{token, profile.Value, token.Permission, tenancy.PermissionFull, token.GrantEpoch}, cmp.Or(requirePermission(token.Permission, need), ref.checkNamed(target))
	}

	if !byAccount || profile == nil || guess.account != token.Account || guess.profile != token.Profile {
		second := b.Store.Batch()
		with(second, token.Account, token.Profile)
		if profile == nil {
			profile = second.Profile(target)
		}
		if err := second.Get(ctx); err != nil {
			return profileAccess{}, err
		}
	}
	if !token.AdmittedBy(account.Value, home.Value) {
		return profileAccess{}, b.reject(c)
	}
	b.memory.put(token, home.Value.Own())
	b.used(c, token)
	b.memory.reach(id, target, grant.OK && profile.OK)
	if !grant.OK || !profile.OK || !token.Opens(target) {
		if err := count.checkToken(token, account.Value, home.Value); err != nil {
			return profileAccess{}, err
		}
		return profileAccess{}, problem.NotFound("Profile")
	}
	if err := count.checkProfile(profile.Value); err != nil {
		return profileAccess{}, err
	}
	right := token.Permission.Within(grant.Value.Permission)
	return profileAccess{token, profile.Value, right, grant.Value.Permission, grant.Value.Epoch}, cmp.Or(requirePermission(right, need), ref.checkNamed(target))
}

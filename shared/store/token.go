package store

import (
	"context"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const (
	kindTokenRow Kind = "token-row"
	kindToken    Kind = "token"
)

const tokenPrefix = "T#"

func tokenKey(id value.TokenID) key { return key{kindToken, tokenPrefix + string(id), "T"} }

func tokenRowKey(p value.ProfileID, created time.Time, id value.TokenID) key {
	return key{kindTokenRow, "P#" + string(p), tokenPrefix + sortable(created) + "#" + string(id)}
}

// tokenItem is the form of both a token, found by its id, and its row in the
// list of its profile. The row has no hash, so that it authenticates nothing,
// and is not due. It has the grant's epoch, which says whether the token is
// revoked.
type tokenItem struct {
	key
	due
	ID           string `dynamodbav:"id"`
	Hash         []byte `dynamodbav:"hash,omitempty"`
	Profile      string `dynamodbav:"profile"`
	Account      string `dynamodbav:"account"`
	Name         string `dynamodbav:"name"`
	Permission   string `dynamodbav:"permission"`
	Created      int64  `dynamodbav:"created"`
	Expires      int64  `dynamodbav:"expires,omitempty"`
	AccountEpoch int64  `dynamodbav:"accountEpoch,omitempty"`
	GrantEpoch   int64  `dynamodbav:"grantEpoch,omitempty"`
	SignIn       bool   `dynamodbav:"signIn,omitempty"`
	tokenLimitAttributes

	Family          string `dynamodbav:"family,omitempty"`
	Retires         int64  `dynamodbav:"retires,omitempty"`
	Previous        string `dynamodbav:"previous,omitempty"`
	PreviousRetires int64  `dynamodbav:"previousRetires,omitempty"`
	Reused          bool   `dynamodbav:"reused,omitempty"`
	Reminded        int64  `dynamodbav:"reminded,omitempty"`
	IdleCheck       int64  `dynamodbav:"idleCheck,omitempty"`
	IdleTold        int64  `dynamodbav:"idleTold,omitempty"`
	TTL             int64  `dynamodbav:"ttl,omitempty"`
}

// tokenLimitAttributes are the attributes of a token that an edit can change.
type tokenLimitAttributes struct {
	Networks   []string `dynamodbav:"networks,omitempty"`
	Scope      string   `dynamodbav:"scope,omitempty"` // none: account
	DisabledBy string   `dynamodbav:"disabledBy,omitempty"`
	Version    int64    `dynamodbav:"version,omitempty"`
}

func tokenLimitsFrom(t tenancy.Token) tokenLimitAttributes {
	a := tokenLimitAttributes{DisabledBy: string(t.DisabledBy), Version: t.Version}
	for _, network := range t.Networks {
		a.Networks = append(a.Networks, network.String())
	}
	if t.Scope != tenancy.ScopeAccount {
		a.Scope = t.Scope.String()
	}
	return a
}

// limit returns the token with its limits. A limit that it cannot read admits
// nothing.
func (a tokenLimitAttributes) limit(t tenancy.Token) tenancy.Token {
	for _, stored := range a.Networks {
		network, err := netip.ParsePrefix(stored)
		if err != nil {
			network = netip.Prefix{}
		}
		t.Networks = append(t.Networks, network)
	}
	if a.Scope != "" {
		t.Scope = tenancy.ScopeProfile
	}
	t.DisabledBy, t.Version = value.AccountID(a.DisabledBy), a.Version
	return t
}

func tokenFrom(t tenancy.Token) tokenItem {
	i := tokenItem{
		key: tokenKey(t.ID), due: dueAt(DueToken, string(t.ID), t.Due()), ID: string(t.ID),
		Hash: t.Hash, Profile: string(t.Profile), Account: string(t.Account), Name: t.Name,
		Permission: t.Permission.String(), Created: millis(t.Created), Expires: millis(t.Expires),
		AccountEpoch: t.AccountEpoch, GrantEpoch: t.GrantEpoch, SignIn: t.SignIn,
		tokenLimitAttributes: tokenLimitsFrom(t), Family: string(t.Family),
		Retires: millis(t.Retires), Previous: string(t.Previous),
		PreviousRetires: millis(t.PreviousRetires), Reused: t.Reused, Reminded: millis(t.Reminded),
		IdleCheck: millis(t.IdleCheck), IdleTold: millis(t.IdleTold),
	}
	if t.Rotated() {
		i.TTL = t.Kept().Unix()
	}
	return i
}

func tokenRowFrom(t tenancy.Token) tokenItem {
	i := tokenFrom(t)
	i.key, i.due, i.Hash = tokenRowKey(t.Profile, t.Created, t.ID), due{}, nil
	return i
}

func (i tokenItem) value() tenancy.Token {
	return i.limit(tenancy.Token{
		ID: value.TokenID(i.ID), Hash: i.Hash, Profile: value.ProfileID(i.Profile),
		Account: value.AccountID(i.Account), Name: i.Name,
		Permission: storedPermission(i.Permission), Created: fromMillis(i.Created),
		Expires: fromMillis(i.Expires), AccountEpoch: i.AccountEpoch, GrantEpoch: i.GrantEpoch,
		SignIn: i.SignIn, Family: value.TokenID(i.Family), Retires: fromMillis(i.Retires),
		Previous: value.TokenID(i.Previous), PreviousRetires: fromMillis(i.PreviousRetires),
		Reused: i.Reused, Reminded: fromMillis(i.Reminded),
		IdleCheck: fromMillis(i.IdleCheck), IdleTold: fromMillis(i.IdleTold),
	})
}

// Token adds a token to the batch.
func (b *Batch) Token(id value.TokenID) *Found[tenancy.Token] {
	return want(b, tokenKey(id), tokenItem.value)
}

// TokenRows iterates over the token rows of a profile, ordered by time. The
// tokens have no hash, and only the grant's epoch.
func (s *Store) TokenRows(
	ctx context.Context,
	id value.ProfileID,
	walk Walk,
) iter.Seq2[tenancy.Token, error] {
	return decoded(s.query(ctx, walk.over(profileKey(id).PK, tokenPrefix)), tokenItem.value)
}

// TokenCursor returns the position of a token in the list of its profile.
func TokenCursor(t tenancy.Token) string {
	return position(strings.TrimPrefix(tokenRowKey("", t.Created, t.ID).SK, tokenPrefix))
}

func ofProfile(p value.ProfileID, gone error) condition {
	return condition{
		"attribute_exists(PK) AND #profile = :profile",
		item{":profile": text(string(p))},
		gone,
	}
}

// unchangedToken is the condition that a token is still of the same profile and
// at the version that was read. It fails with gone.
func unchangedToken(t tenancy.Token, gone error) condition {
	c := ofProfile(t.Profile, gone)
	if t.Version == 0 {
		c.expression += " AND attribute_not_exists(#version)"
		return c
	}
	c.expression += " AND #version = :was"
	c.values[":was"] = number(t.Version)
	return c
}

// tokenAsRead is the condition that no attribute of a token has changed since
// it was read. It is for steps that write a copy of the whole token.
func (tx *Tx) tokenAsRead(t tenancy.Token, changed error) condition {
	c := condition{expression: "attribute_exists(PK)", values: item{}, failure: changed}
	it := tx.marshal(tokenFrom(t))
	derived := []string{"PK", "SK", "itemKind", "duePK", "dueSK", "ttl"}
	for _, name := range derived {
		delete(it, name)
	}
	for _, name := range slices.Sorted(maps.Keys(it)) {
		c.expression += " AND #" + name + " = :was_" + name
		c.values[":was_"+name] = it[name]
	}
	for _, name := range optionalOf[tokenItem]() {
		if _, has := it[name]; !has && !slices.Contains(derived, name) {
			c.expression += " AND attribute_not_exists(#" + name + ")"
		}
	}
	return c
}

// CreateToken adds a token and its row in the profile's list.
func (tx *Tx) CreateToken(t tenancy.Token) {
	tx.put(tokenFrom(t), absent)
	tx.put(tokenRowFrom(t), condition{})
}

// EditToken changes the name and the limits of a token, and those of its row.
// It fails with changed if the token has changed since it was read.
func (tx *Tx) EditToken(was, edited tenancy.Token, changed error) {
	edited.Version = was.Version + 1
	tx.put(tokenFrom(edited), tx.tokenAsRead(was, changed))
	tx.put(tokenRowFrom(edited), exists)
}

// MoveToken moves a token to another profile. It fails with gone if the token
// has changed since it was read.
func (tx *Tx) MoveToken(from, to tenancy.Token, gone error) {
	to.Version++
	tx.put(tokenFrom(to), tx.tokenAsRead(from, gone))
	tx.delete(tokenRowKey(from.Profile, from.Created, from.ID), condition{})
	tx.put(tokenRowFrom(to), condition{})
}

// AttendToken records what a sweep did for a token: a reminder of its end, or a
// look whether it is used. It fails with changed if the token has changed since
// it was read.
func (tx *Tx) AttendToken(was, attended tenancy.Token, changed error) {
	tx.put(tokenFrom(attended), tx.tokenAsRead(was, changed))
}

// CheckToken fails with changed if a token's limits have changed, or it was
// rotated or moved, since it was read. For a session it fails if the session
// has ended.
func (tx *Tx) CheckToken(t tenancy.Token, changed error) {
	if t.OfSession() {
		id := value.SessionID(t.ID)
		of := tenancy.Session{ID: id, Account: t.Account}
		tx.check(sessionKey(t.Account, id.Place()), sameSession(of, changed))
		return
	}
	tx.check(tokenKey(t.ID), unchangedToken(t, changed))
}

// DeleteToken removes a token and its row. It fails with gone if the token was
// moved or rotated since it was read: the caller must not believe that the new
// token is deleted.
func (tx *Tx) DeleteToken(t tenancy.Token, gone error) {
	c := ofProfile(t.Profile, gone)
	if !t.Rotated() {
		c.expression += " AND attribute_not_exists(#retires)"
	}
	tx.delete(tokenKey(t.ID), c)
	tx.delete(tokenRowKey(t.Profile, t.Created, t.ID), condition{})
}

// ExpireToken is DeleteToken for a token that has expired.
func (tx *Tx) ExpireToken(t tenancy.Token, now time.Time, gone error) {
	c := ofProfile(t.Profile, gone)
	c.expression += " AND #expires <= :now"
	c.values[":now"] = number(millis(now))
	tx.delete(tokenKey(t.ID), c)
	tx.delete(tokenRowKey(t.Profile, t.Created, t.ID), condition{})
}

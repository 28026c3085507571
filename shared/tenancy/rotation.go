package tenancy

import (
	"slices"
	"strings"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// LongestGrace is how long a rotated token may go on beside its successor.
const LongestGrace = 7 * 24 * time.Hour

// tombstoneLife is how long a rotated token is kept after its grace, so that
// its use is recognised.
const tombstoneLife = 90 * 24 * time.Hour

// ParseGrace reads how long a rotated token goes on: a number and a unit as
// ParseExpiry takes them, such as "12 hours"; "0" and an empty text mean not at
// all. Anything else, and more than LongestGrace, is CodeInvalid.
func ParseGrace(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0") == "" {
		return 0, nil
	}
	from := time.Unix(0, 0).UTC()
	end, ok := parseSpan(s, from)
	if !ok {
		return 0, problem.InvalidField(
			"grace",
			problem.FieldFormat,
			`must be a span such as "12 hours" or "7 days", or "0"`,
		)
	}
	grace := end.Sub(from)
	if grace > LongestGrace {
		return 0, problem.InvalidField("grace", problem.FieldRange, "must be at most 7 days").
			Bound("7 days")
	}
	return grace, nil
}

// Tokens that took each other's place are a family. At most two of one work:
// the latest, and the one before it within its grace.
//
//	live ── Rotate ──> rotated, works until Retires ──> spent: refused, and its use revokes the family
//	  └──────────────> a new live one

// Family is what is known of tokens that took each other's place. ID is the id
// of the first one.
type Family struct {
	ID       value.TokenID
	Current  value.TokenID // the latest; it may have been deleted or have expired
	Previous value.TokenID // the one that Current replaced
	Kept     time.Time
}

// Rotated reports whether another token has taken this one's place.
func (t Token) Rotated() bool { return !t.Retires.IsZero() }

// Spent reports whether the token was rotated and its grace is over, while its
// family may still live: whoever presents it has kept a token that should be
// gone. A use that was dealt with is not reported again.
func (t Token) Spent(now time.Time) bool {
	return t.Rotated() && !now.Before(t.Retires) && !t.Reused && !t.Expired(now)
}

// Expired reports whether the end of the token's life has come, whatever else
// ended it.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Kept returns when the item of a rotated token may be forgotten: its family is
// dead at its end, and what nobody used for long is gone.
func (t Token) Kept() time.Time {
	kept := t.Retires.Add(tombstoneLife)
	if !t.Expires.IsZero() && t.Expires.Before(kept) {
		return t.Expires
	}
	return kept
}

// Covers reports whether a holder of the token gets nothing from another one
// that the token does not give: neither what it opens, nor from where, nor for
// how long, whatever ends it. Everything that a token is counts here; what only
// names it, or only says whether it works at present, does not.
func (t Token) Covers(other Token) bool {
	return !other.exceeds(t) && t.Account == other.Account &&
		t.Permission.Allows(other.Permission) &&
		!other.outlives(t)
}

// outlives reports whether something ends another token and not this one: its
// time, a new password, the end of its account's right on its profile, or the
// use of a spent token of its family. What ends one token by its name, as
// deleting it does, ends no other one.
func (t Token) outlives(other Token) bool {
	later := func(ends time.Time, than time.Time) bool {
		return !than.IsZero() && (ends.IsZero() || ends.After(than))
	}
	return later(t.ends(), other.ends()) || other.SignIn && !t.SignIn ||
		t.Profile != other.Profile ||
		other.Family != "" && t.Family != other.Family
}

// ends is when the token stops working by itself; zero: never.
func (t Token) ends() time.Time {
	if t.Rotated() && (t.Expires.IsZero() || t.Retires.Before(t.Expires)) {
		return t.Retires
	}
	return t.Expires
}

// Rotate puts a token with a new id and secret in the token's place: everything
// else is the same, the end of its life too. It returns the token as it is from
// now on, which works until its grace ends, the new one, and their family.
// Errors: CodeConflict for a token that was rotated before, CodeForbidden for
// one that is disabled.
func (t Token) Rotate(
	id value.TokenID,
	hash []byte,
	grace time.Duration,
	now time.Time,
) (old, next Token, f Family, err error) {
	if t.Rotated() {
		return t, t, f, problem.Conflict("The token was rotated before: use and rotate the one that took its place").
			For(problem.ReasonTokenRotated)
	}
	if t.Disabled() {
		return t, t, f, problem.Forbidden("A token that is disabled cannot be rotated: enable it before, or make a new one").
			For(problem.ReasonTokenDisabled)
	}
	old = t
	if old.Family == "" {
		old.Family = t.ID
	}
	old.Retires = now.Add(grace)
	if !t.Expires.IsZero() && t.Expires.Before(old.Retires) {
		old.Retires = t.Expires
	}
	next = old
	next.Networks, next.Version = slices.Clone(t.Networks), 0
	next.ID, next.Hash, next.Created, next.Retires = id, hash, now, time.Time{}
	next.Previous, next.PreviousRetires, next.Reminded = t.ID, old.Retires, time.Time{}
	return old, next, Family{
		ID:       old.Family,
		Current:  id,
		Previous: t.ID,
		Kept:     old.Retires.Add(tombstoneLife),
	}, nil
}

// RotatedWith refuses (CodeForbidden) to rotate a token with another one that
// is narrower in its scope or its networks: whoever holds the other one would
// get a token without those limits, and no proof takes them off.
func (t Token) RotatedWith(by Token) error {
	if t.exceeds(by) {
		return errExceeds
	}
	return nil
}

// Retire ends the grace of a rotated token.
func (t Token) Retire(now time.Time) Token {
	t.Retires = now
	return t
}

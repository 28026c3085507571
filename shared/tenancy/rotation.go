package tenancy

import (
	"slices"
	"strings"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// LongestGrace is the longest time for which a rotated token can work beside
// its successor.
const LongestGrace = 7 * 24 * time.Hour

// tombstoneLife is how long a rotated token is stored after its grace, so that
// a late use of it is recognized.
const tombstoneLife = 90 * 24 * time.Hour

// ParseGrace reads how long a rotated token still works: a number and a unit as
// for ParseExpiry, such as "12 hours". "0" and an empty text mean that it stops
// at once. Errors: CodeInvalid for any other text, and for more than
// LongestGrace.
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

// Tokens that replaced each other by rotation are a family. At most two of a
// family work: the latest, and the one before it during its grace.
//
//	live ── Rotate ──> rotated, works until Retires ──> spent: refused, and its use revokes the family
//	  └──────────────> a new live one

// Family is the state of tokens that replaced each other by rotation. ID is the
// id of the first one.
type Family struct {
	ID       value.TokenID
	Current  value.TokenID // the latest; it may have been deleted or have expired
	Previous value.TokenID // the one that Current replaced
	Kept     time.Time
}

// Rotated reports whether another token has replaced this one.
func (t Token) Rotated() bool { return !t.Retires.IsZero() }

// Spent reports whether the token was rotated, its grace is over, and it has
// not expired. The use of such a token suggests that it was stolen, and revokes
// the family. After that it is not reported again.
func (t Token) Spent(now time.Time) bool {
	return t.Rotated() && !now.Before(t.Retires) && !t.Reused && !t.Expired(now)
}

// Expired reports whether Expires has passed. A token can have stopped working
// earlier for other reasons.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Kept returns the time until which a rotated token is stored: tombstoneLife
// after its grace, but at most until it expires, because its family expires
// then as well.
func (t Token) Kept() time.Time {
	kept := t.Retires.Add(tombstoneLife)
	if !t.Expires.IsZero() && t.Expires.Before(kept) {
		return t.Expires
	}
	return kept
}

// Covers reports whether the token can do all that another one can: open the
// same profiles with at least the same permission, from the same networks, for
// at least as long. Names do not matter, nor whether a token is disabled at
// present.
func (t Token) Covers(other Token) bool {
	return !other.exceeds(t) && t.Account == other.Account &&
		t.Permission.Allows(other.Permission) &&
		!other.outlives(t)
}

// outlives reports whether the token can still work after the token other has
// ended: by its time, a new password, the end of the account's right on its
// profile, or the use of a spent token of its family. Deleting one token by its
// id does not count.
func (t Token) outlives(other Token) bool {
	later := func(ends time.Time, than time.Time) bool {
		return !than.IsZero() && (ends.IsZero() || ends.After(than))
	}
	return later(t.ends(), other.ends()) || other.SignIn && !t.SignIn ||
		t.Profile != other.Profile ||
		other.Family != "" && t.Family != other.Family
}

// ends returns when the token stops working by itself; zero: never.
func (t Token) ends() time.Time {
	if t.Rotated() && (t.Expires.IsZero() || t.Retires.Before(t.Expires)) {
		return t.Retires
	}
	return t.Expires
}

// Rotate replaces the token by one with a new id and secret, which is otherwise
// the same and expires at the same time. It returns the rotated token, which
// works until its grace ends, the new one, and their family. Errors:
// CodeConflict for a token that was rotated before, CodeForbidden for one that
// is disabled.
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
	next.IdleCheck, next.IdleTold = time.Time{}, time.Time{}
	return old, next, Family{
		ID:       old.Family,
		Current:  id,
		Previous: t.ID,
		Kept:     old.Retires.Add(tombstoneLife),
	}, nil
}

// RotatedWith refuses (CodeForbidden) a rotation that is requested with another
// token by, if by has a narrower scope or fewer networks: its holder would get
// a token without these limits.
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

package tenancy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Token authenticates requests. It was made for one profile and acts for the
// account that made it.
type Token struct {
	ID         value.TokenID
	Hash       []byte // SHA-256 of the secret; the secret itself is shown once and not kept
	Profile    value.ProfileID
	Account    value.AccountID
	Name       string
	Permission Permission
	Created    time.Time
	Expires    time.Time      // zero: never
	Networks   value.Networks // where it may be used from
	Scope      Scope
	DisabledBy value.AccountID // who has disabled it; empty: it works
	Version    int64           // counts up with each change

	// AccountEpoch and GrantEpoch are those of the account and of its grant
	// when the token was made. A token whose epochs are not the current ones is
	// revoked.
	AccountEpoch int64
	GrantEpoch   int64
	// SignIn says that it was made by signing in. AccountEpoch is then the
	// account's Sessions.
	SignIn bool

	// Family is the id of the first of the tokens that took each other's place;
	// empty for one that was never rotated and replaced none.
	Family value.TokenID
	// Retires is when a rotated token stops working; zero for one that is not
	// rotated.
	Retires time.Time
	// Previous is the token that this one replaced, which may work until
	// PreviousRetires.
	Previous        value.TokenID
	PreviousRetires time.Time
	// Reused says that the token was used after it had retired, and that this
	// was dealt with.
	Reused bool
	// Reminded is the time of the last reminder of the token's end that was
	// dealt with.
	Reminded time.Time
}

// vouched reports whether an account with these epochs still stands for the
// token.
func (t Token) vouched(epoch, sessions int64) bool {
	if t.SignIn {
		return t.AccountEpoch == sessions
	}
	return t.AccountEpoch == epoch
}

// By returns the token as made by an account, under its right on a profile.
func (t Token) By(a Account, g Grant) Token {
	t.Profile, t.Account, t.GrantEpoch, t.AccountEpoch = g.Profile, a.ID, g.Epoch, a.Epoch
	if t.SignIn {
		t.AccountEpoch = a.Sessions
	}
	return t
}

// Live reports whether the token has not expired and is not rotated and past
// its grace: it works up to the millisecond before Expires and before Retires.
func (t Token) Live(now time.Time) bool {
	return !t.Expired(now) && (!t.Rotated() || now.Before(t.Retires))
}

// AdmittedByOwner reports whether the token's own profile still vouches for it.
// It is conclusive only for a token that its profile's owner made; for others
// see AdmittedBy.
func (t Token) AdmittedByOwner(p Profile) bool {
	return p.ID == t.Profile && p.Owner == t.Account && t.vouched(p.OwnerEpoch, p.OwnerSessions) &&
		p.Epoch == t.GrantEpoch
}

// AdmittedBy reports whether the account that made the token, and its grant on
// the token's profile, still vouch for it.
func (t Token) AdmittedBy(a Account, g Grant) bool {
	return a.ID == t.Account && t.vouched(a.Epoch, a.Sessions) && a.Active && !a.Blocked &&
		g.Account == t.Account && g.Profile == t.Profile && g.Epoch == t.GrantEpoch
}

// For returns the token moved to the profile of the grant, which must be one of
// the same account.
func (t Token) For(g Grant) Token {
	t.Profile, t.GrantEpoch = g.Profile, g.Epoch
	return t
}

// How long a token works whose maker names no end: a month, or three for one
// made at sign-in. Source: the original documents three months for sign-ins;
// its open-source sibling uses one month otherwise.
const (
	defaultLife       = "1 month"
	defaultSignInLife = "3 months"
)

// TokenExpiry reads the end of a token's life as ParseExpiry does; an empty
// text means one month from now.
func TokenExpiry(
	s string,
	now time.Time,
) (time.Time, error) {
	return expiryOr(s, defaultLife, now)
}

// SignInExpiry is TokenExpiry for tokens made at sign-in: an empty text means
// three months.
func SignInExpiry(s string, now time.Time) (time.Time, error) {
	return expiryOr(s, defaultSignInLife, now)
}

func expiryOr(s, otherwise string, now time.Time) (time.Time, error) {
	if strings.TrimSpace(s) == "" {
		s = otherwise
	}
	return ParseExpiry(s, now)
}

// longestLife bounds expiries, so that every date prints with four digits for
// its year.
const longestLife = 100 // years

// ParseExpiry reads every form in which clients write the end of a token's
// life: "never" (the zero time); an ISO 8601 date with a time of day, where a
// missing zone means UTC, or without one, which is the end of that day where
// now is; or a number and a unit ("3 months", "1 day", "90 min"). Units are
// second, minute, hour, day, week, month and year, singular or plural, and the
// short forms s ss sec m mm min h hh d dd w ww M MM y yy, where m is a minute
// and M a month. The result is in UTC, to the millisecond. An end that is not
// in the future, or over 100 years away, is CodeInvalid, as is any other text.
func ParseExpiry(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "never") {
		return time.Time{}, nil
	}
	_, t, ok := value.ParseDate(s, now.Location())
	if !ok {
		t, ok = parseSpan(s, now)
	}
	if !ok {
		return time.Time{}, problem.InvalidField(
			"expire_time",
			problem.FieldFormat,
			`must be "never", a date such as 2030-01-31T12:00:00Z, or a span such as "3 months"`,
		)
	}
	t = t.UTC().Truncate(time.Millisecond)
	if !t.After(now) {
		return time.Time{}, problem.InvalidField(
			"expire_time",
			problem.FieldRange,
			"must be in the future",
		)
	}
	if t.After(now.AddDate(longestLife, 0, 0)) {
		return time.Time{}, problem.InvalidField("expire_time", problem.FieldRange, `must be within %d years; use "never" for a token without end`, longestLife).
			Bound(fmt.Sprintf("%d years", longestLife))
	}
	return t, nil
}

func parseSpan(s string, now time.Time) (time.Time, bool) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n, err := strconv.Atoi(s[:digits])
	if err != nil || digits > 10 {
		return time.Time{}, false
	}
	unit := strings.TrimSpace(s[digits:])
	if len(unit) > 2 { // a word: the short forms have one case and no plural
		unit = strings.ToLower(unit)
	}
	if len(unit) > 3 {
		unit = strings.TrimSuffix(unit, "s")
	}
	var step time.Duration
	switch unit {
	case "s", "ss", "sec", "second":
		step = time.Second
	case "m", "mm", "min", "minute":
		step = time.Minute
	case "h", "hh", "hour":
		step = time.Hour
	case "d", "dd", "day":
		step = 24 * time.Hour
	case "w", "ww", "week":
		step = 7 * 24 * time.Hour
	case "M", "MM", "month":
		return value.AddMonths(now, min(n, 12*longestLife+12)), true
	case "y", "yy", "year":
		return value.AddMonths(now, 12*min(n, longestLife+1)), true
	default:
		return time.Time{}, false
	}
	longest := (longestLife + 1) * 366 * 24 * time.Hour
	return now.Add(step * time.Duration(min(int64(n), int64(longest/step)))), true
}

// reminders is how long before a token's end its owner is reminded, in the
// order of time.
var reminders = []time.Duration{7 * 24 * time.Hour, 24 * time.Hour}

// Reminders returns when the owner of a token is to be told that its end is
// near: 7 days and 1 day before. Tokens made by signing in have none, nor have
// those without end and those that are rotated. A reminder in the first half of
// the token's life would tell people what they have just asked for, and is left
// out: a token that lives 10 days has the later one only, and one that lives a
// day none.
func (t Token) Reminders() (at []time.Time) {
	if t.SignIn || t.Expires.IsZero() || t.Rotated() {
		return nil
	}
	for _, before := range reminders {
		if reminder := t.Expires.Add(-before); reminder.Sub(t.Created) >= t.Expires.Sub(reminder) {
			at = append(at, reminder)
		}
	}
	return at
}

// Due returns when the token needs attention next: a reminder that was not
// dealt with, or the end of its grace or life; zero for never.
func (t Token) Due() time.Time {
	if t.Rotated() {
		return t.Retires
	}
	for _, reminder := range t.Reminders() {
		if reminder.After(t.Reminded) {
			return reminder
		}
	}
	return t.Expires
}

// LastUsedCooldown is how long the use of a token is not noted again.
const LastUsedCooldown = time.Minute

// Use is the last noted use of a token. Address and Agent are what the request
// said of its sender.
type Use struct {
	Token   value.TokenID
	Time    time.Time
	Address string
	Agent   string
}

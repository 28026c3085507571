package tenancy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Token authenticates requests. It is made for one profile and acts for the
// account that made it.
type Token struct {
	ID         value.TokenID
	Hash       []byte // SHA-256 of the secret, which is shown once and not stored
	Profile    value.ProfileID
	Account    value.AccountID
	Name       string
	Permission Permission
	Created    time.Time
	Expires    time.Time      // zero: never
	Networks   value.Networks // the network addresses that it can be used from
	Scope      Scope
	DisabledBy value.AccountID // the account that has disabled it; empty: not disabled
	Version    int64           // raised by each change

	// AccountEpoch and GrantEpoch are those of the account and of its grant
	// when the token was made. A token whose epochs are not the current ones is
	// revoked.
	AccountEpoch int64
	GrantEpoch   int64
	// SignIn says that the token was made at sign-in. AccountEpoch is then the
	// account's Sessions.
	SignIn bool

	// Family is the id of the first token of its family; empty if the token was
	// never rotated and replaced none.
	Family value.TokenID
	// Retires is when a rotated token stops working; zero for one that is not
	// rotated.
	Retires time.Time
	// Previous is the token that this one replaced, which may work until
	// PreviousRetires.
	Previous        value.TokenID
	PreviousRetires time.Time
	// Reused says that the token was used after Retires, and that its family
	// was revoked for that.
	Reused bool
	// Reminded is the time of the latest reminder (see Reminders) that was sent
	// or skipped.
	Reminded time.Time
	// IdleCheck is when a sweep next looks whether the token is used; zero:
	// UnusedAfter after it was made. See Idle.
	IdleCheck time.Time
	// IdleTold is when its people were last told that the token is unused.
	IdleTold time.Time
}

// vouched reports whether an account with these epochs has not revoked the
// token.
func (t Token) vouched(epoch, sessions int64) bool {
	if t.SignIn {
		return t.AccountEpoch == sessions
	}
	return t.AccountEpoch == epoch
}

// By returns the token with the ids and epochs of the account that makes it and
// of its grant.
func (t Token) By(a Account, g Grant) Token {
	t.Profile, t.Account, t.GrantEpoch, t.AccountEpoch = g.Profile, a.ID, g.Epoch, a.Epoch
	if t.SignIn {
		t.AccountEpoch = a.Sessions
	}
	return t
}

// Live reports whether the token has neither expired nor reached the end of its
// grace. At Expires and at Retires itself it no longer works.
func (t Token) Live(now time.Time) bool {
	return !t.Expired(now) && (!t.Rotated() || now.Before(t.Retires))
}

// AdmittedByOwner reports whether the token was made by the owner of its
// profile p and is not revoked. For tokens of members it is always false; see
// AdmittedBy.
func (t Token) AdmittedByOwner(p Profile) bool {
	return p.ID == t.Profile && p.Owner == t.Account && t.vouched(p.OwnerEpoch, p.OwnerSessions) &&
		p.Epoch == t.GrantEpoch
}

// AdmittedBy reports whether the account that made the token is active, and
// neither it nor its grant on the token's profile has revoked the token.
func (t Token) AdmittedBy(a Account, g Grant) bool {
	return a.ID == t.Account && t.vouched(a.Epoch, a.Sessions) && a.Active && !a.Blocked &&
		g.Account == t.Account && g.Profile == t.Profile && g.Epoch == t.GrantEpoch
}

// For returns the token moved to the profile of a grant, which must be a grant
// of the same account.
func (t Token) For(g Grant) Token {
	t.Profile, t.GrantEpoch = g.Profile, g.Epoch
	return t
}

// The life of a token for which no end is given. Sources: the original
// documents three months for sign-ins; its open-source sibling uses one month
// for other tokens.
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

// longestLife is the longest life that can be given, so that every year has
// four digits.
const longestLife = 100 // years

// ParseExpiry reads every form in which clients write the end of a token's
// life: "never" (the zero time); an ISO 8601 date with a time of day, where a
// missing zone means UTC, or without one, which is the end of that day where
// now is; or a number and a unit ("3 months", "1 day", "90 min"). Units are
// second, minute, hour, day, week, month and year, singular or plural, and the
// short forms s ss sec m mm min h hh d dd w ww M MM y yy, where m is a minute
// and M a month. The result is in UTC, to the millisecond. Errors: CodeInvalid
// for an end that is not in the future or is over 100 years away, and for any
// other text.
func ParseExpiry(s string, now time.Time) (time.Time, error) {
	return parseEnd("expire_time", s, now)
}

// parseEnd is ParseExpiry for a field with another name.
func parseEnd(field, s string, now time.Time) (time.Time, error) {
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
			field,
			problem.FieldFormat,
			`must be "never", a date such as 2030-01-31T12:00:00Z, or a span such as "3 months"`,
		)
	}
	t = t.UTC().Truncate(time.Millisecond)
	if !t.After(now) {
		return time.Time{}, problem.InvalidField(
			field,
			problem.FieldRange,
			"must be in the future",
		)
	}
	if t.After(now.AddDate(longestLife, 0, 0)) {
		return time.Time{}, problem.InvalidField(field, problem.FieldRange, `must be within %d years; use "never" for no end`, longestLife).
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

// Reminders returns when the owner of a token is notified that it expires: 7
// days and 1 day before. Tokens that were made at sign-in, that do not expire,
// or that are rotated have no reminders. A reminder in the first half of the
// token's life is left out, because the person has just chosen its end: a token
// that lives 10 days has the later one only, and one that lives a day has none.
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

// Due returns when a sweep must next handle the token: at a reminder that is
// not done yet, to see whether it is used, or at the end of its grace or life;
// zero: never.
func (t Token) Due() time.Time {
	if t.Rotated() {
		return t.Retires
	}
	due := t.reminderDue()
	if check := t.IdleDue(); due.IsZero() || !check.IsZero() && check.Before(due) {
		due = check
	}
	return due
}

// reminderDue is the time of the next reminder that is not done yet, or of the
// end of the token's life; zero: never.
func (t Token) reminderDue() time.Time {
	for _, reminder := range t.Reminders() {
		if reminder.After(t.Reminded) {
			return reminder
		}
	}
	return t.Expires
}

package tenancy

import "time"

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

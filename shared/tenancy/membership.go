package tenancy

import "time"

// past reports whether an end has come; the zero time never comes.
func past(end, now time.Time) bool { return !end.IsZero() && !now.Before(end) }

// MembershipReminder is how long before its end a member and the owner of the
// profile are told of it.
const MembershipReminder = 2 * 24 * time.Hour

// MembershipEnd reads when a membership ends, in the forms of ParseExpiry; an
// empty text means never. Errors: those of ParseExpiry, for the field ends_at.
func MembershipEnd(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return parseEnd("ends_at", s, now)
}

// Until returns the member with another end. If that is so soon that nobody can
// be told of it in time, nobody will be: whoever sets it knows it.
func (m Member) Until(end, now time.Time) Member {
	m.Ends, m.Told = end, !end.IsZero() && !now.Before(end.Add(-MembershipReminder))
	return m
}

// Due returns when a sweep must next handle the membership: when its end is
// told, and then at its end. It is zero for one without an end.
func (m Member) Due() time.Time {
	if !m.Active || m.Ends.IsZero() || m.Told {
		return m.Ends
	}
	return m.Ends.Add(-MembershipReminder)
}

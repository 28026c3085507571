package tenancy

import (
	"net/netip"
	"slices"
	"time"

	"profiles/shared/value"
)

// LastUsedCooldown is the least time between two records of a token's use from
// networks that are known.
const LastUsedCooldown = time.Minute

// UnusedAfter is how long a token is not used before it counts as unused, and
// its people are told. DisabledAfter is how long it is not used before it is
// disabled, where the policy of its profile says so.
const (
	UnusedAfter   = 90 * 24 * time.Hour
	DisabledAfter = 365 * 24 * time.Hour
)

// Use is the last recorded use of a token, and where it was used before.
// Address and Agent are the network address and the user agent of the request.
type Use struct {
	Token   value.TokenID
	Time    time.Time
	Address string
	Agent   string
	// Known are the networks that the token was used from, MostNetworks at
	// most; see NetworkOf. Untold are those of them of which nobody has been
	// told.
	Known, Untold []string
}

// MostNetworks is how many networks of a token are known. One that was used
// from so many has no usual network: nobody is told of more.
const MostNetworks = 20

// NetworkOf is the network that an address of a request counts as: the first 24
// bits of an IPv4 address, or the first 48 of an IPv6 address, which is what
// one site is assigned (RFC 6177). It is the zero Prefix for a text that is no
// address.
func NetworkOf(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 48
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 24
	}
	network, _ := a.Prefix(bits)
	return network
}

// News reports whether a use from a network is the first one from there, of a
// token whose former uses are u.
func (u Use) News(network string) bool {
	return len(u.Known) > 0 && len(u.Known) < MostNetworks &&
		!slices.Contains(u.Known, network)
}

// LastOf is when the token was last used, or made if it never was.
func (t Token) LastOf(u Use) time.Time {
	if u.Time.Before(t.Created) {
		return t.Created
	}
	return u.Time
}

// Unused reports whether the token was neither made nor used for UnusedAfter;
// u is its last recorded use, zero for none.
func (t Token) Unused(u Use, now time.Time) bool {
	return !now.Before(t.LastOf(u).Add(UnusedAfter))
}

// IdleDue is when a sweep must next look whether the token is used; zero:
// never, for tokens that were made at sign-in, are rotated or are disabled.
func (t Token) IdleDue() time.Time {
	switch {
	case t.SignIn || t.Rotated() || t.Disabled():
		return time.Time{}
	case t.IdleCheck.IsZero():
		return t.Created.Add(UnusedAfter)
	}
	return t.IdleCheck
}

// Idleness is what a sweep does about a token that is not used.
type Idleness int

const (
	IdleNothing Idleness = iota
	IdleTell             // tell its people, once
	IdleDisable          // disable it, and tell its people
)

// Idle returns what to do about the token at now, when u is its last recorded
// use, and the token with the time of the next look. A token that is not used
// is looked at each UnusedAfter, and when DisabledAfter is over; so one that is
// used again and left again is told of again.
func (t Token) Idle(u Use, p TokenPolicy, now time.Time) (Token, Idleness) {
	last := t.LastOf(u)
	if !t.Unused(u, now) {
		t.IdleCheck = last.Add(UnusedAfter)
		return t, IdleNothing
	}
	end := last.Add(DisabledAfter)
	if t.IdleCheck = now.Add(UnusedAfter); now.Before(end) && end.Before(t.IdleCheck) {
		t.IdleCheck = end
	}
	switch {
	case p.DisableUnused && !now.Before(end):
		return t, IdleDisable
	case t.IdleTold.After(last):
		return t, IdleNothing
	}
	t.IdleTold = now
	return t, IdleTell
}

package access

import (
	"net/netip"

	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Client is the sender of a request, before anything about it is verified.
type Client struct {
	Token secret.Credential // checked for its form only; zero when the request has none
	// Session is the account that Token names, when that is the credential of a
	// session; empty for an account token.
	Session value.AccountID
	// Browser is the session that the browser of a sign-in has, checked for its
	// form only: it is no credential, and ends with the sign-in. Zero for none.
	Browser secret.Session
	Source  string // the network address that the request came from
	// Agent is what the client calls itself.
	Agent string
	// Request is the id of the request, which its answer and its log line have
	// too.
	Request string
	// Service says that the gateway has verified the sender as a service of the
	// operator's, such as a data plane.
	Service bool
	// Access is whom the operation of the request admits, as the catalogue
	// says. The zero value admits nobody.
	Access tenancy.Access
	// Rate is where the request is counted; nil for a request without a rate
	// limit.
	Rate *Rate
	// Record is the idempotency record of the request, nil for one without an
	// Idempotency-Key.
	Record *store.IdempotencyRecord
	// replays says that the same request came before, from the same source.
	replays bool
}

// For returns the client as one who sends a request to an operation that admits
// these.
func (c Client) For(a tenancy.Access) Client {
	c.Access = a
	return c
}

// Origin returns the request as the origin of the commits that are its effect.
func (c Client) Origin() store.Origin {
	return store.Origin{Source: c.Source, Request: c.Request, Record: c.Record}
}

// Fingerprint returns the fingerprint by which the requests of one source are
// counted. A client with IPv6 has at least a whole /64 of addresses to choose
// from, so these count as one.
func (c Client) Fingerprint() string {
	if a, err := netip.ParseAddr(c.Source); err == nil && a.Is6() && !a.Is4In6() {
		return secret.Fingerprint(netip.PrefixFrom(a.WithZone(""), 64).Masked().String())
	}
	return secret.Fingerprint(c.Source)
}

// Credentials are what persons prove with that they are the ones who signed in:
// the password and, when the account asks for one, a second factor.
type Credentials struct {
	Password string
	Pin      string // a pin, or a recovery code in its place
	Factor   string // the kind of second factor that shows the pin; empty: any
}

// ProfileRef names the profile of a request: by id, or the calling token's own.
type ProfileRef struct {
	ID      value.ProfileID
	Current bool
	// Named is what the rest of the request calls the profile. Another profile
	// than the one of the request is refused. Empty: the rest names none.
	Named value.ProfileID
}

// checkNamed refuses (CodeInvalid) a request that names another profile than
// the one it is about.
func (r ProfileRef) checkNamed(id value.ProfileID) error {
	if r.Named != "" && r.Named != id {
		return problem.Invalid("the body names another profile than the path: " +
			"leave it out there, or send the same one")
	}
	return nil
}

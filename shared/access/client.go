package access

import (
	"net/netip"

	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Client is what a request says of its sender. Only Service is verified.
type Client struct {
	Token secret.Credential // checked for its form only; zero: the request has none
	// Session is the account that Token names if Token is the credential of a
	// session; empty for a token.
	Session value.AccountID
	// Browser is the session that the browser had before a sign-in, checked for
	// its form only. It authorizes nothing, and the sign-in ends it. Zero:
	// none.
	Browser secret.Session
	Source  string // the network address that the request came from
	// Agent is the user agent.
	Agent string
	// Request is the id of the request, as in its answer and its log line.
	Request string
	// Service says that the gateway has verified the sender as a data plane of
	// the operator.
	Service bool
	// Access says which callers the request's operation admits, from the
	// catalogue. The zero value admits nobody.
	Access tenancy.Access
	// Rate counts the request for its rate limit; nil: it has none.
	Rate *Rate
	// Record is the idempotency record of the request; nil: it has no
	// Idempotency-Key.
	Record *store.IdempotencyRecord
	// replays says that the same request was delivered before, from the same
	// source.
	replays bool
}

// For returns the client for an operation with this Access.
func (c Client) For(a tenancy.Access) Client {
	c.Access = a
	return c
}

// Origin returns the origin for the commits of the request.
func (c Client) Origin() store.Origin {
	return store.Origin{Source: c.Source, Request: c.Request, Record: c.Record}
}

// Fingerprint returns the fingerprint of the client's network address, by which
// requests are counted. All IPv6 addresses of a /64 have the same one, because
// a client usually has at least a /64 to choose from.
func (c Client) Fingerprint() string {
	if a, err := netip.ParseAddr(c.Source); err == nil && a.Is6() && !a.Is4In6() {
		return secret.Fingerprint(netip.PrefixFrom(a.WithZone(""), 64).Masked().String())
	}
	return secret.Fingerprint(c.Source)
}

// Credentials are what an action asks for besides the token: the password and,
// if the account has a second factor, a pin.
type Credentials struct {
	Password string
	Pin      string // a pin, or a recovery code in its place
	Factor   string // the second factor that the pin is of; empty: any
}

// ProfileRef names the profile of a request: by its id, or as that of the
// calling token.
type ProfileRef struct {
	ID      value.ProfileID
	Current bool
	// Named is the profile that another part of the request names, which must
	// be the same; empty: none.
	Named value.ProfileID
}

// checkNamed refuses (CodeInvalid) a request whose Named is another profile
// than id.
func (r ProfileRef) checkNamed(id value.ProfileID) error {
	if r.Named != "" && r.Named != id {
		return problem.Invalid("the body names another profile than the path: " +
			"leave it out there, or send the same one")
	}
	return nil
}

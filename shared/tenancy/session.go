package tenancy

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Bounds of sessions.
const (
	// SessionIdle is how long a session lives after it was last extended.
	SessionIdle = time.Hour
	// SessionLife is how long a session lives at most.
	SessionLife = 24 * time.Hour
)

// Session is the credential of a person who has signed in with a browser. It
// acts for the account with full permission, and belongs to no profile.
type Session struct {
	ID      value.SessionID
	Hash    []byte // SHA-256 of the secret, which only the browser has
	Account value.AccountID
	// Epoch is the account's Sessions when the person signed in. Raising
	// Account.Sessions ends the session.
	Epoch   int64
	Created time.Time
	// Used is when the session was begun or last extended. Address and Agent
	// are the network address and the user agent of that request.
	Used    time.Time
	Address string
	Agent   string
	Expires time.Time // unless it is extended before
}

// NewSession returns a new session of an account. The caller sets its id and
// hash.
func NewSession(a Account, address, agent string, now time.Time) Session {
	s := Session{Account: a.ID, Epoch: a.Sessions, Created: now}
	return s.Extended(address, agent, now)
}

// Ends returns when the session ends, however often it is extended.
func (s Session) Ends() time.Time { return s.Created.Add(SessionLife) }

// Extended returns the session after a request that extends it: to SessionIdle
// from now, but not beyond Ends.
func (s Session) Extended(address, agent string, now time.Time) Session {
	s.Used, s.Address, s.Agent = now, address, value.CleanAgent(agent)
	s.Expires = now.Add(SessionIdle)
	if ends := s.Ends(); ends.Before(s.Expires) {
		s.Expires = ends
	}
	return s
}

// AdmittedBy reports whether the session has not expired, and its account is
// active and has not revoked it. At Expires itself the session has expired.
func (s Session) AdmittedBy(a Account, now time.Time) bool {
	return a.ID == s.Account && a.Sessions == s.Epoch && a.Active && !a.Blocked &&
		now.Before(s.Expires)
}

// Token returns the session as the token that authorization works with.
func (s Session) Token() Token {
	return Token{
		ID: value.TokenID(s.ID), Hash: s.Hash, Account: s.Account, Permission: PermissionFull,
		Created: s.Created, Expires: s.Expires, SignIn: true, AccountEpoch: s.Epoch,
	}
}

// OfSession reports whether the token stands for a session; see Session.Token.
func (t Token) OfSession() bool { return t.ID.IsSession() }

// ErrSessionEnded refuses a session that is unknown, expired or revoked. It
// does not say which of these it is.
var ErrSessionEnded = problem.Unauthenticated("Authorization Denied: the session has ended; sign in again").
	For(problem.ReasonSessionEnded)

// ErrNoSession refuses a request that needs a session and has none.
var ErrNoSession = problem.Unauthenticated("Unauthorized: this needs the session of a browser, without a token").
	For(problem.ReasonNoSession)

// ErrTokenOnly refuses a session for an operation on the calling token.
var ErrTokenOnly = problem.Invalid("This is about the calling token, and the request has a session of a browser: send a token instead").
	For(problem.ReasonTokenOnly)

// ErrNoOwnProfile refuses a session that names the profile "current", which is
// the profile of a token.
var ErrNoOwnProfile = problem.Invalid("A session of a browser has no profile of its own: name the profile by its id in place of current").
	For(problem.ReasonNoOwnProfile)

// PlaceFor chooses the place of a new session of an account; kept are the
// sessions in its places. A session of the same account that the browser had
// before is replaced (before; nil: none). Otherwise the first place that is
// free, or whose session does not work, is taken, and otherwise that of the
// oldest session. was is the session that is replaced; nil: none.
func PlaceFor(
	kept []Session, before *Session, a Account, now time.Time,
) (place byte, was *Session) {
	if before != nil && before.Account == a.ID {
		return before.ID.Place()[0], before
	}
	in := map[string]*Session{}
	for i, s := range kept {
		in[s.ID.Place()] = &kept[i]
	}
	for i := range len(value.SessionPlaces) {
		name := value.SessionPlaces[i]
		s := in[string(name)]
		if s == nil || !s.AdmittedBy(a, now) {
			return name, s
		}
		if was == nil || s.Created.Before(was.Created) {
			place, was = name, s
		}
	}
	return place, was
}

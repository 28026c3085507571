package tenancy

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Bounds of sessions.
const (
	// SessionIdle is how long a session lives that nobody extends.
	SessionIdle = time.Hour
	// SessionLife is how long a session lives at most.
	SessionLife = 24 * time.Hour
)

// Session is a person who has signed in with a browser. It acts for the account
// with full permission, and belongs to no profile.
type Session struct {
	ID      value.SessionID
	Hash    []byte // SHA-256 of the secret, which the browser alone has
	Account value.AccountID
	// Epoch is the account's Sessions when the person signed in: whatever ends
	// tokens that were made by signing in ends sessions too.
	Epoch   int64
	Created time.Time
	// Used is when the session was begun or extended last, and Address and
	// Agent are what that request said of its sender.
	Used    time.Time
	Address string
	Agent   string
	Expires time.Time // unless it is extended before
}

// NewSession begins a session of an account. It has neither id nor secret yet.
func NewSession(a Account, address, agent string, now time.Time) Session {
	s := Session{Account: a.ID, Epoch: a.Sessions, Created: now}
	return s.Extended(address, agent, now)
}

// Ends is when the session ends, however often it is extended.
func (s Session) Ends() time.Time { return s.Created.Add(SessionLife) }

// Extended returns the session after a sign of life of its person.
func (s Session) Extended(address, agent string, now time.Time) Session {
	s.Used, s.Address, s.Agent = now, address, value.CleanAgent(agent)
	s.Expires = now.Add(SessionIdle)
	if ends := s.Ends(); ends.Before(s.Expires) {
		s.Expires = ends
	}
	return s
}

// AdmittedBy reports whether the session works and its account still vouches
// for it: up to the millisecond before it expires.
func (s Session) AdmittedBy(a Account, now time.Time) bool {
	return a.ID == s.Account && a.Sessions == s.Epoch && a.Active && !a.Blocked &&
		now.Before(s.Expires)
}

// Token is the session as the credential of requests.
func (s Session) Token() Token {
	return Token{
		ID: value.TokenID(s.ID), Hash: s.Hash, Account: s.Account, Permission: PermissionFull,
		Created: s.Created, Expires: s.Expires, SignIn: true, AccountEpoch: s.Epoch,
	}
}

// OfSession reports whether the token stands for a session; see Session.Token.
func (t Token) OfSession() bool { return t.ID.IsSession() }

// ErrSessionEnded refuses a session that is unknown or does not work any more.
// Which of these is never said.
var ErrSessionEnded = problem.Unauthenticated("Authorization Denied: the session has ended; sign in again").
	For(problem.ReasonSessionEnded)

// ErrNoSession refuses a request without a session what only a session has.
var ErrNoSession = problem.Unauthenticated("Unauthorized: this needs the session of a browser, without a token").
	For(problem.ReasonNoSession)

// ErrTokenOnly refuses a session what concerns the calling token.
var ErrTokenOnly = problem.Invalid("This is about the token that the request carries, and a session of a browser is none: send a token").
	For(problem.ReasonTokenOnly)

// ErrNoOwnProfile refuses a session the word for the token's own profile.
var ErrNoOwnProfile = problem.Invalid("A session of a browser has no profile of its own: name the profile by its id in place of current").
	For(problem.ReasonNoOwnProfile)

// PlaceFor chooses where a new session of an account goes, among those that its
// places have. Where before, the session that the browser has had, is the
// account's too, the new one takes its place; else that of one which does not
// work, and else that of the oldest one. was is what has the place; nil for a
// free one.
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

package accounts

import (
	"context"
	"slices"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Sessions are the operations on sessions of browsers.
type Sessions struct {
	*core.Base
	accounts Service
}

// NewSessions returns the operations on sessions.
func NewSessions(on *core.Base, accounts Service) Sessions { return Sessions{on, accounts} }

// Signed is an account with the session that a person has signed in with.
type Signed struct {
	Account tenancy.Account
	Session tenancy.Session
	Text    string // of the session, for its browser alone; empty for one from before
}

// Create begins a session of a person: as Accounts.Login, and in the same
// commit. The session that the browser has had ends with that, whosever it is.
// The new one goes where tenancy.PlaceFor says. Errors: those of
// Accounts.Login.
func (s Sessions) Create(
	ctx context.Context,
	c access.Client,
	address string,
	given access.Credentials,
) (Signed, error) {
	var begun Signed
	seen, err := s.accounts.signIn(ctx, c, address, given, entrance{
		(*access.SignIn).AuthenticateBrowser, tenancy.ForToken,
		func(tx *store.Tx, seen access.SignedIn, now time.Time) {
			place, was := tenancy.PlaceFor(seen.Sessions, seen.Before, seen.Account, now)
			key := s.NewKey().Session(string(seen.Account.ID), place)
			begun.Session = tenancy.NewSession(seen.Account, c.Source, c.Agent, now)
			begun.Session.ID, begun.Session.Hash = value.SessionID(key.ID), key.Hash()
			begun.Text = key.Text()
			tx.CreateSession(begun.Session, was)
			tx.Audit(s.sessionEntry(begun.Session.Token(), begun.Session.ID, "Signed in", now))
			s.endBefore(tx, seen, now)
			if was != nil && was != seen.Before && was.AdmittedBy(seen.Account, now) {
				tx.Audit(s.sessionEntry(begun.Session.Token(), was.ID,
					"Session ended, as the account had too many", now))
			}
		},
	})
	begun.Account = seen.Account
	return begun, err
}

// endBefore ends the session that the browser of a sign-in has had. One of the
// same account has lost its place to the new one.
func (s Sessions) endBefore(tx *store.Tx, seen access.SignedIn, now time.Time) {
	was := seen.Before
	if was == nil {
		return
	}
	if was.Account != seen.Account.ID {
		tx.EndSession(*was, problem.ErrConflict)
	}
	tx.Audit(s.sessionEntry(was.Token(), was.ID,
		"Session ended, as its browser signed in again", now))
}

// sessionEntry is an audit entry of the account's log about one of its
// sessions.
func (s Sessions) sessionEntry(
	by tenancy.Token,
	id value.SessionID,
	message string,
	now time.Time,
) auditlog.Entry {
	return s.AuditEntry(string(by.Account), by, "session", string(id), message, now)
}

// Get returns the caller's session. Errors: tenancy.ErrSessionEnded;
// CodeUnauthenticated without a session; CodeTooMany.
func (s Sessions) Get(ctx context.Context, c access.Client) (Signed, error) {
	who, session, err := s.Access.AuthorizeSession(ctx, c)
	return Signed{Account: who.Account, Session: session}, err
}

// Extend lets the caller's session live on as if it was begun now, but not
// beyond its end. Errors: those of Get.
func (s Sessions) Extend(ctx context.Context, c access.Client) (Signed, error) {
	return flow.RetryOnConflict(ctx, func() (Signed, error) {
		who, session, err := s.Access.AuthorizeSession(ctx, c)
		if err != nil {
			return Signed{}, err
		}
		session = session.Extended(c.Source, c.Agent, s.Instant())
		tx := s.Store.Begin()
		tx.ExtendSession(session, tenancy.ErrSessionEnded)
		return Signed{Account: who.Account, Session: session}, tx.Commit(ctx, c.Origin())
	})
}

// Delete signs the caller out: the session ends. Errors: those of Get.
func (s Sessions) Delete(ctx context.Context, c access.Client) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		who, session, err := s.Access.AuthorizeSession(ctx, c)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.EndSession(session, tenancy.ErrSessionEnded)
		tx.Audit(s.sessionEntry(who.Token, session.ID, "Signed out", s.Instant()))
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// Listed is a session in the list of its account's.
type Listed struct {
	tenancy.Session
	Current bool // it is the one of the request
}

// List returns the sessions of the caller's account that work, the caller's own
// first and then the one that was used last. Errors: those of every request;
// CodeForbidden without full permission.
func (s Sessions) List(ctx context.Context, c access.Client) ([]Listed, error) {
	_, list, err := s.list(ctx, c)
	return list, err
}

// list authorizes a request about the account's sessions, and reads them beside
// that.
func (s Sessions) list(ctx context.Context, c access.Client) (access.Caller, []Listed, error) {
	var kept []tenancy.Session
	who, err := s.Access.AuthorizeAccountWith(ctx, c,
		func(ctx context.Context, a value.AccountID) (err error) {
			kept, err = s.Store.Sessions(ctx, a)
			return err
		})
	if err != nil {
		return access.Caller{}, nil, err
	}
	return who, listed(kept, who, s.Instant()), nil
}

// Revoke ends one session of the caller's account, which may be the caller's
// own. Errors: those of List; CodeNotFound for a session that there is not, or
// not any more.
func (s Sessions) Revoke(ctx context.Context, c access.Client, id string) error {
	gone := problem.NotFound("Session")
	session, err := value.ParseSessionID(id)
	known := err == nil
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var found *store.Found[tenancy.Session]
		who, err := s.Access.AuthorizeAccount(ctx, c,
			func(b *store.Batch, a value.AccountID) {
				if known {
					found = b.Session(a, session)
				}
			})
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		if !known || !found.OK || found.Value.ID != session ||
			!found.Value.AdmittedBy(who.Account, now) {
			return struct{}{}, gone
		}
		tx := s.Store.Begin()
		tx.EndSession(found.Value, gone)
		tx.Audit(s.sessionEntry(who.Token, session, "Session ended", now))
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// RevokeOthers ends all sessions of the caller's account but the caller's own,
// in one commit. It returns how many. Errors: those of List.
func (s Sessions) RevokeOthers(ctx context.Context, c access.Client) (int, error) {
	return flow.RetryOnConflict(ctx, func() (int, error) {
		who, list, err := s.list(ctx, c)
		if err != nil {
			return 0, err
		}
		now := s.Instant()
		n := 0
		tx := s.Store.Begin()
		for _, one := range list {
			if one.Current {
				continue
			}
			n++
			tx.EndSession(one.Session, problem.ErrConflict)
			tx.Audit(s.sessionEntry(who.Token, one.ID, "Session ended", now))
		}
		return n, tx.Commit(ctx, c.Origin())
	})
}

// listed are the sessions that work, in the order of List.
func listed(kept []tenancy.Session, who access.Caller, now time.Time) []Listed {
	out := []Listed{}
	for _, one := range kept {
		if one.AdmittedBy(who.Account, now) {
			out = append(out, Listed{one, value.TokenID(one.ID) == who.Token.ID})
		}
	}
	slices.SortStableFunc(out, func(a, b Listed) int {
		if a.Current != b.Current {
			if a.Current {
				return -1
			}
			return 1
		}
		return b.Used.Compare(a.Used)
	})
	return out
}

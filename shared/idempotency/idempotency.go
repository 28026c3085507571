// Package idempotency keeps the first answer to a request that a client may
// send again with the same Idempotency-Key.
package idempotency

import (
	"context"
	"encoding/base64"
	"log/slog"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
)

const (
	// recordLifetime is how long a record is stored.
	recordLifetime = 24 * time.Hour
	// replayWait is how long a repeated request waits for the first answer at
	// most.
	replayWait = 3 * time.Second
	// longestRequest is longer than any request takes: an answer that is not
	// stored by then never will be.
	longestRequest = time.Minute
	// maxAnswer is the longest answer that is stored, in bytes. An item of the
	// table can have 400 KB.
	maxAnswer = 300_000
	// maxKey is the longest key, in characters.
	maxKey = 200
)

// Purposes of secret.Keys.
const (
	labelScope = "repeat scope"
	macRequest = "repeat request"
	sealAnswer = "repeat answer"
)

// Records are the idempotency records of the table. All fields are required.
type Records struct {
	Access *access.Access
	Store  *store.Store
	Keys   secret.Keys
	Now    func() time.Time
	NewID  func(now time.Time) string
	Log    *slog.Logger
}

// Request is one delivery of a request with a key.
type Request struct {
	record *store.IdempotencyRecord
	client access.Client
}

var (
	errOtherRequest = problem.Conflict("This Idempotency-Key came with another request: " +
		"send a new request with a new key").For(problem.ReasonKeyReused)
	errExhausted = problem.Conflict("This Idempotency-Key came with too many different requests: " +
		"look whether the first took effect, and use a new key").For(problem.ReasonKeyReused)
)

// Begin looks up the record of a request by its key. It returns the first
// answer or, if there is none, the Request for Client and End. parts identify
// the request. A key belongs to the token that it came with, including the
// secret, or without a token to the source; other tokens and sources have keys
// of their own. So only a client with the secret of the first request gets its
// answer. A repeated request is authorized and counted like a first one (see
// access.AuthorizeReplay). Errors: CodeInvalid for a text that is no key;
// CodeConflict for a key that came with another request, and if the first
// answer is not known; those of access.AuthorizeReplay.
func (s Records) Begin(
	ctx context.Context, c access.Client, key string, parts ...string,
) (*Request, *Answer, error) {
	if !isKey(key) {
		return nil, nil, problem.Invalid(
			"Idempotency-Key must be 1 to %d visible ASCII characters, "+
				"such as a random UUID",
			maxKey,
		)
	}
	now := s.now()
	scope := s.scope(c)
	request := append([]string{scope, key}, parts...)
	r := &Request{&store.IdempotencyRecord{
		Scope: scope, Key: key,
		MAC: s.Keys.MAC(macRequest, request...), Others: s.Keys.MACs(macRequest, request...),
		Run: s.NewID(now), Source: c.Fingerprint(), Begun: now, Ends: now.Add(recordLifetime),
	}, c}
	found, err := s.Store.LookupRecord(ctx, r.record, now)
	if err != nil {
		return nil, nil, err
	}
	if found.State == store.RecordFree {
		return r, nil, nil
	}
	if err := s.authorize(ctx, r, found); err != nil {
		return nil, nil, err
	}
	first, err := s.firstAnswer(ctx, r, found)
	return nil, first, err
}

// Client returns the client of the request. The first commit with its origin
// also writes the record.
func (r *Request) Client() access.Client {
	c := r.client
	c.Record = r.record
	return c
}

// End stores own, the answer to a request that has succeeded or has changed
// something. If another delivery was first, it returns the answer to that one;
// nil means that own is to be sent. A request that was refused changed nothing,
// and its key can be used again, for the same request or a corrected one.
// Errors: as Begin.
func (s Records) End(ctx context.Context, r *Request, own Answer) (*Answer, error) {
	m := r.record
	switch {
	case m.Taken:
		return s.firstAnswer(ctx, r, m.Found)
	case own.Status >= 500:
		return nil, nil
	case own.Status == 429:
		return nil, nil
	case !m.Set && own.Status >= 400:
		// This delivery may have been refused because the first one has
		// succeeded meanwhile.
		return s.replayIfAuthorized(ctx, r)
	case len(own.Body) > maxAnswer:
		return nil, nil
	}
	sealed := s.Keys.Seal(sealAnswer, r.sealContext(m.MAC), own.pack())
	kept, err := s.Store.KeepAnswer(ctx, m, sealed, s.now())
	if err != nil {
		s.Log.WarnContext(ctx, "the answer to a request with an Idempotency-Key was not kept",
			"error", err.Error())
		return nil, nil
	}
	if kept {
		return nil, nil
	}
	return s.replay(ctx, r)
}

// now reads the clock, in UTC and at the precision that is stored.
func (s Records) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// scope returns the owner of a client's keys: its token with the secret, or its
// source.
func (s Records) scope(c access.Client) string {
	holder := []string{"source", c.Fingerprint()}
	if c.Token.ID != "" {
		holder = []string{"token", c.Token.ID, c.Token.Secret}
	} else if c.Service {
		holder[0] = "service"
	}
	return base64.RawURLEncoding.EncodeToString(s.Keys.Label(labelScope, holder...))
}

// isKey accepts visible ASCII only, because proxies change other characters of
// a header.
func isKey(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// authorize authorizes and counts a repeated request. Errors: those of
// access.AuthorizeReplay.
func (s Records) authorize(ctx context.Context, r *Request, found store.RecordLookup) error {
	same := found.State == store.RecordSameRequest && found.Source == r.record.Source
	return s.Access.AuthorizeReplay(ctx, r.client, same)
}

// replayIfAuthorized is replay for a request that was refused, perhaps before
// its client was authorized.
func (s Records) replayIfAuthorized(ctx context.Context, r *Request) (*Answer, error) {
	found, err := s.Store.LookupRecord(ctx, r.record, s.now())
	if err != nil || found.State != store.RecordSameRequest || s.authorize(ctx, r, found) != nil {
		return nil, nil
	}
	return s.firstAnswer(ctx, r, found)
}

// replay returns the answer to another delivery of the request; nil: there was
// none.
func (s Records) replay(ctx context.Context, r *Request) (*Answer, error) {
	found, err := s.Store.LookupRecord(ctx, r.record, s.now())
	if err != nil || found.State != store.RecordSameRequest {
		return nil, nil
	}
	return s.firstAnswer(ctx, r, found)
}

// firstAnswer returns the first answer. It waits up to replayWait for one that
// is not stored yet.
func (s Records) firstAnswer(
	ctx context.Context, r *Request, found store.RecordLookup,
) (*Answer, error) {
	now, waits := s.now(), replayWait
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		switch found.State {
		case store.RecordOtherRequest:
			return nil, errOtherRequest
		case store.RecordExhausted:
			return nil, errExhausted
		case store.RecordSameRequest:
			if found.Answer != nil {
				return s.openAnswer(r, found)
			}
			// The table has this time in whole seconds.
			if now.Sub(found.Ends.Add(-recordLifetime)) > longestRequest {
				return nil, problem.ErrInProgress
			}
		}
		if waits <= 0 || flow.TimeUp(ctx) {
			return nil, problem.ErrInProgress
		}
		if flow.Wait(ctx, wait) != nil {
			return nil, problem.ErrInProgress
		}
		waits -= wait
		var err error
		if found, err = s.Store.LookupRecord(ctx, r.record, now); err != nil {
			return nil, err
		}
	}
}

// sealContext returns the context under which the answer is sealed. It contains
// the request's MAC, so that the answer belongs to this request only.
func (r *Request) sealContext(mac []byte) string {
	return r.record.Scope + "#" + r.record.Key + "#" + string(mac)
}

// openAnswer opens a stored answer. Errors: ErrInProgress if the key that
// sealed it is gone.
func (s Records) openAnswer(r *Request, found store.RecordLookup) (*Answer, error) {
	plain, ok := s.Keys.Open(sealAnswer, r.sealContext(found.MAC), found.Answer)
	if !ok {
		return nil, problem.ErrInProgress
	}
	a := unpack(plain)
	return &a, nil
}

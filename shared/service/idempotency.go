package service

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Idempotency remember the first answer to requests that a client may send again with the same Idempotency-Key.
type Idempotency struct{ *base }

const (
	// recordLifetime is how long a key is remembered.
	recordLifetime = 24 * time.Hour
	// replayWait bounds how long a repetition waits for the answer to the first request.
	replayWait = 3 * time.Second
	// longestRequest is longer than any request takes: an answer that is not there by then will never be.
	longestRequest = time.Minute
	// maxAnswer is the longest answer that is kept, in bytes. An item of the table has room for 400 KB.
	maxAnswer = 300_000
	// maxIdempotencyKey is the longest key, in characters.
	maxIdempotencyKey = 200
)

// Answer is what a request was answered.
type Answer struct {
	Status int
	Type   string // of the body
	Body   []byte
}

// IdempotentRequest is one sending of a request with a key.
type IdempotentRequest struct {
	record *store.IdempotencyRecord
	client Client
}

var (
	errOtherRequest = problem.Conflict("This Idempotency-Key came with another request: send a new request with a new key").For(problem.ReasonKeyReused)
	errSpentKey     = problem.Conflict("This Idempotency-Key came with too many different requests: look whether the first took effect, and use a new key").For(problem.ReasonKeyReused)
)

// Begin looks for the first answer to a request, and returns it, or what Context and End need to run the request. parts are all of the
// request that makes it what it is. Keys belong to whoever holds the token that they came with, and without a token to the network address: other
// tokens and addresses never meet them. So an answer is given to nobody but the holder of the secret that the first request had. Who repeats a
// request is judged and counted as if it came for the first time; see admit. Errors: CodeInvalid for a text that is no key; CodeConflict for a
// key that came with another request, and when the first answer is not known; those of every request.
func (s Idempotency) Begin(ctx context.Context, c Client, key string, parts ...string) (*IdempotentRequest, *Answer, error) {
	if !isIdempotencyKey(key) {
		return nil, nil, problem.Invalid("Idempotency-Key must be 1 to %d visible ASCII characters, such as a random UUID", maxIdempotencyKey)
	}
	now := s.now()
	holder := []string{"source", c.source()}
	if c.Token.ID != "" {
		holder = []string{"token", c.Token.ID, c.Token.Secret}
	} else if c.Service {
		holder[0] = "service"
	}
	scope := base64.RawURLEncoding.EncodeToString(s.Keys.Label("repeat scope", holder...))
	request := append([]string{scope, key}, parts...)
	r := &IdempotentRequest{&store.IdempotencyRecord{
		Scope: scope, Key: key, MAC: s.Keys.MAC("repeat request", request...), Others: s.Keys.MACs("repeat request", request...),
		Run: s.NewID(now), Source: c.source(), Ends: now.Add(recordLifetime),
	}, c}
	found, err := s.Store.LookupRecord(ctx, r.record, now)
	if err != nil {
		return nil, nil, err
	}
	if found.State == store.RecordFree {
		return r, nil, nil
	}
	if err := s.authorizeReplay(ctx, r, found); err != nil {
		return nil, nil, err
	}
	first, err := s.firstAnswer(ctx, r, found)
	return nil, first, err
}

// admit judges and counts whoever repeats a request. A token that does not work any more gets the first answer only from the source that the
// first sending came from, as that may have ended it: so a rotation whose answer was lost is completed. From anywhere else, or with another
// request under the key, a spent one is in wrong hands, which is reported as every use of it. One that was disabled, or is used from where it may not be, gets nothing. Errors: those
// of every request.
func (s Idempotency) authorizeReplay(ctx context.Context, r *IdempotentRequest, found store.RecordLookup) error {
	c := r.client
	if err := s.readCountedBySource(ctx, c); err != nil {
		return err
	}
	if c.Token.ID == "" {
		return nil
	}
	c.replays = found.State == store.RecordSameRequest && found.Source == r.record.Source
	_, err := s.authorizeToken(ctx, c, tenancy.PermissionRead, nil)
	if !c.replays || !errors.Is(err, problem.ErrInvalidToken) {
		return err
	}
	batch := s.Store.Batch()
	token := batch.Token(value.TokenID(c.Token.ID))
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if token.OK {
		batch = s.Store.Batch()
		account := batch.Account(token.Value.Account)
		if err := batch.Get(ctx); err != nil {
			return err
		}
		switch {
		case token.Value.Disabled() || account.Value.Blocked:
			return problem.ErrInvalidToken
		case !token.Value.Networks.Admits(c.Source):
			return tenancy.ErrWrongAddress
		}
	}
	return s.countBySource(ctx, c)
}

// countBySource counts a request whose token works no more for its source: there is no profile that it could count for.
func (s Idempotency) countBySource(ctx context.Context, c Client) error {
	if !s.Rates || c.Rate == nil || c.Rate.Group == plan.RateNone || c.Rate.Group == plan.RateSource {
		return nil
	}
	n := s.newRateCounter(c, "source#"+c.source())
	if err := s.readCounted(ctx, n); err != nil {
		return err
	}
	return n.check("", plan.Free)
}

// isIdempotencyKey accepts visible ASCII: what else a header carries, proxies change.
func isIdempotencyKey(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxIdempotencyKey
}

// Context returns the context to run the request with: its first commit remembers that it was run.
func (s Idempotency) Context(ctx context.Context, r *IdempotentRequest) context.Context {
	return store.WithRecord(ctx, r.record, s.now())
}

// End remembers the answer to a request that has succeeded or has changed something. It returns the answer to another sending, when that was
// first, and else nil: then the own is the one to give. A request that was refused changed nothing: its key stays free, for the same
// request or a better one. Errors: as Begin.
func (s Idempotency) End(ctx context.Context, r *IdempotentRequest, own Answer) (*Answer, error) {
	m := r.record
	switch {
	case m.Taken:
		return s.firstAnswer(ctx, r, m.Found)
	case own.Status >= 500:
		return nil, nil
	case own.Status == 429:
		return nil, nil
	case !m.Set && own.Status >= 400:
		// What it was refused for may be what the first sending has done meanwhile.
		return s.replayIfAuthorized(ctx, r)
	case len(own.Body) > maxAnswer:
		return nil, nil
	}
	kept, err := s.Store.KeepAnswer(ctx, m, s.Keys.Seal("repeat answer", r.sealContext(m.MAC), own.pack()), s.now())
	if err != nil {
		s.Log.WarnContext(ctx, "the answer to a request with an Idempotency-Key was not kept", "error", err.Error())
		return nil, nil
	}
	if kept {
		return nil, nil
	}
	return s.replayOf(ctx, r)
}

// replayIfAuthorized is other for a request that was refused, perhaps before anybody had judged who sends it.
func (s Idempotency) replayIfAuthorized(ctx context.Context, r *IdempotentRequest) (*Answer, error) {
	found, err := s.Store.LookupRecord(ctx, r.record, s.now())
	if err != nil || found.State != store.RecordSameRequest || s.authorizeReplay(ctx, r, found) != nil {
		return nil, nil
	}
	return s.firstAnswer(ctx, r, found)
}

// replayOf returns the answer to another sending of the request, nil when there was none.
func (s Idempotency) replayOf(ctx context.Context, r *IdempotentRequest) (*Answer, error) {
	found, err := s.Store.LookupRecord(ctx, r.record, s.now())
	if err != nil || found.State != store.RecordSameRequest {
		return nil, nil
	}
	return s.firstAnswer(ctx, r, found)
}

// firstAnswer returns the first answer, which it waits for a short while if it is not there yet.
func (s Idempotency) firstAnswer(ctx context.Context, r *IdempotentRequest, found store.RecordLookup) (*Answer, error) {
	now, waits := s.now(), replayWait
	for cooldown := 20 * time.Millisecond; ; cooldown = min(2*cooldown, 500*time.Millisecond) {
		switch found.State {
		case store.RecordOtherRequest:
			return nil, errOtherRequest
		case store.RecordExhausted:
			return nil, errSpentKey
		case store.RecordSameRequest:
			if found.Answer != nil {
				return s.openAnswer(r, found)
			}
			// Its time is cut to seconds in the table.
			if now.Sub(found.Ends.Add(-recordLifetime)) > longestRequest {
				return nil, problem.ErrInProgress
			}
		}
		if waits <= 0 || timeUp(ctx) {
			return nil, problem.ErrInProgress
		}
		t := time.NewTimer(cooldown)
		select {
		case <-t.C:
			waits -= cooldown
		case <-ctx.Done():
			t.Stop()
			return nil, problem.ErrInProgress
		}
		var err error
		if found, err = s.Store.LookupRecord(ctx, r.record, now); err != nil {
			return nil, err
		}
	}
}

// sealContext binds a sealed answer to its request, by the MAC that is kept with it.
func (r *IdempotentRequest) sealContext(mac []byte) string {
	return r.record.Scope + "#" + r.record.Key + "#" + string(mac)
}

func (s Idempotency) openAnswer(r *IdempotentRequest, found store.RecordLookup) (*Answer, error) {
	plain, ok := s.Keys.Open("repeat answer", r.sealContext(found.MAC), found.Answer)
	if !ok {
		return nil, problem.ErrInProgress // sealed under a key that was changed since
	}
	a := unpack(plain)
	return &a, nil
}

// pack writes an answer as its status, the length of its type, its type and its body.
func (a Answer) pack() []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(a.Status))
	out = append(append(out, byte(len(a.Type))), a.Type...)
	return append(out, a.Body...)
}

func unpack(b []byte) Answer {
	rest := b[3:]
	return Answer{Status: int(binary.BigEndian.Uint16(b)), Type: string(rest[:b[2]]), Body: rest[b[2]:]}
}

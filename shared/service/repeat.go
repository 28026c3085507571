package service

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Repeats remember the first answer to requests that a client may send again with the same Idempotency-Key.
type Repeats struct{ *base }

const (
	// repeatLife is how long a key is remembered.
	repeatLife = 24 * time.Hour
	// repeatWait bounds how long a repetition waits for the answer to the first request.
	repeatWait = 3 * time.Second
	// repeatRun is longer than any request takes: an answer that is not there by then will never be.
	repeatRun = time.Minute
	// maxAnswer is the longest answer that is kept, in bytes. An item of the table has room for 400 KB.
	maxAnswer = 300_000
	// maxKey is the longest key, in characters.
	maxKey = 200
)

// Answer is what a request was answered.
type Answer struct {
	Status int
	Type   string // of the body
	Body   []byte
}

// Repeat is one sending of a request with a key.
type Repeat struct {
	mark   *store.Mark
	client Client
}

var (
	errOtherRequest = tenancy.Conflict("This Idempotency-Key came with another request: send a new request with a new key").For(tenancy.ReasonKeyReused)
	errSpentKey     = tenancy.Conflict("This Idempotency-Key came with too many different requests: look whether the first took effect, and use a new key").For(tenancy.ReasonKeyReused)
)

// Begin looks for the first answer to a request, and returns it, or what Context and End need to run the request. parts are all of the
// request that makes it what it is. Keys belong to whoever holds the token that they came with, and without a token to the network address: other
// tokens and addresses never meet them. So an answer is given to nobody but the holder of the secret that the first request had. Who repeats a
// request is judged and counted as if it came for the first time; see admit. Errors: CodeInvalid for a text that is no key; CodeConflict for a
// key that came with another request, and when the first answer is not known; those of every request.
func (s Repeats) Begin(ctx context.Context, c Client, key string, parts ...string) (*Repeat, *Answer, error) {
	if !isKey(key) {
		return nil, nil, tenancy.Invalid("Idempotency-Key must be 1 to %d visible ASCII characters, such as a random UUID", maxKey)
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
	r := &Repeat{&store.Mark{
		Scope: scope, Key: key, MAC: s.Keys.MAC("repeat request", request...), Others: s.Keys.MACs("repeat request", request...),
		Run: s.NewID(now), Source: c.source(), Ends: now.Add(repeatLife),
	}, c}
	found, err := s.Store.Look(ctx, r.mark, now)
	if err != nil {
		return nil, nil, err
	}
	if found.State == store.MarkFree {
		return r, nil, nil
	}
	if err := s.admit(ctx, r, found); err != nil {
		return nil, nil, err
	}
	first, err := s.first(ctx, r, found)
	return nil, first, err
}

// admit judges and counts whoever repeats a request. A token that does not work any more gets the first answer only from the source that the
// first sending came from, as that may have ended it: so a rotation whose answer was lost is completed. From anywhere else, or with another
// request under the key, a spent one is in wrong hands, which is reported as every use of it. One that was disabled, or is used from where it may not be, gets nothing. Errors: those
// of every request.
func (s Repeats) admit(ctx context.Context, r *Repeat, found store.Marked) error {
	c := r.client
	if err := s.fromSource(ctx, c); err != nil {
		return err
	}
	if c.Token.ID == "" {
		return nil
	}
	c.repeats = found.State == store.MarkSame && found.Source == r.mark.Source
	_, err := s.enterAny(ctx, c, tenancy.PermissionRead, nil)
	if !c.repeats || !errors.Is(err, tenancy.ErrInvalidToken) {
		return err
	}
	batch := s.Store.Batch()
	token := batch.Token(tenancy.TokenID(c.Token.ID))
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
			return tenancy.ErrInvalidToken
		case !token.Value.Networks.Admits(c.Source):
			return tenancy.ErrWrongAddress
		}
	}
	return s.countDead(ctx, c)
}

// countDead counts a request whose token works no more for its source: there is no profile that it could count for.
func (s Repeats) countDead(ctx context.Context, c Client) error {
	if !s.Rates || c.Rate == nil || c.Rate.Group == tenancy.RateNone || c.Rate.Group == tenancy.RateSource {
		return nil
	}
	n := s.newCount(c, "source#"+c.source())
	if err := s.counting(ctx, n); err != nil {
		return err
	}
	return n.within("", tenancy.PlanFree)
}

// isKey accepts visible ASCII: what else a header carries, proxies change.
func isKey(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// Context returns the context to run the request with: its first commit remembers that it was run.
func (s Repeats) Context(ctx context.Context, r *Repeat) context.Context {
	return store.WithMark(ctx, r.mark, s.now())
}

// End remembers the answer to a request that has succeeded or has changed something. It returns the answer to another sending, when that was
// first, and else nil: then the own is the one to give. A request that was refused changed nothing: its key stays free, for the same
// request or a better one. Errors: as Begin.
func (s Repeats) End(ctx context.Context, r *Repeat, own Answer) (*Answer, error) {
	m := r.mark
	switch {
	case m.Taken:
		return s.first(ctx, r, m.Found)
	case own.Status >= 500:
		return nil, nil
	case own.Status == 429:
		return nil, nil
	case !m.Set && own.Status >= 400:
		// What it was refused for may be what the first sending has done meanwhile.
		return s.otherIfAdmitted(ctx, r)
	case len(own.Body) > maxAnswer:
		return nil, nil
	}
	kept, err := s.Store.KeepAnswer(ctx, m, s.Keys.Seal("repeat answer", r.context(m.MAC), own.pack()), s.now())
	if err != nil {
		s.Log.WarnContext(ctx, "the answer to a request with an Idempotency-Key was not kept", "error", err.Error())
		return nil, nil
	}
	if kept {
		return nil, nil
	}
	return s.other(ctx, r)
}

// otherIfAdmitted is other for a request that was refused, perhaps before anybody had judged who sends it.
func (s Repeats) otherIfAdmitted(ctx context.Context, r *Repeat) (*Answer, error) {
	found, err := s.Store.Look(ctx, r.mark, s.now())
	if err != nil || found.State != store.MarkSame || s.admit(ctx, r, found) != nil {
		return nil, nil
	}
	return s.first(ctx, r, found)
}

// other returns the answer to another sending of the request, nil when there was none.
func (s Repeats) other(ctx context.Context, r *Repeat) (*Answer, error) {
	found, err := s.Store.Look(ctx, r.mark, s.now())
	if err != nil || found.State != store.MarkSame {
		return nil, nil
	}
	return s.first(ctx, r, found)
}

// first returns the first answer, which it waits for a short while if it is not there yet.
func (s Repeats) first(ctx context.Context, r *Repeat, found store.Marked) (*Answer, error) {
	now, waits := s.now(), repeatWait
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		switch found.State {
		case store.MarkOther:
			return nil, errOtherRequest
		case store.MarkSpent:
			return nil, errSpentKey
		case store.MarkSame:
			if found.Answer != nil {
				return s.open(r, found)
			}
			// Its time is cut to seconds in the table.
			if now.Sub(found.Ends.Add(-repeatLife)) > repeatRun {
				return nil, tenancy.ErrRepeated
			}
		}
		if waits <= 0 || timeUp(ctx) {
			return nil, tenancy.ErrRepeated
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			waits -= pause
		case <-ctx.Done():
			t.Stop()
			return nil, tenancy.ErrRepeated
		}
		var err error
		if found, err = s.Store.Look(ctx, r.mark, now); err != nil {
			return nil, err
		}
	}
}

// context binds a sealed answer to its request, by the MAC that is kept with it.
func (r *Repeat) context(mac []byte) string {
	return r.mark.Scope + "#" + r.mark.Key + "#" + string(mac)
}

func (s Repeats) open(r *Repeat, found store.Marked) (*Answer, error) {
	plain, ok := s.Keys.Open("repeat answer", r.context(found.MAC), found.Answer)
	if !ok {
		return nil, tenancy.ErrRepeated // sealed under a key that was changed since
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

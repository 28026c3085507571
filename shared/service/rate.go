package service

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Rate is a request as rate limits see it: the one who receives it says to which route it goes, and reads afterwards how it was counted.
//
// A request with a token counts for its account within a profile, whichever of the account's tokens sends it: the profile that the path names,
// else the token's own. So no member of a team uses up what another one, or the owner, has. A request for a remedy counts for its token alone: a
// token that was stolen does not use up what revokes it. It is counted beside the reads that authorise it, so it must be known before these whether it may count: a process counts a request when it has
// served this token, secret included, before, and for the profile in the path when the token has reached that before. So ids of tokens, which
// lists show, and ids of profiles use up nobody's limit, and the first request that a process gets with a token is not counted. A request
// without a token counts for its source.
//
// A request that cannot be counted is served: a limit protects the service from load, and a table that has trouble with one item is no
// reason to refuse everybody. The limits of guesses (see attempt) are kept at any price.
type Rate struct {
	Route  string
	Group  plan.RateGroup
	Remedy bool // it takes something from somebody who may not want that

	begun            atomic.Bool // a request is counted once, however often it is decided anew
	limit, remaining int
	reset            time.Duration
}

// Left returns what was left of the limit after the request, and when it begins anew. ok is false for a request that was not counted.
func (r *Rate) Left() (limit, remaining int, reset time.Duration, ok bool) {
	return r.limit, r.remaining, r.reset, r.limit > 0
}

// rateSpan is the window of rate limits. It ends with the minute of the clock. Source: the original documents that a limit hit at 12:45:09
// is free again at 12:46:00.
const rateSpan = time.Minute

// countPatience is how long an answer waits for its count when everything else has been read.
const countPatience = time.Second

// rateCounter is a request being counted. A nil count is that of a request that is not.
type rateCounter struct {
	rate    *Rate
	profile value.ProfileID               // that it counts for
	shared  *store.Found[tenancy.Profile] // the same, where nothing else tells its owner's plan
	window  store.RateWindow
	left    time.Duration // of the window
	n       int           // 0: not counted
}

func (b *base) newRateCounter(c Client, subject string) *rateCounter {
	now := b.now()
	end := rateWindowEnd(now, rateSpan)
	return &rateCounter{rate: c.Rate, window: store.RateWindow{Subject: "rate#" + subject + "#" + c.Rate.Route, End: end}, left: end.Sub(now)}
}

// isCounted reports whether a request is to be counted, and that it is now being.
func (b *base) isCounted(c Client, bySource bool) bool {
	return b.Rates && c.Rate != nil && c.Rate.Group != plan.RateNone && (c.Rate.Group == plan.RateSource) == bySource &&
		c.Rate.begun.CompareAndSwap(false, true)
}

// profileCounter prepares to count a request with a token for a profile, or for the token's own if it has not reached that one: so whoever asks
// for one profile after another that it may not see is limited as well. It returns nil if the request does not count. batch gets what tells the
// plan of a profile that is shared with the caller.
func (b *base) profileCounter(c Client, guess lastSeen, p value.ProfileID, batch *store.Batch) *rateCounter {
	if !b.isCounted(c, false) || !c.Token.Matches(guess.hash) {
		return nil
	}
	if !b.memory.reached(value.TokenID(c.Token.ID), p) {
		p = guess.profile
	}
	subject := string(p) + "#" + string(guess.account)
	if c.Rate.Remedy {
		subject += "#" + c.Token.ID
	}
	n := b.newRateCounter(c, subject)
	n.profile = p
	if p == guess.profile && !guess.own {
		n.shared = batch.Profile(p)
	}
	return n
}

// readCounted counts beside reads and returns the first error of those.
func (b *base) readCounted(ctx context.Context, c *rateCounter, reads ...func(context.Context) error) error {
	switch {
	case c == nil && len(reads) == 1:
		return reads[0](ctx)
	case c == nil:
		return parallel(ctx, reads...)
	}
	type result struct {
		n   int
		err error
	}
	limited, stop := context.WithCancel(ctx)
	defer stop()
	counted := make(chan result, 1)
	go func() {
		n, err := b.Store.Count(limited, c.window)
		counted <- result{n, err}
	}()
	if err := parallel(ctx, reads...); err != nil {
		return err
	}
	late := time.NewTimer(countPatience)
	defer late.Stop()
	got := result{err: errLate}
	select {
	case got = <-counted:
	case <-late.C:
	}
	if got.err != nil {
		b.Log.Warn("a request was not counted", "operation", c.rate.Route, "error", got.err.Error())
		return nil
	}
	c.n = got.n
	return nil
}

var errLate = errors.New("counting takes too long")

// checkProfile refuses (CodeTooMany) a request for a profile that has used up its limit.
func (c *rateCounter) checkProfile(p tenancy.Profile) error { return c.check(p.ID, p.Plan) }

// checkToken is of for the token's own profile. grant is that of the token's account on it.
func (c *rateCounter) checkToken(t tenancy.Token, a tenancy.Account, g tenancy.Grant) error {
	switch {
	case c == nil:
		return nil
	case g.Own():
		return c.check(t.Profile, a.Plan)
	case c.shared != nil && c.shared.OK:
		return c.check(t.Profile, c.shared.Value.Plan)
	}
	return nil
}

// check judges the count. One for another profile than the request turned out to be about decides nothing: it is the first one that reaches
// that profile from here, or the token was moved meanwhile.
func (c *rateCounter) check(p value.ProfileID, chosen plan.Plan) error {
	if c == nil || c.n < 1 || c.profile != p {
		return nil
	}
	limit := c.rate.Group.PerMinute(chosen)
	c.rate.limit, c.rate.remaining, c.rate.reset = limit, max(limit-c.n, 0), c.left
	if c.n > limit {
		return problem.TooMany(c.left).With("limit", limit)
	}
	return nil
}

// readCountedBySource reads while the request counts for its source, and refuses (CodeTooMany) one above the limit of that.
func (b *base) readCountedBySource(ctx context.Context, c Client, reads ...func(context.Context) error) error {
	if !b.isCounted(c, true) {
		return b.readCounted(ctx, nil, reads...)
	}
	n := b.newRateCounter(c, "source#"+c.source())
	if err := b.readCounted(ctx, n, reads...); err != nil {
		return err
	}
	return n.check("", plan.Free)
}

package access

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"profiles/shared/flow"
	"profiles/shared/metric"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Rate is the rate limit of a request. The caller sets the route, and can read
// afterwards how the request was counted.
//
// A request with a token counts for the token's account in a profile: the one
// that the path names, or else the token's own. All tokens of the account count
// together. A request with a session counts for its account in the profile that
// the path names, or else for its account without a profile. So a member of a
// team cannot use up the limit of another member or of the owner. A Remedy
// request counts for its own token or session only, so that a stolen token
// cannot use up the limit of the request that revokes it. A request without a
// token or session, or whose token or session is found invalid, counts for its
// source.
//
// A request is counted at the same time as the reads that authorize it, so that
// a process must decide before these reads whether to count it. It counts a
// request if it has admitted the same token or session with the same secret
// before, and for the profile in the path if the token has reached that profile
// before. So nobody can use up the limit of others by ids of tokens, sessions
// or profiles, which lists show. The first request of a token in a process is
// not counted.
//
// A process remembers the windows that it has seen full, and refuses further
// requests of such a window without counting them.
//
// If counting fails, the request is served: the limit protects the service from
// load, and trouble with one item of the table is no reason to refuse all
// requests. Password attempts are the opposite (see passwordAttempt): they are
// refused if they cannot be counted.
type Rate struct {
	Route  string
	Group  plan.RateGroup
	Remedy bool // the request revokes or removes a credential or a right

	begun            atomic.Bool // a request is counted once, also if it is retried
	limit, remaining int
	reset            time.Duration
}

// Left returns the limit, what was left of it after the request, and the time
// until it resets. ok is false if the request was not counted.
func (r *Rate) Left() (limit, remaining int, reset time.Duration, ok bool) {
	return r.limit, r.remaining, r.reset, r.limit > 0
}

// rateSpan is the window of rate limits. It ends with the minute of the clock.
// Source: the original documents that a limit hit at 12:45:09 is free again at
// 12:46:00.
const rateSpan = time.Minute

// countPatience is how long an answer waits for the count after all reads are
// done, unless the configuration has another time. A partition of the table
// counts 1,000 requests a second, and requests above that do not wait for their
// turn.
const countPatience = 40 * time.Millisecond

// rateCounter is the counting of a request. It is nil for a request that is not
// counted.
type rateCounter struct {
	rate    *Rate
	profile value.ProfileID               // the profile that the request counts for
	shared  *store.Found[tenancy.Profile] // the same, read if its plan is not known otherwise
	window  store.RateWindow
	full    *windowMemory // of the process
	left    time.Duration // of the window
	n       int           // 0: not counted
}

func (x *Access) newRateCounter(c Client, subject string) *rateCounter {
	now := x.now()
	end := store.WindowEnd(now, rateSpan)
	window := store.RateWindow{Subject: "rate#" + subject + "#" + c.Rate.Route, End: end}
	return &rateCounter{rate: c.Rate, window: window, full: x.full, left: end.Sub(now)}
}

// startCount reports whether to count a request. It returns true only once for
// a request.
func (x *Access) startCount(c Client, bySource bool) bool {
	return x.config.Rates && c.Rate != nil && c.Rate.Group != plan.RateNone &&
		c.Rate.Group.BySource() == bySource &&
		c.Rate.begun.CompareAndSwap(false, true)
}

// profileCounter returns the counter of a request with a token for a profile.
// If the token has not reached this profile before, the request counts for the
// token's own, which also limits a client that tries the ids of profiles. It
// returns nil if the request is not counted. For a profile that is shared with
// the caller, it adds the read of the profile's plan to batch.
func (x *Access) profileCounter(
	c Client, guess lastSeen, p value.ProfileID, batch *store.Batch,
) *rateCounter {
	if !x.startCount(c, false) || !guess.known() {
		return nil
	}
	if !x.memory.reached(value.TokenID(c.Token.ID), p) {
		p = guess.profile
	}
	subject := string(p) + "#" + string(guess.account)
	if c.Rate.Remedy {
		subject += "#" + c.Token.ID
	}
	n := x.newRateCounter(c, subject)
	n.profile = p
	if p == guess.profile && !guess.own {
		n.shared = batch.Profile(p)
	}
	return n
}

var errLate = errors.New("counting takes too long")

// readCounted runs reads while the request is counted, and returns the first
// error of the reads.
func (x *Access) readCounted(
	ctx context.Context, c *rateCounter, reads ...func(context.Context) error,
) error {
	switch {
	case c == nil && len(reads) == 1:
		return reads[0](ctx)
	case c == nil:
		return flow.Parallel(ctx, reads...)
	}
	if n := x.full.get(c.window); n > 0 {
		c.n = n
		return flow.Parallel(ctx, reads...)
	}
	type result struct {
		n   int
		err error
	}
	limited, stop := context.WithCancel(ctx)
	defer stop()
	counted := make(chan result, 1)
	go func() {
		n, err := x.config.Store.Count(limited, c.window)
		counted <- result{n, err}
	}()
	if err := flow.Parallel(ctx, reads...); err != nil {
		return err
	}
	late := time.NewTimer(x.config.CountPatience)
	defer late.Stop()
	got := result{err: errLate}
	select {
	case got = <-counted:
	case <-late.C:
	}
	if got.err != nil {
		metric.Add(ctx, metric.RateUncounted, 1)
		x.config.Log.WarnContext(ctx, "a request was not counted", "error", got.err.Error())
		return nil
	}
	c.n = got.n
	return nil
}

// charge is the limit of a request: that of a profile and its plan, or without
// a profile, and with plan.Free, that of a source.
type charge struct {
	profile value.ProfileID
	plan    plan.Plan
}

// bySource is the charge of a request that is counted for its source.
var bySource = charge{plan: plan.Free}

// check refuses (CodeTooMany) a request above its limit. It does nothing if the
// request was counted for another profile than that of the charge: this process
// has not reached that profile before, or the token was moved meanwhile.
func (c *rateCounter) check(to charge) error {
	if c == nil || c.n < 1 || c.profile != to.profile {
		return nil
	}
	limit := c.rate.Group.PerMinute(to.plan)
	c.rate.limit, c.rate.remaining, c.rate.reset = limit, max(limit-c.n, 0), c.left
	if c.n > limit {
		c.full.put(c.window, c.n)
		return problem.TooMany(c.left).With("limit", limit)
	}
	c.full.put(c.window, 0) // the plan may allow more than before
	return nil
}

// CountBySource runs reads while the request is counted for its source. Errors:
// those of the reads; CodeTooMany for a request above the limit of its source.
func (x *Access) CountBySource(
	ctx context.Context, c Client, reads ...func(context.Context) error,
) error {
	if !x.startCount(c, true) {
		return x.readCounted(ctx, nil, reads...)
	}
	return x.countSource(ctx, c, reads...)
}

// countRefused counts a request with an invalid token or session for its
// source. It counts only where a request with a valid token would be counted.
// Errors: CodeTooMany above the limit of the source.
func (x *Access) countRefused(ctx context.Context, c Client) error {
	if !x.config.Rates || c.Token.ID == "" || c.Rate == nil ||
		c.Rate.Group == plan.RateNone || c.Rate.Group.BySource() {
		return nil
	}
	return x.countSource(ctx, c)
}

// countSource is CountBySource for a request of any group.
func (x *Access) countSource(
	ctx context.Context, c Client, reads ...func(context.Context) error,
) error {
	n := x.newRateCounter(c, "source#"+c.Fingerprint())
	if err := x.readCounted(ctx, n, reads...); err != nil {
		return err
	}
	return n.check(bySource)
}

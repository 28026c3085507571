package access

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"profiles/shared/flow"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Rate is a request as rate limits see it. The receiver of the request says to
// which route it goes, and reads afterwards how it was counted.
//
// A request with a token counts for its account within a profile, whichever of
// the account's tokens sends it: the profile that the path names, else the
// token's own. One with a session counts for its account within the profile
// that the path names, else for its account in no profile, which a session has
// none of. So no member of a team uses up the limit of another member, or of
// the owner. A request for a remedy counts for its token or session alone: a
// stolen one does not use up the limit of the request that revokes it. A
// request without a token or session counts for its source, and so does one
// that these do not admit, once they are known to be wrong.
//
// A request is counted beside the reads that authorize it, so it must be known
// before these whether it may count. A process counts a request when it has
// served this token or session, secret included, before, and for the profile in
// the path when that was reached before. So ids of tokens and sessions, which
// lists show, and ids of profiles use up nobody's limit, and the first request
// that a process gets with one is not counted.
//
// A request that cannot be counted is served: a limit protects the service from
// load, and a table that has trouble with one item is no reason to refuse every
// request. The limits of guesses (see passwordAttempt) are kept at any price.
type Rate struct {
	Route  string
	Group  plan.RateGroup
	Remedy bool // it takes something from somebody who may not want that

	begun            atomic.Bool // a request is counted once, however often it is decided anew
	limit, remaining int
	reset            time.Duration
}

// Left returns the part of the limit that was left after the request, and the
// time until the limit resets. ok is false for a request that was not counted.
func (r *Rate) Left() (limit, remaining int, reset time.Duration, ok bool) {
	return r.limit, r.remaining, r.reset, r.limit > 0
}

// rateSpan is the window of rate limits. It ends with the minute of the clock.
// Source: the original documents that a limit hit at 12:45:09 is free again at
// 12:46:00.
const rateSpan = time.Minute

// countPatience is how long an answer waits for its count when everything else
// has been read.
const countPatience = time.Second

// rateCounter is a request that is being counted. A nil counter is that of a
// request that is not.
type rateCounter struct {
	rate    *Rate
	profile value.ProfileID               // that it counts for
	shared  *store.Found[tenancy.Profile] // the same, where nothing else tells its owner's plan
	window  store.RateWindow
	left    time.Duration // of the window
	n       int           // 0: not counted
}

func (x *Access) newRateCounter(c Client, subject string) *rateCounter {
	now := x.now()
	end := store.WindowEnd(now, rateSpan)
	window := store.RateWindow{Subject: "rate#" + subject + "#" + c.Rate.Route, End: end}
	return &rateCounter{rate: c.Rate, window: window, left: end.Sub(now)}
}

// startCount reports whether a request is to be counted, and remembers that its
// count has begun.
func (x *Access) startCount(c Client, bySource bool) bool {
	return x.config.Rates && c.Rate != nil && c.Rate.Group != plan.RateNone &&
		c.Rate.Group.BySource() == bySource &&
		c.Rate.begun.CompareAndSwap(false, true)
}

// profileCounter prepares to count a request with a token for a profile, or for
// the token's own if it has not reached that profile: so a client that asks for
// one profile after another that it may not see is limited as well. It returns
// nil if the request does not count. batch gets the read that tells the plan of
// a profile that is shared with the caller.
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

// readCounted counts beside reads and returns the first error of those.
func (x *Access) readCounted(
	ctx context.Context, c *rateCounter, reads ...func(context.Context) error,
) error {
	switch {
	case c == nil && len(reads) == 1:
		return reads[0](ctx)
	case c == nil:
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
	late := time.NewTimer(countPatience)
	defer late.Stop()
	got := result{err: errLate}
	select {
	case got = <-counted:
	case <-late.C:
	}
	if got.err != nil {
		x.config.Log.Warn("a request was not counted",
			"operation", c.rate.Route, "error", got.err.Error())
		return nil
	}
	c.n = got.n
	return nil
}

// charge names the limit that a request counts against: that of a profile with
// its plan, or of a source for plan.Free without a profile.
type charge struct {
	profile value.ProfileID
	plan    plan.Plan
}

// bySource is the charge of a request that counts for its source.
var bySource = charge{plan: plan.Free}

// check refuses (CodeTooMany) a request above its limit. A count for another
// profile than the charge decides nothing: it is the first request that reaches
// that profile from here, or the token was moved meanwhile.
func (c *rateCounter) check(to charge) error {
	if c == nil || c.n < 1 || c.profile != to.profile {
		return nil
	}
	limit := c.rate.Group.PerMinute(to.plan)
	c.rate.limit, c.rate.remaining, c.rate.reset = limit, max(limit-c.n, 0), c.left
	if c.n > limit {
		return problem.TooMany(c.left).With("limit", limit)
	}
	return nil
}

// CountBySource runs reads while the request counts for its source. Errors:
// those of the reads; CodeTooMany for a request above the limit of its source.
func (x *Access) CountBySource(
	ctx context.Context, c Client, reads ...func(context.Context) error,
) error {
	if !x.startCount(c, true) {
		return x.readCounted(ctx, nil, reads...)
	}
	return x.countSource(ctx, c, reads...)
}

// countRefused counts a request whose token or session does not admit it for
// its source, as there is nobody else whose request it is. It counts where one
// with a good token would. Errors: CodeTooMany.
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

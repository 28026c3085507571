package subscriptions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// linesInCommit is how many lines one commit counts beside what else it writes.
// Each alert of the profile takes the place of writesOfAlert of them: it may be
// reached, with an audit entry, a mail and a notification.
const (
	linesInCommit = 66
	writesOfAlert = 3
)

// report is the work on one report.
type report struct {
	Usage
	client  access.Client
	id      value.ProfileID
	left    []billing.UsageLine
	answers map[string]billing.UsageAnswer // by event
	*metered
	// claim is under which the lines that are counted next are claimed. It is
	// zero if none are.
	claim billing.Claim
	// waited is how often the report has waited for the claims of others.
	waited map[billing.Receipt]int
	// replaced is the version of the usage that the report has tried to replace
	// last, and outrun how often it had changed at the next try.
	replaced int64
	outrun   int
	// held is until when the report holds the usage; zero if it does not.
	held time.Time
	// yielded is how often it has waited for the one that holds the usage until
	// yieldedTo.
	yielded   int
	yieldedTo time.Time
	renewed   bool // the owner's subscription
}

// metered is a profile with what it has used.
type metered struct {
	profile tenancy.Profile
	usage   billing.Usage
	// known are the answers to events of the report that were given before.
	known map[string]billing.UsageAnswer
	// claimed are the answers to events whose claim is not counted: that of the
	// report, or one that is never counted any more.
	claimed map[string]billing.UsageAnswer
	late    bool // the usage is as it was a moment ago
}

// Report counts what a data plane has seen a profile use, and answers each
// line: admitted, or blocked because it exceeds the profile's limit. Admitted
// usage never exceeds the limit, however many report at once. An event counts
// once in 35 days, and a repetition gets the first answer. The owner is
// notified of 80, 90 and 100 per cent, once in a cycle and for a limit. Errors:
// ErrNoToken, ErrInvalidToken; CodeForbidden for customers' tokens and for read
// tokens; CodeNotFound for a profile that does not exist; those of ParseReport;
// CodeConflict for an event that is known of another line (see
// UsageLine.Repeats), and when too many report at once.
func (s Usage) Report(
	ctx context.Context,
	c access.Client,
	id value.ProfileID,
	reported []billing.ReportedLine,
) ([]billing.UsageAnswer, error) {
	lines, err := billing.ParseReport(reported, s.Instant())
	if err != nil {
		return nil, err
	}
	r := &report{
		Usage: s, client: c, id: id, left: distinct(lines),
		answers: map[string]billing.UsageAnswer{}, waited: map[billing.Receipt]int{},
	}
	for first := true; first || len(r.left) > 0; first = false {
		_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
			err := r.step(ctx)
			if err != nil {
				r.metered = nil
			}
			return struct{}{}, err
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]billing.UsageAnswer, len(lines))
	for i, line := range lines {
		out[i] = r.answers[line.Event]
	}
	return out, nil
}

// distinct keeps the first line of each event.
func distinct(lines []billing.UsageLine) (out []billing.UsageLine) {
	seen := map[string]bool{}
	for _, line := range lines {
		if !seen[line.Event] {
			out = append(out, line)
		}
		seen[line.Event] = true
	}
	return out
}

// step reads what there is, unless it is known, and deals with as many lines as
// one commit may count.
func (r *report) step(ctx context.Context) error {
	if r.metered == nil {
		if err := r.read(ctx); err != nil {
			return err
		}
	}
	if now := r.Instant(); r.profile.Outdated(now) {
		// The allocations up to now are not paid for from now on.
		if r.renewed {
			// The account is deleted, and its profiles are deleted next.
			return problem.NotFound("Profile")
		}
		if err := r.billing.renewDue(ctx, r.client.Origin(), r.profile.Owner, now); err != nil {
			return err
		}
		r.renewed = true
		return problem.ErrConflict
	}
	return r.count(ctx)
}

// read authorizes the data plane, and beside that reads the profile, its usage
// and what is known of the events. It fails with problem.ErrConflict while
// somebody else may yet count one of them.
func (r *report) read(ctx context.Context) error {
	batch, events := r.Store.Batch(), r.Store.Batch()
	profile, usage := batch.Profile(r.id), batch.Usage(r.id)
	found := map[string]*store.Found[billing.UsageAnswer]{}
	for _, line := range r.left {
		found[line.Event] = events.UsageEvent(r.id, line.Event)
	}
	if err := r.beside(ctx, r.client, batch.Get, events.Get); err != nil {
		return err
	}
	if !profile.OK {
		return problem.NotFound("Profile")
	}
	r.metered = &metered{
		profile.Value, usage.Value,
		map[string]billing.UsageAnswer{}, map[string]billing.UsageAnswer{}, false,
	}
	var claims []billing.Claim
	for _, line := range r.left {
		if f := found[line.Event]; f.OK {
			if err := line.Repeats(f.Value); err != nil {
				return err
			}
			claims = append(claims, f.Value.Claim)
		}
	}
	fates, err := r.fates(ctx, claims)
	if err != nil {
		return err
	}
	for event, f := range found {
		a := f.Value
		a.Event = event
		switch {
		case !f.OK:
		case fates[a.Claim] == counted:
			a.Claim = billing.Claim{}
			r.known[event] = a
		default:
			r.claimed[event] = a
		}
	}
	return r.await(ctx, fates)
}

// next returns the lines that the next commit counts, and how many of those
// that are left are dealt with then.
func (r *report) next() (fresh []billing.UsageLine, n int) {
	most := linesInCommit - writesOfAlert*len(r.profile.Alerts)
	for _, line := range r.left {
		if known, ok := r.known[line.Event]; ok {
			r.answers[line.Event] = known
		} else if len(fresh) < most {
			fresh = append(fresh, line)
		} else {
			break
		}
		n++
	}
	return fresh, n
}

// countAttempts is how often a report tries to count its lines from what one
// read and the answers to its tries say.
const countAttempts = 64

// errAgain means that the usage has changed since it was read, and is known as
// it is now. It is problem.ErrConflict for callers.
var errAgain = fmt.Errorf("decide again: %w", problem.ErrConflict)

// count commits the first lines of those that are left.
func (r *report) count(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		n, err := r.try(ctx)
		switch {
		case err == nil:
			r.left, r.claim = r.left[n:], billing.Claim{}
			return nil
		case attempt >= countAttempts || flow.TimeUp(ctx):
			return err
		case errors.Is(err, errAgain):
		case errors.Is(err, store.ErrBusy):
			if err := flow.Pause(ctx, pace(attempt)); err != nil {
				return err
			}
			if err := r.again(ctx, true); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// try commits the first lines of those that are left, as many as it returns.
// Errors: errAgain, store.ErrBusy, with which it may be called again; those of
// Report.
func (r *report) try(ctx context.Context) (int, error) {
	now := r.Instant()
	if now.Before(r.usage.Suspended) || r.yields(now) {
		return 0, problem.ErrConflict
	}
	fresh, n := r.next()
	if len(fresh) == 0 {
		return n, nil
	}
	update := r.usage.Apply(r.profile.Quota(), fresh, now)
	switch {
	case r.late && !update.OnlyAdds():
		if err := r.again(ctx, false); err != nil {
			return 0, err
		}
		return 0, errAgain
	case update.Absolute && r.hold(ctx, now):
		return 0, problem.ErrConflict
	}
	return n, r.store(ctx, fresh, update, now)
}

// pace is the longest pause after an attempt that was one of too many. Those
// that have waited long try often, so that nobody waits much longer than
// others.
func pace(attempt int) time.Duration {
	return max(340*time.Millisecond/time.Duration(attempt*attempt), 15*time.Millisecond)
}

// again reads the usage again, as it was a moment ago if that is enough to add
// to it.
func (r *report) again(ctx context.Context, late bool) error {
	batch := r.Store.Batch()
	if late {
		batch.Late()
	}
	usage := batch.Usage(r.id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if !usage.OK {
		return problem.ErrConflict
	}
	r.usage, r.late = usage.Value, late
	return nil
}

// store stores the result of lines. Whether a report is a repetition is known
// by its events, also when it takes several writes.
func (r *report) store(
	ctx context.Context, lines []billing.UsageLine, t billing.UsageUpdate, now time.Time,
) error {
	switch {
	case !t.ChangesUse():
		return r.answer(ctx, answered{lines, t.Answers}, now)
	case t.OnlyAdds():
		return r.add(ctx, lines, t, now)
	}
	over := map[string]billing.Receipt{}
	for event, a := range r.claimed {
		over[event] = a.Claim.Receipt
	}
	tx := r.Store.Begin()
	tx.Report(r.profile, lines, t, over, now)
	if err := r.billing.announce(ctx, tx, r.profile, t, now); err != nil {
		return err
	}
	if err := tx.CommitAside(ctx, r.client.Origin()); err != nil {
		return err
	}
	r.usage = t.After
	for _, a := range t.Answers {
		r.answers[a.Event] = a
	}
	return nil
}

// holdTime is how long a report holds the usage at most. It replaces it long
// before.
const holdTime = 250 * time.Millisecond

// hold makes others wait before this report replaces the usage, if they have
// changed it twice before it could: on a busy profile it would otherwise never
// be as it was read.
func (r *report) hold(ctx context.Context, now time.Time) (held bool) {
	changed := r.replaced != 0 && r.replaced != r.usage.Version
	if r.replaced = r.usage.Version; changed {
		r.outrun++
	}
	if !changed || r.outrun%2 != 0 {
		return false
	}
	until := now.Add(holdTime).Truncate(time.Millisecond)
	held, err := r.Store.HoldUse(ctx, r.id, until, now)
	if err != nil {
		r.Log.WarnContext(ctx, "others do not wait for a report",
			"profile", r.id, "error", err.Error())
	}
	if held {
		r.held = until
	}
	return held
}

// yieldsMost is how often a report waits for one that holds the usage. With the
// pauses of flow.RetryOnConflict that is longer than a commit takes, and then
// that one has ended half-way.
const yieldsMost = 6

// yields reports whether the report waits for another one that holds the usage.
func (r *report) yields(now time.Time) bool {
	if !now.Before(r.usage.Held) || r.usage.Held.Equal(r.held) {
		return false
	}
	if !r.yieldedTo.Equal(r.usage.Held) {
		r.yielded, r.yieldedTo = 0, r.usage.Held
	}
	r.yielded++
	return r.yielded <= yieldsMost
}

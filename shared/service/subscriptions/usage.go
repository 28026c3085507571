package subscriptions

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Usage are the operations on what profiles use: data planes report it, people
// read it.
type Usage struct {
	*core.Base
	billing Service
}

// NewUsage returns the operations on use.
func NewUsage(on *core.Base, billing Service) Usage { return Usage{on, billing} }

// linesInCommit is how many lines one commit counts beside what else it writes.
// Each alert of the profile takes the place of writesOfAlert of them: it may be
// reached, with an audit entry, a mail and a notification.
const (
	linesInCommit = 66
	writesOfAlert = 3
)

// metered is a profile with what it has used.
type metered struct {
	profile tenancy.Profile
	usage   billing.Usage
	known   map[string]billing.UsageAnswer // answers to events of the report that were given before
}

// read authorizes a data plane, and beside that reads a profile, its usage and
// what is known of events.
func (s Usage) read(
	ctx context.Context,
	c access.Client,
	id value.ProfileID,
	lines []billing.UsageLine,
) (*metered, error) {
	batch, events := s.Store.Batch(), s.Store.Batch()
	profile, usage := batch.Profile(id), batch.Usage(id)
	found := map[string]*store.Found[billing.UsageAnswer]{}
	for _, line := range lines {
		found[line.Event] = events.UsageEvent(id, line.Event)
	}
	if err := flow.Parallel(ctx, batch.Get, events.Get, func(ctx context.Context) error {
		return s.Access.AuthorizeService(ctx, c)
	}); err != nil {
		return nil, err
	}
	if !profile.OK {
		return nil, problem.NotFound("Profile")
	}
	m := &metered{profile.Value, usage.Value, map[string]billing.UsageAnswer{}}
	for event, f := range found {
		if f.OK {
			f.Value.Event = event
			m.known[event] = f.Value
		}
	}
	return m, nil
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
	answers := map[string]billing.UsageAnswer{}
	left := distinct(lines)
	var m *metered
	renewed := false // the owner's subscription
	for first := true; first || len(left) > 0; first = false {
		_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
			if m == nil {
				var err error
				if m, err = s.read(ctx, c, id, left); err != nil {
					return struct{}{}, err
				}
				for _, line := range left {
					if known, ok := m.known[line.Event]; ok {
						if err := line.Repeats(known); err != nil {
							return struct{}{}, err
						}
					}
				}
			}
			if now := s.Instant(); m.profile.Outdated(now) {
				// The allocations up to now are not paid for from now on.
				owner := m.profile.Owner
				m = nil
				if renewed {
					// The account is deleted, and its profiles are deleted
					// next.
					return struct{}{}, problem.NotFound("Profile")
				}
				if err := s.billing.renewDue(ctx, c.Origin(), owner, now); err != nil {
					return struct{}{}, err
				}
				renewed = true
				return struct{}{}, problem.ErrConflict
			}
			if s.Instant().Before(m.usage.Suspended) {
				m = nil
				return struct{}{}, problem.ErrConflict
			}
			n, err := s.count(ctx, c, m, left, answers)
			if err != nil {
				m = nil
				return struct{}{}, err
			}
			left = left[n:]
			return struct{}{}, nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]billing.UsageAnswer, len(lines))
	for i, line := range lines {
		out[i] = answers[line.Event]
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

// count commits the first lines of those that are left, and returns how many it
// has dealt with.
func (s Usage) count(
	ctx context.Context,
	c access.Client,
	m *metered,
	left []billing.UsageLine,
	answers map[string]billing.UsageAnswer,
) (int, error) {
	now := s.Instant()
	var fresh []billing.UsageLine
	most := linesInCommit - writesOfAlert*len(m.profile.Alerts)
	n := 0
	for _, line := range left {
		if known, ok := m.known[line.Event]; ok {
			answers[line.Event] = known
		} else if len(fresh) < most {
			fresh = append(fresh, line)
		} else {
			break
		}
		n++
	}
	if len(fresh) == 0 {
		return n, nil
	}
	update := m.usage.Apply(m.profile.Quota(), fresh, now)
	if err := s.store(ctx, c, m.profile, fresh, update, now); err != nil {
		return 0, err
	}
	m.usage = update.After
	for _, a := range update.Answers {
		answers[a.Event] = a
	}
	return n, nil
}

// store stores the result of lines. Whether a report is a repetition is known
// by its events, also when it takes several writes.
func (s Usage) store(
	ctx context.Context,
	c access.Client,
	p tenancy.Profile,
	lines []billing.UsageLine,
	t billing.UsageUpdate,
	now time.Time,
) error {
	if !t.ChangesUse() {
		return s.answer(ctx, p.ID, lines, t.Answers, now)
	}
	tx := s.Store.Begin()
	tx.Report(p, lines, t, now)
	if err := s.billing.announce(ctx, tx, p, t, now); err != nil {
		return err
	}
	return tx.CommitAside(ctx, c.Origin())
}

// answersAtOnce is how many answers are stored at the same time.
const answersAtOnce = 25

// answer stores answers that change no use, each by itself: they do not depend
// on each other.
func (s Usage) answer(
	ctx context.Context,
	p value.ProfileID,
	lines []billing.UsageLine,
	answers []billing.UsageAnswer,
	now time.Time,
) error {
	for first := 0; first < len(lines); first += answersAtOnce {
		var writes []func(context.Context) error
		for i := first; i < min(first+answersAtOnce, len(lines)); i++ {
			writes = append(writes, func(ctx context.Context) error {
				return s.Store.Answer(ctx, p, lines[i], answers[i], now)
			})
		}
		if err := flow.Parallel(ctx, writes...); err != nil {
			return err
		}
	}
	return nil
}

// Metered is what a profile may use and has used, as things stand.
type Metered struct {
	Profile tenancy.Profile
	Usage   billing.Usage
	Reset   time.Time // when counters begin again
}

// Check returns what a profile has used and what of it is blocked, for a data
// plane. Errors: ErrNoToken, ErrInvalidToken; CodeForbidden for customers'
// tokens; CodeNotFound for a profile that does not exist.
func (s Usage) Check(ctx context.Context, c access.Client, id value.ProfileID) (Metered, error) {
	m, err := s.read(ctx, c, id, nil)
	if err != nil {
		return Metered{}, err
	}
	now := s.Instant()
	quota := m.profile.Quota()
	return Metered{m.profile, m.usage.Now(quota, now), quota.Cycle(now).End}, nil
}

// Statistics returns what a profile had used at the end of each bucket of a
// span: running totals of the cycle for counters, levels as they were. Errors:
// those of every request to a profile; CodeInvalid naming the parameter.
func (s Usage) Statistics(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	q billing.StatisticsQuery,
) ([]billing.Statistic, error) {
	now := s.Instant()
	buckets, err := q.Buckets(now)
	if err != nil {
		return nil, err
	}
	var hours []billing.Usage
	var usage *store.Found[billing.Usage]
	history := func(id value.ProfileID) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			hours, err = s.hours(ctx, id, buckets, now)
			return err
		}
	}
	var r access.Rights
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		r, err = s.Access.AuthorizeProfile(
			ctx,
			c,
			ref,
			func(b *store.Batch) {
				if !ref.Current {
					usage = b.Usage(ref.ID)
				}
			},
		)
		return err
	}}
	// Read beside the authorization, and dropped if that fails.
	if !ref.Current {
		reads = append(reads, history(ref.ID))
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return nil, err
	}
	if ref.Current {
		batch := s.Store.Batch()
		usage = batch.Usage(r.Profile.ID)
		if err := flow.Parallel(ctx, batch.Get, history(r.Profile.ID)); err != nil {
			return nil, err
		}
	}
	if usage.OK {
		hours = append(hours, usage.Value)
	}
	return billing.Statistics(r.Profile.Quota(), hours, buckets, now), nil
}

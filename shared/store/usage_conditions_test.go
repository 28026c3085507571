package store_test

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
)

func usageEventConditions(s situation) map[string][]condition {
	all := map[string][]condition{
		"Report":          reports(s),
		"Report a level":  levels(s),
		"Report in time":  times(s),
		"Report and tell": profiles(s),
	}
	for _, service := range plan.Services() {
		all["Report of "+service.String()] = append(additions(s, service), alerts(s, service)...)
	}
	return all
}

// usageUpdate applies lines to a use that was read, of the profile at a
// version.
func (s situation) usageUpdate(
	version int64,
	u billing.Usage,
	now time.Time,
	lines ...billing.UsageLine,
) billing.UsageUpdate {
	return u.Apply(at(s.profile, version).Quota(), lines, now)
}

// report is a report of whoever has read that use, and that version of the
// profile.
func (s situation) report(
	version int64,
	u billing.Usage,
	now time.Time,
	lines ...billing.UsageLine,
) step {
	t := s.usageUpdate(version, u, now, lines...)
	return func(tx *store.Tx) { tx.Report(at(s.profile, version), lines, t, nil, now) }
}

// begin is the first report, of half of what there is; begun is the use after
// it, as everybody reads it.
func (s situation) begin(tx *store.Tx) { s.report(0, billing.Usage{}, s.now, s.half()...)(tx) }

func (s situation) begun() billing.Usage {
	return s.usageUpdate(0, billing.Usage{}, s.now, s.half()...).After
}

func (s situation) half() (lines []billing.UsageLine) {
	for _, service := range plan.Services() {
		lines = append(lines, line(service, s.parts(service, 50), "begin "+service.String()))
	}
	return lines
}

// parts are a part of a limit, as it is counted.
func (s situation) parts(service plan.Service, percent int64) int64 {
	return limitOf(service) * service.Parts() * percent / 100
}

// after prepares a profile of which some use was reported, and then what others
// did whom the step does not know of.
func (s situation) after(others ...step) steps {
	return append(steps{s.createProfile, s.begin}, others...)
}

// next is the report of somebody else, who has read what there is after begin.
// Others are only as many.
func (s situation) next(lines ...billing.UsageLine) step {
	return s.report(0, s.begun(), s.now.Add(time.Millisecond), lines...)
}

// told is the use after begin and tell: all thresholds are told, and there is
// room. A level gets there when it rises to its limit and falls again; a
// counter does not, but what others added is held against its limit all the
// same.
func (s situation) told() billing.Usage {
	return with(s.begun(), func(u *billing.Usage) {
		u.Version++
		for _, service := range plan.Services() {
			u.Alerts[service] = billing.Passed{Percent: 100, Limit: limitOf(service)}
		}
	})
}

func (s situation) tell(tx *store.Tx) { reported(s.profile, s.begun(), s.told(), s.now)(tx) }

// reports are those that stand for themselves because nothing was reported
// before, and events.
func reports(s situation) []condition {
	one := line(plan.ServiceInput, 1, "one")
	first := s.report(0, billing.Usage{}, s.now, one)
	return []condition{
		{"the first ever", steps{s.createProfile}, first, nil},
		{
			"the first ever, of nothing that fits",
			steps{s.createProfile},
			s.report(0, billing.Usage{}, s.now, line(plan.ServiceInput, 1000, "one")),
			nil,
		},
		{"the first ever, when somebody else was first", s.after(), first, problem.ErrConflict},
		{"a new event", s.after(), s.next(one), nil},
		{"an event that was reported", s.after(s.next(one)), s.next(one), problem.ErrConflict},
		{
			"an event that was refused",
			s.after(s.next(line(plan.ServiceInput, 1000, "one"))),
			s.next(one),
			problem.ErrConflict,
		},
		{
			"an event of another service",
			s.after(s.next(line(plan.ServiceSMS, 1, "one"))),
			s.next(one),
			problem.ErrConflict,
		},
		{
			"one new event of two",
			s.after(s.next(one)),
			s.next(line(plan.ServiceInput, 1, "two"), one),
			problem.ErrConflict,
		},
		{
			"an event whose name begins alike",
			s.after(s.next(one)),
			s.next(line(plan.ServiceInput, 1, "one#")),
			nil,
		},
	}
}

// additions are those to what there is of a service, from what was read before
// somebody else added.
func additions(s situation, service plan.Service) []condition {
	limit, n := s.parts(service, 100), s.parts(service, 20)
	next := func(amount int64, event string) step { return s.next(line(service, amount, event)) }
	// All thresholds are told, so that there is room up to the limit.
	told := func(amount int64, event string) step {
		return s.report(0, s.told(), s.now, line(service, amount, event))
	}
	return []condition{
		{"what there is", s.after(), next(n, "mine"), nil},
		{
			"just below a threshold with what others added",
			s.after(next(s.parts(service, 30)-n-1, "theirs")),
			next(n, "mine"),
			nil,
		},
		{
			"a threshold with what others added",
			s.after(next(s.parts(service, 30)-n, "theirs")),
			next(n, "mine"),
			problem.ErrConflict,
		},
		{
			"the limit with what others added",
			s.after(s.tell, told(limit/2-n, "theirs")),
			told(n, "mine"),
			nil,
		},
		{
			"one over the limit with what others added",
			s.after(s.tell, told(limit/2-n+1, "theirs")),
			told(n, "mine"),
			problem.ErrConflict,
		},
		{"the limit when others added to all other services", s.after(s.tell, func(tx *store.Tx) {
			var lines []billing.UsageLine
			for _, other := range plan.Services() {
				if other != service {
					lines = append(lines, line(other, s.parts(other, 50), "theirs "+other.String()))
				}
			}
			s.report(0, s.told(), s.now, lines...)(tx)
		}), told(limit/2, "mine"), nil},
	}
}

// levels fall, but never below zero, and may be set.
func levels(s situation) []condition {
	var out []condition
	for _, service := range []plan.Service{plan.ServiceDataRecords, plan.ServiceRunUsers,
		plan.ServiceFileStorage} {
		half, name := s.parts(service, 50), service.String()
		next := func(amount int64, event string) step {
			return s.next(line(service, amount, event))
		}
		set := s.next(setting(service, 1, "mine"))
		out = append(
			out,
			condition{name + " falls to zero", s.after(), next(-half, "mine"), nil},
			condition{
				name + " falls to zero with what others took",
				s.after(next(1-half, "theirs")),
				next(-1, "mine"),
				nil,
			},
			condition{
				name + " falls below zero with what others took",
				s.after(next(1-half, "theirs")),
				next(-2, "mine"),
				problem.ErrConflict,
			},
			condition{
				name + " falls below zero as it was read",
				s.after(),
				next(-half-1, "mine"),
				nil,
			},
			condition{
				name + " falls below zero as it was read, and somebody added",
				s.after(next(1, "theirs")),
				next(-half-1, "mine"),
				problem.ErrConflict,
			},
			condition{name + " is set as it was read", s.after(), set, nil},
			condition{
				name + " is set to what it is",
				s.after(),
				s.next(setting(service, half, "mine")),
				nil,
			},
			condition{
				name + " is set beyond its limit",
				s.after(),
				s.next(setting(service, 1000, "mine")),
				nil,
			},
			condition{
				name + " is set when somebody added to it",
				s.after(next(1, "theirs")),
				set,
				problem.ErrConflict,
			},
			condition{
				name + " is set when somebody added to another service",
				s.after(s.next(line(plan.ServiceInput, 1, "theirs"))),
				set,
				problem.ErrConflict,
			},
			condition{
				name + " is added to when somebody set it",
				s.after(set),
				next(1, "more"),
				nil,
			},
			condition{
				name + " is added to when somebody set it to its limit",
				s.after(s.next(setting(service, 2*half, "theirs"))),
				next(1, "more"),
				problem.ErrConflict,
			},
			condition{
				name + " falls by more than somebody set it to",
				s.after(set),
				next(-2, "less"),
				problem.ErrConflict,
			},
		)
	}
	return out
}

// times are reports when another hour or another cycle begins.
func times(s situation) []condition {
	one, two := line(plan.ServiceInput, 1, "one"), line(plan.ServiceInput, 1, "two")
	hour := s.now.Truncate(time.Hour).Add(time.Hour)
	turn := s.profile.UsageCycle(s.now).End // in the middle of an hour
	late := s.usageUpdate(0, s.begun(), turn.Add(-time.Millisecond), one).After
	return []condition{
		{
			"the last of an hour",
			s.after(),
			s.report(0, s.begun(), hour.Add(-time.Millisecond), one),
			nil,
		},
		{"another hour", s.after(), s.report(0, s.begun(), hour, one), nil},
		{
			"another hour, of nothing that fits",
			s.after(),
			s.report(0, s.begun(), hour, line(plan.ServiceInput, 1000, "one")),
			nil,
		},
		{
			"another hour, when somebody added in the last one",
			s.after(s.next(two)),
			s.report(0, s.begun(), hour, one),
			problem.ErrConflict,
		},
		{
			"another hour, when somebody else has begun it",
			s.after(s.report(0, s.begun(), hour, two)),
			s.report(0, s.begun(), hour, one),
			problem.ErrConflict,
		},
		{
			"an hour that is over for somebody else",
			s.after(s.report(0, s.begun(), hour, two)),
			s.next(one),
			problem.ErrConflict,
		},
		{
			"an hour that is over, by a clock that is behind",
			s.after(s.report(0, s.begun(), hour, two)),
			s.report(0, s.usageUpdate(0, s.begun(), hour, two).After, s.now, one),
			nil,
		},
		{"another cycle", s.after(), s.report(0, s.begun(), turn, one), nil},
		{
			"another cycle, when somebody added in the last one",
			s.after(s.next(two)),
			s.report(0, s.begun(), turn, one),
			problem.ErrConflict,
		},
		{
			"another cycle in the same hour",
			s.after(s.report(0, s.begun(), turn.Add(-time.Millisecond), one)),
			s.report(0, late, turn, two),
			nil,
		},
		{
			"a cycle that is over for somebody else, in the same hour",
			s.after(
				s.report(0, s.begun(), turn.Add(-time.Millisecond), one),
				s.report(0, late, turn, two),
			),
			s.report(
				0,
				late,
				turn.Add(-time.Millisecond),
				line(plan.ServiceInput, 1, "three"),
			),
			problem.ErrConflict,
		},
	}
}

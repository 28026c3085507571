package store_test

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
)

// alerts are said once, whoever passes a threshold.
func alerts(s situation, service plan.Service) []condition {
	pass := func(percent int64, event string) step {
		return s.next(line(service, s.parts(service, percent-50), event))
	}
	refused := func(event string) step { return s.next(line(service, s.parts(service, 51), event)) }
	out := []condition{
		{"a threshold", s.after(), pass(80, "mine"), nil},
		{"all thresholds", s.after(), pass(100, "mine"), nil},
		{
			"a threshold, short of the next with what others added",
			s.after(s.next(line(service, s.parts(service, 10)-1, "theirs"))),
			pass(80, "mine"),
			nil,
		},
		{
			"a threshold, and the next with what others added",
			s.after(s.next(line(service, s.parts(service, 10), "theirs"))),
			pass(80, "mine"),
			problem.ErrConflict,
		},
		{"what does not fit", s.after(), refused("mine"), nil},
		{
			"what does not fit, when somebody added",
			s.after(s.next(line(service, 1, "theirs"))),
			refused("mine"),
			nil,
		},
		{
			"what does not fit, when somebody passed a threshold",
			s.after(pass(80, "theirs")),
			refused("mine"),
			nil,
		},
		{
			"what does not fit, when somebody else was refused",
			s.after(refused("theirs")),
			refused("mine"),
			nil,
		},
		{
			"a threshold, when somebody was refused",
			s.after(refused("theirs")),
			pass(80, "mine"),
			nil,
		},
		{
			"a threshold, when somebody else passed it",
			s.after(pass(80, "theirs")),
			pass(80, "mine"),
			problem.ErrConflict,
		},
		{
			"what does not fit, when another service refused",
			s.after(s.next(line((service+1)%9, 1_000_000, "theirs"))),
			refused("mine"),
			nil,
		},
		// What was told is known, and nothing is written but the answer.
		{
			"what does not fit again",
			s.after(s.tell),
			s.report(0, s.told(), s.now, line(service, 1_000_000, "mine")),
			nil,
		},
	}
	if service.Counting() == plan.CountingLevel {
		// A level that others lowered has not reached what was passed as it was
		// read, unless they raised it again.
		took := s.next(line(service, -1, "theirs"))
		out = append(
			out,
			condition{
				"a threshold, when somebody took from it",
				s.after(took),
				pass(80, "mine"),
				problem.ErrConflict,
			},
			condition{
				"a threshold, when somebody took from it and gave it back",
				s.after(took, s.next(line(service, 1, "again"))),
				pass(80, "mine"),
				nil,
			},
			condition{
				"short of a threshold, when somebody took from it",
				s.after(took),
				pass(79, "mine"),
				nil,
			},
		)
	}
	return out
}

// profiles are what a report relies on, in all its forms.
func profiles(s situation) []condition {
	touched := func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }
	reallocated := func(tx *store.Tx) { tx.Reallocate(s.account, s.now, s.profile.ID) }
	gone := func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) }
	out := []condition{
		{
			"the first ever, of a profile gone since",
			steps{s.createProfile, gone},
			s.begin,
			problem.ErrConflict,
		},
		{"the first ever, of a profile that never was", nil, s.begin, problem.ErrConflict},
		{
			"the first ever, of a profile changed since",
			steps{s.createProfile, touched},
			s.begin,
			problem.ErrConflict,
		},
		{
			"the first ever, of a profile as it is",
			steps{s.createProfile, touched},
			s.report(1, billing.Usage{}, s.now, s.half()...),
			nil,
		},
	}
	for _, form := range []struct {
		name string
		step step
	}{
		{"an addition", s.next(line(plan.ServiceInput, 1, "mine"))},
		{"a level set", s.next(setting(plan.ServiceRunUsers, 1, "mine"))},
		{"another hour", s.report(0, s.begun(), s.now.Add(time.Hour), line(plan.ServiceInput, 1, "mine"))},
		{"a refusal", s.next(line(plan.ServiceInput, 1000, "mine"))},
	} {
		name, step := form.name, form.step
		out = append(
			out,
			condition{
				name + ", the profile changed since",
				s.after(touched),
				step,
				problem.ErrConflict,
			},
			condition{
				name + ", the profile reallocated since",
				append(steps{s.createBoth}, s.after(reallocated)...),
				step,
				problem.ErrConflict,
			},
			condition{name + ", the profile gone since", s.after(gone), step, problem.ErrConflict},
		)
	}
	again := s.report(0, s.told(), s.now, line(plan.ServiceInput, 1000, "mine"))
	return append(
		out,
		condition{"what is refused again, the profile as it was", s.after(s.tell), again, nil},
		condition{
			"what is refused again, the profile changed since",
			s.after(s.tell, touched),
			again,
			problem.ErrConflict,
		},
		condition{
			"what is refused again, the profile gone since",
			s.after(s.tell, gone),
			again,
			problem.ErrConflict,
		},
	)
}

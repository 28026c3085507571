package store_test

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/value"
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
		// A threshold that was notified is known, and only the answer is
		// written.
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

// profiles are what a report relies on, in all its forms: that there is the
// profile, and the quota that it has read. The first report of an hour relies
// on all of the profile, which it reads in its commit.
func profiles(s situation) []condition {
	touched := func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }
	closed := func(u billing.Usage) step {
		return func(tx *store.Tx) {
			tx.DeleteProfile(s.profile, nil, s.now)
			tx.CloseUse(s.profile.ID, u)
		}
	}
	out := []condition{
		{
			"the first ever, of a profile gone since",
			steps{s.createProfile, closed(billing.Usage{})},
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
	again := s.report(0, s.told(), s.now, line(plan.ServiceInput, 1000, "mine"))
	hour := s.report(0, s.begun(), s.now.Add(time.Hour), line(plan.ServiceInput, 1, "mine"))
	for _, form := range []struct {
		name     string
		step     step
		use      billing.Usage
		before   steps
		touched  error // after another change of the profile
		lowered  error // after its allocation was lowered
		vanished error
	}{
		{
			"an addition", s.next(line(plan.ServiceInput, 1, "mine")), s.begun(), nil,
			nil, problem.ErrConflict, problem.ErrConflict,
		},
		{
			"a level set", s.next(setting(plan.ServiceRunUsers, 1, "mine")), s.begun(), nil,
			problem.ErrConflict, problem.ErrConflict, problem.ErrConflict,
		},
		{
			"another hour", hour, s.begun(), nil,
			problem.ErrConflict, problem.ErrConflict, problem.ErrConflict,
		},
		{
			"what passes a threshold",
			s.next(line(plan.ServiceInput, s.parts(plan.ServiceInput, 30), "mine")),
			s.begun(), nil, nil, problem.ErrConflict, problem.ErrConflict,
		},
		// It was refused when it was read, and counts for nothing.
		{"a refusal", s.next(line(plan.ServiceInput, 1000, "mine")), s.begun(), nil, nil, nil, nil},
		{"what is refused again", again, s.told(), steps{s.tell}, nil, nil, nil},
	} {
		after := func(others ...step) steps {
			return append(append(steps{s.createBoth}, s.after(form.before...)...), others...)
		}
		lower := func(of plan.Service) step {
			is := s.account
			share := is.Shares[s.profile.ID]
			share.Allocation[of]--
			is.Shares = map[value.ProfileID]billing.Share{s.profile.ID: share}
			use := map[value.ProfileID]billing.Usage{s.profile.ID: form.use}
			return func(tx *store.Tx) { tx.Reallocate(s.account, is, use, s.now, s.profile.ID) }
		}
		out = append(
			out,
			condition{form.name + ", the profile as it was", after(), form.step, nil},
			condition{
				form.name + ", the profile changed since",
				after(touched),
				form.step,
				form.touched,
			},
			condition{
				form.name + ", the allocation lowered since",
				after(lower(plan.ServiceInput)),
				form.step,
				form.lowered,
			},
			condition{
				form.name + ", the allocation of another service lowered since",
				after(lower(plan.ServiceFileStorage)),
				form.step,
				form.lowered,
			},
			condition{
				form.name + ", the profile gone since",
				after(closed(form.use)),
				form.step,
				form.vanished,
			},
		)
	}
	return out
}

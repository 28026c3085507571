package store_test

import (
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// kept is the deletion of the profile, with its member.
func (s situation) kept() tenancy.ProfileDeletion {
	return tenancy.ProfileDeletion{
		Profile: at(s.profile, 2), Team: tenancy.Team{s.member}, Time: s.now,
	}
}

func (s situation) keepProfile(tx *store.Tx) { tx.KeepProfile(s.kept(), s.team()) }

// restoreProfile restores a deletion of the profile.
func (s situation) restoreProfile(d tenancy.ProfileDeletion) step {
	return func(tx *store.Tx) {
		tx.RestoreProfile(d, tenancy.Restoration{Profile: d.Profile}, d.Team)
	}
}

func profileRestoreConditions(s situation) map[string][]condition {
	deleted := append(s.shared(), s.keepProfile)
	back := append(deleted, s.restoreProfile(s.kept()))
	earlier := s.kept()
	earlier.Time = s.now.Add(-time.Second)
	ended := s.kept()
	ended.Profile, ended.Team = at(s.profile, 1), tenancy.Team{s.member}
	ended.Team[0].Ends = s.now.Add(-time.Second)
	return map[string][]condition{
		"KeepProfile": {
			{"as it was read", s.shared(), s.keepProfile, nil},
			{"changed since", s.shared(), func(tx *store.Tx) {
				d := s.kept()
				d.Profile.Version--
				tx.KeepProfile(d, s.team())
			}, problem.ErrConflict},
			{"deleted since", deleted, s.keepProfile, problem.ErrConflict},
		},
		"RestoreProfile": {
			{"as it was deleted", deleted, s.restoreProfile(s.kept()), nil},
			{"with a membership that had ended", steps{
				s.createProfile,
				func(tx *store.Tx) { tx.AddMember(s.profile, ended.Team[0]) },
				func(tx *store.Tx) { tx.KeepProfile(ended, ended.Team) },
			}, s.restoreProfile(ended), nil},
			{"not deleted", s.shared(), s.restoreProfile(s.kept()), problem.ErrConflict},
			{"restored since", back, s.restoreProfile(s.kept()), problem.ErrConflict},
			{"another deletion", deleted, s.restoreProfile(earlier), problem.ErrConflict},
			{"forgotten since", append(deleted, func(tx *store.Tx) {
				tx.ForgetRestorable(s.kept(), s.now)
			}), s.restoreProfile(s.kept()), problem.ErrConflict},
		},
	}
}

// What is kept of a deleted profile is read as it was, with everything that it
// can have and with as little.
func TestADeletedProfileIsKeptAsItWas(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	small := tenancy.ProfileDeletion{
		Profile: newProfile(w, s.account.ID), Time: w.Now(),
		Departure: billing.Departure{Shares: map[value.ProfileID]billing.Share{}},
	}
	large := s.kept()
	large.Profile.Version = 0
	large.Profile.Addons = billing.Addons{Mobile: true}
	large.Profile.TokenPolicy = tenancy.TokenPolicy{LongestDays: 9, NoNever: true}
	large.Team[0].Ends, large.Team[0].Told = w.Now().Add(time.Hour), true
	large.Logo = tenancy.NewLogo(large.Profile.ID, []byte("png"))
	large.Profile = large.Profile.WithLogo(large.Logo, w.Now())
	large.Use = billing.Usage{
		Profile: large.Profile.ID, Cycle: w.Now(), Hour: w.Now(), Updated: w.Now(), Version: 3,
		Used: s.profile.Allocation,
	}
	share := billing.Share{
		Allocation: s.profile.Allocation, Addons: large.Profile.Addons, Updated: w.Now(),
	}
	large.Departure = billing.Departure{
		Shares:    map[value.ProfileID]billing.Share{large.Profile.ID: share, "another": share},
		Limits:    s.account.Limits,
		Spent:     billing.Spent{Cycle: w.Now(), Used: plan.Amounts{plan.ServiceInput: 4}},
		Ending:    billing.Addons{Mobile: true},
		PaidUntil: w.Now().Add(time.Hour),
	}
	for _, d := range []tenancy.ProfileDeletion{large, small} {
		must(w, func(tx *store.Tx) { tx.CreateProfile(d.Profile) })
		for _, m := range d.Team {
			must(w, func(tx *store.Tx) { tx.AddMember(d.Profile, m) })
			d.Profile.Version++
		}
		must(w, func(tx *store.Tx) { tx.KeepProfile(d, d.Team) })
		batch := w.Store.Batch()
		found := batch.Restorable(d.Profile.Owner, d.Profile.ID)
		w.OK(batch.Get(t.Context()))
		same(t, "what is kept", found, &store.Found[tenancy.ProfileDeletion]{Value: d, OK: true})
		same(t, "before its end", due(w, store.DueProfile, d.Ends().Add(-time.Millisecond)), nil)
	}
	if n := len(due(w, store.DueProfile, large.Ends())); n != 2 {
		t.Errorf("%d profiles are due at the end, want both", n)
	}
}

package store_test

import (
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func profileConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CreateProfile": {
			{"a new id", nil, s.createProfile, nil},
			{"an id in use", steps{s.createProfile}, func(tx *store.Tx) {
				tx.CreateProfile(with(s.profile, func(p *tenancy.Profile) { p.Owner = s.other.ID }))
			}, problem.ErrConflict},
			{"an owner who can open it already", append(s.shared(), func(tx *store.Tx) {
				// A grant that the deletion did not name remains.
				tx.DeleteProfile(at(s.profile, 2), nil, s.now)
			}), func(tx *store.Tx) {
				tx.CreateProfile(
					with(s.profile, func(p *tenancy.Profile) { p.Owner = s.member.Account }),
				)
			}, problem.ErrConflict},
		},
		"UpdateProfile": {
			{"as it was read", s.shared(),
				func(tx *store.Tx) { tx.UpdateProfile(at(s.profile, 2), s.team()) }, nil},
			{"changed since", s.shared(),
				func(tx *store.Tx) { tx.UpdateProfile(at(s.profile, 1), s.team()) },
				problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) },
				problem.ErrConflict},
			{"an owner without a grant", s.shared(), func(tx *store.Tx) {
				tx.UpdateProfile(
					with(at(s.profile, 2), func(p *tenancy.Profile) { p.Owner = s.other.ID }),
					s.team(),
				)
			}, problem.ErrConflict},
			{"an active member without a grant", s.shared(), func(tx *store.Tx) {
				tx.UpdateProfile(at(s.profile, 2), []tenancy.Member{s.stranger})
			}, problem.ErrConflict},
		},
		"SetTokenPolicy": {
			{"as it was read", s.shared(),
				func(tx *store.Tx) { tx.SetTokenPolicy(s.bounded(at(s.profile, 2))) }, nil},
			{"changed since", s.shared(),
				func(tx *store.Tx) { tx.SetTokenPolicy(s.bounded(at(s.profile, 1))) },
				problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.SetTokenPolicy(s.profile) },
				problem.ErrConflict},
		},
		"CheckTokenPolicy": {
			{"none, as it was read", steps{s.createProfile},
				func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, nil},
			{"one since", steps{s.createProfile, s.setPolicy},
				func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, errRefused},
			{"one, as it was read", steps{s.createProfile, s.setPolicy},
				func(tx *store.Tx) { tx.CheckTokenPolicy(s.bounded(s.profile), errRefused) }, nil},
			{"none since", steps{s.createProfile},
				func(tx *store.Tx) { tx.CheckTokenPolicy(s.bounded(s.profile), errRefused) },
				errRefused},
			{
				"none again",
				steps{s.createProfile, s.setPolicy,
					func(tx *store.Tx) { tx.SetTokenPolicy(at(s.profile, s.profile.Version+1)) }},
				func(tx *store.Tx) {
					tx.CheckTokenPolicy(s.profile, errRefused)
				},
				nil,
			},
			{"another limit since", steps{s.createProfile, s.setPolicy}, func(tx *store.Tx) {
				tx.CheckTokenPolicy(
					with(s.bounded(s.profile),
						func(p *tenancy.Profile) { p.TokenPolicy.LongestDays++ }),
					errRefused,
				)
			}, errRefused},
			{"never allowed since", steps{s.createProfile, s.setPolicy}, func(tx *store.Tx) {
				tx.CheckTokenPolicy(
					with(s.bounded(s.profile),
						func(p *tenancy.Profile) { p.TokenPolicy.NoNever = false }),
					errRefused,
				)
			}, errRefused},
			{"an edit of the profile since", s.shared(),
				func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, nil},
			{"no profile", nil, func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) },
				errRefused},
		},
	}
}

func (s situation) createProfile(tx *store.Tx) { tx.CreateProfile(s.profile) }

func (s situation) shared() steps { return steps{s.createProfile, s.addMember, s.addGuest} }

// bounded is the profile with a token policy.
func (s situation) bounded(p tenancy.Profile) tenancy.Profile {
	p.TokenPolicy = tenancy.TokenPolicy{LongestDays: 30, NoNever: true}
	return p
}

func (s situation) setPolicy(tx *store.Tx) { tx.SetTokenPolicy(s.bounded(s.profile)) }

func TestProfileWithMembers(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	profile := newProfile(w, "ana")
	other := newProfile(w, "ben")
	must(w, func(tx *store.Tx) { tx.CreateProfile(profile) },
		func(tx *store.Tx) { tx.CreateProfile(other) })
	pk := "P#" + string(profile.ID)
	foreign(w, pk, "!", "H#2030", "M", "L#0", "P#", "P0", "Q", "T#0", "U", "U#2030-03", "X")
	foreign(w, pk+"0", "P", "M#0")

	var want tenancy.Team
	for version := range int64(5) {
		w.Advance(time.Millisecond)
		m := newMember(w, profile.ID)
		m.Code = value.CodeID(bulk)
		must(w, func(tx *store.Tx) { tx.AddMember(at(profile, version), m) })
		want = append(want, m)
	}
	must(w, func(tx *store.Tx) { tx.AddMember(other, newMember(w, other.ID)) })
	must(w, func(tx *store.Tx) { tx.CreateToken(newToken(w, profile.ID)) })

	w.Meter.Reset()
	got, team, err := w.Store.ProfileWithMembers(t.Context(), profile.ID)
	w.OK(err)
	paged(w)
	same(t, "profile", got, at(profile, 5))
	same(t, "team", team, want)

	got, team, err = w.Store.ProfileWithMembers(t.Context(), other.ID)
	w.OK(err)
	if got.ID != other.ID || len(team) != 1 {
		t.Errorf("the other profile: got %+v with %d members, want it with one member", got, len(team))
	}
	got, team, err = w.Store.ProfileWithMembers(t.Context(), "000000000000000000000000")
	w.OK(err)
	same(t, "no profile", got, tenancy.Profile{})
	same(t, "team of no profile", team, nil)
}

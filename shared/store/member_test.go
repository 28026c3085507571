package store_test

import (
	"slices"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func memberConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"AddMember": {
			{"a new member", steps{s.createProfile}, s.addMember, nil},
			{
				"a profile changed since",
				steps{s.createProfile, s.addMember},
				func(tx *store.Tx) { tx.AddMember(s.profile, s.stranger) },
				problem.ErrConflict,
			},
			{"a profile gone since", nil, s.addMember, problem.ErrConflict},
			{
				"somebody who is a member already",
				s.shared(),
				func(tx *store.Tx) { tx.AddMember(at(s.profile, 2), s.member) },
				problem.ErrConflict,
			},
			{"somebody who can open it already", s.shared(), func(tx *store.Tx) {
				tx.AddMember(
					at(s.profile, 2),
					with(s.stranger, func(m *tenancy.Member) { m.Account = s.account.ID }),
				)
			}, problem.ErrConflict},
		},
		"EditMember": {
			{
				"an active member",
				s.shared(),
				func(tx *store.Tx) { tx.EditMember(at(s.profile, 2), s.member) },
				nil,
			},
			{
				"a profile changed since",
				s.shared(),
				func(tx *store.Tx) { tx.EditMember(at(s.profile, 1), s.member) },
				problem.ErrConflict,
			},
			{
				"somebody else",
				s.shared(),
				func(tx *store.Tx) { tx.EditMember(at(s.profile, 2), s.stranger) },
				problem.ErrConflict,
			},
		},
		"RemoveMember": {
			{
				"an active member",
				s.shared(),
				func(tx *store.Tx) { tx.RemoveMember(at(s.profile, 2), s.member, s.now) },
				nil,
			},
			{
				"a profile changed since",
				s.shared(),
				func(tx *store.Tx) { tx.RemoveMember(at(s.profile, 1), s.member, s.now) },
				problem.ErrConflict,
			},
			{
				"somebody else",
				s.shared(),
				func(tx *store.Tx) { tx.RemoveMember(at(s.profile, 2), s.stranger, s.now) },
				problem.ErrConflict,
			},
		},
		"RevokeTokens": {
			{"of all", s.shared(), s.revokeTokens(at(s.profile, 2), true, s.member), nil},
			{"of the owner", s.shared(), s.revokeTokens(at(s.profile, 2), true), nil},
			{"of a member", s.shared(), s.revokeTokens(at(s.profile, 2), false, s.member), nil},
			{
				"of all, changed since",
				s.shared(),
				s.revokeTokens(at(s.profile, 1), true, s.member),
				problem.ErrConflict,
			},
			{
				"of a member, changed since",
				s.shared(),
				s.revokeTokens(at(s.profile, 1), false, s.member),
				problem.ErrConflict,
			},
			{
				"of the owner, revoked since",
				append(s.shared(), s.revokeTokens(at(s.profile, 2), true)),
				s.revokeTokens(at(s.profile, 2), true),
				problem.ErrConflict,
			},
			{
				"of a member, revoked since",
				append(s.shared(), s.revokeTokens(at(s.profile, 2), false, s.member)),
				s.revokeTokens(at(s.profile, 2), false, s.member),
				problem.ErrConflict,
			},
			{
				"of one who is no member",
				s.shared(),
				s.revokeTokens(at(s.profile, 2), false, s.stranger),
				problem.ErrConflict,
			},
			{
				"of an owner without a grant",
				s.shared(),
				s.revokeTokens(
					with(at(s.profile, 2), func(p *tenancy.Profile) { p.Owner = s.other.ID }),
					true,
				),
				problem.ErrConflict,
			},
			{
				"of a profile that is gone",
				nil,
				s.revokeTokens(s.profile, true),
				problem.ErrConflict,
			},
		},
	}
}

func (s situation) guest() tenancy.Member { return s.invitation.Pending() }

func (s situation) team() tenancy.Team { return tenancy.Team{s.member, s.guest()} }

func (s situation) addMember(tx *store.Tx) { tx.AddMember(s.profile, s.member) }

func (s situation) revokeTokens(p tenancy.Profile, owner bool, members ...tenancy.Member) step {
	p.Epoch = s.now.UnixMilli()
	team := slices.Clone(tenancy.Team(members))
	for i := range team {
		team[i].Epoch = p.Epoch
	}
	return func(tx *store.Tx) { tx.RevokeTokens(p, owner, team) }
}

// Revoking tokens of a profile renews the epochs of the named accounts only,
// and makes the items of these tokens due for deletion.
func TestRevokeTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		owner, members bool
	}{{"of all", true, true}, {"of the owner", true, false}, {"of a member", false, true}} {
		w := testkit.New(t)
		owner := newAccount(w)
		profile := newProfile(w, owner.ID)
		member, other := newMember(w, profile.ID), newMember(w, profile.ID)
		must(w, func(tx *store.Tx) { tx.CreateProfile(profile) })
		must(w, func(tx *store.Tx) { tx.AddMember(profile, member) })
		must(w, func(tx *store.Tx) { tx.AddMember(at(profile, 1), other) })
		made := map[string]tenancy.Token{}
		for name, g := range map[string]tenancy.Grant{"owner": profile.OwnerGrant(),
			"member": profile.MemberGrant(member), "other": profile.MemberGrant(other)} {
			made[name] = newToken(w, profile.ID).By(tenancy.Account{ID: g.Account}, g)
			must(w, func(tx *store.Tx) { tx.CreateToken(made[name]) })
		}

		w.Advance(time.Hour)
		revoked, renewed := at(profile, 2), member
		revoked.Epoch, renewed.Epoch = w.Now().UnixMilli(), w.Now().UnixMilli()
		var team tenancy.Team
		if c.members {
			team = tenancy.Team{renewed}
		}
		must(w, func(tx *store.Tx) { tx.RevokeTokens(revoked, c.owner, team) })
		got, gotTeam, err := w.Store.ProfileWithMembers(t.Context(), profile.ID)
		w.OK(err)
		want, wantMember := at(profile, 3), member
		if c.owner {
			want.Epoch = revoked.Epoch
		}
		if c.members {
			wantMember = renewed
		}
		same(t, c.name+": the profile", got, want)
		for _, m := range gotTeam {
			if m.Account == member.Account {
				same(t, c.name+": the member", m, wantMember)
			} else {
				same(t, c.name+": the other member", m, other)
			}
		}
		batch := w.Store.Batch()
		own := batch.Grant(owner.ID, profile.ID)
		joined := batch.Grant(member.Account, profile.ID)
		beside := batch.Grant(other.Account, profile.ID)
		w.OK(batch.Get(t.Context()))
		same(t, c.name+": the owner's grant", own.Value, want.OwnerGrant())
		same(t, c.name+": the member's grant", joined.Value, want.MemberGrant(wantMember))
		same(t, c.name+": the other's grant", beside.Value, want.MemberGrant(other))

		// A token that is made right after the revocation stays when the others
		// are deleted.
		again := newToken(w, profile.ID).By(owner, own.Value)
		must(w, func(tx *store.Tx) { tx.CreateToken(again) })
		for name, revoked := range map[string]bool{"owner": c.owner, "member": c.members} {
			id := made[name].Account
			got := slices.Contains(due(w, store.DueMember, w.Now()), string(profile.ID)+string(id))
			if got != revoked {
				t.Errorf("%s: the tokens of the %s are due: %v", c.name, name, got)
			}
			if revoked {
				purgeMember(w, profile.ID, id, w.Now())
			}
		}
		batch = w.Store.Batch()
		of := map[string]*store.Found[tenancy.Token]{"again": batch.Token(again.ID)}
		for name, token := range made {
			of[name] = batch.Token(token.ID)
		}
		w.OK(batch.Get(t.Context()))
		for name, gone := range map[string]bool{"owner": c.owner, "member": c.members, "other": false, "again": false} {
			if of[name].OK == gone {
				t.Errorf("%s: the token of %s is there: %v", c.name, name, of[name].OK)
			}
		}
		same(t, c.name+": what is due after that", due(w, store.DueMember, w.Now()), nil)
	}
}

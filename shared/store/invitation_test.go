package store_test

import (
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

func invitationConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"Invite": {
			{"a new address", steps{s.createProfile, s.addMember}, s.addGuest, nil},
			{
				"again",
				s.shared(),
				func(tx *store.Tx) { tx.Invite(at(s.profile, 2), s.renewed(), s.guest()) },
				nil,
			},
			{
				"a profile changed since",
				s.shared(),
				func(tx *store.Tx) { tx.Invite(at(s.profile, 1), s.renewed(), s.guest()) },
				problem.ErrConflict,
			},
			{
				"a code in use",
				s.shared(),
				func(tx *store.Tx) { tx.Invite(at(s.profile, 2), s.invitation, tenancy.Member{}) },
				problem.ErrConflict,
			},
			{
				"a profile gone since",
				nil,
				func(tx *store.Tx) { tx.Invite(s.profile, s.invitation, tenancy.Member{}) },
				problem.ErrConflict,
			},
		},
		"EndInvitation": {
			{"one that is pending", s.shared(), s.end(tenancy.InvitationAccepted), nil},
			{
				"one that has ended",
				append(s.shared(), s.end(tenancy.InvitationDeclined)),
				s.end(tenancy.InvitationAccepted),
				errRefused,
			},
			{
				"one that was renewed",
				append(s.shared(), s.renew),
				s.end(tenancy.InvitationAccepted),
				errRefused,
			},
			{"none", nil, s.end(tenancy.InvitationAccepted), errRefused},
		},
		"RemindInvitation": {
			{"one that is pending", s.shared(), s.remind, nil},
			{"one that was reminded of", append(s.shared(), s.remind), s.remind, errRefused},
			{
				"one that has ended",
				append(s.shared(), s.end(tenancy.InvitationDeclined)),
				s.remind,
				errRefused,
			},
			{"none", nil, s.remind, errRefused},
		},
	}
}

func (s situation) addGuest(tx *store.Tx) {
	tx.Invite(at(s.profile, 1), s.invitation, tenancy.Member{})
}

// renewed is the invitation after the same address was invited again.
func (s situation) renewed() tenancy.Invitation {
	return with(
		s.invitation,
		func(i *tenancy.Invitation) { i.Code, i.Hash = "renewed0"+i.Code, []byte("renewed") },
	)
}

func (s situation) renew(tx *store.Tx) {
	tx.Invite(at(s.profile, 2), s.renewed(), s.guest())
}

func (s situation) end(state tenancy.InvitationState) step {
	return func(tx *store.Tx) { tx.EndInvitation(s.invitation, state, errRefused) }
}

func (s situation) remind(tx *store.Tx) { tx.RemindInvitation(s.invitation, errRefused) }

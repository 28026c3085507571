package store_test

import (
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

func transferConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"OpenTransfer": {
			{"a profile without one", s.shared(), s.openTransfer, nil},
			{"a profile whose last one has ended", s.offered(s.endTransfer),
				func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }, nil},
			{"one that takes another back", s.shared(), func(tx *store.Tx) {
				tx.OpenTransfer(at(s.profile, 2),
					with(s.answered(), func(t *transfer.Transfer) { t.Reverts = "TR-0000-0000" }))
			}, nil},
			{"a profile with an open one", s.offered(),
				func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) },
				problem.ErrConflict},
			{"a ticket in use", s.offered(s.endTransfer),
				func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.transfer) },
				problem.ErrConflict},
			{"a profile changed since", s.shared(),
				func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 1), s.transfer) },
				problem.ErrConflict},
			{"a profile gone since", nil,
				func(tx *store.Tx) { tx.OpenTransfer(s.profile, s.transfer) }, problem.ErrConflict},
		},
		"UpdateTransfer": {
			{"as it was read", s.offered(), s.updateTransfer, nil},
			{"changed since", s.offered(s.updateTransfer), s.updateTransfer, problem.ErrConflict},
			{"ended since", s.offered(s.endTransfer), s.updateTransfer, problem.ErrConflict},
			{"of a later version", s.offered(),
				func(tx *store.Tx) { tx.UpdateTransfer(at(s.transfer, 1)) }, problem.ErrConflict},
			{"gone since", nil, s.updateTransfer, problem.ErrConflict},
		},
		"AnswerTransfer": {
			{"as it was read", s.offered(), func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) },
				nil},
			{"anew, on other terms",
				s.offered(func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }),
				func(tx *store.Tx) { tx.AnswerTransfer(at(s.answered(), 1)) }, nil},
			{"changed since", s.offered(s.updateTransfer),
				func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }, problem.ErrConflict},
			{"ended since", s.offered(s.endTransfer),
				func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) },
				problem.ErrConflict},
		},
		"EndTransfer": {
			{"as it was read", s.offered(), s.endTransfer, nil},
			{
				"one that was answered",
				s.offered(func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }),
				func(tx *store.Tx) {
					tx.EndTransfer(ended(at(s.answered(), 1), transfer.Expired, s.now))
				},
				nil,
			},
			{
				"with its profile",
				s.offered(
					func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 3), s.team(), s.now) },
				),
				s.endTransfer,
				nil,
			},
			{"changed since", s.offered(s.updateTransfer), s.endTransfer, problem.ErrConflict},
			{"gone since", nil, s.endTransfer, problem.ErrConflict},
			{"the reservation gone", s.offered(s.endTransfer),
				func(tx *store.Tx) { tx.EndTransfer(at(s.canceled(), 1)) }, problem.ErrConflict},
			{
				"the reservation another ticket's",
				s.offered(s.endTransfer,
					func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }),
				func(tx *store.Tx) {
					tx.EndTransfer(at(s.canceled(), 1))
				},
				problem.ErrConflict,
			},
		},
		"MoveProfile": append(moveConditions(s), movedSideConditions(s)...),
		"CheckNoTransfer": {
			{"a profile that never had one", s.shared(),
				func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, nil},
			{"a profile whose last one has ended", s.offered(s.endTransfer),
				func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, nil},
			{"no profile", nil, func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, nil},
			{"a profile with an open one", s.offered(),
				func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, problem.ErrConflict},
			{
				"a profile whose next one is open",
				s.offered(s.endTransfer,
					func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }),
				func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) },
				problem.ErrConflict,
			},
		},
	}
}

func (s situation) createBoth(tx *store.Tx) {
	tx.CreateAccount(s.account, s.now)
	tx.CreateAccount(s.other, s.now)
}

func (s situation) openTransfer(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 2), s.transfer) }

// offered prepares an open transfer of a shared profile.
func (s situation) offered(more ...step) steps {
	return append(append(s.shared(), s.createBoth, s.openTransfer), more...)
}

func (s situation) updateTransfer(tx *store.Tx) { tx.UpdateTransfer(s.transfer) }

func (s situation) endTransfer(tx *store.Tx) { tx.EndTransfer(s.canceled()) }

// moveConditions are the cases of a move that concern the profile and the
// transfer.
func moveConditions(s situation) []condition {
	return []condition{
		{"everybody leaves", s.offered(), s.move(transfer.Terms{}), nil},
		{"a member stays", s.offered(), s.move(s.stay()), nil},
		{"the previous owner stays", s.offered(),
			s.move(transfer.Terms{Owner: tenancy.PermissionFull}), nil},
		{
			"the receiving account was a member",
			s.offeredToMember(),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				joined := s.joined()
				m.Profile.Version, m.Joined = 4, &joined
			}),
			nil,
		},
		{
			"the previous owner gets another profile",
			s.offered(),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				spare := tenancy.NewProfile("spare"+m.Profile.ID, m.Source, "Spare", s.now)
				m.Instead = &spare
			}),
			nil,
		},
		{"the previous owner gets one that there is", s.offered(func(tx *store.Tx) {
			tx.CreateProfile(tenancy.NewProfile("spare"+s.profile.ID, s.account, "Spare", s.now))
		}),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				spare := tenancy.NewProfile("spare"+m.Profile.ID, m.Source, "Spare", s.now)
				m.Instead = &spare
			}), problem.ErrConflict},
		{"the transfer changed since", s.offered(s.updateTransfer), s.move(transfer.Terms{}),
			problem.ErrConflict},
		{"the transfer ended since", s.offered(s.endTransfer), s.move(transfer.Terms{}),
			problem.ErrConflict},
		{"the transfer gone", append(s.shared(), s.createBoth),
			s.move(transfer.Terms{}, func(m *transfer.Move) { m.Profile.Version = 2 }),
			problem.ErrConflict},
		{"the reservation gone", s.offered(s.endTransfer),
			s.move(transfer.Terms{}, func(m *transfer.Move) { m.Transfer.Version = 1 }),
			problem.ErrConflict},
		{
			"the reservation another ticket's",
			s.offered(s.endTransfer,
				func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }),
			s.move(transfer.Terms{},
				func(m *transfer.Move) { m.Transfer.Version, m.Profile.Version = 1, 4 }),
			problem.ErrConflict,
		},
		{"the profile changed since",
			s.offered(func(tx *store.Tx) { tx.UpdateProfile(at(s.profile, 3), s.team()) }),
			s.move(transfer.Terms{}), problem.ErrConflict},
		{"the team changed since",
			s.offered(func(tx *store.Tx) { tx.EditMember(at(s.profile, 3), s.member) }),
			s.move(transfer.Terms{}), problem.ErrConflict},
		{
			"the profile gone",
			s.offered(func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 3), s.team(), s.now) }),
			s.move(transfer.Terms{}),
			problem.ErrConflict,
		},
	}
}

// movedSideConditions are the cases that concern the accounts and the members.
func movedSideConditions(s situation) []condition {
	return []condition{
		{"the source account changed since", s.offered(s.changed(s.account)),
			s.move(transfer.Terms{}), problem.ErrConflict},
		{
			"the source account gone",
			s.offered(),
			s.move(transfer.Terms{},
				func(m *transfer.Move) { m.Source.ID = "gone" + m.Source.ID }),
			problem.ErrConflict,
		},
		{"the destination account changed since", s.offered(s.changed(s.other)),
			s.move(transfer.Terms{}), problem.ErrConflict},
		{
			"the destination account gone",
			s.offered(),
			s.move(transfer.Terms{},
				func(m *transfer.Move) { m.Destination.ID = "gone" + m.Destination.ID }),
			problem.ErrConflict,
		},
		{
			"no grant of the previous owner, who leaves",
			s.offered(),
			s.move(transfer.Terms{},
				func(m *transfer.Move) { m.Transfer.Source = s.stranger.Account }),
			problem.ErrConflict,
		},
		{
			"no grant of the previous owner, who stays",
			s.offered(),
			s.move(transfer.Terms{Owner: tenancy.PermissionRead}, func(m *transfer.Move) {
				m.Previous.Account = s.stranger.Account
			}),
			problem.ErrConflict,
		},
		{
			"a previous owner who is a member already",
			s.offered(),
			s.move(transfer.Terms{Owner: tenancy.PermissionRead}, func(m *transfer.Move) {
				m.Previous.Account, m.Leave = s.member.Account, nil
			}),
			problem.ErrConflict,
		},
		{
			"a member who stays is missing",
			s.offered(),
			s.move(transfer.Terms{},
				func(m *transfer.Move) { m.Stay = tenancy.Team{s.stranger} }),
			problem.ErrConflict,
		},
		{
			"a member who leaves is missing",
			s.offered(),
			s.move(transfer.Terms{},
				func(m *transfer.Move) { m.Leave = tenancy.Team{s.stranger} }),
			problem.ErrConflict,
		},
		{
			"an open place is missing",
			s.offered(),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				m.Void = tenancy.Team{
					with(s.guest(), func(m *tenancy.Member) { m.Invitation = "another" }),
				}
			}),
			problem.ErrConflict,
		},
		{
			"the receiving account is a member, unknown to the move",
			s.offeredToMember(),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				m.Profile.Version = 4
			}),
			problem.ErrConflict,
		},
		{
			"the receiving account is no member, as the move thinks",
			s.offered(),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				joined := s.joined()
				m.Joined = &joined
			}),
			problem.ErrConflict,
		},
		{
			"the receiving account has no grant, as the move thinks",
			s.offered(),
			s.move(transfer.Terms{}, func(m *transfer.Move) {
				joined := s.member
				m.Joined, m.Leave = &joined, nil
			}),
			problem.ErrConflict,
		},
	}
}

package store_test

import (
	"profiles/shared/mailing"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// answered is the transfer after the other account has accepted it.
func (s situation) answered() transfer.Transfer {
	return with(
		s.transfer,
		func(t *transfer.Transfer) {
			t.Destination, t.Confirmed, t.Accepted = s.other.ID, s.now, s.now
		},
	)
}

func (s situation) canceled() transfer.Transfer {
	return ended(s.transfer, transfer.Canceled, s.now)
}

// second is another transfer of the profile.
func (s situation) second() transfer.Transfer {
	return with(s.transfer, func(t *transfer.Transfer) { t.ID = transfer.NewID(string(t.ID)) })
}

// joined is the member that the receiving account becomes.
func (s situation) joined() tenancy.Member {
	return with(s.stranger, func(m *tenancy.Member) { m.Account = s.other.ID })
}

// offeredToMember prepares an open transfer to an account that is already a
// member.
func (s situation) offeredToMember() steps {
	return append(
		s.shared(),
		s.createBoth,
		func(tx *store.Tx) { tx.AddMember(at(s.profile, 2), s.joined()) },
		func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.transfer) },
	)
}

// move completes the transfer of offered on terms, after the given changes of
// the move.
func (s situation) move(terms transfer.Terms, changes ...func(*transfer.Move)) step {
	t := s.answered()
	t.Terms = terms
	m, checks := transfer.Context{
		Transfer: t, Profile: at(s.profile, 3), Team: s.team(), Source: s.account,
		Destination: s.other,
	}.Complete(s.now)
	if m.Transfer.State != transfer.Completed {
		panic("no move: " + mailing.Missing(checks))
	}
	for _, change := range changes {
		change(&m)
	}
	return func(tx *store.Tx) { tx.MoveProfile(m) }
}

func (s situation) stay() transfer.Terms {
	return transfer.Terms{
		Members: map[value.AccountID]tenancy.Permission{s.member.Account: tenancy.PermissionRead},
	}
}

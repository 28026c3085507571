package store_test

import (
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func tokenFamilyConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"RotateToken": {
			{"as it was read", steps{s.createEndless}, s.rotate, nil},
			{"rotated meanwhile", steps{s.createEndless, s.rotate}, func(tx *store.Tx) {
				tx.RotateToken(
					s.endless(),
					s.rotated(),
					with(s.successor(), func(t *tenancy.Token) { t.ID += "2" }),
					s.family(),
					s.now,
					errRefused,
				)
			}, errRefused},
			{"renamed meanwhile", steps{func(tx *store.Tx) {
				tx.CreateToken(with(s.endless(), func(t *tenancy.Token) { t.Name = "another" }))
			}}, s.rotate, errRefused},
			{"edited meanwhile", steps{s.createEndless, func(tx *store.Tx) {
				tx.EditToken(s.endless(),
					with(s.endless(), func(t *tenancy.Token) { t.DisabledBy = "somebody" }),
					errRefused)
			}}, s.rotate, errRefused},
			{"given an end meanwhile", steps{s.createToken}, s.rotate, errRefused},
			{"a token that moved away", steps{func(tx *store.Tx) {
				tx.CreateToken(with(s.endless(), func(t *tenancy.Token) { t.Profile = "another" }))
			}}, s.rotate, errRefused},
			{"no token", nil, s.rotate, errRefused},
			{
				"an id in use",
				steps{s.createEndless, func(tx *store.Tx) { tx.CreateToken(s.successor()) }},
				s.rotate,
				problem.ErrConflict,
			},
		},
		"RetireToken": {
			{
				"within its grace",
				steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.RetireToken(s.rotated(), s.now, errRefused) },
				nil,
			},
			{
				"not rotated yet",
				steps{s.createEndless},
				func(tx *store.Tx) { tx.RetireToken(s.rotated(), s.now, errRefused) },
				errRefused,
			},
			{
				"no token",
				nil,
				func(tx *store.Tx) { tx.RetireToken(s.rotated(), s.now, errRefused) },
				errRefused,
			},
		},
		"RevokeFamilyToken": {
			{
				"as it was read",
				steps{s.createEndless},
				func(tx *store.Tx) { tx.RevokeFamilyToken(s.endless(), errRefused) },
				nil,
			},
			{
				"rotated meanwhile",
				steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.RevokeFamilyToken(s.endless(), errRefused) },
				errRefused,
			},
			{
				"no token",
				nil,
				func(tx *store.Tx) { tx.RevokeFamilyToken(s.endless(), errRefused) },
				errRefused,
			},
		},
		"CheckFamily": {
			{
				"as it was read",
				steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.CheckFamily(s.token.ID, s.family(), errRefused) },
				nil,
			},
			{"another latest token", steps{s.createEndless, s.rotate}, func(tx *store.Tx) {
				tx.CheckFamily(s.token.ID, tenancy.Family{Current: s.token.ID}, errRefused)
			}, errRefused},
			{
				"none, as it was read",
				nil,
				func(tx *store.Tx) { tx.CheckFamily(s.token.ID, tenancy.Family{}, errRefused) },
				nil,
			},
			{
				"none by now",
				nil,
				func(tx *store.Tx) { tx.CheckFamily(s.token.ID, s.family(), errRefused) },
				errRefused,
			},
			{"one that was not there", steps{s.createEndless, s.rotate}, func(tx *store.Tx) {
				tx.CheckFamily(s.token.ID, tenancy.Family{}, errRefused)
			}, errRefused},
		},
		"DeleteToken of a family": {
			{
				"a token that was rotated meanwhile",
				steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.DeleteToken(s.endless(), errRefused) },
				errRefused,
			},
			{
				"one that was read as rotated",
				steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.DeleteToken(s.rotated(), errRefused) },
				nil,
			},
		},
	}
}

func (s situation) rotated() tenancy.Token {
	old, _, _, _ := s.endless().Rotate("x"+s.token.ID, []byte("x"), time.Hour, s.now)
	old.Version = s.token.Version + 1
	return old
}

func (s situation) successor() tenancy.Token {
	_, next, _, _ := s.endless().Rotate("x"+s.token.ID, []byte("x"), time.Hour, s.now)
	return next
}

func (s situation) family() tenancy.Family {
	_, _, f, _ := s.endless().Rotate("x"+s.token.ID, []byte("x"), time.Hour, s.now)
	return f
}

func (s situation) rotate(tx *store.Tx) {
	tx.RotateToken(s.endless(), s.rotated(), s.successor(), s.family(), s.now, errRefused)
}

// A rotation is read back whole: the old token, the new one, their family, and
// what is due for them.
func TestARotationIsReadBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createEndless)
	must(w, s.rotate)
	batch := w.Store.Batch()
	old := batch.Token(s.token.ID)
	next := batch.Token(s.successor().ID)
	family := batch.Family(s.token.ID)
	w.OK(batch.Get(t.Context()))
	same(t, "the old one", old.Value, s.rotated())
	same(t, "the new one", next.Value, s.successor())
	want := s.family()
	want.Kept = want.Kept.Truncate(time.Second)
	same(t, "the family", family.Value, want)
	same(t, "rows", len(rows(w, s.profile.ID, false, 0)), 2)
	same(
		t,
		"due before the grace ends",
		due(w, store.DueToken, w.Now().Add(time.Hour-time.Millisecond)),
		nil,
	)
	same(
		t,
		"due when it ends",
		due(w, store.DueToken, w.Now().Add(time.Hour)),
		[]string{string(s.token.ID)},
	)
	must(w, func(tx *store.Tx) { tx.RetireToken(s.rotated(), w.Now(), errRefused) })
	same(t, "rows after it", rows(w, s.profile.ID, false, 0), []string{string(s.successor().ID)})
	same(
		t,
		"due after it",
		due(w, store.DueToken, w.Now().Add(365*day)),
		[]string{string(s.successor().ID)},
	)
}

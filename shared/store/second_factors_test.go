package store_test

import (
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

func secondFactorsConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"DeleteFactors": {
			{"one that was read", steps{s.keep(0)}, s.forget(1), nil},
			{"none", nil, s.forget(0), nil},
			{"one that was not there", steps{s.keep(0)}, s.forget(0), problem.ErrConflict},
			{
				"one that changed since",
				steps{s.keep(0), s.keep(1)},
				s.forget(1),
				problem.ErrConflict,
			},
		},
		"UpdateFactors": {
			{"the first of an account", nil, s.keep(0), nil},
			{"the next", steps{s.keep(0)}, s.keep(1), nil},
			{"a first where there is one", steps{s.keep(0)}, s.keep(0), problem.ErrConflict},
			{"one that changed since", steps{s.keep(0), s.keep(1)}, s.keep(1), problem.ErrConflict},
			{"one that is gone", nil, s.keep(1), problem.ErrConflict},
		},
	}
}

func (s situation) forget(version int64) func(*store.Tx) {
	return func(tx *store.Tx) {
		tx.DeleteFactors(tenancy.SecondFactors{Account: s.account.ID, Version: version})
	}
}

// keep writes second factors that were read at a version.
func (s situation) keep(version int64) func(*store.Tx) {
	return func(tx *store.Tx) {
		tx.UpdateFactors(
			tenancy.SecondFactors{
				Account: s.account.ID,
				Mailed:  tenancy.Pin{MAC: []byte("mac"), Expires: s.now},
				Version: version,
			},
		)
	}
}

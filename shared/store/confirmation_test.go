package store_test

import (
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

func confirmationConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CreateConfirmation": {
			{"a new id", nil, s.createCode, nil},
			{"an id in use", steps{s.createCode}, s.createCode, problem.ErrConflict},
		},
		"UseConfirmation": {
			{
				"an unused code",
				steps{s.createCode},
				func(tx *store.Tx) { tx.UseConfirmation(s.code, errRefused) },
				nil,
			},
			{
				"a used code",
				nil,
				func(tx *store.Tx) { tx.UseConfirmation(s.code, errRefused) },
				errRefused,
			},
			{"another code of the same id", steps{s.createCode}, func(tx *store.Tx) {
				tx.UseConfirmation(
					with(s.code, func(c *tenancy.Confirmation) { c.Hash = []byte("other") }),
					errRefused,
				)
			}, errRefused},
		},
	}
}

func (s situation) createCode(tx *store.Tx) { tx.CreateConfirmation(s.code) }

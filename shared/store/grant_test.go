package store_test

import (
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

func grantConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CheckGrant": {
			{
				"as it was read",
				steps{s.createProfile},
				func(tx *store.Tx) { tx.CheckGrant(s.grant(), errRefused) },
				nil,
			},
			{"another epoch", steps{s.createProfile}, func(tx *store.Tx) {
				tx.CheckGrant(with(s.grant(), func(g *tenancy.Grant) { g.Epoch = 1 }), errRefused)
			}, errRefused},
			{"another permission", steps{s.createProfile}, func(tx *store.Tx) {
				tx.CheckGrant(
					with(
						s.grant(),
						func(g *tenancy.Grant) { g.Permission = tenancy.PermissionRead },
					),
					errRefused,
				)
			}, errRefused},
			{
				"no grant",
				nil,
				func(tx *store.Tx) { tx.CheckGrant(s.grant(), errRefused) },
				errRefused,
			},
		},
	}
}

func (s situation) grant() tenancy.Grant { return s.profile.OwnerGrant() }

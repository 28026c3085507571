package store

import (
	"context"

	"profiles/shared/tenancy"
)

// purgePage is how many tokens one transaction reclaims: two actions each.
const purgePage = 25

// PurgeProfile reclaims a page of what a deleted profile left, its token rows with their tokens, and reports whether
// nothing is left. Running it twice, or twice at once, is harmless.
func (s *Store) PurgeProfile(ctx context.Context, id tenancy.ProfileID) (done bool, err error) {
	tx := s.Begin()
	n := 0
	for row, err := range s.TokenRows(ctx, id, false, purgePage) {
		if err != nil {
			return false, err
		}
		tx.delete(tokenRowKey(id, row.Created, row.ID), condition{})
		tx.delete(tokenKey(row.ID), ofProfile(id, tenancy.ErrConflict).orAbsent())
		if n++; n == purgePage {
			return false, tx.Commit(ctx)
		}
	}
	tx.delete(deletedProfileKey(id), condition{})
	return true, tx.Commit(ctx)
}

package store

import (
	"context"
	"errors"
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// purgePage is how many tokens one transaction reclaims: three actions each.
const purgePage = 25

// PurgeProfile reclaims a page of what a deleted profile left, its token rows with their tokens and last uses, and reports whether
// nothing is left. Running it twice, or twice at once, is harmless.
func (s *Store) PurgeProfile(ctx context.Context, id value.ProfileID) (done bool, err error) {
	tx := s.Begin()
	n := 0
	for row, err := range s.TokenRows(ctx, id, false, purgePage) {
		if err != nil {
			return false, err
		}
		tx.delete(tokenRowKey(id, row.Created, row.ID), condition{})
		tx.delete(tokenKey(row.ID), ofProfile(id, problem.ErrConflict).orAbsent())
		tx.delete(useKey(row.ID), condition{})
		if n++; n == purgePage {
			return false, tx.Commit(ctx)
		}
	}
	tx.delete(deletedProfileKey(id), condition{})
	return true, tx.Commit(ctx)
}

// PurgeMember reclaims the tokens that an account left in a profile when its membership ended at removed. Tokens of a later
// membership stay: they carry its epoch, the time of joining. Running it twice, or twice at once, is harmless.
func (s *Store) PurgeMember(ctx context.Context, id value.ProfileID, account value.AccountID, removed time.Time) error {
	var page []tenancy.Token
	for row, err := range s.TokenRows(ctx, id, false, 0) {
		if err != nil {
			return err
		}
		if row.Account != account {
			continue
		}
		if page = append(page, row); len(page) == purgePage {
			if err := s.purgeTokens(ctx, page, removed); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if err := s.purgeTokens(ctx, page, removed); err != nil {
		return err
	}
	tx := s.Begin()
	again := errors.New("the account was removed again")
	tx.delete(formerMemberKey(id, account), condition{"#removed = :removed", item{":removed": number(millis(removed))}, again}.orAbsent())
	if err := tx.Commit(ctx); !errors.Is(err, again) {
		return err
	}
	return nil
}

// purgeTokens removes those of the rows, with their tokens, whose grant ended at removed.
func (s *Store) purgeTokens(ctx context.Context, rows []tenancy.Token, removed time.Time) error {
	batch := s.Batch()
	found := make([]*Found[tenancy.Token], len(rows))
	for i, row := range rows {
		found[i] = batch.Token(row.ID)
	}
	if err := batch.Get(ctx); err != nil {
		return err
	}
	tx := s.Begin()
	for i, row := range rows {
		t := found[i].Value
		if found[i].OK && t.Profile == row.Profile && t.GrantEpoch >= millis(removed) {
			continue
		}
		tx.delete(tokenRowKey(row.Profile, row.Created, row.ID), condition{})
		if found[i].OK && t.Profile == row.Profile {
			tx.delete(tokenKey(row.ID), condition{
				"#profile = :profile AND (attribute_not_exists(#grantEpoch) OR #grantEpoch < :removed)",
				item{":profile": text(string(row.Profile)), ":removed": number(millis(removed))}, problem.ErrConflict,
			}.orAbsent())
			tx.delete(useKey(row.ID), condition{})
		}
	}
	if len(tx.steps) == 0 {
		return nil
	}
	return tx.Commit(ctx)
}

package store

import (
	"context"
	"errors"
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindFormerMember Kind = "former-member"

func formerMemberKey(p value.ProfileID, a value.AccountID) key {
	return key{kindFormerMember, "D#" + string(p), memberPrefix + string(a)}
}

// formerMemberItem says that tokens of an ended membership are still to be
// removed.
type formerMemberItem struct {
	key
	due
	Removed int64 `dynamodbav:"removed"`
}

// queueCleanUp has a sweep remove the tokens that an account made for a profile
// before now.
func (tx *Tx) queueCleanUp(p value.ProfileID, a value.AccountID, now time.Time) {
	tx.put(formerMemberItem{
		key: formerMemberKey(p, a), Removed: millis(now),
		due: dueAt(DueMember, string(p)+string(a), now),
	}, condition{})
}

// purgeScan is how many rows one step looks at for those of a member. They take
// a twelfth of what a partition can read in a second.
const purgeScan = 5000

// PurgeMember takes one step to remove the tokens that an account made for a
// profile before its membership ended at removed. It looks at a bounded number
// of rows, from a position on, and removes at most a page of them. It returns
// the position of the next step, or reports that nothing is left. Tokens of a
// later membership have a later epoch and stay. It can be repeated from any
// position before, also at the same time.
func (s *Store) PurgeMember(
	ctx context.Context,
	id value.ProfileID,
	account value.AccountID,
	removed time.Time,
	after string,
) (next string, done bool, err error) {
	var page []tenancy.Token
	scanned := 0
	for row, err := range s.TokenRows(ctx, id, Walk{PageSize: maxPageSize, After: after}) {
		if err != nil {
			return after, false, err
		}
		if row.Account == account {
			page = append(page, row)
		}
		next = TokenCursor(row)
		if scanned++; scanned == purgeScan || len(page) == purgePage {
			return next, false, s.purgeTokens(ctx, page, removed)
		}
	}
	if err := s.purgeTokens(ctx, page, removed); err != nil {
		return after, false, err
	}
	tx := s.Begin()
	again := errors.New("the account was removed again")
	tx.delete(
		formerMemberKey(id, account),
		condition{
			"#removed = :removed",
			item{":removed": number(millis(removed))},
			again,
		}.orAbsent(),
	)
	if err := tx.CommitAside(ctx, Origin{}); !errors.Is(err, again) {
		return next, err == nil, err
	}
	return next, true, nil
}

// purgeTokens removes the rows whose grant ended at removed, with their tokens.
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
				"#profile = :profile AND " +
					"(attribute_not_exists(#grantEpoch) OR #grantEpoch < :removed)",
				item{
					":profile": text(string(row.Profile)),
					":removed": number(millis(removed)),
				},
				problem.ErrConflict,
			}.orAbsent())
			tx.delete(useKey(row.ID), condition{})
		}
	}
	if len(tx.steps) == 0 {
		return nil
	}
	return tx.CommitAside(ctx, Origin{})
}

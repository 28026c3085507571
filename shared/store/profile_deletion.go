package store

import (
	"context"
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindDeletedProfile Kind = "deleted-profile"

func deletedProfileKey(p value.ProfileID) key {
	return key{kindDeletedProfile, "D#" + string(p), "D"}
}

type deletedProfileItem struct {
	key
	due
	Profile string `dynamodbav:"profile"`
	Deleted int64  `dynamodbav:"deleted"`
}

// DeleteProfile removes a profile that was read at p.Version, its team and all
// grants on it. This revokes its tokens, and a due entry has a sweep remove
// them. CloseUse or ForgetUse removes its usage.
func (tx *Tx) DeleteProfile(p tenancy.Profile, team tenancy.Team, now time.Time) {
	tx.delete(profileKey(p.ID), sameVersion(p.Version))
	tx.delete(grantKey(p.Owner, p.ID), exists)
	if logo := p.Logo(); logo != "" {
		tx.DropLogo(logo)
	}
	for _, m := range team {
		if !m.Open(now) {
			// An expired invitation has only its entry in the team.
			tx.delete(memberKey(m), condition{})
			continue
		}
		tx.delete(memberKey(m), exists)
		if m.Active {
			tx.delete(grantKey(m.Account, p.ID), exists)
		} else {
			tx.forget(tenancy.Invitation{Code: m.Code, Email: m.Email})
		}
	}
	tx.put(deletedProfileItem{
		key: deletedProfileKey(p.ID), due: dueAt(DueProfile, string(p.ID), now),
		Profile: string(p.ID), Deleted: millis(now),
	}, condition{})
}

// purgePage is how many rows of one partition one step of a purge removes: of
// tokens with three actions each.
const purgePage = 25

// PurgeProfile removes a page of the token rows of a deleted profile, with
// their tokens and last uses, and reports whether nothing is left. It can be
// repeated, also at the same time.
func (s *Store) PurgeProfile(ctx context.Context, id value.ProfileID) (done bool, err error) {
	tx := s.Begin()
	n := 0
	for row, err := range s.TokenRows(ctx, id, Walk{PageSize: purgePage}) {
		if err != nil {
			return false, err
		}
		tx.delete(tokenRowKey(id, row.Created, row.ID), condition{})
		tx.delete(tokenKey(row.ID), ofProfile(id, problem.ErrConflict).orAbsent())
		tx.delete(useKey(row.ID), condition{})
		if n++; n == purgePage {
			return false, tx.CommitAside(ctx, Origin{})
		}
	}
	tx.DropWebhooks(string(id))
	tx.delete(deletedProfileKey(id), condition{})
	return true, tx.CommitAside(ctx, Origin{})
}

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindSnapshot Kind = "snapshot"

const snapshotPrefix = "S#"

func snapshotKey(a tenancy.Account) key {
	return key{kindSnapshot, "B#" + string(a.ID), snapshotPrefix + fmt.Sprintf("%012d", a.Version)}
}

// snapshotItem is what an account had and how it divided that, from its time
// until the next one.
type snapshotItem struct {
	key
	Time   int64                     `dynamodbav:"time"`
	Limits map[string]int64          `dynamodbav:"limits"`
	Shares map[string]shareAttribute `dynamodbav:"shares"`
}

func (i snapshotItem) value() billing.Snapshot {
	return billing.Snapshot{
		Time:   fromMillis(i.Time),
		Limits: plan.AmountsFrom(i.Limits),
		Shares: sharesOf(i.Shares),
	}
}

// Snapshot stores the limits and shares of an account from now on, at the
// version that is written. Charges are divided by snapshots, so each step that
// changes limits or shares must add one.
func (tx *Tx) Snapshot(a tenancy.Account, now time.Time) {
	s := a.Snapshot(now)
	tx.put(
		snapshotItem{
			key:    snapshotKey(a),
			Time:   millis(now),
			Limits: s.Limits.Map(),
			Shares: sharesFrom(s.Shares),
		},
		condition{},
	)
}

// Reallocate is UpdateAccount for an account whose limits or shares change from
// those of was to those of is. It also writes a snapshot, and the copies in the
// named profiles, which must be the account's. use is what was read of the
// profiles whose allocation is lowered: each must have used at most as much as
// Subscription.Holds says, and reports that rely on its earlier allocation are
// not counted any more.
func (tx *Tx) Reallocate(
	was, is tenancy.Account,
	use map[value.ProfileID]billing.Usage,
	now time.Time,
	profiles ...value.ProfileID,
) {
	tx.UpdateAccount(is)
	written := is
	written.Version++
	tx.Snapshot(written, now)
	lowered := is.Holds(was.Subscription, use)
	tx.syncCopies(is, now, lowered, profiles...)
	for _, p := range slices.Sorted(maps.Keys(lowered)) {
		if u, read := use[p]; read && slices.Contains(profiles, p) {
			tx.holdUse(p, u, is.Cycle(now).Start, lowered[p])
		} else if tx.broken == nil {
			tx.broken = fmt.Errorf("the allocation of profile %s is lowered, and not in it", p)
		}
	}
}

// Snapshots reads the snapshots of an account in a time span, ordered by
// version. The first is the one that held at from. If the clock of a writer was
// behind, a snapshot gets the time of the one before.
func (s *Store) Snapshots(
	ctx context.Context,
	a value.AccountID,
	from, to time.Time,
) ([]billing.Snapshot, error) {
	var out []billing.Snapshot
	for v, err := range decoded(s.query(ctx, span{
		pk: "B#" + string(a), from: snapshotPrefix, to: upTo(snapshotPrefix), newestFirst: true,
	}), snapshotItem.value) {
		if err != nil {
			return nil, err
		}
		if v.Time.After(to) {
			continue
		}
		out = append(out, v)
		if !v.Time.After(from) {
			break
		}
	}
	slices.Reverse(out)
	for i := 1; i < len(out); i++ {
		if out[i].Time.Before(out[i-1].Time) {
			out[i].Time = out[i-1].Time
		}
	}
	return out, nil
}

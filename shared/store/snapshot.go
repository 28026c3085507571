package store

import (
	"context"
	"fmt"
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

// Snapshot keeps what an account has from now on, at the version that is
// written, for dividing its charges. A step that changes an account's limits or
// shares keeps one.
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

// Reallocate is UpdateAccount for one whose limits or shares have changed. The
// profiles are brought in line: those named, which must be the account's.
func (tx *Tx) Reallocate(a tenancy.Account, now time.Time, profiles ...value.ProfileID) {
	tx.UpdateAccount(a)
	written := a
	written.Version++
	tx.Snapshot(written, now)
	tx.syncCopies(a, now, profiles...)
}

// Snapshots reads what an account had from one time to another, oldest first:
// the first entry is the one that held at from. They are in the order of the
// account's versions; one that a clock which is behind wrote counts from when
// the one before does.
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

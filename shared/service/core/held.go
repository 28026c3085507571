package core

import (
	"context"
	"reflect"
	"time"

	"profiles/shared/billing"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// StillHeld returns the account with the amounts that its profiles hold above
// their allocations, as they are now: the stored amounts may be out of date.
func StillHeld(
	ctx context.Context,
	in *store.Store,
	a tenancy.Account,
) (tenancy.Account, error) {
	holders := a.Holders()
	if len(holders) == 0 {
		return a, nil
	}
	batch := in.Batch()
	found := map[value.ProfileID]*store.Found[billing.Usage]{}
	for _, id := range holders {
		found[id] = batch.Usage(id)
	}
	err := batch.Get(ctx)
	use := map[value.ProfileID]billing.Usage{}
	for id, u := range found {
		use[id] = u.Value
	}
	return a.StillHolding(use), err
}

// SuspendUse suspends usage reports of a profile for a short time. A commit
// that needs the exact usage calls it after reports have changed the usage
// before the commit could be made.
func SuspendUse(ctx context.Context, on Config, id value.ProfileID, now time.Time) {
	tx := on.Store.Begin()
	tx.SuspendUse(id, now.Add(billing.UsageSuspension))
	if err := tx.CommitAside(ctx, store.Origin{}); err != nil {
		on.Log.WarnContext(ctx, "reports are not suspended", "profile", id, "error", err.Error())
	}
}

// Changed returns the profiles whose copy of the account, or whose share of it,
// differs between was and is.
func Changed(was, is tenancy.Account) (ids []value.ProfileID) {
	for _, id := range is.ProfileIDs() {
		p := tenancy.Profile{ID: id}
		if is.Shares[id] != was.Shares[id] || !reflect.DeepEqual(p.Of(was), p.Of(is)) {
			ids = append(ids, id)
		}
	}
	return ids
}

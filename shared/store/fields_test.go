package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// filler fills values of any type so that no field is zero and no two fields
// are equal.
type filler int64

func (f *filler) fill(v reflect.Value) {
	*f++
	n := int64(*f)
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMilli(1_900_000_000_000 + n).UTC()))
		return
	case tenancy.Permission:
		all := tenancy.Permissions()
		v.Set(reflect.ValueOf(all[int(n)%len(all)]))
		return
	case plan.Service:
		v.SetInt(1 + n%8)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %06d", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(n)
	case reflect.Uint8:
		v.SetUint(uint64(1 + n%255))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(value)
			v.SetMapIndex(key, value)
		}
	default:
		panic("nothing fills a " + v.Type().String())
	}
}

func filled[T any]() (v T) {
	new(filler).fill(reflect.ValueOf(&v).Elem())
	return v
}

// The draws of other tests must name each field, so a field that both a draw
// and an item forget is not found there. This test first fills every field by
// reflection, and then empties every field.
func TestNoFieldIsForgotten(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	whole := func(
		what string, account tenancy.Account, profile tenancy.Profile, transfer transfer.Transfer,
	) {
		t.Helper()
		transfer.Profile = profile.ID
		must(
			w,
			func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) },
			func(tx *store.Tx) { tx.CreateProfile(profile) },
		)
		must(w, func(tx *store.Tx) { tx.OpenTransfer(profile, transfer) })
		profile.Version++
		check := func(when string) {
			t.Helper()
			batch := w.Store.Batch()
			gotAccount := batch.Account(account.ID)
			gotProfile := batch.Profile(profile.ID)
			gotTransfer := batch.Transfer(transfer.ID)
			w.OK(batch.Get(t.Context()))
			for name, pair := range map[string][2]any{
				"account": {gotAccount.Value, account}, "profile": {gotProfile.Value, profile},
				"transfer": {inOrder(gotTransfer).Value, transfer},
			} {
				if !reflect.DeepEqual(pair[0], pair[1]) {
					t.Errorf(
						"%s with %s fields %s:\ngot  %+v\nwant %+v",
						name,
						what,
						when,
						pair[0],
						pair[1],
					)
				}
			}
		}
		check("created")
		// Writing the change of an existing item names each attribute, unlike
		// writing a whole item, so it is tested as well.
		must(
			w,
			func(tx *store.Tx) { tx.UpdateAccount(account) },
			func(tx *store.Tx) { tx.UpdateProfile(profile, nil) },
			func(tx *store.Tx) { tx.UpdateTransfer(transfer) },
		)
		account.Version, profile.Version = account.Version+1, profile.Version+1
		transfer.Version = transfer.Version + 1
		check("changed")
	}
	whole("all", filled[tenancy.Account](), filled[tenancy.Profile](), filled[transfer.Transfer]())
	// An account without shares is read back with an empty map.
	none := map[value.ProfileID]billing.Share{}
	whole(
		"no",
		tenancy.Account{ID: "none", Subscription: billing.Subscription{Shares: none}},
		tenancy.Profile{ID: "none"},
		transfer.Transfer{ID: "none"},
	)

	// The change from all fields to none leaves no old value.
	account := filled[tenancy.Account]()
	profile, offer := filled[tenancy.Profile](), filled[transfer.Transfer]()
	emptied := tenancy.Account{
		ID:           account.ID,
		Subscription: billing.Subscription{Shares: none},
		Version:      account.Version + 1,
	}
	bare := tenancy.Profile{ID: profile.ID, Owner: profile.Owner, Version: profile.Version + 2}
	ended := transfer.Transfer{ID: offer.ID, Profile: profile.ID, Version: offer.Version + 1}
	must(
		w,
		func(tx *store.Tx) { tx.UpdateAccount(emptied) },
		func(tx *store.Tx) { tx.UpdateProfile(bare, nil) },
		func(tx *store.Tx) { tx.UpdateTransfer(ended) },
	)
	batch := w.Store.Batch()
	gotAccount := batch.Account(account.ID)
	gotProfile := batch.Profile(profile.ID)
	gotTransfer := batch.Transfer(offer.ID)
	w.OK(batch.Get(t.Context()))
	// Only a sign-in writes these two fields.
	emptied.KnownSources, emptied.LastLogin = account.KnownSources, account.LastLogin
	emptied.Version = emptied.Version + 1
	bare.Version, ended.Version = bare.Version+1, ended.Version+1
	same(t, "account", gotAccount.Value, emptied)
	same(t, "profile", gotProfile.Value, bare)
	same(t, "transfer", gotTransfer.Value, ended)
}

// Usage also has no field that both its item and its draw forget.
func TestNoFieldOfUsageIsForgotten(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.Advance(w.Now().Truncate(time.Hour).Sub(w.Now()))
	check := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
		}
	}
	for what, account := range map[string]tenancy.Account{
		"all": filled[tenancy.Account](),
		"no":  {ID: "none", Subscription: billing.Subscription{Shares: map[value.ProfileID]billing.Share{}}},
	} {
		must(w, func(tx *store.Tx) { tx.Snapshot(account, w.Now()) })
		got, err := history(t.Context(), w.Store, account.ID)
		w.OK(err)
		check("snapshot with "+what+" fields", got, []billing.Snapshot{account.Snapshot(w.Now())})
	}

	for _, kind := range []billing.ChargeKind{billing.ChargePlan, billing.ChargeService,
		billing.ChargeAddon} {
		charge := filled[billing.Charge]()
		charge.Account, charge.Kind = value.AccountID(kind), kind
		if kind != billing.ChargePlan {
			charge.Plan = ""
		}
		if kind != billing.ChargeService {
			charge.Service = 0
		}
		if kind != billing.ChargeAddon {
			charge.Addon = ""
		}
		must(w, func(tx *store.Tx) { tx.Charge(charge) })
		got, err := statement(t.Context(), w.Store, charge.Account)
		w.OK(err)
		check("charge of a "+string(kind), got, []billing.Charge{charge})
	}

	profile := newProfile(w, "ana")
	must(w, func(tx *store.Tx) { tx.CreateProfile(profile) })
	full, line := filled[billing.Usage](), filled[billing.UsageLine]()
	answer := filled[billing.UsageAnswer]()
	full.Profile, line.Event, line.Service = profile.ID, answer.Event, answer.Service
	must(w, func(tx *store.Tx) {
		tx.Report(
			profile,
			[]billing.UsageLine{line},
			billing.UsageUpdate{
				After:    full,
				Absolute: true,
				Answers:  []billing.UsageAnswer{answer},
			},
			nil,
			w.Now(),
		)
	})
	read := func() billing.Usage {
		t.Helper()
		batch := w.Store.Batch()
		usage, event := batch.Usage(profile.ID), batch.UsageEvent(profile.ID, line.Event)
		w.OK(batch.Get(t.Context()))
		event.Value.Event = answer.Event // the event that was asked for
		check("event", event.Value, answer)
		return usage.Value
	}
	full.Coarse = false // only items that are older than fractions have it
	check("usage with all fields", read(), full)
	empty := billing.Usage{Profile: profile.ID, Version: full.Version + 1}
	must(w, reported(profile, full, empty, w.Now()))
	check("usage with no fields", read(), empty)
}

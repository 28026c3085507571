package store

import (
	"context"
	"iter"
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

type shareAttribute struct {
	Allocation map[string]int64 `dynamodbav:"allocation"`
	CustomDNS  bool             `dynamodbav:"customDNS"`
	Mobile     bool             `dynamodbav:"mobile"`
	Updated    int64            `dynamodbav:"updated"`
	Held       map[string]int64 `dynamodbav:"held,omitempty"`
}

func sharesFrom(shares map[value.ProfileID]tenancy.Share) map[string]shareAttribute {
	out := make(map[string]shareAttribute, len(shares))
	for id, s := range shares {
		one := shareAttribute{Allocation: s.Allocation.Map(), CustomDNS: s.Addons.CustomDNS, Mobile: s.Addons.Mobile, Updated: millis(s.Updated)}
		if s.Held != (plan.Amounts{}) {
			one.Held = s.Held.Map()
		}
		out[string(id)] = one
	}
	return out
}

func sharesOf(stored map[string]shareAttribute) map[value.ProfileID]tenancy.Share {
	out := make(map[value.ProfileID]tenancy.Share, len(stored))
	for id, s := range stored {
		out[value.ProfileID(id)] = tenancy.Share{
			Allocation: plan.AmountsFrom(s.Allocation), Addons: tenancy.Addons{CustomDNS: s.CustomDNS, Mobile: s.Mobile}, Updated: fromMillis(s.Updated),
			Held: plan.AmountsFrom(s.Held),
		}
	}
	return out
}

// spentAttribute is what is charged against a cycle for profiles that are gone, in parts of a unit.
type spentAttribute struct {
	Cycle int64            `dynamodbav:"cycle"`
	Used  map[string]int64 `dynamodbav:"used"`
}

func spentFrom(s tenancy.Spent) *spentAttribute {
	if s.Used == (plan.Amounts{}) {
		return nil
	}
	return &spentAttribute{millis(s.Cycle), s.Used.Map()}
}

func (a *spentAttribute) value() tenancy.Spent {
	if a == nil {
		return tenancy.Spent{}
	}
	return tenancy.Spent{Cycle: fromMillis(a.Cycle), Used: plan.AmountsFrom(a.Used)}
}

type scheduleAttribute struct {
	Plan     string              `dynamodbav:"plan,omitempty"`
	Services map[string]int64    `dynamodbav:"services,omitempty"`
	Addons   map[string][]string `dynamodbav:"addons,omitempty"`
}

func scheduleFrom(s *tenancy.Schedule) *scheduleAttribute {
	if s == nil {
		return nil
	}
	out := &scheduleAttribute{Services: map[string]int64{}, Addons: map[string][]string{}}
	if s.Plan != nil {
		out.Plan = string(*s.Plan)
	}
	for service, limit := range s.Services {
		out.Services[service.String()] = limit
	}
	for addon, ids := range s.Addons {
		for _, id := range ids {
			out.Addons[string(addon)] = append(out.Addons[string(addon)], string(id))
		}
	}
	return out
}

func (a *scheduleAttribute) value() *tenancy.Schedule {
	if a == nil {
		return nil
	}
	s := &tenancy.Schedule{Services: map[plan.Service]int64{}, Addons: map[plan.Addon][]value.ProfileID{}}
	if a.Plan != "" {
		plan := plan.Plan(a.Plan)
		s.Plan = &plan
	}
	for _, service := range plan.Services() {
		if limit, ok := a.Services[service.String()]; ok {
			s.Services[service] = limit
		}
	}
	for addon, ids := range a.Addons {
		for _, id := range ids {
			s.Addons[plan.Addon(addon)] = append(s.Addons[plan.Addon(addon)], value.ProfileID(id))
		}
	}
	return s
}

type billingAttribute struct {
	Company  string `dynamodbav:"company,omitempty"`
	Country  string `dynamodbav:"country,omitempty"`
	State    string `dynamodbav:"state,omitempty"`
	City     string `dynamodbav:"city,omitempty"`
	Street   string `dynamodbav:"street,omitempty"`
	ZipCode  string `dynamodbav:"zipCode,omitempty"`
	Comments string `dynamodbav:"comments,omitempty"`
	Updated  int64  `dynamodbav:"updated"`
}

func billingFrom(b tenancy.BillingAddress) *billingAttribute {
	if b == (tenancy.BillingAddress{}) {
		return nil
	}
	return &billingAttribute{b.Company, b.Country, b.State, b.City, b.Street, b.ZipCode, b.Comments, millis(b.Updated)}
}

func (a *billingAttribute) value() tenancy.BillingAddress {
	if a == nil {
		return tenancy.BillingAddress{}
	}
	return tenancy.BillingAddress{
		Company: a.Company, Country: a.Country, State: a.State, City: a.City, Street: a.Street, ZipCode: a.ZipCode, Comments: a.Comments,
		Updated: fromMillis(a.Updated),
	}
}

// chargeItem is a line of an account's statement. It is never changed and never forgotten.
type chargeItem struct {
	key
	ID      string `dynamodbav:"id"`
	Account string `dynamodbav:"account"`
	Kind    string `dynamodbav:"kind"`
	What    string `dynamodbav:"what"`
	Profile string `dynamodbav:"profile,omitempty"`
	Limit   int64  `dynamodbav:"limit,omitempty"`
	Amount  int64  `dynamodbav:"amount"`
	From    int64  `dynamodbav:"from"`
	To      int64  `dynamodbav:"to"`
}

func chargeFrom(c tenancy.Charge) chargeItem {
	return chargeItem{
		key: chargeKey(c), ID: c.ID, Account: string(c.Account), Kind: string(c.Kind), What: c.What(), Profile: string(c.Profile), Limit: c.Limit,
		Amount: c.Amount, From: millis(c.From), To: millis(c.To),
	}
}

func (i chargeItem) value() tenancy.Charge {
	c := tenancy.Charge{
		ID: i.ID, Account: value.AccountID(i.Account), Kind: tenancy.ChargeKind(i.Kind), Profile: value.ProfileID(i.Profile), Limit: i.Limit,
		Amount: i.Amount, From: fromMillis(i.From), To: fromMillis(i.To),
	}
	switch c.Kind {
	case tenancy.ChargePlan:
		c.Plan = plan.Plan(i.What)
	case tenancy.ChargeAddon:
		c.Addon = plan.Addon(i.What)
	default:
		c.Service, _ = plan.ParseService(i.What)
	}
	return c
}

// snapshotItem is what an account had and how it divided that, from its time until the next one.
type snapshotItem struct {
	key
	Time   int64                     `dynamodbav:"time"`
	Limits map[string]int64          `dynamodbav:"limits"`
	Shares map[string]shareAttribute `dynamodbav:"shares"`
}

func (i snapshotItem) value() tenancy.Snapshot {
	return tenancy.Snapshot{Time: fromMillis(i.Time), Limits: plan.AmountsFrom(i.Limits), Shares: sharesOf(i.Shares)}
}

// Snapshot keeps what an account has from now on, at the version that is written, for dividing its charges. Whoever changes an account's limits or shares keeps one.
func (tx *Tx) Snapshot(a tenancy.Account, now time.Time) {
	s := a.Snapshot(now)
	tx.put(snapshotItem{key: snapshotKey(a), Time: millis(now), Limits: s.Limits.Map(), Shares: sharesFrom(s.Shares)}, condition{})
}

// Reallocate is UpdateAccount for one whose limits or shares have changed. The profiles are brought in line: those named, which must be the
// account's.
func (tx *Tx) Reallocate(a tenancy.Account, now time.Time, profiles ...value.ProfileID) {
	tx.UpdateAccount(a)
	written := a
	written.Version++
	tx.Snapshot(written, now)
	tx.syncCopies(a, now, profiles...)
}

// SyncCopies is UpdateAccount for one that divides what it has as before. The profiles that are named have other copies of it.
func (tx *Tx) SyncCopies(a tenancy.Account, now time.Time, profiles ...value.ProfileID) {
	tx.UpdateAccount(a)
	tx.syncCopies(a, now, profiles...)
}

// Revoke is UpdateAccount for one whose epochs have changed: tokens made before are dead on each of its profiles.
func (tx *Tx) Revoke(a tenancy.Account, now time.Time) {
	tx.UpdateAccount(a)
	tx.syncCopies(a, now, a.ProfileIDs()...)
}

// Expel is Revoke that also writes where the account was signed in from, for one that somebody else has had.
func (tx *Tx) Expel(a tenancy.Account, now time.Time) {
	tx.updateAccount(a, nil)
	tx.syncCopies(a, now, a.ProfileIDs()...)
}

// syncCopies brings the copies that profiles have of their owner's account in line with it.
func (tx *Tx) syncCopies(a tenancy.Account, now time.Time, profiles ...value.ProfileID) {
	for _, p := range profiles {
		copied := profileFrom(tenancy.Profile{ID: p}.Of(a))
		set := tx.marshal(copied)
		tx.update(profileKey(p),
			"SET #plan = :plan, #anchor = :anchor, #renews = :renews, #ownerEpoch = :ownerEpoch, #ownerSessions = :ownerSessions, #allocation = :allocation, #customDNS = :customDNS, #mobile = :mobile, #updated = :updated, #version = #version + :one",
			item{
				":plan": set["plan"], ":anchor": set["anchor"], ":renews": set["renews"], ":ownerEpoch": set["ownerEpoch"], ":ownerSessions": set["ownerSessions"], ":allocation": set["allocation"], ":customDNS": set["customDNS"], ":mobile": set["mobile"],
				":updated": number(millis(now)), ":one": number(1),
			},
			condition{"attribute_exists(PK) AND #owner = :owner", item{":owner": text(string(a.ID))}, problem.ErrConflict})
	}
}

// Charge adds a line to an account's statement.
func (tx *Tx) Charge(c tenancy.Charge) { tx.put(chargeFrom(c), absent) }

// Charges walks the statement of an account for charges that began in a span of time, oldest first.
func (s *Store) Charges(ctx context.Context, a value.AccountID, from, to time.Time) iter.Seq2[tenancy.Charge, error] {
	return decoded(s.query(ctx, span{
		pk: "B#" + string(a), from: chargePrefix + sortable(from), to: chargePrefix + sortable(to.Add(-time.Millisecond)) + afterHash,
	}), chargeItem.value)
}

// LastCharges walks the statement of an account, newest first.
func (s *Store) LastCharges(ctx context.Context, a value.AccountID, pageSize int) iter.Seq2[tenancy.Charge, error] {
	return decoded(s.query(ctx, span{
		pk: "B#" + string(a), from: chargePrefix, to: upTo(chargePrefix), newestFirst: true, pageSize: int32(min(pageSize, 1000)),
	}), chargeItem.value)
}

// Snapshots reads what an account had from one time to another, oldest first: the first entry is the one that held at from. They are in the
// order of the account's versions; one that a clock which is behind wrote counts from when the one before does.
func (s *Store) Snapshots(ctx context.Context, a value.AccountID, from, to time.Time) ([]tenancy.Snapshot, error) {
	var out []tenancy.Snapshot
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

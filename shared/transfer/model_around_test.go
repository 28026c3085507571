package transfer_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func (w *world) changePlan(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.people)]
	a.Plan = rapid.SampledFrom([]plan.Plan{plan.Scale, plan.Scale, plan.Scale,
		plan.Starter, plan.Free}).
		Draw(t, "plan")
	w.own(a)
}

func (w *world) block(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.people)]
	if !a.Blocked && often(t, "spared") {
		panic(errIdle)
	}
	if a.Blocked = !a.Blocked; a.Blocked {
		a.Epoch++
		w.die(func(k tenancy.Token) bool { return k.Account == a.ID })
	}
	w.own(a)
}

func (w *world) secure(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.everybody)]
	if often(t, "remembered") {
		panic(errIdle)
	}
	a.CredentialsChanged = w.now
	if rapid.Bool().Draw(t, "recovered") {
		a.Epoch++
		w.die(func(k tenancy.Token) bool { return k.Account == a.ID })
	}
	w.own(a)
}

func (w *world) join(t *rapid.T) {
	p, a := w.aProfile(t), w.somebody(t, "")
	if !w.share(p, a, rapid.SampledFrom(tenancy.Permissions()).Draw(t, "right")) {
		panic(errIdle)
	}
}

func (w *world) share(p tenancy.Profile, a tenancy.Account, right tenancy.Permission) bool {
	team := w.teams[p.ID]
	if _, ok := team.Active(a.ID); ok || a.ID == p.Owner ||
		len(team.Open(w.now)) >= p.Plan.Limits().Members {
		return false
	}
	m := tenancy.Member{
		Profile: p.ID, Account: a.ID, Permission: right, Epoch: w.now.UnixMilli(), Active: true,
		Name: a.Name, Email: a.Email, Created: w.now,
	}
	w.teams[p.ID] = append(slices.Clip(team), m)
	w.grants[place{a.ID, p.ID}] = p.MemberGrant(m)
	w.token(a.ID, p.ID)
	return true
}

func (w *world) leave(t *rapid.T) {
	p := w.aProfile(t)
	m := pick(
		t,
		"member",
		slices.DeleteFunc(
			slices.Clone(w.teams[p.ID]),
			func(m tenancy.Member) bool { return !m.Active },
		),
	)
	w.teams[p.ID] = slices.DeleteFunc(
		slices.Clone(w.teams[p.ID]),
		func(other tenancy.Member) bool { return other.ID() == m.ID() },
	)
	delete(w.grants, place{m.Account, p.ID})
	w.die(func(k tenancy.Token) bool { return k.Account == m.Account && k.Profile == p.ID })
}

func (w *world) invite(t *rapid.T) {
	p := w.aProfile(t)
	if len(w.teams[p.ID].Open(w.now)) >= p.Plan.Limits().Members {
		panic(errIdle)
	}
	m := open(fmt.Sprint("i", w.now.UnixMilli()), w.now.Add(7*day))
	w.teams[p.ID] = append(slices.Clip(w.teams[p.ID]), m)
}

func (w *world) addon(t *rapid.T) {
	p := w.aProfile(t)
	p.Addons = billing.Addons{CustomDNS: often(t, "dns"), Mobile: often(t, "mobile")}
	owner := w.accounts[p.Owner]
	owner.Shares = maps.Clone(owner.Shares)
	owner.Shares[p.ID] = billing.Share{Allocation: p.Allocation, Addons: p.Addons}
	w.accounts[p.Owner], w.profiles[p.ID] = owner, p
}

func (w *world) create(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.people)]
	if a.CanSignIn() != nil || len(w.places) > 20 {
		panic(errIdle)
	}
	allocation := rules.Each(rapid.Int64Range(0, 40).Draw(t, "allocation"))
	profile := value.ProfileID(fmt.Sprint("q", len(w.places)))
	a, err := a.AddProfile(
		profile,
		billing.Share{
			Allocation: allocation,
			Addons:     billing.Addons{CustomDNS: allocation[1]%3 == 0},
		},
		w.now,
	)
	if err != nil {
		panic(errIdle)
	}
	p := tenancy.NewProfile(profile, a, "New", w.now)
	w.accounts[a.ID], w.profiles[p.ID] = a, p
	w.places = append(w.places, p.ID)
	w.grants[place{a.ID, p.ID}] = p.OwnerGrant()
	w.token(a.ID, p.ID)
}

func (w *world) delete(t *rapid.T) {
	p := w.aProfile(t)
	owner, err := w.accounts[p.Owner].RemoveProfile(p.ID, billing.Usage{}, w.now)
	if err != nil || often(t, "kept") {
		panic(errIdle)
	}
	w.accounts[p.Owner] = owner
	w.gone(t, p)
}

// strand deletes the receiver's other profiles.
func (w *world) strand(t *rapid.T) {
	var open []transfer.Transfer
	for _, id := range w.tickets {
		if tr := w.transfers[id]; tr.Reverts != "" && tr.Open(w.now) {
			open = append(open, tr)
		}
	}
	owner := w.accounts[pick(t, "return", open).Source]
	for _, p := range w.profiles {
		if n, _ := w.sum(owner.ID); p.Owner == owner.ID && n > 1 &&
			w.transfers[w.claims[p.ID]].Reverts == "" {
			var err error
			if owner, err = owner.RemoveProfile(p.ID, billing.Usage{}, w.now); err != nil {
				t.Fatal(err)
			}
			w.accounts[p.Owner] = owner
			w.gone(t, p)
		}
	}
}

// gone removes a profile from the model.
func (w *world) gone(t *rapid.T, p tenancy.Profile) {
	delete(w.profiles, p.ID)
	delete(w.teams, p.ID)
	maps.DeleteFunc(w.grants, func(at place, _ tenancy.Grant) bool { return at.profile == p.ID })
	w.die(func(k tenancy.Token) bool { return k.Profile == p.ID })
	id, ok := w.claims[p.ID]
	if !ok {
		return
	}
	failed, err := w.transfers[id].Fail("the profile was deleted", w.now)
	if err != nil {
		t.Fatal(err)
	}
	w.end(t, failed)
}

func (w *world) allocate(t *rapid.T) {
	p := w.aProfile(t)
	a := w.accounts[p.Owner]
	to := rules.Each(rapid.Int64Range(0, 80).Draw(t, "allocation"))
	share := a.Shares[p.ID]
	share.Allocation = to
	a.Shares = maps.Clone(a.Shares)
	if a.Shares[p.ID] = share; !a.Allocated().Within(a.Limits) {
		panic(errIdle)
	}
	w.accounts[a.ID], w.profiles[p.ID] = a, p.Of(a)
}

func (w *world) rename(t *rapid.T) {
	p := w.aProfile(t)
	p.Name = fmt.Sprint("Renamed ", w.now.UnixMilli())
	w.profiles[p.ID] = p
}

func (w *world) makeToken(t *rapid.T) {
	p := w.aProfile(t)
	who := []value.AccountID{p.Owner}
	for _, m := range w.teams[p.ID] {
		if m.Active {
			who = append(who, m.Account)
		}
	}
	w.token(w.somebody(t, pick(t, "holder", who)).ID, p.ID)
	made := w.tokens[len(w.tokens)-1]
	if w.grants[place{made.Account, made.Profile}].Account == "" {
		w.tokens = w.tokens[:len(w.tokens)-1] // who has no grant makes no token
	}
}

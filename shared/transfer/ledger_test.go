package transfer_test

import (
	"fmt"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// ledger is two accounts with their profiles and usage, and separate sums of
// what the rules have admitted.
type ledger struct {
	now      time.Time
	accounts map[value.AccountID]tenancy.Account
	profiles map[value.ProfileID]tenancy.Profile
	use      map[value.ProfileID]billing.Usage
	moves    []transfer.Transfer // completed, that could be taken back
	made     int

	admitted map[string]int64 // by account, cycle and counter, in parts
	// by profile and level: whether it came back with more of a level than it
	// is allocated
	over map[string]bool
	did  *rules.Tally
}

func newLedger(did *rules.Tally) *ledger {
	l := &ledger{
		now:      halfway,
		accounts: map[value.AccountID]tenancy.Account{},
		profiles: map[value.ProfileID]tenancy.Profile{},
		use:      map[value.ProfileID]billing.Usage{},
		admitted: map[string]int64{},
		over:     map[string]bool{},
		did:      did,
	}
	for _, id := range []value.AccountID{"gives", "takes"} {
		a := tenancy.Account{
			ID:     id,
			Email:  value.Email(id + "@example.com"),
			Active: true,
			Subscription: billing.Subscription{
				Plan:      plan.Scale,
				Limits:    rules.Each(20),
				Shares:    map[value.ProfileID]billing.Share{},
				Anchor:    bought,
				PaidUntil: renewal,
			},
			Version: 3,
		}
		if id == "takes" {
			a.Anchor, a.PaidUntil = bought.Add(9*day), renewal.Add(9*day)
		}
		l.set(a)
		l.create(id, plan.Amounts{})
	}
	return l
}

// set stores an account, and the copies that its profiles have of it.
func (l *ledger) set(a tenancy.Account) {
	l.accounts[a.ID] = a
	for id := range a.Shares {
		p := l.profiles[id]
		p.ID = id
		l.profiles[id] = p.Of(a)
	}
}

func (l *ledger) create(owner value.AccountID, allocation plan.Amounts) {
	l.made++
	id := value.ProfileID(fmt.Sprint("p", l.made))
	a, err := l.accounts[owner].AddProfile(id, billing.Share{Allocation: allocation}, l.now)
	if err == nil {
		l.set(a)
		l.did.Add("create")
	}
}

func (l *ledger) delete(id value.ProfileID) {
	a, err := l.accounts[l.profiles[id].Owner].RemoveProfile(id, l.use[id], l.now)
	if err != nil {
		return
	}
	delete(l.profiles, id)
	delete(l.use, id)
	l.set(a.Alone(l.now))
	l.did.Add("delete")
}

func (l *ledger) allocate(id value.ProfileID, changes map[plan.Service]int64) error {
	l.renew(l.profiles[id].Owner) // a change of the subscription does so first
	a := l.accounts[l.profiles[id].Owner]
	next, err := a.Allocate(
		map[value.ProfileID]map[plan.Service]int64{id: changes},
		map[value.ProfileID]billing.Usage{id: l.use[id]},
		l.now,
	)
	if err == nil {
		l.set(next)
		l.did.Add("allocate")
	}
	return err
}

// renew does the work of the sweep of renewals, at any time.
func (l *ledger) renew(id value.AccountID) {
	for {
		was := l.accounts[id]
		a, _, err := was.Renew(l.now)
		if err != nil {
			return
		}
		l.set(a.Covering(was, l.use, l.now))
		l.did.Add("renew")
	}
}

func (l *ledger) renewed(id value.AccountID) tenancy.Account {
	l.renew(id)
	return l.accounts[id]
}

func (l *ledger) report(id value.ProfileID, s plan.Service, n int64) bool {
	if l.profiles[id].Outdated(l.now) {
		l.renew(l.profiles[id].Owner)
	}
	p := l.profiles[id]
	t := l.use[id].Apply(
		p.Quota(),
		[]billing.UsageLine{{Service: s, Amount: n, Event: "e", Time: l.now}},
		l.now,
	)
	l.use[id] = t.After
	if !t.Answers[0].Admitted {
		l.did.Add("refuse")
		return false
	}
	if n > 0 {
		l.did.Add("admit")
		l.admitted[l.counter(p.Owner, s)] += n
	}
	return true
}

func (l *ledger) counter(owner value.AccountID, s plan.Service) string {
	return fmt.Sprint(owner, " ", l.accounts[owner].Cycle(l.now).Start, " ", s)
}

// move transfers a profile to the other account, or back when original is one
// of its transfers.
func (l *ledger) move(
	id value.ProfileID,
	allocation map[plan.Service]int64,
	original *transfer.Transfer,
) {
	p := l.profiles[id]
	c := transfer.Context{Profile: p, Usage: l.use[id], Source: l.accounts[p.Owner]}
	for _, a := range l.accounts {
		if a.ID != p.Owner {
			c.Destination = a
		}
	}
	if original != nil {
		var err error
		by := transfer.PartySupport
		c.Transfer, err = original.Revert(by, c.Destination, "TR-BACK-0000", l.now)
		if err != nil {
			return
		}
		c.Transfer.Approvals = []value.AccountID{"one", "two"}
	} else {
		c.Transfer = transfer.Transfer{
			ID:          "TR-MOVE-0000",
			Profile:     id,
			Source:      p.Owner,
			Email:       c.Destination.Email,
			AnswerCodes: [][]byte{answerCode},
			Policy:      transfer.PolicyAuto,
			State:       transfer.Requested,
			Confirmed:   l.now,
			Created:     l.now,
			Expires:     l.now.Add(transfer.Life),
		}
		var err error
		if c.Transfer, err = c.Transfer.Accept(
			c.Destination,
			answerCode,
			transfer.Acceptance{Allocation: allocation},
			p,
			c.Usage,
			nil,
			l.now,
		); err != nil {
			l.did.Add("refuse terms")
			return
		}
	}
	m, checks := c.Complete(l.now)
	if m.Transfer.State != transfer.Completed {
		if checks.OK() {
			panic("nothing is missing, and it does not complete")
		}
		return
	}
	l.set(m.Source)
	l.profiles[id], l.use[id] = m.Profile, m.Use
	l.set(m.Destination)
	if original != nil {
		l.did.Add("return")
		l.moves = slices.DeleteFunc(
			l.moves,
			func(t transfer.Transfer) bool { return t.Profile == id },
		)
		// The counters continue from what was admitted here before.
		if m.Use.Counted(m.Destination.Subscription, l.now) != (plan.Amounts{}) {
			l.did.Add("return in the same cycle")
		}
		for _, s := range plan.Services() {
			l.over[fmt.Sprint(id, s)] = l.use[id].Heights()[s] > m.Profile.Allocation[s]
		}
	} else {
		l.did.Add("move")
		l.moves = append(l.moves, m.Transfer)
	}
}

// wrong returns the violations of the limit, or nothing: the usage admitted in
// a cycle, and the stored amount, must be within it.
func (l *ledger) wrong() string {
	for id, a := range l.accounts {
		if sum := a.Allocated(); !sum.Within(a.Divisible(l.now)) {
			return fmt.Sprintf("%s has allocated %v of %v", id, sum, a.Divisible(l.now))
		}
		for _, s := range plan.Services() {
			limit, stored := a.Limits[s]*s.Parts(), int64(0)
			if s.Counting() == plan.CountingMonthly {
				if n := l.admitted[l.counter(id, s)]; n > limit {
					return fmt.Sprintf(
						"%s was admitted %d of %s in a cycle, of %d",
						id,
						n,
						s,
						limit,
					)
				}
				continue
			}
			for profile := range a.Shares {
				key := fmt.Sprint(profile, s)
				l.over[key] = l.over[key] &&
					l.use[profile].Used[s] > a.Shares[profile].Allocation[s]*s.Parts()
				if !l.over[key] {
					stored += l.use[profile].Used[s]
				}
			}
			// A lower limit does not delete what is stored. It admits no more,
			// except for the rest of a unit that is begun, because allocations
			// are whole units.
			headroom := l.room(a, s)
			if stored > limit {
				headroom -= l.begun(a, s)
			}
			if stored+headroom > max(limit, stored) {
				return fmt.Sprintf(
					"%s stores %d of %s, of %d, and %d more would be admitted",
					id,
					stored,
					s,
					limit,
					headroom,
				)
			}
		}
	}
	return ""
}

// begun is the unused rest of the units of a level that the account's profiles
// have begun and are allocated.
func (l *ledger) begun(a tenancy.Account, s plan.Service) (n int64) {
	for id, share := range a.Shares {
		if used := l.use[id].Used[s]; used < share.Allocation[s]*s.Parts() && used%s.Parts() > 0 {
			n += s.Parts() - used%s.Parts()
		}
	}
	return n
}

// room is the sum of the amounts that the profiles of an account may add to a
// level.
func (l *ledger) room(a tenancy.Account, s plan.Service) (n int64) {
	for id, share := range a.Shares {
		n += max(share.Allocation[s]*s.Parts()-l.use[id].Used[s], 0)
	}
	return n
}

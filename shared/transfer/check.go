package transfer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// CheckCode names a prerequisite of a transfer.
type CheckCode string

const (
	CheckSourceActive  CheckCode = "source-active"
	CheckSourcePlan    CheckCode = "source-plan"
	CheckSourceKeeps   CheckCode = "source-keeps-profile"
	CheckNoOther       CheckCode = "no-other-transfer"
	CheckLock          CheckCode = "lock"
	CheckHold          CheckCode = "hold"
	CheckDestAccount   CheckCode = "destination-account"
	CheckDestActive    CheckCode = "destination-active"
	CheckDestPlan      CheckCode = "destination-plan"
	CheckDestProfiles  CheckCode = "destination-profiles"
	CheckDestAllocated CheckCode = "destination-allocation" // one for each service
	CheckDestStored    CheckCode = "destination-stored"     // likewise, for levels
	CheckDestTeam      CheckCode = "destination-team"
	CheckDestAddons    CheckCode = "destination-addons"

	// What one side is told of the other, without its figures.
	CheckSource      CheckCode = "source"
	CheckDestination CheckCode = "destination"
)

// Check is one prerequisite: what is needed, what there is, and what puts it
// right.
type Check struct {
	Code     CheckCode
	Side     Party // who can put it right
	Service  string
	OK       bool
	Expected string
	Actual   string
	Fix      string // empty when it holds
	Room     *Room  // nil for what is not counted
}

// Room is what a check counts: how much there is or would be of something, and
// how much there may be.
type Room struct{ Count, Limit int64 }

// String says what is needed, what there is, and what to do.
func (c Check) String() string {
	return strings.TrimSpace(
		fmt.Sprintf("needed is %s, there is %s. %s", c.Expected, c.Actual, c.Fix),
	)
}

// Checks are the prerequisites of a transfer.
type Checks []Check

// OK reports whether all hold.
func (cs Checks) OK() bool { return !slices.ContainsFunc(cs, func(c Check) bool { return !c.OK }) }

// Of returns the checks that one side can put right.
func (cs Checks) Of(side Party) Checks {
	var out Checks
	for _, c := range cs {
		if c.Side == side {
			out = append(out, c)
		}
	}
	return out
}

// reason says in a few words, without figures, why a transfer cannot complete.
func (cs Checks) reason() string {
	var missing []string
	if !cs.Of(PartySource).OK() {
		missing = append(missing, "the account that gives the profile away")
	}
	if !cs.Of(PartyDestination).OK() {
		missing = append(missing, "the receiving account")
	}
	return "a prerequisite is missing on the side of " + strings.Join(missing, " and ")
}

// Visible returns what a party may know of the checks: all of its own side, and
// of the other whether it is ready, once it has agreed to take part. The desk
// sees everything.
func (cs Checks) Visible(to Party, t Transfer) Checks {
	switch to {
	case PartySupport:
		return cs
	case PartySource:
		return append(
			cs.Of(PartySource),
			cs.Of(PartyDestination).
				folded(CheckDestination, PartyDestination, "the receiving account", !t.Accepted.IsZero() || t.Reverts != ""),
		)
	default:
		return append(
			cs.Of(PartyDestination),
			cs.Of(PartySource).
				folded(CheckSource, PartySource, "the account that gives the profile away", true),
		)
	}
}

func (cs Checks) folded(code CheckCode, side Party, who string, known bool) Check {
	c := Check{Code: code, Side: side, Expected: who + " is ready"}
	switch {
	case !known:
		c.Actual, c.Fix = "it has not answered", "Wait for its answer, or cancel the transfer"
	case !cs.OK():
		c.Actual, c.Fix = "it is not ready", "Its owner sees what is missing"
	default:
		c.OK, c.Actual = true, "it is ready"
	}
	return c
}

// Checks returns the prerequisites of the transfer, as they stand. Before there
// is a transfer, one with a profile and its owner alone has those of the owner.
func (c Context) Checks(now time.Time) Checks {
	t, s, d, p := c.Transfer, c.Source, c.Destination, c.Profile
	var out Checks
	add := func(code CheckCode, side Party, ok bool, expected, actual, fix string) {
		check := Check{Code: code, Side: side, OK: ok, Expected: expected, Actual: actual}
		if !ok {
			check.Fix = fix
		}
		out = append(out, check)
	}
	// counted adds to the last check what it counts.
	counted := func(count, limit int) {
		out[len(out)-1].Room = &Room{int64(count), int64(limit)}
	}
	const plans = "the plan starter or scale"
	upgrade := "Upgrade the plan of the account"

	// Whoever holds a profile must not be able to keep it from its previous
	// owner by a lower plan, by being blocked, or by having no other.
	if t.Reverts == "" {
		add(
			CheckSourceActive,
			PartySource,
			s.Active && !s.Blocked,
			"an account that is not blocked",
			standing(s),
			"Write to support",
		)
		add(
			CheckSourcePlan,
			PartySource,
			s.Plan.Transferable(),
			plans,
			"the plan "+string(s.Plan),
			upgrade,
		)
		add(
			CheckSourceKeeps,
			PartySource,
			s.Profiles() > 1,
			"at least 2 profiles, as an account keeps one",
			value.Plural(s.Profiles(), "profile"),
			"Create another profile first",
		)
		free := p.Transferred.Add(tenancy.TransferLock)
		add(
			CheckLock,
			PartySource,
			p.Transferred.IsZero() || !now.Before(free),
			"7 days since the last transfer",
			lastTransfer(p),
			"Wait until "+free.Format(value.TimeFormat),
		)
		add(
			CheckNoOther,
			PartySource,
			c.Other == "",
			"no other open transfer",
			otherTransfer(c.Other),
			"Cancel "+string(c.Other)+" first, or wait for its end",
		)
		held := t.HeldUntil(s)
		if t.ID == "" {
			held = Transfer{Created: now}.HeldUntil(s)
		}
		add(
			CheckHold,
			PartySource,
			!now.Before(held),
			"no recent change of password, address or second factor",
			hold(held, now),
			"Wait until "+held.Format(value.TimeFormat),
		)
	}
	if t.ID == "" {
		return out
	}

	if d.ID == "" || !d.Active {
		add(
			CheckDestAccount,
			PartyDestination,
			false,
			"an account with the address "+string(t.Email),
			"none that is confirmed",
			"Create an account with exactly this address and confirm it",
		)
		return out
	}
	terms := c.Terms()
	add(CheckDestAccount, PartyDestination, true, "a confirmed account", "there is one", "")
	add(
		CheckDestActive,
		PartyDestination,
		!d.Blocked,
		"an account that is not blocked",
		standing(d),
		"Write to support",
	)
	add(
		CheckDestPlan,
		PartyDestination,
		d.Plan.Transferable(),
		plans,
		"the plan "+string(d.Plan),
		upgrade,
	)
	limits := d.Plan.Limits()
	add(
		CheckDestProfiles,
		PartyDestination,
		d.Profiles() < limits.Profiles,
		"room for one more profile",
		fmt.Sprintf(
			"%d of %d profiles",
			d.Profiles(),
			limits.Profiles,
		),
		"Delete a profile, or upgrade the plan of the account",
	)
	counted(d.Profiles(), limits.Profiles)
	receiving, _ := d.Resuming(t.Spent, now)
	free := receiving.Free(now)
	for _, service := range plan.Services() {
		out = append(
			out,
			allocationCheck(
				service,
				terms.Allocation[service],
				free[service],
				receiving.CanAllocate(service, terms.Allocation[service], now),
			),
		)
	}
	// A return is not held up by what was stored meanwhile: whoever must give
	// back could see to that. The profile then comes with more than its
	// allocation, and nothing is admitted to it until there is less.
	if t.Reverts == "" {
		stored := c.Usage.Heights()
		for _, service := range plan.Services() {
			if stored[service] > 0 {
				out = append(out, storedCheck(service, stored[service], terms.Allocation[service]))
			}
		}
	}
	add(
		CheckDestTeam,
		PartyDestination,
		c.staying() <= limits.Members,
		fmt.Sprintf("a team of at most %d", limits.Members),
		value.Plural(
			c.staying(),
			"person",
		)+" who would stay",
		"Let fewer stay, or upgrade the plan of the account",
	)
	counted(c.staying(), limits.Members)
	addons := c.addons()
	add(
		CheckDestAddons,
		PartyDestination,
		addons == billing.Addons{} || d.Plan.Transferable(),
		"a plan that can have the profile's add-ons",
		addons.String(),
		upgrade,
	)
	return out
}

func allocationCheck(s plan.Service, need, free int64, fits bool) Check {
	c := Check{
		Code:    CheckDestAllocated,
		Side:    PartyDestination,
		Service: s.String(),
		OK:      fits,
		Expected: fmt.Sprintf(
			"%d %s that are not allocated",
			need,
			s.Unit(),
		),
		Actual: fmt.Sprint(free),
		Room:   &Room{need, free},
	}
	if !c.OK {
		c.Fix = "Choose a lower allocation of " + s.Title() + " when accepting, take some from another profile, or raise the limit"
	}
	return c
}

// storedCheck is whether an allocation that was agreed to still has room for
// what the profile holds of a level.
func storedCheck(s plan.Service, stored, allocation int64) Check {
	c := Check{
		Code:    CheckDestStored,
		Side:    PartyDestination,
		Service: s.String(),
		OK:      stored <= allocation,
		Expected: fmt.Sprintf(
			"an allocation for the %d %s that the profile holds",
			stored,
			s.Unit(),
		),
		Actual: fmt.Sprint(allocation),
		Room:   &Room{stored, allocation},
	}
	if !c.OK {
		c.Fix = "Accept again with a higher allocation of " + s.Title()
	}
	return c
}

func standing(a tenancy.Account) string {
	switch {
	case a.ID == "":
		return "none"
	case a.Blocked:
		return "one that is blocked"
	case !a.Active:
		return "one that is not confirmed"
	}
	return "one that is not blocked"
}

func lastTransfer(p tenancy.Profile) string {
	if p.Transferred.IsZero() {
		return "none"
	}
	return "one on " + p.Transferred.Format(value.TimeFormat)
}

func otherTransfer(id ID) string {
	if id == "" {
		return "none"
	}
	return "the open transfer " + string(id)
}

func hold(until, now time.Time) string {
	if !now.Before(until) {
		return "none that counts"
	}
	return "a change that holds transfers until " + until.Format(value.TimeFormat)
}

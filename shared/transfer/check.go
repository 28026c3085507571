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
	CheckDestStored    CheckCode = "destination-stored"     // one for each level that has something stored
	CheckDestTeam      CheckCode = "destination-team"
	CheckDestAddons    CheckCode = "destination-addons"

	// CheckSource and CheckDestination summarize the checks of one side for the
	// other, without figures.
	CheckSource      CheckCode = "source"
	CheckDestination CheckCode = "destination"
)

// Check is one prerequisite of a transfer: what is needed, what there is, and
// what would fix it.
type Check struct {
	Code     CheckCode
	Side     Party // the party that can fix it
	Service  string
	OK       bool
	Expected string
	Actual   string
	Fix      string // empty when it holds
	Room     *Room  // nil for a check that counts nothing
}

// Room is a count and its limit, as a check compares them.
type Room struct{ Count, Limit int64 }

// String returns the check as a sentence.
func (c Check) String() string {
	return strings.TrimSpace(
		fmt.Sprintf("needed is %s, there is %s. %s", c.Expected, c.Actual, c.Fix),
	)
}

// Checks are the prerequisites of a transfer.
type Checks []Check

// OK reports whether all checks hold.
func (cs Checks) OK() bool { return !slices.ContainsFunc(cs, func(c Check) bool { return !c.OK }) }

// Of returns the checks that a party can fix.
func (cs Checks) Of(side Party) Checks {
	var out Checks
	for _, c := range cs {
		if c.Side == side {
			out = append(out, c)
		}
	}
	return out
}

// reason says, without figures, which sides lack a prerequisite.
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

// Visible returns what a party may see of the checks: all of its own, and one
// that says whether the other side is ready. The source sees this of the
// destination only after it has accepted. Support sees all checks.
func (cs Checks) Visible(to Party, t Transfer) Checks {
	switch to {
	case PartySupport:
		return cs
	case PartySource:
		named := !t.Accepted.IsZero() || t.Reverts != ""
		return append(
			cs.Of(PartySource),
			cs.Of(PartyDestination).
				folded(CheckDestination, PartyDestination, "the receiving account", named),
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

// Checks returns the prerequisites of the transfer as of now. A context with
// only a profile and its owner, before there is a transfer, has those of the
// owner.
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
	// counted sets the Room of the last check.
	counted := func(count, limit int) {
		out[len(out)-1].Room = &Room{int64(count), int64(limit)}
	}
	const plans = "the plan starter or scale"
	upgrade := "Upgrade the plan of the account"

	// A transfer that takes another back does not have the checks of the
	// source. Otherwise the present owner could keep the profile by a lower
	// plan, by being blocked, or by having no other profile.
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
	// A transfer that takes another back does not check stored levels, because
	// the present owner could store more to prevent it. The profile may then
	// hold more than its allocation, and no more is admitted until it holds
	// less.
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

// storedCheck checks that the accepted allocation covers what the profile now
// holds of a level.
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

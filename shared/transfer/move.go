package transfer

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Move is a completed transfer with everything that its commit changes.
type Move struct {
	Transfer            Transfer
	Profile             tenancy.Profile // after the move; its version is the one that was read
	Source, Destination tenancy.Account // after the move
	Stay                tenancy.Team    // members, with the permission they have from now on
	Leave               tenancy.Team    // members who are removed
	// Void are the open invitations, which end because their owner leaves.
	Void     tenancy.Team
	Previous *tenancy.Member // the previous owner as a member; nil: it leaves
	// Was is the usage as it was read, and Use the usage after the move. They
	// are the same if nothing was ever reported.
	Was, Use billing.Usage
	// Instead is a new profile for an account whose only profile is taken back;
	// nil: it has others.
	Instead *tenancy.Profile
	// Joined is the membership of the receiving account, which ends because it
	// becomes the owner; nil: it had none.
	Joined *tenancy.Member
}

// Complete returns the move, if the transfer is ready and all checks hold.
// Otherwise the move is zero, and the checks say what is missing.
func (c Context) Complete(now time.Time) (Move, Checks) {
	checks := c.Checks(now)
	if !c.Transfer.Ready() || !c.Transfer.Open(now) || c.Void() != "" || !checks.OK() {
		return Move{}, checks
	}
	terms := c.Terms()
	var m Move
	var err error
	source := c.Source
	alone := c.Transfer.Reverts != "" && source.Profiles() == 1
	if alone {
		source = source.WithSpare(c.Spare, now)
	}
	receiving, resumed := c.Destination.Resuming(c.Transfer.Spent, now)
	if m.Source, err = source.RemoveProfile(c.Profile.ID, c.Usage, now); err == nil {
		m.Destination, err = receiving.AddProfile(
			c.Profile.ID,
			billing.Share{Allocation: terms.Allocation, Addons: c.addons()}.Holding(c.Usage),
			now,
		)
	}
	if err != nil {
		// The checks above should have found this already. If they did not, the
		// move must still not happen.
		return Move{}, append(
			checks,
			Check{
				Code:     CheckDestProfiles,
				Side:     PartyDestination,
				Expected: "room for the profile",
				Actual:   err.Error(),
				Fix:      "Write to support",
			},
		)
	}
	if alone {
		m.Source = m.Source.Alone(now)
		instead := tenancy.NewProfile(c.Spare, m.Source, m.Source.Name, now)
		m.Instead = &instead
	}
	policy := c.Profile.TokenPolicy
	before := Terms{
		Name:        c.Profile.Name,
		Allocation:  c.Profile.Allocation,
		Addons:      c.Profile.Addons,
		TokenPolicy: &policy,
		Members:     map[value.AccountID]tenancy.Permission{},
	}

	m.Profile = c.Profile.Of(m.Destination)
	p := &m.Profile
	// The new epoch must be above each earlier one, also if this clock is
	// behind or a member has joined in this millisecond.
	joined, _ := c.Team.Active(m.Destination.ID)
	p.Epoch = max(now.UnixMilli(), p.Epoch+1, joined.Epoch+1)
	// What the previous owner was told and stopped is not what the new one
	// wants.
	p.Alerts, p.Soft = nil, billing.Services{}
	if terms.Name != "" {
		p.Name = terms.Name
	}
	if terms.TokenPolicy != nil {
		p.TokenPolicy = *terms.TokenPolicy
	}
	p.Transferred, p.Updated = now, now
	p.QuotaVersion++
	m.Was, m.Use = c.Usage, c.Usage
	if c.Usage.Version > 0 {
		m.Use = c.Usage.Moved(p.Quota(), resumed, now)
	}

	for _, member := range c.Team {
		if member.Active {
			before.Members[member.Account] = member.Permission
		}
		right, stays := c.stays(member)
		switch {
		case stays:
			member.Permission = right
			m.Stay = append(m.Stay, member)
		case member.Active && member.Account == m.Destination.ID:
			m.Joined = &member
		case member.Active:
			m.Leave = append(m.Leave, member)
		case member.Open(now):
			m.Void = append(m.Void, member)
		}
	}
	if terms.Owner != tenancy.PermissionNone {
		m.Previous = &tenancy.Member{
			Profile:    p.ID,
			Account:    m.Source.ID,
			Permission: terms.Owner,
			Epoch:      p.Epoch,
			Active:     true,
			Created:    now,
		}
	}
	m.Transfer = c.Transfer.end(Completed, PartySystem, "", "", now)
	m.Transfer.Destination, m.Transfer.Terms, m.Transfer.Before = m.Destination.ID, terms, before
	if used := c.Usage.Counted(c.Source.Subscription, now); used != (plan.Amounts{}) {
		m.Transfer.Spent = billing.Spent{Cycle: c.Source.Cycle(now).Start, Used: used}
	}
	return m, checks
}

package transfer

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Move is a completed transfer with everything that changes hands in
// its commit.
type Move struct {
	Transfer            Transfer
	Profile             tenancy.Profile // after the move; its version is the one that was read
	Source, Destination tenancy.Account // after the move
	Stay                tenancy.Team    // members, with the permission they have from now on
	Leave               tenancy.Team    // members who lose the profile
	// the places of open invitations, which end with the owner who made them
	Void     tenancy.Team
	Previous *tenancy.Member // the previous owner as a member, nil when it leaves
	// what was used when it was read, and from the move on; the same when
	// nothing ever was
	Was, Use billing.Usage
	// a new one for the previous owner of a profile that was its only one and
	// went back; nil: it has others
	Instead *tenancy.Profile
	// the receiving account's membership, which ends as it becomes the owner;
	// nil when it had none
	Joined *tenancy.Member
}

// Complete moves the profile, if everybody has given their word and all
// prerequisites hold; else it returns those that are missing.
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
		// The checks say the same in words of their own; this is for the day
		// they do not.
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
	// Clocks differ, and a member may have joined in this millisecond: what was
	// made before must be older.
	joined, _ := c.Team.Active(m.Destination.ID)
	p.Epoch = max(now.UnixMilli(), p.Epoch+1, joined.Epoch+1)
	if terms.Name != "" {
		p.Name = terms.Name
	}
	if terms.TokenPolicy != nil {
		p.TokenPolicy = *terms.TokenPolicy
	}
	p.Transferred, p.Updated = now, now
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

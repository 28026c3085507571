package profiles

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// AccountOverview is an account with every profile that it can open.
type AccountOverview struct {
	Account  tenancy.Account
	Now      time.Time
	Profiles []Outlined // own ones first, as in Profiles.List
}

// Outlined is a profile of an overview.
type Outlined struct {
	Grant tenancy.Grant
	Owner string // the name of the account that owns it
	Summary
	// Team is who an own profile is shared with, open invitations included, and
	// Transfer its open transfer; neither is read of a profile of others.
	Team     tenancy.Team
	Transfer transfer.ID // empty: none
}

// Overview returns the caller's account with every profile that it can open,
// what that has and what it has used. It takes one round trip beside those of
// Profiles.List, however many profiles there are. Errors: those of every
// request with a token; tenancy.ErrOneProfile.
func (s Service) Overview(ctx context.Context, c access.Client) (AccountOverview, error) {
	who, grants, err := s.Access.AuthorizeGrants(ctx, c)
	if err != nil {
		return AccountOverview{}, err
	}
	if who.Token.Scope != tenancy.ScopeAccount {
		return AccountOverview{}, tenancy.ErrOneProfile
	}
	now := s.Instant()
	grants = OwnFirst(grants)
	rows := make([]Outlined, len(grants))
	exists := make([]bool, len(grants))
	var reads []func(context.Context) error
	var finish []func()
	var batch *store.Batch
	for i, g := range grants {
		// Each takes three of a batch's places at most.
		if i%(core.BatchSize/3) == 0 {
			batch = s.Store.Batch()
			reads = append(reads, batch.Get)
		}
		usage := batch.Usage(g.Profile)
		if !g.Own() {
			profile, owner := batch.Profile(g.Profile), batch.Account(g.Owner)
			finish = append(finish, func() {
				exists[i] = profile.OK
				rows[i] = Outlined{
					Grant:   g,
					Owner:   owner.Value.Name,
					Summary: summaryOf(profile.Value, usage.Value, now),
				}
			})
			continue
		}
		open := batch.OpenTransfer(g.Profile)
		var profile tenancy.Profile
		var team tenancy.Team
		reads = append(reads, func(ctx context.Context) (err error) {
			profile, team, err = s.Store.ProfileWithMembers(ctx, g.Profile)
			return err
		})
		finish = append(finish, func() {
			exists[i] = profile.ID != ""
			rows[i] = Outlined{
				Grant: g, Owner: who.Account.Name,
				Summary: summaryOf(profile, usage.Value, now), Team: team.Open(now),
			}
			if open.OK {
				rows[i].Transfer = open.Value
			}
		})
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return AccountOverview{}, err
	}
	for _, end := range finish {
		end()
	}
	account, _ := who.Account.Current(now)
	out := AccountOverview{Account: account, Now: now}
	for i, row := range rows {
		// A profile that was deleted since the grants were read is left out.
		if exists[i] {
			out.Profiles = append(out.Profiles, row)
		}
	}
	return out, nil
}

// Joined is how many members an own profile has beside its owner.
func (o Outlined) Joined() int { return len(o.Team.Joined()) }

// Invited is how many open invitations an own profile has.
func (o Outlined) Invited() int { return len(o.Team) - o.Joined() }

package subscriptions

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Payments returns charges of the caller's account, newest first: those from
// the position on, or from after the one named last on, or from the newest.
// last is for SDKs, and costs what lies before it. Errors: those of every
// request with a token; CodeInvalid naming the parameter.
func (s Service) Payments(
	ctx context.Context,
	c access.Client,
	p core.Paging,
	last string,
) (list core.List[billing.Charge], err error) {
	if last != "" && p.After != "" {
		return list, problem.InvalidField(
			"last_id",
			problem.FieldContradicts,
			"is another way to say where to go on than nextToken: send one of them",
		)
	}
	if err := p.Check(isCharge); err != nil {
		return list, err
	}
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return list, err
	}
	found := last == ""
	if !found {
		p.Page = 1 // what lies before the last one has no bound
	}
	list, err = core.ReadList(p, !found,
		func(pageSize int) func(func(billing.Charge, error) bool) {
			return s.Store.AllCharges(ctx, who.Account.ID, store.Walk{
				NewestFirst: true, PageSize: pageSize, After: p.After,
			})
		},
		func(charge billing.Charge) bool {
			before := found
			found = found || charge.ID == last
			return before
		}, store.ChargeCursor)
	if err == nil && !found {
		err = problem.InvalidField(
			"last_id",
			problem.FieldChoice,
			"must be the stripe_id of one of the account's charges",
		)
	}
	return list, err
}

// isCharge reports whether a text is the position of a charge.
func isCharge(s string) bool {
	id, ok := value.CutPosition(s)
	return ok && value.IsID(id)
}

// Cost is what an account costs in a month, with the names of its profiles, and
// what its next renewal will cost.
type Cost struct {
	billing.Cost
	Names    map[value.ProfileID]string // of profiles that the account still has
	Renewal  time.Time                  // zero: there is none
	Zone     *time.Location             // where the account is
	Upcoming billing.Cost
}

// Cost divides what the caller's account was charged in a month over its
// profiles and services; the lines add up to the statement to the cent, also
// for profiles that are gone. month is as billing.ParseMonth reads it. Errors:
// those of every request with a token; CodeInvalid for the month.
func (s Service) Cost(ctx context.Context, c access.Client, month string) (Cost, error) {
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return Cost{}, err
	}
	return s.cost(ctx, who.Account.ID, month)
}

// ProfileCost is the part of its owner's cost that is a profile's. Errors:
// those of every request to a profile; CodeForbidden for members without the
// permission billing; CodeInvalid for the month.
func (s Service) ProfileCost(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	month string,
) (Cost, error) {
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
	if err != nil {
		return Cost{}, err
	}
	cost, err := s.cost(ctx, r.Profile.Owner, month)
	cost.Cost, cost.Upcoming = cost.Of(r.Profile.ID), cost.Upcoming.Of(r.Profile.ID)
	return cost, err
}

// Overview is an account with the names of its profiles.
type Overview struct {
	Account tenancy.Account
	Names   map[value.ProfileID]string
}

// Overview returns the caller's account with the names of its profiles. Errors:
// those of every request with a token.
func (s Service) Overview(ctx context.Context, c access.Client) (Overview, error) {
	a, err := s.Account(ctx, c)
	if err != nil {
		return Overview{}, err
	}
	_, names, err := s.named(ctx, a.ID)
	return Overview{a, names}, err
}

// named reads an account, and the names of the profiles that it can open.
func (s Service) named(
	ctx context.Context,
	id value.AccountID,
) (tenancy.Account, map[value.ProfileID]string, error) {
	names := map[value.ProfileID]string{}
	account, grants, err := s.Store.AccountWithGrants(ctx, id)
	for _, g := range grants {
		names[g.Profile] = g.Name
	}
	return account, names, err
}

func (s Service) cost(ctx context.Context, id value.AccountID, text string) (Cost, error) {
	now := s.Instant()
	month, err := billing.ParseMonth(text, now)
	if err != nil {
		return Cost{}, err
	}
	end := month.AddDate(0, 1, 0)
	var cost Cost
	var a tenancy.Account
	var charges []billing.Charge
	var history []billing.Snapshot
	// A charge of a month may be for a time until the end of the next month.
	err = flow.Parallel(ctx, func(ctx context.Context) (err error) {
		charges, err = core.First(s.Store.Charges(ctx, id, month, end), maxCharges)
		return err
	}, func(ctx context.Context) (err error) {
		history, err = s.Store.Snapshots(ctx, id, month, end.AddDate(0, 1, 0))
		return err
	}, func(ctx context.Context) (err error) {
		a, cost.Names, err = s.named(ctx, id)
		return err
	})
	if err != nil {
		return Cost{}, err
	}
	cost.Cost = billing.CostOf(month, charges, history)
	cost.Zone = a.Zone()
	a, _ = a.Current(now)
	next, upcoming := a.Upcoming()
	cost.Renewal = a.PaidUntil
	cost.Upcoming = billing.CostOf(
		a.PaidUntil,
		upcoming,
		[]billing.Snapshot{next.Snapshot(a.PaidUntil)},
	)
	return cost, nil
}

// maxCharges is how many charges of a month are looked at: far more than a
// person can cause.
const maxCharges = 10_000

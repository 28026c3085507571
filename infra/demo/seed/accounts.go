// Package seed fills the empty table of a local stack with demo accounts, two
// of which have some weeks behind them. It makes everything with the services,
// whose clock it sets: what it leaves is what people and data planes would have
// left.
package seed

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"profiles/infra/demo"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/service/profiles"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Extent is how much of the demo a new table gets.
type Extent string

const (
	Nothing  Extent = "0"
	Accounts Extent = "accounts" // accounts without a history
	Whole    Extent = "1"
)

// ParseExtent reads the variable DEMO; empty is Whole.
func ParseExtent(text string) (Extent, error) {
	switch e := Extent(text); e {
	case "":
		return Whole, nil
	case Nothing, Accounts, Whole:
		return e, nil
	}
	return "", fmt.Errorf(
		"DEMO is %q: it must be 1, accounts (without a history), or 0 (no demo)",
		text,
	)
}

// Account is a demo account, and What says who that is.
type Account struct {
	operator.Seed
	What string
}

// People are the accounts of every demo. The first one owns demo.Profile; the
// last one is made last, and says that all before it are there.
var People = []Account{
	{
		operator.Seed{Name: "Ana", Email: "ana@example.com", Plan: plan.Scale},
		"owner, Scale: profiles Ana and Plant",
	},
	{operator.Seed{Name: "Mia", Email: "mia@example.com"}, "Free, member of Ana's Plant (write)"},
	{operator.Seed{Name: "Ben", Email: "ben@example.com", Plan: plan.Starter}, "owner, Starter"},
	{
		operator.Seed{Name: "Plane", Email: "plane@example.com", Type: tenancy.AccountService},
		"a data plane, which reports what profiles use",
	},
	{
		operator.Seed{Name: "Sam", Email: "sam@example.com", Type: tenancy.AccountSupport},
		"agent of the support desk, which decides about transfers",
	},
}

// Config is what the seed works with. Store, Keys and Mailer are required.
type Config struct {
	Store *store.Store
	Keys  secret.Keys
	// Mailer gets the mails of the last days, whose links still work.
	Mailer service.Mailer
	Now    time.Time // when the demo ends: everything happened before
	Log    *slog.Logger
}

// Made says what of the demo a table has.
type Made struct{ Accounts, History bool }

// Described returns the accounts that were made: those with a history first.
func (m Made) Described() []Account {
	var all []Account
	if m.History {
		all = append(all, withHistory...)
	}
	return append(all, People...)
}

// Make makes the demo accounts in an empty table, and returns what of the demo
// the table has. empty says whether the table has nothing at all. If an earlier
// seeding was interrupted, Make adds the accounts that are missing. It does not
// complete a history, which can only be made from its beginning.
func Make(
	ctx context.Context,
	c Config,
	extent Extent,
	empty func(context.Context) (bool, error),
) (Made, error) {
	if extent == Nothing {
		return Made{}, nil
	}
	batch := c.Store.Batch()
	first := batch.EmailReservation(value.Email(People[0].Email))
	last := batch.EmailReservation(value.Email(People[len(People)-1].Email))
	nora := batch.EmailReservation(value.Email(withHistory[0].Email))
	err := batch.Get(ctx)
	if made := (Made{last.OK, nora.OK}); err != nil || last.OK {
		return made, err
	}
	if !first.OK {
		if is, err := empty(ctx); err != nil || !is {
			return Made{}, err
		}
	}
	if err := makePeople(ctx, c, extent == Whole, nora.OK); err != nil {
		return Made{}, err
	}
	return Made{true, extent == Whole || nora.OK}, nil
}

// makePeople makes the accounts, and the history before the last one.
func makePeople(ctx context.Context, c Config, whole, begun bool) error {
	services := service.New(
		service.Config{
			Store:  c.Store,
			NewID:  demoIDs(),
			NewKey: func() secret.Credential { return demo.Owner },
		},
	)
	plane := service.New(
		service.Config{Store: c.Store, NewKey: func() secret.Credential { return demo.Plane }},
	)
	var owner value.ProfileID
	for i, d := range People {
		if i == len(People)-1 && whole {
			if err := makeHistory(ctx, c, begun); err != nil {
				return fmt.Errorf("the demo's history: %w", err)
			}
		}
		account, home, err := makeAccount(ctx, services, d.Seed)
		switch {
		case err != nil:
		case i == 0:
			owner = home
		case i == 1:
			err = sharePlant(ctx, services, owner, account.ID)
		case d.Type == tenancy.AccountService:
			err = makeToken(ctx, plane, d.Email, home)
		}
		if err != nil {
			return fmt.Errorf("demo account %s: %w", d.Email, err)
		}
	}
	return nil
}

func makeAccount(
	ctx context.Context,
	services *service.Services,
	seed operator.Seed,
) (tenancy.Account, value.ProfileID, error) {
	seed.Password = demo.Password
	account, home, err := services.Operator.CreateAccount(ctx, seed)
	if !exists(err) {
		return account, home.ID, err
	}
	entered, err := services.Accounts.Login(
		ctx,
		service.Client{},
		seed.Email,
		service.Credentials{Password: demo.Password},
	)
	if err != nil {
		return account, "", err
	}
	return entered.Account, profiles.OwnFirst(entered.Grants)[0].Profile, nil
}

// sharePlant gives the first account the demo token and a second profile, with
// a member.
func sharePlant(
	ctx context.Context,
	services *service.Services,
	home value.ProfileID,
	member value.AccountID,
) error {
	const name = "Plant"
	if err := makeToken(ctx, services, People[0].Email, home); err != nil {
		return err
	}
	ana := service.Client{Token: demo.Owner}
	profiles, err := services.Profiles.List(ctx, ana.For(operation.ProfileList.Access))
	if err != nil {
		return err
	}
	var plant value.ProfileID
	for _, p := range profiles {
		if p.Name == name {
			plant = p.Profile
		}
	}
	if plant == "" {
		ana := ana.For(operation.ProfileCreate.Access)
		if plant, err = services.Profiles.Create(ctx, ana, name, false); err != nil {
			return err
		}
	}
	if err := services.Operator.AddMember(
		ctx,
		plant,
		member,
		tenancy.PermissionWrite,
	); err != nil &&
		!exists(err) {
		return err
	}
	return nil
}

// makeToken gives an account the token that the services make.
func makeToken(
	ctx context.Context,
	services *service.Services,
	email string,
	home value.ProfileID,
) error {
	_, err := services.Tokens.CreateAtLogin(ctx, service.Client{}, tokens.NewToken{
		Profile:     service.ProfileRef{ID: home},
		Email:       email,
		Credentials: service.Credentials{Password: demo.Password},
		Name:        "demo",
		Expires:     "never",
	})
	if exists(err) {
		return nil
	}
	return err
}

// demoIDs returns a source of ids whose second one is demo.Profile: the first
// account has the first one, its profile the second.
func demoIDs() func(time.Time) string {
	n := 0
	return func(now time.Time) string {
		if n++; n == 2 {
			return string(demo.Profile)
		}
		return secret.NewID(now)
	}
}

func exists(err error) bool { return problem.CodeOf(err) == problem.CodeConflict }

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/demo"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// demoReport is a report of a data plane to try.
const demoReport = `{"lines":[{"service":"input","amount":25,"event":"first"}]}`

type demoAccount struct {
	service.Seed
	what string
}

var demoAccounts = []demoAccount{
	{
		service.Seed{Name: "Ana", Email: "ana@example.com", Plan: plan.Scale},
		"owner, Scale: profiles Ana and Plant",
	},
	{service.Seed{Name: "Mia", Email: "mia@example.com"}, "Free, member of Ana's Plant (write)"},
	{service.Seed{Name: "Ben", Email: "ben@example.com", Plan: plan.Starter}, "owner, Starter"},
	{
		service.Seed{Name: "Plane", Email: "plane@example.com", Type: tenancy.AccountService},
		"a data plane, which reports what profiles use",
	},
	{
		service.Seed{Name: "Sam", Email: "sam@example.com", Type: tenancy.AccountSupport},
		"agent of the support desk, which decides about transfers",
	},
}

// seedDemo makes the demo accounts in an empty table, and reports whether the
// table has them. The last account says that everything before it is there;
// what a seeding that was cut short left out is added.
func seedDemo(ctx context.Context, client *dynamodb.Client, table string) (bool, error) {
	items := store.New(client, table)
	batch := items.Batch()
	first := batch.EmailReservation(value.Email(demoAccounts[0].Email))
	last := batch.EmailReservation(value.Email(demoAccounts[len(demoAccounts)-1].Email))
	if err := batch.Get(ctx); err != nil || last.OK {
		return last.OK, err
	}
	if !first.OK {
		some, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1)})
		if err != nil || len(some.Items) > 0 {
			return false, err
		}
	}
	ana := service.New(
		service.Config{
			Store:  items,
			NewID:  demoIDs(),
			NewKey: func() secret.Credential { return demo.Owner },
		},
	)
	plane := service.New(
		service.Config{Store: items, NewKey: func() secret.Credential { return demo.Plane }},
	)
	var owner value.ProfileID
	for i, d := range demoAccounts {
		account, home, err := makeAccount(ctx, ana, d.Seed)
		switch {
		case err != nil:
		case i == 0:
			owner = home
		case i == 1:
			err = sharePlant(ctx, ana, owner, account.ID)
		case d.Type == tenancy.AccountService:
			err = makeToken(ctx, plane, d.Email, home)
		}
		if err != nil {
			return false, fmt.Errorf("demo account %s: %w", d.Email, err)
		}
	}
	return true, nil
}

func makeAccount(
	ctx context.Context,
	services *service.Services,
	seed service.Seed,
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
	return entered.Account, service.OwnFirst(entered.Grants)[0].Profile, nil
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
	if err := makeToken(ctx, services, demoAccounts[0].Email, home); err != nil {
		return err
	}
	ana := service.Client{Token: demo.Owner}
	profiles, err := services.Profiles.List(ctx, ana)
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
	_, err := services.Tokens.CreateAtLogin(ctx, service.Client{}, service.NewToken{
		Profile: service.ProfileRef{
			ID: home,
		},
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

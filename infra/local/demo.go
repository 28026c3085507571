package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// The demo accounts. Their password and the token of the first one are public: they exist in local tables only, and the
// samples in events/ use them.
const demoPassword = "demo lantern otter"

var demoToken = secret.Credential{ID: "DemoAna0", Secret: "OnlyForTheLocalStack00"}

type demoAccount struct {
	service.Seed
	what string
}

var demoAccounts = []demoAccount{
	{service.Seed{Name: "Ana", Email: "ana@example.com", Plan: tenancy.PlanScale}, "owner, Scale: profiles Ana and Plant"},
	{service.Seed{Name: "Mia", Email: "mia@example.com"}, "Free, member of Ana's Plant (write)"},
	{service.Seed{Name: "Ben", Email: "ben@example.com", Plan: tenancy.PlanStarter}, "owner, Starter"},
	{service.Seed{Name: "Sam", Email: "sam@example.com", Type: tenancy.AccountSupport}, "agent of the support desk, which decides about transfers"},
}

// seedDemo makes the demo accounts in an empty table, and reports whether the table has them. The last account says that
// everything before it is there; what a seeding that was cut short left out is added.
func seedDemo(ctx context.Context, client *dynamodb.Client, table string) (bool, error) {
	items := store.New(client, table)
	batch := items.Batch()
	first := batch.Claim(tenancy.Email(demoAccounts[0].Email))
	last := batch.Claim(tenancy.Email(demoAccounts[len(demoAccounts)-1].Email))
	if err := batch.Get(ctx); err != nil || last.OK {
		return last.OK, err
	}
	if !first.OK {
		some, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1)})
		if err != nil || len(some.Items) > 0 {
			return false, err
		}
	}
	services := service.New(service.Config{Store: items, NewKey: func() secret.Credential { return demoToken }})
	var owner tenancy.ProfileID
	for i, d := range demoAccounts {
		account, home, err := makeAccount(ctx, services, d.Seed)
		switch {
		case err != nil:
		case i == 0:
			owner = home
		case i == 1:
			err = sharePlant(ctx, services, owner, account.ID)
		}
		if err != nil {
			return false, fmt.Errorf("demo account %s: %w", d.Email, err)
		}
	}
	return true, nil
}

func makeAccount(ctx context.Context, services *service.Services, seed service.Seed) (tenancy.Account, tenancy.ProfileID, error) {
	seed.Password = demoPassword
	account, home, err := services.Operator.CreateAccount(ctx, seed)
	if !exists(err) {
		return account, home.ID, err
	}
	account, grants, err := services.Accounts.Login(ctx, service.Client{}, seed.Email, demoPassword)
	if err != nil {
		return account, "", err
	}
	return account, service.OwnFirst(grants)[0].Profile, nil
}

// sharePlant gives the first account the demo token and a second profile, with a member.
func sharePlant(ctx context.Context, services *service.Services, home tenancy.ProfileID, member tenancy.AccountID) error {
	const name = "Plant"
	_, err := services.Tokens.CreateAtLogin(ctx, service.Client{}, service.NewToken{
		Profile: service.ProfileRef{ID: home}, Email: demoAccounts[0].Email, Password: demoPassword, Name: "demo", Expires: "never",
	})
	if err != nil && !exists(err) {
		return err
	}
	ana := service.Client{Token: demoToken}
	profiles, err := services.Profiles.List(ctx, ana)
	if err != nil {
		return err
	}
	var plant tenancy.ProfileID
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
	if err := services.Operator.AddMember(ctx, plant, member, tenancy.PermissionWrite); err != nil && !exists(err) {
		return err
	}
	return nil
}

func exists(err error) bool { return tenancy.CodeOf(err) == tenancy.CodeConflict }

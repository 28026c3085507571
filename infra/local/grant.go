package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/engine"
	"profiles/infra/template"
	"profiles/shared/app"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// grant is what a command does to an account, and what that is then, or was
// already.
type grant struct {
	do      func(operator.Service, context.Context, string) (operator.Outcome, error)
	is, was string
	mails   bool // needs the secret key, as what a mail says is sealed
}

// granted makes an account one of a type.
func granted(
	to tenancy.AccountType,
) func(operator.Service, context.Context, string) (operator.Outcome, error) {
	return func(o operator.Service, ctx context.Context, address string) (operator.Outcome, error) {
		return o.SetType(ctx, address, to)
	}
}

// revoked makes an account of a type a customer's again.
func revoked(
	from tenancy.AccountType,
) func(operator.Service, context.Context, string) (operator.Outcome, error) {
	return func(o operator.Service, ctx context.Context, address string) (operator.Outcome, error) {
		return o.RevokeType(ctx, address, from)
	}
}

var grants = map[string]grant{
	"grant-support": {
		do:  granted(tenancy.AccountSupport),
		is:  "is an agent of the support desk now, from their next request on",
		was: "is an agent of the support desk already",
	},
	"revoke-support": {
		do:  revoked(tenancy.AccountSupport),
		is:  "is a customer again and no agent any more, from their next request on",
		was: "is a customer already",
	},
	"grant-service": {
		do:  granted(tenancy.AccountService),
		is:  "is a data plane's now and may report what profiles use, from their next request on",
		was: "is a data plane's already",
	},
	"revoke-service": {
		do:  revoked(tenancy.AccountService),
		is:  "is a customer again and reports no use any more, from their next request on",
		was: "is a customer already",
	},
	"reset-factors": {
		do:    operator.Service.ResetFactors,
		is:    "is asked for no second factor any more; a mail that says so is on its way",
		was:   "has no second factor: nothing was changed, and nobody gets a mail",
		mails: true,
	},
	"sign-out": {do: operator.Service.SignOut, is: "has no token any more that works"},
	"resume-mail": {
		do:  operator.Service.ResumeMail,
		is:  "gets mails again",
		was: "gets mails: they are not stopped",
	},
}

// grantPatience is how long changing an account may take, the start of an
// engine included.
const grantPatience = time.Minute

// change does to the account with an address what a command of grants says: in
// the deployed table that TABLE_NAME names, or else in that of the local stack,
// which may be running or not.
func change(ctx context.Context, out io.Writer, command, address string) error {
	if strings.TrimSpace(address) == "" {
		return fmt.Errorf("say whose account: make %s EMAIL=sam@example.com", command)
	}
	email, err := value.ParseEmail(address)
	if err != nil {
		return fmt.Errorf("EMAIL is %q: %w", address, err)
	}
	ctx, cancel := context.WithTimeout(ctx, grantPatience)
	defer cancel()
	o, g := fromEnvironment(), grants[command]
	act, err := actOf(ctx, os.Getenv("TABLE_NAME") != "", os.Getenv)
	if err != nil {
		return err
	}
	p, err := findTable(ctx, o, os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	c := service.Config{Store: store.New(p.client, p.table)}
	if g.mails {
		if c.Keys, err = keysOf(ctx, o, os.Getenv); err != nil {
			return err
		}
	}
	account, err := g.do(service.New(c).Operator.By(act), ctx, string(email))
	gone := (*types.ResourceNotFoundException)(nil)
	switch {
	case errors.As(err, &gone):
		return fmt.Errorf("%s does not exist", p.name)
	case problem.CodeOf(err) == problem.CodeNotFound:
		return fmt.Errorf(
			"no confirmed account has the address %s in %s: sign up with it and confirm it first",
			email,
			p.name,
		)
	case err != nil:
		return fmt.Errorf("%s: %w", p.name, err)
	}
	is := g.is
	if !account.Changed {
		is = g.was
	}
	name := account.Name
	if name == "" {
		name = "An address without an account"
	}
	fmt.Fprintf(out, "%s (%s) %s.\n(%s)\n", name, account.Email, is, p.name)
	return nil
}

// place is a table, with words that say which it is.
type place struct {
	client      *dynamodb.Client
	table, name string
	close       func()
}

// findTable finds the table that TABLE_NAME names, or that of the local stack.
func findTable(ctx context.Context, o options, getenv func(string) string) (place, error) {
	if table := getenv("TABLE_NAME"); table != "" {
		return deployedTable(table, getenv)
	}
	file, err := template.Find()
	if err != nil {
		return place{}, err
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		return place{}, err
	}
	p := place{table: declared.Table.LogicalID, close: func() {}}
	url := o.dynamodbURL
	if running, ok := runningOn(o.data); ok {
		url, p.name = running.DynamoDB, "the running stack, "+running.API
	} else if url != "" {
		if err := checkURL("AWS_ENDPOINT_URL_DYNAMODB", url); err != nil {
			return place{}, err
		}
		p.name = "the table at " + url
	} else {
		if _, err := os.Stat(o.data); err != nil {
			return place{}, fmt.Errorf(
				"there is no local table yet (%w): make run makes one; for a deployed table set TABLE_NAME",
				err,
			)
		}
		e, err := engine.Start(ctx, engine.Options{Dir: o.data, Log: o.log})
		if err != nil {
			return place{}, err
		}
		url, p.name, p.close = e.Endpoint, "the local table in "+o.data, e.Stop
	}
	config, err := app.AWSConfig(func(name string) string { return localSettings[name] })
	if err != nil {
		p.close()
		return place{}, err
	}
	config.BaseEndpoint = &url
	p.client = dynamodb.NewFromConfig(config)
	return p, nil
}

func deployedTable(table string, getenv func(string) string) (place, error) {
	var missing []string
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return place{}, fmt.Errorf(
			"for the deployed table %s set %s as well; for the local one leave TABLE_NAME empty",
			table,
			strings.Join(missing, ", "),
		)
	}
	config, err := app.AWSConfig(getenv)
	if err != nil {
		return place{}, err
	}
	endpoint, err := app.Endpoint(getenv, "AWS_ENDPOINT_URL_DYNAMODB")
	if err != nil {
		return place{}, err
	}
	name := fmt.Sprintf("the table %s in %s", table, config.Region)
	if endpoint != "" {
		config.BaseEndpoint, name = &endpoint, fmt.Sprintf("the table %s at %s", table, endpoint)
	}
	return place{dynamodb.NewFromConfig(config), table, name, func() {}}, nil
}

// actOf returns who runs a command, and why: OPERATOR and REASON. Without
// OPERATOR, this is the caller that AWS finds by the credentials; for the local
// stack, it is the user of this machine. It fails without a reason for a
// deployed stack.
func actOf(ctx context.Context, deployed bool, getenv func(string) string) (operator.Act, error) {
	who, why := getenv("OPERATOR"), getenv("REASON")
	if deployed && strings.TrimSpace(why) == "" {
		return operator.Act{}, errors.New(
			`say why, for the audit log: REASON="lost phone, ticket 123"`,
		)
	}
	var err error
	switch {
	case who != "":
	case deployed:
		if who, err = callerIdentity(ctx, getenv); err != nil {
			return operator.Act{}, fmt.Errorf(
				"say who you are, for the audit log: OPERATOR=name (AWS does not say it: %w)", err,
			)
		}
	default:
		who = localUser()
	}
	return operator.ParseAct(who, why)
}

func localUser() string {
	if u, err := user.Current(); err == nil {
		return cmp.Or(u.Username, u.Uid)
	}
	return "unknown"
}

// callerIdentity asks AWS whose credentials the environment has. It is one
// signed request, for which the SDK's client of STS would be a further module.
func callerIdentity(ctx context.Context, getenv func(string) string) (string, error) {
	config, err := app.AWSConfig(getenv)
	if err != nil {
		return "", err
	}
	endpoint, err := app.Endpoint(getenv, "AWS_ENDPOINT_URL_STS")
	if err != nil {
		return "", err
	}
	if endpoint == "" {
		endpoint = "https://sts." + config.Region + ".amazonaws.com"
		if strings.HasPrefix(config.Region, "cn-") {
			endpoint += ".cn"
		}
	}
	const body = "Action=GetCallerIdentity&Version=2011-06-15"
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, endpoint+"/", strings.NewReader(body),
	)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(
		ctx, credentials, request, hex.EncodeToString(hash[:]), "sts", config.Region, time.Now(),
	); err != nil {
		return "", err
	}
	response, err := config.HTTPClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct {
		Arn string `xml:"GetCallerIdentityResult>Arn"`
	}
	if err := xml.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Arn == "" {
		return "", fmt.Errorf("sts GetCallerIdentity: the status is %s", response.Status)
	}
	// The account of AWS is not for the readers of an audit log.
	parts := strings.SplitN(answer.Arn, ":", 6)
	return parts[len(parts)-1], nil
}

// operatorList prints the accounts with a role: in the deployed table that
// TABLE_NAME names, or else in that of the local stack.
func operatorList(ctx context.Context, out io.Writer) error {
	p, err := findTable(ctx, fromEnvironment(), os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	services := service.New(service.Config{Store: store.New(p.client, p.table)})
	found, err := services.Operator.Roles(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	for _, a := range found {
		since := "an earlier version"
		if !a.RoleSince.IsZero() {
			since = a.RoleSince.Format(value.TimeFormat)
		}
		fmt.Fprintf(out, "%-8s %s (%s), since %s, by %s\n",
			a.Type, a.Email, a.Name, since, cmp.Or(a.RoleBy, "nobody known"))
	}
	fmt.Fprintf(out, "%d accounts with a role\n(%s)\n", len(found), p.name)
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/events"

	"profiles/infra/engine"
	"profiles/infra/secrets"
	"profiles/infra/template"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
)

// ground is what the functions need: an engine with the table and one account,
// reachable directly and through TLS.
type ground struct {
	engine *engine.Engine
	front  *front
	// secrets has the master keys, behind a front of its own: at AWS, it is
	// another host with another handshake.
	secrets      *secrets.Server
	secretsFront *front
	// plain and secure are the variables that lead a function to the engine.
	plain  map[string]string
	secure map[string]string
	// samples is the folder of the sample events; own is the event of a profile
	// read with a token that may.
	samples string
	own     []byte
}

func prepare(ctx context.Context, declared *template.Template, root string) (g *ground, err error) {
	g = &ground{samples: filepath.Join(root, "events")}
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	if g.engine, err = engine.Start(ctx, engine.Options{}); err != nil {
		return nil, err
	}
	table := declared.Table.LogicalID
	if err = engine.CreateTable(ctx, g.engine.Client(), declared.Table, table, false); err != nil {
		return nil, err
	}
	if g.front, err = openFront(g.engine.Endpoint, systemRoots()); err != nil {
		return nil, err
	}
	key := filepath.Join(g.front.folder, "secret-key")
	if err = secrets.Write(key, secret.NewMaster()); err != nil {
		return nil, err
	}
	// A reference to the secret resolves to its logical id, so that is its name
	// here.
	if g.secrets, err = secrets.Serve("SecretKey", key); err != nil {
		return nil, err
	}
	roots, err := os.ReadFile(g.front.roots)
	if err != nil {
		return nil, err
	}
	if g.secretsFront, err = openFront(g.secrets.Endpoint, roots); err != nil {
		return nil, err
	}
	common := func(endpoint, secrets string) map[string]string {
		return map[string]string{
			"AWS_REGION":                engine.Region,
			"AWS_ACCESS_KEY_ID":         engine.AccessKeyID,
			"AWS_SECRET_ACCESS_KEY":     engine.SecretAccessKey,
			"AWS_ENDPOINT_URL_DYNAMODB": endpoint,
			"RATE_LIMITS":               "off",

			"AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets,
		}
	}
	g.plain = common(g.engine.Endpoint, g.secrets.Endpoint)
	g.secure = common(g.front.endpoint, g.secretsFront.endpoint)
	g.secure["SSL_CERT_FILE"] = g.secretsFront.roots
	g.own, err = ownRead(ctx, store.New(g.engine.Client(), table), g.sample(read))
	return g, err
}

func (g *ground) close() {
	if g.secretsFront != nil {
		g.secretsFront.close()
	}
	if g.secrets != nil {
		g.secrets.Close()
	}
	if g.front != nil {
		g.front.close()
	}
	if g.engine != nil {
		g.engine.Stop()
	}
}

// sample is the file of a function's sample event.
func (g *ground) sample(name string) string { return filepath.Join(g.samples, name+".json") }

// event is what a subject is invoked with.
func (g *ground) event(s subject) ([]byte, error) {
	switch s.declared.Name {
	case read:
		return g.own, nil
	case hello:
		return os.ReadFile(g.sample(noIO))
	}
	return os.ReadFile(g.sample(s.name))
}

// ownRead makes an account and returns the sample event with its token, naming
// its profile in the path.
func ownRead(ctx context.Context, s *store.Store, sample string) ([]byte, error) {
	const password = "granite otter lantern"
	services := service.New(
		service.Config{Store: s, Log: slog.New(slog.NewTextHandler(io.Discard, nil))},
	)
	account, profile, err := services.Operator.CreateAccount(ctx, operator.Seed{
		Name: "Ana", Email: "ana@example.com", Password: password, Plan: plan.Scale,
	})
	if err != nil {
		return nil, fmt.Errorf("make an account: %w", err)
	}
	made, err := services.Tokens.CreateAtLogin(
		ctx,
		service.Client{Source: "192.0.2.1"},
		tokens.NewToken{
			Profile: service.ProfileRef{
				ID: profile.ID,
			},
			Email:       string(account.Email),
			Credentials: service.Credentials{Password: password},
			Name:        "bench",
		},
	)
	if err != nil {
		return nil, fmt.Errorf("make a token: %w", err)
	}
	raw, err := os.ReadFile(sample)
	if err != nil {
		return nil, err
	}
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, fmt.Errorf("%s: %w", sample, err)
	}
	id := string(profile.ID)
	event.RawPath = "/profile/" + id
	event.RequestContext.HTTP.Path = event.RawPath
	event.PathParameters = map[string]string{"id": id}
	event.Headers["token"] = made.Text
	return json.Marshal(event)
}

// Package masterkey reads the master keys from Secrets Manager. Only functions
// that need the keys import it, because the client takes part of every start.
package masterkey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"profiles/shared/app"
	"profiles/shared/secret"
)

// Kept is how long a function uses the master keys before it reads them
// again. A new key must not seal until this time has passed; otherwise some
// functions could not open what it has sealed.
const Kept = 5 * time.Minute

const (
	// retry is the time until the next attempt after the keys could not be
	// read.
	retry = 30 * time.Second
	// patience is how long one read of the keys may take.
	patience = 5 * time.Second
)

// Secret is the secret of Secrets Manager that has the master keys.
type Secret struct {
	Client *secretsmanager.Client
	ID     string
}

// NewSecret returns the secret that the environment variable SECRET_ID names.
// The error says if it is missing.
func NewSecret(config aws.Config, getenv func(string) string) (Secret, error) {
	s := Secret{ID: getenv("SECRET_ID")}
	if s.ID == "" {
		return s, errors.New("the environment variable SECRET_ID is missing")
	}
	endpoint, err := app.Endpoint(getenv, "AWS_ENDPOINT_URL_SECRETS_MANAGER")
	if err != nil {
		return s, err
	}
	s.Client = secretsmanager.NewFromConfig(config, func(o *secretsmanager.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
	})
	return s, nil
}

// Read reads the master keys.
func (s Secret) Read(ctx context.Context) (secret.Ring, error) {
	ring, _, err := s.ReadVersion(ctx)
	return ring, err
}

// ReadVersion reads the master keys and the id of the version that has them.
func (s Secret) ReadVersion(ctx context.Context) (secret.Ring, string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := s.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.ID})
	if err == nil && out.SecretString == nil {
		err = errors.New("it has no text")
	}
	if err != nil {
		return secret.Ring{}, "", fmt.Errorf("the secret %s, which SECRET_ID names: %w", s.ID, err)
	}
	ring, err := secret.ParseRing(*out.SecretString)
	if err != nil {
		return secret.Ring{}, "", fmt.Errorf("the secret %s, which SECRET_ID names: %w", s.ID, err)
	}
	return ring, aws.ToString(out.VersionId), nil
}

// Keys has the master keys of a function, and reads them again every Kept.
type Keys struct {
	secret Secret
	log    *slog.Logger
	now    func() time.Time

	mu   sync.Mutex
	ring secret.Ring
	next time.Time // when to read them again
}

// FromEnvironment makes the Keys of the secret that the environment names; see
// NewSecret.
func FromEnvironment(
	config aws.Config, log *slog.Logger, getenv func(string) string,
) (*Keys, error) {
	s, err := NewSecret(config, getenv)
	return &Keys{secret: s, log: log, now: time.Now}, err
}

// Read reads the keys while the function starts.
func (k *Keys) Read(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	ring, err := k.secret.Read(ctx)
	if err == nil {
		k.ring, k.next = ring, k.now().Add(Kept)
	}
	return err
}

// Present returns the ring as of now. If the keys cannot be read again, it uses
// those that it has: several attempts fit into the time before a new key seals.
func (k *Keys) Present() secret.Ring {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if !now.Before(k.next) {
		ring, err := k.secret.Read(context.Background())
		if err != nil {
			k.log.Warn("the master keys were not read again", "error", err.Error())
			k.next = now.Add(retry)
		} else {
			k.ring, k.next = ring, now.Add(Kept)
		}
	}
	return k.ring.At(now)
}

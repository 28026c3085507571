package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"profiles/shared/secret"
)

// KeysKept is how long a function uses the master keys before it reads them
// again. A new key must not seal until this time has passed; otherwise some
// functions could not open what it has sealed.
const KeysKept = 5 * time.Minute

const (
	// keysRetry is the time until the next attempt after the keys could not be
	// read.
	keysRetry = 30 * time.Second
	// keysPatience is how long one read of the keys may take.
	keysPatience = 5 * time.Second
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
		return s, missing("SECRET_ID")
	}
	endpoint, err := Endpoint(getenv, "AWS_ENDPOINT_URL_SECRETS_MANAGER")
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
	ctx, cancel := context.WithTimeout(ctx, keysPatience)
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

// masterKeys has the master keys of a function, and reads them again every
// KeysKept.
type masterKeys struct {
	secret Secret
	log    *slog.Logger
	now    func() time.Time

	mu   sync.Mutex
	ring secret.Ring
	next time.Time // when to read them again
}

// read reads the keys while the function starts.
func (k *masterKeys) read(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	ring, err := k.secret.Read(ctx)
	if err == nil {
		k.ring, k.next = ring, k.now().Add(KeysKept)
	}
	return err
}

// present returns the ring as of now. If the keys cannot be read again, it uses
// those that it has: several attempts fit into the time before a new key seals.
func (k *masterKeys) present() secret.Ring {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if !now.Before(k.next) {
		ring, err := k.secret.Read(context.Background())
		if err != nil {
			k.log.Warn("the master keys were not read again", "error", err.Error())
			k.next = now.Add(keysRetry)
		} else {
			k.ring, k.next = ring, now.Add(KeysKept)
		}
	}
	return k.ring.At(now)
}

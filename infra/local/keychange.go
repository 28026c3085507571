package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"profiles/shared/masterkey"
	"profiles/shared/secret"
)

const (
	// rotationLead is how long after it was made a new key seals: every
	// function has had three chances to read it by then.
	rotationLead = 3 * masterkey.Kept
	// current and proposed are labels of versions of the secret. Functions read
	// the current version. A proposed one is written and not yet current.
	current, proposed = "AWSCURRENT", "PROPOSED"
	// changeAttempts is how often change tries again after another change.
	changeAttempts = 5
)

var errChanging = errors.New("others keep changing the secret: run the command again")

// change replaces the ring of the secret with the one that edit makes of it.
// The label of the current version moves to the new one only from the version
// that edit has seen, so that no change is lost: after another change, edit
// gets the ring that the other one has left. PutSecretValue alone has no such
// condition. Errors: those of edit and of Secrets Manager; errChanging.
func (p keysPlace) change(
	ctx context.Context, edit func(secret.Ring) (secret.Ring, error),
) (secret.Ring, error) {
	for range changeAttempts {
		ring, seen, err := p.ReadVersion(ctx)
		if err != nil {
			return secret.Ring{}, err
		}
		if ring, err = edit(ring); err != nil {
			return secret.Ring{}, fmt.Errorf("%s: %w", p.name, err)
		}
		next, err := p.propose(ctx, ring)
		if err == nil {
			err = p.promote(ctx, seen, next)
		}
		if err == nil {
			return ring, nil
		}
		// A request that is sent again after a lost answer finds the label
		// moved, too: the current version says whose change it was.
		_, now, readErr := p.ReadVersion(ctx)
		if readErr == nil && now == next {
			return ring, nil
		}
		if readErr != nil || now == seen {
			return secret.Ring{}, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return secret.Ring{}, fmt.Errorf("%s: %w", p.name, errChanging)
}

// propose writes a version of the secret and returns its id. The version has a
// label because Secrets Manager may remove those without.
func (p keysPlace) propose(ctx context.Context, ring secret.Ring) (string, error) {
	out, err := p.Client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &p.ID, SecretString: aws.String(ring.Text()), VersionStages: []string{proposed},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.VersionId), nil
}

// promote makes a version the current one if another one still is. It fails
// after any other change.
func (p keysPlace) promote(ctx context.Context, seen, next string) error {
	_, err := p.Client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId:            &p.ID,
		VersionStage:        aws.String(current),
		RemoveFromVersionId: &seen,
		MoveToVersionId:     &next,
	})
	return err
}

// rotateKey gives a deployment a new master key. Those before it stay and open
// what they have sealed.
func rotateKey(ctx context.Context, out io.Writer, getenv func(string) string) error {
	return withKeys(fromEnvironment().data, getenv, func(p keysPlace) error {
		var from time.Time
		rotated, err := p.change(ctx, func(ring secret.Ring) (secret.Ring, error) {
			now := time.Now()
			from = now.Add(rotationLead)
			return ring.Rotate(secret.NewMaster(), now, from)
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(
			out,
			"A new key seals from %s on; keys before it, which open what they have sealed: %d.\n(%s)\n",
			from.UTC().Format(time.RFC3339),
			rotated.Size()-1,
			p.name,
		)
		return nil
	})
}

// maintain makes a deployment read-only, or ends that; an empty state prints
// how it is. length, when not empty, is how long it is expected to take.
func maintain(
	ctx context.Context, out io.Writer, state, length string, getenv func(string) string,
) error {
	return withKeys(fromEnvironment().data, getenv, func(p keysPlace) error {
		if state == "" {
			ring, err := p.Read(ctx)
			if err == nil {
				describeMaintenance(out, ring.Maintenance(), p.name)
			}
			return err
		}
		now := time.Now().UTC().Truncate(time.Second)
		edit, err := maintenanceEdit(ctx, state, length, now, getenv)
		if err != nil {
			return err
		}
		ring, err := p.change(ctx, edit)
		if err != nil {
			return err
		}
		describeMaintenance(out, ring.Maintenance(), p.name)
		fmt.Fprintf(out, "All functions know it by %s.\n", now.Add(masterkey.Kept).Format(time.RFC3339))
		return nil
	})
}

// maintenanceEdit returns the change of the secret that turns maintenance on or
// off. It fails if the state, the length or the operator is not valid.
func maintenanceEdit(
	ctx context.Context, state, length string, now time.Time, getenv func(string) string,
) (func(secret.Ring) (secret.Ring, error), error) {
	switch state {
	case "on":
		m := secret.Maintenance{Since: now}
		if length != "" {
			d, err := time.ParseDuration(length)
			if err != nil || d <= 0 {
				return nil, fmt.Errorf("FOR is %q: give a length of time, such as 30m or 2h", length)
			}
			m.Until = now.Add(d)
		}
		act, err := actOf(ctx, getenv("SECRET_ID") != "", getenv)
		if err != nil {
			return nil, err
		}
		m.Who, m.Reason = act.Who, act.Why
		return func(ring secret.Ring) (secret.Ring, error) { return ring.WithMaintenance(m) }, nil
	case "off":
		return func(ring secret.Ring) (secret.Ring, error) {
			if !ring.Maintenance().On() {
				return ring, errors.New("the service is not read-only")
			}
			return ring.WithoutMaintenance(), nil
		}, nil
	default:
		return nil, errors.New("STATE must be on or off: make maintenance STATE=on FOR=30m")
	}
}

func describeMaintenance(out io.Writer, m secret.Maintenance, place string) {
	if !m.On() {
		fmt.Fprintf(out, "The service takes writes.\n(%s)\n", place)
		return
	}
	fmt.Fprintf(out, "The service is read-only since %s, by %s", m.Since.Format(time.RFC3339), m.Who)
	if m.Reason != "" {
		fmt.Fprintf(out, ": %s", m.Reason)
	}
	if !m.Until.IsZero() {
		fmt.Fprintf(out, "; its end is expected at %s", m.Until.Format(time.RFC3339))
	}
	fmt.Fprintf(out, ".\n(%s)\n", place)
}

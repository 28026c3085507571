package scale_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"profiles/infra/model"
	"profiles/shared/problem"
	"profiles/shared/service"
)

// Callers who all have the right password wait for each other and are served,
// however many ask at the same moment.
func TestManyRightPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		if s.name != "sign-in of one account" && s.name != "token-create" {
			continue
		}
		for _, end := range []model.End{model.Kind, model.Hard} {
			t.Run(s.name+", "+string(end), func(t *testing.T) {
				t.Parallel()
				r := run(t, s, 128, end, time.Second)
				if r.TooMany != 0 || r.Failed != 0 || r.PerSecond == 0 || r.Inexact != "" {
					t.Errorf("got %+v", r)
				}
			})
		}
	}
}

// Of any number of wrong guesses at the same moment, from as many addresses,
// twenty are answered. The others learn nothing. Right passwords from other
// addresses beside them give no guess more.
func TestGuessesAtOnceGetNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for _, end := range []model.End{model.Kind, model.Hard} {
		var answered, other atomic.Int64
		guesses := scenario{name: "guesses", begin: func(g *ground) work {
			p := g.person()
			all := g.processes()
			return work{do: func(ctx context.Context, caller, _ int) error {
				given := service.Credentials{Password: "wrong"}
				if caller%4 == 0 {
					given = right
				}
				_, err := all[caller].Accounts.Login(ctx, from(caller), p.email, given)
				switch {
				case errors.Is(err, problem.ErrInvalidCredentials):
					answered.Add(1)
				case err != nil && problem.CodeOf(err) != problem.CodeTooMany:
					other.Add(1)
				}
				return err
			}}
		}}
		run(t, guesses, 128, end, 3*time.Second)
		if answered.Load() != 20 || other.Load() != 0 {
			t.Errorf("%s: %d guesses were answered, want 20; %d failed", end, answered.Load(), other.Load())
		}
	}
}

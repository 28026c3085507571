package store_test

import (
	"testing"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func securityCodeConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CreateSecurityCode": {
			{"a new id", nil, s.createSecurity, nil},
			{"the id of a code for a sign-up", steps{s.createCode}, s.createSecurity, nil},
			{"an id in use", steps{s.createSecurity}, s.createSecurity, problem.ErrConflict},
		},
		"UseSecurityCode": {
			{"an unused code", steps{s.createSecurity}, s.useSecurity, nil},
			{"a used code", steps{s.createSecurity, s.useSecurity}, s.useSecurity, errRefused},
			{"no code", nil, s.useSecurity, errRefused},
			{"a code for a sign-up", steps{s.createCode}, s.useSecurity, errRefused},
			{"another code of the same id", steps{s.createSecurity}, func(tx *store.Tx) {
				tx.UseSecurityCode(
					with(s.security, func(c *tenancy.SecurityCode) { c.Hash = []byte("another") }),
					errRefused,
				)
			}, errRefused},
		},
	}
}

func (s situation) createSecurity(tx *store.Tx) { tx.CreateSecurityCode(s.security) }

func (s situation) useSecurity(tx *store.Tx) { tx.UseSecurityCode(s.security, errRefused) }

// A code works once and expires after its end. It is independent of a sign-up
// code with the same id.
func TestSecurityCodes(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createSecurity, s.createCode)
	got, want := numberOf(raw(w, "C#"+string(s.security.ID), "S"), "ttl"), unix(s.security.Expires)
	if got != want {
		t.Errorf("the code is forgotten at %q, want %s", got, want)
	}
	must(w, s.useSecurity)
	batch := w.Store.Batch()
	security, code := batch.SecurityCode(s.security.ID), batch.Confirmation(s.code.ID)
	w.OK(batch.Get(t.Context()))
	if security.OK || !code.OK {
		t.Errorf("the code that was used is there: %v; the other one: %v", security.OK, code.OK)
	}
}

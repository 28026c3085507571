package store_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// errRefused is the error that a step returns when its caller chooses the
// error.
var errRefused = errors.New("refused")

type (
	step  = func(*store.Tx)
	steps = []step
)

// condition is a case of a step: a situation, and the error of the step in it.
// Each step of the situation is committed before, one by one.
type condition struct {
	name    string
	prepare steps
	step    step
	want    error // nil means that the condition holds
}

// situation has the entities that the cases of a step use, with ids of its own.
type situation struct {
	account, other tenancy.Account
	profile        tenancy.Profile
	member         tenancy.Member
	stranger       tenancy.Member // a member of no team
	invitation     tenancy.Invitation
	notification   tenancy.Notification
	token          tenancy.Token
	code           tenancy.Confirmation
	security       tenancy.SecurityCode
	mail           mailing.Message
	reservation    tenancy.EmailReservation
	transfer       transfer.Transfer // a transfer of the profile from account to other
	now            time.Time
}

func newSituation(w *testkit.World) situation {
	s := situation{account: newAccount(w), other: newAccount(w), now: w.Now()}
	s.profile = newProfile(w, s.account.ID)
	for _, service := range plan.Services() {
		s.profile.Allocation[service] = limitOf(service)
		s.account.Limits[service] = 10 * limitOf(service)
		s.other.Limits[service] = 10 * limitOf(service)
	}
	s.member, s.stranger = newMember(w, s.profile.ID), newMember(w, s.profile.ID)
	s.invitation = newInvitation(w, s.profile)
	s.notification = tenancy.Notification{
		ID:      tenancy.NotificationID(secret.NewID(w.Now())),
		Account: s.account.ID,
		Title:   "t",
		Message: "m",
		Created: w.Now(),
	}
	s.token = newToken(w, s.profile.ID)
	s.token.Expires = w.Now()
	key := secret.NewCredential()
	s.code = tenancy.Confirmation{
		ID:      value.CodeID(key.ID),
		Hash:    key.Hash(),
		Email:   s.account.Email,
		Expires: w.Now(),
	}
	s.security = tenancy.SecurityCode{
		ID:      s.code.ID,
		Hash:    key.Hash(),
		Purpose: tenancy.CodePassword,
		Account: s.account.ID,
		Expires: w.Now(),
	}
	s.mail = newMail(w)
	s.account = owning(
		s.account,
		s.profile,
		newProfile(w, s.account.ID),
	) // so that the account can do without the profile
	s.transfer = newTransfer(w, s.profile, s.other.Email)
	s.reservation = tenancy.EmailReservation{
		Email:   s.account.Email,
		Account: s.account.ID,
		Expires: w.Now().Add(time.Millisecond),
	}
	return s
}

// limitOf is the profile's limit of a service. Each service has another limit,
// which finds a number in the wrong place.
func limitOf(s plan.Service) int64 { return 100 + 20*int64(s) }

// at returns a copy with another version, as a request has that read it earlier
// or later.
func at[T tenancy.Account | tenancy.Profile | transfer.Transfer](v T, version int64) T {
	switch v := any(&v).(type) {
	case *tenancy.Account:
		v.Version = version
	case *tenancy.Profile:
		v.Version = version
	case *transfer.Transfer:
		v.Version = version
	}
	return v
}

func with[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

// conditions are the cases of all steps, by the name of the step.
func conditions(s situation) map[string][]condition {
	all := map[string][]condition{}
	for _, of := range []func(situation) map[string][]condition{
		emailReservationConditions, accountConditions, accountCheckConditions,
		accountDeletionConditions,
		profileConditions, profileDeletionConditions, profileRestoreConditions,
		grantConditions, memberConditions,
		invitationConditions, notificationConditions, tokenConditions, tokenReadConditions,
		tokenFamilyConditions,
		reuseConditions, confirmationConditions, securityCodeConditions, secondFactorsConditions,
		transferConditions, snapshotConditions, chargeConditions, outboxConditions,
		mailStopConditions,
		rateWindowConditions, usageEventConditions,
	} {
		maps.Copy(all, of(s))
	}
	return all
}

// Each condition of a step is tried in every situation of its list. A refused
// transaction writes nothing, not even its other steps, and its error is the
// one of the step.
func TestEveryConditionHoldsAndFails(t *testing.T) {
	t.Parallel()
	for name := range conditions(newSituation(testkit.New(t))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyCondition(t, name)
		})
	}
}

func everyCondition(t *testing.T, name string) {
	w := testkit.New(t)
	held, failed := 0, 0
	for i := range conditions(newSituation(w))[name] {
		s := newSituation(w)
		c := conditions(s)[name][i]
		for _, step := range c.prepare {
			must(w, step)
		}
		witness := func(tx *store.Tx) {
			tx.Audit(auditlog.Entry{ID: "witness", Log: string(s.account.ID), Time: s.now})
		}
		before := w.Items()
		err := commit(w, witness, c.step)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s on %s: got %v, want %v", name, c.name, err, c.want)
		}
		if c.want == nil {
			held++
			if len(entries(w, string(s.account.ID), s.now)) != 1 {
				t.Errorf("%s on %s succeeded without what was committed with it", name, c.name)
			}
			continue
		}
		failed++
		same(t, name+" on "+c.name+": the table after a refusal", w.Items(), before)
	}
	if held == 0 || failed == 0 {
		t.Errorf("%s: %d conditions held and %d failed; want some of both", name, held, failed)
	}
}

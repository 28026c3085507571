package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/transfers"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// spent ends the test unless err says which budget is spent, and when it is
// available again.
func spent(w *testkit.World, err error, budget mailing.Budget, what string) {
	w.Helper()
	w.Refused(err, problem.CodeTooMany)
	text := err.Error()
	if !strings.Contains(text, "("+budget.Code+",") || !strings.Contains(text, "2030-03-15T00:00:00.000Z") {
		w.Errorf("%s: got %q, want it to name %s and its end", what, text, budget.Code)
	}
}

// Each invitation uses the daily budget of mails that an account may send to
// others, also when it is withdrawn and another is made. All profiles and all
// kinds of mail share the budget.
func TestWithdrawingGivesNoMailBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	profiles := []value.ProfileID{ana.Home, ana.Profile("second")}
	unknown := func(i int) string { return fmt.Sprintf("stranger-%d@example.com", i) }
	invite := func(i int) error {
		ref := service.ProfileRef{ID: profiles[i%2]}
		err := w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), ref, unknown(i),
			teams.Offered{Permission: "read"})
		if err != nil {
			return err
		}
		team, err := w.Teams.List(t.Context(), ana.Client(operation.TeamList), ref, false)
		w.OK(err)
		for _, m := range team {
			w.OK(w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove), ref,
				string(m.Invitation)))
		}
		return nil
	}
	for i := range mailing.MailsToOthers.Limit - 1 {
		w.OK(invite(i))
	}
	proven := service.Credentials{Password: testkit.Password}
	w.OK(w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest), "ana.new@example.com", proven))
	profiles = append(profiles[:0], ana.Profile("third"), ana.Profile("fourth"))
	before := w.State()
	for what, send := range map[string]func() error{
		"an invitation": func() error { return invite(1000) },
		"a transfer": func() error {
			_, err := w.Transfers.Request(t.Context(), ana.Client(operation.TransferRequest),
				service.ProfileRef{ID: profiles[0]},
				transfers.Request{Email: unknown(1001), Credentials: proven})
			return err
		},
		"a new address": func() error {
			return w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest),
				unknown(1002), proven)
		},
	} {
		spent(w, send(), mailing.MailsToOthers, what)
	}
	if w.State() != before {
		t.Error("what was refused changed the table")
	}
	// Another person has another budget, and a new one starts the next day.
	ben := w.Account("ben")
	w.OK(w.Teams.Invite(t.Context(), ben.Client(operation.TeamInvite),
		service.ProfileRef{ID: ben.Home}, unknown(1003), teams.Offered{Permission: "read"}))
	w.Advance(24 * time.Hour)
	w.OK(invite(1004))
}

// An address gets no more mails than its budget, from any number of accounts,
// and whether or not it has an account.
func TestAnAddressGetsNoMoreThanItsShare(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{false, true} {
		w := testkit.New(t)
		address := "victim@example.com"
		if known {
			address = string(w.Account("victim").Email)
		}
		invite := func(by testkit.Person, to string) error {
			return w.Teams.Invite(t.Context(), by.Client(operation.TeamInvite),
				service.ProfileRef{ID: by.Home}, to, teams.Offered{Permission: "read"})
		}
		var last testkit.Person
		for i := range mailing.MailsToAddress.Limit {
			last = w.Account(fmt.Sprintf("sender-%d", i))
			w.OK(invite(last, address))
		}
		one := w.Account("one-more")
		spent(w, invite(one, address), mailing.MailsToAddress, "an invitation")
		proven := service.Credentials{Password: testkit.Password}
		plant := one.Profile("plant")
		_, err := w.Transfers.Request(t.Context(), one.Client(operation.TransferRequest),
			service.ProfileRef{ID: plant}, transfers.Request{Email: address, Credentials: proven})
		spent(w, err, mailing.MailsToAddress, "a transfer")
		spent(w, w.Accounts.RequestEmail(t.Context(), one.Client(operation.EmailRequest),
			address, proven), mailing.MailsToAddress, "a new address")
		w.OK(invite(one, "another@example.com"))
	}
}

// Of two requests that race for the last mail of a budget, one succeeds.
func TestTheLastMailOfABudgetGoesOutOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	invite := func(i int) error {
		return w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite),
			service.ProfileRef{ID: ana.Home}, fmt.Sprintf("stranger-%d@example.com", i), teams.Offered{Permission: "read"})
	}
	withdraw := func() {
		team, err := w.Teams.List(t.Context(), ana.Client(operation.TeamList),
			service.ProfileRef{ID: ana.Home}, false)
		w.OK(err)
		for _, m := range team {
			w.OK(w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove),
				service.ProfileRef{ID: ana.Home}, string(m.Invitation)))
		}
	}
	for i := range mailing.MailsToOthers.Limit - 1 {
		w.OK(invite(i))
		withdraw()
	}
	sent := 0
	for _, err := range together(func() error { return invite(101) },
		func() error { return invite(102) }, func() error { return invite(103) }) {
		if err == nil {
			sent++
		} else {
			spent(w, err, mailing.MailsToOthers, "one of three at once")
		}
	}
	if sent != 1 {
		t.Errorf("%d of three went out, want 1", sent)
	}
}

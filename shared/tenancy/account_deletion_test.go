package tenancy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

func TestWhoMayDeleteTheAccount(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change   func(*tenancy.Account)
		received []time.Duration // how long ago its profiles came to it, 0: it made them
		want     problem.Code
	}{
		"a customer":                                     {nil, []time.Duration{0, 0}, ""},
		"one without profiles":                           {nil, nil, ""},
		"an agent of the support desk":                   {func(a *tenancy.Account) { a.Type = tenancy.AccountSupport }, []time.Duration{0}, problem.CodeForbidden},
		"a data plane":                                   {func(a *tenancy.Account) { a.Type = tenancy.AccountService }, []time.Duration{0}, problem.CodeForbidden},
		"a profile that can be taken back":               {nil, []time.Duration{0, tenancy.TransferLock - 1}, problem.CodeForbidden},
		"a profile that can be taken back no more":       {nil, []time.Duration{0, tenancy.TransferLock}, ""},
		"a profile that has just come, and an old one":   {nil, []time.Duration{1000 * time.Hour, 1}, problem.CodeForbidden},
		"more profiles than one commit can deal with":    {func(a *tenancy.Account) { a.Shares = shares(51) }, nil, problem.CodeForbidden},
		"as many profiles as one commit can deal with":   {func(a *tenancy.Account) { a.Shares = shares(50) }, nil, ""},
		"an account that is blocked has no token to ask": {func(a *tenancy.Account) { a.Blocked = true }, nil, ""},
	} {
		a := tenancy.Account{
			ID:    "a",
			Type:  tenancy.AccountUser,
			Name:  "Ana",
			Email: "ana@example.com",
		}
		if c.change != nil {
			c.change(&a)
		}
		var profiles []tenancy.Profile
		for _, ago := range c.received {
			p := tenancy.Profile{Name: "Plant"}
			if ago != 0 {
				p.Transferred = now.Add(-ago)
			}
			profiles = append(profiles, p)
		}
		d, err := a.Delete(profiles, now)
		if problem.CodeOf(err) != c.want {
			t.Errorf("%s: got %v, want code %q", name, err, c.want)
		}
		if err == nil &&
			(d.Account != a.ID || d.Email != a.Email || d.Name != a.Name || !d.Deleted.Equal(now)) {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

func shares(n int) map[value.ProfileID]billing.Share {
	out := map[value.ProfileID]billing.Share{}
	for i := range n {
		out[value.ProfileID(rune('a'+i))] = billing.Share{}
	}
	return out
}

func TestTheRefusalNamesTheDay(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
	err := tenancy.Profile{Name: "Plant", Transferred: now.Add(-time.Hour)}.Deletable(now)
	want := "The profile Plant came from another account, which can ask for it back until 2030-03-21T08:00:00.000Z: delete it after that"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	// A name written from right to left does not turn the text around it.
	err = tenancy.Profile{Name: "בית", Transferred: now.Add(-time.Hour)}.Deletable(now)
	if want := strings.ReplaceAll(want, "Plant", "\u2068בית\u2069"); err == nil ||
		err.Error() != want {
		t.Errorf("got %+q, want %+q", err, want)
	}
}

func TestWhichAddressesAnAccountDeletionHolds(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
	a := tenancy.Account{
		ID:    "a",
		Type:  tenancy.AccountUser,
		Email: "d@example.com",
		Undos: []tenancy.Undo{
			{Email: "a@example.com", Expires: now}, // nobody keeps this one any more
			{Email: "b@example.com", Expires: now.Add(1)},
			{Email: "c@example.com", Expires: now.Add(time.Hour)},
			{Email: "b@example.com", Expires: now.Add(time.Hour)},
			{Email: "d@example.com", Expires: now.Add(time.Hour)},
		},
	}
	d, err := a.Delete(nil, now)
	want := []value.Email{"d@example.com", "b@example.com", "c@example.com"}
	if err != nil || !slices.Equal(d.Addresses(), want) {
		t.Errorf("got %v %v, want %v", d.Addresses(), err, want)
	}
}

func TestWhichInvitationsEndWithAnAccount(t *testing.T) {
	t.Parallel()
	deleted := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
	d := tenancy.AccountDeletion{Account: "a", Email: "ana@example.com", Deleted: deleted}
	for name, c := range map[string]struct {
		of   tenancy.Invitation
		want bool
	}{
		"one from before":                  {tenancy.Invitation{Email: d.Email, State: tenancy.InvitationPending, Expires: deleted.Add(time.Hour)}, true},
		"one of the same moment":           {tenancy.Invitation{Email: d.Email, State: tenancy.InvitationPending, Expires: deleted.Add(tenancy.InvitationLife)}, true},
		"one from after it":                {tenancy.Invitation{Email: d.Email, State: tenancy.InvitationPending, Expires: deleted.Add(tenancy.InvitationLife + 1)}, false},
		"one that was renewed after it":    {tenancy.Invitation{Email: d.Email, State: tenancy.InvitationPending, Created: deleted.Add(-time.Hour), Expires: deleted.Add(tenancy.InvitationLife + time.Hour)}, false},
		"one to another address":           {tenancy.Invitation{Email: "ben@example.com", State: tenancy.InvitationPending, Expires: deleted.Add(time.Hour)}, false},
		"one that was answered in the end": {tenancy.Invitation{Email: d.Email, State: tenancy.InvitationAccepted, Expires: deleted.Add(time.Hour)}, false},
	} {
		if got := d.Invited(c.of); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

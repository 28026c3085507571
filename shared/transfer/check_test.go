package transfer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// lacking names the checks that do not hold, and requires that exactly these
// have a fix.
func lacking(t testing.TB, checks transfer.Checks) string {
	t.Helper()
	var out []string
	for _, c := range checks {
		if c.OK != (c.Fix == "") || c.Expected == "" || c.Actual == "" {
			t.Errorf(
				"a check must say what is needed, what there is, and just when it fails what to do: %+v",
				c,
			)
		}
		if !c.OK {
			out = append(out, strings.TrimSpace(string(c.Side)+" "+string(c.Code)+" "+c.Service))
		}
	}
	return strings.Join(out, ", ")
}

func TestEachPrerequisite(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	crowd := func(stay int, owner tenancy.Permission) func(*transfer.Context) {
		return func(c *transfer.Context) {
			c.Team, c.Transfer.Terms.Members = nil, map[value.AccountID]tenancy.Permission{}
			c.Transfer.Terms.Owner = owner
			for i := range stay {
				m := member(fmt.Sprint("m", i), tenancy.PermissionRead)
				c.Team = append(c.Team, m)
				c.Transfer.Terms.Members[m.Account] = tenancy.PermissionRead
			}
		}
	}
	type in = *transfer.Context
	for name, c := range map[string]struct {
		change func(in)
		want   string // that it does not hold
		actual string // of the only one
		fix    string
	}{
		"nothing is missing":                 {func(in) {}, "", "", ""},
		"the owner's account is blocked":     {func(c in) { c.Source.Blocked = true }, "source source-active", "one that is blocked", "Write to support"},
		"the owner has no confirmed address": {func(c in) { c.Source.Active = false }, "source source-active", "one that is not confirmed", "Write to support"},
		"the owner is on the free plan":      {func(c in) { c.Source.Plan = plan.Free }, "source source-plan", "the plan free", "Upgrade the plan of the account"},
		"the owner is on starter":            {func(c in) { c.Source.Plan = plan.Starter }, "", "", ""},
		"it is the owner's last profile":     {func(c in) { c.Source = holding(c.Source, 1) }, "source source-keeps-profile", "1 profile", "Create another profile first"},
		"another transfer is open":           {func(c in) { c.Other = ticket2 }, "source no-other-transfer", "the open transfer TR-0000-0002", "Cancel TR-0000-0002 first, or wait for its end"},
		"the last transfer is 7 days ago":    {func(c in) { c.Profile.Transferred = now.Add(-7 * day) }, "", "", ""},
		"the last transfer is less than 7 days ago": {
			func(c in) { c.Profile.Transferred = now.Add(-7*day + tick) }, "source lock", "one on 2030-04-29T12:00:00.001Z", "Wait until 2030-05-06T12:00:00.001Z",
		},
		"the owner's password changed a day ago": {
			func(c in) { c.Source.CredentialsChanged = asked.Add(-day) }, "source hold", "a change that holds transfers until 2030-05-09T10:00:00.000Z", "Wait until 2030-05-09T10:00:00.000Z",
		},
		"nobody has the address": {
			func(c in) { c.Destination = tenancy.Account{} }, "destination destination-account", "none that is confirmed", "Create an account with exactly this address and confirm it",
		},
		"who has the address has not confirmed it": {
			func(c in) { c.Destination.Active = false }, "destination destination-account", "none that is confirmed", "Create an account with exactly this address and confirm it",
		},
		"the receiver's account is blocked": {func(c in) { c.Destination.Blocked = true }, "destination destination-active", "one that is blocked", "Write to support"},
		"the receiver is on the free plan": {
			func(c in) {
				crowd(0, 0)(c)
				c.Destination = holding(c.Destination, 0)
				c.Destination.Plan = plan.Free
			}, "destination destination-plan", "the plan free", "Upgrade the plan of the account",
		},
		"the receiver has room for one more": {func(c in) { c.Destination = holding(c.Destination, 4) }, "", "", ""},
		"the receiver has all the profiles of its plan": {
			func(c in) { c.Destination = holding(c.Destination, 5) }, "destination destination-profiles", "5 of 5 profiles", "Delete a profile, or upgrade the plan of the account",
		},
		"the receiver has more than its plan admits": {
			func(c in) {
				crowd(1, 0)(c)
				c.Destination = holding(c.Destination, 3)
				c.Destination.Plan = plan.Starter
			}, "destination destination-profiles", "3 of 2 profiles", "Delete a profile, or upgrade",
		},
		"the team is as large as the plan admits": {crowd(5, tenancy.PermissionNone), "", "", ""},
		"so it is with the owner, who stays":      {crowd(4, tenancy.PermissionRead), "", "", ""},
		"one more would stay":                     {crowd(6, tenancy.PermissionNone), "destination destination-team", "6 persons who would stay", "Let fewer stay, or upgrade the plan of the account"},
		"the owner would be one too many":         {crowd(5, tenancy.PermissionRead), "destination destination-team", "6 persons who would stay", "Let fewer stay"},
		"a member who leaves takes no place":      {func(c in) { crowd(6, 0)(c); delete(c.Transfer.Terms.Members, "m0") }, "", "", ""},
		"a member who may nothing takes no place": {func(c in) { crowd(6, 0)(c); c.Transfer.Terms.Members["m0"] = tenancy.PermissionNone }, "", "", ""},
		"the receiver as a member takes no place": {func(c in) {
			crowd(6, 0)(c)
			c.Team[0].Account = takes.ID
			c.Transfer.Terms.Members[takes.ID] = tenancy.PermissionRead
		}, "", "", ""},
		"an open invitation takes no place":     {func(c in) { crowd(5, 0)(c); c.Team = append(c.Team, open("x", now.Add(day))) }, "", "", ""},
		"who stays but has left takes no place": {func(c in) { crowd(6, 0)(c); c.Team = c.Team[1:] }, "", "", ""},
		"add-ons for a plan that has them":      {func(c in) { c.Profile.Addons.Mobile, c.Transfer.Terms.Addons.Mobile = true, true }, "", "", ""},
		"add-ons for a plan that has none come with the plan": {
			func(c in) {
				crowd(0, 0)(c)
				c.Destination = holding(c.Destination, 0)
				c.Profile.Addons = billing.Addons{CustomDNS: true, Mobile: true}
				c.Destination.Plan = plan.Free
				c.Transfer.Terms.Addons = c.Profile.Addons
			}, "destination destination-plan, destination destination-addons", "custom_dns, mobile", "Upgrade the plan",
		},
		"each side lacks something": {
			func(c in) { c.Source.Blocked, c.Destination = true, holding(c.Destination, 5) },
			"source source-active, destination destination-profiles", "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := agreed(t)
			c.change(&given)
			checks := given.Checks(now)
			if got := lacking(t, checks); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			if checks.OK() != (c.want == "") {
				t.Errorf("got %v for %q", checks.OK(), c.want)
			}
			if c.actual != "" {
				failed := slices.DeleteFunc(
					slices.Clone(checks),
					func(c transfer.Check) bool { return c.OK },
				)
				last := failed[len(failed)-1]
				if last.Actual != c.actual || !strings.HasPrefix(last.Fix, c.fix) {
					t.Errorf("got %q, %q, want %q, %q", last.Actual, last.Fix, c.actual, c.fix)
				}
			}
			// A check that does not hold prevents the move, and one that holds
			// does not.
			m, after := given.Complete(now)
			if completed := m.Transfer.State == transfer.Completed; completed != checks.OK() ||
				lacking(t, after) != c.want {
				t.Errorf("completed: %v, lacking %q", completed, lacking(t, after))
			}
		})
	}
}

func TestEachServiceOfTheAllocationIsChecked(t *testing.T) {
	t.Parallel()
	for _, s := range plan.Services() {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			c := agreed(t)
			c.Destination = allocated(c.Destination, s, 900)
			if got := lacking(t, c.Checks(asked)); got != "" {
				t.Errorf("all that is free: got %q", got)
			}
			c.Destination = allocated(c.Destination, s, 901)
			checks := c.Checks(asked)
			got, want := lacking(t, checks), "destination destination-allocation "+s.String()
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			want = "needed is 100 " + s.Unit() + " that are not allocated, there is 99. Choose a lower allocation of " + s.Title() +
				" when accepting, take some from another profile, or raise the limit"
			lines, _ := mailing.Missing(checks).Lines()
			if len(lines) != 1 || lines[0].Words["sentence"] != want {
				t.Errorf("got %+v, want %q", lines, want)
			}
			c.Transfer.Terms.Allocation[s] = 99
			if got := lacking(t, c.Checks(asked)); got != "" {
				t.Errorf("a lower allocation: got %q", got)
			}
		})
	}
}

// Everything that prevents a move is shown among the checks, and not only when
// the move is tried.
func TestAnAccountOverItsLimitsIsNotifiedBeforeTheMove(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	c.Destination = allocated(c.Destination, plan.ServiceSMS, 1001)
	c.Transfer.Terms.Allocation[plan.ServiceSMS] = 0
	checks := c.Checks(asked.Add(agreedAt))
	m, after := c.Complete(asked.Add(agreedAt))
	if completed := m.Transfer.State == transfer.Completed; completed != after.OK() {
		t.Fatalf("completed: %v, and the checks say %v", completed, after.OK())
	}
	if checks.OK() != after.OK() {
		t.Errorf(
			"before the move all holds: %v; when it is tried: %v: %s",
			checks.OK(),
			after.OK(),
			mailing.Missing(after),
		)
	}
}

func TestBeforeAnAnswerTheChecksAreThoseOfAnAcceptanceWithoutAnyChoice(t *testing.T) {
	t.Parallel()
	c := offered(t)
	for range 6 {
		c.Team = append(c.Team, member("m", tenancy.PermissionRead))
	}
	if got := lacking(t, c.Checks(asked)); got != "" {
		t.Errorf("got %q, want nothing: nobody stays who is not chosen", got)
	}
	c.Destination = allocated(c.Destination, plan.ServiceSMS, 901)
	got, want := lacking(t, c.Checks(asked)), "destination destination-allocation sms"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	rules.Same(t, "the terms", c.Terms(), transfer.Terms{Allocation: rules.Each(100)})
}

func TestBeforeARequestTheChecksAreTheOwners(t *testing.T) {
	t.Parallel()
	c := offered(t)
	codes := func(checks transfer.Checks) (out []string) {
		for _, c := range checks {
			if c.Side != transfer.PartySource {
				t.Errorf("got %+v", c)
			}
			out = append(out, string(c.Code))
		}
		return out
	}
	checks := transfer.Context{Profile: c.Profile, Source: c.Source}.Checks(asked)
	rules.Same(
		t,
		"the checks",
		codes(checks),
		[]string{
			"source-active",
			"source-plan",
			"source-keeps-profile",
			"lock",
			"no-other-transfer",
			"hold",
		},
	)
	if !checks.OK() {
		t.Errorf("missing: %s", mailing.Missing(checks))
	}
	c.Source.CredentialsChanged = asked.Add(-day)
	got := lacking(t, transfer.Context{Profile: c.Profile, Source: c.Source}.Checks(asked))
	if got != "source hold" {
		t.Errorf("got %q, want the hold that a request would meet", got)
	}
	if got := lacking(t, (transfer.Context{}).Checks(asked)); got !=
		"source source-active, source source-plan, source source-keeps-profile" {
		t.Errorf("of nothing: got %q", got)
	}
}

// The hold protects an owner from a thief. It must not keep the owner from
// taking the profile back from the thief.
func TestAReturnKnowsNoLockAndNoHold(t *testing.T) {
	t.Parallel()
	m := moved(t, agreed(t), asked.Add(agreedAt))
	c := returning(t, m, asked.Add(agreedAt))
	c.Source.CredentialsChanged, c.Other = asked.Add(agreedAt), ticket
	checks := c.Checks(asked.Add(agreedAt))
	for _, check := range checks {
		switch check.Code {
		case transfer.CheckLock, transfer.CheckHold, transfer.CheckNoOther:
			t.Errorf("got %+v", check)
		}
	}
	if got := lacking(t, checks); got != "" {
		t.Errorf("got %q", got)
	}
}

// Checks that count also give numbers, which the receiving side needs for its
// choices. The owner sees none of them.
func TestChecksHaveWhatTheyCount(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	c.Destination = allocated(c.Destination, plan.ServiceSMS, 901)
	c.Usage.Used[plan.ServiceDataRecords] = 30
	counts := func(to transfer.Party) map[string]transfer.Room {
		out := map[string]transfer.Room{}
		for _, check := range c.Checks(asked).Visible(to, c.Transfer) {
			if check.Room != nil {
				out[string(check.Code)+check.Service] = *check.Room
			}
		}
		return out
	}
	got := counts(transfer.PartyDestination)
	limits := c.Destination.Plan.Limits()
	for what, want := range map[string]transfer.Room{
		"destination-profiles":           {Count: int64(c.Destination.Profiles()), Limit: int64(limits.Profiles)},
		"destination-team":               {Count: 2, Limit: int64(limits.Members)},
		"destination-allocationsms":      {Count: 100, Limit: 99},
		"destination-storeddata_records": {Count: 30, Limit: 100},
	} {
		if got[what] != want {
			t.Errorf("%s: got %+v, want %+v", what, got[what], want)
		}
	}
	if got := counts(transfer.PartySource); len(got) != 0 {
		t.Errorf("the owner sees %v", got)
	}
}

func TestWhatEachPartySeesOfTheChecks(t *testing.T) {
	t.Parallel()
	ready, silent := agreed(t), offered(t)
	short := agreed(t)
	short.Source, short.Destination = holding(short.Source, 1), holding(short.Destination, 5)
	now := asked.Add(2 * time.Hour)
	receiver := func(ok bool, actual, fix string) transfer.Check {
		return transfer.Check{
			Code:     transfer.CheckDestination,
			Side:     transfer.PartyDestination,
			OK:       ok,
			Expected: "the receiving account is ready",
			Actual:   actual,
			Fix:      fix,
		}
	}
	owner := func(ok bool, actual, fix string) transfer.Check {
		return transfer.Check{
			Code:     transfer.CheckSource,
			Side:     transfer.PartySource,
			OK:       ok,
			Expected: "the account that gives the profile away is ready",
			Actual:   actual,
			Fix:      fix,
		}
	}
	const notReady, fix = "it is not ready", "Its owner sees what is missing"
	for name, c := range map[string]struct {
		given           transfer.Context
		toOwner, toTake transfer.Check
	}{
		"all is ready":              {ready, receiver(true, "it is ready", ""), owner(true, "it is ready", "")},
		"both sides lack something": {short, receiver(false, notReady, fix), owner(false, notReady, fix)},
		"the receiver is silent":    {silent, receiver(false, "it has not answered", "Wait for its answer, or cancel the transfer"), owner(true, "it is ready", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checks := c.given.Checks(now)
			rules.Same(t, "the desk", checks.Visible(transfer.PartySupport, c.given.Transfer), checks)
			rules.Same(
				t,
				"the owner",
				checks.Visible(transfer.PartySource, c.given.Transfer),
				append(checks.Of(transfer.PartySource), c.toOwner),
			)
			rules.Same(
				t,
				"the receiver",
				checks.Visible(transfer.PartyDestination, c.given.Transfer),
				append(checks.Of(transfer.PartyDestination), c.toTake),
			)
			n := len(checks.Of(transfer.PartySource)) + len(checks.Of(transfer.PartyDestination))
			if n != len(checks) {
				t.Errorf("got %d checks of the sides, want all %d", n, len(checks))
			}
		})
	}
}

// The owner must not learn whether the address has an account, so that the
// checks of a receiver that has not answered are hidden.
func TestAnOwnerSeesNothingOfASilentReceiver(t *testing.T) {
	t.Parallel()
	known, unknown, blocked := offered(t), offered(t), offered(t)
	unknown.Destination, blocked.Destination.Blocked = tenancy.Account{}, true
	want := known.Checks(asked).Visible(transfer.PartySource, known.Transfer)
	for name, c := range map[string]transfer.Context{"no account": unknown, "a blocked one": blocked} {
		rules.Same(t, name, c.Checks(asked).Visible(transfer.PartySource, c.Transfer), want)
	}
}

func TestVoid(t *testing.T) {
	t.Parallel()
	type in = *transfer.Context
	for name, c := range map[string]struct {
		change func(in)
		want   string
	}{
		"all is there":                      {func(in) {}, ""},
		"nobody has answered":               {func(c in) { c.Transfer.Destination, c.Destination = "", tenancy.Account{} }, ""},
		"the profile is gone":               {func(c in) { c.Profile = tenancy.Profile{} }, "the profile was deleted"},
		"the profile has another owner":     {func(c in) { c.Profile.Owner = "x" }, "the profile has another owner"},
		"the owner's account is gone":       {func(c in) { c.Source = tenancy.Account{} }, "the account that gives the profile away was deleted"},
		"the account is gone that answered": {func(c in) { c.Destination = tenancy.Account{} }, "the receiving account was deleted"},
		"the owner's account was recovered": {func(c in) { c.Source = c.Source.Revoked() }, "the account that gives the profile away was secured anew after the request"},
		"the receiver's was":                {func(c in) { c.Destination = c.Destination.Revoked() }, "the receiving account was secured anew after it had accepted"},
		"the owner has signed out":          {func(c in) { c.Source = c.Source.SignedOut() }, ""},
		"the receiver has signed out":       {func(c in) { c.Destination = c.Destination.SignedOut() }, ""},
		"recovered, and from before epochs": {func(c in) { c.Source, c.Transfer.SourceEpoch = c.Source.Revoked(), nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := agreed(t)
			c.change(&given)
			if got := given.Void(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			m, _ := given.Complete(asked.Add(agreedAt))
			if c.want != "" {
				rules.Same(t, "what moves", m, transfer.Move{})
			}
		})
	}
}

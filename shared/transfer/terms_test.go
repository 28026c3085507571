package transfer_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// withAddons is a profile that was offered with add-ons.
func withAddons(t testing.TB, had billing.Addons) transfer.Context {
	t.Helper()
	c := offered(t)
	c.Profile.Addons, c.Transfer.Offered = had, had
	return c
}

// The receiving side pays for the add-ons that it accepted, if the profile
// still has them. Add-ons that the owner buys later end with the move. An
// acceptance that names no add-ons has those of the offer.
func TestAddonsComeAsAgreed(t *testing.T) {
	t.Parallel()
	type set = billing.Addons
	none, dns, mobile, both := set{}, set{
		CustomDNS: true,
	}, set{
		Mobile: true,
	}, set{
		CustomDNS: true,
		Mobile:    true,
	}
	for name, test := range map[string]struct {
		offered, accepted, chosen, moved set
		choose                           bool
		want                             set
	}{
		"as they were":                                {dns, dns, none, dns, false, dns},
		"bought after the acceptance":                 {none, none, none, both, false, none},
		"one more after the acceptance":               {dns, dns, none, both, false, dns},
		"bought between the offer and the acceptance": {none, both, none, both, false, none},
		"the same, named by the receiving side":       {none, both, both, both, true, both},
		"given up after the acceptance":               {both, both, none, mobile, false, mobile},
		"given up and bought again":                   {dns, dns, none, dns, false, dns},
		"not wanted":                                  {both, both, none, both, true, none},
		"one of two wanted":                           {both, both, mobile, both, true, mobile},
	} {
		c := withAddons(t, test.offered)
		c.Profile.Addons = test.accepted
		a := transfer.Acceptance{}
		if test.choose {
			a.Addons = &test.chosen
		}
		agree(t, &c, a)
		c.Profile.Addons = test.moved
		c.Source.Shares = map[value.ProfileID]billing.Share{
			"plant": {Allocation: rules.Each(100), Addons: test.moved},
			"works": {},
		}
		m := moved(t, c, asked.Add(2*time.Hour))
		share := m.Destination.Shares["plant"]
		if m.Profile.Addons != test.want || share.Addons != test.want ||
			m.Transfer.Terms.Addons.And(test.moved) != test.want {
			t.Errorf(
				"%s: the profile moves with %s, its owner pays %s, want %s",
				name,
				m.Profile.Addons,
				share.Addons,
				test.want,
			)
		}
	}
	c := withAddons(t, dns)
	_, err := c.Transfer.Accept(
		takes,
		answerCode,
		transfer.Acceptance{Addons: &both},
		c.Profile,
		c.Usage,
		c.Team,
		asked.Add(time.Hour),
	)
	want := "invalid: addons must name add-ons that the profile has, which are: custom_dns"
	if problemtest.Text(err) != want {
		t.Errorf("an add-on that the profile has not: got %q", problemtest.Text(err))
	}
}

// Until somebody has answered, the checks are about what was offered.
func TestTheChecksOfAnOfferNameItsAddons(t *testing.T) {
	t.Parallel()
	c := withAddons(t, billing.Addons{Mobile: true})
	c.Profile.Addons.CustomDNS = true
	for _, check := range c.Checks(asked) {
		if check.Code == transfer.CheckDestAddons && check.Actual != "mobile" {
			t.Errorf("got %q", check.Actual)
		}
	}
}

// Each field of a profile is accepted in the terms, or taken from the new
// owner, or costs and binds nobody. A new field must be put into one of these
// lists.
func TestWhatChangesAfterTheAcceptanceBindsNobody(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	agreedTo := []string{"Allocation", "Addons", "TokenPolicy"}
	ofTheOwner := []string{"Owner", "Plan", "Anchor", "Renews", "OwnerEpoch", "OwnerSessions"}
	free := []string{
		"ID",
		"Name",
		"LogoURL",
		"BannerURL",
		"Epoch",
		"QuotaVersion",
		"Transferred",
		"Created",
		"Updated",
		"Version",
		"Soft",
		"Alerts",
		"Cost",
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[tenancy.Profile]()) {
		switch {
		case slices.Contains(agreedTo, f.Name), slices.Contains(ofTheOwner, f.Name):
			c := withAddons(t, billing.Addons{CustomDNS: true})
			c.Profile.TokenPolicy = tenancy.TokenPolicy{LongestDays: 30}
			agree(t, &c, transfer.Acceptance{})
			want := moved(t, c, now)
			if f.Name != "Owner" { // Another owner ends the transfer.
				alter(t, reflect.ValueOf(&c.Profile).Elem().FieldByIndex(f.Index))
			}
			got := moved(t, c, now)
			got.Transfer.Before, want.Transfer.Before = transfer.Terms{}, transfer.Terms{}
			rules.Same(t, f.Name+", which changed after the acceptance", got, want)
		case !slices.Contains(free, f.Name):
			t.Errorf(
				"%s: does it cost or bind whoever receives a profile? Then it is one of the terms",
				f.Name,
			)
		}
	}
}

// alter raises a value.
func alter(t testing.TB, v reflect.Value) {
	t.Helper()
	switch old := v.Interface().(type) {
	case plan.Amounts:
		v.Set(reflect.ValueOf(old.Plus(rules.Each(1))))
	case billing.Addons:
		v.Set(reflect.ValueOf(billing.Addons{CustomDNS: true, Mobile: true}))
	case tenancy.TokenPolicy:
		v.Set(reflect.ValueOf(tenancy.TokenPolicy{LongestDays: 1, NoNever: true}))
	case plan.Plan:
		v.Set(reflect.ValueOf(plan.Free))
	case time.Time:
		v.Set(reflect.ValueOf(old.Add(time.Hour)))
	case int64:
		v.SetInt(old + 1)
	default:
		t.Fatalf("%T: say how it changes", old)
	}
}

// Taking a transfer back gives the former owner the terms from before, and
// neither the add-ons nor the token policy of the present owner.
func TestAReturnBringsNoNewCost(t *testing.T) {
	t.Parallel()
	done, now := asked.Add(2*time.Hour), asked.Add(3*day)
	c := withAddons(t, billing.Addons{CustomDNS: true})
	c.Profile.TokenPolicy = tenancy.TokenPolicy{LongestDays: 30}
	agree(t, &c, transfer.Acceptance{})
	back := returning(t, moved(t, c, done), now)
	back.Profile.Addons, back.Profile.TokenPolicy = billing.Addons{
		CustomDNS: true,
		Mobile:    true,
	}, tenancy.TokenPolicy{
		NoNever: true,
	}
	back.Transfer = sides(t, back.Transfer, now)
	if m := moved(t, back, now); m.Profile.Addons != c.Profile.Addons ||
		m.Destination.Shares["plant"].Addons != c.Profile.Addons ||
		m.Profile.TokenPolicy != c.Profile.TokenPolicy {
		t.Errorf("it comes back with %s and %+v", m.Profile.Addons, m.Profile.TokenPolicy)
	}
	// An add-on that the present owner has ended is not bought for the former
	// one.
	back.Profile.Addons = billing.Addons{}
	if m := moved(t, back, now); m.Profile.Addons != (billing.Addons{}) {
		t.Errorf("it comes back with %s, which nobody bought", m.Profile.Addons)
	}
}

// No state of the present owner's account prevents that a transfer is taken
// back: only the former owner has prerequisites.
func TestNobodyKeepsAProfileFromItsFormerOwner(t *testing.T) {
	t.Parallel()
	done, now := asked.Add(2*time.Hour), asked.Add(3*day)
	m := moved(t, agreed(t), done)
	type in = *transfer.Context
	tricks := map[string]func(in){
		"nothing":                   func(in) {},
		"it has no other profile":   func(c in) { c.Source = withOnly(c.Source, "plant") },
		"it is on the free plan":    func(c in) { c.Source.Plan = plan.Free },
		"both":                      func(c in) { c.Source = withOnly(c.Source, "plant"); c.Source.Plan = plan.Free },
		"it is blocked":             func(c in) { c.Source.Blocked = true },
		"it changed its password":   func(c in) { c.Source.CredentialsChanged = now },
		"it has as many as it may":  func(c in) { c.Source = holding(c.Source, 5) },
		"it took everything for it": func(c in) { c.Source = withOnly(c.Source, "plant"); c.Profile.Allocation = rules.Each(1000) },
		"it bought add-ons":         func(c in) { c.Profile.Addons = billing.Addons{CustomDNS: true, Mobile: true} },
		"it filled the team": func(c in) {
			c.Team = append(
				c.Team,
				member("x", 3),
				member("y", 3),
				member("z", 3),
				open("o", now.Add(day)),
			)
		},
		"it emptied the team":    func(c in) { c.Team = nil },
		"it renamed the profile": func(c in) { c.Profile.Name = "Mine" },
		"it set a policy":        func(c in) { c.Profile.TokenPolicy = tenancy.TokenPolicy{LongestDays: 1, NoNever: true} },
		"it revoked tokens":      func(c in) { c.Profile.Epoch += 1 << 40 },
		"it made the former owner leave": func(c in) {
			c.Team = slices.DeleteFunc(
				c.Team,
				func(m tenancy.Member) bool { return m.Account == gives.ID },
			)
		},
	}
	for name, trick := range tricks {
		for by, agree := range map[string]func(transfer.Transfer) transfer.Transfer{
			"both sides": func(r transfer.Transfer) transfer.Transfer { return sides(t, r, now) },
			"two agents": func(r transfer.Transfer) transfer.Transfer {
				r, err := r.Approve(agent, now)
				if err == nil {
					r, err = r.Approve(agent2, now)
				}
				if err != nil {
					t.Fatal(err)
				}
				return r
			},
		} {
			back := returning(t, m, now)
			back.Spare = "spare"
			trick(&back)
			back.Transfer = agree(back.Transfer)
			missing := mailing.Missing(back.Checks(now).Of(transfer.PartySource))
			if missing != "" {
				t.Errorf("%s, and %s agree: %s", name, by, missing)
			}
			got, checks := back.Complete(now)
			if got.Transfer.State != transfer.Completed || got.Profile.Owner != gives.ID {
				t.Errorf("%s, and %s agree: it stays: %s", name, by, mailing.Missing(checks))
			}
		}
	}
}

// withOnly returns the account with one of its profiles alone.
func withOnly(a tenancy.Account, id value.ProfileID) tenancy.Account {
	a.Shares = map[value.ProfileID]billing.Share{id: a.Shares[id]}
	return a
}

// An account keeps at least one profile. If its only one is taken back, it gets
// a new one with all that the account has.
func TestWhoGivesTheOnlyProfileBackGetsAnotherOne(t *testing.T) {
	t.Parallel()
	done, now := asked.Add(2*time.Hour), asked.Add(3*day)
	back := returning(t, moved(t, agreed(t), done), now)
	back.Source, back.Spare = withOnly(back.Source, "plant"), "spare"
	back.Transfer = sides(t, back.Transfer, now)
	m := moved(t, back, now)
	want := tenancy.NewProfile("spare", m.Source, takes.Name, now)
	rules.Same(t, "the new profile", m.Instead, &want)
	if m.Source.Profiles() != 1 || m.Source.Shares["spare"].Allocation != takes.Limits ||
		want.Allocation != takes.Limits ||
		want.Owner != takes.ID ||
		m.Source.Updated != now {
		t.Errorf("its account is %+v", m.Source)
	}
	// An account with another profile gets no new one.
	back = returning(t, moved(t, agreed(t), done), now)
	back.Spare, back.Transfer = "spare", sides(t, back.Transfer, now)
	if m := moved(t, back, now); m.Instead != nil || m.Source.Profiles() != 1 {
		t.Errorf("got %+v beside another profile", m.Instead)
	}
	c := agreed(t)
	c.Source, c.Spare = withOnly(c.Source, "plant"), "spare"
	if m, checks := c.Complete(now); m.Instead != nil || checks.OK() {
		t.Errorf("an only profile is given away: got %+v", m)
	}
}

package tenancy_test

import (
	"reflect"
	"strings"
	"testing"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

func home(t *testing.T) tenancy.Profile {
	t.Helper()
	return tenancy.Profile{
		ID:         homeID,
		Owner:      anaID,
		Name:       "Home",
		LogoURL:    "https://example.com/logo.png",
		BannerURL:  "https://example.com/banner.png",
		Allocation: plan.Included(),
		Addons:     billing.Addons{Mobile: true},
		Plan:       plan.Starter,
		OwnerEpoch: 2,
		Epoch:      4,
		Created:    rules.At(t, "2026-01-01T00:00:00Z"),
		Updated:    rules.At(t, "2026-02-01T00:00:00Z"),
		Version:    7,
	}
}

func TestNewProfileCopiesWhatItsOwnerVouchesFor(t *testing.T) {
	t.Parallel()
	now := rules.At(t, expiryNow)
	anchor := rules.At(t, "2026-01-31T10:00:00Z")
	owner := tenancy.Account{
		ID: anaID,
		Subscription: billing.Subscription{
			Plan:   plan.Scale,
			Anchor: anchor,
			Limits: rules.Each(900),
			Shares: map[value.ProfileID]billing.Share{
				homeID: {
					Allocation: plan.Included(),
					Addons:     billing.Addons{Mobile: true},
					Updated:    anchor,
				},
				"another": {Allocation: rules.Each(5)},
			},
		},
		Epoch:    6,
		Sessions: 7,
		Name:     "Ana",
	}
	want := tenancy.Profile{
		ID:            homeID,
		Owner:         anaID,
		Name:          "Home",
		Allocation:    plan.Included(),
		Addons:        billing.Addons{Mobile: true},
		Plan:          plan.Scale,
		Anchor:        anchor,
		OwnerEpoch:    6,
		OwnerSessions: 7,
		Created:       now,
		Updated:       now,
	}
	if got := tenancy.NewProfile(homeID, owner, "Home", now); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestOfRenewsTheCopiesAndNothingElse(t *testing.T) {
	t.Parallel()
	before := home(t)
	before.Transferred = rules.At(t, "2026-01-15T00:00:00Z")
	owner := tenancy.Account{
		ID: benID,
		Subscription: billing.Subscription{
			Plan:   plan.Free,
			Anchor: rules.At(t, "2026-02-28T10:00:00Z"),
			Shares: map[value.ProfileID]billing.Share{
				homeID: {Allocation: rules.Each(7), Addons: billing.Addons{CustomDNS: true}},
			},
		},
		Epoch:    9,
		Sessions: 12,
	}
	want := before
	want.Owner, want.Plan, want.OwnerEpoch = benID, plan.Free, 9
	want.OwnerSessions, want.Anchor = 12, owner.Anchor
	want.Allocation, want.Addons = rules.Each(7), billing.Addons{CustomDNS: true}
	if got := before.Of(owner); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	owner.Shares = nil
	want.Allocation, want.Addons = plan.Amounts{}, billing.Addons{}
	if got := before.Of(owner); !reflect.DeepEqual(got, want) {
		t.Errorf("of an account that has no share for it: got %+v, want %+v", got, want)
	}
}

func TestAddons(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		addons      billing.Addons
		dns, mobile bool
		text        string
	}{
		{"none", billing.Addons{}, false, false, "none"},
		{"the name server", billing.Addons{CustomDNS: true}, true, false, "custom_dns"},
		{"the mobile app", billing.Addons{Mobile: true}, false, true, "mobile"},
		{"both", billing.Addons{CustomDNS: true, Mobile: true}, true, true, "custom_dns, mobile"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := test.addons
			if a.Has(plan.AddonCustomDNS) != test.dns || a.Has(plan.AddonMobile) != test.mobile ||
				a.String() != test.text {
				t.Errorf("got %v, %v, %q", a.Has(plan.AddonCustomDNS), a.Has(plan.AddonMobile), a)
			}
			for _, one := range plan.AllAddons() {
				with, without := a.With(one, true), a.With(one, false)
				if !with.Has(one) || without.Has(one) || a != test.addons {
					t.Errorf(
						"%s: with it %+v, without it %+v, and %+v has become %+v",
						one,
						with,
						without,
						test.addons,
						a,
					)
				}
				if with.With(one, false) != without || without.With(one, true) != with {
					t.Errorf("%s changes another one too", one)
				}
			}
		})
	}
}

func TestProfileEdit(t *testing.T) {
	t.Parallel()
	now := rules.At(t, expiryNow)
	for _, test := range []struct {
		name string
		edit tenancy.ProfileEdit
		want func(*tenancy.Profile)
	}{
		{"nothing named leaves everything but the date", tenancy.ProfileEdit{}, func(*tenancy.Profile) {}},
		{"the name", tenancy.ProfileEdit{Name: new(" Plant 2 ")}, func(p *tenancy.Profile) { p.Name = "Plant 2" }},
		{"the logo", tenancy.ProfileEdit{LogoURL: new("https://example.com/2.png")},
			func(p *tenancy.Profile) { p.LogoURL = "https://example.com/2.png" }},
		{"the banner", tenancy.ProfileEdit{BannerURL: new("http://example.com/2.png")},
			func(p *tenancy.Profile) { p.BannerURL = "http://example.com/2.png" }},
		{"an empty logo removes it", tenancy.ProfileEdit{LogoURL: new("")}, func(p *tenancy.Profile) { p.LogoURL = "" }},
		{"an empty banner removes it", tenancy.ProfileEdit{BannerURL: new("")}, func(p *tenancy.Profile) { p.BannerURL = "" }},
		{"everything at once", tenancy.ProfileEdit{Name: new("X"), LogoURL: new(""), BannerURL: new("https://b.example/")},
			func(p *tenancy.Profile) { p.Name, p.LogoURL, p.BannerURL = "X", "", "https://b.example/" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := home(t)
			test.want(&want)
			want.Updated = now
			got, err := home(t).Edit(test.edit, now)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
	for _, test := range []struct {
		name string
		edit tenancy.ProfileEdit
		want string
	}{
		{"an empty name", tenancy.ProfileEdit{Name: new(" ")}, "invalid: name is required"},
		{"a name that is too long", tenancy.ProfileEdit{Name: new(strings.Repeat("a", 101))}, "invalid: name must have 1 to 100 characters"},
		{"a logo that is a script", tenancy.ProfileEdit{LogoURL: new("javascript:alert(1)")},
			"invalid: logo_url must be an https or http address of at most 2048 characters, or null for none"},
		{"a banner without a host", tenancy.ProfileEdit{Name: new("fine"), BannerURL: new("banner.png")},
			"invalid: banner_url must be an https or http address of at most 2048 characters, or null for none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := home(t).Edit(test.edit, now); problemtest.Text(err) != test.want {
				t.Errorf("got %q, want %q", problemtest.Text(err), test.want)
			}
		})
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	p := home(t)
	owner := tenancy.Grant{
		Account: anaID, Profile: homeID, Owner: anaID, Permission: tenancy.PermissionFull, Epoch: 4,
		Name: "Home", LogoURL: "https://example.com/logo.png",
	}
	if got := p.OwnerGrant(); got != owner || !got.Own() {
		t.Errorf("the owner: got %+v, own %v, want %+v, own true", got, got.Own(), owner)
	}
	member := tenancy.Member{
		Profile:    homeID,
		Account:    benID,
		Permission: tenancy.PermissionWrite,
		Epoch:      9,
		Active:     true,
		Name:       "Ben",
		Email:      "ben@example.com",
	}
	// The name and the logo are the profile's, the epoch the member's own:
	// removing one member revokes nobody else's tokens.
	shared := tenancy.Grant{
		Account:    benID,
		Profile:    homeID,
		Owner:      anaID,
		Permission: tenancy.PermissionWrite,
		Epoch:      9,
		Name:       "Home",
		LogoURL:    "https://example.com/logo.png",
	}
	if got := p.MemberGrant(member); got != shared || got.Own() {
		t.Errorf("a member: got %+v, own %v, want %+v, own false", got, got.Own(), shared)
	}
}

func TestAuditEntriesAreKeptSixMonths(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ made, want string }{
		{"2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"},
		{"2026-10-01T00:00:00.001Z", "2027-04-01T00:00:00.001Z"},
	} {
		got := (auditlog.Entry{Time: rules.At(t, test.made)}).Kept()
		if got != rules.At(t, test.want) {
			t.Errorf("an entry of %s: got %v, want %s", test.made, got, test.want)
		}
	}
}

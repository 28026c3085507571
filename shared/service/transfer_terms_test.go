package service_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// cents is the cost of an account's next renewal.
func (c *cast) cents(a tenancy.Account) (sum int64) {
	_, charges := a.Upcoming()
	for _, charge := range charges {
		sum += charge.Amount
	}
	return sum
}

// Add-ons that the owner buys for a profile after the receiving side has
// accepted cost the owner only.
func TestAddonsThatAreBoughtAfterTheAcceptanceDoNotMove(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	buy := func(wanted map[plan.Addon]bool) {
		t.Helper()
		c.OK(c.Billing.EditAddons(c.Context(), c.ana.Client(operation.AddonEdit), c.ref(), wanted))
	}
	buy(map[plan.Addon]bool{plan.AddonMobile: true})
	c.offer(c.ben.Email)
	expected := c.cents(c.account(c.ben)) + plan.AddonMobile.Price()
	_, err := c.confirm()
	c.OK(err)
	_, err = c.accept(transfer.Acceptance{})
	c.OK(err)
	buy(map[plan.Addon]bool{plan.AddonCustomDNS: true})
	_, err = c.approve()
	c.OK(err)
	c.wantOwner("after the last word", c.ben)
	if got := c.cents(c.account(c.ben)); got != expected {
		t.Errorf("the receiving side is to pay %d cents, and agreed to %d", got, expected)
	}
	if p := c.profile(); p.Addons != (billing.Addons{Mobile: true}) {
		t.Errorf("the profile has %s", p.Addons)
	}
}

// The present owner deletes its only other profile. This prevents neither the
// former owner nor two agents from taking the profile back.
func TestAReceiverCannotVetoTheReturn(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]func(*cast){
		"two agents": func(c *cast) {
			for _, agent := range []func() error{
				func() error {
					_, err := c.revert(c.sam)
					return err
				}, func() error { _, err := c.revert(c.kim); return err },
			} {
				c.OK(agent())
			}
		},
		"both sides": func(c *cast) {
			_, err := c.revert(c.ana)
			c.OK(err)
			_, err = c.revert(c.ben)
			c.OK(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := moved(t, transfer.Acceptance{})
			bens := c.ben.SignIn(c.plant, "")
			c.drop(c.ben, c.ben.Home)
			c.Advance(time.Minute)
			c.ben.Token = bens
			data(c)
			c.wantOwner("after the words", c.ana)
			account := c.account(c.ben)
			if account.Profiles() != 1 || account.Allocated() != account.Limits {
				t.Fatalf("the account that had it has the shares %v", account.Shares)
			}
			// The present owner signs in to the new profile and finds the
			// notification there.
			spare := account.ProfileIDs()[0]
			c.ben.Token = c.ben.SignIn(spare, "")
			profile, err := c.Profiles.Get(c.Context(), c.ben.Client(operation.ProfileGet),
				service.ProfileRef{Current: true})
			c.OK(err)
			if profile.ID != spare || profile.Name != c.ben.Name ||
				profile.Allocation != account.Limits || profile.Addons != (billing.Addons{}) {
				t.Errorf("the new profile is %+v", profile)
			}
			if told := strings.Join(c.noticesOf(c.ben), "\n"); !strings.Contains(told, "new, empty one") {
				t.Errorf("it was told %s", told)
			}
		})
	}
}

package service_test

import (
	"slices"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

var mobile = map[plan.Addon]bool{plan.AddonMobile: true}

// hasMobile reports whether a person's first profile has the add-on mobile.
func hasMobile(w *testkit.World, p testkit.Person) bool {
	w.Helper()
	a, err := w.Billing.Account(w.Context(), p.Client(operation.SubscriptionGet))
	w.OK(err)
	return a.Shares[p.Home].Addons.Has(plan.AddonMobile)
}

// A member with the permission billing changes what the owner pays, and nothing
// of the own account. The owner is notified.
func TestABillingMemberSpendsForTheOwner(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionBilling)
	before, err := w.Billing.Account(t.Context(), ben.Client(operation.SubscriptionGet))
	w.OK(err)
	w.OK(w.Billing.EditAddons(t.Context(), ben.Client(operation.AddonEdit), at(ana.Home), mobile))
	ana.Profile("second") // an only profile has everything
	w.OK(w.Billing.AllocateOne(t.Context(), ben.Client(operation.ProfileServices), at(ana.Home),
		map[plan.Service]int64{plan.ServiceInput: 1000}))

	a, err := w.Billing.Account(t.Context(), ana.Client(operation.SubscriptionGet))
	w.OK(err)
	if got := a.Shares[ana.Home]; !got.Addons.Has(plan.AddonMobile) ||
		got.Allocation[plan.ServiceInput] != 1000 {
		t.Errorf("the profile has %+v", got)
	}
	after, err := w.Billing.Account(t.Context(), ben.Client(operation.SubscriptionGet))
	w.OK(err)
	if hasMobile(w, ben) || after.Version != before.Version {
		t.Errorf("the member's account: got version %d, want %d", after.Version, before.Version)
	}
	told, err := w.Notifications.List(t.Context(), ana.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 9}})
	w.OK(err)
	var titles []string
	for _, n := range told.Rows {
		titles = append(titles, n.Title)
	}
	for _, want := range []string{"Add-ons of a profile changed", "Allocation changed"} {
		if !slices.Contains(titles, want) {
			t.Errorf("the owner's notifications: got %q, want %q", titles, want)
		}
	}
}

// A member that is removed, or gets another permission, between the decision
// and the commit spends nothing.
func TestABillingMemberMustStillBeOne(t *testing.T) {
	t.Parallel()
	for name, rival := range map[string]struct {
		do   func(*testkit.World, *service.Services, testkit.Person, testkit.Person) error
		want problem.Code
	}{
		"removed": {
			func(w *testkit.World, s *service.Services, ana, ben testkit.Person) error {
				return s.Teams.Remove(w.Context(), ana.Client(operation.TeamRemove), at(ana.Home),
					string(ben.ID))
			}, problem.CodeNotFound,
		},
		"with full permission": {
			func(w *testkit.World, s *service.Services, ana, ben testkit.Person) error {
				return s.Teams.Edit(w.Context(), ana.Client(operation.TeamEdit), at(ana.Home),
					string(ben.ID), teams.MemberEdit{Permission: "full"})
			}, problem.CodeForbidden,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana, ben := w.Quick("ana"), w.Quick("ben")
			w.Share(ana.Home, ben, tenancy.PermissionBilling)
			between(w, func(s *service.Services) { w.OK(rival.do(w, s, ana, ben)) })
			err := w.Billing.EditAddons(t.Context(), ben.Client(operation.AddonEdit), at(ana.Home),
				mobile)
			w.Refused(err, rival.want)
			if hasMobile(w, ana) {
				t.Error("the profile has the add-on")
			}
		})
	}
}

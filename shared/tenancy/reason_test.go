package tenancy_test

import (
	"reflect"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
)

// The invited person reads the limit of the plan, but not how many members
// there are.
func TestAFullTeamShowsTheInvitedItsLimitOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	i := tenancy.Invitation{
		State:   tenancy.InvitationPending,
		Email:   "ben@example.com",
		Expires: now.Add(1),
	}
	_, err := i.Accept(
		tenancy.Account{ID: "b", Active: true, Email: i.Email},
		tenancy.Profile{Plan: plan.Free},
		nil,
		now,
	)
	want := plan.LimitReached("team members", 0).For(problem.ReasonTeamFull)
	if !reflect.DeepEqual(err, want) || want.Details["used"] != nil {
		t.Errorf("got %#v, want %#v", err, want)
	}
	_, err = tenancy.Profile{
		Plan: plan.Free,
	}.Invite(
		tenancy.Account{},
		nil,
		i.Email,
		tenancy.Offer{Permission: tenancy.PermissionRead},
		"i",
		now,
	)
	if want := want.With("used", 0).With("plan", plan.Free); !reflect.DeepEqual(err, want) {
		t.Errorf("got %#v, want %#v", err, want)
	}
}

// The rules' reasons and facts for programs. The tests of each rule check its
// message.
func TestRulesTellProgramsWhy(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.April, 16, 10, 0, 0, 0, time.UTC)
	rotate := func(token tenancy.Token) error {
		_, _, _, err := token.Rotate("next", nil, 0, now)
		return err
	}
	policy := tenancy.TokenPolicy{LongestDays: 7, NoNever: true}
	both := tenancy.Account{
		Subscription: billing.Subscription{
			Plan: plan.Free,
		},
		Factors: []tenancy.EnabledFactor{
			{Factor: tenancy.FactorEmail},
			{Factor: tenancy.FactorAuthenticator},
		},
	}
	for name, test := range map[string]struct {
		err     error
		reason  problem.Reason
		details string
	}{
		"a profile on hold":        {tenancy.Profile{Transferred: now.Add(-day)}.Deletable(now), problem.ReasonTransferHold, `{"until":"2030-04-22T10:00:00.000Z"}`},
		"tokens for ever":          {policy.Admits(time.Time{}, now), problem.ReasonTokenPolicy, `{"never":false}`},
		"tokens for long":          {policy.Admits(now.AddDate(1, 0, 0), now), problem.ReasonTokenPolicy, `{"longest_days":7}`},
		"a token that was rotated": {rotate(tenancy.Token{Retires: now}), problem.ReasonTokenRotated, ""},
		"a token that is disabled": {rotate(tenancy.Token{DisabledBy: "x"}), problem.ReasonTokenDisabled, ""},
		"pins by mail":             {both.CanEnable(tenancy.FactorEmail), problem.ReasonPlanLacks, `{"needs":["starter","scale"],"plan":"free"}`},
		"a second factor":          {both.NeedsFactor(), problem.ReasonSecondFactorRequired, `{"factors":["email","authenticator"],"first":"authenticator"}`},
		"a spent budget of mails":  {mailing.MailsToOthers.Spent(now.Add(time.Hour), now), problem.ReasonMailLimit, `{"budget":"mails-to-others","limit":20}`},
	} {
		problemtest.Tells(t, name, test.err, test.reason, test.details)
	}
}

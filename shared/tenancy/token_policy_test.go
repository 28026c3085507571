package tenancy_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
)

func TestATokenPolicyAdmits(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2030-03-14T09:26:53.589Z")
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	for _, test := range []struct {
		name    string
		policy  tenancy.TokenPolicy
		expires time.Time
		want    string
	}{
		{"no policy, never", tenancy.TokenPolicy{}, time.Time{}, ""},
		{"no policy, a century", tenancy.TokenPolicy{}, days(36500), ""},
		{"the last moment", tenancy.TokenPolicy{LongestDays: 30}, days(30), ""},
		{"a millisecond past it", tenancy.TokenPolicy{LongestDays: 30}, days(30).Add(time.Millisecond), "30 days at most"},
		{"a limit alone allows never", tenancy.TokenPolicy{LongestDays: 30}, time.Time{}, ""},
		{"no never", tenancy.TokenPolicy{NoNever: true}, time.Time{}, "never expire"},
		{"no never, a century", tenancy.TokenPolicy{NoNever: true}, days(36500), ""},
		{"both, never", tenancy.TokenPolicy{LongestDays: 30, NoNever: true}, time.Time{}, "never expire"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.policy.Admits(test.expires, now)
			if (err == nil) != (test.want == "") ||
				err != nil &&
					(problem.CodeOf(err) != problem.CodeForbidden ||
						!strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestAnEndThatNobodyAskedForIsShortened(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2030-03-14T09:26:53.589Z")
	month := now.AddDate(0, 1, 0)
	for _, test := range []struct {
		policy tenancy.TokenPolicy
		want   time.Time
	}{
		{tenancy.TokenPolicy{}, month}, {tenancy.TokenPolicy{NoNever: true}, month}, {tenancy.TokenPolicy{LongestDays: 31}, month},
		{tenancy.TokenPolicy{LongestDays: 30}, now.AddDate(0, 0, 30)}, {tenancy.TokenPolicy{LongestDays: 1}, now.AddDate(0, 0, 1)},
	} {
		if got := test.policy.Shortened(month, now); !got.Equal(test.want) {
			t.Errorf("%+v: got %s, want %s", test.policy, got, test.want)
		}
	}
}

func TestTokenPolicyEdit(t *testing.T) {
	t.Parallel()
	was := tenancy.TokenPolicy{LongestDays: 30}
	n := func(n int) *int { return &n }
	yes, no := true, false
	for _, test := range []struct {
		name string
		edit tenancy.TokenPolicyEdit
		want tenancy.TokenPolicy
		err  string
	}{
		{"no never", tenancy.TokenPolicyEdit{Never: &no}, tenancy.TokenPolicy{LongestDays: 30, NoNever: true}, ""},
		{"never", tenancy.TokenPolicyEdit{Never: &yes}, was, ""},
		{"another limit", tenancy.TokenPolicyEdit{LongestDays: n(36500)}, tenancy.TokenPolicy{LongestDays: 36500}, ""},
		{"no limit", tenancy.TokenPolicyEdit{LongestDays: n(0), Never: &no}, tenancy.TokenPolicy{NoNever: true}, ""},
		{"unused ones", tenancy.TokenPolicyEdit{DisableUnused: &yes}, tenancy.TokenPolicy{LongestDays: 30, DisableUnused: true}, ""},
		{"quiet", tenancy.TokenPolicyEdit{NotifyNewNetwork: &no}, tenancy.TokenPolicy{LongestDays: 30, QuietNetworks: true}, ""},
		{"nothing", tenancy.TokenPolicyEdit{}, was, "notify_new_network is required"},
		{"a negative limit", tenancy.TokenPolicyEdit{LongestDays: n(-1)}, was, "longest_days must be"},
		{"more than a century", tenancy.TokenPolicyEdit{LongestDays: n(36501)}, was, "longest_days must be"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := was.Edit(test.edit)
			if test.err != "" {
				if problem.CodeOf(err) != problem.CodeInvalid ||
					!strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %q", err, test.err)
				}
			} else if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// A policy is looser than another when there is a life that it admits and the
// other refuses, a token that only the other disables, or a use that only the
// other tells of.
func TestALooserPolicyAdmitsSomethingMore(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2030-03-14T09:26:53.589Z")
	policy := rapid.Custom(func(t *rapid.T) tenancy.TokenPolicy {
		return tenancy.TokenPolicy{
			LongestDays: rapid.IntRange(0, 4).Draw(t, "days"),
			NoNever:     rapid.Bool().Draw(t, "no never"),

			DisableUnused: rapid.Bool().Draw(t, "disable unused"),
			QuietNetworks: rapid.Bool().Draw(t, "quiet networks"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		p, q := policy.Draw(t, "p"), policy.Draw(t, "q")
		lives := []time.Time{{}}
		for n := range 6 {
			lives = append(lives, now.AddDate(0, 0, n+1))
		}
		want := q.DisableUnused && !p.DisableUnused || !q.QuietNetworks && p.QuietNetworks
		for _, end := range lives {
			want = want || p.Admits(end, now) == nil && q.Admits(end, now) != nil
			if end.IsZero() {
				continue
			}
			if short := p.Shortened(end, now); short.After(end) || p.Admits(short, now) != nil {
				t.Fatalf("%+v makes %s of %s", p, short, end)
			}
		}
		if got := p.Looser(q); got != want {
			t.Fatalf("%+v looser than %+v: got %v, want %v", p, q, got, want)
		}
		if (len(p.Differences(q)) == 0) != (p == q) {
			t.Fatalf("%+v and %+v differ in %v", p, q, p.Differences(q))
		}
	})
}

func TestDifferencesOfPolicies(t *testing.T) {
	t.Parallel()
	got := tenancy.TokenPolicy{
		LongestDays: 7, NoNever: true, DisableUnused: true, QuietNetworks: true,
	}.Differences(tenancy.TokenPolicy{})
	want := []auditlog.Change{
		auditlog.Changed("token_policy.longest_days", "no limit", "7"),
		auditlog.Changed("token_policy.never", "true", "false"),
		auditlog.Changed("token_policy.disable_unused", "false", "true"),
		auditlog.Changed("token_policy.notify_new_network", "true", "false"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

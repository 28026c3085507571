package operation_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// The scheduled change of one profile's add-on stays when the add-ons of
// another profile are edited.
func TestEditingAProfilesAddonsLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(w *testkit.World, ana testkit.Person,
		other value.ProfileID) testkit.Answer{
		"another ends too": func(w *testkit.World, ana testkit.Person, other value.ProfileID) testkit.Answer {
			return ask(w, "DELETE", "/profile/"+string(other)+"/mobile", ana.Token, nil)
		},
		"another stays as it is": func(w *testkit.World, ana testkit.Person, other value.ProfileID) testkit.Answer {
			return ask(w, "POST", "/profile/"+string(other)+"/addons", ana.Token, object{"mobile": true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Account("ana")
			other := ana.Profile("other")
			for _, id := range []value.ProfileID{ana.Home, other} {
				got := ask(w, "POST", "/profile/"+string(id)+"/addons", ana.Token, object{"mobile": true})
				if got.Code != 200 {
					t.Fatalf("got %d %q", got.Code, got.Message)
				}
			}
			if got := ask(w, "DELETE", "/profile/"+string(ana.Home)+"/mobile", ana.Token, nil); got.Code != 200 {
				t.Fatalf("got %d %q", got.Code, got.Message)
			}
			if got := edit(w, ana, other); got.Code != 200 {
				t.Fatalf("got %d %q", got.Code, got.Message)
			}
			// The schedule lists the profiles that have it from then on.
			got := result(w, ana.Token, "/account/subscription/schedule")
			if !strings.Contains(got, `"addons":{"mobile":[`) || strings.Contains(got, string(ana.Home)) {
				t.Errorf("the end of the first profile's add-on is no longer scheduled: %s", got)
			}
		})
	}
}

// A cycle has ended and is not renewed yet. A purchase at that time is paid
// once.
func TestAnEditBeforeALateRenewalIsChargedOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	w.Advance(31*24*time.Hour + 10*time.Minute) // the sweep has not come yet
	got := ask(w, "POST", "/account/subscription", ana.Token, object{"services": object{"input": object{"limit": 3_000_000}}})
	if got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if _, err := operation.SubscriptionRenew.Sweep(t.Context(), w.Services); err != nil {
		t.Fatal(err)
	}
	var cost struct {
		Total     int64
		Statement []struct{ Kind, What, From, To string }
	}
	ask(w, "GET", "/account/cost", ana.Token, nil).Into(w, &cost)
	if cost.Total > 19900+2000 {
		t.Errorf("the cycle costs %d, want 21900 at most: %+v", cost.Total, cost.Statement)
	}
	for _, c := range cost.Statement {
		if c.To < c.From {
			t.Errorf("%s %s is charged from %s to %s", c.Kind, c.What, c.From, c.To)
		}
	}
}

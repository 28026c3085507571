package tenancy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

func TestDifferencesOfAnAccountHaveNoSecrets(t *testing.T) {
	t.Parallel()
	was := Account{Name: "Ana", Email: "ana@example.com", PasswordHash: "$argon2id$old", Phone: "1"}
	is := was
	is.Name, is.Phone, is.PasswordHash, is.Epoch, is.KnownSources = "Ana B.", "", "$argon2id$new", 5, []string{
		"x",
	}
	text := fmt.Sprint(is.Differences(was))
	if text != "[{name Ana Ana B.} {phone 1 }]" || strings.Contains(text, "argon") {
		t.Errorf("got %s", text)
	}
	if got := is.Differences(is); len(got) != 0 {
		t.Errorf("of itself: got %v", got)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	one, two := billing.Addons{CustomDNS: true}, billing.Addons{CustomDNS: true, Mobile: true}
	was := Account{
		Email: "ana@example.com",
		Subscription: billing.Subscription{
			Plan:   plan.Starter,
			Limits: plan.Amounts{5, 10},
			Shares: map[value.ProfileID]billing.Share{
				"p": {Allocation: plan.Amounts{1}, Addons: one},
				"q": {Allocation: plan.Amounts{2}},
			},
		},
	}
	is := was
	is.Email, is.Plan, is.Limits[0] = "new@example.com", plan.Scale, 7
	is.Shares = map[value.ProfileID]billing.Share{
		"p": {Allocation: plan.Amounts{3}, Addons: two},
		"q": {Allocation: plan.Amounts{2}},
	}
	service := plan.Services()[0].String()
	want := []auditlog.Change{
		auditlog.Changed("email", "ana@example.com", "new@example.com"),
		auditlog.Changed("plan", string(plan.Starter), string(plan.Scale)),
		auditlog.Changed("limit "+service, "5", "7"),
		auditlog.Changed("allocation "+service+" p", "1", "3"),
		auditlog.Changed("addons p", one.String(), two.String()),
	}
	if got := is.Differences(was); !slices.Equal(got, want) {
		t.Errorf("of an account:\ngot  %v\nwant %v", got, want)
	}
	p := Profile{Name: "a", LogoURL: "l", BannerURL: "b"}
	if got, want := (Profile{Name: "b", BannerURL: "c", Version: 4}).Differences(
		p,
	), []auditlog.Change{
		auditlog.Changed("name", "a", "b"),
		auditlog.Changed("logo_url", "l", ""),
		auditlog.Changed("banner_url", "b", "c"),
	}; !slices.Equal(got, want) {
		t.Errorf("of a profile: got %v, want %v", got, want)
	}
	if got := p.Differences(p); got != nil {
		t.Errorf("of itself: got %v", got)
	}
}

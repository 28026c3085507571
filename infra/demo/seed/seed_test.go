package seed_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/infra/demo"
	"profiles/infra/demo/seed"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/service/profiles"
	"profiles/shared/service/tokens"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

func TestExtentIsReadStrictly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]seed.Extent{
		"": seed.Whole, "1": seed.Whole, "accounts": seed.Accounts, "0": seed.Nothing,
	} {
		if got, err := seed.ParseExtent(text); err != nil || got != want {
			t.Errorf("%q: got %q %v, want %q", text, got, err, want)
		}
	}
	if _, err := seed.ParseExtent("no"); err == nil || !strings.Contains(err.Error(), `DEMO is "no"`) {
		t.Errorf("an extent that is none: got %v", err)
	}
}

// stage is a world in which the demo is made.
type stage struct {
	*testkit.World
	mails *testkit.Outbox
	full  bool // the table has items of others
}

func (s *stage) seed(extent seed.Extent) seed.Made {
	s.Helper()
	made, err := seed.Make(s.Context(), seed.Config{
		Store:  s.Store,
		Keys:   testkit.Keys,
		Mailer: s.mails,
		Now:    s.Now(),
		Log:    slog.New(slog.DiscardHandler),
	}, extent, func(context.Context) (bool, error) { return !s.full, nil })
	s.OK(err)
	return made
}

// enter signs a person of the demo in, with a token of the first profile.
func (s *stage) enter(address string) service.Client {
	s.Helper()
	given := service.Credentials{Password: demo.Password}
	entered, err := s.Accounts.Login(
		s.Context(),
		service.Client{Source: testkit.Home},
		address,
		given,
	)
	s.OK(err)
	made, err := s.Tokens.CreateAtLogin(
		s.Context(),
		service.Client{Source: testkit.Home},
		tokens.NewToken{
			Profile: service.ProfileRef{
				ID: profiles.OwnFirst(entered.Grants)[0].Profile,
			},
			Email:       address,
			Credentials: given,
			Name:        "test",
		},
	)
	s.OK(err)
	return testkit.ClientOf(made.Text)
}

func TestTheDemoIsAsMuchAsIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		extent seed.Extent
		full   bool
		want   seed.Made
	}{
		{seed.Nothing, false, seed.Made{}},
		{seed.Accounts, false, seed.Made{Accounts: true}},
		{seed.Whole, true, seed.Made{}},
	} {
		s := &stage{World: testkit.New(t), mails: new(testkit.Outbox), full: test.full}
		for _, which := range []string{"first", "second"} {
			if got := s.seed(test.extent); got != test.want {
				t.Errorf(
					"%q, full %v, the %s time: got %+v, want %+v",
					test.extent,
					test.full,
					which,
					got,
					test.want,
				)
			}
		}
		if n := len(s.Items()); (n > 0) != test.want.Accounts {
			t.Errorf("%q, full %v: the table has %d items", test.extent, test.full, n)
		}
	}
}

// Nora finds everything for which her console has a view.
func TestTheHistoryHasSomethingForEveryScreen(t *testing.T) {
	t.Parallel()
	s := &stage{World: testkit.New(t), mails: new(testkit.Outbox)}
	want := seed.Made{Accounts: true, History: true}
	if got := s.seed(seed.Whole); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	items := len(s.Items())
	if got := s.seed(seed.Whole); got != want || len(s.Items()) != items {
		t.Errorf("made again: got %+v and %d items, want %d", got, len(s.Items()), items)
	}
	ctx := t.Context()
	nora := s.enter("nora@example.com")
	grants, err := s.Profiles.List(ctx, nora.For(operation.ProfileList.Access))
	s.OK(err)
	byName := map[string]service.ProfileRef{}
	shared := 0
	for _, g := range grants {
		if !strings.HasPrefix(g.Name, seed.Mark) {
			t.Errorf("the profile %q does not say that it is of the demo", g.Name)
		}
		byName[strings.TrimPrefix(g.Name, seed.Mark)] = service.ProfileRef{ID: g.Profile}
		if g.Owner != g.Account {
			shared++
		}
	}
	if len(grants) != 5 || shared != 1 {
		t.Errorf("Nora opens %d profiles, %d of them of others; want 5 and 1", len(grants), shared)
	}

	var blocked []string
	for name, ref := range byName {
		summary, err := s.Profiles.Summary(ctx, nora.For(operation.ProfileSummary.Access), ref)
		s.OK(err)
		for _, one := range plan.Services() {
			if (billing.Usage{Used: summary.Used}).Blocked(one, summary.Profile.Quota()) {
				blocked = append(blocked, name+" "+one.String())
			}
		}
	}
	if !slices.Equal(blocked, []string{"cold store sms"}) {
		t.Errorf("blocked are %q", blocked)
	}
	reader := nora.For(operation.StatisticsGet.Access)
	days, err := s.Usage.Statistics(ctx, reader, byName["greenhouse"], billing.StatisticsQuery{
		Start: s.Now().AddDate(0, 0, -30).Format("2006-01-02"),
		End:   s.Now().Format("2006-01-02"), Periodicity: "day",
	})
	s.OK(err)
	differ := map[float64]bool{}
	for _, d := range days {
		differ[d.Used[plan.ServiceInput]] = true
	}
	if len(differ) < 25 {
		t.Errorf("of %d days %d differ", len(days), len(differ))
	}
	for _, month := range []time.Time{s.Now(), s.Now().AddDate(0, 0, -30)} {
		cost, err := s.Billing.Cost(ctx, nora.For(operation.AccountCost.Access), month.Format("2006-01"))
		s.OK(err)
		if cost.Total == 0 {
			t.Errorf("%s cost nothing", month.Format("2006-01"))
		}
	}
	used, err := s.Tokens.List(
		ctx,
		nora.For(operation.TokenList.Access),
		byName["greenhouse"],
		tokens.Query{Paging: service.Paging{Page: 1, Amount: 50}},
	)
	s.OK(err)
	var soon, disabled, never int
	for _, token := range used.Rows {
		if token.Expires.After(s.Now()) && token.Expires.Before(s.Now().AddDate(0, 0, 7)) {
			soon++
		}
		if token.Disabled() {
			disabled++
		}
		if token.Last.Time.IsZero() && token.Name != "test" {
			never++
		}
	}
	if soon != 1 || disabled != 1 || never != 1 {
		t.Errorf(
			"of %d tokens %d end soon, %d are disabled, %d were never used; want 1 each",
			len(used.Rows),
			soon,
			disabled,
			never,
		)
	}
	lister, paging := nora.For(operation.TransferList.Access), service.Paging{Page: 1, Amount: 10}
	transfers, err := s.Transfers.List(ctx, lister, paging)
	s.OK(err)
	if len(transfers.Rows) != 1 || transfers.Rows[0].State != transfer.Requested {
		t.Errorf("the transfers are %+v", transfers)
	}
	team, err := s.Teams.List(ctx, nora.For(operation.TeamList.Access), byName["greenhouse"], true)
	s.OK(err)
	if len(team) != 3 || len(team.Open(s.Now())) != 2 || len(team.Joined()) != 1 {
		t.Errorf(
			"the team has %d places, %d of them open, %d members; want 3, 2 and 1",
			len(team),
			len(team.Open(s.Now())),
			len(team.Joined()),
		)
	}

	// Mails whose links have expired are not sent to anybody.
	kinds := map[mailing.Kind]int{}
	for _, m := range s.mails.Sent() {
		if kinds[m.Kind]++; m.Created.Before(s.Now().AddDate(0, 0, -3)) {
			t.Errorf("a mail of %s is sent", m.Created)
		}
	}
	if kinds[mailing.KindTeamInvitedNew] != 1 || kinds[mailing.KindTransferOffered] != 1 ||
		kinds[mailing.KindUsageAlert] < 4 {
		t.Errorf("sent were %v", kinds)
	}
}

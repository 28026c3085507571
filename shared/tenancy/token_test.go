package tenancy_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// The time is not a whole millisecond, and on the last day of a long month, to
// show wrong rounding and wrong months.
const expiryNow = "2027-01-31T12:00:00.123456Z"

const (
	expiryForms  = `invalid: expire_time must be "never", a date such as 2030-01-31T12:00:00Z, or a span such as "3 months"`
	expiryPast   = `invalid: expire_time must be in the future`
	expiryTooFar = `invalid: expire_time must be within 100 years; use "never" for no end`
)

func TestParseExpiryReadsDates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"an ISO date in UTC", "2030-01-31T12:00:00Z", "2030-01-31T12:00:00Z"},
		{"the form in which JavaScript writes a Date", "2030-01-31T12:00:00.123Z", "2030-01-31T12:00:00.123Z"},
		{"what is finer than a millisecond is cut off", "2030-01-31T12:00:00.123999999Z", "2030-01-31T12:00:00.123Z"},
		{"a zone east of UTC", "2030-01-31T12:00:00+02:00", "2030-01-31T10:00:00Z"},
		{"a zone without a colon", "2030-01-31T12:00:00-0530", "2030-01-31T17:30:00Z"},
		{"a zone and a fraction", "2030-01-31T12:00:00.5-05:30", "2030-01-31T17:30:00.5Z"},
		{"a missing zone means UTC", "2030-01-31T12:00:00", "2030-01-31T12:00:00Z"},
		{"a fraction without a zone", "2030-01-31T12:00:00.25", "2030-01-31T12:00:00.25Z"},
		{"a time of day without seconds", "2030-01-31T12:30", "2030-01-31T12:30:00Z"},
		{"Python's datetime", "2030-01-31 12:00:00", "2030-01-31T12:00:00Z"},
		{"Python's datetime with microseconds", "2030-01-31 12:00:00.123456", "2030-01-31T12:00:00.123Z"},
		{"Python's datetime with a zone", "2030-01-31 12:00:00+02:00", "2030-01-31T10:00:00Z"},
		{"Python's datetime with microseconds and a zone", "2030-01-31 12:00:00.123456-03:00", "2030-01-31T15:00:00.123Z"},
		{"a plain date is the end of that day", "2030-01-31", "2030-02-01T00:00:00Z"},
		{"today is not over", "2027-01-31", "2027-02-01T00:00:00Z"},
		{"a leap day", "2028-02-29", "2028-03-01T00:00:00Z"},
		{"blanks around it", "  2030-01-31 ", "2030-02-01T00:00:00Z"},
		{"the next millisecond", "2027-01-31T12:00:00.124Z", "2027-01-31T12:00:00.124Z"},
		{"exactly 100 years away", "2127-01-31T12:00:00.123Z", "2127-01-31T12:00:00.123Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := tenancy.ParseExpiry(test.text, rules.At(t, expiryNow))
			if err != nil || got != rules.At(t, test.want) {
				t.Errorf("ParseExpiry(%q): got %v, %v, want %s", test.text, got, err, test.want)
			}
		})
	}
}

func TestADateAloneEndsWhereThePersonIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, now, text, want string }{
		{"Europe/Berlin", "2026-11-26T12:00:00Z", "2026-12-31", "2026-12-31T23:00:00Z"},
		// still the 26th in that zone
		{"America/Los_Angeles", "2026-11-27T03:00:00Z", "2026-11-26", "2026-11-27T08:00:00Z"},
		{"Pacific/Auckland", "2026-11-26T12:00:00Z", "2026-11-27", "2026-11-27T11:00:00Z"},
		// 25 hours long
		{"Europe/Berlin", "2026-10-20T00:00:00Z", "2026-10-25", "2026-10-25T23:00:00Z"},
		// the next day has no midnight
		{"America/Santiago", "2026-09-01T00:00:00Z", "2026-09-05", "2026-09-06T04:00:00Z"},
		// a time is in UTC
		{"America/Los_Angeles", "2026-11-26T12:00:00Z", "2026-12-31T00:00", "2026-12-31T00:00:00Z"},
	} {
		zone, err := value.Zone(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tenancy.ParseExpiry(test.text, rules.At(t, test.now).In(zone)); err != nil ||
			got != rules.At(t, test.want) {
			t.Errorf("%s in %s: got %v, %v, want %s", test.text, test.zone, got, err, test.want)
		}
	}
	berlin, _ := value.Zone("Europe/Berlin")
	got, err := tenancy.ParseExpiry("2026-11-25", rules.At(t, "2026-11-25T23:00:00Z").In(berlin))
	if problemtest.Text(err) != expiryPast {
		t.Errorf("a day that is over there: got %v, %v", got, err)
	}
}

func TestParseExpiryReadsNeverInAnyCase(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"never", "Never", "NEVER", "nEvEr", " never\n"} {
		got, err := tenancy.ParseExpiry(text, rules.At(t, expiryNow))
		if err != nil || !got.IsZero() {
			t.Errorf("ParseExpiry(%q): got %v, %v, want the zero time", text, got, err)
		}
	}
}

func TestParseExpiryReadsEveryUnit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		units string
		want  string // of two of them
	}{
		{"s ss sec secs second seconds Second SECONDS", "2027-01-31T12:00:02.123Z"},
		{"m mm min mins minute minutes Minutes MINUTE", "2027-01-31T12:02:00.123Z"},
		{"h hh hour hours Hour HOURS", "2027-01-31T14:00:00.123Z"},
		{"d dd day days Day DAYS", "2027-02-02T12:00:00.123Z"},
		{"w ww week weeks Week WEEKS", "2027-02-14T12:00:00.123Z"},
		{"M MM month months Month MONTHS", "2027-03-31T12:00:00.123Z"},
		{"y yy year years Year YEARS", "2029-01-31T12:00:00.123Z"},
	} {
		for _, unit := range strings.Fields(test.units) {
			for _, text := range []string{"2 " + unit, "2" + unit, " 02  " + unit + " "} {
				got, err := tenancy.ParseExpiry(text, rules.At(t, expiryNow))
				if err != nil || got != rules.At(t, test.want) {
					t.Errorf("ParseExpiry(%q): got %v, %v, want %s", text, got, err, test.want)
				}
			}
		}
	}
}

func TestParseExpiryCountsMonthsAndYearsByTheCalendar(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, now, text, want string }{
		{"a month after 31 January is the end of February", "2027-01-31T08:00:00Z", "1 month", "2027-02-28T08:00:00Z"},
		{"in a leap year it is the 29th", "2028-01-31T08:00:00Z", "1 month", "2028-02-29T08:00:00Z"},
		{"two months after 31 January is the 31st again", "2027-01-31T08:00:00Z", "2 months", "2027-03-31T08:00:00Z"},
		{"months go over the end of a year", "2027-01-31T08:00:00Z", "13 months", "2028-02-29T08:00:00Z"},
		{"from 31 August half a year on", "2026-08-31T08:00:00Z", "6 months", "2027-02-28T08:00:00Z"},
		{"from 31 December to 31 January", "2026-12-31T23:59:59.999Z", "1 month", "2027-01-31T23:59:59.999Z"},
		{"from the last of a short month the day stays", "2027-02-28T08:00:00Z", "1 month", "2027-03-28T08:00:00Z"},
		{"a year after a leap day", "2028-02-29T08:00:00Z", "1 year", "2029-02-28T08:00:00Z"},
		{"four years after a leap day", "2028-02-29T08:00:00Z", "4 years", "2032-02-29T08:00:00Z"},
		{"a week is seven days over the end of a month", "2027-02-25T08:00:00Z", "1 week", "2027-03-04T08:00:00Z"},
		{"100 years", "2027-01-31T08:00:00Z", "100 years", "2127-01-31T08:00:00Z"},
		{"1200 months", "2027-01-31T08:00:00Z", "1200 months", "2127-01-31T08:00:00Z"},
		{"the days of 100 years", "2027-01-31T08:00:00Z", "36524 days", "2127-01-31T08:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := tenancy.ParseExpiry(test.text, rules.At(t, test.now))
			if err != nil || got != rules.At(t, test.want) {
				t.Errorf("ParseExpiry(%q): got %v, %v, want %s", test.text, got, err, test.want)
			}
		})
	}
}

func TestParseExpiryRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want  string
		texts []string
	}{
		{expiryPast, []string{
			"2027-01-31T12:00:00.123Z", "2027-01-31T12:00:00Z", "2027-01-30", "1999-12-31", "0000-01-01", "0001-01-01T00:00:00Z",
			"2027-01-31T13:00:00+02:00", "0 days", "0s", "0 months", "0000000000 years",
		}},
		{expiryTooFar, []string{
			"2127-01-31T12:00:00.124Z", "2127-02-01", "9999-12-31", "101 years", "1201 months", "36525 days", "5218 weeks",
			"9999999999 s", "9999999999 min", "9999999999 hours", "9999999999 days", "9999999999 weeks", "9999999999 months",
			"9999999999 years",
		}},
		{expiryForms, []string{
			"", " ", "null", "none", "neverever", "tomorrow", "month", "3", "3.", "s", "1 fortnight", "1 decade", "3 monthsx",
			"-3 days", "+3 days", "1.5 hours", "1,000 days", "1e3 s", "0x10 days", "three days", "3 days 2 hours", "3 days ago",
			"500 ms", "3 S", "3 H", "3 Y", "3 MMs", "3 hhs", "3 dayss", "１ day", "3\x00days", "3\xffdays",
			"99999999999 s", "18446744073709551617 days", strings.Repeat("9", 4000) + " days",
			"2030-13-01", "2030-02-30", "2029-02-29", "2030-01-31T25:00:00Z", "2030-01-31T12:60:00Z", "2030-01-31T12:00:00 Europe/Berlin",
			"31-01-2030", "01/31/2030", "2030/01/31", "2030-1-31", "12030-01-31", "1924991999", "Thu, 31 Jan 2030 12:00:00 GMT",
		}},
	} {
		for _, text := range test.texts {
			got, err := tenancy.ParseExpiry(text, rules.At(t, expiryNow))
			if problemtest.Text(err) != test.want ||
				!got.IsZero() {
				t.Errorf(
					"ParseExpiry(%.40q): got %v, %q, want %q",
					text,
					got,
					problemtest.Text(err),
					test.want,
				)
			}
		}
	}
}

func TestATokenThatEndsThisVeryMillisecondIsNotMade(t *testing.T) {
	t.Parallel()
	const now = "2027-01-31T12:00:00.123Z"
	for _, text := range []string{now, "0 s", "0 years"} {
		got, err := tenancy.ParseExpiry(text, rules.At(t, now))
		if problemtest.Text(err) != expiryPast {
			t.Errorf(
				"ParseExpiry(%q): got %v, %q, want %q",
				text,
				got,
				problemtest.Text(err),
				expiryPast,
			)
		}
	}
}

func TestAnExpiryIsNeverOrWithin100YearsFromNow(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[0-9]{0,12} ?[a-zA-Z]{0,7}`),
		rapid.StringMatching(`[0-9]{1,11} ?(s|min|h|day|weeks|M|months|yy|years)`),
		rapid.StringMatching(
			`(19|20|21|99)[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?(Z|[+-][01][0-9]:?[0-5]0)?`,
		),
		rapid.SampledFrom([]string{"never", "NEVER", "Never "}),
	)
	seconds := rapid.Int64Range(0, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(seconds.Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).
			UTC()
		text := texts.Draw(t, "text")
		got, err := tenancy.ParseExpiry(text, now)
		switch {
		case err != nil:
			if problem.CodeOf(err) != problem.CodeInvalid || !got.IsZero() {
				t.Fatalf("got %v, %v, want no time and CodeInvalid", got, err)
			}
		case got.IsZero():
			if !strings.EqualFold(strings.TrimSpace(text), "never") {
				t.Fatalf("got the zero time, which means never")
			}
		case !got.After(now) || got.After(now.AddDate(100, 0, 0)):
			t.Fatalf("got %v, want a time after %v and at most 100 years later", got, now)
		case got.Location() != time.UTC || got != got.Truncate(time.Millisecond):
			t.Fatalf("got %v, want UTC and whole milliseconds", got)
		}
	})
}

func TestExpiryThatNobodyNamed(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-30T12:00:00Z")
	for _, test := range []struct {
		name  string
		parse func(string, time.Time) (time.Time, error)
		text  string
		want  string
	}{
		{"a token lives a month", tenancy.TokenExpiry, "", "2026-12-30T12:00:00Z"},
		{"blanks name nothing", tenancy.TokenExpiry, " \t", "2026-12-30T12:00:00Z"},
		{"a token from signing in lives three months", tenancy.SignInExpiry, "", "2027-02-28T12:00:00Z"},
		{"blanks at signing in", tenancy.SignInExpiry, "  ", "2027-02-28T12:00:00Z"},
		{"a named end of a token wins", tenancy.TokenExpiry, "1 day", "2026-12-01T12:00:00Z"},
		{"a named end at signing in wins", tenancy.SignInExpiry, "2027-01-01", "2027-01-02T00:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := test.parse(test.text, now); err != nil || got != rules.At(t, test.want) {
				t.Errorf("got %v, %v, want %s", got, err, test.want)
			}
		})
	}
	for name, parse := range map[string]func(string, time.Time) (time.Time, error){
		"TokenExpiry": tenancy.TokenExpiry, "SignInExpiry": tenancy.SignInExpiry,
	} {
		if got, err := parse("never", now); err != nil || !got.IsZero() {
			t.Errorf("%s(never): got %v, %v, want the zero time", name, got, err)
		}
		if _, err := parse("soon", now); problemtest.Text(err) != expiryForms {
			t.Errorf("%s(soon): got %q, want %q", name, problemtest.Text(err), expiryForms)
		}
	}
}

func TestTokenIsLiveToTheMillisecondBeforeItExpires(t *testing.T) {
	t.Parallel()
	expires := rules.At(t, "2027-01-31T12:00:00.500Z")
	for _, test := range []struct {
		name    string
		expires time.Time
		now     string
		want    bool
	}{
		{"long before", expires, "2026-01-31T12:00:00Z", true},
		{"in the millisecond before", expires, "2027-01-31T12:00:00.499Z", true},
		{"in the millisecond itself", expires, "2027-01-31T12:00:00.500Z", false},
		{"in the millisecond after", expires, "2027-01-31T12:00:00.501Z", false},
		{"without an end, in any year", time.Time{}, "9999-12-31T23:59:59Z", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := (tenancy.Token{Expires: test.expires}).Live(rules.At(t, test.now))
			if got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

const (
	anaID   value.AccountID = "0123456789abcdef0000000a"
	benID   value.AccountID = "0123456789abcdef0000000b"
	homeID  value.ProfileID = "0123456789abcdef00000001"
	otherID value.ProfileID = "0123456789abcdef00000002"
)

func TestTheProfileVouchesForATokenOfItsOwner(t *testing.T) {
	t.Parallel()
	token := tenancy.Token{Profile: homeID, Account: anaID, AccountEpoch: 3, GrantEpoch: 5}
	profile := tenancy.Profile{ID: homeID, Owner: anaID, OwnerEpoch: 3, Epoch: 5}
	for _, test := range []struct {
		name   string
		change func(*tenancy.Profile)
		want   bool
	}{
		{"nothing has changed", func(*tenancy.Profile) {}, true},
		{"an edit of the profile leaves tokens alone", func(p *tenancy.Profile) { p.Name, p.Version = "Other", 9 }, true},
		{"it is the token of another profile", func(p *tenancy.Profile) { p.ID = otherID }, false},
		{"the profile has a new owner", func(p *tenancy.Profile) { p.Owner = benID }, false},
		{"all tokens of the owner were revoked", func(p *tenancy.Profile) { p.OwnerEpoch++ }, false},
		{"the owner's tokens of the profile were revoked", func(p *tenancy.Profile) { p.Epoch++ }, false},
		{"an epoch behind the token is not current either", func(p *tenancy.Profile) { p.Epoch-- }, false},
		{"epochs may not stand in for each other", func(p *tenancy.Profile) { p.OwnerEpoch, p.Epoch = 5, 3 }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := profile
			test.change(&p)
			if got := token.AdmittedByOwner(p); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAccountAndGrantVouchForAToken(t *testing.T) {
	t.Parallel()
	token := tenancy.Token{Profile: homeID, Account: benID, AccountEpoch: 3, GrantEpoch: 5}
	for _, test := range []struct {
		name   string
		change func(*tenancy.Account, *tenancy.Grant)
		want   bool
	}{
		{"nothing has changed", func(*tenancy.Account, *tenancy.Grant) {}, true},
		{"another account's", func(a *tenancy.Account, _ *tenancy.Grant) { a.ID = anaID }, false},
		{"the account's tokens were revoked", func(a *tenancy.Account, _ *tenancy.Grant) { a.Epoch++ }, false},
		{"the account is not confirmed", func(a *tenancy.Account, _ *tenancy.Grant) { a.Active = false }, false},
		{"the account is blocked", func(a *tenancy.Account, _ *tenancy.Grant) { a.Blocked = true }, false},
		{"the grant is another account's", func(_ *tenancy.Account, g *tenancy.Grant) { g.Account = anaID }, false},
		{"the grant is for another profile", func(_ *tenancy.Account, g *tenancy.Grant) { g.Profile = otherID }, false},
		{"the grant was renewed", func(_ *tenancy.Account, g *tenancy.Grant) { g.Epoch++ }, false},
		{"an epoch behind the token is not current either", func(a *tenancy.Account, _ *tenancy.Grant) { a.Epoch-- }, false},
		{"nor is one of the grant", func(_ *tenancy.Account, g *tenancy.Grant) { g.Epoch-- }, false},
		{"there is no grant", func(_ *tenancy.Account, g *tenancy.Grant) { *g = tenancy.Grant{} }, false},
		{"there is no account", func(a *tenancy.Account, _ *tenancy.Grant) { *a = tenancy.Account{} }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := tenancy.Account{ID: benID, Epoch: 3, Active: true}
			g := tenancy.Grant{Account: benID, Profile: homeID, Owner: anaID, Epoch: 5}
			test.change(&a, &g)
			if got := token.AdmittedBy(a, g); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestATokenMovedToAnotherProfileIsAdmittedThereOnly(t *testing.T) {
	t.Parallel()
	ben := tenancy.Account{ID: benID, Epoch: 3, Active: true}
	home := tenancy.Grant{Account: benID, Profile: homeID, Epoch: 5}
	other := tenancy.Grant{Account: benID, Profile: otherID, Epoch: 8}
	token := tenancy.Token{
		ID:           "abcdefgh",
		Profile:      homeID,
		Account:      benID,
		Name:         "phone",
		Permission:   tenancy.PermissionRead,
		AccountEpoch: 3,
		GrantEpoch:   5,
		Expires:      rules.At(t, expiryNow),
	}
	want := token
	want.Profile, want.GrantEpoch = otherID, 8
	moved := token.For(other)
	if !reflect.DeepEqual(moved, want) {
		t.Errorf("got %+v, want %+v", moved, want)
	}
	if !moved.AdmittedBy(ben, other) || moved.AdmittedBy(ben, home) {
		t.Errorf(
			"got a token for %s, want one that %s admits and %s does not",
			moved.Profile,
			otherID,
			homeID,
		)
	}
}

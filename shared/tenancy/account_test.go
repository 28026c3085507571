package tenancy_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// ana owns one profile. It has half of each limit that her plan includes.
func ana(t *testing.T) tenancy.Account {
	t.Helper()
	half := plan.Included()
	for s := range half {
		half[s] /= 2
	}
	return tenancy.Account{
		ID:           anaID,
		Type:         tenancy.AccountUser,
		Email:        "ana@example.com",
		PasswordHash: "$argon2id$",
		Active:       true,
		Name:         "Ana",
		Company:      "ACME",
		Country:      "DE",
		Phone:        "+49 30 1",
		Timezone:     "Europe/Berlin",
		Language:     "en",
		Newsletter:   true,
		Developer:    true,
		Options: tenancy.AccountOptions{
			UserViewWelcome:   true,
			DateFormat:        "DD-MM-YYYY",
			TimeFormat:        "24",
			DecimalSeparator:  ",",
			ThousandSeparator: ".",
			ShowLastUpdatedAt: "menu",
		},
		Subscription: billing.Subscription{
			Plan:   plan.Starter,
			Limits: plan.Included(),
			Shares: map[value.ProfileID]billing.Share{
				homeID: {Allocation: half, Addons: billing.Addons{Mobile: true}},
			},
		},
		Epoch:        3,
		KnownSources: []string{"home", "office"},
		Created:      rules.At(t, "2026-01-01T00:00:00Z"),
		Updated:      rules.At(t, "2026-02-01T00:00:00Z"),
		LastLogin:    rules.At(t, "2026-03-01T00:00:00Z"),
		Version:      5,
	}
}

func TestSignedInRemembersTheLastEightSources(t *testing.T) {
	t.Parallel()
	eight := []string{"8", "7", "6", "5", "4", "3", "2", "1"}
	for _, test := range []struct {
		name   string
		before []string
		source string
		want   []string
	}{
		{"the first", nil, "home", []string{"home"}},
		{"a new one comes first", []string{"home", "office"}, "train", []string{"train", "home", "office"}},
		{"a known one moves to the front", []string{"home", "office", "train"}, "train", []string{"train", "home", "office"}},
		{"the same again changes nothing", []string{"home", "office"}, "home", []string{"home", "office"}},
		{"a ninth displaces the oldest", eight, "9", []string{"9", "8", "7", "6", "5", "4", "3", "2"}},
		{"a known one of eight displaces none", eight, "1", []string{"1", "8", "7", "6", "5", "4", "3", "2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := rules.At(t, expiryNow)
			account := ana(t)
			account.KnownSources = slices.Clone(test.before)
			want := account
			want.KnownSources, want.LastLogin = test.want, now
			got := account.SignedIn(test.source, now)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if !slices.Equal(account.KnownSources, test.before) {
				t.Errorf("the account before signing in has become %v", account.KnownSources)
			}
			if !got.KnowsSource(test.source) {
				t.Errorf("the account does not know %q", test.source)
			}
		})
	}
}

func TestKnowsSource(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{"home": true, "office": true, "train": false, "": false, "hom": false} {
		if got := ana(t).KnowsSource(source); got != want {
			t.Errorf("%q: got %v, want %v", source, got, want)
		}
	}
	if (tenancy.Account{}).KnowsSource("") {
		t.Error("an account that does not exist knows a source")
	}
}

func TestCanSignIn(t *testing.T) {
	t.Parallel()
	const (
		blocked     = "forbidden: This account is blocked: write to support"
		unconfirmed = "forbidden: Confirm your e-mail address first: open the link in the mail we sent, or ask for a new one"
	)
	for _, test := range []struct {
		name            string
		active, blocked bool
		want            string
	}{
		{"a confirmed account", true, false, ""},
		{"an unconfirmed account", false, false, unconfirmed},
		{"a blocked account", true, true, blocked},
		{"a blocked account is not sent to its mails", false, true, blocked},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := problemtest.Text(
				tenancy.Account{Active: test.active, Blocked: test.blocked}.CanSignIn(),
			); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAddProfile(t *testing.T) {
	t.Parallel()
	now := rules.At(t, expiryNow)
	some := plan.Amounts{plan.ServiceSMS: 2, plan.ServiceInput: 1000}
	tooMuch := ana(t).Free(now)
	tooMuch[plan.ServiceFileStorage]++
	const (
		limit  = "forbidden: You have exceeded the maximum limit of profiles (%d). Please upgrade you plan or contact support."
		excess = "forbidden: The allocation exceeds what the account has left"
	)
	for _, test := range []struct {
		name       string
		chosen     plan.Plan
		profiles   int
		allocation plan.Amounts
		want       string
	}{
		{"an allocation of nothing", plan.Starter, 1, plan.Amounts{}, ""},
		{"a part of what is free", plan.Starter, 1, some, ""},
		{"all that is free", plan.Starter, 1, ana(t).Free(now), ""},
		{"one of one service more than is free", plan.Starter, 1, tooMuch, excess},
		{"less than nothing of a service", plan.Starter, 1, plan.Amounts{plan.ServiceSMS: -1}, excess},
		{"so much that the sum would overflow", plan.Starter, 1, plan.Amounts{plan.ServiceSMS: 1<<63 - 1}, excess},
		{"the first profile of the free plan", plan.Free, 0, some, ""},
		{"the second profile of the free plan", plan.Free, 1, some, fmt.Sprintf(limit, 1)},
		{"the third profile of the starter plan", plan.Starter, 2, some, fmt.Sprintf(limit, 2)},
		{"the fifth profile of the scale plan", plan.Scale, 4, some, ""},
		{"the sixth profile of the scale plan", plan.Scale, 5, some, fmt.Sprintf(limit, 5)},
		{"one more after a change to a smaller plan", plan.Free, 3, some, fmt.Sprintf(limit, 1)},
		{"the number is refused before the allocation", plan.Free, 1, tooMuch, fmt.Sprintf(limit, 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			account := ana(t)
			account.Plan = test.chosen
			account = holding(account, test.profiles)
			share := billing.Share{
				Allocation: test.allocation,
				Addons:     billing.Addons{CustomDNS: true},
				Updated:    now.Add(-day),
			}
			got, err := account.AddProfile("new", share, now)
			if problemtest.Text(err) != test.want {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.want)
			}
			if err != nil {
				return
			}
			want := account
			share.Updated = now
			want.Shares, want.Updated = maps.Clone(account.Shares), now
			want.Shares["new"] = share
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if got.Profiles() != test.profiles+1 || account.Profiles() != test.profiles {
				t.Errorf(
					"got %d profiles, and %d of the account before, want %d and %d",
					got.Profiles(),
					account.Profiles(),
					test.profiles+1,
					test.profiles,
				)
			}
			if sum := account.Allocated().Plus(test.allocation); got.Allocated() != sum {
				t.Errorf("allocated: got %v, want %v", got.Allocated(), sum)
			}
		})
	}
}

func TestRemoveProfile(t *testing.T) {
	t.Parallel()
	now := rules.At(t, expiryNow)
	some := plan.Amounts{plan.ServiceSMS: 2, plan.ServiceInput: 1000}
	one := ana(t)
	account := ana(t)
	account.Shares["second"] = billing.Share{Allocation: some}
	want := one
	want.Updated = now
	got, err := account.RemoveProfile("second", billing.Usage{}, now)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("one of two: got %+v, %v, want %+v", got, err, want)
	}
	if got, want := got.Free(now), account.Free(now).Plus(some); got != want {
		t.Errorf("free afterwards: got %v, want %v", got, want)
	}
	if account.Profiles() != 2 || got.Profiles() != 1 || got.Allocated() != one.Allocated() {
		t.Errorf(
			"got %d profiles with %v of %d, want 1 with %v of 2",
			got.Profiles(),
			got.Allocated(),
			account.Profiles(),
			one.Allocated(),
		)
	}
	for _, profiles := range []int{1, 0} {
		account := holding(ana(t), profiles)
		_, err := account.RemoveProfile(homeID, billing.Usage{}, now)
		want := "forbidden: This is the account's last profile and cannot be deleted: " +
			"create another one first"
		if problemtest.Text(err) != want {
			t.Errorf("one of %d: got %q, want %q", profiles, problemtest.Text(err), want)
		}
	}
}

func TestAllocationsNeverExceedTheSubscription(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Custom(func(t *rapid.T) (a plan.Amounts) {
			for s := range a {
				a[s] = rapid.Int64Range(0, 4).Draw(t, "amount")
			}
			return a
		})
		limits := small.Draw(t, "limits").Plus(small.Draw(t, "more"))
		chosen := rapid.SampledFrom([]plan.Plan{plan.Free, plan.Starter, plan.Scale}).
			Draw(t, "plan")
		account := tenancy.Account{Subscription: billing.Subscription{Plan: chosen, Limits: limits}}
		var ids []value.ProfileID   // the model: the profiles,
		var profiles []plan.Amounts // and what each of them has
		made := 0
		add := func(t *rapid.T, allocation plan.Amounts) {
			sum := allocation
			for _, p := range profiles {
				sum = sum.Plus(p)
			}
			fits := len(profiles) < chosen.Limits().Profiles && sum.Within(limits)
			made++
			id := value.ProfileID(fmt.Sprint("p", made))
			next, err := account.AddProfile(id, billing.Share{Allocation: allocation}, time.Time{})
			if (err == nil) != fits {
				t.Fatalf(
					"adding %v to %v within %v: got %v, want it done: %v",
					allocation,
					profiles,
					limits,
					err,
					fits,
				)
			}
			if err == nil {
				account, ids, profiles = next, append(ids, id), append(profiles, allocation)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add some":        func(t *rapid.T) { add(t, small.Draw(t, "allocation")) },
			"add all of what": func(t *rapid.T) { add(t, account.Free(time.Time{})) },
			"remove": func(t *rapid.T) {
				if len(profiles) == 0 {
					t.Skip("none to remove")
				}
				i := rapid.IntRange(0, len(profiles)-1).Draw(t, "which")
				next, err := account.RemoveProfile(ids[i], billing.Usage{}, time.Time{})
				if (err == nil) != (len(profiles) > 1) {
					t.Fatalf("removing one of %d: got %v", len(profiles), err)
				}
				if err == nil {
					account = next
					ids = slices.Delete(ids, i, i+1)
					profiles = slices.Delete(profiles, i, i+1)
				}
			},
			"": func(t *rapid.T) {
				var sum plan.Amounts
				for _, p := range profiles {
					sum = sum.Plus(p)
				}
				if account.Profiles() != len(profiles) || account.Allocated() != sum {
					t.Fatalf(
						"got %d profiles with %v, want %d with %v",
						account.Profiles(),
						account.Allocated(),
						len(profiles),
						sum,
					)
				}
				if !account.Allocated().Within(limits) ||
					account.Profiles() > chosen.Limits().Profiles {
					t.Fatalf(
						"got %d profiles with %v, more than %v of plan %s",
						account.Profiles(),
						account.Allocated(),
						limits,
						chosen,
					)
				}
				for i, id := range ids {
					if got := account.Shares[id].Allocation; got != profiles[i] {
						t.Fatalf("%s: got %v, want %v", id, got, profiles[i])
					}
				}
				if account.Free(time.Time{}).Plus(sum) != limits {
					t.Fatalf(
						"free: got %v, want what %v leaves of %v",
						account.Free(time.Time{}),
						sum,
						limits,
					)
				}
			},
		})
	})
}

func TestAccountEdit(t *testing.T) {
	t.Parallel()
	now := rules.At(t, expiryNow)
	options := func(o tenancy.AccountOptionsEdit) tenancy.AccountEdit {
		return tenancy.AccountEdit{Options: o}
	}
	for _, test := range []struct {
		name string
		edit tenancy.AccountEdit
		want func(*tenancy.Account)
	}{
		{"nothing named leaves everything but the date", tenancy.AccountEdit{}, func(*tenancy.Account) {}},
		{"the name", tenancy.AccountEdit{Name: new(" Ana Berg ")}, func(a *tenancy.Account) { a.Name = "Ana Berg" }},
		{"the address it has already, in any case", tenancy.AccountEdit{Email: new(" Ana@Example.com ")}, func(*tenancy.Account) {}},
		{"the company", tenancy.AccountEdit{Company: new("Other")}, func(a *tenancy.Account) { a.Company = "Other" }},
		{"no company", tenancy.AccountEdit{Company: new("")}, func(a *tenancy.Account) { a.Company = "" }},
		{"the country", tenancy.AccountEdit{Country: new("BR")}, func(a *tenancy.Account) { a.Country = "BR" }},
		{"the telephone", tenancy.AccountEdit{Phone: new("+1 555")}, func(a *tenancy.Account) { a.Phone = "+1 555" }},
		{"the time zone", tenancy.AccountEdit{Timezone: new("America/Sao_Paulo")}, func(a *tenancy.Account) { a.Timezone = "America/Sao_Paulo" }},
		{"the language", tenancy.AccountEdit{Language: new("pt-br")}, func(a *tenancy.Account) { a.Language = "pt-br" }},
		{"no newsletter", tenancy.AccountEdit{Newsletter: new(false)}, func(a *tenancy.Account) { a.Newsletter = false }},
		{"the welcome was seen", options(tenancy.AccountOptionsEdit{UserViewWelcome: new(false)}),
			func(a *tenancy.Account) { a.Options.UserViewWelcome = false }},
		{"the form of dates", options(tenancy.AccountOptionsEdit{DateFormat: new("MM-DD-YYYY")}),
			func(a *tenancy.Account) { a.Options.DateFormat = "MM-DD-YYYY" }},
		{"the form of times", options(tenancy.AccountOptionsEdit{TimeFormat: new("12")}),
			func(a *tenancy.Account) { a.Options.TimeFormat = "12" }},
		{"where the last change shows", options(tenancy.AccountOptionsEdit{ShowLastUpdatedAt: new("footer")}),
			func(a *tenancy.Account) { a.Options.ShowLastUpdatedAt = "footer" }},
		{"the separators", options(tenancy.AccountOptionsEdit{DecimalSeparator: new("."),
			ThousandSeparator: new("’")}),
			func(a *tenancy.Account) {
				a.Options.DecimalSeparator, a.Options.ThousandSeparator = ".", "’"
			}},
		{"a blank as separator", options(tenancy.AccountOptionsEdit{ThousandSeparator: new(" ")}),
			func(a *tenancy.Account) { a.Options.ThousandSeparator = " " }},
		{"one mail a day about usage", tenancy.AccountEdit{Notifications: [topic.Count]topic.Change{
			topic.Usage: {Mail: new("daily")}}},
			func(a *tenancy.Account) { a.Preferences[topic.Usage].Mail = topic.MailDaily }},
		{"no notifications about teams", tenancy.AccountEdit{Notifications: [topic.Count]topic.Change{
			topic.Team: {Mail: new("each"), Console: new(false)}}},
			func(a *tenancy.Account) { a.Preferences[topic.Team].Hidden = true }},
		{"security as it is", tenancy.AccountEdit{Notifications: [topic.Count]topic.Change{
			topic.Security: {Mail: new("each"), Console: new(true)}}}, func(*tenancy.Account) {}},
		{"no separator", options(tenancy.AccountOptionsEdit{ThousandSeparator: new("")}),
			func(a *tenancy.Account) { a.Options.ThousandSeparator = "" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := ana(t)
			test.want(&want)
			want.Updated = now
			if got, err := ana(t).Edit(test.edit, now); err != nil ||
				!reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestAccountEditNamesWhatIsWrongAndWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	options := func(o tenancy.AccountOptionsEdit) tenancy.AccountEdit {
		return tenancy.AccountEdit{Options: o}
	}
	for _, test := range []struct {
		name string
		edit tenancy.AccountEdit
		want string
	}{
		{"an empty name", tenancy.AccountEdit{Name: new("")}, "invalid: name is required"},
		{"a long name", tenancy.AccountEdit{Name: new(strings.Repeat("a", 101))}, "invalid: name must have 1 to 100 characters"},
		{"another address", tenancy.AccountEdit{Email: new("ben@example.com")}, "invalid: email cannot be changed here: leave it out"},
		{"no address", tenancy.AccountEdit{Email: new("")}, "invalid: email cannot be changed here: leave it out"},
		{"a long company", tenancy.AccountEdit{Company: new(strings.Repeat("a", 101))}, "invalid: company must have 0 to 100 characters"},
		{"a control character", tenancy.AccountEdit{Country: new("D\x00E")}, "invalid: country must not contain control characters"},
		{"a long telephone number", tenancy.AccountEdit{Phone: new(strings.Repeat("1", 41))}, "invalid: phone must have 0 to 40 characters"},
		{"no time zone", tenancy.AccountEdit{Timezone: new("half past nine")},
			"invalid: timezone must be an IANA name such as Europe/Berlin"},
		{"a long language", tenancy.AccountEdit{Language: new(strings.Repeat("x", 17))}, "invalid: language must have 0 to 16 characters"},
		{"an unknown form of dates", options(tenancy.AccountOptionsEdit{DateFormat: new("YYYY/MM/DD")}),
			"invalid: options.date_format must be one of YYYY-MM-DD, DD-MM-YYYY, MM-DD-YYYY"},
		{"an unknown form of times", options(tenancy.AccountOptionsEdit{TimeFormat: new("36")}), "invalid: options.time_format must be one of 12, 24"},
		{"no form of times", options(tenancy.AccountOptionsEdit{TimeFormat: new("")}), "invalid: options.time_format must be one of 12, 24"},
		{"an unknown place", options(tenancy.AccountOptionsEdit{ShowLastUpdatedAt: new("Menu")}),
			"invalid: options.show_last_updated_at must be one of footer, menu"},
		{"two separators", options(tenancy.AccountOptionsEdit{DecimalSeparator: new(".,")}),
			"invalid: options.decimal_separator must be one character, or empty for none"},
		{"two other separators", options(tenancy.AccountOptionsEdit{ThousandSeparator: new("''")}),
			"invalid: options.thousand_separator must be one character, or empty for none"},
		{"no mails about security", tenancy.AccountEdit{Notifications: [topic.Count]topic.Change{
			topic.Security: {Mail: new("off")}}},
			`invalid: notifications.security cannot be switched off: leave it out, or send {"mail": "each", "console": true}`},
		{"no notifications about security", tenancy.AccountEdit{Notifications: [topic.Count]topic.Change{
			topic.Security: {Console: new(false)}}},
			`invalid: notifications.security cannot be switched off: leave it out, or send {"mail": "each", "console": true}`},
		{"one mail a day about teams", tenancy.AccountEdit{Notifications: [topic.Count]topic.Change{
			topic.Team: {Mail: new("daily")}}}, "invalid: notifications.team.mail must be one of each, off"},
		{"the first of two mistakes is named", tenancy.AccountEdit{Phone: new("a\nb"), Options: tenancy.AccountOptionsEdit{TimeFormat: new("36")}},
			"invalid: phone must not contain control characters"},
		{"a mistake is not forgotten for what is right after it", tenancy.AccountEdit{Company: new("\x01"), Language: new("en"), Newsletter: new(true)},
			"invalid: company must not contain control characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := ana(t).Edit(test.edit, rules.At(t, expiryNow))
			if problemtest.Text(err) != test.want {
				t.Errorf("got %q, want %q", problemtest.Text(err), test.want)
			}
		})
	}
}

func signUp(t *testing.T) tenancy.SignUp {
	t.Helper()
	return tenancy.SignUp{
		Account:      anaID,
		Name:         "Ana",
		Company:      "ACME",
		Country:      "DE",
		Timezone:     "Europe/Berlin",
		PasswordHash: "$argon2id$",
		Newsletter:   true,
		Developer:    true,
		Created:      rules.At(t, "2026-01-01T00:00:00Z"),
	}
}

func TestConfirmMakesAnActiveAccountWithOneProfileThatHasEverything(t *testing.T) {
	t.Parallel()
	now := rules.At(t, expiryNow)
	made := rules.At(t, "2026-01-01T00:00:00Z")
	wantAccount := tenancy.Account{
		ID:           anaID,
		Type:         tenancy.AccountUser,
		Email:        "ana@example.com",
		PasswordHash: "$argon2id$",
		Active:       true,
		Name:         "Ana",
		Company:      "ACME",
		Country:      "DE",
		Timezone:     "Europe/Berlin",
		Language:     "en",
		Newsletter:   true,
		Developer:    true,
		Options:      tenancy.AccountOptions{DecimalSeparator: ".", ThousandSeparator: ","},
		Subscription: billing.Subscription{
			Plan:   plan.Free,
			Limits: plan.Included(),
			Anchor: made,
			Shares: map[value.ProfileID]billing.Share{
				homeID: {Allocation: plan.Included(), Updated: now},
			},
		},
		Created: made,
		Updated: now,
	}
	wantProfile := tenancy.Profile{
		ID:         homeID,
		Owner:      anaID,
		Name:       "Ana",
		Allocation: plan.Included(),
		Plan:       plan.Free,
		Anchor:     made,
		Created:    now,
		Updated:    now,
	}
	account, profile, err := signUp(t).Confirm("ana@example.com", homeID, now)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(account, wantAccount) {
		t.Errorf("got %+v, want %+v", account, wantAccount)
	}
	if !reflect.DeepEqual(profile, wantProfile) {
		t.Errorf("got %+v, want %+v", profile, wantProfile)
	}
	if account.Free(now) != (plan.Amounts{}) {
		t.Errorf("free: got %v, want nothing", account.Free(now))
	}
}

// A code that is requested again has the address and no data of the earlier
// sign-ups.
func TestWhatACodeHasThatIsAskedForAgain(t *testing.T) {
	t.Parallel()
	account := signUp(t).NewAccount("ana@example.com")
	if err := account.CanSignIn(); err == nil {
		t.Error("an account can sign in before its address is confirmed")
	}
	got := account.RenewSignUp()
	want := (tenancy.SignUp{Account: account.ID, Name: "ana", Timezone: "UTC", Created: account.Created})
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestALaterSignUpReplacesWhatTheFirstGave(t *testing.T) {
	t.Parallel()
	first := signUp(t).NewAccount("ana@example.com")
	later := tenancy.SignUp{
		Account:      benID,
		Name:         "Ben",
		Timezone:     "UTC",
		PasswordHash: "$other$",
		Created:      rules.At(t, "2026-01-02T00:00:00Z"),
	}
	want := first // the account stays the one that holds the address
	want.Name, want.Company, want.Country, want.Timezone = "Ben", "", "", "UTC"
	want.PasswordHash, want.Newsletter, want.Developer = "$other$", false, false
	if got := first.With(later); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAReservationHoldsUntilItsSignUpLapses(t *testing.T) {
	t.Parallel()
	expires := rules.At(t, "2026-01-08T00:00:00Z")
	for _, test := range []struct {
		name    string
		expires time.Time
		now     time.Time
		want    bool
	}{
		{"of a confirmed account, for ever", time.Time{}, rules.At(t, "9999-01-01T00:00:00Z"), true},
		{"of a sign-up, to the last moment", expires, expires.Add(-time.Millisecond), true},
		{"of a sign-up that has just lapsed", expires, expires, false},
		{"of a sign-up that lapsed long ago", expires, expires.AddDate(1, 0, 0), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := (tenancy.EmailReservation{Expires: test.expires}).Holds(test.now)
			if got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

package tenancy_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

func networks(t testing.TB, texts string) value.Networks {
	t.Helper()
	list, err := value.ParseNetworks(strings.Fields(texts))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Ben is a member of ana's profile. Each case begins with a token there and the
// one in use, both of the same account unless it says otherwise.
func TestTokenEdit(t *testing.T) {
	t.Parallel()
	const here = "192.0.2.1"
	list := func(texts ...string) *[]string { return &texts }
	text := func(s string) *string { return &s }
	yes, no := true, false
	limits := func(l *[]string, scope *string) tenancy.TokenEdit {
		return tenancy.TokenEdit{TokenLimits: tenancy.TokenLimits{AllowList: l, Scope: scope}}
	}
	disable, enable := tenancy.TokenEdit{Disabled: &yes}, tenancy.TokenEdit{Disabled: &no}
	type situation struct {
		token tenancy.Token
		by    tenancy.TokenEditor
	}
	bens := func(s *situation) { s.by.Token.Account = benID }
	owned := func(s *situation) { s.token.Account = benID; s.by.Owner = true }
	own := func(s *situation) { s.by.Owner = true }
	itself := func(s *situation) { s.token.ID = s.by.Token.ID }
	listed := func(texts string) func(*situation) {
		return func(s *situation) { s.token.Networks = networks(t, texts) }
	}
	callerListed := func(texts string) func(*situation) {
		return func(s *situation) { s.by.Token.Networks = networks(t, texts) }
	}
	confined := func(s *situation) { s.token.Scope = tenancy.ScopeProfile }
	callerConfined := func(s *situation) { s.by.Token.Scope = tenancy.ScopeProfile }
	disabledBy := func(a value.AccountID) func(*situation) {
		return func(s *situation) { s.token.DisabledBy = a }
	}
	for _, test := range []struct {
		name    string
		given   []func(*situation)
		edit    tenancy.TokenEdit
		gives   bool
		changes string
		refused string
	}{
		{"a name", nil, tenancy.TokenEdit{Name: text(" new ")}, false, "name old>new", ""},
		{"no name", nil, tenancy.TokenEdit{Name: text(" ")}, false, "", "name"},
		{"nothing", nil, tenancy.TokenEdit{}, false, "", ""},
		{"disabling", nil, disable, false, "disabled false>true disabled_by >" + string(anaID), ""},
		{"disabling what is disabled", []func(*situation){disabledBy(anaID)}, disable, false, "", ""},
		{"enabling", []func(*situation){disabledBy(anaID)}, enable, true, "disabled true>false disabled_by " + string(anaID) + ">", ""},
		{"enabling what works", nil, enable, false, "", ""},
		{"a list where there was none", nil, limits(list("203.0.113.0/24"), nil), false, "allow_list anywhere>203.0.113.0/24", ""},
		{"a list within the one before", []func(*situation){listed("203.0.113.0/24")}, limits(list("203.0.113.7"), nil), false, "allow_list 203.0.113.0/24>203.0.113.7", ""},
		{"the same list in another form", []func(*situation){listed("203.0.113.0/24")}, limits(list("203.0.113.9/24"), nil), false, "", ""},
		{"a list beside the one before", []func(*situation){listed("203.0.113.0/24")}, limits(list("203.0.113.7", "198.51.100.1"), nil), true, "allow_list 203.0.113.0/24>203.0.113.7, 198.51.100.1", ""},
		{"no list any more", []func(*situation){listed("203.0.113.0/24")}, limits(list(), nil), true, "allow_list 203.0.113.0/24>anywhere", ""},
		{"a list that is none", nil, limits(list("x"), nil), false, "", "allow_list[0]"},
		{"one profile only", nil, limits(nil, text("profile")), false, "scope account>profile", ""},
		{"the account", []func(*situation){confined}, limits(nil, text("account")), true, "scope profile>account", ""},
		{"a scope that is none", nil, limits(nil, text("all")), false, "", "scope must be"},

		{"another member's", []func(*situation){bens}, tenancy.TokenEdit{Name: text("new")}, false, "", "Token Not Found"},
		{"the owner renames a member's", []func(*situation){owned}, tenancy.TokenEdit{Name: text("new")}, false, "name old>new", ""},
		{"the owner disables a member's", []func(*situation){owned}, disable, false, "disabled false>true disabled_by >" + string(anaID), ""},
		{"the owner disables what the member has disabled", []func(*situation){owned, disabledBy(benID)}, disable, false, "disabled_by " + string(benID) + ">" + string(anaID), ""},
		{"the owner enables what the member has disabled", []func(*situation){owned, disabledBy(benID)}, enable, false, "", "Only the account that disabled"},
		{"the owner enables what it has disabled", []func(*situation){owned, disabledBy(anaID)}, enable, true, "disabled true>false disabled_by " + string(anaID) + ">", ""},
		{"the owner enables what the owner before has disabled", []func(*situation){owned, disabledBy("0123456789abcdef0000000e")}, enable, true, "disabled true>false disabled_by " + "0123456789abcdef0000000e" + ">", ""},
		{"a member enables what the owner has disabled", []func(*situation){disabledBy(benID)}, enable, false, "", "Only the account that disabled"},
		{"a member disables what the owner has disabled", []func(*situation){disabledBy(benID)}, disable, false, "", ""},
		{"the owner limits a member's", []func(*situation){owned}, limits(list("203.0.113.7"), text("profile")), false, "allow_list anywhere>203.0.113.7 scope account>profile", ""},
		{"the owner widens a member's list", []func(*situation){owned, listed("203.0.113.7")}, limits(list(), nil), false, "", "Only the account that made"},
		{"the owner widens a member's scope", []func(*situation){owned, confined}, limits(nil, text("account")), false, "", "Only the account that made"},
		{"the owner widens its own", []func(*situation){own, confined}, limits(nil, text("account")), true, "scope profile>account", ""},

		{"a limited token widens another within itself", []func(*situation){callerListed("192.0.2.0/24 203.0.113.0/24"), listed("203.0.113.7")}, limits(list("203.0.113.8"), nil), true, "allow_list 203.0.113.7>203.0.113.8", ""},
		{"a limited token widens another beyond itself", []func(*situation){callerListed("192.0.2.0/24"), listed("203.0.113.7")}, limits(list(), nil), false, "", "cannot give more"},
		{"a limited token enables a wider one", []func(*situation){callerListed("192.0.2.0/24"), disabledBy(anaID)}, enable, false, "", "cannot give more"},
		{"a token of one profile enables one of the account", []func(*situation){callerConfined, disabledBy(anaID)}, enable, false, "", "cannot give more"},
		{"a token of one profile enables its like", []func(*situation){callerConfined, confined, disabledBy(anaID)}, enable, true, "disabled true>false disabled_by " + string(anaID) + ">", ""},
		{"a limited token limits a wider one", []func(*situation){callerListed("192.0.2.0/24"), callerConfined}, limits(list("203.0.113.7"), nil), false, "allow_list anywhere>203.0.113.7", ""},

		{"itself", []func(*situation){itself}, limits(list("192.0.2.0/24"), nil), false, "allow_list anywhere>192.0.2.0/24", ""},
		{"itself away from where it is", []func(*situation){itself}, limits(list("203.0.113.0/24"), nil), false, "", "192.0.2.1: the token in use would lock itself out"},
		{"itself disabled", []func(*situation){itself}, disable, false, "disabled false>true disabled_by >" + string(anaID), ""},
		{"itself widened", []func(*situation){itself, confined, callerConfined}, limits(nil, text("account")), false, "", "cannot give more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := situation{
				tenancy.Token{
					ID:      "target",
					Profile: homeID,
					Account: anaID,
					Name:    "old",
					Version: 4,
				},
				tenancy.TokenEditor{
					Token:  tenancy.Token{ID: "caller", Profile: homeID, Account: anaID},
					Source: here,
				},
			}
			for _, given := range test.given {
				given(&s)
			}
			got, gives, err := s.token.Edit(test.edit, s.by)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) ||
					problem.CodeOf(err) == problem.CodeInternal {
					t.Fatalf("got %v, want it refused: %s", err, test.refused)
				}
				if gives || !reflect.DeepEqual(got, s.token) {
					t.Errorf("what is refused changes the token to %+v", got)
				}
				return
			}
			var changes []string
			for _, c := range got.Differences(s.token) {
				changes = append(changes, c.Field+" "+c.Before+">"+c.After)
			}
			if err != nil || gives != test.gives || strings.Join(changes, " ") != test.changes {
				t.Errorf("got %v, gives %v, %v; want %s, gives %v", changes, gives, err,
					test.changes, test.gives)
			}
		})
	}
}

// For any edit: a change that is reported to give no power gives none, and no
// change gives more than the token in use has.
func TestWhatAnEditGives(t *testing.T) {
	t.Parallel()
	accounts := rapid.SampledFrom([]value.AccountID{anaID, benID})
	token := func(t *rapid.T, label string) tenancy.Token {
		return tenancy.Token{
			ID:       value.TokenID(label),
			Profile:  homeID,
			Account:  accounts.Draw(t, label),
			Name:     "x",
			Networks: rules.Networks(t, label),
			Scope: rapid.SampledFrom([]tenancy.Scope{tenancy.ScopeAccount, tenancy.ScopeProfile}).
				Draw(t, label),
			DisabledBy: rapid.SampledFrom([]value.AccountID{"", anaID, benID}).Draw(t, label),
		}
	}
	opens := func(tok tenancy.Token, address string, p value.ProfileID) bool {
		return !tok.Disabled() && tok.Networks.Admits(address) && tok.Opens(p)
	}
	rapid.Check(t, func(t *rapid.T) {
		target, caller := token(t, "target"), token(t, "caller")
		caller.DisabledBy = ""
		edit := tenancy.TokenEdit{Disabled: rapid.Ptr(rapid.Bool(), true).Draw(t, "disabled")}
		edit.Scope = rapid.Ptr(rapid.SampledFrom([]string{"account", "profile"}), true).
			Draw(t, "scope")
		if rapid.Bool().Draw(t, "list") {
			texts := rules.Networks(t, "new list").Texts()
			edit.AllowList = &texts
		}
		by := tenancy.TokenEditor{
			Token:  caller,
			Owner:  caller.Account == anaID,
			Source: "192.0.2.1",
		}
		got, gives, err := target.Edit(edit, by)
		if err != nil {
			if !reflect.DeepEqual(got, target) {
				t.Fatalf("refused with %v, and %+v became %+v", err, target, got)
			}
			return
		}
		if got.Account != target.Account || got.ID != target.ID || got.Profile != target.Profile ||
			got.Permission != target.Permission {
			t.Fatalf("%+v became %+v", target, got)
		}
		for _, address := range []string{"192.0.2.0", "192.0.2.1", "192.0.2.100", "192.0.2.255", "2001::1", "203.0.113.1"} {
			for _, p := range []value.ProfileID{homeID, otherID} {
				if !opens(got, address, p) || opens(target, address, p) {
					continue
				}
				if !gives {
					t.Fatalf("%+v became %+v, which opens %s from %s, and gives nothing", target,
						got, p, address)
				}
				if !opens(caller, address, p) {
					t.Fatalf("%+v gave %+v, which opens %s from %s", caller, got, p, address)
				}
			}
		}
	})
}

func TestATokenMakesNoneWiderThanItself(t *testing.T) {
	t.Parallel()
	list := func(texts ...string) *[]string { return &texts }
	text := func(s string) *string { return &s }
	free := tenancy.Token{Profile: homeID}
	bound := tenancy.Token{
		Profile:  homeID,
		Scope:    tenancy.ScopeProfile,
		Networks: networks(t, "192.0.2.0/24"),
	}
	for _, test := range []struct {
		name   string
		by     tenancy.Token
		p      value.ProfileID
		limits tenancy.TokenLimits
		want   string
	}{
		{"a free token, nothing asked for", free, otherID, tenancy.TokenLimits{}, "account, anywhere"},
		{"a free token, limits asked for", free, otherID, tenancy.TokenLimits{AllowList: list("203.0.113.7"), Scope: text("profile")}, "profile, 203.0.113.7"},
		{"a limited token, nothing asked for", bound, homeID, tenancy.TokenLimits{}, "profile, 192.0.2.0/24"},
		{"a limited token, less asked for", bound, homeID, tenancy.TokenLimits{AllowList: list("192.0.2.7")}, "profile, 192.0.2.7"},
		{"a limited token, another list", bound, homeID, tenancy.TokenLimits{AllowList: list("203.0.113.7")}, "refused"},
		{"a limited token, no list", bound, homeID, tenancy.TokenLimits{AllowList: list()}, "refused"},
		{"a limited token, the account", bound, homeID, tenancy.TokenLimits{Scope: text("account")}, "refused"},
		{"a limited token, another profile", bound, otherID, tenancy.TokenLimits{}, "refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			limited, err := tenancy.Token{Profile: test.p}.Limited(test.limits)
			if err != nil {
				t.Fatal(err)
			}
			made, err := limited.MadeWith(test.by, test.limits)
			got := made.Scope.String() + ", " + made.Networks.String()
			if err != nil {
				if got = "refused"; problem.CodeOf(err) != problem.CodeForbidden {
					t.Errorf("got %v", err)
				}
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestScopesReadBack(t *testing.T) {
	t.Parallel()
	for _, s := range []tenancy.Scope{tenancy.ScopeAccount, tenancy.ScopeProfile} {
		if got, err := tenancy.ParseScope(s.String()); err != nil || got != s {
			t.Errorf("%s: got %s, %v", s, got, err)
		}
	}
	for _, text := range []string{"", "Account", "all", " profile"} {
		if _, err := tenancy.ParseScope(text); problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

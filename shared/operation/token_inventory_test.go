package operation_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

type inventoryRow struct {
	Token       string
	ProfileName string `json:"profile_name"`
	Former      bool   `json:"former_member"`
}

// inventory returns what the inventory lists, as the ids of tokens.
func inventory(w *testkit.World, token, query string) (ids []string) {
	w.Helper()
	var rows []inventoryRow
	w.Call(operation.AccountTokenList, "GET", "/account/token"+query, token, nil).Into(w, &rows)
	for _, row := range rows {
		if row.Former != strings.Contains(query, "removed_member") || row.ProfileName == "" {
			w.Errorf("%s: got %+v", query, row)
		}
		ids = append(ids, row.Token[:10])
	}
	return ids
}

// The inventory has the tokens of all own profiles, also those of members, and
// of other profiles none. Its filters find those that a person looks for.
func TestTheInventoryHasAllTokensOfOwnProfiles(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, mia := w.Quick("ana"), w.Quick("ben"), w.Quick("mia")
	second := ana.Profile("second")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	w.Share(second, mia, tenancy.PermissionFull)
	w.Share(ben.Home, ana, tenancy.PermissionFull)
	ana.Mint(ben.Home, "never")
	never, bens := ana.Mint(second, "never"), ben.Mint(ana.Home, "1 year")
	mias := mia.Mint(second, "1 year")
	all := []string{ana.Token, bens, never, mias}
	check := func(name, query string, tokens ...string) {
		t.Helper()
		want := []string{}
		for _, token := range tokens {
			want = append(want, "p-"+token[2:10])
		}
		got := inventory(w, ana.Token, query)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	check("all", "", all...)
	check("without an end", "?never_expires=true", never)
	check("unused at first", "?unused=true")
	check("of former members at first", "?removed_member=true")

	w.OK(w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove), refOf(second),
		string(mia.ID)))
	check("without a former member", "", ana.Token, bens, never)
	check("of former members", "?removed_member=true", mias)

	w.Advance(tenancy.UnusedAfter - time.Hour)
	old := ana.Token
	ana.Token = ana.SignIn(ana.Home, "1 year")
	check("unused for an hour less", "?unused=true")
	w.Advance(time.Hour)
	check("unused", "?unused=true", old, bens, never)
	check("unused without an end", "?unused=true&never_expires=true", never)
}

// The inventory is read in pages that go on over the end of a profile, and only
// from positions that an answer has given.
func TestTheInventoryGoesOnInTheNextProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	second := ana.Profile("second")
	for range 3 {
		ana.Mint(second, "never")
	}
	var got []string
	next := ""
	for range 5 {
		a := w.Call(operation.AccountTokenList, "GET", "/account/token?amount=1"+next, ana.Token,
			nil)
		ids, at := rowIDs("token")(w, a)
		if got = append(got, ids...); at == "" {
			break
		}
		next = "&nextToken=" + url.QueryEscape(at)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(got)))
	if len(got) != 4 || len(distinct) != 4 {
		t.Errorf("got the tokens %v, want four", got)
	}
	for _, wrong := range []string{"x", "01ba4f969595000000000002", "01ba4f969595000000000002.x"} {
		a := w.Call(operation.AccountTokenList, "GET", "/account/token?nextToken="+wrong, ana.Token,
			nil)
		if a.Code != http.StatusBadRequest {
			t.Errorf("from %s: got %d, want 400", wrong, a.Code)
		}
	}
}

package service_test

import (
	"testing"

	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/testkit"
)

// Revoking all tokens of a profile does not change its place in the list.
func TestRevokingAllTokensKeepsTheOrderOfProfiles(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	other := ana.Profile("other")
	w.OK(w.Tokens.RevokeAll(t.Context(), ana.Client(operation.TokenRevokeAll),
		service.ProfileRef{ID: ana.Home}))
	ana.Token = ana.Mint(other, "")
	list, err := w.Profiles.List(t.Context(), ana.Client(operation.ProfileList))
	w.OK(err)
	if len(list) != 2 || list[0].Profile != ana.Home {
		t.Errorf("the profiles are listed as %+v, want the older one first", list)
	}
}

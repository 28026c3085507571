package operation

import (
	"context"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
)

var AccountTokenList = Operation{
	Name:    "account-token-list",
	Tag:     "Tokens",
	Summary: "Lists the tokens of all own profiles without their secrets, by profile and age.",
	Routes:  []Route{{"GET", "/account/token"}},
	Access:  Read,
	Call:    pages[inventoryQuery, inventoryRow](accountTokenList),
	Example: Example{Path: "/account/token?never_expires=true"},
}

// inventoryQuery selects the tokens of an inventory.
type inventoryQuery struct {
	httpapi.Paging
	// whether only tokens that never expire are listed
	NeverExpires bool `query:"never_expires"`
	// whether only tokens are listed that were neither made nor used in the
	// last 90 days
	Unused bool `query:"unused"`
	// whether tokens of former members are listed in place of those that work;
	// they do not work, and are removed within a quarter of an hour
	RemovedMember bool `query:"removed_member"`
}

// inventoryRow is a token of the inventory.
type inventoryRow struct {
	tokenRow
	ProfileName string `json:"profile_name" is:"text"` // the name of the profile of the token
	// whether the token works no more, because its maker has left the team
	Former bool `json:"former_member"`
}

func accountTokenList(
	ctx context.Context, s *service.Services, r *request, q inventoryQuery,
) ([]inventoryRow, string, error) {
	list, err := s.Tokens.Inventory(ctx, r.client, tokens.Selection{
		NeverExpires:  q.NeverExpires,
		Unused:        q.Unused,
		RemovedMember: q.RemovedMember,
		Paging:        paging(q.Paging),
	})
	rows := make([]inventoryRow, len(list.Rows))
	for i, t := range list.Rows {
		rows[i] = inventoryRow{rowOfToken(t.UsedToken), t.ProfileName, t.Former}
	}
	return rows, list.Next, err
}

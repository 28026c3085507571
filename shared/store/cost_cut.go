package store

import (
	"context"
	"iter"
	"time"

	"profiles/shared/plan"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

const kindCostCut Kind = "cost-cut"

const cutPrefix = "C#"

func cutKey(p value.ProfileID, at time.Time) key {
	return key{kindCostCut, "P#" + string(p), cutPrefix + sortable(at)}
}

// cutItem is the instant at which a profile's cost passes from one account to
// another.
type cutItem struct {
	key
	Ticket     string           `dynamodbav:"ticket"`
	From       string           `dynamodbav:"from"`
	To         string           `dynamodbav:"to"`
	Time       int64            `dynamodbav:"time"`
	Allocation map[string]int64 `dynamodbav:"allocation"` // before that time
}

// CostCut is the instant at which a profile's cost passed from one account to
// another.
type CostCut struct {
	Transfer   transfer.ID
	From, To   value.AccountID
	Time       time.Time
	Allocation plan.Amounts // of the profile before that time
}

// CostCuts iterates over the changes of owner of a profile, oldest first.
func (s *Store) CostCuts(ctx context.Context, p value.ProfileID) iter.Seq2[CostCut, error] {
	return decoded(
		s.query(ctx, span{pk: profileKey(p).PK, from: cutPrefix, to: upTo(cutPrefix)}),
		func(i cutItem) CostCut {
			return CostCut{
				Transfer: transfer.ID(i.Ticket), From: value.AccountID(i.From),
				To: value.AccountID(i.To), Time: fromMillis(i.Time),
				Allocation: plan.AmountsFrom(i.Allocation),
			}
		},
	)
}

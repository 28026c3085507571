package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

const kindCharge Kind = "charge"

const chargePrefix = "C#"

func chargeKey(c billing.Charge) key {
	return key{kindCharge, "B#" + string(c.Account), chargePrefix + sortable(c.From) + "#" + c.ID}
}

// chargeItem is a line of an account's statement. It is never changed and never
// removed.
type chargeItem struct {
	key
	ID      string `dynamodbav:"id"`
	Account string `dynamodbav:"account"`
	Kind    string `dynamodbav:"kind"`
	What    string `dynamodbav:"what"`
	Profile string `dynamodbav:"profile,omitempty"`
	Limit   int64  `dynamodbav:"limit,omitempty"`
	Amount  int64  `dynamodbav:"amount"`
	From    int64  `dynamodbav:"from"`
	To      int64  `dynamodbav:"to"`
}

func chargeFrom(c billing.Charge) chargeItem {
	return chargeItem{
		key: chargeKey(c), ID: c.ID, Account: string(c.Account), Kind: string(c.Kind),
		What: c.What(), Profile: string(c.Profile), Limit: c.Limit, Amount: c.Amount,
		From: millis(c.From), To: millis(c.To),
	}
}

func (i chargeItem) value() billing.Charge {
	c := billing.Charge{
		ID: i.ID, Account: value.AccountID(i.Account), Kind: billing.ChargeKind(i.Kind),
		Profile: value.ProfileID(i.Profile), Limit: i.Limit, Amount: i.Amount,
		From: fromMillis(i.From), To: fromMillis(i.To),
	}
	switch c.Kind {
	case billing.ChargePlan:
		c.Plan = plan.Plan(i.What)
	case billing.ChargeAddon:
		c.Addon = plan.Addon(i.What)
	default:
		c.Service, _ = plan.ParseService(i.What)
	}
	return c
}

// Charge adds a line to an account's statement.
func (tx *Tx) Charge(c billing.Charge) { tx.put(chargeFrom(c), absent) }

// Charges iterates over the charges of an account that began in a time span,
// oldest first.
func (s *Store) Charges(
	ctx context.Context,
	a value.AccountID,
	from, to time.Time,
) iter.Seq2[billing.Charge, error] {
	return decoded(s.query(ctx, span{
		pk: "B#" + string(a), from: chargePrefix + sortable(from),
		to: chargePrefix + sortable(to.Add(-time.Millisecond)) + afterHash,
	}), chargeItem.value)
}

// AllCharges iterates over all charges of an account, ordered by time.
func (s *Store) AllCharges(
	ctx context.Context,
	a value.AccountID,
	walk Walk,
) iter.Seq2[billing.Charge, error] {
	return decoded(s.query(ctx, walk.over("B#"+string(a), chargePrefix)), chargeItem.value)
}

// ChargeCursor returns the position of a charge in the statement of its
// account.
func ChargeCursor(c billing.Charge) string {
	return position(strings.TrimPrefix(chargeKey(c).SK, chargePrefix))
}

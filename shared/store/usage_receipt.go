package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// A report that only adds is counted without a transaction, which would lock
// the usage of its profile for all other reports. First each line is claimed:
// its event gets its answer, with a receipt. Then one update of the usage adds
// the lines and the receipt. So the lines are counted if the receipt is in the
// usage, or in the item of its generation, and otherwise not.

const kindReceipts Kind = "usage-receipts"

// receiptsKey is the key of the receipts of one generation of a usage, after
// they were removed from it.
func receiptsKey(p value.ProfileID, generation int64) key {
	return key{kindReceipts, "V#" + string(p), fmt.Sprintf("R#%013d", generation)}
}

type receiptsItem struct {
	key
	Receipts [][]byte `dynamodbav:"receipts,binaryset"`
	Count    int64    `dynamodbav:"count"`
	TTL      int64    `dynamodbav:"ttl"`
}

func (i receiptsItem) value() []billing.Receipt { return receiptsIn(i.Receipts) }

// receiptsLife is how long receipts are kept: somewhat longer than the events
// that they decide on.
const receiptsLife = billing.UsageEventLife + 7*24*time.Hour

// receiptAttributes are the receipts that are part of a usage. Those of a
// generation are in the same attribute before and after the next generation
// begins.
type receiptAttributes struct {
	Generation int64    `dynamodbav:"generation,omitempty"`
	Even       [][]byte `dynamodbav:"even,omitempty,binaryset"`
	Odd        [][]byte `dynamodbav:"odd,omitempty,binaryset"`
}

func receiptsFrom(r billing.Receipts) receiptAttributes {
	i := receiptAttributes{
		Generation: r.Generation, Even: rawReceipts(r.Present), Odd: rawReceipts(r.Former),
	}
	if receiptsOf(r.Generation) == "odd" {
		i.Even, i.Odd = i.Odd, i.Even
	}
	return i
}

func (i receiptAttributes) value() billing.Receipts {
	r := billing.Receipts{
		Generation: i.Generation, Present: receiptsIn(i.Even), Former: receiptsIn(i.Odd),
	}
	if receiptsOf(i.Generation) == "odd" {
		r.Present, r.Former = r.Former, r.Present
	}
	return r
}

// receiptsOf is the attribute with the receipts of a generation.
func receiptsOf(generation int64) string {
	if generation%2 == 0 {
		return "even"
	}
	return "odd"
}

func rawReceipt(r billing.Receipt) []byte {
	if r == "" {
		return nil
	}
	return []byte(r)
}

func rawReceipts(receipts []billing.Receipt) (raw [][]byte) {
	for _, r := range receipts {
		raw = append(raw, []byte(r))
	}
	return raw
}

func receiptsIn(raw [][]byte) (receipts []billing.Receipt) {
	for _, r := range raw {
		receipts = append(receipts, billing.Receipt(r))
	}
	return receipts
}

// ErrBusy means that a write met a transaction, or found no capacity, and has
// done nothing.
var ErrBusy = errors.New("refused for the moment")

// once is the option of a request that the SDK sends once.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// AddUse counts claimed lines: it adds what an update adds, and the receipt of
// their claim, and returns the usage after that. The caller counts a receipt
// again only if it knows that it was not counted. With turn it also begins the
// next generation, after KeepReceipts.
//
// Errors: problem.ErrConflict, with the usage as it is now, if the additions do
// not fit it, or the generation that the caller has read is over; ErrBusy. Both
// have counted nothing. After any other error the receipt may be counted, and
// only the table knows. A claim that is not open in what the caller has read is
// a defect of the caller.
func (s *Store) AddUse(
	ctx context.Context, p tenancy.Profile, t billing.UsageUpdate, claim billing.Claim, turn bool,
) (billing.Usage, error) {
	a, r, receipt := additionOf(p, t), t.Before.Receipts, claim.Receipt
	if !r.Open(claim) {
		return billing.Usage{}, fmt.Errorf(
			"the generation %d is none of those of a claim, %d to %d",
			r.Generation, claim.From, claim.Until)
	}
	a.conditions = append(a.conditions,
		"NOT contains(#even, :receipt) AND NOT contains(#odd, :receipt)")
	a.bounds[":receipt"] = bytes([]byte(receipt))
	a.values[":receipts"] = &types.AttributeValueMemberBS{Value: [][]byte{[]byte(receipt)}}
	remove := ""
	if turn {
		next := turnOf(r, r.Generation+1)
		a.set = append(a.set, next.set...)
		a.conditions = append(a.conditions, next.conditions...)
		maps.Copy(a.bounds, next.bounds)
		remove = next.remove()
	} else {
		a.conditions = append(a.conditions, "#generation <= :next")
		a.bounds[":next"] = number(r.Generation + 1)
	}
	expression := a.expression() + " ADD #" + receiptsOf(r.Generation) + " :receipts" + remove
	maps.Copy(a.values, a.bounds)
	text := strings.Join(a.conditions, " AND ")
	return s.addOnce(ctx, receipt, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: usageKey(p.ID).attributes(),
		UpdateExpression: &expression, ConditionExpression: &text,
		ExpressionAttributeNames:            namesIn(expression, text),
		ExpressionAttributeValues:           a.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
}

// addAttempts is how often an addition is sent whose answer does not say what
// it did, as often as the SDK sends other requests.
const addAttempts = 3

// addOnce sends an addition. It does not leave repetitions to the SDK, so that
// an error says whether all attempts did nothing.
func (s *Store) addOnce(
	ctx context.Context, receipt billing.Receipt, in *dynamodb.UpdateItemInput,
) (billing.Usage, error) {
	var unsure error
	for attempt := 1; ; attempt++ {
		out, err := s.client.UpdateItem(ctx, in, once)
		if err == nil {
			return usageOf(out.Attributes)
		}
		var refused *types.ConditionalCheckFailedException
		switch {
		case errors.As(err, &refused):
			u, err := usageOf(refused.Item)
			if err == nil && u.Receipts.Has(receipt) {
				return u, nil // an attempt before has counted it
			}
			if unsure == nil {
				return u, errors.Join(problem.ErrConflict, err)
			}
			return billing.Usage{}, unsure
		case contentionOf(err) != none, lacksCapacity(err):
			if unsure == nil {
				return billing.Usage{}, errors.Join(ErrBusy, failure("UpdateItem", err))
			}
		default:
			unsure = failure("UpdateItem", err)
		}
		if attempt == addAttempts {
			return billing.Usage{}, unsure
		}
		if cooldown(ctx, attempt) != nil {
			return billing.Usage{}, unsure
		}
	}
}

func usageOf(it item) (billing.Usage, error) {
	if it == nil {
		return billing.Usage{}, nil
	}
	if err := readable(it); err != nil {
		return billing.Usage{}, err
	}
	return decode(it, usageItem.value)
}

// turn is the part of an update that begins a generation.
type turn struct {
	addition
	removed []string
}

// turnOf begins the next generation, after which the receipts of the former one
// are no longer in the usage, or a later one, after which none are. Its
// condition is that the receipts are as they were read.
func turnOf(r billing.Receipts, generation int64) turn {
	t := turn{addition: addition{
		set:        []string{"#generation = :generation"},
		conditions: []string{"#generation = :was"},
		bounds:     item{":was": number(r.Generation), ":generation": number(generation)},
	}}
	for g, receipts := range moved(r, generation) {
		name := receiptsOf(g)
		if len(receipts) == 0 {
			t.conditions = append(t.conditions, "attribute_not_exists(#"+name+")")
			continue
		}
		t.conditions = append(t.conditions, "size(#"+name+") = :"+name)
		t.bounds[":"+name] = number(int64(len(receipts)))
		t.removed = append(t.removed, "#"+name)
	}
	return t
}

func (t turn) remove() string {
	if t.removed == nil {
		return ""
	}
	return " REMOVE " + strings.Join(t.removed, ", ")
}

// moved are the receipts that leave the usage when a generation begins, by
// their generations.
func moved(r billing.Receipts, generation int64) map[int64][]billing.Receipt {
	all := map[int64][]billing.Receipt{r.Generation - 1: r.Former}
	if generation > r.Generation+1 {
		all[r.Generation] = r.Present
	}
	return all
}

// KeepReceipts stores the receipts that leave a usage when a generation begins,
// which the caller does next.
func (s *Store) KeepReceipts(
	ctx context.Context, p value.ProfileID, r billing.Receipts, generation int64, now time.Time,
) error {
	for g, receipts := range moved(r, generation) {
		if len(receipts) == 0 {
			continue
		}
		if err := s.keepReceipts(ctx, p, g, receipts, now); err != nil {
			return err
		}
	}
	return nil
}

// TurnReceipts begins a generation. It fails with problem.ErrConflict if the
// receipts of the usage have changed since u was read, and returns the usage as
// it is then.
func (s *Store) TurnReceipts(
	ctx context.Context, p value.ProfileID, u billing.Usage, generation int64, now time.Time,
) (billing.Usage, error) {
	if err := s.KeepReceipts(ctx, p, u.Receipts, generation, now); err != nil {
		return u, err
	}
	t := turnOf(u.Receipts, generation)
	t.set = append(t.set, "#version = #version + :one")
	t.bounds[":one"] = number(1)
	expression, text := t.expression()+t.remove(), strings.Join(t.conditions, " AND ")
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: usageKey(p).attributes(), UpdateExpression: &expression, ConditionExpression: &text,
		ExpressionAttributeNames: namesIn(expression, text), ExpressionAttributeValues: t.bounds,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return usageOf(out.Attributes)
	case errors.As(err, &refused):
		u, err := usageOf(refused.Item)
		return u, errors.Join(problem.ErrConflict, err)
	}
	return u, failure("UpdateItem", err)
}

// closeAttempts is how often Close begins anew, as reports come between.
const closeAttempts = 5

// Close makes sure that a claim is decided. It returns the usage after that,
// and fails with problem.ErrConflict if too many reports are counted meanwhile.
func (s *Store) Close(
	ctx context.Context, p value.ProfileID, u billing.Usage, c billing.Claim, now time.Time,
) (billing.Usage, error) {
	for attempt := 1; !u.Receipts.Decided(c); attempt++ {
		var err error
		u, err = s.TurnReceipts(ctx, p, u, u.Receipts.Closing(c), now)
		if err != nil && (!errors.Is(err, problem.ErrConflict) || attempt == closeAttempts) {
			return u, err
		}
	}
	return u, nil
}

// keepReceipts stores the receipts of a generation, unless more of them are
// stored. As long as they are in the usage, their number only rises.
func (s *Store) keepReceipts(
	ctx context.Context, p value.ProfileID, generation int64, receipts []billing.Receipt,
	now time.Time,
) error {
	count := int64(len(receipts))
	_, err := s.putOne(ctx, receiptsItem{
		receiptsKey(p, generation), rawReceipts(receipts), count, now.Add(receiptsLife).Unix(),
	}, condition{"#count < :count", item{":count": number(count)}, problem.ErrConflict}.orAbsent())
	return err
}

// Counted reports whether the receipt of a claim was counted, and is not among
// the receipts of the usage any more.
func (s *Store) Counted(ctx context.Context, p value.ProfileID, c billing.Claim) (bool, error) {
	first, last := receiptsKey(p, c.From), receiptsKey(p, c.Until)
	for receipts, err := range decoded(
		s.query(ctx, span{pk: first.PK, from: first.SK, to: last.SK}), receiptsItem.value,
	) {
		if err != nil || slices.Contains(receipts, c.Receipt) {
			return err == nil, err
		}
	}
	return false, nil
}

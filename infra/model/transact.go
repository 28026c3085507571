package model

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// mostSteps is how many items a transaction may have, and mostBytes how large
// they may be together: Developer Guide, "Quotas in Amazon DynamoDB".
const (
	mostSteps = 100
	mostBytes = 4 << 20
)

// remembered is for how long a ClientRequestToken is valid: API reference,
// TransactWriteItems.
const remembered = 10 * time.Minute

// replayed is a transaction that may be sent again.
type replayed struct {
	mark  uint64
	done  bool
	at    time.Time // when it was done
	reads float64   // what it costs to send it again
}

// transact carries out a transaction. A caller that gives up leaves it under
// way.
func (d *DB) transact(ctx context.Context, in *dynamodb.TransactWriteItemsInput) (any, error) {
	steps, marked, err := d.admitAll(in)
	if err != nil {
		return nil, err
	}
	free := context.WithoutCancel(ctx)
	if ctx.Done() == nil {
		return d.run(free, in, steps, marked)
	}
	type answer struct {
		out *dynamodb.TransactWriteItemsOutput
		err error
	}
	ended := make(chan answer, 1)
	go func() {
		out, err := d.run(free, in, steps, marked)
		ended <- answer{out, err}
	}()
	select {
	case a := <-ended:
		return a.out, a.err
	case <-ctx.Done():
		return nil, &aws.RequestCanceledError{Err: ctx.Err()}
	}
}

// admitAll checks the steps of a transaction, and returns them with a mark that
// equal transactions share.
func (d *DB) admitAll(in *dynamodb.TransactWriteItemsInput) ([]*step, uint64, error) {
	if n := len(in.TransactItems); n == 0 || n > mostSteps {
		return nil, 0, invalid(fmt.Sprintf("1 validation error detected: Value at 'transactItems' "+
			"failed to satisfy constraint: Member must have length between 1 and %d", mostSteps))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	steps := make([]*step, len(in.TransactItems))
	seen := make(map[*table]map[place]bool, 1)
	bytes, sum := 0, uint64(0)
	for i, t := range in.TransactItems {
		w, err := wishOf(t)
		if err != nil {
			return nil, 0, err
		}
		s, err := d.admit(w)
		if err != nil {
			return nil, 0, err
		}
		if seen[s.t] == nil {
			seen[s.t] = map[place]bool{}
		}
		if seen[s.t][s.at] {
			return nil, 0, invalid("Transaction request cannot include " +
				"multiple operations on one item")
		}
		seen[s.t][s.at] = true
		bytes += sizeOf(w.key) + sizeOf(w.values)
		sum = sum*31 + w.mark()
		steps[i] = s
	}
	if bytes > mostBytes {
		return nil, 0, invalid("Item size has exceeded the maximum allowed size")
	}
	return steps, sum, nil
}

func wishOf(t types.TransactWriteItem) (w wish, err error) {
	n := 0
	if p := t.Put; p != nil {
		n++
		w = wish{put, p.TableName, p.Item, nil, p.ConditionExpression,
			p.ExpressionAttributeNames, p.ExpressionAttributeValues,
			p.ReturnValuesOnConditionCheckFailure}
	}
	if u := t.Update; u != nil {
		n++
		w = wish{update, u.TableName, u.Key, u.UpdateExpression, u.ConditionExpression,
			u.ExpressionAttributeNames, u.ExpressionAttributeValues,
			u.ReturnValuesOnConditionCheckFailure}
	}
	if x := t.Delete; x != nil {
		n++
		w = wish{remove, x.TableName, x.Key, nil, x.ConditionExpression,
			x.ExpressionAttributeNames, x.ExpressionAttributeValues,
			x.ReturnValuesOnConditionCheckFailure}
	}
	if c := t.ConditionCheck; c != nil {
		n++
		w = wish{check, c.TableName, c.Key, nil, c.ConditionExpression,
			c.ExpressionAttributeNames, c.ExpressionAttributeValues,
			c.ReturnValuesOnConditionCheckFailure}
	}
	if n != 1 {
		return w, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	return w, nil
}

// mark is a sum of all that a wish has, the same for equal ones.
func (w wish) mark() uint64 {
	sum := uint64(w.action)*11 + markItem(w.key)*13 + markItem(w.values)*17
	for _, text := range []*string{w.table, w.update, w.condition} {
		sum = sum*31 + mark(&vS{Value: aws.ToString(text)})
	}
	for name, of := range w.names {
		sum += mark(&vS{Value: name + "\x00" + of})
	}
	return sum
}

// run is a transaction at the table.
func (d *DB) run(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, steps []*step, marked uint64,
) (*dynamodb.TransactWriteItemsOutput, error) {
	total := d.params.TxMin
	if more := d.params.TxMax - d.params.TxMin; more > 0 {
		total += rand.N(more)
	}
	_ = pause(ctx, d.params.Net)
	token := aws.ToString(in.ClientRequestToken)
	p, replay, err := d.prepare(token, steps, marked)
	if err != nil {
		_ = pause(ctx, d.params.Net)
		return nil, err
	}
	spent := replay
	if p != nil {
		spent = p.bill.total
		hold := max(0, total-2*d.params.Net)
		if p.cancelled {
			hold = min(hold, d.params.CancelledHold)
		}
		_ = pause(ctx, hold)
		d.finish(token, p, steps)
	}
	_ = pause(ctx, d.params.Net)
	if p != nil && p.cancelled {
		return nil, p.canceled()
	}
	out := new(dynamodb.TransactWriteItemsOutput)
	c, err := consumed(in.ReturnConsumedCapacity, steps[0].table, spent)
	if c != nil {
		out.ConsumedCapacity = []types.ConsumedCapacity{*c}
	}
	return out, err
}

// prepared is a transaction between its two phases.
type prepared struct {
	id        uint64
	outcomes  []outcome
	reasons   []types.CancellationReason
	cancelled bool
	bill      bill
	reads     float64
}

// prepare is the first phase: it decides about all steps, and locks the items
// of those that could be. A transaction that was carried out before, by its
// token, is not carried out again: prepared is nil then.
func (d *DB) prepare(
	token string, steps []*step, marked uint64,
) (p *prepared, replay float64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.Transactions++
	if replay, err := d.replay(token, marked); replay > 0 || err != nil {
		return nil, replay, err
	}
	d.last++
	p = &prepared{
		id:       d.last,
		outcomes: make([]outcome, len(steps)),
		reasons:  make([]types.CancellationReason, len(steps)),
	}
	touched := make([][]*bucket, len(steps))
	conflict, failed := false, false
	for i, s := range steps {
		p.reasons[i].Code = aws.String("None")
		o, err := s.decide()
		p.outcomes[i] = o
		p.reads += 2 * units(max(sizeOf(o.old), sizeOf(o.after)), readUnit)
		switch {
		case s.t.locks[s.at] != 0:
			p.cancel(i, "TransactionConflict", "Transaction is ongoing for the item")
			d.counts.Met[s.at.pk]++
			conflict = true
		case err != nil:
			var said smithy.APIError
			if !errors.As(err, &said) {
				return nil, 0, err
			}
			p.cancel(i, "ValidationError", said.ErrorMessage())
		case !o.holds:
			p.cancel(i, "ConditionalCheckFailed", "The conditional request failed")
			if s.onFailure == types.ReturnValuesOnConditionCheckFailureAllOld {
				p.reasons[i].Item = cloneItem(o.old)
			}
			failed = true
		}
		touched[i] = d.charge(&p.bill, s, o, true)
	}
	share := 1.0
	if p.cancelled {
		share = d.params.CancelledShare
	}
	for _, short := range d.pay(&p.bill, share) {
		for i := range steps {
			if *p.reasons[i].Code == "None" && slices.Contains(touched[i], short) {
				p.cancel(i, "ThrottlingError", *throttled().(*types.ThrottlingException).Message)
			}
		}
	}
	switch {
	case conflict:
		d.counts.Conflicts++
	case failed:
		d.counts.Failed++
	}
	d.lock(p, steps)
	if !p.cancelled && token != "" {
		d.tokens[token] = &replayed{mark: marked, reads: p.reads}
		d.order = append(d.order, token)
	}
	return p, 0, nil
}

func (p *prepared) cancel(i int, code, message string) {
	p.cancelled = true
	p.reasons[i] = types.CancellationReason{Code: &code, Message: &message}
}

// replay returns what it costs to send a transaction again that was carried
// out; 0 if it was not.
func (d *DB) replay(token string, marked uint64) (float64, error) {
	now := time.Now()
	for len(d.order) > 0 {
		old := d.tokens[d.order[0]]
		if old != nil && (!old.done || now.Sub(old.at) < remembered) {
			break
		}
		delete(d.tokens, d.order[0])
		d.order = d.order[1:]
	}
	was := d.tokens[token]
	switch {
	case was == nil || was.done && now.Sub(was.at) >= remembered:
		return 0, nil
	case was.mark != marked:
		return 0, &types.IdempotentParameterMismatchException{Message: aws.String(
			"The request has a client request token that was used with other parameters")}
	case !was.done:
		return 0, &types.TransactionInProgressException{Message: aws.String(
			"The transaction with the given request token is already in progress")}
	}
	d.counts.RCU += was.reads
	return was.reads, nil
}

// lock holds the items of the steps that could be carried out. Without locks,
// all is done at once.
func (d *DB) lock(p *prepared, steps []*step) {
	if !d.params.Locks {
		if !p.cancelled {
			p.commit(steps)
		}
		return
	}
	for i, s := range steps {
		if *p.reasons[i].Code == "None" && (s.action != check || d.params.ChecksLock) {
			s.t.locks[s.at] = p.id
		}
	}
}

// finish is the second phase.
func (d *DB) finish(token string, p *prepared, steps []*step) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.params.Locks && !p.cancelled {
		p.commit(steps)
	}
	for _, s := range steps {
		if s.t.locks[s.at] == p.id {
			delete(s.t.locks, s.at)
		}
	}
	if was := d.tokens[token]; was != nil && !p.cancelled {
		was.done, was.at = true, time.Now()
	}
}

func (p *prepared) commit(steps []*step) {
	for i, s := range steps {
		if s.action != check {
			s.t.set(s.at, p.outcomes[i].after)
		}
	}
}

func (p *prepared) canceled() error {
	codes := make([]string, len(p.reasons))
	for i, r := range p.reasons {
		codes[i] = *r.Code
	}
	return &types.TransactionCanceledException{
		Message: aws.String("Transaction cancelled, please refer cancellation reasons for " +
			"specific reasons [" + strings.Join(codes, ", ") + "]"),
		CancellationReasons: p.reasons,
	}
}

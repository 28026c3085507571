package model_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/engine"
	"profiles/infra/model"
)

// inBubble runs f in virtual time with a client that tries once, of a model
// with an empty table.
func inBubble(t *testing.T, p model.Params, f func(t *testing.T, d *model.DB, c *dynamodb.Client)) {
	t.Helper()
	declared := declaredTable(t)
	synctest.Test(t, func(t *testing.T) {
		d := model.New(p)
		c := d.Client(func(o *dynamodb.Options) { o.Retryer = retry.NewStandard(once) })
		if err := engine.CreateTable(t.Context(), c, declared, tableName, false); err != nil {
			t.Fatal(err)
		}
		d.Reset()
		f(t, d, c)
	})
}

func once(o *retry.StandardOptions) { o.MaxAttempts = 1 }

func send(t *testing.T, c *dynamodb.Client, in any) error {
	t.Helper()
	switch in := in.(type) {
	case dynamodb.TransactWriteItemsInput:
		_, err := c.TransactWriteItems(t.Context(), &in)
		return err
	case dynamodb.UpdateItemInput:
		_, err := c.UpdateItem(t.Context(), &in)
		return err
	case dynamodb.BatchGetItemInput:
		_, err := c.BatchGetItem(t.Context(), &in)
		return err
	}
	t.Fatalf("nothing sends %T", in)
	return nil
}

func codes(err error) (all []string) {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		for _, r := range canceled.CancellationReasons {
			all = append(all, aws.ToString(r.Code))
		}
	}
	return all
}

var counted = updates(key("x", "1"), "ADD #n :one", "", it{":one": n("1")})

// A transaction holds its items while it is under way, checks included.
func TestATransactionLocksItsItems(t *testing.T) {
	t.Parallel()
	p := model.AWS
	inBubble(t, p, func(t *testing.T, d *model.DB, c *dynamodb.Client) {
		ended := make(chan error)
		begun := time.Now()
		go func() {
			ended <- send(t, c, transaction(counted,
				checks(key("x", "2"), "attribute_not_exists(PK)", nil)))
		}()
		time.Sleep(5 * time.Millisecond)
		single := updateItem(key("x", "1"), "ADD #n :one", "", it{":one": n("1")})
		if err := send(t, c, single); !errors.As(err, new(*types.TransactionConflictException)) {
			t.Errorf("a single write in a transaction's time: %v", err)
		}
		again := transaction(
			checks(key("y", "1"), "attribute_not_exists(PK)", nil), counted)
		if got := codes(send(t, c, again)); len(got) != 2 || got[1] != "TransactionConflict" {
			t.Errorf("another transaction at the same item: %v", got)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took < p.TxMin || took > p.TxMax+p.Write {
			t.Errorf("the transaction took %s", took)
		}
		if err := send(t, c, single); err != nil {
			t.Errorf("after it: %v", err)
		}
		if got := d.Reset(); got.Conflicts != 1 || got.WriteConflicts != 1 || got.Met["x"] != 2 {
			t.Errorf("counted %+v", got)
		}
	})
}

// A parameter says whether a check locks, because AWS does not document it.
func TestAChecksLockIsAParameter(t *testing.T) {
	t.Parallel()
	for _, checksLock := range []bool{true, false} {
		p := model.AWS
		p.ChecksLock = checksLock
		inBubble(t, p, func(t *testing.T, _ *model.DB, c *dynamodb.Client) {
			ended := make(chan error)
			go func() {
				ended <- send(t, c, transaction(counted,
					checks(key("x", "2"), "attribute_not_exists(PK)", nil)))
			}()
			time.Sleep(5 * time.Millisecond)
			err := send(t, c, updateItem(key("x", "2"), "ADD #n :one", "", it{":one": n("1")}))
			if met := err != nil; met != checksLock {
				t.Errorf("checks lock: %v, and a write met %v", checksLock, err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// A partition gives 1,000 write units a second. Writes beyond that are refused,
// in a transaction by a cancellation. Another partition has its own units.
func TestAPartitionHasACapacity(t *testing.T) {
	t.Parallel()
	p := model.AWS
	p.Write = 0
	inBubble(t, p, func(t *testing.T, d *model.DB, c *dynamodb.Client) {
		refused := 0
		for range 1500 {
			err := send(t, c, updateItem(key("x", "1"), "ADD #n :one", "", it{":one": n("1")}))
			if errors.As(err, new(*types.ThrottlingException)) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if refused != 500 {
			t.Errorf("%d of 1,500 were refused at once, want 500", refused)
		}
		got := codes(send(t, c, transaction(counted, puts(key("y", "1"), "", nil))))
		if len(got) != 2 || got[0] != "ThrottlingError" || got[1] != "None" {
			t.Errorf("a transaction without capacity: %v", got)
		}
		if err := send(t, c, transaction(puts(key("y", "1"), "", nil))); err != nil {
			t.Errorf("another partition: %v", err)
		}
		time.Sleep(time.Second)
		if err := send(t, c, transaction(counted)); err != nil {
			t.Errorf("a second later: %v", err)
		}
		if counts := d.Reset(); counts.Throttled != 501 || counts.WCU != 1004 {
			t.Errorf("counted %+v", counts)
		}
	})
}

// The cost of a cancelled transaction is a parameter, because AWS does not
// document it.
func TestTheCostOfACancelledTransactionIsAParameter(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]float64{0: 0, 0.5: 2, 1: 4} {
		p := model.AWS
		p.CancelledShare = share
		inBubble(t, p, func(t *testing.T, d *model.DB, c *dynamodb.Client) {
			err := send(t, c, transaction(counted, checks(key("x", "2"), "attribute_exists(PK)", nil)))
			if got := codes(err); len(got) != 2 || got[1] != "ConditionalCheckFailed" {
				t.Errorf("got %v", got)
			}
			if counts := d.Reset(); counts.WCU != want || counts.Failed != 1 {
				t.Errorf("with a share of %v: counted %+v", share, counts)
			}
		})
	}
}

// A parameter says whether a transaction takes twice the units of an index,
// because AWS does not document it.
func TestTheCostOfAnIndexIsAParameter(t *testing.T) {
	t.Parallel()
	for twice, want := range map[bool]float64{false: 3, true: 4} {
		p := model.AWS
		p.IndexTwice = twice
		inBubble(t, p, func(t *testing.T, d *model.DB, c *dynamodb.Client) {
			due := with(key("x", "1"), it{"duePK": s("due#1"), "dueSK": s("1")})
			if err := send(t, c, transaction(puts(due, "", nil))); err != nil {
				t.Fatal(err)
			}
			if counts := d.Reset(); counts.WCU != want {
				t.Errorf("twice %v: %v units, want %v", twice, counts.WCU, want)
			}
		})
	}
}

// The ends that the parameters name exist, and no others.
func TestEnds(t *testing.T) {
	t.Parallel()
	middle, err := model.AWS.At(model.Middle)
	if err != nil || middle != model.AWS {
		t.Errorf("the middle is %+v, %v", middle, err)
	}
	kind, err := model.AWS.At(model.Kind)
	hard, failed := model.AWS.At(model.Hard)
	if err != nil || failed != nil || kind.CancelledShare != 0 || hard.CancelledShare != 1 ||
		kind.Read != hard.Read || kind.WCU != hard.WCU {
		t.Errorf("got %+v, %v and %+v, %v", kind, err, hard, failed)
	}
	if _, err := model.AWS.At("high"); err == nil {
		t.Error("there is an end named high")
	}
}

// Keys for which a batch finds no capacity come back, and a batch that finds
// none at all is refused.
func TestKeysComeBackUnprocessed(t *testing.T) {
	t.Parallel()
	p := model.AWS
	p.RCU = 3
	inBubble(t, p, func(t *testing.T, _ *model.DB, c *dynamodb.Client) {
		in := gets(many(5, func(i int) it { return key("x", numbered(i)) })...)
		out, err := c.BatchGetItem(t.Context(), &in)
		if err != nil || len(out.UnprocessedKeys[tableName].Keys) != 2 {
			t.Fatalf("got %+v, %v", out, err)
		}
		if again := out.UnprocessedKeys[tableName]; !aws.ToBool(again.ConsistentRead) {
			t.Error("the keys came back without the options of the request")
		}
		if err := send(t, c, in); !errors.As(err, new(*types.ThrottlingException)) {
			t.Errorf("a batch without any capacity: %v", err)
		}
	})
}

// A token is known while its transaction is under way and for ten minutes
// afterwards.
func TestATokenIsValidForTenMinutes(t *testing.T) {
	t.Parallel()
	inBubble(t, model.AWS, func(t *testing.T, d *model.DB, c *dynamodb.Client) {
		in := tokened("token", transaction(counted))
		ended := make(chan error)
		go func() { ended <- send(t, c, in) }()
		time.Sleep(5 * time.Millisecond)
		if err := send(t, c, in); !errors.As(err, new(*types.TransactionInProgressException)) {
			t.Errorf("the same transaction under way: %v", err)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		values := func() (n string) {
			d.Each(tableName, func(_, _ string, item model.Item) { n = valueText(item["n"]) })
			return n
		}
		time.Sleep(9 * time.Minute)
		if err := send(t, c, in); err != nil || values() != "1" {
			t.Errorf("nine minutes later: %v, %s", err, values())
		}
		time.Sleep(2 * time.Minute)
		if err := send(t, c, in); err != nil || values() != "2" {
			t.Errorf("eleven minutes later: %v, %s", err, values())
		}
	})
}

// A caller that gives up leaves its transaction under way.
func TestATransactionOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	inBubble(t, model.AWS, func(t *testing.T, d *model.DB, c *dynamodb.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		in := transaction(counted)
		if _, err := c.TransactWriteItems(ctx, &in); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second)
		found := 0
		d.Each(tableName, func(string, string, model.Item) { found++ })
		if found != 1 {
			t.Errorf("the table has %d items", found)
		}
	})
}

// A request that the model does not know is an error, which names it.
func TestWhatIsNotModelledFails(t *testing.T) {
	t.Parallel()
	inBubble(t, model.AWS, func(t *testing.T, _ *model.DB, c *dynamodb.Client) {
		for what, in := range map[string]any{
			"ReturnItemCollectionMetrics": dynamodb.TransactWriteItemsInput{
				TransactItems:               []types.TransactWriteItem{counted},
				ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize,
			},
			"ProjectionExpression": dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{tableName: {
					Keys: []it{key("x", "1")}, ProjectionExpression: aws.String("PK"),
				}},
			},
			"list_append": updateItem(
				key("x", "1"), "SET #a = list_append(#a, :v)", "", it{":v": l(s("x"))}),
		} {
			if err := send(t, c, in); err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%s: got %v", what, err)
			}
		}
		if _, err := c.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil {
			t.Error("the tables were listed")
		}
	})
}

// A read that is not consistent may find an item as it was a moment ago, or not
// at all. A consistent one does not.
func TestALateReadMayBeBehind(t *testing.T) {
	t.Parallel()
	p := model.AWS
	p.Late = 50 * time.Millisecond
	inBubble(t, p, func(t *testing.T, _ *model.DB, c *dynamodb.Client) {
		k := key("x", "a")
		read := func(consistent bool) string {
			out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{
				TableName: aws.String(tableName), Key: k, ConsistentRead: &consistent,
			})
			if err != nil {
				t.Fatal(err)
			}
			found, _ := out.Item["n"].(*types.AttributeValueMemberN)
			if found == nil {
				return "none"
			}
			return found.Value
		}
		found := map[string]bool{}
		for i := range 100 {
			_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{
				TableName: aws.String(tableName), Item: with(k, it{"n": n(strconv.Itoa(i % 2))}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := read(true); got != strconv.Itoa(i%2) {
				t.Fatalf("a consistent read finds %s, want %d", got, i%2)
			}
			found[strconv.Itoa(i%2)+" "+read(false)] = true
		}
		if !found["0 1"] || !found["1 0"] || !found["0 0"] {
			t.Errorf("late reads found %v", found)
		}
		for written := time.Now(); time.Since(written) < p.Late; {
			read(false) // which takes time
		}
		if got := read(false); got != "1" {
			t.Errorf("long after the last write a late read finds %s, want 1", got)
		}
	})
}

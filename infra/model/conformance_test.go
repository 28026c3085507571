package model_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"profiles/infra/engine"
	"profiles/infra/template"
)

// The model answers every statement as the engine that ENGINE names does, with
// the same errors, items, pages and capacity.
func TestTheModelAnswersAsAnEngine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
	kind, err := engine.DefaultKind()
	if err != nil {
		t.Fatal(err)
	}
	if kind == engine.Model {
		kind = engine.Program()
	}
	other, double := begin(t, kind), begin(t, engine.Model)
	compared := 0
	for _, s := range statements() {
		want, got := answerOf(t, other, s.in), answerOf(t, double, s.in)
		if s.differs[kind] != "" {
			if want == got {
				t.Errorf("%s: %s answers as the model, unlike the table says", s.name, kind)
			}
			continue
		}
		compared++
		if got != want {
			t.Errorf("%s: the model answers\n%s, and %s\n%s", s.name, got, kind, want)
		}
	}
	if compared < 100 {
		t.Errorf("only %d statements were compared", compared)
	}
}

const tableName = "Table"

// begin returns a client of an engine with an empty table of the template.
func begin(t *testing.T, kind engine.Kind) *dynamodb.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	e, err := engine.Start(ctx, engine.Options{Kind: kind, Within: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	if err := engine.CreateTable(ctx, e.Client(), declaredTable(t), tableName, false); err != nil {
		t.Fatal(err)
	}
	return e.Client()
}

func declaredTable(t *testing.T) template.Table {
	t.Helper()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return declared.Table
}

// answerOf sends a request and writes the answer as a text.
func answerOf(t *testing.T, c *dynamodb.Client, in any) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out any
	var err error
	switch in := in.(type) {
	case dynamodb.PutItemInput:
		out, err = c.PutItem(ctx, &in)
	case dynamodb.UpdateItemInput:
		out, err = c.UpdateItem(ctx, &in)
	case dynamodb.DeleteItemInput:
		out, err = c.DeleteItem(ctx, &in)
	case dynamodb.GetItemInput:
		out, err = c.GetItem(ctx, &in)
	case dynamodb.BatchGetItemInput:
		out, err = c.BatchGetItem(ctx, &in)
	case dynamodb.BatchWriteItemInput:
		out, err = c.BatchWriteItem(ctx, &in)
	case dynamodb.QueryInput:
		out, err = c.Query(ctx, &in)
	case dynamodb.ScanInput:
		out, err = c.Scan(ctx, &in)
	case dynamodb.TransactWriteItemsInput:
		out, err = c.TransactWriteItems(ctx, &in)
	default:
		t.Fatalf("no statement %T", in)
	}
	if err != nil {
		return failureOf(t, err)
	}
	return written(t, out)
}

func failureOf(t *testing.T, err error) string {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		var b strings.Builder
		for _, r := range canceled.CancellationReasons {
			fmt.Fprintf(&b, "%s %s; ", aws.ToString(r.Code), itemText(r.Item))
		}
		return "cancelled: " + b.String()
	}
	text := ""
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		text = itemText(failed.Item)
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("no error of the API: %v", err)
		return err.Error()
	}
	return api.ErrorCode() + " " + text
}

func written(t *testing.T, out any) string {
	items := func(all []map[string]types.AttributeValue, sorted bool) string {
		texts := make([]string, len(all))
		for i, it := range all {
			texts[i] = itemText(it)
		}
		if sorted {
			sort.Strings(texts)
		}
		return strings.Join(texts, "\n")
	}
	cost := func(all ...types.ConsumedCapacity) (sum float64) {
		for _, c := range all {
			sum += aws.ToFloat64(c.CapacityUnits)
		}
		return sum
	}
	one := func(c *types.ConsumedCapacity) float64 {
		if c == nil {
			return -1
		}
		return cost(*c)
	}
	switch out := out.(type) {
	case *dynamodb.PutItemOutput:
		return fmt.Sprint(one(out.ConsumedCapacity))
	case *dynamodb.UpdateItemOutput:
		return fmt.Sprint(itemText(out.Attributes), one(out.ConsumedCapacity))
	case *dynamodb.DeleteItemOutput:
		return fmt.Sprint(one(out.ConsumedCapacity))
	case *dynamodb.GetItemOutput:
		return fmt.Sprint(itemText(out.Item), one(out.ConsumedCapacity))
	case *dynamodb.BatchGetItemOutput:
		return fmt.Sprint(items(out.Responses[tableName], true), len(out.UnprocessedKeys),
			cost(out.ConsumedCapacity...))
	case *dynamodb.BatchWriteItemOutput:
		return fmt.Sprint(len(out.UnprocessedItems), cost(out.ConsumedCapacity...))
	case *dynamodb.TransactWriteItemsOutput:
		return fmt.Sprint(cost(out.ConsumedCapacity...))
	case *dynamodb.QueryOutput:
		return fmt.Sprint(items(out.Items, false), " next ", itemText(out.LastEvaluatedKey), " ",
			out.Count, out.ScannedCount, one(out.ConsumedCapacity))
	case *dynamodb.ScanOutput:
		// Only whole scans have an order that engines share: that of the texts.
		return fmt.Sprint(items(out.Items, true), len(out.LastEvaluatedKey), " ",
			out.Count, out.ScannedCount, one(out.ConsumedCapacity))
	}
	t.Fatalf("no answer %T", out)
	return ""
}

// itemText writes an item, in the order of its names.
func itemText(it map[string]types.AttributeValue) string {
	names := make([]string, 0, len(it))
	for name := range it {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s=%s ", name, valueText(it[name]))
	}
	return b.String()
}

func valueText(v types.AttributeValue) string {
	sorted := func(of []string) string {
		of = slices.Clone(of)
		sort.Strings(of)
		return fmt.Sprintf("%q", of)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		if len(v.Value) > 40 {
			return fmt.Sprintf("S of %d bytes", len(v.Value))
		}
		return fmt.Sprintf("%q", v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return "B" + hex.EncodeToString(v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	case *types.AttributeValueMemberNULL:
		return "null"
	case *types.AttributeValueMemberM:
		return "{" + itemText(v.Value) + "}"
	case *types.AttributeValueMemberL:
		texts := make([]string, len(v.Value))
		for i, x := range v.Value {
			texts[i] = valueText(x)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case *types.AttributeValueMemberSS:
		return "SS" + sorted(v.Value)
	case *types.AttributeValueMemberNS:
		return "NS" + sorted(v.Value)
	case *types.AttributeValueMemberBS:
		texts := make([]string, len(v.Value))
		for i, x := range v.Value {
			texts[i] = hex.EncodeToString(x)
		}
		return "BS" + sorted(texts)
	}
	return fmt.Sprintf("%T", v)
}

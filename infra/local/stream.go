package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"profiles/infra/template"
)

const (
	streamPoll  = 200 * time.Millisecond // between two looks at a shard that had nothing new
	shardPoll   = 10 * time.Second       // between two looks for new shards
	streamPause = time.Second            // before a batch that failed is sent again
)

// follower feeds a function from the table's stream, as Lambda's event source
// mapping does. It begins with what is written after it started: what was left
// undelivered before is the sweep's.
type follower struct {
	client   *dynamodbstreams.Client
	arn      string
	function *function
	trigger  template.Stream
	filters  []filter
	life     *life
	seen     map[string]bool
}

// follow returns once every record that is written from now on will be seen; it
// goes on until the stack stops. start limits what it does until it returns.
func follow(
	start context.Context,
	l *life,
	table *dynamodb.Client,
	streams *dynamodbstreams.Client,
	name string,
	f *function,
	trigger template.Stream,
) error {
	w := &follower{client: streams, function: f, trigger: trigger, life: l, seen: map[string]bool{}}
	for _, pattern := range trigger.Filters {
		parsed, err := parseFilter([]byte(pattern))
		if err != nil {
			return err
		}
		w.filters = append(w.filters, parsed)
	}
	described, err := table.DescribeTable(start, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return err
	}
	if w.arn = aws.ToString(described.Table.LatestStreamArn); w.arn == "" {
		return fmt.Errorf("the table %s has no stream", name)
	}
	if err := w.openShards(start, types.ShardIteratorTypeLatest); err != nil {
		return err
	}
	ctx := l.work
	l.running.Go(func() {
		tick := time.NewTicker(shardPoll)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := w.openShards(
				ctx,
				types.ShardIteratorTypeTrimHorizon,
			); err != nil &&
				ctx.Err() == nil {
				slog.Warn("the stream cannot be described", "error", err.Error())
			}
		}
	})
	return nil
}

// openShards begins to read the shards that are not read yet.
func (w *follower) openShards(ctx context.Context, from types.ShardIteratorType) error {
	var last *string
	for {
		out, err := w.client.DescribeStream(
			ctx,
			&dynamodbstreams.DescribeStreamInput{StreamArn: &w.arn, ExclusiveStartShardId: last},
		)
		if err != nil {
			return err
		}
		for _, shard := range out.StreamDescription.Shards {
			id := aws.ToString(shard.ShardId)
			if w.seen[id] {
				continue
			}
			iterator, err := w.iterator(ctx, id, from, "")
			if err != nil {
				return err
			}
			w.seen[id] = true
			w.life.running.Go(func() { w.readShard(w.life.work, id, iterator) })
		}
		if last = out.StreamDescription.LastEvaluatedShardId; last == nil {
			return nil
		}
	}
}

func (w *follower) iterator(
	ctx context.Context,
	shard string,
	from types.ShardIteratorType,
	after string,
) (*string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn:         &w.arn,
		ShardId:           &shard,
		ShardIteratorType: from,
	}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := w.client.GetShardIterator(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

func (w *follower) readShard(ctx context.Context, shard string, iterator *string) {
	last := ""
	for iterator != nil && ctx.Err() == nil {
		out, err := w.client.GetRecords(
			ctx,
			&dynamodbstreams.GetRecordsInput{ShardIterator: iterator},
		)
		var expired *types.ExpiredIteratorException
		if errors.As(err, &expired) {
			iterator, err = w.iterator(ctx, shard, types.ShardIteratorTypeTrimHorizon, last)
		}
		if err != nil || out == nil {
			if ctx.Err() == nil {
				slog.Warn("the stream cannot be read", "error", fmt.Sprint(err))
			}
			wait(ctx, streamPause)
			continue
		}
		iterator = out.NextShardIterator
		var admitted []json.RawMessage
		for _, record := range out.Records {
			last = aws.ToString(record.Dynamodb.SequenceNumber)
			event, err := recordEvent(record, w.arn)
			if err != nil {
				slog.Error("a record of the stream cannot be read", "error", err.Error())
				continue
			}
			if w.admits(event) {
				admitted = append(admitted, event)
			}
		}
		w.deliver(admitted)
		if len(out.Records) == 0 {
			wait(ctx, streamPoll)
		}
	}
}

func (w *follower) admits(event []byte) bool {
	if len(w.filters) == 0 {
		return true
	}
	var record any
	if json.Unmarshal(event, &record) != nil {
		return false
	}
	for _, f := range w.filters {
		if f.admits(record) {
			return true
		}
	}
	return false
}

// deliver sends records in batches. A batch is sent again from its first
// failure on; a record that fails too often is left behind, where AWS would put
// it into the dead letter queue. A batch that is under way when the stack stops
// is the last one: what is undelivered then is the sweep's.
func (w *follower) deliver(records []json.RawMessage) {
	retries := 0
	for len(records) > 0 && w.life.work.Err() == nil {
		batch := records[:min(len(records), w.trigger.BatchSize)]
		failed, err := w.invoke(w.life.whole, batch)
		if failed > 0 {
			retries = 0
		}
		records = records[failed:]
		if failed == len(batch) {
			continue
		}
		if w.life.work.Err() != nil {
			return
		}
		if w.trigger.MaximumRetryAttempts >= 0 && retries >= w.trigger.MaximumRetryAttempts {
			slog.Error(
				"a record of the stream is given up",
				"operation",
				w.function.name,
				"queue",
				w.trigger.OnFailure,
				"error",
				fmt.Sprint(err),
			)
			records, retries = records[1:], 0
			continue
		}
		retries++
		wait(w.life.work, streamPause)
	}
}

// invoke sends a batch and returns the place of its first failure, the length
// of the batch when there is none.
func (w *follower) invoke(ctx context.Context, batch []json.RawMessage) (int, error) {
	payload, err := json.Marshal(map[string]any{"Records": batch})
	if err != nil {
		return 0, err
	}
	raw, err := w.function.invoke(ctx, payload)
	if err != nil {
		return 0, err
	}
	var answer events.DynamoDBEventResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		return 0, err
	}
	for i, record := range batch {
		for _, failure := range answer.BatchItemFailures {
			if bytes.Contains(record, []byte(`"SequenceNumber":"`+failure.ItemIdentifier+`"`)) {
				return i, errors.New("the function reported a failure")
			}
		}
	}
	return len(batch), nil
}

// withoutNil returns an image with the empty maps that Amazon DynamoDB Local
// leaves out of the streams' answers: {} for {"M":{}}.
func withoutNil(image map[string]types.AttributeValue) map[string]types.AttributeValue {
	whole := make(map[string]types.AttributeValue, len(image))
	for name, value := range image {
		switch v := value.(type) {
		case nil:
			whole[name] = &types.AttributeValueMemberM{}
		case *types.AttributeValueMemberM:
			whole[name] = &types.AttributeValueMemberM{Value: withoutNil(v.Value)}
		default:
			whole[name] = value
		}
	}
	return whole
}

// recordEvent is a record of the stream as Lambda hands it to functions.
func recordEvent(r types.Record, arn string) (json.RawMessage, error) {
	change := map[string]any{
		"SequenceNumber": aws.ToString(r.Dynamodb.SequenceNumber),
		"SizeBytes":      aws.ToInt64(r.Dynamodb.SizeBytes),
		"StreamViewType": r.Dynamodb.StreamViewType,
	}
	if at := r.Dynamodb.ApproximateCreationDateTime; at != nil {
		change["ApproximateCreationDateTime"] = at.Unix()
	}
	for name, image := range map[string]map[string]types.AttributeValue{
		"Keys": r.Dynamodb.Keys, "NewImage": r.Dynamodb.NewImage, "OldImage": r.Dynamodb.OldImage,
	} {
		if len(image) == 0 {
			continue
		}
		attributes, err := attributevalue.FromDynamoDBStreamsMap(withoutNil(image))
		if err != nil {
			return nil, err
		}
		raw, err := attributevalue.MarshalMapJSON(attributes)
		if err != nil {
			return nil, err
		}
		change[name] = json.RawMessage(raw)
	}
	return json.Marshal(map[string]any{
		"eventID":        aws.ToString(r.EventID),
		"eventName":      r.EventName,
		"eventVersion":   aws.ToString(r.EventVersion),
		"eventSource":    "aws:dynamodb",
		"awsRegion":      aws.ToString(r.AwsRegion),
		"dynamodb":       change,
		"eventSourceARN": arn,
	})
}

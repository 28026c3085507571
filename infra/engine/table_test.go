package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"profiles/infra/engine"
	"profiles/infra/template"
)

// A table whose stream carried images, as those of earlier stacks did, keeps
// its items and has a stream of keys from then on.
func TestATableFromBeforeGetsTheStreamOfTheTemplate(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err := engine.Start(ctx, engine.Options{})
	ok(err)
	defer e.Stop()
	file, err := template.Find()
	ok(err)
	declared, err := template.ReadLocal(file, nil)
	ok(err)
	const name = "Table"
	put := func(pk string) {
		t.Helper()
		_, err := e.Client().
			PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(name),
				Item: map[string]types.AttributeValue{
					"PK":   &types.AttributeValueMemberS{Value: pk},
					"SK":   &types.AttributeValueMemberS{Value: "O"},
					"data": &types.AttributeValueMemberS{Value: "words"},
				}})
		ok(err)
	}
	before := declared.Table
	before.StreamView = "NEW_AND_OLD_IMAGES"
	ok(engine.CreateTable(ctx, e.Client(), before, name, true))
	put("O#before")
	for range 2 {
		ok(engine.CreateTable(ctx, e.Client(), declared.Table, name, true))
	}
	put("O#after")

	got, err := e.Client().Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(name)})
	ok(err)
	if len(got.Items) != 2 {
		t.Errorf("the table has %d items, want 2", len(got.Items))
	}
	table, err := e.Client().
		DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	ok(err)
	client := dynamodbstreams.NewFromConfig(engine.Config(e.Endpoint))
	described, err := client.DescribeStream(
		ctx,
		&dynamodbstreams.DescribeStreamInput{StreamArn: table.Table.LatestStreamArn},
	)
	ok(err)
	seen := false
	for _, shard := range described.StreamDescription.Shards {
		at, err := client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
			StreamArn:         table.Table.LatestStreamArn,
			ShardId:           shard.ShardId,
			ShardIteratorType: streams.ShardIteratorTypeTrimHorizon,
		})
		ok(err)
		read, err := client.GetRecords(
			ctx,
			&dynamodbstreams.GetRecordsInput{ShardIterator: at.ShardIterator},
		)
		ok(err)
		for _, record := range read.Records {
			pk, _ := record.Dynamodb.Keys["PK"].(*streams.AttributeValueMemberS)
			if pk == nil || pk.Value != "O#after" {
				continue
			}
			seen = true
			if len(record.Dynamodb.NewImage)+len(record.Dynamodb.OldImage) > 0 {
				t.Errorf("the stream carries %v", record.Dynamodb.NewImage)
			}
		}
	}
	if !seen {
		t.Error("the stream has no record of what was written after it was changed")
	}
}

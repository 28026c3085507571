package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/template"
)

// CreateTable creates the table that the template declares under the given name: keys, indexes, expiry and, when
// stream is set, its stream. A table that exists and is the same is left alone; one that differs is an error.
func CreateTable(ctx context.Context, client *dynamodb.Client, table template.Table, name string, stream bool) error {
	if !stream {
		table.StreamView = ""
	}
	_, err := client.CreateTable(ctx, createInput(table, name))
	if exists := (*types.ResourceInUseException)(nil); err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	found, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute)
	if err != nil {
		return fmt.Errorf("wait for table %s: %w", name, err)
	}
	if err := same(table, found.Table); err != nil {
		return fmt.Errorf("table %s exists and differs from the template: %w; remove its data or use another folder", name, err)
	}
	return expire(ctx, client, table, name)
}

func createInput(table template.Table, name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   schema(table.Key),
	}
	for attribute, kind := range table.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(attribute),
			AttributeType: types.ScalarAttributeType(kind),
		})
	}
	for _, index := range table.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(index.Name),
			KeySchema: schema(index.Key),
			Projection: &types.Projection{
				ProjectionType:   types.ProjectionType(index.Projection),
				NonKeyAttributes: index.Included,
			},
		})
	}
	if table.StreamView != "" {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewType(table.StreamView),
		}
	}
	return in
}

func schema(key template.Key) []types.KeySchemaElement {
	out := []types.KeySchemaElement{{AttributeName: aws.String(key.Partition), KeyType: types.KeyTypeHash}}
	if key.Sort != "" {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(key.Sort), KeyType: types.KeyTypeRange})
	}
	return out
}

func same(want template.Table, got *types.TableDescription) error {
	if key := keyOf(got.KeySchema); key != want.Key {
		return fmt.Errorf("its key is %v, not %v", key, want.Key)
	}
	attributes := map[string]string{}
	for _, attribute := range got.AttributeDefinitions {
		attributes[aws.ToString(attribute.AttributeName)] = string(attribute.AttributeType)
	}
	if !reflect.DeepEqual(attributes, want.Attributes) {
		return fmt.Errorf("its key attributes are %v, not %v", attributes, want.Attributes)
	}
	indexes := map[string]template.Index{}
	for _, index := range got.GlobalSecondaryIndexes {
		name := aws.ToString(index.IndexName)
		indexes[name] = template.Index{Name: name, Key: keyOf(index.KeySchema)}
		if index.Projection != nil {
			indexes[name] = template.Index{
				Name:       name,
				Key:        keyOf(index.KeySchema),
				Projection: string(index.Projection.ProjectionType),
				Included:   index.Projection.NonKeyAttributes,
			}
		}
	}
	wanted := map[string]template.Index{}
	for _, index := range want.Indexes {
		wanted[index.Name] = index
	}
	if !reflect.DeepEqual(indexes, wanted) {
		return fmt.Errorf("its indexes are %v, not %v", indexes, wanted)
	}
	view := ""
	if got.StreamSpecification != nil && aws.ToBool(got.StreamSpecification.StreamEnabled) {
		view = string(got.StreamSpecification.StreamViewType)
	}
	if view != want.StreamView {
		return fmt.Errorf("its stream is %q, not %q", view, want.StreamView)
	}
	return nil
}

func keyOf(schema []types.KeySchemaElement) template.Key {
	var out template.Key
	for _, element := range schema {
		if element.KeyType == types.KeyTypeHash {
			out.Partition = aws.ToString(element.AttributeName)
		} else {
			out.Sort = aws.ToString(element.AttributeName)
		}
	}
	return out
}

func expire(ctx context.Context, client *dynamodb.Client, table template.Table, name string) error {
	if table.TTLAttribute == "" {
		return nil
	}
	found, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return fmt.Errorf("read the expiry of table %s: %w", name, err)
	}
	if d := found.TimeToLiveDescription; d != nil && d.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		if attribute := aws.ToString(d.AttributeName); attribute != table.TTLAttribute {
			return fmt.Errorf("table %s expires by %q, not by %q as the template says", name, attribute, table.TTLAttribute)
		}
		return nil
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(table.TTLAttribute),
			Enabled:       aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("set the expiry of table %s: %w", name, err)
	}
	return nil
}

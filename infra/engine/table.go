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

// CreateTable creates the table that the template declares under the given
// name: keys, indexes, expiry and, when stream is set, its stream. A table that
// exists and is the same is left alone; one whose stream carries something else
// gets another stream, and one that differs in more is an error.
func CreateTable(
	ctx context.Context,
	client *dynamodb.Client,
	table template.Table,
	name string,
	stream bool,
) error {
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
	found, err := waiter.WaitForOutput(
		ctx,
		&dynamodb.DescribeTableInput{TableName: &name},
		time.Minute,
	)
	if err != nil {
		return fmt.Errorf("wait for table %s: %w", name, err)
	}
	if view := streamView(found.Table); table.StreamView != "" && view != "" &&
		view != table.StreamView {
		if found, err = changeStream(ctx, client, waiter, table.StreamView, name); err != nil {
			return fmt.Errorf("change the stream of table %s: %w", name, err)
		}
	}
	if err := same(table, found.Table); err != nil {
		return fmt.Errorf(
			"table %s exists and differs from the template: %w; remove its data or use another folder",
			name,
			err,
		)
	}
	return expire(ctx, client, table, name)
}

// CheckTable returns the label of a table's stream. It fails for a table that
// is not as the template declares it: keys, indexes, stream and expiry.
func CheckTable(
	ctx context.Context, client *dynamodb.Client, table template.Table, name string,
) (stream string, err error) {
	found, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err == nil {
		err = same(table, found.Table)
	}
	if err != nil {
		return "", fmt.Errorf("the table %s: %w", name, err)
	}
	asked := &dynamodb.DescribeTimeToLiveInput{TableName: &name}
	expiry, err := client.DescribeTimeToLive(ctx, asked)
	if err != nil {
		return "", fmt.Errorf("the table %s: %w", name, err)
	}
	if d := expiry.TimeToLiveDescription; d == nil ||
		aws.ToString(d.AttributeName) != table.TTLAttribute ||
		d.TimeToLiveStatus == types.TimeToLiveStatusDisabled {
		return "", fmt.Errorf("the table %s: its items do not expire by %s", name, table.TTLAttribute)
	}
	return aws.ToString(found.Table.LatestStreamLabel), nil
}

// changeStream puts a stream of another view in place of a table's: DynamoDB
// changes the view of none.
func changeStream(
	ctx context.Context,
	client *dynamodb.Client,
	waiter *dynamodb.TableExistsWaiter,
	view, name string,
) (*dynamodb.DescribeTableOutput, error) {
	var found *dynamodb.DescribeTableOutput
	for _, s := range []*types.StreamSpecification{
		{StreamEnabled: aws.Bool(false)},
		{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewType(view)},
	} {
		_, err := client.UpdateTable(
			ctx,
			&dynamodb.UpdateTableInput{TableName: &name, StreamSpecification: s},
		)
		if err == nil {
			found, err = waiter.WaitForOutput(
				ctx,
				&dynamodb.DescribeTableInput{TableName: &name},
				time.Minute,
			)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
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
	out := []types.KeySchemaElement{
		{AttributeName: aws.String(key.Partition), KeyType: types.KeyTypeHash},
	}
	if key.Sort != "" {
		out = append(
			out,
			types.KeySchemaElement{
				AttributeName: aws.String(key.Sort),
				KeyType:       types.KeyTypeRange,
			},
		)
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
	if view := streamView(got); view != want.StreamView {
		return fmt.Errorf("its stream is %q, not %q", view, want.StreamView)
	}
	return nil
}

// streamView is what the stream of a table carries, "" for a table without.
func streamView(t *types.TableDescription) string {
	if t.StreamSpecification == nil || !aws.ToBool(t.StreamSpecification.StreamEnabled) {
		return ""
	}
	return string(t.StreamSpecification.StreamViewType)
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
	found, err := client.DescribeTimeToLive(
		ctx,
		&dynamodb.DescribeTimeToLiveInput{TableName: &name},
	)
	if err != nil {
		return fmt.Errorf("read the expiry of table %s: %w", name, err)
	}
	if d := found.TimeToLiveDescription; d != nil &&
		d.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		if attribute := aws.ToString(d.AttributeName); attribute != table.TTLAttribute {
			return fmt.Errorf(
				"table %s expires by %q, not by %q as the template says",
				name,
				attribute,
				table.TTLAttribute,
			)
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

package engine

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/template"
)

// Expire deletes the items whose expiry has passed, which DynamoDB does by
// itself and no local engine does. It reads the whole table, as only a local
// table is small enough for. It returns how many items it deleted.
func Expire(
	ctx context.Context,
	client *dynamodb.Client,
	table template.Table,
	name string,
	now time.Time,
) (int, error) {
	names := map[string]string{"#ttl": table.TTLAttribute}
	values := map[string]types.AttributeValue{
		":now": &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix(), 10)},
	}
	expired := aws.String("#ttl < :now")
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{
		TableName:                 &name,
		FilterExpression:          expired,
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	})
	deleted := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return deleted, err
		}
		for _, item := range page.Items {
			key := map[string]types.AttributeValue{table.Key.Partition: item[table.Key.Partition]}
			if table.Key.Sort != "" {
				key[table.Key.Sort] = item[table.Key.Sort]
			}
			_, err := client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName:                 &name,
				Key:                       key,
				ConditionExpression:       expired,
				ExpressionAttributeNames:  names,
				ExpressionAttributeValues: values,
			})
			var renewed *types.ConditionalCheckFailedException
			if errors.As(err, &renewed) {
				continue
			}
			if err != nil {
				return deleted, err
			}
			deleted++
		}
	}
	return deleted, nil
}

package model

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// options are the fields of each structure of requests that the model has.
var options = map[reflect.Type][]string{
	reflect.TypeFor[dynamodb.BatchGetItemInput](): {"RequestItems", "ReturnConsumedCapacity"},
	reflect.TypeFor[types.KeysAndAttributes]():    {"Keys", "ConsistentRead"},
	reflect.TypeFor[dynamodb.GetItemInput](): {
		"Key", "TableName", "ConsistentRead", "ReturnConsumedCapacity",
	},
	reflect.TypeFor[dynamodb.QueryInput](): {
		"TableName", "ConsistentRead", "ExclusiveStartKey", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "FilterExpression", "IndexName", "KeyConditionExpression",
		"Limit", "ProjectionExpression", "ReturnConsumedCapacity", "ScanIndexForward",
	},
	reflect.TypeFor[dynamodb.ScanInput](): {
		"TableName", "ConsistentRead", "ExclusiveStartKey", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "FilterExpression", "Limit", "ProjectionExpression",
		"ReturnConsumedCapacity",
	},
	reflect.TypeFor[dynamodb.UpdateItemInput](): {
		"Key", "TableName", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnConsumedCapacity", "ReturnValues",
		"ReturnValuesOnConditionCheckFailure", "UpdateExpression",
	},
	reflect.TypeFor[dynamodb.PutItemInput](): {
		"Item", "TableName", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnConsumedCapacity",
		"ReturnValuesOnConditionCheckFailure",
	},
	reflect.TypeFor[dynamodb.DeleteItemInput](): {
		"Key", "TableName", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnConsumedCapacity",
		"ReturnValuesOnConditionCheckFailure",
	},
	reflect.TypeFor[dynamodb.BatchWriteItemInput](): {"RequestItems", "ReturnConsumedCapacity"},
	reflect.TypeFor[types.WriteRequest]():           {"PutRequest", "DeleteRequest"},
	reflect.TypeFor[types.PutRequest]():             {"Item"},
	reflect.TypeFor[types.DeleteRequest]():          {"Key"},
	reflect.TypeFor[dynamodb.TransactWriteItemsInput](): {
		"TransactItems", "ClientRequestToken", "ReturnConsumedCapacity",
	},
	reflect.TypeFor[types.TransactWriteItem](): {"Put", "Update", "Delete", "ConditionCheck"},
	reflect.TypeFor[types.Put](): {
		"Item", "TableName", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure",
	},
	reflect.TypeFor[types.Update](): {
		"Key", "TableName", "UpdateExpression", "ConditionExpression",
		"ExpressionAttributeNames", "ExpressionAttributeValues",
		"ReturnValuesOnConditionCheckFailure",
	},
	reflect.TypeFor[types.Delete](): {
		"Key", "TableName", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure",
	},
	reflect.TypeFor[types.ConditionCheck](): {
		"Key", "TableName", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure",
	},
	reflect.TypeFor[dynamodb.CreateTableInput](): {
		"TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes",
	},
	reflect.TypeFor[types.AttributeDefinition](): {"AttributeName", "AttributeType"},
	reflect.TypeFor[types.KeySchemaElement]():    {"AttributeName", "KeyType"},
	reflect.TypeFor[types.GlobalSecondaryIndex](): {
		"IndexName", "KeySchema", "Projection",
	},
	reflect.TypeFor[types.Projection]():                 {"ProjectionType"},
	reflect.TypeFor[dynamodb.DescribeTableInput]():      {"TableName"},
	reflect.TypeFor[dynamodb.DescribeTimeToLiveInput](): {"TableName"},
	reflect.TypeFor[dynamodb.UpdateTimeToLiveInput]():   {"TableName", "TimeToLiveSpecification"},
	reflect.TypeFor[types.TimeToLiveSpecification]():    {"AttributeName", "Enabled"},
}

// strict fails for a request with an option that the model does not know.
func strict(parameters any) error { return strictly(reflect.ValueOf(parameters)) }

var attribute = reflect.TypeFor[types.AttributeValue]()

func strictly(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return strictly(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if err := strictly(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		if e := v.Type().Elem(); e == attribute || e.Kind() == reflect.String {
			return nil
		}
		for each := v.MapRange(); each.Next(); {
			if err := strictly(each.Value()); err != nil {
				return err
			}
		}
	case reflect.Struct:
		have, ok := options[v.Type()]
		if !ok {
			return fmt.Errorf("the model has no %s", v.Type())
		}
		for i := range v.NumField() {
			if v.Field(i).IsZero() || !v.Type().Field(i).IsExported() {
				continue
			}
			if name := v.Type().Field(i).Name; !slices.Contains(have, name) {
				return fmt.Errorf("the model has no option %s of %s", name, v.Type())
			}
			if err := strictly(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

package model_test

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/engine"
)

// statement is a request. Those of a table are sent one after the other.
type statement struct {
	name    string
	in      any
	differs map[engine.Kind]string // engines that answer otherwise, and why
}

// The reason why an engine answers otherwise than the model. The model answers
// as AWS documents it.
const (
	indexUnits  = "counts the units of an index twice in a transaction"
	equalKeys   = "lists equal keys of an index in another order"
	freeNothing = "counts nothing for what is not there"
	whole       = "fails as a whole, without reasons"
)

func dynoxide(why string) map[engine.Kind]string {
	return map[engine.Kind]string{engine.Dynoxide: why}
}

func local(why string) map[engine.Kind]string {
	return map[engine.Kind]string{engine.DynamoDBLocal: why}
}

type it = map[string]types.AttributeValue

var (
	table = aws.String(tableName)
	total = types.ReturnConsumedCapacityTotal
	old   = types.ReturnValuesOnConditionCheckFailureAllOld
)

func s(x string) types.AttributeValue     { return &types.AttributeValueMemberS{Value: x} }
func n(x string) types.AttributeValue     { return &types.AttributeValueMemberN{Value: x} }
func bin(x string) types.AttributeValue   { return &types.AttributeValueMemberB{Value: []byte(x)} }
func boolean(x bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: x} }
func ss(x ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: x} }
func ns(x ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: x} }
func m(x it) types.AttributeValue         { return &types.AttributeValueMemberM{Value: x} }
func l(x ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: x}
}

// key is an item of a partition key and a sort key.
func key(pk, sk string) it { return it{"PK": s(pk), "SK": s(sk)} }

// with is an item with more attributes.
func with(k it, more it) it {
	out := it{}
	for name, v := range k {
		out[name] = v
	}
	for name, v := range more {
		out[name] = v
	}
	return out
}

// named are the names of the #names in expressions.
func named(expressions ...string) map[string]string {
	var names map[string]string
	for _, expression := range expressions {
		for _, word := range strings.FieldsFunc(expression, func(r rune) bool {
			return strings.ContainsRune(" ,=<>()+-.", r)
		}) {
			if name, ok := strings.CutPrefix(word, "#"); ok {
				if names == nil {
					names = map[string]string{}
				}
				names[word] = name
			}
		}
	}
	return names
}

func text(x string) *string {
	if x == "" {
		return nil
	}
	return &x
}

func putItem(item it, condition string, values it) dynamodb.PutItemInput {
	return dynamodb.PutItemInput{
		TableName: table, Item: item, ConditionExpression: text(condition),
		ExpressionAttributeNames: named(condition), ExpressionAttributeValues: values,
		ReturnConsumedCapacity: total, ReturnValuesOnConditionCheckFailure: old,
	}
}

func updateItem(k it, expression, condition string, values it) dynamodb.UpdateItemInput {
	return dynamodb.UpdateItemInput{
		TableName: table, Key: k, UpdateExpression: text(expression),
		ConditionExpression:       text(condition),
		ExpressionAttributeNames:  named(expression, condition),
		ExpressionAttributeValues: values, ReturnConsumedCapacity: total,
		ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: old,
	}
}

func deleteItem(k it, condition string, values it) dynamodb.DeleteItemInput {
	return dynamodb.DeleteItemInput{
		TableName: table, Key: k, ConditionExpression: text(condition),
		ExpressionAttributeNames: named(condition), ExpressionAttributeValues: values,
		ReturnConsumedCapacity: total, ReturnValuesOnConditionCheckFailure: old,
	}
}

func getItem(k it) dynamodb.GetItemInput {
	return dynamodb.GetItemInput{
		TableName: table, Key: k, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: total,
	}
}

func query(condition string, values it, options ...func(*dynamodb.QueryInput)) dynamodb.QueryInput {
	in := dynamodb.QueryInput{
		TableName: table, KeyConditionExpression: text(condition), ConsistentRead: aws.Bool(true),
		ExpressionAttributeNames: named(condition), ExpressionAttributeValues: values,
		ReturnConsumedCapacity: total,
	}
	for _, o := range options {
		o(&in)
	}
	return in
}

func limit(n int32) func(*dynamodb.QueryInput) {
	return func(in *dynamodb.QueryInput) { in.Limit = &n }
}

func backwards(in *dynamodb.QueryInput) { in.ScanIndexForward = aws.Bool(false) }

func after(k it) func(*dynamodb.QueryInput) {
	return func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = k }
}

func onIndex(in *dynamodb.QueryInput) {
	in.IndexName, in.ConsistentRead = aws.String("due"), nil
}

func filtered(by, shown string) func(*dynamodb.QueryInput) {
	return func(in *dynamodb.QueryInput) {
		in.FilterExpression, in.ProjectionExpression = text(by), text(shown)
		in.ExpressionAttributeNames = named(*in.KeyConditionExpression, by, shown)
	}
}

func scan(by, shown string, values it) dynamodb.ScanInput {
	return dynamodb.ScanInput{
		TableName: table, FilterExpression: text(by), ProjectionExpression: text(shown),
		ExpressionAttributeNames: named(by, shown), ExpressionAttributeValues: values,
		ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: total,
	}
}

func gets(keys ...it) dynamodb.BatchGetItemInput {
	return dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{
			tableName: {Keys: keys, ConsistentRead: aws.Bool(true)},
		},
		ReturnConsumedCapacity: total,
	}
}

func writes(all ...types.WriteRequest) dynamodb.BatchWriteItemInput {
	return dynamodb.BatchWriteItemInput{
		RequestItems:           map[string][]types.WriteRequest{tableName: all},
		ReturnConsumedCapacity: total,
	}
}

func putOf(item it) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
}

func deleteOf(k it) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k}}
}

func transaction(steps ...types.TransactWriteItem) dynamodb.TransactWriteItemsInput {
	return dynamodb.TransactWriteItemsInput{TransactItems: steps, ReturnConsumedCapacity: total}
}

func tokened(token string, in dynamodb.TransactWriteItemsInput) dynamodb.TransactWriteItemsInput {
	in.ClientRequestToken = &token
	return in
}

func puts(item it, condition string, values it) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: table, Item: item, ConditionExpression: text(condition),
		ExpressionAttributeNames: named(condition), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: old,
	}}
}

func updates(k it, expression, condition string, values it) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: table, Key: k, UpdateExpression: text(expression),
		ConditionExpression:       text(condition),
		ExpressionAttributeNames:  named(expression, condition),
		ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old,
	}}
}

func deletes(k it, condition string, values it) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{
		TableName: table, Key: k, ConditionExpression: text(condition),
		ExpressionAttributeNames: named(condition), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: old,
	}}
}

func checks(k it, condition string, values it) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: table, Key: k, ConditionExpression: text(condition),
		ExpressionAttributeNames: named(condition), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: old,
	}}
}

// many are n things that f makes of their numbers.
func many[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func long(n int) types.AttributeValue { return s(strings.Repeat("x", n)) }

// deep is a value with so many lists around it.
func deep(levels int) types.AttributeValue {
	v := s("x")
	for range levels {
		v = l(v)
	}
	return v
}

func numbered(i int) string { return fmt.Sprintf("%03d", i) }

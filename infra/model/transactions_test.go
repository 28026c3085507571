package model_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func batches() []statement {
	return []statement{
		{name: "batch of gets", in: gets(key("q", "001"), key("q", "002"), key("q", "none")), differs: local(freeNothing)},
		{name: "one twice", in: gets(key("q", "001"), key("q", "001"))},
		{name: "100 gets", in: gets(many(100, func(i int) it { return key("q", numbered(i)) })...),
			differs: local(freeNothing)},
		{name: "101 gets", in: gets(many(101, func(i int) it { return key("q", numbered(i)) })...)},
		{name: "a get with half a key", in: gets(it{"PK": s("q")})},
		{name: "a get with more than a key", in: gets(with(key("q", "1"), it{"x": n("1")}))},
		{name: "a get with an empty key", in: gets(key("", "1"))},
		{name: "batch of writes", in: writes(
			putOf(with(key("w", "1"), it{"x": long(2000)})), deleteOf(key("w", "2"))),
			differs: local("counts more for a delete of nothing")},
		{name: "a write twice", in: writes(putOf(key("w", "1")), deleteOf(key("w", "1")))},
		{name: "26 writes", in: writes(many(26, func(i int) types.WriteRequest {
			return putOf(key("w", numbered(i)))
		})...)},
		{name: "no write", in: writes()},
	}
}

func transactions() []statement {
	one := it{":one": n("1")}
	moved := transaction(
		puts(with(key("t", "1"), it{"x": n("1")}), "attribute_not_exists(PK)", nil),
		updates(key("t", "2"), "ADD #x :one", "", one),
		checks(key("q", "001"), "attribute_exists(PK)", nil),
		deletes(key("q", "002"), "#kind = :x", it{":x": s("x")}),
	)
	counted := transaction(updates(key("t", "count"), "ADD #x :one", "", one))
	return []statement{
		{name: "a transaction", in: moved, differs: local("counts one item of a partition")},
		{name: "the same again", in: moved},
		{name: "what it has written", in: query("PK = :pk", it{":pk": s("t")})},
		{name: "one of 2 KB", in: transaction(
			puts(with(key("t", "3"), it{"x": long(2000)}), "", nil),
			updates(key("t", "2"), "ADD #x :one", "", one))},
		{name: "with a token", in: tokened("token-1", counted)},
		{name: "with the same token", in: tokened("token-1", counted)},
		{name: "with the same token and something else", in: tokened("token-1", transaction(
			updates(key("t", "count"), "ADD #x :one", "", it{":one": n("2")})))},
		{name: "counted once", in: getItem(key("t", "count"))},
		{name: "refused with a token", in: tokened("token-2", transaction(
			checks(key("t", "count"), "#x = :one", it{":one": n("2")}),
			updates(key("t", "count2"), "ADD #x :one", "", one)))},
		{name: "refused with the same token", in: tokened("token-2", transaction(
			checks(key("t", "count"), "#x = :one", it{":one": n("2")}),
			updates(key("t", "count2"), "ADD #x :one", "", one)))},
		{name: "nothing was counted", in: getItem(key("t", "count2"))},
		{name: "two refused of three", in: transaction(
			checks(key("t", "1"), "#x = :one", it{":one": n("7")}),
			updates(key("t", "2"), "SET #y = :one", "", one),
			puts(key("t", "1x"), "attribute_exists(PK)", nil))},
		{name: "an update that does not fit", in: transaction(
			updates(key("q", "001"), "ADD #kind :one", "", one)), differs: local(whole)},
		{name: "an update of nothing", in: transaction(
			updates(key("t", "2"), "SET #a = #nothing + :one", "", one)), differs: local(whole)},
		{name: "one that becomes too large", in: transaction(
			updates(key("t", "2"), "SET #a = :long", "", it{":long": long(400 << 10)})), differs: local(whole)},
		{name: "a put that is too large", in: transaction(
			puts(with(key("t", "9"), it{"x": long(400 << 10)}), "", nil))},
		{name: "an entry of the index", in: transaction(
			updates(key("t", "2"), "SET duePK = :a, dueSK = :b", "", it{":a": s("due#2"), ":b": s("1")})), differs: local(indexUnits)},
		{name: "another entry", in: transaction(
			updates(key("t", "2"), "SET dueSK = :b", "", it{":b": s("2")})), differs: local(indexUnits)},
		{name: "an item twice", in: transaction(
			updates(key("t", "2"), "ADD #x :one", "", one), checks(key("t", "2"), "attribute_exists(PK)", nil))},
		{name: "100 steps", in: transaction(many(100, func(i int) types.TransactWriteItem {
			return puts(key("many", numbered(i)), "", nil)
		})...), differs: local("counts one item of a partition")},
		{name: "101 steps", in: transaction(many(101, func(i int) types.TransactWriteItem {
			return puts(key("many", numbered(i)), "", nil)
		})...)},
		{name: "more than 4 MB", in: transaction(many(11, func(i int) types.TransactWriteItem {
			return puts(with(key("many", numbered(i)), it{"x": long(390 << 10)}), "", nil)
		})...)},
		{name: "a step of no table", in: transaction(types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String("none"), Key: key("a", "1"),
		}})},
		{name: "a step with an unused value", in: transaction(
			updates(key("t", "2"), "SET #y = :one", "", it{":one": n("1"), ":two": n("2")})), differs: dynoxide("cancels for it")},
	}
}

func refused() []statement {
	other := getItem(key("a", "1"))
	other.TableName = aws.String("none")
	unused := deleteItem(key("a", "1"), "attribute_exists(PK)", nil)
	unused.ExpressionAttributeNames = map[string]string{"#x": "x"}
	undefined := deleteItem(key("a", "1"), "#x = :v", it{":v": n("1")})
	undefined.ExpressionAttributeNames = nil
	empty := deleteItem(key("a", "1"), "attribute_exists(PK)", nil)
	empty.ExpressionAttributeValues = it{}
	rows := []statement{
		{name: "no such table", in: other},
		{name: "a query of no table", in: dynamodb.QueryInput{
			TableName: aws.String("none"), KeyConditionExpression: aws.String("PK = :pk"),
			ExpressionAttributeValues: it{":pk": s("q")},
		}},
		{name: "an unused name", in: unused},
		{name: "an undefined name", in: undefined},
		{name: "no values", in: empty},
		{name: "an undefined value", in: deleteItem(key("a", "1"), "#x = :v", nil)},
		{name: "an unused value", in: deleteItem(key("a", "1"), "attribute_exists(PK)", it{":v": n("1")})},
		{name: "an item without a key", in: putItem(it{"PK": s("a")}, "", nil)},
		{name: "an item with a number as key", in: putItem(it{"PK": s("a"), "SK": n("1")}, "", nil)},
		{name: "an item with an empty key", in: putItem(key("a", ""), "", nil)},
		{name: "a long partition key", in: putItem(it{"PK": long(2048), "SK": s("a")}, "", nil)},
		{name: "a longer one", in: putItem(it{"PK": long(2049), "SK": s("a")}, "", nil)},
		{name: "a long sort key", in: putItem(it{"PK": s("a"), "SK": long(1024)}, "", nil)},
		{name: "a longer sort key", in: putItem(it{"PK": s("a"), "SK": long(1025)}, "", nil)},
		{name: "an empty set", in: putItem(with(key("a", "e"), it{"x": ss()}), "", nil)},
		{name: "a set with one twice", in: putItem(with(key("a", "e"), it{"x": ss("a", "a")}), "", nil)},
		{name: "numbers with one twice", in: putItem(with(key("a", "e"), it{"x": ns("1", "1.0")}), "", nil)},
		{name: "a number as entry of the index", in: putItem(with(key("a", "e"), it{"duePK": n("1")}), "", nil)},
		{name: "an empty entry of the index", in: putItem(with(key("a", "e"), it{"duePK": s("")}), "", nil)},
		{name: "31 lists", in: putItem(with(key("a", "e"), it{"x": deep(31)}), "", nil)},
		{name: "33 lists", in: putItem(with(key("a", "e"), it{"x": deep(33)}), "", nil)},
	}
	for _, condition := range []string{
		"#x = ", "#x == :v", "(#x = :v", "#x = :v)", "#x", "attribute_exists(:v)", "nonsense(#x, :v)",
		"#x = :v AND", "begins_with(#x)", "#x BETWEEN :v", "#x IN ()",
	} {
		rows = append(rows, statement{name: "the condition " + condition,
			in: deleteItem(key("a", "1"), condition, it{":v": n("1")})})
	}
	for _, expression := range []string{
		"SET", "SET #x", "SET #x = :v,", "ADD #x #y", "SET :v = #x", "NONSENSE #x", "ADD #x = :v",
	} {
		rows = append(rows, statement{name: "the update " + expression,
			in: updateItem(key("a", "1"), expression, "", it{":v": n("1")})})
	}
	return rows
}

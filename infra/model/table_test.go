package model_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/engine"
)

// statements are all requests that the model knows, and those that it refuses.
func statements() (all []statement) {
	for _, part := range [][]statement{
		values(), conditions(), updating(), reading(), batches(), transactions(), refused(),
	} {
		all = append(all, part...)
	}
	return all
}

var full = with(key("a", "1"), it{
	"text": s("words"), "empty": s(""), "number": n("12"), "yes": boolean(true),
	"bytes": bin("\x00\x01"), "map": m(it{"in": n("1"), "more": s("x"), "none": m(it{})}),
	"list": l(s("a"), n("2")), "set": ss("b", "a"), "numbers": ns("1", "2.5"),
	"null": &types.AttributeValueMemberNULL{Value: true},
})

func values() []statement {
	rows := []statement{
		{name: "put", in: putItem(full, "", nil)},
		{name: "get", in: getItem(key("a", "1"))},
		{name: "get what is not there", in: getItem(key("a", "no"))},
		{name: "put again, larger", in: putItem(with(full, it{"long": long(3000)}), "", nil)},
		{name: "put again, smaller", in: putItem(full, "", nil)},
		{name: "put with an entry of the index", in: putItem(
			with(key("a", "2"), it{"duePK": s("d#1"), "dueSK": s("5")}), "", nil)},
		{name: "put with the same entry", in: putItem(
			with(key("a", "2"), it{"duePK": s("d#1"), "dueSK": s("5"), "x": n("1")}), "", nil)},
		{name: "put with another entry", in: putItem(
			with(key("a", "2"), it{"duePK": s("d#1"), "dueSK": s("6")}), "", nil)},
		{name: "put with a part of an entry", in: putItem(
			with(key("a", "2"), it{"duePK": s("d#1")}), "", nil)},
		{name: "a long item", in: putItem(with(key("a", "long"), it{"x": long(5000)}), "", nil)},
		{name: "read a long item", in: getItem(key("a", "long"))},
		{name: "the longest item", in: putItem(
			with(key("a", "long"), it{"x": long(400<<10 - 10)}), "", nil)},
		{name: "a byte too long", in: putItem(
			with(key("a", "long"), it{"x": long(400<<10 - 9)}), "", nil)},
		{name: "delete it", in: deleteItem(key("a", "long"), "", nil)},
		{name: "delete what is not there", in: deleteItem(key("a", "long"), "", nil)},
	}
	for _, number := range []string{
		"0", "-0", "1.0", "0100", "1e3", "1.5E-3", "-12.50", "0.1", "123456789012345678901234567890",
		strings.Repeat("9", 38), strings.Repeat("9", 39), "1e125", "1e126", "1e-130", "1e-131", "",
		"x", "1.2.3", "+5",
	} {
		rows = append(rows,
			statement{name: "the number " + number, in: putItem(
				with(key("n", "1"), it{"x": n(number)}), "", nil)},
			statement{name: "read the number " + number, in: getItem(key("n", "1"))},
			statement{name: "add to the number " + number, in: updateItem(
				key("n", "1"), "SET #x = #x + :n", "", it{":n": n("0.25")})},
		)
	}
	return rows
}

func conditions() (rows []statement) {
	for _, row := range []struct {
		condition string
		values    it
	}{
		{"attribute_exists(PK)", nil},
		{"attribute_not_exists(PK)", nil},
		{"attribute_exists(#map.#in)", nil},
		{"attribute_exists(#map.#out)", nil},
		{"attribute_exists(#text.#in)", nil},
		{"NOT attribute_exists(#no)", nil},
		{"#number = :v", it{":v": n("12.0")}},
		{"#number = :v", it{":v": s("12")}},
		{"#number <> :v", it{":v": n("12")}},
		{"#number <> :v", it{":v": s("12")}},
		{"#no = :v", it{":v": n("1")}},
		{"#no <> :v", it{":v": n("1")}},
		{"#no < :v", it{":v": n("1")}},
		{"#number < :v", it{":v": n("100")}},
		{"#number <= :v", it{":v": n("12")}},
		{"#number > :v", it{":v": n("-3")}},
		{"#number >= :v", it{":v": n("12.5")}},
		{"#text > :v", it{":v": s("word")}},
		{"#text < :v", it{":v": n("1")}},
		{"#bytes = :v", it{":v": bin("\x00\x01")}},
		{"#bytes < :v", it{":v": bin("\x01")}},
		{"#yes = :v", it{":v": boolean(true)}},
		{"#set = :v", it{":v": ss("a", "b")}},
		{"#set = :v", it{":v": ss("a")}},
		{"#list = :v", it{":v": l(s("a"), n("2.0"))}},
		{"#map = :v", it{":v": m(it{"in": n("1"), "more": s("x"), "none": m(it{})})}},
		{"#map.#in = :v", it{":v": n("1")}},
		{"#number BETWEEN :a AND :b", it{":a": n("1"), ":b": n("12")}},
		{"#number BETWEEN :a AND :b AND #text = :c", it{":a": n("1"), ":b": n("9"), ":c": s("words")}},
		{"#text IN (:a, :b)", it{":a": s("x"), ":b": s("words")}},
		{"#text IN (:a, :b)", it{":a": s("x"), ":b": n("1")}},
		{"begins_with(#text, :v)", it{":v": s("wor")}},
		{"begins_with(#number, :v)", it{":v": s("1")}},
		{"contains(#set, :v)", it{":v": s("a")}},
		{"contains(#set, :v)", it{":v": s("z")}},
		{"contains(#list, :v)", it{":v": n("2")}},
		{"contains(#text, :v)", it{":v": s("ord")}},
		{"size(#set) < :v", it{":v": n("3")}},
		{"size(#text) = :v", it{":v": n("5")}},
		{"size(#map) = :v", it{":v": n("3")}},
		{"size(#number) < :v", it{":v": n("100")}},
		{"size(#no) < :v", it{":v": n("100")}},
		{"#no = :v OR #number = :w AND #yes = :x", it{":v": n("1"), ":w": n("12"), ":x": boolean(true)}},
		{"(#no = :v OR #number = :w) AND #yes = :x", it{
			":v": n("1"), ":w": n("12"), ":x": boolean(false)}},
		{"NOT (#number = :v) or #text = :w", it{":v": n("12"), ":w": s("words")}},
		{"#number < :a AND NOT #number < :b", it{":a": n("13"), ":b": n("12")}},
	} {
		name := "if " + row.condition
		for _, v := range row.values {
			name += " " + valueText(v)
		}
		rows = append(rows,
			statement{name: name, in: deleteItem(key("a", "1"), row.condition, row.values)},
			statement{name: "put back", in: putItem(full, "", nil)})
	}
	return rows
}

func updating() (rows []statement) {
	for _, row := range []struct {
		expression, condition string
		values                it
	}{
		{"SET #x = :v", "", it{":v": n("1")}},
		{"SET #x = #x + :v, #y = #x", "", it{":v": n("2")}},
		{"SET #x = #x - :v", "attribute_exists(PK)", it{":v": n("5")}},
		{"SET #x = :w - #x", "", it{":w": n("5")}},
		{"SET #x = :v", "#x = :was", it{":v": n("1"), ":was": n("99")}},
		{"SET #z = if_not_exists(#z, :zero) + :v", "", it{":zero": n("0"), ":v": n("5")}},
		{"SET #z = if_not_exists(#z, :zero) + :v", "", it{":zero": n("0"), ":v": n("5")}},
		{"SET #x = #nothing + :v", "", it{":v": n("1")}},
		{"SET #x = #text + :v", "", it{":v": n("1")}},
		{"SET #x = #nothing", "", nil},
		{"SET #map.#in = #map.#in + :v, #map.#new = :v", "", it{":v": n("1")}},
		{"SET #map.#none.#deep = :v", "", it{":v": n("1")}},
		{"SET #none.#in = :v", "", it{":v": n("1")}},
		{"SET #text.#in = :v", "", it{":v": n("1")}},
		{"REMOVE #map.#new, #y", "", nil},
		{"REMOVE #nothing", "", nil},
		{"REMOVE #nothing.#in", "", nil},
		{"ADD #x :v", "", it{":v": n("0.5")}},
		{"ADD #count :v", "", it{":v": n("3")}},
		{"ADD #text :v", "", it{":v": n("3")}},
		{"ADD #set :v", "", it{":v": ss("a", "c")}},
		{"ADD #fresh :v SET #x = :w", "", it{":v": ss("q"), ":w": n("8")}},
		{"ADD #set :v", "", it{":v": ns("1")}},
		{"ADD #set :v", "", it{":v": s("d")}},
		{"DELETE #set :v", "", it{":v": ss("a", "zz")}},
		{"DELETE #fresh :v", "", it{":v": ss("q")}},
		{"DELETE #fresh :v", "", it{":v": ss("q")}},
		{"SET #a = :v REMOVE #b ADD #c :v DELETE #d :s", "", it{":v": n("1"), ":s": ss("x")}},
		{"SET #x = :v, #x = :v", "", it{":v": n("1")}},
		{"SET #map.#in = :v, #map = :v", "", it{":v": n("1")}},
		{"SET #x = :v SET #y = :v", "", it{":v": n("1")}},
		{"SET PK = :v", "", it{":v": s("b")}},
		{"SET duePK = :v, dueSK = :w", "", it{":v": s("d#1"), ":w": s("7")}},
		{"SET dueSK = :w", "", it{":w": s("8")}},
		{"SET dueSK = :w", "", it{":w": n("8")}},
		{"SET dueSK = :w", "", it{":w": s("")}},
		{"SET #long = :v", "", it{":v": long(400 << 10)}},
		{"REMOVE duePK, dueSK", "", nil},
	} {
		name := row.expression
		for _, v := range row.values {
			name += " " + valueText(v)
		}
		var differs map[engine.Kind]string
		if row.expression == "REMOVE #nothing.#in" {
			differs = dynoxide("removes what cannot be there")
		}
		rows = append(rows, statement{name: name, differs: differs,
			in: updateItem(key("a", "1"), row.expression, row.condition, row.values)})
	}
	for _, what := range []types.ReturnValue{
		types.ReturnValueUpdatedNew, types.ReturnValueAllOld, types.ReturnValueNone,
	} {
		in := updateItem(key("a", "1"), "ADD #count :v SET #w = :v REMOVE #z", "", it{":v": n("1")})
		in.ReturnValues = what
		rows = append(rows, statement{name: "returning " + string(what), in: in})
	}
	rows = append(rows,
		statement{name: "update what is not there", in: updateItem(
			key("a", "new"), "ADD #ids :v", "attribute_not_exists(#ids) OR size(#ids) < :most",
			it{":v": ss("1"), ":most": n("1")})},
		statement{name: "update it beyond its condition", in: updateItem(
			key("a", "new"), "ADD #ids :v", "attribute_not_exists(#ids) OR size(#ids) < :most",
			it{":v": ss("2"), ":most": n("1")})},
		statement{name: "update what must be there", in: updateItem(
			key("a", "not"), "SET #x = :v", "attribute_exists(PK)", it{":v": n("1")})},
	)
	return rows
}

func reading() (rows []statement) {
	for i := range 12 {
		rows = append(rows, statement{name: "put a row", in: putItem(with(key("q", numbered(i)), it{
			"duePK": s("due#1"), "dueSK": s(numbered(100 - i/2)), "kind": s([]string{"x", "y"}[i%2]),
		}), "", nil)})
	}
	all := it{":pk": s("q")}
	some := it{":pk": s("q"), ":from": s("003"), ":to": s("006")}
	from := it{":pk": s("q"), ":from": s("003")}
	rows = append(rows, []statement{
		{name: "a partition", in: query("PK = :pk", all)},
		{name: "an empty one", in: query("PK = :pk", it{":pk": s("no")}), differs: local(freeNothing)},
		{name: "backwards", in: query("PK = :pk", all, backwards)},
		{name: "a span", in: query("PK = :pk AND SK BETWEEN :from AND :to", some)},
		{name: "a span backwards, two", in: query(
			"PK = :pk AND SK BETWEEN :from AND :to", some, backwards, limit(2))},
		{name: "from", in: query("PK = :pk AND SK >= :from", from)},
		{name: "above", in: query("PK = :pk AND SK > :from", from)},
		{name: "below", in: query("PK = :pk AND SK < :from", from)},
		{name: "up to", in: query("PK = :pk AND SK <= :from", from)},
		{name: "one", in: query("SK = :from AND PK = :pk", from), differs: dynoxide("wants the partition key first")},
		{name: "a prefix", in: query("PK = :pk AND begins_with(SK, :from)", it{
			":pk": s("q"), ":from": s("00")})},
		{name: "a page", in: query("PK = :pk", all, limit(5))},
		{name: "the next", in: query("PK = :pk", all, limit(5), after(key("q", "004")))},
		{name: "a page that ends exactly", in: query("PK = :pk", all, limit(12))},
		{name: "after the last", in: query("PK = :pk", all, after(key("q", "011"))), differs: local(freeNothing)},
		{name: "after a key that is not there", in: query("PK = :pk", all, after(key("q", "004x")))},
		{name: "backwards after", in: query("PK = :pk", all, backwards, limit(3), after(key("q", "004")))},
		{name: "the index", in: query("duePK = :pk AND dueSK <= :now", it{
			":pk": s("due#1"), ":now": s("099")}, onIndex), differs: local(equalKeys)},
		{name: "a page of the index", in: query("duePK = :pk AND dueSK <= :now", it{
			":pk": s("due#1"), ":now": s("098")}, onIndex, limit(2)), differs: local(equalKeys)},
		{name: "nothing in the index", in: query("duePK = :pk", it{":pk": s("none")}, onIndex), differs: local(freeNothing)},
		{name: "filtered", in: query("PK = :pk", with(all, it{":k": s("x")}), filtered("#kind = :k", ""))},
		{name: "filtered, a page", in: query("PK = :pk", with(all, it{":k": s("x")}),
			filtered("#kind = :k", ""), limit(3))},
		{name: "some attributes", in: query("PK = :pk", all, filtered("", "SK, #kind, #none"))},
		{name: "backwards span", in: query("PK = :pk AND SK BETWEEN :to AND :from", some)},
		{name: "a query without the partition", in: query("SK = :from", it{":from": s("x")})},
		{name: "a query of two partitions", in: query("PK >= :pk", all)},
		{name: "a query with OR", in: query("PK = :pk OR SK = :from", from)},
		{name: "a query of another attribute", in: query("PK = :pk AND #kind = :from", from)},
		{name: "no such index", in: query("PK = :pk", all, func(in *dynamodb.QueryInput) {
			in.IndexName, in.ConsistentRead = aws.String("none"), nil
		})},
		{name: "the index consistently", in: query("duePK = :pk", all, func(in *dynamodb.QueryInput) {
			in.IndexName = aws.String("due")
		})},
		{name: "eventually", in: query("PK = :pk", all, func(in *dynamodb.QueryInput) {
			in.ConsistentRead = nil
		})},
		{name: "limit 0", in: query("PK = :pk", all, limit(0))},
		{name: "all", in: scan("", "", nil)},
		{name: "all of a kind", in: scan("begins_with(PK, :q) AND #kind IN (:x, :z)", "", it{
			":q": s("q"), ":x": s("x"), ":z": s("z")})},
		{name: "keys of all", in: scan("", "PK, SK, #kind", nil)},
	}...)
	for i := range 5 {
		rows = append(rows, statement{name: "put a large row", in: putItem(
			with(key("large", numbered(i)), it{"x": long(300 << 10)}), "", nil)})
	}
	return append(rows,
		statement{name: "more than a page has", in: query("PK = :pk", it{":pk": s("large")}), differs: dynoxide("ends a page before 1 MB")},
		statement{name: "the rest", in: query("PK = :pk", it{":pk": s("large")}, after(key("large", "003")))},
		statement{name: "all, more than a page has", in: func() dynamodb.ScanInput {
			in := scan("PK = :pk", "SK", it{":pk": s("none")})
			in.Limit = aws.Int32(3)
			return in
		}()},
	)
}

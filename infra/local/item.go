package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/store"
)

type attributes = map[string]types.AttributeValue

// showItem prints the item with a key as a person reads it, or without a sort
// key a line for each item of the partition. It fails when there is none. The
// table is the one that TABLE_NAME names, or else that of the local stack.
func showItem(ctx context.Context, out io.Writer, pk, sk string) error {
	if pk == "" {
		return errors.New("say which item: make item PK='P#...' [SK=P]")
	}
	ctx, cancel := context.WithTimeout(ctx, grantPatience)
	defer cancel()
	p, err := findTable(ctx, fromEnvironment(), os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	in := &dynamodb.QueryInput{
		TableName: &p.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("PK = :pk"),
		ExpressionAttributeValues: attributes{":pk": &types.AttributeValueMemberS{Value: pk}},
	}
	if sk != "" {
		in.KeyConditionExpression = aws.String("PK = :pk AND SK = :sk")
		in.ExpressionAttributeValues[":sk"] = &types.AttributeValueMemberS{Value: sk}
	}
	found := 0
	for pages := dynamodb.NewQueryPaginator(p.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for _, it := range page.Items {
			found++
			if sk == "" {
				fmt.Fprintf(out, "%-20s %s\n", kindOf(it), plainText(it["SK"]))
			} else {
				describeItem(out, it)
			}
		}
	}
	if found == 0 && sk == "" {
		return fmt.Errorf("no item has the key PK=%s in %s", pk, p.name)
	}
	if found == 0 {
		return fmt.Errorf("no item has the key PK=%s SK=%s in %s", pk, sk, p.name)
	}
	fmt.Fprintf(out, "(%s)\n", p.name)
	return nil
}

// kindOf is the kind that an item carries, or else that of its key.
func kindOf(it attributes) string {
	if kind := plainText(it["itemKind"]); kind != "" {
		return kind
	}
	if kind := store.KindOf(plainText(it["PK"]), plainText(it["SK"])); kind != "" {
		return string(kind)
	}
	return "unknown"
}

func plainText(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// describeItem prints the kind, the key and the attributes in their order.
func describeItem(out io.Writer, it attributes) {
	fmt.Fprintf(out, "%-20s %s\n", "kind", kindOf(it))
	for _, name := range []string{"PK", "SK"} {
		fmt.Fprintf(out, "%-20s %s\n", name, plainText(it[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(it)) {
		if name != "PK" && name != "SK" && name != "itemKind" {
			fmt.Fprintf(out, "%-20s %s\n", name, legible(name, it[name]))
		}
	}
}

// hidden are the attributes, in small letters, of which only the length is
// shown, beside all bytes: those are hashes, MACs, digests and sealed values.
var hidden = []string{
	"passwordhash", "hash", "mac", "sealed", "data", "answer", "authenticator", "setup", "recovery",
	"confirmcodes", "answercodes", "ids",
}

// legible is an attribute as a person reads it.
func legible(name string, v types.AttributeValue) string {
	secret := slices.Contains(hidden, strings.ToLower(name))
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		if secret {
			return fmt.Sprintf("(%d characters, not shown)", len(v.Value))
		}
		return strconv.Quote(v.Value)
	case *types.AttributeValueMemberN:
		return v.Value + timeOf(name, v.Value)
	case *types.AttributeValueMemberBOOL:
		return strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("(%d bytes, not shown)", len(v.Value))
	case *types.AttributeValueMemberL:
		if secret {
			return fmt.Sprintf("(%d values, not shown)", len(v.Value))
		}
		parts := make([]string, len(v.Value))
		for i, part := range v.Value {
			parts[i] = legible("", part)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *types.AttributeValueMemberM:
		if secret {
			return fmt.Sprintf("(%d values, not shown)", len(v.Value))
		}
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v.Value)) {
			parts = append(parts, name+": "+legible(name, v.Value[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *types.AttributeValueMemberSS:
		if secret {
			return fmt.Sprintf("(%d values, not shown)", len(v.Value))
		}
		return fmt.Sprintf("%q", v.Value)
	case *types.AttributeValueMemberBS:
		return fmt.Sprintf("(%d values, not shown)", len(v.Value))
	case *types.AttributeValueMemberNULL:
		return "null"
	}
	return fmt.Sprintf("%T", v)
}

// timeOf is a number as a time behind it: seconds in ttl and kept, milliseconds
// elsewhere. A number that is no time of this century has none.
func timeOf(name, text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return ""
	}
	if slices.Contains([]string{"ttl", "kept", "beforeKept"}, name) {
		n *= 1000
	}
	if t := time.UnixMilli(n).UTC(); t.Year() >= 2001 && t.Year() < 2100 {
		return " (" + t.Format("2006-01-02T15:04:05.000Z") + ")"
	}
	return ""
}

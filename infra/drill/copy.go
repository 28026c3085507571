package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type item = map[string]types.AttributeValue

// readTable reads all items of a table, consistently.
func readTable(
	ctx context.Context, client *dynamodb.Client, table string,
) (items []item, err error) {
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{
		TableName: &table, ConsistentRead: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
	}
	return items, nil
}

// writeExport writes items in the format in which DynamoDB exports a table:
// packed lines of JSON, {"Item": {...}} each.
func writeExport(to io.Writer, items []item) error {
	packed := gzip.NewWriter(to)
	for _, i := range items {
		text, err := attributevalue.MarshalMapJSON(i)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(packed, "{\"Item\":%s}\n", text); err != nil {
			return err
		}
	}
	return packed.Close()
}

// longestLine is more than an item of 400 KB takes as JSON.
const longestLine = 4 << 20

func readExport(from io.Reader) (items []item, err error) {
	unpacked, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var line struct{ Item json.RawMessage }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, err
		}
		i, err := attributevalue.UnmarshalMapJSON(line.Item)
		if err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, lines.Err()
}

const (
	batch        = 25 // items of one write; DynamoDB takes no more
	mostAttempts = 10
)

// fill writes items into a table.
func fill(ctx context.Context, client *dynamodb.Client, table string, items []item) error {
	for some := range slices.Chunk(items, batch) {
		var left []types.WriteRequest
		for _, i := range some {
			left = append(left, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
		}
		for attempt := 0; len(left) > 0; attempt++ {
			if attempt == mostAttempts {
				return fmt.Errorf("%d items are not taken by the table %s", len(left), table)
			}
			out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{table: left},
			})
			if err != nil {
				return err
			}
			if left = out.UnprocessedItems[table]; len(left) > 0 {
				time.Sleep(time.Duration(attempt+1) * 50 * time.Millisecond)
			}
		}
	}
	return nil
}

// snapshot is a table as one text for each item, by its key.
type snapshot map[string]string

func snapshotOf(items []item) (snapshot, error) {
	s := snapshot{}
	for _, i := range items {
		text, err := attributevalue.MarshalMapJSON(i)
		if err != nil {
			return nil, err
		}
		var sorted any
		if err := json.Unmarshal(text, &sorted); err != nil {
			return nil, err
		}
		if text, err = json.Marshal(inOrder(sorted)); err != nil {
			return nil, err
		}
		s[plain(i["PK"])+" "+plain(i["SK"])] = string(text)
	}
	if len(s) != len(items) {
		return nil, fmt.Errorf("%d items have %d keys", len(items), len(s))
	}
	return s, nil
}

// inOrder sorts the sets of a value, whose order means nothing.
func inOrder(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		if list, ok := v.([]any); ok {
			for i := range list {
				list[i] = inOrder(list[i])
			}
		}
		return v
	}
	for name, inner := range object {
		set, isList := inner.([]any)
		if isList && slices.Contains([]string{"SS", "NS", "BS"}, name) {
			slices.SortFunc(set, func(a, b any) int {
				return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
			})
			continue
		}
		object[name] = inOrder(inner)
	}
	return object
}

func plain(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return fmt.Sprintf("%T", v)
}

// differences says which items a table lacks, has changed, or has beside those
// of another.
func (s snapshot) differences(restored snapshot) (out []string) {
	for key, text := range s {
		switch other, ok := restored[key]; {
		case !ok:
			out = append(out, "missing: "+key)
		case other != text:
			out = append(out, "changed: "+key)
		}
	}
	for key := range restored {
		if _, ok := s[key]; !ok {
			out = append(out, "new: "+key)
		}
	}
	slices.Sort(out)
	return out
}

// kinds counts items by their kind. Accounts have none of their own; see
// store.Kind.
func kinds(items []item) map[string]int {
	counts := map[string]int{}
	for _, i := range items {
		kind := "of no kind"
		if k, ok := i["itemKind"].(*types.AttributeValueMemberS); ok {
			kind = k.Value
		} else if plain(i["SK"]) == "A" {
			kind = "account"
		}
		counts[kind]++
	}
	return counts
}

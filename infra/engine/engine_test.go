package engine_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/engine"
	"profiles/infra/template"
)

// A folder's data are there again at the next start. With dynoxide, the records
// of streams have their index.
func TestAFolderKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
	dir := t.TempDir()
	key := map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: "a"}}
	table := template.Table{
		Key:        template.Key{Partition: "PK"},
		Attributes: map[string]string{"PK": "S"},
		StreamView: "KEYS_ONLY",
	}
	for start := range 2 {
		e, err := engine.Start(t.Context(), engine.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		client := e.Client()
		if err := engine.CreateTable(t.Context(), client, table, "Table", true); err != nil {
			t.Fatal(err)
		}
		found, err := client.GetItem(
			t.Context(),
			&dynamodb.GetItemInput{
				TableName:      aws.String("Table"),
				Key:            key,
				ConsistentRead: aws.Bool(true),
			},
		)
		if err != nil || (len(found.Item) > 0) != (start > 0) {
			t.Errorf("start %d: got %v, %v", start, found, err)
		}
		put := &dynamodb.PutItemInput{TableName: aws.String("Table"), Item: key}
		if _, err := client.PutItem(t.Context(), put); err != nil {
			t.Fatal(err)
		}
		e.Stop()
		if e.Kind != engine.Dynoxide {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, "dynoxide.db"))
		if err != nil {
			t.Fatal(err)
		}
		const index = "CREATE INDEX _stream_records_by_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER))"
		if !bytes.Contains(raw, []byte(index)) {
			t.Errorf("start %d: the database has no index of its streams' records", start)
		}
	}
}

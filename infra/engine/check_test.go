package engine_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/engine"
	"profiles/infra/template"
)

// A table takes the place of a stack's own only when it is like it. The
// settings that a restore leaves out must be restored by hand first.
func TestATableThatIsThereIsLikeTheTemplates(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err := engine.Start(t.Context(), engine.Options{})
	ok(err)
	defer e.Stop()
	file, err := template.Find()
	ok(err)
	declared, err := template.ReadLocal(file, nil)
	ok(err)
	const name = "Restored"
	refused := func(want string) {
		t.Helper()
		if _, err := engine.CheckTable(t.Context(), e.Client(), declared.Table, name); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	refused("ResourceNotFoundException")
	bare := declared.Table
	bare.TTLAttribute = ""
	ok(engine.CreateTable(t.Context(), e.Client(), bare, name, false))
	refused(`its stream is "", not "KEYS_ONLY"`)
	_, err = e.Client().UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String(name),
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly,
		},
	})
	ok(err)
	refused("its items do not expire by ttl")
	_, err = e.Client().UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(name),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String("ttl"), Enabled: aws.Bool(true),
		},
	})
	ok(err)
	if label, err := engine.CheckTable(t.Context(), e.Client(), declared.Table, name); err != nil ||
		label == "" {
		t.Errorf("got %q, %v", label, err)
	}
}

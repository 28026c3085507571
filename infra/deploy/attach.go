package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// tableFacts are what DynamoDB says of a table.
type tableFacts struct {
	Table struct {
		TableStatus               string
		DeletionProtectionEnabled bool
		KeySchema                 []struct{ AttributeName, KeyType string }
		GlobalSecondaryIndexes    []struct{ IndexName, IndexStatus string }
		StreamSpecification       struct {
			StreamEnabled  bool
			StreamViewType string
		}
		LatestStreamArn string
	}
}

func factsOf(ctx context.Context, aws cloud, name string) (t tableFacts, err error) {
	return t, aws.ask(ctx, &t, "dynamodb", "describe-table", "--table-name", name)
}

// attachable returns why a table cannot take the place of the stack's own, with
// what to do.
func (t tableFacts) attachable(name string) error {
	keys := ""
	for _, k := range t.Table.KeySchema {
		keys += k.KeyType + " " + k.AttributeName + " "
	}
	ready := slices.ContainsFunc(t.Table.GlobalSecondaryIndexes,
		func(i struct{ IndexName, IndexStatus string }) bool {
			return i.IndexName == "due" && i.IndexStatus == "ACTIVE"
		})
	switch stream := t.Table.StreamSpecification; {
	case t.Table.TableStatus != "ACTIVE":
		return fmt.Errorf("the table %s is %s: wait until it is ACTIVE", name, t.Table.TableStatus)
	case keys != "HASH PK RANGE SK ":
		return fmt.Errorf("the table %s is none of this service: its key is %s", name, keys)
	case !ready:
		return fmt.Errorf("the table %s has no index due that is ACTIVE: wait, or restore it with its index", name)
	// A global table has images, too.
	case !stream.StreamEnabled || stream.StreamViewType != "KEYS_ONLY" && stream.StreamViewType != "NEW_AND_OLD_IMAGES":
		return fmt.Errorf("the table %s has no stream with KEYS_ONLY: aws dynamodb update-table --table-name %[1]s "+
			"--stream-specification StreamEnabled=true,StreamViewType=KEYS_ONLY", name)
	}
	return nil
}

// attach looks up the stream of the table that an environment names in place of
// the stack's own, and writes it into samconfig.toml. It fails if the table
// cannot take that place.
func (d deployment) attach(
	ctx context.Context, aws cloud, name string, e environment, first bool,
) error {
	table, stream := e.parameters[existingTable], ""
	if table != "" {
		if first && e.parameters[existingSecret] == "" {
			return errors.New("ExistingTable needs the ExistingSecret with its keys: " +
				"a new key opens nothing of what the table keeps sealed")
		}
		facts, err := factsOf(ctx, aws, table)
		if err != nil {
			return fmt.Errorf("ExistingTable: %w", err)
		}
		if err := facts.attachable(table); err != nil {
			return err
		}
		stream = facts.Table.LatestStreamArn
	}
	if e.parameters[existingStream] == stream {
		return nil
	}
	e.parameters[existingStream] = stream
	return d.config.put(name, e, d.declared.parameters)
}

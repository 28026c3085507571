package model

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// createTable makes a table, which is there at once.
func (d *DB) createTable(in *dynamodb.CreateTableInput) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := aws.ToString(in.TableName)
	if d.tables[name] != nil {
		return nil, &types.ResourceInUseException{
			Message: aws.String("Cannot create preexisting table"),
		}
	}
	t := &table{
		description: types.TableDescription{
			TableName: aws.String(name), TableStatus: types.TableStatusActive,
			KeySchema: in.KeySchema, AttributeDefinitions: in.AttributeDefinitions,
		},
		indexes: map[string]*index{}, partitions: map[string]*partition{},
		buckets: map[place]*bucket{}, locks: map[place]uint64{},
		late: d.params.Late, earlier: map[place][]version{},
	}
	var err error
	if t.key, err = keyOf(in.KeySchema, in.AttributeDefinitions); err != nil {
		return nil, err
	}
	for _, g := range in.GlobalSecondaryIndexes {
		if g.Projection.ProjectionType != types.ProjectionTypeKeysOnly {
			return nil, fmt.Errorf("the model has no index with %s", g.Projection.ProjectionType)
		}
		x := &index{entries: map[string][]entry{}}
		if x.key, err = keyOf(g.KeySchema, in.AttributeDefinitions); err != nil {
			return nil, err
		}
		t.indexes[aws.ToString(g.IndexName)] = x
		t.description.GlobalSecondaryIndexes = append(t.description.GlobalSecondaryIndexes,
			types.GlobalSecondaryIndexDescription{
				IndexName: g.IndexName, KeySchema: g.KeySchema, Projection: g.Projection,
				IndexStatus: types.IndexStatusActive,
			})
	}
	d.tables[name] = t
	return &dynamodb.CreateTableOutput{TableDescription: new(t.description)}, nil
}

// keyOf reads a key of two texts.
func keyOf(of []types.KeySchemaElement, all []types.AttributeDefinition) (s schema, err error) {
	for _, e := range of {
		if e.KeyType == types.KeyTypeHash {
			s.partition = aws.ToString(e.AttributeName)
		} else {
			s.sort = aws.ToString(e.AttributeName)
		}
	}
	texts := 0
	for _, a := range all {
		if name := aws.ToString(a.AttributeName); (name == s.partition || name == s.sort) &&
			a.AttributeType == types.ScalarAttributeTypeS {
			texts++
		}
	}
	if texts != 2 {
		return s, fmt.Errorf("the model has no key but one of two texts: %v", s)
	}
	return s, nil
}

func (d *DB) describeTable(in *dynamodb.DescribeTableInput) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DescribeTableOutput{Table: new(t.description)}, nil
}

// describeTTL answers for the expiry, which is only remembered: DynamoDB takes
// days, and no code may rely on it.
func (d *DB) describeTTL(in *dynamodb.DescribeTimeToLiveInput) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return nil, err
	}
	said := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	if t.ttl != "" {
		said.TimeToLiveStatus, said.AttributeName = types.TimeToLiveStatusEnabled, aws.String(t.ttl)
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: said}, nil
}

func (d *DB) updateTTL(in *dynamodb.UpdateTimeToLiveInput) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return nil, err
	}
	t.ttl = aws.ToString(in.TimeToLiveSpecification.AttributeName)
	return &dynamodb.UpdateTimeToLiveOutput{
		TimeToLiveSpecification: in.TimeToLiveSpecification,
	}, nil
}

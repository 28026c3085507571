package template

import "go.yaml.in/yaml/v3"

// Table is the AWS::DynamoDB::Table.
type Table struct {
	LogicalID string
	// Attributes are the types (S, N or B) of the attributes used as keys.
	Attributes map[string]string
	Key        Key
	Indexes    []Index
	// TTLAttribute is empty when nothing expires.
	TTLAttribute string
	// StreamView is the stream's view type, empty without a stream.
	StreamView string
}

// Key names the attributes of a primary key; Sort is empty when there is only a
// partition key.
type Key struct {
	Partition string
	Sort      string
}

// Index is a global secondary index.
type Index struct {
	Name       string
	Key        Key
	Projection string
	// Included are the projected attributes when Projection is INCLUDE.
	Included []string
}

// keySchema is the way CloudFormation writes a Key.
type keySchema []struct {
	AttributeName string `yaml:"AttributeName"`
	KeyType       string `yaml:"KeyType"`
}

func (s keySchema) key() Key {
	var out Key
	for _, element := range s {
		if element.KeyType == "HASH" {
			out.Partition = element.AttributeName
		} else {
			out.Sort = element.AttributeName
		}
	}
	return out
}

func (r *resolver) table(id, properties *yaml.Node) (Table, error) {
	var raw struct {
		AttributeDefinitions []struct {
			AttributeName string `yaml:"AttributeName"`
			AttributeType string `yaml:"AttributeType"`
		} `yaml:"AttributeDefinitions"`
		KeySchema              keySchema `yaml:"KeySchema"`
		GlobalSecondaryIndexes []struct {
			IndexName  string    `yaml:"IndexName"`
			KeySchema  keySchema `yaml:"KeySchema"`
			Projection struct {
				ProjectionType   string   `yaml:"ProjectionType"`
				NonKeyAttributes []string `yaml:"NonKeyAttributes"`
			} `yaml:"Projection"`
		} `yaml:"GlobalSecondaryIndexes"`
		TimeToLiveSpecification struct {
			AttributeName string `yaml:"AttributeName"`
			Enabled       bool   `yaml:"Enabled"`
		} `yaml:"TimeToLiveSpecification"`
		StreamSpecification struct {
			StreamViewType string `yaml:"StreamViewType"`
		} `yaml:"StreamSpecification"`
	}
	resolved, err := r.merged(nil, properties)
	if err != nil {
		return Table{}, err
	}
	if err := r.decode(resolved, &raw); err != nil {
		return Table{}, err
	}
	out := Table{
		LogicalID:  id.Value,
		Attributes: map[string]string{},
		Key:        raw.KeySchema.key(),
		StreamView: raw.StreamSpecification.StreamViewType,
	}
	if raw.TimeToLiveSpecification.Enabled {
		out.TTLAttribute = raw.TimeToLiveSpecification.AttributeName
	}
	for _, attribute := range raw.AttributeDefinitions {
		out.Attributes[attribute.AttributeName] = attribute.AttributeType
	}
	for _, index := range raw.GlobalSecondaryIndexes {
		out.Indexes = append(out.Indexes, Index{
			Name:       index.IndexName,
			Key:        index.KeySchema.key(),
			Projection: index.Projection.ProjectionType,
			Included:   index.Projection.NonKeyAttributes,
		})
	}
	keys := []Key{out.Key}
	for _, index := range out.Indexes {
		keys = append(keys, index.Key)
	}
	for _, key := range keys {
		if out.Attributes[key.Partition] == "" || key.Sort != "" && out.Attributes[key.Sort] == "" {
			return Table{}, r.errorf(id, "%s has a key whose attribute is not defined", id.Value)
		}
	}
	return out, nil
}

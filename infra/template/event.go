package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Schedule is a rate expression. A disabled one is part of the result.
type Schedule struct {
	Every   time.Duration
	Enabled bool
}

// Stream is a trigger by the table's stream.
type Stream struct {
	BatchSize int
	// MaximumRetryAttempts is -1 when a batch is retried until it expires.
	MaximumRetryAttempts       int
	BisectBatchOnFunctionError bool
	ReportBatchItemFailures    bool
	// Filters are the patterns, JSON each; a record goes to the function when
	// one of them matches or there are none.
	Filters []string
	// OnFailure is the logical id of the queue for what could not be processed,
	// empty without one.
	OnFailure string
	Enabled   bool
}

func (r *resolver) event(out *Function, name, event *yaml.Node) error {
	kind := get(event, "Type")
	if kind == nil {
		return r.errorf(name, "event %s has no Type", name.Value)
	}
	properties := get(event, "Properties")
	switch kind.Value {
	case "Schedule", "ScheduleV2":
		raw := struct {
			Schedule           string `yaml:"Schedule"`
			ScheduleExpression string `yaml:"ScheduleExpression"`
			Enabled            bool   `yaml:"Enabled"`
			State              string `yaml:"State"`
			RoleArn            string `yaml:"RoleArn"`
			DeadLetterConfig   struct {
				Arn string `yaml:"Arn"`
			} `yaml:"DeadLetterConfig"`
		}{Enabled: true}
		if err := r.decode(properties, &raw); err != nil {
			return err
		}
		every, err := rate(raw.Schedule + raw.ScheduleExpression)
		if err != nil {
			return r.errorf(name, "event %s: %v", name.Value, err)
		}
		if raw.RoleArn != "" { // SAM makes one that may, otherwise
			const service = "scheduler.amazonaws.com"
			if err := r.mayInvoke(name, raw.RoleArn, service, out.LogicalID); err != nil {
				return err
			}
			if queue := raw.DeadLetterConfig.Arn; queue != "" &&
				!may(r.invokers[service+" "+raw.RoleArn], "sqs:SendMessage", queue) {
				return r.errorf(name, "%s may not send to %s", raw.RoleArn, queue)
			}
		}
		out.Schedules = append(
			out.Schedules,
			Schedule{Every: every, Enabled: raw.Enabled && raw.State != "DISABLED"},
		)
	case "SNS":
		topic := get(properties, "Topic")
		declared := r.resources[topicName(topic)]
		if kind := get(declared, "Type"); kind == nil || kind.Value != "AWS::SNS::Topic" {
			return r.errorf(name, "event %s: Topic must be a topic of this template", name.Value)
		}
		out.Topics = append(out.Topics, topic.Value)
	case "DynamoDB":
		return r.stream(out, name, properties)
	default:
		return r.errorf(
			kind,
			"event %s has the type %s, which is not understood here",
			name.Value,
			kind.Value,
		)
	}
	return nil
}

// topicName is the logical id of a topic, "" where none is named.
func topicName(topic *yaml.Node) string {
	if topic == nil {
		return ""
	}
	return topic.Value
}

// streamARN is that of a table's stream.
var streamARN = regexp.MustCompile(`^arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table/[^/]+/stream/\S+$`)

var rateExpression = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

func rate(expression string) (time.Duration, error) {
	match := rateExpression.FindStringSubmatch(expression)
	if match == nil {
		return 0, fmt.Errorf("%q is not of the form rate(5 minutes)", expression)
	}
	count, err := strconv.Atoi(match[1])
	if err != nil || count == 0 {
		return 0, fmt.Errorf("%q has no usable number", expression)
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[match[2]]
	return time.Duration(count) * unit, nil
}

func (r *resolver) stream(out *Function, name, properties *yaml.Node) error {
	raw := struct {
		Stream                     string   `yaml:"Stream"`
		BatchSize                  int      `yaml:"BatchSize"`
		Enabled                    bool     `yaml:"Enabled"`
		MaximumRetryAttempts       int      `yaml:"MaximumRetryAttempts"`
		BisectBatchOnFunctionError bool     `yaml:"BisectBatchOnFunctionError"`
		FunctionResponseTypes      []string `yaml:"FunctionResponseTypes"`
		FilterCriteria             struct {
			Filters []struct {
				Pattern string `yaml:"Pattern"`
			} `yaml:"Filters"`
		} `yaml:"FilterCriteria"`
		DestinationConfig struct {
			OnFailure struct {
				Destination string `yaml:"Destination"`
			} `yaml:"OnFailure"`
		} `yaml:"DestinationConfig"`
	}{BatchSize: 100, Enabled: true, MaximumRetryAttempts: -1}
	if err := r.decode(properties, &raw); err != nil {
		return err
	}
	if !strings.HasSuffix(raw.Stream, ".StreamArn") && !streamARN.MatchString(raw.Stream) {
		return r.errorf(name, "event %s: Stream must be the StreamArn of the table, "+
			"or the ARN of a stream", name.Value)
	}
	stream := Stream{
		BatchSize:                  raw.BatchSize,
		MaximumRetryAttempts:       raw.MaximumRetryAttempts,
		BisectBatchOnFunctionError: raw.BisectBatchOnFunctionError,
		Enabled:                    raw.Enabled,
	}
	for _, kind := range raw.FunctionResponseTypes {
		stream.ReportBatchItemFailures = stream.ReportBatchItemFailures ||
			kind == "ReportBatchItemFailures"
	}
	for _, filter := range raw.FilterCriteria.Filters {
		stream.Filters = append(stream.Filters, filter.Pattern)
	}
	if destination := raw.DestinationConfig.OnFailure.Destination; destination != "" {
		queue, isARN := strings.CutSuffix(destination, ".Arn")
		if !isARN {
			return r.errorf(
				name,
				"event %s: the destination must be the Arn of a queue",
				name.Value,
			)
		}
		stream.OnFailure = queue
	}
	out.Streams = append(out.Streams, stream)
	return nil
}

package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"profiles/shared/adapter"
	"profiles/shared/flow"
	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/value"
)

// Handler returns the Lambda handler of an operation, from an event to an
// answer, both JSON. The local stack and the tests call it, too.
func Handler(o operation.Operation, s *service.Services) lambda.Handler {
	return Behind(adapter.Edge{}, o, s)
}

// Behind is Handler behind an edge.
func Behind(e adapter.Edge, o operation.Operation, s *service.Services) lambda.Handler {
	return handler(o, &adapter.Function{Name: o.Name, Edge: e}, s)
}

func handler(
	o operation.Operation, f *adapter.Function, s *service.Services,
) lambda.Handler {
	switch o.Trigger {
	case operation.Schedule:
		return lambda.NewHandler(scheduleHandler(o, f, s))
	case operation.Stream:
		return adapter.Handler[events.DynamoDBEvent, events.DynamoDBEventResponse](
			streamHandler(o, f, s))
	case operation.Topic:
		return lambda.NewHandler(topicHandler(o, f, s))
	default:
		f.Latency, f.Line = !o.Acts && !o.Static, profileOf
		return f.HTTP(func(r *http.Request, from adapter.Sender) httpapi.Answer {
			return o.Serve(r, s, service.Client{
				Source: from.Source, Agent: from.Agent, Request: from.Request,
				Service: from.Service,
			}, from.Browser)
		})
	}
}

// profileOf returns the profile that a request names, for its line. Only a text
// with the form of an id may be logged.
func profileOf(r *http.Request) []slog.Attr {
	id := r.PathValue("id")
	if !strings.HasPrefix(r.URL.Path, "/profile/") {
		return nil
	}
	if _, err := value.ParseProfileID(id); err != nil && id != "current" {
		return nil
	}
	return []slog.Attr{slog.String("profile", id)}
}

// scheduleHandler runs a sweep. After an error Lambda tries again, and then
// puts the event into the dead letter queue. Each run has a line, also one that
// found nothing to do: it may have measured something.
func scheduleHandler(
	o operation.Operation,
	f *adapter.Function,
	s *service.Services,
) func(context.Context, json.RawMessage) error {
	return func(ctx context.Context, _ json.RawMessage) (err error) {
		defer flow.Recovered(&err)
		ctx, i := f.Begin(ctx, "")
		if s.Maintenance().On() {
			// Due items stay due.
			i.End(ctx, slog.LevelInfo, "the service is read-only: the sweep waits")
			return nil
		}
		n, err := o.Sweep(ctx, s)
		if err != nil {
			i.End(ctx, slog.LevelError, "the sweep did not finish",
				slog.Int("count", n), slog.String("error", err.Error()))
			return adapter.Masked(err) // Lambda stores its text with the event
		}
		i.End(ctx, quietWithout(n), "swept", slog.Int("count", n))
		return nil
	}
}

// quietWithout is the level of a line about n things.
func quietWithout(n int) slog.Level {
	if n == 0 {
		return adapter.LevelQuiet
	}
	return slog.LevelInfo
}

// topicHandler handles the messages of a topic. After an error Lambda tries
// again, and then puts the event into the dead letter queue.
func topicHandler(
	o operation.Operation,
	f *adapter.Function,
	s *service.Services,
) func(context.Context, events.SNSEvent) error {
	return func(ctx context.Context, event events.SNSEvent) (err error) {
		defer flow.Recovered(&err)
		ctx, i := f.Begin(ctx, "")
		for n, record := range event.Records {
			if err := o.Receive(ctx, s, record.SNS.Message); err != nil {
				i.End(ctx, slog.LevelError, "a message failed", slog.Int("count", n),
					slog.String("message", record.SNS.MessageID), slog.String("error", err.Error()))
				return adapter.Masked(err) // Lambda stores its text with the event
			}
		}
		i.End(ctx, quietWithout(len(event.Records)), "received",
			slog.Int("count", len(event.Records)))
		return nil
	}
}

// streamHandler handles the records of a batch in their order. A record that
// fails is reported by its sequence number: the stream sends it again, with all
// that follow it, which is why those are still handled now and must be safe to
// handle twice.
func streamHandler(
	o operation.Operation,
	f *adapter.Function,
	s *service.Services,
) func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	return func(
		ctx context.Context, batch events.DynamoDBEvent,
	) (events.DynamoDBEventResponse, error) {
		ctx, i := f.Begin(ctx, "")
		answer := events.DynamoDBEventResponse{
			BatchItemFailures: []events.DynamoDBBatchItemFailure{},
		}
		var records []operation.Record
		var numbers []string
		for _, record := range batch.Records {
			if record.EventName != string(events.DynamoDBOperationTypeInsert) {
				continue
			}
			pk, sk := record.Change.Keys["PK"], record.Change.Keys["SK"]
			if pk.DataType() != events.DataTypeString || sk.DataType() != events.DataTypeString {
				continue
			}
			records = append(records, operation.Record{
				PK:      pk.String(),
				SK:      sk.String(),
				Written: record.Change.ApproximateCreationDateTime.UTC(),
			})
			numbers = append(numbers, record.Change.SequenceNumber)
		}
		handled := 0
		for n, err := range o.Handle(ctx, s, records) {
			if err == nil {
				handled++
				continue
			}
			slog.ErrorContext(ctx, "a record of the stream failed",
				"item", records[n].PK, "error", err.Error())
			answer.BatchItemFailures = append(answer.BatchItemFailures,
				events.DynamoDBBatchItemFailure{ItemIdentifier: numbers[n]})
		}
		i.End(ctx, adapter.LevelQuiet, "handled", slog.Int("count", handled))
		return answer, nil
	}
}

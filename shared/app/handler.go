package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"profiles/shared/operation"
	"profiles/shared/service"
)

// Handler returns the Lambda handler of an operation, from an event to an
// answer, both JSON. The local stack and the tests call it, too.
func Handler(o operation.Operation, s *service.Services) lambda.Handler {
	switch o.Trigger {
	case operation.Schedule:
		return lambda.NewHandler(scheduleHandler(o, s))
	case operation.Stream:
		return eventHandler[events.DynamoDBEvent, events.DynamoDBEventResponse](streamHandler(o, s))
	case operation.Topic:
		return lambda.NewHandler(topicHandler(o, s))
	default:
		return httpHandler(o, s)
	}
}

// scheduleHandler runs a sweep. After an error Lambda tries again, and then
// puts the event into the dead letter queue.
func scheduleHandler(
	o operation.Operation,
	s *service.Services,
) func(context.Context, json.RawMessage) error {
	return func(ctx context.Context, _ json.RawMessage) (err error) {
		defer recovered(&err)
		if s.Maintenance().On() {
			// What is due stays due.
			slog.Info("the service is read-only: the sweep waits", "operation", o.Name)
			return nil
		}
		start := time.Now()
		n, err := o.Sweep(ctx, s)
		log := slog.With("operation", o.Name, "count", n, "ms", time.Since(start).Milliseconds())
		if err != nil {
			log.Error("the sweep did not finish", "error", err.Error())
			return maskedError{err} // Lambda stores its text with the event
		}
		// Most runs, one each minute, find nothing to do. Their lines are not
		// logged at the level of the others.
		level := slog.LevelInfo
		if n == 0 {
			level = slog.LevelDebug
		}
		log.Log(ctx, level, "swept")
		return nil
	}
}

// topicHandler handles the messages of a topic. After an error Lambda tries
// again, and then puts the event into the dead letter queue.
func topicHandler(
	o operation.Operation,
	s *service.Services,
) func(context.Context, events.SNSEvent) error {
	return func(ctx context.Context, event events.SNSEvent) (err error) {
		defer recovered(&err)
		for _, record := range event.Records {
			if err := o.Receive(ctx, s, record.SNS.Message); err != nil {
				slog.Error("a message failed",
					"operation", o.Name, "message", record.SNS.MessageID, "error", err.Error())
				return maskedError{err} // Lambda stores its text with the event
			}
		}
		return nil
	}
}

// streamHandler handles the records of a batch in their order. A record that
// fails is reported by its sequence number: the stream sends it again, with all
// that follow it, which is why those are still handled now and must be safe to
// handle twice.
func streamHandler(
	o operation.Operation,
	s *service.Services,
) func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	return func(ctx context.Context, batch events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		answer := events.DynamoDBEventResponse{
			BatchItemFailures: []events.DynamoDBBatchItemFailure{},
		}
		for _, record := range batch.Records {
			if record.EventName != string(events.DynamoDBOperationTypeInsert) {
				continue
			}
			pk, sk := record.Change.Keys["PK"], record.Change.Keys["SK"]
			if pk.DataType() != events.DataTypeString || sk.DataType() != events.DataTypeString {
				continue
			}
			r := operation.Record{
				PK:      pk.String(),
				SK:      sk.String(),
				Written: record.Change.ApproximateCreationDateTime.UTC(),
			}
			if err := handleRecord(ctx, o, s, r); err != nil {
				slog.Error(
					"a record of the stream failed",
					"operation",
					o.Name,
					"item",
					r.PK,
					"error",
					err.Error(),
				)
				answer.BatchItemFailures = append(answer.BatchItemFailures,
					events.DynamoDBBatchItemFailure{ItemIdentifier: record.Change.SequenceNumber})
			}
		}
		return answer, nil
	}
}

func handleRecord(
	ctx context.Context,
	o operation.Operation,
	s *service.Services,
	r operation.Record,
) (err error) {
	defer recovered(&err)
	return o.Handle(ctx, s, r)
}

// recovered turns a panic into an error. So one bad event does not end the
// process, after which the next would need a cold start.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = errors.Join(*err, fmt.Errorf("panic: %v", p))
	}
}

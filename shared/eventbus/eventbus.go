// Package eventbus sends events to a bus of Amazon EventBridge.
package eventbus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"profiles/shared/event"
	"profiles/shared/webhook"
)

// Bus sends events to the bus of the operator.
type Bus struct {
	client *eventbridge.Client
	name   string
}

// FromEnvironment makes a Bus of the variable EVENT_BUS, the name of the bus;
// AWS_ENDPOINT_URL_EVENTBRIDGE, when set, is a server that stands in for
// EventBridge.
func FromEnvironment(config aws.Config, getenv func(string) string) (*Bus, error) {
	name := getenv("EVENT_BUS")
	if name == "" {
		return nil, errors.New("the environment variable EVENT_BUS must name a bus of EventBridge")
	}
	endpoint := getenv("AWS_ENDPOINT_URL_EVENTBRIDGE")
	client := eventbridge.NewFromConfig(config, func(o *eventbridge.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		// The queue decides when an event is sent again.
		o.Retryer = aws.NopRetryer{}
	})
	return &Bus{client, name}, nil
}

// attempt bounds one call.
const attempt = 10 * time.Second

// Post puts an event onto the bus, as a CloudEvent.
func (b *Bus) Post(ctx context.Context, m webhook.Message) webhook.Answer {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	answer := webhook.Answer{Status: http.StatusOK}
	if err := b.put(ctx, m); err != nil {
		answer = webhook.Answer{Error: reason(err)}
	}
	answer.Took = time.Since(begun)
	return answer
}

func (b *Bus) put(ctx context.Context, m webhook.Message) error {
	kind, detail, err := event.Cloud(m.Body)
	if err != nil {
		return err
	}
	out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{
		Entries: []types.PutEventsRequestEntry{{
			EventBusName: &b.name,
			Source:       aws.String(event.Source),
			DetailType:   aws.String(string(kind)),
			Detail:       aws.String(string(detail)),
			Time:         &m.Time,
		}},
	})
	if err != nil {
		return err
	}
	for _, entry := range out.Entries {
		if code := aws.ToString(entry.ErrorCode); code != "" {
			return &smithy.GenericAPIError{Code: code, Message: aws.ToString(entry.ErrorMessage)}
		}
	}
	if out.FailedEntryCount > 0 || len(out.Entries) != 1 {
		return errors.New("the bus did not say what became of the event")
	}
	return nil
}

// reason says why the bus did not take an event, for the operator.
func reason(err error) string {
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return fmt.Sprintf("%s: %s", refused.ErrorCode(), refused.ErrorMessage())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("EventBridge did not answer within %d seconds", int(attempt.Seconds()))
	}
	return err.Error()
}

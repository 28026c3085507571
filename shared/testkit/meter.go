package testkit

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"profiles/shared/store"
)

// Usage is what some requests cost.
type Usage struct {
	RoundTrips int // one after the other; requests under way at the same time are one
	Requests   int
	Reads      float64 // read units
	Writes     float64 // write units
	// Actions are those that IAM knows, such as dynamodb:PutItem, with /index
	// for those on an index and with the kind of the key for those that a
	// policy may narrow to such keys: dynamodb:UpdateItem R#*.
	Actions map[string]bool
	Kinds   map[string]int // requests by their name in DynamoDB's API, such as TransactWriteItems
	Mails   int            // mails that were put into the outbox
}

// Capacity returns all units.
func (u Usage) Capacity() float64 { return u.Reads + u.Writes }

// Meter counts the requests of a world's services.
type Meter struct {
	mu       sync.Mutex
	read     bool // somebody asks for the counts
	underWay int
	next     *roundTrip // requests that wait for those under way
	usage    Usage
}

// roundTrip are requests that are sent together.
type roundTrip struct {
	requests int
	begun    chan struct{}
}

// Reset begins a new count and returns the old one. From the first one on,
// requests wait until nothing is under way and no other request has come for a
// moment, and are then sent together: what depends on an answer is in a later
// round trip than what it depends on, and what depends on none is in the first
// one, however busy the machine is.
func (m *Meter) Reset() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.usage
	m.usage, m.read = Usage{}, true
	return u
}

// A round trip is sent when no other request has joined it during this many
// checks, a moment apart. A check that comes late shows that the machine is
// busy, and that a request may be late as well: the checks begin again, at most
// patience times.
const (
	looks    = 5
	moment   = 3 * time.Millisecond
	patience = 30
)

// observe adds the meter to a client.
func (m *Meter) observe(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Meter", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			store.AskCapacity(in.Parameters)
			<-m.begin(ctx, in.Parameters)
			out, metadata, err := next.HandleInitialize(ctx, in)
			m.end(store.Capacity(out.Result))
			return out, metadata, err
		}), middleware.Before)
	})
}

// begin counts a request, and returns what is closed when it may be sent.
func (m *Meter) begin(ctx context.Context, parameters any) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Requests++
	if m.usage.Actions == nil {
		m.usage.Actions, m.usage.Kinds = map[string]bool{}, map[string]int{}
	}
	m.usage.Kinds[awsmiddleware.GetOperationName(ctx)]++
	m.usage.Mails += mails(parameters)
	maps.Copy(m.usage.Actions, actions(awsmiddleware.GetOperationName(ctx), parameters))
	if !m.read {
		m.underWay++
		at := make(chan struct{})
		close(at)
		return at
	}
	if m.next == nil {
		m.next = &roundTrip{begun: make(chan struct{})}
	}
	m.next.requests++
	m.wait()
	return m.next.begun
}

// wait sends the next round trip when nothing is under way, and nothing has
// joined it for a moment.
func (m *Meter) wait() {
	if m.underWay > 0 || m.next == nil {
		return
	}
	m.look(m.next, m.next.requests, looks, patience)
}

func (m *Meter) look(trip *roundTrip, requests, left, again int) {
	due := time.Now().Add(moment)
	time.AfterFunc(moment, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		switch {
		case m.next != trip || trip.requests != requests:
			return
		case again > 0 && time.Since(due) > moment:
			m.look(trip, requests, looks, again-1)
			return
		case left > 1:
			m.look(trip, requests, left-1, again)
			return
		}
		m.next, m.underWay = nil, requests
		m.usage.RoundTrips++
		close(trip.begun)
	})
}

func (m *Meter) end(reads, writes float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underWay--
	m.usage.Reads += reads
	m.usage.Writes += writes
	m.wait()
}

// actions are the IAM permissions a request needs: a transaction needs those of
// its steps.
func actions(operation string, parameters any) map[string]bool {
	out := map[string]bool{}
	switch in := parameters.(type) {
	case *dynamodb.TransactWriteItemsInput:
		for _, step := range in.TransactItems {
			switch {
			case step.Put != nil:
				out["dynamodb:PutItem"] = true
			case step.Update != nil:
				out["dynamodb:UpdateItem"+narrow(step.Update.Key)] = true
				if narrow(step.Update.Key) != "" {
					out["dynamodb:UpdateItem"+Enclosed] = true
				}
			case step.Delete != nil:
				out["dynamodb:DeleteItem"] = true
			case step.ConditionCheck != nil:
				out["dynamodb:ConditionCheckItem"] = true
			}
		}
	case *dynamodb.QueryInput:
		if in.IndexName != nil {
			out["dynamodb:Query/index"] = true
		} else {
			out["dynamodb:Query"] = true
		}
	case *dynamodb.UpdateItemInput:
		out["dynamodb:UpdateItem"+narrow(in.Key)] = true
	default:
		out["dynamodb:"+operation] = true
	}
	return out
}

func mails(parameters any) (n int) {
	in, _ := parameters.(*dynamodb.TransactWriteItemsInput)
	for i := 0; in != nil && i < len(in.TransactItems); i++ {
		if put := in.TransactItems[i].Put; put != nil {
			if pk, _ := put.Item["PK"].(*types.AttributeValueMemberS); pk != nil &&
				strings.HasPrefix(pk.Value, "O#") {
				n++
			}
		}
	}
	return n
}

// Enclosed is what an action that a policy may narrow to keys has behind its
// name when it is part of a transaction: AWS does not say what the leading keys
// are there, so that a right bound to them must not be all that allows it.
const Enclosed = "@TransactWriteItems"

// Narrow are the kinds of partition keys that policies narrow a right to.
var Narrow = []string{"R#*", "K#*", "J#*", "U#*"}

// narrow is what an action on a key of such a kind has in its name.
func narrow(key map[string]types.AttributeValue) string {
	pk, _ := key["PK"].(*types.AttributeValueMemberS)
	for _, pattern := range Narrow {
		if pk != nil && strings.HasPrefix(pk.Value, strings.TrimSuffix(pattern, "*")) {
			return " " + pattern
		}
	}
	return ""
}

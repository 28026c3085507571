package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"profiles/shared/operation"
)

// role is what functions may do. Functions that may do the same share one.
type role struct {
	actions []string // on the table
	due     bool     // may query the table's index
	keyed   bool     // may read the secret key
	caller  bool     // counts requests, and notes uses of tokens
	// may remember requests with an Idempotency-Key, and not update whatever it
	// likes
	repeats bool
	mails   bool   // may send mails
	posts   bool   // may put events onto the bus of the operator
	traced  bool   // may send traces
	stream  bool   // may read the table's stream
	topic   bool   // gets messages of a topic
	queue   string // for what could not be processed
	logs    string
}

// verbs are the actions on the table, in the order in which roles have them,
// and their part in the name of a role.
var verbs = [][2]string{
	{
		"dynamodb:BatchGetItem",
		"Get",
	},
	{"dynamodb:Query", "Query"},
	{"dynamodb:ConditionCheckItem", "Check"},
	{"dynamodb:PutItem", "Put"},
	{"dynamodb:UpdateItem", "Update"},
	{"dynamodb:DeleteItem", "Delete"},
}

const enclosed = "@TransactWriteItems" // see testkit.Enclosed

// callerKeys are the kinds of keys that every request with a token may update.
var callerKeys = []string{"R#*", "J#*", "U#*"}

// roleOf is the role that an operation needs, by the actions that it was
// recorded to take.
func roleOf(o operation.Operation, recorded []string) (role, error) {
	r := role{
		keyed: o.Keyed(), mails: o.Mails, posts: o.Posts, stream: o.Trigger == operation.Stream,
		logs:   "Logs",
		traced: o.Trigger != operation.Schedule,
		caller: o.Trigger == operation.HTTP && o.Access != operation.Anonymous && !o.Static,
	}
	switch o.Trigger {
	case operation.Schedule:
		r.queue = scheduleQueue
	case operation.Topic:
		r.queue, r.topic = topicQueue, true
	case operation.Stream:
		s, ok := streams[o.Name]
		if !ok {
			return role{}, fmt.Errorf("it is not said how %s reads the stream", o.Name)
		}
		r.queue, r.logs = s.queue, s.logs
	}
	wide := map[string]bool{}
	for _, action := range recorded {
		whole, keys, narrow := strings.Cut(action, " ")
		switch {
		case strings.HasSuffix(action, enclosed): // it is recorded by itself, too
		case strings.HasSuffix(action, "/index"):
			r.due = true
		case narrow && r.caller && slices.Contains(callerKeys, keys):
		default:
			wide[whole] = true
		}
	}
	for _, verb := range verbs {
		if wide[verb[0]] {
			r.actions = append(r.actions, verb[0])
			delete(wide, verb[0])
		}
	}
	for action := range wide {
		return role{}, fmt.Errorf("%s takes %s, which no role has", o.Name, action)
	}
	r.repeats = o.Idempotent() && !slices.Contains(r.actions, "dynamodb:UpdateItem")
	return r, nil
}

// name says what the role may do.
func (r role) name() string {
	var b strings.Builder
	for _, verb := range verbs {
		if slices.Contains(r.actions, verb[0]) {
			b.WriteString(verb[1])
		}
	}
	for _, part := range []struct {
		has  bool
		name string
	}{
		{r.due, "Due"},
		{r.stream, "Stream"},
		{r.keyed, "Keyed"},
		{r.caller, "Caller"},
		{r.repeats, "Repeat"},
		{r.mails, "Mail"},
		{r.posts, "Bus"},
		{r.logs != "Logs", "Audit"},
	} {
		if part.has {
			b.WriteString(part.name)
		}
	}
	if b.Len() == 0 {
		b.WriteString("Static")
	}
	switch {
	case r.topic:
		b.WriteString("Topic")
	case r.queue != "" && !r.stream:
		b.WriteString("Sweep")
	}
	return b.String() + "Role"
}

// rolesOf are the roles of operations by their names, and the name of each
// operation's.
func rolesOf(
	operations []operation.Operation,
	recorded rights,
) (map[string]role, map[string]string, error) {
	roles, of := map[string]role{}, map[string]string{}
	for _, o := range operations {
		r, err := roleOf(o, recorded[o.Name])
		if err != nil {
			return nil, nil, err
		}
		if err := r.join(roles); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		of[o.Name] = r.name()
	}
	return roles, of, nil
}

// join puts the role with others, by its name. That does not say all of a role,
// as which queue it sends to.
func (r role) join(roles map[string]role) error {
	name := r.name()
	if other, taken := roles[name]; taken && !reflect.DeepEqual(other, r) {
		return fmt.Errorf("the role %s has other rights for another operation", name)
	}
	roles[name] = r
	return nil
}

func (r role) yaml(name string) string {
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"  %s:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: %s\n      ManagedPolicyArns:\n",
		name,
		assumedBy("lambda.amazonaws.com"),
	)
	policies := []string{"LogPolicy"}
	if r.logs != "Logs" {
		policies = nil
	}
	for _, part := range []struct {
		has    bool
		policy string
	}{{r.keyed, "KeyPolicy"}, {r.caller, "CallerPolicy"}, {r.repeats, "RepeatPolicy"}, {r.traced, "TracePolicy"}} {
		if part.has {
			policies = append(policies, part.policy)
		}
	}
	for _, policy := range policies {
		fmt.Fprintf(&b, "        - !Ref %s\n", policy)
	}
	var statements strings.Builder
	allow := func(actions, resource, more string) {
		fmt.Fprintf(
			&statements,
			"              - Effect: Allow\n                Action: [%s]\n                Resource: %s\n%s",
			actions,
			resource,
			more,
		)
	}
	if len(r.actions) > 0 {
		allow(strings.Join(r.actions, ", "), tableARN, "")
	}
	if r.due {
		allow("dynamodb:Query", below("index/due"), "")
	}
	if r.stream {
		allow(
			"dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator",
			streamRight,
			"",
		)
		allow("dynamodb:ListStreams", below("stream/*"), "")
	}
	if r.queue != "" {
		allow("sqs:SendMessage", "!GetAtt "+r.queue+".Arn", "")
	}
	if r.logs != "Logs" {
		allow("logs:CreateLogStream, logs:PutLogEvents", "!GetAtt "+r.logs+".Arn", "")
	}
	if r.mails {
		// On every identity, from one sender: in the sandbox, SES asks for the
		// right on a verified recipient as well, and an identity with a default
		// configuration set makes it ask for the right on that set.
		allow(
			"ses:SendEmail",
			"\n                  - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*\n"+
				"                  - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/*",
			"                Condition:\n                  StringEquals: {\"ses:FromAddress\": !Ref SenderAddress}\n",
		)
	}
	if r.posts {
		statements.WriteString(`              - !If
                - HasBus
                - Effect: Allow
                  Action: [events:PutEvents]
                  Resource: !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBus}
                - !Ref AWS::NoValue
`)
	}
	if statements.Len() > 0 {
		fmt.Fprintf(
			&b,
			"      Policies:\n        - PolicyName: own\n          PolicyDocument:\n            Version: \"2012-10-17\"\n            Statement:\n%s",
			statements.String(),
		)
	}
	return strings.ReplaceAll(b.String(), "Resource: \n", "Resource:\n") + "\n"
}

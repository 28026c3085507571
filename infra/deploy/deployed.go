package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// physical are the names of the stack's resources, by their logical ids.
func physical(ctx context.Context, aws cloud, name string) (map[string]string, error) {
	var answer struct {
		StackResourceSummaries []struct{ LogicalResourceId, PhysicalResourceId string }
	}
	err := aws.ask(ctx, &answer, "cloudformation", "list-stack-resources", "--stack-name", name)
	out := map[string]string{}
	for _, resource := range answer.StackResourceSummaries {
		out[resource.LogicalResourceId] = resource.PhysicalResourceId
	}
	return out, err
}

// deployed checks a stack that is there.
func (d deployment) deployed(ctx context.Context, r *report, aws cloud, e environment, now stack) {
	r.must(slices.Contains(complete, now.Status), "stack", e.stack+" is "+now.Status,
		"see its events in CloudFormation")
	names, err := physical(ctx, aws, e.stack)
	if r.failed("resources", err) {
		return
	}
	// of are the names of the resources of a type, which a condition may have
	// left out.
	of := func(kind string) (found []string) {
		for _, id := range d.declared.ids[kind] {
			if names[id] != "" {
				found = append(found, names[id])
			}
		}
		return found
	}
	for _, id := range d.declared.topics {
		if names[id] != "" {
			subscribed(ctx, r, aws, id, names[id])
		}
	}
	alarmed(ctx, r, aws, of("AWS::CloudWatch::Alarm"))
	secrets, tables := of("AWS::SecretsManager::Secret"), of("AWS::DynamoDB::Table")
	if arn := e.parameters[existingSecret]; arn != "" {
		secrets = append(secrets, arn)
	}
	for _, arn := range secrets {
		secret(ctx, r, aws, arn)
	}
	if name := e.parameters[existingTable]; name != "" {
		tables = append(tables, name)
		attached(ctx, r, aws, name, e.parameters[existingStream])
	}
	for _, name := range tables {
		table(ctx, r, aws, name, e.parameters[existingTable] != "")
	}
	d.domain(ctx, r, aws, e, true)
}

// subscribed checks that somebody gets what a topic says.
func subscribed(ctx context.Context, r *report, aws cloud, id, topic string) {
	what := "subscription of " + id
	var answer struct {
		Subscriptions []struct{ SubscriptionArn, Endpoint, Protocol string }
	}
	err := aws.ask(ctx, &answer, "sns", "list-subscriptions-by-topic", "--topic-arn", topic)
	if r.failed(what, err) {
		return
	}
	if len(answer.Subscriptions) == 0 {
		r.isWrong(what, "nobody is subscribed: deploy again, which subscribes the address")
	}
	for _, s := range answer.Subscriptions {
		r.must(strings.HasPrefix(s.SubscriptionArn, "arn:"), what, s.Protocol+" "+s.Endpoint,
			"it is not confirmed: open the link that SNS has mailed to this address; SNS sends it again when you subscribe the address once more")
	}
}

// mostAlarms is how many alarms CloudWatch describes at a time.
const mostAlarms = 100

// alarmed checks that no alarm is raised, and that all of them can be.
func alarmed(ctx context.Context, r *report, aws cloud, names []string) {
	type alarm struct {
		AlarmName, StateValue, StateReason, AlarmDescription string
		ActionsEnabled                                       bool
	}
	var found []alarm
	for batch := range slices.Chunk(names, mostAlarms) {
		var answer struct{ MetricAlarms []alarm }
		arguments := append([]string{"cloudwatch", "describe-alarms", "--alarm-names"}, batch...)
		if r.failed("alarms", aws.ask(ctx, &answer, arguments...)) {
			return
		}
		found = append(found, answer.MetricAlarms...)
	}
	var quiet, young int
	for _, a := range found {
		switch {
		case !a.ActionsEnabled:
			r.isWrong("alarm "+a.AlarmName, "its actions are off, so that it tells nobody: aws cloudwatch enable-alarm-actions")
		case a.StateValue == "ALARM":
			r.isWrong("alarm "+a.AlarmName, "%s (%s)", a.AlarmDescription, a.StateReason)
		case a.StateValue == "OK":
			quiet++
		default:
			young++
		}
	}
	if missing := len(names) - len(found); missing > 0 {
		r.isWrong("alarms", "%d of the stack are gone: deploy again after a change of the template, or remove and make the stack again", missing)
	}
	if len(found) == 0 {
		r.isWrong("alarms", "the stack has none")
		return
	}
	if young > 0 {
		r.unchecked("alarms", "%d have no data yet: look again in some minutes", young)
	}
	r.ok("alarms", "%d of %d are OK", quiet, len(found))
}

// secret checks that the master keys are there.
func secret(ctx context.Context, r *report, aws cloud, arn string) {
	var answer struct {
		Name        string
		DeletedDate *any
	}
	err := aws.ask(ctx, &answer, "secretsmanager", "describe-secret", "--secret-id", arn)
	if !r.failed("secret", err) {
		r.must(answer.DeletedDate == nil, "secret", answer.Name,
			"it is to be deleted: aws secretsmanager restore-secret, or what it seals is lost")
	}
}

// attached checks that the stack follows the stream of a table that is not its
// own.
func attached(ctx context.Context, r *report, aws cloud, name, stream string) {
	facts, err := factsOf(ctx, aws, name)
	if r.failed("attached table", err) {
		return
	}
	if err := facts.attachable(name); err != nil {
		r.isWrong("attached table", "%v", err)
		return
	}
	r.must(facts.Table.LatestStreamArn == stream, "attached table", "its stream is "+facts.Table.LatestStreamArn,
		"the stack follows another one: run make deploy, which looks it up")
}

// table checks what keeps the table from being lost.
func table(ctx context.Context, r *report, aws cloud, name string, existing bool) {
	described, err := factsOf(ctx, aws, name)
	if r.failed("table", err) {
		return
	}
	t, protect := described.Table, "deploy again: make deploy protects the table of a stack that is there"
	if existing {
		protect = "aws dynamodb update-table --deletion-protection-enabled --table-name " + name
	}
	r.must(t.TableStatus == "ACTIVE", "table", fmt.Sprintf("%s is %s", name, t.TableStatus), "wait, and look again")
	r.must(t.DeletionProtectionEnabled, "table protection", onOff(t.DeletionProtectionEnabled), protect)
	var backups struct {
		Described struct {
			Recovery struct {
				Status string `json:"PointInTimeRecoveryStatus"`
			} `json:"PointInTimeRecoveryDescription"`
		} `json:"ContinuousBackupsDescription"`
	}
	err = aws.ask(ctx, &backups, "dynamodb", "describe-continuous-backups", "--table-name", name)
	if !r.failed("point-in-time recovery", err) {
		status := backups.Described.Recovery.Status
		r.must(status == "ENABLED", "point-in-time recovery", status, "somebody has turned it off: turn it on with "+
			"aws dynamodb update-continuous-backups --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true")
	}
	var expiry struct {
		Described struct {
			Status string `json:"TimeToLiveStatus"`
		} `json:"TimeToLiveDescription"`
	}
	err = aws.ask(ctx, &expiry, "dynamodb", "describe-time-to-live", "--table-name", name)
	if !r.failed("time to live", err) {
		status := expiry.Described.Status
		r.must(status == "ENABLED", "time to live", status, "somebody has turned it off: turn it on with "+
			"aws dynamodb update-time-to-live --time-to-live-specification Enabled=true,AttributeName=ttl")
	}
}

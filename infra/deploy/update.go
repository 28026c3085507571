package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// guards are the alarms that take a deployment back, at most five. They are
// about what a wrong release does at once: it fails, or lacks a right.
var guards = []string{"FailuresFastAlarm", "AccessDeniedAlarm"}

// watched is how many minutes CloudFormation watches the guards after it has
// replaced everything: as long as the slowest of them needs to fire, and some
// for the metrics to come.
const watched = 15

// between is the time between two looks at what CloudFormation does.
const between = 2 * time.Second

// rollback is what CloudFormation is told of alarms.
type rollback struct {
	RollbackTriggers        []trigger
	MonitoringTimeInMinutes int `json:",omitempty"`
}

type trigger struct{ Arn, Type string }

// update deploys over a stack that is there, by a change set of its own: sam
// deploy has no option for alarms that take a deployment back. Without guarded,
// none does.
func (d deployment) update(ctx context.Context, aws cloud, name string, e environment) error {
	if err := d.protect(name, e, "on"); err != nil {
		return err
	}
	back := rollback{RollbackTriggers: []trigger{}}
	if d.guarded {
		var err error
		if back, err = guarding(ctx, aws, e.stack); err != nil {
			return err
		}
	}
	url, err := d.packaged(ctx, aws, e)
	if err != nil {
		return err
	}
	set, err := changeSet(ctx, aws, e, url, back)
	if err != nil || set == "" {
		if err == nil {
			fmt.Fprintln(d.out, "Nothing has changed.")
		}
		return err
	}
	d.announce(back)
	if err := aws.ask(ctx, nil, "cloudformation", "execute-change-set",
		"--stack-name", e.stack, "--change-set-name", set); err != nil {
		return err
	}
	return updated(ctx, aws, e.stack)
}

// announce says how long it takes, and what may happen.
func (d deployment) announce(back rollback) {
	if len(back.RollbackTriggers) == 0 {
		fmt.Fprintln(d.out, "CloudFormation replaces what has changed. No alarm takes it back.")
		return
	}
	fmt.Fprintf(d.out, "CloudFormation replaces what has changed, then watches %d alarms for %d minutes. "+
		"If one fires, it goes back to what was there.\n", len(back.RollbackTriggers), watched)
}

// guarding are the guards that the stack has, none for a stack that is too old
// for them. It is an error that one fires already: CloudFormation would take
// back whatever is deployed.
func guarding(ctx context.Context, aws cloud, name string) (back rollback, err error) {
	names, err := physical(ctx, aws, name)
	if err != nil {
		return back, err
	}
	back.RollbackTriggers = []trigger{}
	arguments := []string{"cloudwatch", "describe-alarms", "--alarm-names"}
	for _, id := range guards {
		if names[id] != "" {
			arguments = append(arguments, names[id])
		}
	}
	if len(arguments) == 3 {
		return back, nil
	}
	var answer struct {
		MetricAlarms []struct{ AlarmName, AlarmArn, StateValue, StateReason string }
	}
	if err := aws.ask(ctx, &answer, arguments...); err != nil {
		return back, err
	}
	for _, a := range answer.MetricAlarms {
		if a.StateValue == "ALARM" {
			return back, fmt.Errorf("the alarm %s fires (%s), so CloudFormation would take the deployment back: "+
				"wait until it is over, or deploy with ROLLBACK=off what ends it", a.AlarmName, a.StateReason)
		}
		back.RollbackTriggers = append(back.RollbackTriggers, trigger{a.AlarmArn, "AWS::CloudWatch::Alarm"})
		back.MonitoringTimeInMinutes = watched
	}
	return back, nil
}

// inBucket is where sam has put the code of a function.
var inBucket = regexp.MustCompile(`CodeUri: s3://([^/\s]+)/`)

// packaged uploads what is built, and the template that names it. It returns
// the address of the template, which is too large to be sent.
func (d deployment) packaged(ctx context.Context, aws cloud, e environment) (string, error) {
	file := filepath.Join(d.folder, ".aws-sam", "packaged.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	where := []string{"--resolve-s3"}
	if e.bucket != "" {
		where = []string{"--s3-bucket", e.bucket}
	}
	cmd := exec.CommandContext(ctx, "sam", append([]string{
		"package", "--template-file", "template.yaml", "--output-template-file", file,
		"--region", e.region, "--s3-prefix", e.stack,
	}, where...)...)
	if err := d.show(cmd); err != nil {
		return "", fmt.Errorf("sam package: %w", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	bucket := inBucket.FindSubmatch(text)
	if bucket == nil {
		return "", fmt.Errorf("sam package: %s names no bucket", file)
	}
	sum := sha256.Sum256(text)
	key := fmt.Sprintf("%s/%s.template", e.stack, hex.EncodeToString(sum[:16]))
	to := fmt.Sprintf("s3://%s/%s", bucket[1], key)
	if err := aws.ask(ctx, nil, "s3", "cp", file, to, "--only-show-errors"); err != nil {
		return "", err
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(e.region, "cn-") {
		domain += ".cn"
	}
	return fmt.Sprintf("https://s3.%s.%s/%s/%s", e.region, domain, bucket[1], key), nil
}

// changeSet has CloudFormation find what changes, and returns the name of the
// set; "" when nothing does.
func changeSet(
	ctx context.Context, aws cloud, e environment, url string, back rollback,
) (string, error) {
	type value struct{ ParameterKey, ParameterValue string }
	parameters := []value{}
	for name, v := range e.parameters {
		parameters = append(parameters, value{name, v})
	}
	slices.SortFunc(parameters, func(a, b value) int {
		return strings.Compare(a.ParameterKey, b.ParameterKey)
	})
	given, err := json.Marshal(parameters)
	if err != nil {
		return "", err
	}
	guard, err := json.Marshal(back)
	if err != nil {
		return "", err
	}
	set := fmt.Sprint("deploy-", time.Now().Unix())
	if err := aws.ask(ctx, nil, "cloudformation", "create-change-set",
		"--stack-name", e.stack, "--change-set-name", set, "--change-set-type", "UPDATE",
		"--template-url", url, "--parameters", string(given), "--capabilities", "CAPABILITY_IAM",
		"--rollback-configuration", string(guard)); err != nil {
		return "", err
	}
	for {
		var answer struct{ Status, StatusReason string }
		if err := aws.ask(ctx, &answer, "cloudformation", "describe-change-set",
			"--stack-name", e.stack, "--change-set-name", set); err != nil {
			return "", err
		}
		switch {
		case strings.HasSuffix(answer.Status, "_COMPLETE"):
			return set, nil
		case answer.Status != "FAILED":
		case strings.Contains(answer.StatusReason, "didn't contain changes"),
			strings.Contains(answer.StatusReason, "No updates are to be performed"):
			return "", aws.ask(ctx, nil, "cloudformation", "delete-change-set",
				"--stack-name", e.stack, "--change-set-name", set)
		default:
			return "", fmt.Errorf("CloudFormation refuses the change: %s", answer.StatusReason)
		}
		if err := pause(ctx); err != nil {
			return "", err
		}
	}
}

// updated waits until an update has ended. The error says why it was taken
// back.
func updated(ctx context.Context, aws cloud, name string) error {
	for {
		if err := pause(ctx); err != nil {
			return fmt.Errorf("%w: CloudFormation goes on; look with make doctor how it has ended", err)
		}
		now, err := aws.stackOf(ctx, name)
		switch {
		case err != nil:
			return err
		case now.Status == "UPDATE_COMPLETE", now.Status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
			return nil
		case !strings.HasSuffix(now.Status, "_IN_PROGRESS"):
			return fmt.Errorf("the stack %s is %s: %s", name, now.Status, why(ctx, aws, name))
		}
	}
}

// why is the first reason that CloudFormation gives for going back.
func why(ctx context.Context, aws cloud, name string) string {
	var answer struct {
		StackEvents []struct{ LogicalResourceId, ResourceStatus, ResourceStatusReason string }
	}
	if err := aws.ask(ctx, &answer, "cloudformation", "describe-stack-events",
		"--stack-name", name, "--max-items", "500"); err != nil {
		return "see its events in CloudFormation (" + err.Error() + ")"
	}
	// The newest event is the first one.
	reason := "see its events in CloudFormation"
	for _, event := range answer.StackEvents {
		if event.ResourceStatus == "UPDATE_IN_PROGRESS" && event.LogicalResourceId == name {
			break // the beginning of this update
		}
		failed := strings.HasSuffix(event.ResourceStatus, "_FAILED") ||
			event.ResourceStatus == "UPDATE_ROLLBACK_IN_PROGRESS"
		if failed && event.ResourceStatusReason != "" {
			reason = event.LogicalResourceId + ": " + event.ResourceStatusReason
		}
	}
	return reason
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(between):
		return nil
	}
}

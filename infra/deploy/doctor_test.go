package main

import (
	"strings"
	"testing"
)

// healthy are the answers of AWS for an account and a stack without faults.
var healthy = map[string]string{
	"sts-get-caller-identity":              `{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/ana"}`,
	"sesv2-get-account":                    `{"ProductionAccessEnabled":true,"SendingEnabled":true,"EnforcementStatus":"HEALTHY","SendQuota":{"Max24HourSend":50000}}`,
	"sesv2-get-email-identity-example.com": `{"VerifiedForSendingStatus":true}`,
	"lambda-get-account-settings":          `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":1000}}`,
	"service-quotas-get-service-quota":     `{"Quota":{"Value":10000.0}}`,
	"iam-get-account-summary":              `{"SummaryMap":{"Roles":20,"RolesQuota":1000,"Policies":3,"PoliciesQuota":1500}}`,
}

// healthyStack are the same answers for a stack that is deployed.
var healthyStack = map[string]string{
	"cloudformation-list-stack-resources": `{"StackResourceSummaries":[
		{"LogicalResourceId":"Alarms","PhysicalResourceId":"arn:topic"},
		{"LogicalResourceId":"SecretKey","PhysicalResourceId":"arn:secret"},
		{"LogicalResourceId":"Table","PhysicalResourceId":"the-table"},
		{"LogicalResourceId":"FailuresFastAlarm","PhysicalResourceId":"errors"},
		{"LogicalResourceId":"MailDeadLettersAlarm","PhysicalResourceId":"mails"}]}`,
	"sns-list-subscriptions-by-topic": `{"Subscriptions":[{"SubscriptionArn":"arn:aws:sns:x","Protocol":"email","Endpoint":"help@example.com"}]}`,
	"cloudwatch-describe-alarms": `{"MetricAlarms":[
		{"AlarmName":"errors","StateValue":"OK","ActionsEnabled":true},
		{"AlarmName":"mails","StateValue":"OK","ActionsEnabled":true}]}`,
	"secretsmanager-describe-secret":       `{"Name":"the-secret"}`,
	"dynamodb-describe-table":              `{"Table":{"TableStatus":"ACTIVE","DeletionProtectionEnabled":true}}`,
	"dynamodb-describe-continuous-backups": `{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}`,
	"dynamodb-describe-time-to-live":       `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED"}}`,
}

func (a account) answers(all map[string]string) {
	for name, text := range all {
		a.write("answers/"+name, text)
	}
}

func TestDoctorOfAHealthyAccount(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.answers(healthy)
	said, ok := a.run("doctor")
	if !ok || strings.Contains(said, "WRONG") || !strings.Contains(said, "NOT CHECKED  stack: it is not deployed yet") {
		t.Errorf("before the first deployment: ok is %v, said %s", ok, said)
	}
	a.answers(healthyStack)
	a.stack("UPDATE_COMPLETE")
	said, ok = a.run("doctor")
	if !ok || strings.Contains(said, "WRONG") || strings.Contains(said, "NOT CHECKED") ||
		!strings.Contains(said, "2 of 2 are OK") {
		t.Errorf("after it: ok is %v, said %s", ok, said)
	}
	if got := strings.Count(said, "ok  "); got < 19 {
		t.Errorf("got %d checks, want 19 or more: %s", got, said)
	}
}

// Each possible fault is reported with its remedy, and fails the command.
func TestDoctorFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, text, want string }{
		"the sandbox":         {"sesv2-get-account", `{"SendingEnabled":true,"EnforcementStatus":"HEALTHY"}`, "SES sandbox: 0 mails a day, out of the sandbox: no: request production access"},
		"sending is off":      {"sesv2-get-account", `{"ProductionAccessEnabled":true,"EnforcementStatus":"SHUTDOWN"}`, "SES: sending is off, the account is SHUTDOWN"},
		"a domain that waits": {"sesv2-get-email-identity-example.com", `{"VerifiedForSendingStatus":false}`, "SES sender: example.com waits for its verification"},
		"no sender":           {"sesv2-get-email-identity-example.com.error", "An error occurred (NotFoundException) when calling the GetEmailIdentity operation: Email identity example.com does not exist.", "SES sender: neither no-reply@example.com nor example.com is an identity of SES: verify one of them in SES, in the region eu-central-1"},
		"a new account":       {"lambda-get-account-settings", `{"AccountLimit":{"ConcurrentExecutions":10,"UnreservedConcurrentExecutions":10}}`, "Lambda: 10 functions at the same time: ask for at least 100"},
		"reserved functions":  {"lambda-get-account-settings", `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":99}}`, "Lambda: 99 functions"},
		"a slow gateway":      {"service-quotas-get-service-quota", `{"Quota":{"Value":100.0}}`, "API Gateway: 100 requests a second, of which the stack takes up to 500: ask for more"},
		"an alarm":            {"cloudwatch-describe-alarms", `{"MetricAlarms":[{"AlarmName":"errors","StateValue":"ALARM","StateReason":"3 > 0","AlarmDescription":"The API answered with 5xx.","ActionsEnabled":true}]}`, "alarm errors: The API answered with 5xx. (3 > 0)"},
		"a missing alarm":     {"cloudwatch-describe-alarms", `{"MetricAlarms":[{"AlarmName":"errors","StateValue":"OK","ActionsEnabled":true}]}`, "alarms: 1 of the stack are gone"},
		"a muted alarm":       {"cloudwatch-describe-alarms", `{"MetricAlarms":[{"AlarmName":"errors","StateValue":"OK"}]}`, "alarm errors: its actions are off"},
		"no subscription":     {"sns-list-subscriptions-by-topic", `{"Subscriptions":[]}`, "subscription of Alarms: nobody is subscribed"},
		"one that waits":      {"sns-list-subscriptions-by-topic", `{"Subscriptions":[{"SubscriptionArn":"PendingConfirmation","Protocol":"email","Endpoint":"help@example.com"}]}`, "subscription of Alarms: email help@example.com: it is not confirmed"},
		"a secret that goes":  {"secretsmanager-describe-secret", `{"Name":"the-secret","DeletedDate":1.7e9}`, "secret: the-secret: it is to be deleted"},
		"no secret":           {"secretsmanager-describe-secret.error", "An error occurred (ResourceNotFoundException) when calling the DescribeSecret operation: Secrets Manager can't find the specified secret.", "secret: ResourceNotFoundException"},
		"an open table":       {"dynamodb-describe-table", `{"Table":{"TableStatus":"ACTIVE","DeletionProtectionEnabled":false}}`, "table protection: off: deploy again"},
		"no recovery":         {"dynamodb-describe-continuous-backups", `{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`, "point-in-time recovery: DISABLED"},
		"no expiry":           {"dynamodb-describe-time-to-live", `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`, "time to live: DISABLED"},
		"a failed stack":      {"cloudformation-describe-stacks", `{"Stacks":[{"StackStatus":"UPDATE_ROLLBACK_FAILED"}]}`, "stack: profiles-prod is UPDATE_ROLLBACK_FAILED"},
		"no look at stacks":   {"cloudformation-describe-stacks.error", "An error occurred (Throttling) when calling the DescribeStacks operation (reached max retries: 2): Rate exceeded", "stack: Throttling: Rate exceeded"},
		"no credentials":      {"sts-get-caller-identity.error", "Unable to locate credentials. You can configure credentials by running \"aws configure\".", "credentials: Unable to locate credentials. You can configure credentials by running \"aws configure\": run aws configure"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.answers(healthy)
			a.answers(healthyStack)
			a.stack("CREATE_COMPLETE")
			a.write("answers/"+c.answer, c.text)
			said, ok := a.run("doctor")
			if ok || !strings.Contains(said, "WRONG        "+c.want) {
				t.Errorf("ok is %v, said %s", ok, said)
			}
		})
	}
}

// Before a first deployment, the quota of roles must have room for all roles of
// the template.
func TestDoctorCountsRoles(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.answers(healthy)
	a.write("answers/iam-get-account-summary", `{"SummaryMap":{"Roles":990,"RolesQuota":1000,"Policies":3,"PoliciesQuota":1500}}`)
	if said, ok := a.run("doctor"); ok || !strings.Contains(said, "WRONG        IAM roles: 10 left, and the deployment makes ") {
		t.Errorf("ok is %v, said %s", ok, said)
	}
	a.answers(healthyStack)
	a.stack("CREATE_COMPLETE")
	if said, ok := a.run("doctor"); !ok {
		t.Errorf("a stack that is there makes none: %s", said)
	}
}

// A missing right of the credentials is not a fault of the account.
func TestDoctorWithoutRights(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, name := range []string{"sts-get-caller-identity", "sesv2-get-email-identity-example.com"} {
		a.write("answers/"+name, healthy[name])
	}
	said, ok := a.run("doctor")
	if !ok || strings.Count(said, "NOT CHECKED") < 4 || !strings.Contains(said, "these credentials may not ask: AccessDeniedException") {
		t.Errorf("ok is %v, said %s", ok, said)
	}
}

// The tools are checked before the first request to AWS.
func TestDoctorMissesTools(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.answers(healthy)
	a.program("sam", "#!/bin/sh\necho SAM CLI, version 0.53.0\n")
	a.program("node", "#!/bin/sh\necho v18.20.4\n")
	said, ok := a.run("doctor")
	for _, want := range []string{"sam: version 0.53.0: install version 1", "Go and Node.js: profiles: Node.js 20.19"} {
		if ok || !strings.Contains(said, "WRONG        "+want) {
			t.Errorf("ok is %v, said %s, want %q", ok, said, want)
		}
	}
}

// The rules of the template's parameters are all understood, and the values
// that the checks compare with exist.
func TestTheTemplateIsRead(t *testing.T) {
	t.Parallel()
	d := real(t)
	if _, ok := d.find(protection); !ok || len(d.parameters) < 6 {
		t.Errorf("got %d parameters, want %s among them", len(d.parameters), protection)
	}
	for _, kind := range []string{"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::CloudWatch::Alarm"} {
		if len(d.ids[kind]) == 0 {
			t.Errorf("the template has no %s", kind)
		}
	}
	if len(d.topics) == 0 {
		t.Error("the template has no topic that people subscribe to")
	}
	if d.rate == "" {
		t.Error("the template limits no requests a second")
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	low, high, short, long := 1.0, 5.0, 2, 3
	for _, c := range []struct {
		facts parameterFacts
		value string
		want  string // "" for a value that fits
	}{
		{parameterFacts{Pattern: "a+|b"}, "aa", ""},
		{parameterFacts{Pattern: "a+|b"}, "ab", `"ab" does not have the form a+|b`},
		{parameterFacts{Pattern: "a", Constraint: "one letter a"}, "b", `"b" does not fit: one letter a`},
		{parameterFacts{Allowed: []string{"on", "off"}}, "on", ""},
		{parameterFacts{Allowed: []string{"on", "off"}}, "On", `"On" is none of on, off`},
		{parameterFacts{Type: "Number", Least: &low, Most: &high}, "5", ""},
		{parameterFacts{Type: "Number", Least: &low, Most: &high}, "6", `"6" is no number of at least 1 of at most 5`},
		{parameterFacts{Type: "Number"}, "", `"" is no number`},
		{parameterFacts{Shortest: &short, Longest: &long}, "äö", ""},
		{parameterFacts{Shortest: &short, Longest: &long}, "a", `"a" has less than 2 characters`},
		{parameterFacts{Shortest: &short, Longest: &long}, "abcd", `"abcd" has more than 3 characters`},
		{parameterFacts{}, `a "b"`, `"a \"b\"" has a blank, a quotation mark or a backslash`},
	} {
		got := ""
		if err := (parameter{"P", c.facts}).check(c.value); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v, %q: got %q, want %q", c.facts, c.value, got, c.want)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// updates gives AWS the answers to the questions of an update, with the guards
// in a state.
func (a account) updates(state string) {
	a.Helper()
	var resources, alarms []string
	for _, id := range guards {
		resources = append(resources, fmt.Sprintf(`{"LogicalResourceId":%q,"PhysicalResourceId":"prod-%s"}`, id, id))
		alarms = append(alarms, fmt.Sprintf(
			`{"AlarmName":"prod-%s","AlarmArn":"arn:aws:cloudwatch:::alarm:%s","StateValue":%q,"StateReason":"9 of 10"}`, id, id, state))
	}
	for name, answer := range map[string]string{
		"cloudformation-list-stack-resources": `{"StackResourceSummaries":[` + strings.Join(resources, ",") + `]}`,
		"cloudwatch-describe-alarms":          `{"MetricAlarms":[` + strings.Join(alarms, ",") + `]}`,
		"s3-cp":                               "",
		"cloudformation-create-change-set":    "{}",
		"cloudformation-describe-change-set":  `{"Status":"CREATE_COMPLETE"}`,
		"cloudformation-execute-change-set":   "{}",
		"cloudformation-delete-change-set":    "{}",
	} {
		a.write("answers/"+name, answer)
	}
	a.write("after", `{"Stacks":[{"StackStatus":"UPDATE_COMPLETE","Outputs":[{"OutputKey":"ApiUrl","OutputValue":"https://a1.example"}]}]}`)
}

// call is the only call of aws that begins with these words.
func (a account) call(words string) string {
	a.Helper()
	var found string
	for line := range strings.Lines(a.read("calls")) {
		if strings.HasPrefix(line, "aws "+words) {
			found += line
		}
	}
	return found
}

// In a deployment over a stack, the alarms take it back.
func TestAlarmsTakeADeploymentBack(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.stack("UPDATE_COMPLETE")
	a.updates("INSUFFICIENT_DATA")
	said, ok := a.run()
	made := a.call("cloudformation create-change-set")
	_, given, _ := strings.Cut(made, "--rollback-configuration ")
	given, _, _ = strings.Cut(given, " --output")
	var back rollback
	if err := json.Unmarshal([]byte(given), &back); err != nil {
		t.Fatalf("%v: %s; said %s", err, made, said)
	}
	want := []trigger{}
	for _, id := range guards {
		want = append(want, trigger{"arn:aws:cloudwatch:::alarm:" + id, "AWS::CloudWatch::Alarm"})
	}
	if !ok || !slices.Equal(back.RollbackTriggers, want) ||
		back.MonitoringTimeInMinutes != watched {
		t.Errorf("ok is %v, got %+v, want %v; said %s", ok, back, want, said)
	}
	for _, part := range []string{
		"--change-set-type UPDATE", `{"ParameterKey":"TableProtection","ParameterValue":"on"}`,
		"--template-url https://s3.eu-central-1.amazonaws.com/packages/profiles-prod/",
	} {
		if !strings.Contains(made, part) {
			t.Errorf("got %s, want %s", made, part)
		}
	}
	if !strings.Contains(said, "watches 2 alarms for 15 minutes") {
		t.Errorf("said %s", said)
	}
}

func TestUpdateEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		write map[string]string
		more  []string // variables of the child
		want  string
		bad   bool
		calls string // must be there; with - before it, must be absent
	}{
		"an alarm takes it back": {
			write: map[string]string{
				"after": `{"Stacks":[{"StackStatus":"UPDATE_ROLLBACK_COMPLETE"}]}`,
				"answers/cloudformation-describe-stack-events": `{"StackEvents":[
					{"LogicalResourceId":"x","ResourceStatus":"UPDATE_COMPLETE"},
					{"LogicalResourceId":"profiles-prod","ResourceStatus":"UPDATE_ROLLBACK_IN_PROGRESS","ResourceStatusReason":"the alarm has breached"},
					{"LogicalResourceId":"profiles-prod","ResourceStatus":"UPDATE_IN_PROGRESS"},
					{"LogicalResourceId":"y","ResourceStatus":"UPDATE_FAILED","ResourceStatusReason":"of an earlier one"}]}`,
			},
			want: "profiles-prod is UPDATE_ROLLBACK_COMPLETE: profiles-prod: the alarm has breached", bad: true,
		},
		"nothing has changed": {
			write: map[string]string{"answers/cloudformation-describe-change-set": `{"Status":"FAILED","StatusReason":"The submitted information didn't contain changes."}`},
			want:  "Nothing has changed.", calls: "-execute-change-set",
		},
		"a change that cannot be": {
			write: map[string]string{"answers/cloudformation-describe-change-set": `{"Status":"FAILED","StatusReason":"Transform failed"}`},
			want:  "CloudFormation refuses the change: Transform failed", bad: true, calls: "-execute-change-set",
		},
		"an alarm fires already": {
			write: map[string]string{"answers/cloudwatch-describe-alarms": `{"MetricAlarms":[{"AlarmName":"prod-Failures","StateValue":"ALARM","StateReason":"9 of 10"}]}`},
			want:  "the alarm prod-Failures fires (9 of 10)", bad: true, calls: "-sam package",
		},
		"an alarm fires, and that is known": {
			write: map[string]string{"answers/cloudwatch-describe-alarms": `{"MetricAlarms":[{"AlarmName":"prod-Failures","StateValue":"ALARM"}]}`},
			more:  []string{"ROLLBACK=off"}, want: "No alarm takes it back", calls: `"RollbackTriggers":[]`,
		},
		"a stack that is too old for the alarms": {
			write: map[string]string{"answers/cloudformation-list-stack-resources": `{"StackResourceSummaries":[]}`},
			want:  "No alarm takes it back", calls: `"RollbackTriggers":[]`,
		},
		"neither on nor off": {more: []string{"ROLLBACK=no"}, want: `ROLLBACK is "no"`, bad: true, calls: "-aws"},
		"a bucket of one's own": {
			write: map[string]string{"samconfig.toml": strings.Replace(prod, "resolve_s3 = true", `s3_bucket = "ours"`, 1)},
			want:  "Deployed", calls: "s3-bucket ours",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.stack("UPDATE_COMPLETE")
			a.updates("OK")
			for file, text := range c.write {
				a.write(file, text)
			}
			said, ok := a.with(c.more...)
			if ok == c.bad || !strings.Contains(said, c.want) {
				t.Errorf("ok is %v, said %s, want %s", ok, said, c.want)
			}
			text, not := strings.CutPrefix(c.calls, "-")
			if strings.Contains(a.read("calls"), text) == not {
				t.Errorf("%s: got %s", c.calls, a.read("calls"))
			}
		})
	}
}

// CloudFormation watches each guard as long as it needs to fire.
func TestGuardsFireWhileTheyAreWatched(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	for _, id := range guards {
		r, ok := template.Resources[id]
		var p struct {
			Period            int `yaml:"Period"`
			DatapointsToAlarm int `yaml:"DatapointsToAlarm"`
			Metrics           []struct {
				MetricStat struct {
					Period int `yaml:"Period"`
				} `yaml:"MetricStat"`
			} `yaml:"Metrics"`
		}
		if err := r.Properties.Decode(&p); err != nil || !ok {
			t.Fatalf("%s: %v", id, err)
		}
		for _, m := range p.Metrics {
			p.Period = max(p.Period, m.MetricStat.Period)
		}
		if needs := p.Period * p.DatapointsToAlarm / 60; needs == 0 || needs+2 > watched {
			t.Errorf("%s needs %d minutes to fire, and is watched for %d", id, needs, watched)
		}
	}
	if len(guards) > 5 {
		t.Error("CloudFormation takes at most five")
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"profiles/shared/metric"
	"profiles/shared/operation"
)

// dashboardMark stands for the dashboard in the part of the template that is
// written by hand.
const dashboardMark = "  # generated: dashboard\n"

// usedTable is how the dashboard calls the table, which may be another one than
// the stack makes.
const usedTable = "UsedTable"

// widget is a part of the dashboard. Its width is in columns, of which there
// are 24.
type widget struct {
	title string
	width int
	graph []source // metrics over time
	math  string   // an expression over them in place of them; see alarm
	line  float64  // an objective to compare with; 0 for none
	query string   // of Logs Insights on the log of the functions, in place of metrics
	alarm bool     // the states of all alarms
}

// question is a row of the dashboard.
type question struct {
	text    string
	widgets []widget
}

func gateway(name, statistic string) source {
	return source{"AWS/ApiGateway", name, "ApiId !Ref Api", statistic}
}

func table(name string) source {
	return source{"AWS/DynamoDB", name, "TableName " + tableName, "Sum"}
}

func counts(those ...metric.Metric) (out []source) {
	for _, m := range those {
		out = append(out, own(m, "Sum"))
	}
	return out
}

// questions are what the dashboard answers, in this order.
func questions() []question {
	return []question{
		{"Is it up?", []widget{
			{title: "Alarms", width: 8, alarm: true},
			{
				title: "Requests that do not fail, per cent", width: 8, line: 100 - failing,
				graph: []source{gateway("5xx", "Sum"), gateway("Count", "Sum")},
				math:  "100 - 100 * FILL(m1, 0) / m2",
			},
			{
				title: "Requests", width: 8,
				graph: []source{gateway("Count", "Sum"), gateway("4xx", "Sum"), gateway("5xx", "Sum")},
			},
		}},
		{"Is it slow?", []widget{
			{
				title: "Reads, milliseconds", width: 6, line: readLimit,
				graph: []source{own(metric.ReadLatency, "p50"), own(metric.ReadLatency, "p99")},
			},
			{
				title: "All requests at the gateway, milliseconds", width: 6,
				graph: []source{gateway("Latency", "p50"), gateway("Latency", "p99")},
			},
			{
				title: "Mails and events of webhooks, seconds", width: 6, line: mailLimit,
				graph: []source{
					own(metric.MailDelay, "p99"), own(metric.OldestMail, "Maximum"),
					own(metric.WebhookDelay, "p99"),
				},
			},
			{
				title: "Support's first answer, seconds", width: 6,
				graph: []source{
					own(metric.FirstAnswer, "Maximum"), own(metric.TransferLate, "Maximum"),
				},
			},
			{
				title: "The slowest operations", width: 24,
				query: "filter msg = 'answered' | stats count(*) as calls, pct(ms, 50) as p50, pct(ms, 99) as p99, " +
					"count(cold) as starts, avg(trips) as mean_trips by operation | sort p99 desc | limit 15",
			},
		}},
		{"Who suffers?", []widget{
			{
				title: "Operations that fail or refuse, by code", width: 12,
				query: "filter status >= 400 | stats count(*) as calls by operation, status, code | sort calls desc | limit 20",
			},
			{
				title: "Profiles whose requests fail", width: 6,
				query: "filter status >= 500 and ispresent(profile) | stats count(*) as failures by profile | sort failures desc | limit 20",
			},
			{
				title: "Operations that met contention", width: 6,
				query: "filter conflicts > 0 or throttled > 0 | stats sum(conflicts) as met, sum(throttled) as refused by operation | sort met desc | limit 20",
			},
			{
				title: "Waiting", width: 8,
				graph: []source{
					own(metric.MailsWaiting, "Maximum"), own(metric.TransfersOpen, "Maximum"),
					own(metric.WebhooksDead, "Sum"),
				},
			},
			{
				title: "Contention and lack of capacity", width: 8,
				graph: []source{
					table("TransactionConflict"), table("ReadThrottleEvents"),
					table("WriteThrottleEvents"), own(metric.RateUncounted, "Sum"),
				},
			},
			{
				title: "Functions of the AWS account", width: 8,
				graph: []source{
					{"AWS/Lambda", "ConcurrentExecutions", "", "Maximum"},
					{"AWS/Lambda", "Throttles", "", "Sum"},
				},
			},
		}},
		{"What changed?", []widget{
			{
				title: "People", width: 8,
				graph: counts(metric.SignUps, metric.InvitationsSent, metric.InvitationsAccepted,
					metric.InvitationsBounced, metric.TokensMade),
			},
			{
				title: "Transfers", width: 8,
				graph: counts(metric.TransfersRequested, metric.TransfersCompleted,
					metric.TransfersEnded),
			},
			{
				title: "Services that reached their limit", width: 8,
				graph: counts(metric.ServicesBlocked),
			},
			{
				title: "Starts of functions: a deployment starts all anew", width: 24,
				query: "filter ispresent(cold) | stats count(*) as starts, pct(cold, 99) as p99 by bin(5m)",
			},
		}},
		{"What does it cost?", []widget{
			{
				title: "Units of the table", width: 8,
				graph: []source{
					table("ConsumedReadCapacityUnits"), table("ConsumedWriteCapacityUnits"),
				},
			},
			{
				title: "Bytes of logs", width: 8,
				graph: []source{
					{"AWS/Logs", "IncomingBytes", "LogGroupName !Ref Logs", "Sum"},
					{"AWS/Logs", "IncomingBytes", "LogGroupName !Ref AccessLogs", "Sum"},
					{"AWS/Logs", "IncomingBytes", "LogGroupName !Ref AuditLogs", "Sum"},
				},
			},
			{
				title: "The dearest operations, by units", width: 8,
				query: "filter ispresent(requests) | stats count(*) as runs, sum(reads) as read, sum(writes) as written by operation | sort written desc | limit 15",
			},
		}},
	}
}

// dashboard is the dashboard in the template.
func dashboard(operations []operation.Operation) string {
	var widgets []string
	y := 0
	place := func(x, width, height int, kind string, properties map[string]any) {
		encoded, _ := json.Marshal(properties) // texts, numbers and lists always encode
		widgets = append(widgets, fmt.Sprintf(
			`{"type":%q,"x":%d,"y":%d,"width":%d,"height":%d,"properties":%s}`,
			kind, x, y, width, height, encoded))
	}
	for _, q := range questions() {
		place(0, 24, 1, "text", map[string]any{"markdown": "## " + q.text})
		y++
		x := 0
		for _, w := range q.widgets {
			if x+w.width > 24 {
				x, y = 0, y+6
			}
			kind, properties := w.properties(operations)
			place(x, w.width, 6, kind, properties)
			x += w.width
		}
		y += 6
	}
	var b strings.Builder
	b.WriteString("  Dashboard:\n    Type: AWS::CloudWatch::Dashboard\n" +
		"    Condition: HasDashboard\n    Properties:\n" +
		"      DashboardName: !Sub ${AWS::StackName}-${AWS::Region}\n" +
		"      DashboardBody: !Sub\n        - |\n          {\"widgets\":[\n")
	b.WriteString("          " + strings.Join(widgets, ",\n          ") + "\n          ]}\n")
	b.WriteString("        - " + usedTable + ": " + tableName + "\n")
	return b.String()
}

// properties are those of a widget in the language of CloudWatch, with
// references to resources in the language of CloudFormation.
func (w widget) properties(operations []operation.Operation) (kind string, p map[string]any) {
	p = map[string]any{"title": w.title}
	if w.alarm {
		var arns []string
		for _, a := range alarms(operations) {
			arns = append(arns, "${"+a.name+"Alarm.Arn}")
		}
		p["alarms"] = arns
		return "alarm", p
	}
	p["region"] = "${AWS::Region}"
	if w.query != "" {
		p["query"], p["view"] = "SOURCE '${Logs}' | "+w.query, "table"
		return "log", p
	}
	metrics := []any{}
	if w.math != "" {
		metrics = append(metrics, []any{map[string]any{"expression": w.math, "label": w.title}})
	}
	for i, s := range w.graph {
		entry := []any{s.namespace, s.name}
		if s.namespace == "" {
			entry[0] = "${AWS::StackName}"
		}
		if name, value, ok := strings.Cut(s.dimension, " "); ok {
			_, resource, _ := strings.Cut(value, " ")
			if value == tableName {
				resource = usedTable
			}
			entry = append(entry, name, "${"+resource+"}")
		}
		how := map[string]any{"id": fmt.Sprintf("m%d", i+1), "stat": s.statistic}
		if w.math != "" {
			how["visible"] = false
		} else if strings.HasPrefix(s.statistic, "p") {
			how["label"] = s.name + " " + s.statistic
		}
		metrics = append(metrics, append(entry, how))
	}
	p["metrics"], p["view"], p["period"] = metrics, "timeSeries", 5*minute
	if w.line != 0 {
		p["annotations"] = map[string]any{
			"horizontal": []any{map[string]any{"label": "objective", "value": w.line}},
		}
	}
	return "metric", p
}

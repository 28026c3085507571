package main

import (
	"fmt"
	"strings"
	"time"

	"profiles/shared/metric"
	"profiles/shared/operation"
	"profiles/shared/transfer"
)

// alarmsMark stands for the alarms in the part of the template that is written
// by hand.
const alarmsMark = "  # generated: alarms\n"

// source is a metric with the statistic that somebody looks at.
type source struct {
	namespace string // "" for the stack's own
	name      string
	dimension string // its name and its value in the template; "" for none
	statistic string
}

func own(m metric.Metric, statistic string) source { return source{"", m.Name, "", statistic} }

// alarm is an alarm on one metric, or on an expression over several.
type alarm struct {
	name     string // without Alarm at its end
	what     string // for the person that it wakes
	runBook  string // the section of docs/operate.md
	sources  []source
	math     string // over m1, m2 and so on; "" for a single metric
	below    bool   // fires below the threshold, not above
	limit    string
	period   int // seconds
	of, last int // breaching periods among the last
	missing  string
	// whole says of a percentile that it needs enough values to mean something.
	whole bool
	// once is why a single event is enough; "" where it is not.
	once string
}

// Burn rates: how many times faster than allowed an objective's budget of a
// month is used up. At fast it lasts for two days, at slow for five.
const (
	fast = 14.4
	slow = 6
)

// Objectives of docs/operate.md.
const (
	failing    = 0.05 // per cent of requests that may fail
	tardy      = 1.0  // per cent of reads, and of mails, that may be late
	readLimit  = 300  // milliseconds
	mailLimit  = 120  // seconds
	minute     = 60
	hour       = 60 * minute
	notMissing = "notBreaching"
)

const (
	requestsFail  = "requests-fail"
	readsSlow     = "reads-are-slow"
	mailLate      = "mail-is-late"
	mailGivenUp   = "a-mail-is-given-up"
	supportLate   = "support-is-late"
	sweepMissing  = "a-sweep-is-missing"
	sweepFails    = "a-sweep-fails"
	notSealed     = "audit-entries-are-not-sealed"
	functionsFull = "functions-are-throttled"
	tableFull     = "the-table-is-throttled"
	conflicting   = "transactions-conflict"
	uncounted     = "rate-limits-are-not-counted"
	denied        = "access-is-denied"
	mailBounces   = "mail-bounces"
)

// alarms returns the alarms on the functions of operations.
func alarms(operations []operation.Operation) []alarm {
	return append([]alarm{
		failures("Fast", fast, 5*minute, 2, 3),
		failures("Slow", slow, hour, 3, 6),
		{
			name: "ReadsFast", runBook: readsSlow,
			what:    "Reads are slow: the month's budget lasts for two days",
			sources: []source{own(metric.ReadLatency, tardiest(fast))},
			limit:   fmt.Sprint(readLimit), period: 5 * minute, of: 3, last: 3, whole: true,
		},
		{
			name: "ReadsSlow", runBook: readsSlow,
			what:    "Reads are slow: the month's budget lasts for five days",
			sources: []source{own(metric.ReadLatency, tardiest(slow))},
			limit:   fmt.Sprint(readLimit), period: hour, of: 3, last: 6, whole: true,
		},
		{
			name: "MailFast", runBook: mailLate,
			what:    "Mails are late: the month's budget lasts for two days",
			sources: []source{own(metric.MailDelay, tardiest(fast))},
			limit:   fmt.Sprint(mailLimit), period: 15 * minute, of: 2, last: 2,
		},
		{
			name: "MailSlow", runBook: mailLate,
			what:    "Mails are late: the month's budget lasts for five days",
			sources: []source{own(metric.MailDelay, tardiest(slow))},
			limit:   fmt.Sprint(mailLimit), period: hour, of: 3, last: 6,
		},
		{
			name: "OldestMail", runBook: mailLate,
			what:    "A mail has waited for more than ten minutes",
			sources: []source{own(metric.OldestMail, "Maximum")},
			limit:   fmt.Sprint(10 * minute), period: 5 * minute, of: 2, last: 2,
		},
		{
			name: "TransferLate", runBook: supportLate,
			what:    "A transfer has waited for support's first answer longer than it should",
			sources: []source{own(metric.TransferLate, "Maximum")},
			limit:   fmt.Sprint(int(transfer.DeskTarget / time.Second)),
			period:  5 * minute, of: 2, last: 2,
		},
		{
			name: "AuditLate", runBook: notSealed,
			what: "Audit entries have not been sealed for some minutes",
			sources: []source{{
				"AWS/Lambda", "IteratorAge", "FunctionName !Ref AuditSealFunction", "Maximum",
			}},
			limit: fmt.Sprint(5 * minute * 1000), period: 5 * minute, of: 3, last: 3,
		},
		{
			name: "AuditAside", runBook: notSealed,
			what: "An audit log was changed outside the service, and its new entries are not sealed",
			sources: []source{
				{"", "AuditEntriesSetAside", "", "Sum"},
			},
			limit: "0", period: minute, of: 1, last: 1,
			once: "the service cannot do this, and a log is not sealed from then on",
		},
		{
			name: "Throttles", runBook: functionsFull,
			what:    "Lambda has refused invocations in this AWS account",
			sources: []source{{"AWS/Lambda", "Throttles", "", "Sum"}},
			limit:   "10", period: 5 * minute, of: 2, last: 3,
		},
		{
			name: "Concurrency", runBook: functionsFull,
			what:    "Functions of this AWS account are near the limit of concurrent executions",
			sources: []source{{"AWS/Lambda", "ConcurrentExecutions", "", "Maximum"}},
			limit:   "!Ref ConcurrencyThreshold", period: 5 * minute, of: 2, last: 3,
		},
		{
			name: "TableThrottles", runBook: tableFull,
			what: "The table refuses requests for lack of capacity",
			sources: []source{
				{"AWS/DynamoDB", "ReadThrottleEvents", "TableName " + tableName, "Sum"},
				{"AWS/DynamoDB", "WriteThrottleEvents", "TableName " + tableName, "Sum"},
			},
			math:  "FILL(m1, 0) + FILL(m2, 0)",
			limit: "20", period: 5 * minute, of: 2, last: 3,
		},
		{
			name: "Conflicts", runBook: conflicting,
			what: "Many transactions meet others on the same items",
			sources: []source{
				{"AWS/DynamoDB", "TransactionConflict", "TableName " + tableName, "Sum"},
			},
			limit: "100", period: 5 * minute, of: 3, last: 3,
		},
		{
			name: "RateUncounted", runBook: uncounted,
			what:    "Requests are served without being counted against their rate limits",
			sources: []source{own(metric.RateUncounted, "Sum")},
			limit:   "50", period: 5 * minute, of: 2, last: 3,
		},
		{
			name: "AccessDenied", runBook: denied,
			what:    "AWS has denied a function something",
			sources: []source{{"", "AccessDenied", "", "Sum"}},
			limit:   "0", period: 5 * minute, of: 1, last: 1,
			once: "a right is missing, or somebody tries what no function does",
		},
		{
			name: "Bounces", runBook: mailBounces,
			what:    "Of the mails of this AWS account 5 % bounce, at which SES begins a review",
			sources: []source{{"AWS/SES", "Reputation.BounceRate", "", "Maximum"}},
			limit:   "0.05", period: hour, of: 2, last: 2,
		},
		{
			name: "Complaints", runBook: mailBounces,
			what:    "Readers of 0.1 % of the mails of this AWS account complain, at which SES begins a review",
			sources: []source{{"AWS/SES", "Reputation.ComplaintRate", "", "Maximum"}},
			limit:   "0.001", period: hour, of: 2, last: 2,
		},
	}, append(sweeps(operations), deadLetters()...)...)
}

// tardiest is the percentile that is above the limit of an objective when its
// budget is used up that many times too fast: at 14.4 times 1 % it is p85.6.
func tardiest(burn float64) string { return fmt.Sprintf("p%g", 100-burn*tardy) }

// failures is an alarm on requests that the API answers with 5xx. A stray
// error is none, however few requests there are beside it.
func failures(name string, burn float64, period, of, last int) alarm {
	lasts := map[float64]string{fast: "two", slow: "five"}[burn]
	return alarm{
		name: "Failures" + name, runBook: requestsFail,
		what: "The API answers with 5xx: the month's budget lasts for " + lasts + " days",
		sources: []source{
			{"AWS/ApiGateway", "5xx", "ApiId !Ref Api", "Sum"},
			{"AWS/ApiGateway", "Count", "ApiId !Ref Api", "Sum"},
		},
		math:   "IF(FILL(m1, 0) > 2, 100 * m1 / m2, 0)",
		limit:  fmt.Sprintf("%.2f", burn*failing),
		period: period, of: of, last: last,
	}
}

// sweeps are alarms on scheduled functions that are not invoked any more. Those
// that fail are in a queue; see deadLetters.
func sweeps(operations []operation.Operation) (out []alarm) {
	for _, o := range operations {
		if o.Trigger != operation.Schedule {
			continue
		}
		out = append(out, alarm{
			name: camel(o.Name) + "Missing", runBook: sweepMissing,
			what: o.Name + " is not invoked any more",
			sources: []source{{
				"AWS/Lambda", "Invocations", "FunctionName !Ref " + camel(o.Name) + "Function", "Sum",
			}},
			below: true, limit: "1", missing: "breaching",
			period: int(max(o.Every, 5*time.Minute) / time.Second), of: 3, last: 3,
		})
	}
	return out
}

// deadLetters are two alarms on each queue: one fires at each new message, and
// one when nobody has dealt with a message for a day.
func deadLetters() (out []alarm) {
	const final = "it was tried until the end, and waits for a person"
	for _, q := range []struct{ queue, what, runBook string }{
		{"MailDeadLetters", "A mail or the return of one failed for good", mailGivenUp},
		{"ScheduleDeadLetters", "A scheduled function failed for good", sweepFails},
		{"AuditDeadLetters", "An audit entry was not sealed", notSealed},
	} {
		dimension := "QueueName !GetAtt " + q.queue + ".QueueName"
		out = append(out, alarm{
			name: q.queue, what: q.what, runBook: q.runBook,
			sources: []source{{"AWS/SQS", "NumberOfMessagesSent", dimension, "Sum"}},
			limit:   "0", period: 5 * minute, of: 1, last: 1, once: final,
		}, alarm{
			name: q.queue + "Old", runBook: q.runBook,
			what:    q.what + ", and nobody has looked for a day",
			sources: []source{{"AWS/SQS", "ApproximateAgeOfOldestMessage", dimension, "Maximum"}},
			limit:   fmt.Sprint(24 * hour), period: hour, of: 1, last: 1, once: final,
		})
	}
	return out
}

// yaml is the alarm in the template.
func (a alarm) yaml() string {
	var b strings.Builder
	line := func(indent int, format string, args ...any) {
		b.WriteString(strings.Repeat("  ", indent) + fmt.Sprintf(format, args...) + "\n")
	}
	line(1, "%sAlarm:", a.name)
	line(2, "Type: AWS::CloudWatch::Alarm")
	line(2, "Properties:")
	line(3, "AlarmDescription: %q", a.what+". See docs/operate.md#"+a.runBook)
	if a.math == "" {
		a.sources[0].yaml(line, 3)
		if s := a.sources[0].statistic; strings.HasPrefix(s, "p") {
			line(3, "ExtendedStatistic: %s", s)
		} else {
			line(3, "Statistic: %s", s)
		}
		line(3, "Period: %d", a.period)
	} else {
		line(3, "Metrics:")
		for i, s := range a.sources {
			line(4, "- Id: m%d", i+1)
			line(5, "ReturnData: false")
			line(5, "MetricStat:")
			line(6, "Metric:")
			s.yaml(line, 7)
			line(6, "Stat: %s", s.statistic)
			line(6, "Period: %d", a.period)
		}
		line(4, "- Id: result")
		line(5, "Expression: %q", a.math)
	}
	line(3, "EvaluationPeriods: %d", a.last)
	line(3, "DatapointsToAlarm: %d", a.of)
	line(3, "Threshold: %s", a.limit)
	line(3, "ComparisonOperator: %s",
		map[bool]string{true: "LessThanThreshold", false: "GreaterThanThreshold"}[a.below])
	if a.missing == "" {
		a.missing = notMissing
	}
	line(3, "TreatMissingData: %s", a.missing)
	if a.whole {
		line(3, "EvaluateLowSampleCountPercentile: ignore")
	}
	line(3, "AlarmActions: [!Ref Alarms]")
	line(3, "OKActions: [!Ref Alarms]")
	return b.String() + "\n"
}

func (s source) yaml(line func(int, string, ...any), indent int) {
	if s.namespace == "" {
		s.namespace = "!Ref AWS::StackName"
	}
	line(indent, "Namespace: %s", s.namespace)
	line(indent, "MetricName: %s", s.name)
	if name, value, ok := strings.Cut(s.dimension, " "); ok {
		line(indent, "Dimensions:")
		line(indent+1, "- {Name: %s, Value: %s}", name, value)
	}
}

// alarmsOf are the alarms as they stand in the template.
func alarmsOf(operations []operation.Operation) string {
	var b strings.Builder
	for _, a := range alarms(operations) {
		b.WriteString(a.yaml())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	// leastConcurrency is how many functions at the same time the service
	// needs: a new account has 10, and a page of the console asks for more.
	leastConcurrency = 100
	// throttleRate is the quota of API Gateway for the requests a second of
	// an account in a region. Source: AWS Service Quotas.
	throttleRate = "L-8A5B8E43"
)

// account checks the account and its quotas. Before the first deployment, the
// quotas must have room for the whole stack; later, the stack is counted
// already.
func (d deployment) account(ctx context.Context, r *report, aws cloud, e environment, first bool) {
	d.mail(ctx, r, aws, e)
	d.domain(ctx, r, aws, e, false)

	var functions struct {
		AccountLimit struct{ ConcurrentExecutions, UnreservedConcurrentExecutions int }
	}
	if err := aws.ask(ctx, &functions, "lambda", "get-account-settings"); !r.failed("Lambda", err) {
		has := functions.AccountLimit.UnreservedConcurrentExecutions
		r.must(has >= leastConcurrency, "Lambda", fmt.Sprintf("%d functions at the same time", has),
			fmt.Sprintf("ask for at least %d: Service Quotas, AWS Lambda, Concurrent executions", leastConcurrency))
	}

	var quota struct{ Quota struct{ Value float64 } }
	err := aws.ask(ctx, &quota, "service-quotas", "get-service-quota",
		"--service-code", "apigateway", "--quota-code", throttleRate)
	if !r.failed("API Gateway", err) {
		rate := d.declared.rate
		if p, ok := d.declared.find(rate); ok && p.Default != nil {
			rate = *p.Default
			if given, ok := e.parameters[p.name]; ok {
				rate = given
			}
		}
		wanted, err := strconv.ParseFloat(rate, 64)
		switch {
		case err != nil:
			r.unchecked("API Gateway", "%v requests a second; what the stack admits is not known yet", quota.Quota.Value)
		default:
			r.must(quota.Quota.Value >= wanted, "API Gateway",
				fmt.Sprintf("%v requests a second, of which the stack takes up to %v", quota.Quota.Value, wanted),
				"ask for more: Service Quotas, Amazon API Gateway, Throttle rate")
		}
	}

	var summary struct{ SummaryMap map[string]int }
	if err := aws.ask(ctx, &summary, "iam", "get-account-summary"); !r.failed("IAM", err) {
		for _, kind := range []struct{ used, quota, resource, name string }{
			{"Roles", "RolesQuota", "AWS::IAM::Role", "IAM roles"},
			{"Policies", "PoliciesQuota", "AWS::IAM::ManagedPolicy", "IAM policies"},
		} {
			left, needs := summary.SummaryMap[kind.quota]-summary.SummaryMap[kind.used], 0
			if first {
				needs = len(d.declared.ids[kind.resource])
			}
			r.must(left >= needs, kind.name,
				fmt.Sprintf("%d left, and the deployment makes %d", left, needs),
				"remove some, or ask for more: Service Quotas, AWS Identity and Access Management")
		}
	}
}

// mail checks whether SES sends for this account, and from the sender.
func (d deployment) mail(ctx context.Context, r *report, aws cloud, e environment) {
	var account struct {
		ProductionAccessEnabled, SendingEnabled bool
		EnforcementStatus                       string
		SendQuota                               struct{ Max24HourSend float64 }
	}
	if err := aws.ask(ctx, &account, "sesv2", "get-account"); !r.failed("SES", err) {
		r.must(account.SendingEnabled && account.EnforcementStatus == "HEALTHY", "SES",
			fmt.Sprintf("sending is %s, the account is %s", onOff(account.SendingEnabled), account.EnforcementStatus),
			"see the account dashboard of SES")
		r.must(account.ProductionAccessEnabled, "SES sandbox",
			fmt.Sprintf("%.0f mails a day, out of the sandbox: %s",
				account.SendQuota.Max24HourSend, yesNo(account.ProductionAccessEnabled)),
			"request production access in SES: mails reach only verified addresses until then")
	}
	sender, ok := e.parameters["SenderAddress"]
	if !ok {
		r.unchecked("SES sender", "it is not known yet: make deploy ENV=name asks for it")
		return
	}
	_, domain, _ := strings.Cut(sender, "@")
	var last string
	for _, identity := range []string{sender, domain} {
		var found struct{ VerifiedForSendingStatus bool }
		err := aws.ask(ctx, &found, "sesv2", "get-email-identity", "--email-identity", identity)
		var not refusal
		switch {
		case errors.As(err, &not) && not.code == "NotFoundException":
			continue
		case r.failed("SES sender", err):
			return
		case found.VerifiedForSendingStatus:
			r.ok("SES sender", "%s is verified", identity)
			return
		}
		last = identity + " waits for its verification"
	}
	if last == "" {
		last = fmt.Sprintf("neither %s nor %s is an identity of SES", sender, domain)
	}
	r.isWrong("SES sender", "%s: verify one of them in SES, in the region %s", last, aws.region)
}

func onOff(is bool) string {
	if is {
		return "on"
	}
	return "off"
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

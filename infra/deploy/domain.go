package main

import (
	"context"
	"net"
	"slices"
	"strings"
)

// domain checks the certificate of the environment's domain and, when the stack
// is deployed, that the domain leads somewhere.
func (d deployment) domain(
	ctx context.Context, r *report, aws cloud, e environment, deployed bool,
) {
	name := e.parameters[domainName]
	if name == "" {
		return
	}
	if !deployed {
		certified(ctx, r, aws, name, e.parameters[certificateArn])
		return
	}
	var found struct {
		DomainNameConfigurations []struct{ DomainNameStatus, DomainNameStatusMessage string }
	}
	err := aws.ask(ctx, &found, "apigatewayv2", "get-domain-name", "--domain-name", name)
	if !r.failed("domain", err) {
		for _, c := range found.DomainNameConfigurations {
			r.must(c.DomainNameStatus == "AVAILABLE", "domain", name+" is "+c.DomainNameStatus,
				"wait, and look again; API Gateway says: "+c.DomainNameStatusMessage)
		}
	}
	resolves(ctx, r, name, net.DefaultResolver.LookupHost)
}

// certified checks a certificate for a host name.
func certified(ctx context.Context, r *report, aws cloud, name, arn string) {
	var found struct {
		Certificate struct {
			Status, DomainName      string
			SubjectAlternativeNames []string
		}
	}
	err := aws.ask(ctx, &found, "acm", "describe-certificate", "--certificate-arn", arn)
	if r.failed("certificate", err) {
		return
	}
	c := found.Certificate
	r.must(c.Status == "ISSUED", "certificate", "it is "+c.Status,
		"set the DNS record that ACM asks for, and wait until it is issued")
	names := append(c.SubjectAlternativeNames, c.DomainName)
	r.must(slices.ContainsFunc(names, func(of string) bool { return isFor(of, name) }),
		"certificate", "it is for "+strings.Join(slices.Compact(names), ", "),
		"request one that names "+name)
}

// isFor reports whether the name of a certificate, which may begin with *, is
// that of a host.
func isFor(of, host string) bool {
	if rest, wide := strings.CutPrefix(of, "*."); wide {
		_, below, _ := strings.Cut(host, ".")
		return strings.EqualFold(rest, below)
	}
	return strings.EqualFold(of, host)
}

// resolves checks that a host name has an address.
func resolves(
	ctx context.Context, r *report, name string,
	lookup func(context.Context, string) ([]string, error),
) {
	addresses, err := lookup(ctx, name)
	if err != nil || len(addresses) == 0 {
		r.isWrong("DNS", "%s has no address: set a record that leads to the output DomainTarget, "+
			"or to CloudFront (docs/edge.md)", name)
		return
	}
	r.ok("DNS", "%s is at %s", name, strings.Join(addresses, ", "))
}

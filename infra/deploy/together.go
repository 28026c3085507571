package main

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// also makes a check of a value for a parameter: its own rule, and that it goes
// with what is known already.
func (e environment) also(p parameter) func(string) error {
	return func(value string) error {
		if err := p.check(value); err != nil {
			return err
		}
		with := environment{region: e.region, parameters: maps.Clone(e.parameters)}
		with.parameters[p.name] = value
		return with.contradiction()
	}
}

// contradiction returns why parameters that are known do not go together.
// CloudFormation would find out in the middle of a deployment, or not at all.
func (e environment) contradiction() error {
	is := func(name string) bool { return e.parameters[name] != "" }
	certificate, known := e.parameters[certificateArn]
	switch {
	case is(domainName) && known && certificate == "":
		return errors.New("DomainName needs the CertificateArn of a certificate for it")
	case is(certificateArn) && !is(domainName):
		return errors.New("CertificateArn is for a DomainName, and there is none")
	case is(certificateArn) && regionOf(certificate) != e.region:
		return fmt.Errorf("the certificate is in the region %s, and API Gateway needs one in %s: "+
			"request one there", regionOf(certificate), e.region)
	case is(hostedZoneID) && !is(domainName):
		return errors.New("HostedZoneId is for the record of a DomainName, and there is none")
	case e.parameters[defaultEndpoint] == "off" && !is(domainName):
		return errors.New("DefaultEndpoint is off, and without a DomainName there is no other endpoint")
	case is(originDigests) && !is(domainName):
		return errors.New("OriginDigests is for a CloudFront in front of a DomainName, and there is none: " +
			"sessions of browsers need the same host name at both")
	case is(originDigests) && is(hostedZoneID):
		return errors.New("OriginDigests refuses requests that go past CloudFront, " +
			"and the record in HostedZoneId leads past it: leave HostedZoneId empty")
	case is(existingSecret) && regionOf(e.parameters[existingSecret]) != e.region:
		return fmt.Errorf("ExistingSecret is in the region %s, and the stack is in %s",
			regionOf(e.parameters[existingSecret]), e.region)
	}
	return nil
}

// regionOf is the region in an ARN.
func regionOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 3 {
		return parts[3]
	}
	return ""
}

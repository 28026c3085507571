package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

const (
	certificateHere  = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b"
	certificateThere = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
	secretHere       = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:SecretKey-AbCdEf"
	digest           = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	streamHere       = "arn:aws:dynamodb:eu-central-1:123456789012:table/restored/stream/2030-03-14T09:26:53.589"
)

// with is the environment prod with more parameters.
func with(more string) string {
	return strings.Replace(prod, `help@example.com\""`, `help@example.com\" `+more+`"`, 1)
}

// Parameters that do not go together are refused before anything is deployed.
func TestParametersGoTogether(t *testing.T) {
	t.Parallel()
	domain := "DomainName=api.example.com CertificateArn=" + certificateHere
	for name, c := range map[string]struct{ given, want string }{
		"a domain":                  {domain, ""},
		"with a record":             {domain + " HostedZoneId=Z1", ""},
		"and no other endpoint":     {domain + " DefaultEndpoint=off", ""},
		"behind CloudFront":         {domain + " OriginDigests=" + digest, ""},
		"no certificate":            {"DomainName=api.example.com", "DomainName needs the CertificateArn"},
		"a certificate elsewhere":   {"DomainName=api.example.com CertificateArn=" + certificateThere, "the certificate is in the region us-east-1, and API Gateway needs one in eu-central-1"},
		"a certificate for nothing": {"CertificateArn=" + certificateHere, "CertificateArn is for a DomainName"},
		"a record of nothing":       {"HostedZoneId=Z1", "HostedZoneId is for the record of a DomainName"},
		"no endpoint":               {"DefaultEndpoint=off", "there is no other endpoint"},
		"CloudFront before nothing": {"OriginDigests=" + digest, "OriginDigests is for a CloudFront in front of a DomainName"},
		"a record past CloudFront":  {domain + " HostedZoneId=Z1 OriginDigests=" + digest, "leads past it"},
		"a value for its digest":    {domain + " OriginDigests=secret", `OriginDigests: "secret" does not have the form`},
		"keys elsewhere":            {"ExistingSecret=" + strings.Replace(secretHere, "eu-central-1", "us-east-1", 1), "ExistingSecret is in the region us-east-1"},
	} {
		_, _, _, err := asked(t, with(c.given), "")
		if c.want == "" && err != nil ||
			c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// A person hears of it at the answer that does not fit, and gives another one.
func TestAnswersGoTogether(t *testing.T) {
	t.Parallel()
	answers := "\n\n" // stack and region
	for _, p := range real(t).parameters {
		switch p.name {
		case "SenderAddress", "SupportAddress":
			answers += "a@example.com\n"
		case domainName:
			answers += "api.example.com\n"
		case certificateArn:
			answers += "\n" + certificateThere + "\n" + strings.Replace(certificateHere, "eu-central-1", "eu-west-1", 1) + "\n"
		case protection, existingTable, existingStream, existingSecret:
		default:
			answers += "\n"
		}
	}
	text, said, _, err := asked(t, "", answers)
	if err != nil || !strings.Contains(text, `DomainName=\"api.example.com\"`) {
		t.Fatalf("got %v, %s", err, text)
	}
	for _, part := range []string{"DomainName needs the CertificateArn", "API Gateway needs one in eu-west-1"} {
		if !strings.Contains(said, part) {
			t.Errorf("said %s, want %s", said, part)
		}
	}
	if strings.Contains(said, existingTable) {
		t.Error("a person is asked for what only a recovery needs")
	}
}

// restored is what DynamoDB says of a table that may take the place of another.
const restored = `{"Table":{"TableStatus":"ACTIVE","DeletionProtectionEnabled":true,
	"KeySchema":[{"AttributeName":"PK","KeyType":"HASH"},{"AttributeName":"SK","KeyType":"RANGE"}],
	"GlobalSecondaryIndexes":[{"IndexName":"due","IndexStatus":"ACTIVE"}],
	"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"},
	"LatestStreamArn":"` + streamHere + `"}}`

// A stack is put over a table that can take the place of its own, with its
// stream, and over no other.
func TestDeployOverATable(t *testing.T) {
	t.Parallel()
	both := "ExistingTable=restored ExistingSecret=" + secretHere
	for name, c := range map[string]struct {
		given, status string
		answer        [2]string // a part of what DynamoDB says, and another for it
		want          string    // what is said; "" where it is deployed
	}{
		"a stack that is there":         {given: "ExistingTable=restored", status: "UPDATE_COMPLETE"},
		"a new one":                     {given: both},
		"a new one without the keys":    {given: "ExistingTable=restored", want: "ExistingTable needs the ExistingSecret"},
		"a table that is made":          {given: both, answer: [2]string{`"TableStatus":"ACTIVE"`, `"TableStatus":"CREATING"`}, want: "restored is CREATING"},
		"an index that is filled":       {given: both, answer: [2]string{`"IndexStatus":"ACTIVE"`, `"IndexStatus":"CREATING"`}, want: "no index due"},
		"no index":                      {given: both, answer: [2]string{`"IndexName":"due"`, `"IndexName":"other"`}, want: "no index due"},
		"no stream":                     {given: both, answer: [2]string{`"StreamEnabled":true`, `"StreamEnabled":false`}, want: "aws dynamodb update-table --table-name restored --stream-specification"},
		"a global table":                {given: both, answer: [2]string{"KEYS_ONLY", "NEW_AND_OLD_IMAGES"}},
		"a stream with images":          {given: both, answer: [2]string{"KEYS_ONLY", "NEW_IMAGE"}, want: "no stream with KEYS_ONLY"},
		"another's table":               {given: both, answer: [2]string{`"SK"`, `"id"`}, want: "is none of this service: its key is HASH PK RANGE id"},
		"a stream of before, no longer": {given: "ExistingStream=" + streamHere, status: "UPDATE_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.write("samconfig.toml", with(c.given))
			a.write("answers/dynamodb-describe-table", strings.Replace(restored, c.answer[0], c.answer[1], 1))
			deployment := "sam deploy"
			if c.status != "" {
				a.stack(c.status)
				a.updates("OK")
				deployment = "execute-change-set"
			}
			said, ok := a.run()
			calls, config := a.read("calls"), a.read("samconfig.toml")
			if c.want != "" {
				if ok || !strings.Contains(said, c.want) || strings.Contains(calls, deployment) {
					t.Errorf("ok is %v, said %s; called %s", ok, said, calls)
				}
				return
			}
			if !ok || strings.Count(calls, deployment) != 1 {
				t.Errorf("ok is %v, said %s; called %s, want one deployment", ok, said, calls)
			}
			stream := `ExistingStream=\"` + streamHere + `\"`
			if strings.Contains(c.given, existingTable) != strings.Contains(config, stream) {
				t.Errorf("the stream is not that of the table: %s", config)
			}
			told := `{"ParameterKey":"ExistingStream","ParameterValue":"` + streamHere + `"}`
			if set := a.call("cloudformation create-change-set"); set != "" &&
				strings.Contains(c.given, existingTable) != strings.Contains(set, told) {
				t.Errorf("the change has another stream: %s", set)
			}
		})
	}
}

// Doctor looks at the table that the stack is over.
func TestDoctorOfAStackOverATable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ stream, table, want string }{
		"as it should be":  {streamHere, restored, "ok           attached table: its stream is " + streamHere},
		"another stream":   {streamHere + "0", restored, "WRONG        attached table: its stream is"},
		"not protected":    {streamHere, strings.Replace(restored, `ProtectionEnabled":true`, `ProtectionEnabled":false`, 1), "aws dynamodb update-table --deletion-protection-enabled --table-name restored"},
		"without a stream": {streamHere, strings.Replace(restored, `StreamEnabled":true`, `StreamEnabled":false`, 1), "WRONG        attached table: the table restored has no stream"},
	} {
		a := newAccount(t)
		a.answers(healthy)
		a.answers(healthyStack)
		a.stack("UPDATE_COMPLETE")
		a.write("answers/cloudformation-list-stack-resources", `{"StackResourceSummaries":[{"LogicalResourceId":"Alarms","PhysicalResourceId":"arn:topic"},
			{"LogicalResourceId":"FailuresFastAlarm","PhysicalResourceId":"errors"},{"LogicalResourceId":"MailDeadLettersAlarm","PhysicalResourceId":"mails"}]}`)
		a.write("samconfig.toml", with("ExistingTable=restored ExistingSecret="+secretHere+" ExistingStream="+c.stream))
		a.write("answers/dynamodb-describe-table", strings.ReplaceAll(strings.ReplaceAll(c.table, "\n", ""), "\t", ""))
		said, ok := a.run("doctor")
		if ok != strings.HasPrefix(c.want, "ok") || !strings.Contains(said, c.want) {
			t.Errorf("%s: ok is %v, said %s", name, ok, said)
		}
		if calls := a.read("calls"); !strings.Contains(calls, "describe-secret --secret-id "+secretHere) {
			t.Errorf("%s: nobody looks at the keys: %s", name, calls)
		}
	}
}

// Doctor looks at the certificate of a domain before and after a deployment.
func TestDoctorOfADomain(t *testing.T) {
	t.Parallel()
	issued := `{"Certificate":{"Status":"ISSUED","DomainName":"example.com","SubjectAlternativeNames":["example.com","*.example.com"]}}`
	for name, c := range map[string]struct{ certificate, want string }{
		"issued":           {issued, "ok           certificate: it is ISSUED"},
		"for its name":     {strings.ReplaceAll(issued, "*.", "api."), "ok           certificate: it is for"},
		"waiting":          {strings.Replace(issued, "ISSUED", "PENDING_VALIDATION", 1), "WRONG        certificate: it is PENDING_VALIDATION"},
		"for another name": {strings.ReplaceAll(issued, "*.", "www."), "WRONG        certificate: it is for example.com, www.example.com, example.com: request one that names api.example.com"},
		"for names below":  {strings.ReplaceAll(issued, "*.", "*.api."), "WRONG        certificate: it is for"},
	} {
		a := newAccount(t)
		a.answers(healthy)
		a.write("samconfig.toml", with("DomainName=api.example.com CertificateArn="+certificateHere))
		a.write("answers/acm-describe-certificate", c.certificate)
		said, ok := a.run("doctor")
		if ok != strings.HasPrefix(c.want, "ok") || !strings.Contains(said, c.want) {
			t.Errorf("%s: ok is %v, said %s", name, ok, said)
		}
	}
}

func TestADomainResolves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		addresses []string
		err       error
		want      string
	}{
		"it does":       {[]string{"192.0.2.1"}, nil, "ok           DNS: api.example.com is at 192.0.2.1"},
		"no record":     {nil, errors.New("no such host"), "WRONG        DNS: api.example.com has no address"},
		"no address":    {nil, nil, "WRONG        DNS: api.example.com has no address"},
		"two addresses": {[]string{"192.0.2.1", "2001:db8::1"}, nil, "ok           DNS: api.example.com is at 192.0.2.1, 2001:db8::1"},
	} {
		var out strings.Builder
		resolves(t.Context(), &report{out: &out}, "api.example.com",
			func(context.Context, string) ([]string, error) { return c.addresses, c.err })
		if !strings.HasPrefix(out.String(), c.want) {
			t.Errorf("%s: said %s", name, out.String())
		}
	}
}

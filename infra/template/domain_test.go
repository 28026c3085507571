package template_test

import (
	"strings"
	"testing"

	"profiles/infra/template"
)

// All parts of a stack with a domain that name its address name the domain, and
// none names the address of API Gateway.
func TestEverythingFollowsTheDomain(t *testing.T) {
	t.Parallel()
	const domain = "api.example.com"
	with := map[string]string{
		"DomainName": domain, "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/0a1b",
		"HostedZoneId": "Z1", "DefaultEndpoint": "off",
	}
	whole := readWhole(t, attached(with))
	for id, want := range map[string]string{
		"Domain": domain, "DomainMapping": "Domain", "DomainRecord": "Z1",
		"Outputs.ApiUrl": "https://" + domain, "Outputs.DomainTarget": "Domain.RegionalDomainName",
		"MailDeliverFunction": "https://" + domain + "/console",
		"MailRetryFunction":   "https://" + domain + "/console",
	} {
		if text := encoded(t, whole[id]); !strings.Contains(text, `"`+want+`"`) {
			t.Errorf("%s is %s, want %s", id, text, want)
		}
	}
	for id, part := range whole {
		if strings.Contains(encoded(t, part), "execute-api") {
			t.Errorf("%s names the endpoint of API Gateway, which may be off", id)
		}
	}
	if !strings.Contains(encoded(t, whole["Api"]), `"disableExecuteApiEndpoint":"true"`) &&
		!strings.Contains(encoded(t, whole["Api"]), `"disableExecuteApiEndpoint":true`) {
		t.Error("the endpoint of API Gateway is on, want off")
	}
	// A console elsewhere keeps its address, and other parts exist only with a
	// domain.
	with["ConsoleUrl"] = "https://app.example.com/"
	if text := encoded(t, readWhole(t, attached(with))["MailDeliverFunction"]); !strings.Contains(text, `"https://app.example.com/"`) {
		t.Errorf("a console elsewhere: got %s", text)
	}
	without := readWhole(t, attached(map[string]string{"HostedZoneId": "Z1", "DefaultEndpoint": "off"}))
	for _, id := range []string{"Domain", "DomainMapping", "DomainRecord", "Outputs.DomainTarget"} {
		if _, made := without[id]; made {
			t.Errorf("%s is made without a domain", id)
		}
	}
	if text := encoded(t, without["Api"]); strings.Contains(text, `"disableExecuteApiEndpoint":"true"`) ||
		strings.Contains(text, `"disableExecuteApiEndpoint":true`) {
		t.Error("the only endpoint of the stack is off")
	}
}

// The digests of the value that CloudFront sends reach every function.
func TestFunctionsKnowTheEdge(t *testing.T) {
	t.Parallel()
	file, _ := project(t)
	digests := strings.Repeat("0a", 32) + "," + strings.Repeat("1b", 32)
	read, err := template.Read(file, attached(map[string]string{"OriginDigests": digests}))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range read.Functions {
		if got := f.Environment["ORIGIN_DIGESTS"]; got != digests {
			t.Errorf("%s has the digests %q", f.Name, got)
		}
	}
	if read, err = template.Read(file, attached(nil)); err != nil ||
		read.Functions[0].Environment["ORIGIN_DIGESTS"] != "" {
		t.Errorf("without an edge: got %v", err)
	}
}

// A deployed function sends nothing to an address inside its own network.
func TestNoFunctionAdmitsWebhooksToItself(t *testing.T) {
	t.Parallel()
	file, _ := project(t)
	read, err := template.Read(file, attached(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range read.Functions {
		if _, set := f.Environment["WEBHOOK_LOOPBACK"]; set {
			t.Errorf("%s sends webhooks to loopback addresses", f.Name)
		}
	}
}

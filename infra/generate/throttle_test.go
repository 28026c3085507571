package main

import (
	"testing"

	"profiles/infra/template"
	"profiles/shared/operation"
)

// gatewayQuota is how many requests a second API Gateway admits to an AWS
// account in a region. Source: quotas of Amazon API Gateway.
const gatewayQuota = 10_000

// Exactly the routes that take no credential have a limit of their own, which
// the parameters set. Floods of all of them together leave most of the quota of
// the AWS account.
func TestOpenRoutesHaveLimitsOfTheirOwn(t *testing.T) {
	t.Parallel()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	read, err := template.ReadLocal(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, o := range operation.All() {
		for _, r := range o.Declared() {
			key := template.Route(r).Key()
			_, has := read.API.Throttles[key]
			// The rule of Open is repeated here, so that a change of it shows.
			if open := o.Access == operation.Anonymous || o.Codes; has != open {
				t.Errorf("%s has a limit of its own: %v, takes no credential: %v", key, has, open)
			}
			wanted[key] = true
		}
	}
	for key := range read.API.Throttles {
		if !wanted[key] {
			t.Errorf("%s has a limit and is no route", key)
		}
	}
	stage, open := read.API.Throttle, 0.0
	for key, limit := range read.API.Throttles {
		if limit.Rate >= stage.Rate || limit.Burst >= stage.Burst || limit.Rate < 1 ||
			limit.Burst < limit.Rate {
			t.Errorf("%s has %+v beside the stage's %+v", key, limit, stage)
		}
		open += limit.Rate
	}
	if len(read.API.Throttles) < 20 || open+stage.Rate > gatewayQuota/2 {
		t.Errorf("%d routes take %v requests a second together", len(read.API.Throttles), open)
	}
	chosen, err := template.ReadLocal(file, map[string]string{
		"RequestRate": "40", "RequestBurst": "80", "OpenRequestRate": "3", "OpenRequestBurst": "9",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := chosen.API.Throttles["ANY /status"]; got != (template.Throttle{Rate: 3, Burst: 9}) ||
		chosen.API.Throttle != (template.Throttle{Rate: 40, Burst: 80}) {
		t.Errorf("got %+v and %+v, want what the parameters say", got, chosen.API.Throttle)
	}
}

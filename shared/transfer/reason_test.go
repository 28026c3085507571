package transfer_test

import (
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/transfer"
)

// The rules' reasons and facts for programs. The tests of each rule check its
// message.
func TestRulesOfTransfersTellProgramsWhy(t *testing.T) {
	t.Parallel()
	second := func(_ any, err error) error { return err }
	now := asked.Add(time.Hour)
	open := agreed(t)
	canceled, err := open.Transfer.Cancel(now)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		err     error
		reason  problem.Reason
		details string
	}{
		"a transfer that has ended":     {second(canceled.Cancel(now)), problem.ReasonTransferOver, ""},
		"a return of what is not done":  {second(open.Transfer.Revert(transfer.PartySource, gives, ticket2, now)), problem.ReasonTransferFinal, ""},
		"a transfer that lacks a thing": {second(transfer.Request(open.Profile, holding(gives, 1), "x@example.com", "", transfer.PolicyAuto, ticket2, now)), problem.ReasonPrerequisitesMissing, `{"missing":["source-keeps-profile"]}`},
		"a transfer to oneself":         {second(transfer.Request(open.Profile, gives, gives.Email, "", transfer.PolicyAuto, ticket2, now)), problem.ReasonOwnAddress, `{"fields":[{"field":"email"}]}`},
	} {
		problemtest.Tells(t, name, test.err, test.reason, test.details)
	}
}

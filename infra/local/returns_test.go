package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/infra/demo"
	"profiles/infra/simulator"
	"profiles/shared/mailing"
)

// Only mails to the addresses of the simulator come back, each with the id of
// the mail.
func TestMailsToTheSimulatorComeBack(t *testing.T) {
	t.Parallel()
	request := func(to string) []byte {
		type object map[string]any
		raw, err := json.Marshal(object{
			"Destination": object{"ToAddresses": []string{to}},
			"EmailTags": []object{
				{"Name": "other", "Value": "x"},
				{"Name": mailing.TagMail, "Value": "0123456789abcdef01234567"},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for to, want := range map[string]mailing.ReturnKind{
		"bounce@" + simulator.Domain:    mailing.ReturnInvalid,
		"bounce+2@" + simulator.Domain:  mailing.ReturnInvalid,
		"full@" + simulator.Domain:      mailing.ReturnRefused,
		"complaint@" + simulator.Domain: mailing.ReturnComplaint,
		"delay@" + simulator.Domain:     mailing.ReturnDelayed,
		"ana@" + simulator.Domain:       "",
		"bounce@example.com":            "",
	} {
		event, _ := eventOfMail(request(to), time.Now())
		got := mailing.Return{}
		if event != nil {
			got, _, _ = mailing.ParseEvent(message(t, event))
		}
		if got.Kind != want || (want != "") != (got.Mail == "0123456789abcdef01234567") {
			t.Errorf("%s: got %+v, want %q", to, got, want)
		}
	}
	if _, ok := eventOfMail([]byte(`{"EmailAddress": "a@example.com"}`), time.Now()); ok {
		t.Error("another request of SES made an event")
	}
}

// message is the text that SNS carries.
func message(t *testing.T, event []byte) string {
	t.Helper()
	var sns events.SNSEvent
	if err := json.Unmarshal(event, &sns); err != nil || len(sns.Records) != 1 {
		t.Fatalf("%s is no event of SNS: %v", event, err)
	}
	return sns.Records[0].SNS.Message
}

// A person who invites an address of the simulator sees that the mail came
// back, in a whole stack.
func TestAMailComesBackInTheLocalStack(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	token := demo.Owner.Token()
	code, answer := r.call("POST", "/profile/current/team", token, `{"email": "bounce@simulator.example", "permission": "read"}`)
	if code != 200 {
		t.Fatalf("inviting: got %d %s", code, answer)
	}
	r.eventually("the team shows the mail as come back", func() bool {
		_, team := r.call("GET", "/profile/current/team", token, "")
		return strings.Contains(team, `"invalid":true`)
	})
	if n := len(r.mails("bounce@simulator.example")); n != 1 {
		t.Errorf("the mailbox has %d mails to the address, want 1", n)
	}
	if _, got := r.call("GET", "/notification", token, ""); !strings.Contains(got, "An invitation could not be delivered") {
		t.Errorf("the owner has no notification of it: %s", got)
	}
}

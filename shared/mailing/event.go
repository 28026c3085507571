package mailing

import (
	"encoding/json"
	"fmt"
	"strings"
)

// TagMail is the tag with which SES is given the id of a mail, and with which
// its events name it.
const TagMail = "mail"

// event is the part of an event of SES that is read here. Source of its form:
// the Amazon SES Developer Guide, "Contents of event data in Amazon SNS".
type event struct {
	Type   string `json:"eventType"`
	Bounce struct {
		Type string `json:"bounceType"`
	} `json:"bounce"`
	Complaint struct {
		Feedback string `json:"complaintFeedbackType"`
	} `json:"complaint"`
	Mail struct {
		Tags map[string][]string `json:"tags"`
	} `json:"mail"`
}

// ParseEvent reads an event of SES, as it comes by SNS. ok is false for a
// message that says nothing of a mail of this service that came back: another
// event, a report that a mail was wanted, a mail without the tag, or the text
// with which SES tries a topic. The error is for what begins like an event and
// cannot be read.
func ParseEvent(text string) (r Return, ok bool, err error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return r, false, nil
	}
	var e event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return r, false, fmt.Errorf("an event of SES cannot be read: %w", err)
	}
	switch {
	case e.Type == "DeliveryDelay":
		r.Kind = ReturnDelayed
	case e.Type == "Bounce" && e.Bounce.Type == "Permanent":
		r.Kind = ReturnInvalid
	case e.Type == "Bounce":
		r.Kind = ReturnRefused
	case e.Type == "Complaint" && e.Complaint.Feedback != "not-spam":
		r.Kind = ReturnComplaint
	}
	if tags := e.Mail.Tags[TagMail]; len(tags) == 1 {
		r.Mail = ID(tags[0])
	}
	return r, r.Kind != "" && r.Mail != "", nil
}

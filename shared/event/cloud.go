package event

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Source is what the operator's bus knows the events of a stack by.
const Source = "profiles"

// cloud is an event in the form of CloudEvents 1.0, with the extension for
// sequences.
type cloud struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            Type   `json:"type"`
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	DataContentType string `json:"datacontenttype"`
	Sequence        string `json:"sequence,omitempty"`
	Data            Data   `json:"data"`
}

// Cloud returns an event that Encode made as a CloudEvent, with its type. Its
// subject is profile/ or account/ with the id. Errors: for what is no event.
func Cloud(body []byte) (Type, []byte, error) {
	var b Body
	if err := json.Unmarshal(body, &b); err != nil {
		return "", nil, fmt.Errorf("an event that cannot be read: %w", err)
	}
	c := cloud{
		SpecVersion: "1.0", ID: b.ID, Source: "/" + Source, Type: b.Type, Time: b.Timestamp,
		DataContentType: "application/json", Data: b.Data,
	}
	switch {
	case b.Data.Profile != nil:
		c.Subject = "profile/" + string(*b.Data.Profile)
	case b.Data.Account != nil:
		c.Subject = "account/" + string(*b.Data.Account)
	default:
		return "", nil, fmt.Errorf("the event %s is of no profile and of no account", b.ID)
	}
	if b.Sequence != nil {
		c.Sequence = strconv.FormatInt(*b.Sequence, 10)
	}
	text, err := json.Marshal(c)
	return b.Type, text, err
}

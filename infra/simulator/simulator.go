// Package simulator makes the events by which SES reports mails that come back,
// as SNS brings them to a function, and knows the addresses to which mails of
// the local stack come back, as SES has them for tests.
package simulator

import (
	"encoding/json"
	"strings"
	"time"
)

// Domain has the addresses to which mails come back: bounce, full, complaint
// and delay, each also with a plus and any text behind it.
const Domain = "simulator.example"

type object = map[string]any

// details are the parts of an event that say how a mail came back, by the part
// of an address before the @.
var details = map[string]func(address, at string) object{
	"bounce": func(address, at string) object {
		return bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", address, at)
	},
	"full": func(address, at string) object {
		return bounce("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full", address, at)
	},
	"complaint": func(address, at string) object {
		return object{
			"eventType": "Complaint",
			"complaint": object{
				"arrivalDate":           at,
				"complainedRecipients":  []object{{"emailAddress": address}},
				"complaintFeedbackType": "abuse",
				"complaintSubType":      nil,
				"feedbackId":            feedback,
				"timestamp":             at,
				"userAgent":             "ExampleCorp Feedback Loop (V0.01)",
			},
		}
	},
	"delay": func(address, at string) object {
		return object{
			"eventType": "DeliveryDelay",
			"deliveryDelay": object{
				"delayType":      "TransientCommunicationFailure",
				"expirationTime": at,
				"timestamp":      at,
				"delayedRecipients": []object{{
					"emailAddress":   address,
					"status":         "4.4.1",
					"diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
				}},
			},
		}
	},
}

const feedback = "0100015f1fc7a0a5-b1f8c3a0-9b0a-4f4c-8a5e-1e8d1d8f0000-000000"

func bounce(kind, sub, status, code, address, at string) object {
	return object{
		"eventType": "Bounce",
		"bounce": object{
			"bounceType":    kind,
			"bounceSubType": sub,
			"bouncedRecipients": []object{{
				"emailAddress":   address,
				"action":         "failed",
				"status":         status,
				"diagnosticCode": code,
			}},
			"feedbackId":   feedback,
			"reportingMTA": "dsn; a8-70.smtp-out.amazonses.com",
			"timestamp":    at,
		},
	}
}

// Event returns the event of a mail to an address of Domain. ok is false for
// another address, whose mails do not come back. tags are those that the mail
// was sent with.
func Event(address string, tags map[string]string, now time.Time) (event []byte, ok bool) {
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	detail := details[local]
	if domain != Domain || detail == nil {
		return nil, false
	}
	at := now.UTC().Format("2006-01-02T15:04:05.000Z")
	named := object{"ses:configuration-set": []string{"MailSet"}}
	for name, value := range tags {
		named[name] = []string{value}
	}
	message := detail(address, at)
	message["mail"] = object{
		"timestamp":        at,
		"source":           "Profiles <no-reply@example.com>",
		"sourceArn":        "arn:aws:ses:us-east-1:000000000000:identity/example.com",
		"sendingAccountId": "000000000000",
		"messageId":        "0100015f1fc7a0a5-00000000-0000-0000-0000-000000000000-000000",
		"destination":      []string{address},
		"headersTruncated": false,
		"headers":          []object{{"name": "To", "value": address}},
		"commonHeaders":    object{"to": []string{address}},
		"tags":             named,
	}
	event, err := json.Marshal(object{"Records": []object{{
		"EventSource":          "aws:sns",
		"EventVersion":         "1.0",
		"EventSubscriptionArn": topic + ":01234567-89ab-cdef-0123-456789abcdef",
		"Sns": object{
			"Type":              "Notification",
			"MessageId":         "01234567-89ab-cdef-0123-456789abcdef",
			"TopicArn":          topic,
			"Subject":           "Amazon SES Email Event Notification",
			"Message":           text(message),
			"Timestamp":         at,
			"SignatureVersion":  "1",
			"Signature":         "local",
			"SigningCertUrl":    "https://sns.us-east-1.amazonaws.com/local.pem",
			"UnsubscribeUrl":    "https://sns.us-east-1.amazonaws.com/",
			"MessageAttributes": object{},
		},
	}}})
	return event, err == nil
}

const topic = "arn:aws:sns:us-east-1:000000000000:MailReturns"

func text(v any) string {
	raw, _ := json.Marshal(v) // texts and lists always encode
	return string(raw)
}

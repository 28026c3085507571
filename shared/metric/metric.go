// Package metric has the metrics of the service, and the record in which one
// invocation of a function collects what it adds to them. Lines of the log
// carry them, in CloudWatch's embedded metric format (EMF): CloudWatch makes
// metrics of lines that have the member _aws, so that no request sends any.
package metric

// Unit is a unit of CloudWatch.
type Unit string

// The units that metrics here have.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
)

// Metric is a metric in the namespace of the stack. It has no dimensions: each
// value of one would be a metric to pay for, and the other fields of its line
// say the same to a query.
type Metric struct {
	Name string
	Unit Unit
	What string // for people
}

// The metrics. CloudWatch charges a metric for the hours in which it gets a
// value. So those that say that something waits or fails are written only when
// there is something, and a stack that nobody uses writes none.
var (
	ReadLatency = Metric{"ReadLatency", Milliseconds,
		"how long a request that only reads took in its function, with the start that it waited for"}
	RateUncounted = Metric{"RateUncounted", Count,
		"requests that were served although they could not be counted against their rate limit"}

	MailDelay = Metric{"MailDelay", Seconds,
		"from the commit of a mail until SES took it, or until it was given up"}
	MailsWaiting = Metric{"MailsWaiting", Count,
		"mails in the outbox when `mail-retry` looked"}
	OldestMail = Metric{"OldestMail", Seconds,
		"the age of the oldest of them"}

	SignUps             = Metric{"SignUps", Count, "accounts that were confirmed"}
	InvitationsSent     = Metric{"InvitationsSent", Count, "invitations to teams"}
	InvitationsAccepted = Metric{"InvitationsAccepted", Count, "invitations that were accepted"}
	InvitationsBounced  = Metric{"InvitationsBounced", Count,
		"open invitations whose mail came back"}
	TokensMade      = Metric{"TokensMade", Count, "tokens that were made or rotated"}
	ServicesBlocked = Metric{"ServicesBlocked", Count,
		"services of profiles that reached their limit"}

	WebhookDelay = Metric{"WebhookDelay", Seconds,
		"from the change until the receiver of a webhook took its event"}
	WebhooksDead = Metric{"WebhooksDead", Count,
		"events that a receiver did not take within a day"}

	TransfersRequested = Metric{"TransfersRequested", Count, "transfers that were requested"}
	TransfersCompleted = Metric{"TransfersCompleted", Count, "transfers that moved a profile"}
	TransfersEnded     = Metric{"TransfersEnded", Count, "transfers that ended without a move"}
	TransfersOpen      = Metric{"TransfersOpen", Count,
		"open transfers when `transfer-expire` looked"}
	TransferLate = Metric{"TransferLate", Seconds,
		"the age of the oldest open transfer that support has not answered in its time"}
	FirstAnswer = Metric{"FirstAnswer", Seconds,
		"from the request of a transfer until support first answered"}
)

// All returns the metrics, in the order of docs/operate.md.
func All() []Metric {
	return []Metric{
		ReadLatency, RateUncounted, MailDelay, MailsWaiting, OldestMail,
		SignUps, InvitationsSent, InvitationsAccepted, InvitationsBounced,
		TokensMade, ServicesBlocked, WebhookDelay, WebhooksDead,
		TransfersRequested, TransfersCompleted, TransfersEnded, TransfersOpen, TransferLate,
		FirstAnswer,
	}
}

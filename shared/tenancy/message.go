package tenancy

import "time"

// MessageID identifies one outgoing mail.
type MessageID string

// MessageKind names the template of a mail.
type MessageKind string

// The mails this service sends, and the words each one needs in Message.Data.
const (
	// MessageAccountConfirm asks the owner of an address to confirm a sign-up: code, expires.
	MessageAccountConfirm MessageKind = "account-confirm"
	// MessageAccountExists tells an owner that somebody tried to sign up with their address: name.
	MessageAccountExists MessageKind = "account-exists"
	// MessageProfileDeleted tells an owner that one of their profiles is gone: name, profile, when.
	MessageProfileDeleted MessageKind = "profile-deleted"
	// MessageTeamInvited offers the holder of an account a place in a team: owner, address, profile, permission, code,
	// expires.
	MessageTeamInvited MessageKind = "team-invited"
	// MessageTeamInvitedNew is MessageTeamInvited for an address without an account.
	MessageTeamInvitedNew MessageKind = "team-invited-new"
	// MessageTeamReminder reminds of an open invitation: owner, address, profile, expires.
	MessageTeamReminder MessageKind = "team-reminder"
	// MessageTeamAccepted, -Declined and -Expired tell an owner how an invitation ended: name, profile, member.
	MessageTeamAccepted MessageKind = "team-accepted"
	MessageTeamDeclined MessageKind = "team-declined"
	MessageTeamExpired  MessageKind = "team-expired"
)

// MessageKinds lists every kind, for the renderer to insist on a template for each.
var MessageKinds = []MessageKind{
	MessageAccountConfirm, MessageAccountExists, MessageProfileDeleted,
	MessageTeamInvited, MessageTeamInvitedNew, MessageTeamReminder, MessageTeamAccepted, MessageTeamDeclined, MessageTeamExpired,
}

// Message is one outgoing mail. It is committed to the outbox together with the change that causes it, and rendered
// when it is delivered. Data may hold a one-time code, which is why the outbox forgets Data once the mail is sent.
type Message struct {
	ID      MessageID
	Kind    MessageKind
	To      string
	Data    map[string]string
	Created time.Time
}

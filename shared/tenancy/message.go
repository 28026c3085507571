package tenancy

import (
	"maps"
	"time"

	"profiles/shared/value"
)

// MessageID identifies one outgoing mail.
type MessageID string

// MessageKind names the template of a mail.
type MessageKind string

// The mails this service sends, and the words each one needs in Message.Data.
const (
	// MessageAccountConfirm asks the owner of an address to confirm a sign-up:
	// code, expires, when, address (of the network).
	MessageAccountConfirm MessageKind = "account-confirm"
	// MessageAccountConfirmAgain is for whoever asks for a confirmation again,
	// and asks for a password: code, expires.
	MessageAccountConfirmAgain MessageKind = "account-confirm-again"
	// MessageAccountExists tells an owner that somebody tried to sign up with
	// their address: name.
	MessageAccountExists MessageKind = "account-exists"
	// MessageAccountDeleting tells all addresses of an account that it is
	// deleted, and that its rest is being removed: name, when.
	MessageAccountDeleting MessageKind = "account-deleting"
	// MessageAccountDeleted tells the address of a deleted account that nothing
	// of it is left: name, when.
	MessageAccountDeleted MessageKind = "account-deleted"
	// MessageAccountLeaving answers a sign-up with the address of an account
	// whose rest is being removed: no words.
	MessageAccountLeaving MessageKind = "account-leaving"
	// MessageTokenLeaked tells an owner that a token was found in public, and
	// is revoked: name, profile, token, when.
	MessageTokenLeaked MessageKind = "token-leaked"
	// MessageTokenReused tells an owner that a rotated token was used after its
	// grace, and that what took its place is revoked: name, profile, token,
	// when, address.
	MessageTokenReused MessageKind = "token-reused"
	// MessageTokenEnds reminds an owner that a token is about to expire: name,
	// profile, token, expires.
	MessageTokenEnds MessageKind = "token-ends"
	// MessagePasswordReset carries the code that sets a new password: code,
	// expires.
	MessagePasswordReset MessageKind = "password-reset"
	// MessagePasswordChanged tells an owner that the password is another one:
	// name, when.
	MessagePasswordChanged MessageKind = "password-changed"
	// MessagePin carries a pin, which takes the place of an authenticator's:
	// pin, expires.
	MessagePin MessageKind = "pin"
	// MessageFactors tells an owner what became of their second factors: name,
	// what, when.
	MessageFactors MessageKind = "factors"
	// MessageEmailConfirm asks the holder of a new address to confirm it: name,
	// old, code, expires.
	MessageEmailConfirm MessageKind = "email-confirm"
	// MessageEmailAsked tells the holder of the old address that it is to
	// change: name, new, when.
	MessageEmailAsked MessageKind = "email-asked"
	// MessageEmailChanged tells the old address that another one has taken its
	// place, and how to undo that: name, new, code, expires.
	MessageEmailChanged MessageKind = "email-changed"
	// MessageEmailRestored tells both addresses that a change was undone: name,
	// old, new, when.
	MessageEmailRestored MessageKind = "email-restored"
	// MessageProfileDeleted tells an owner that one of their profiles is gone:
	// name, profile, when.
	MessageProfileDeleted MessageKind = "profile-deleted"
	// MessageTeamInvited offers the holder of an account a place in a team:
	// owner, address, profile, permission, code, expires.
	MessageTeamInvited MessageKind = "team-invited"
	// MessageTeamInvitedNew is MessageTeamInvited for an address without an
	// account.
	MessageTeamInvitedNew MessageKind = "team-invited-new"
	// MessageTeamReminder reminds of an open invitation: owner, address,
	// profile, expires.
	MessageTeamReminder MessageKind = "team-reminder"
	// MessageTeamAccepted, -Declined and -Expired tell an owner how an
	// invitation ended: name, profile, member, or address in place of a member
	// who has no name here.
	MessageTeamAccepted MessageKind = "team-accepted"
	MessageTeamDeclined MessageKind = "team-declined"
	MessageTeamExpired  MessageKind = "team-expired"

	// MessageUsageAlert tells an owner that a profile has used much or all of a
	// service: name, profile, service, unit, percent, used, limit, resets.
	MessageUsageAlert MessageKind = "usage-alert"

	// MessageTransferDesk opens a ticket at the support desk, and goes to its
	// address: ticket, profile, owner, address, receiver, message, missing,
	// expires.
	MessageTransferDesk MessageKind = "transfer-desk"
	// MessageTransferRequested asks an owner to confirm a request: name,
	// ticket, profile, receiver, needs, code, expires.
	MessageTransferRequested MessageKind = "transfer-requested"
	// MessageTransferOffered offers a profile to the holder of an account:
	// owner, address, profile, message, ticket, amounts, team, addons, needs,
	// code, expires.
	MessageTransferOffered MessageKind = "transfer-offered"
	// MessageTransferOfferedNew is MessageTransferOffered for an address
	// without an account.
	MessageTransferOfferedNew MessageKind = "transfer-offered-new"
	// MessageTransferNote and -Question carry the desk's words to an owner:
	// name, ticket, profile, note, expires.
	MessageTransferNote     MessageKind = "transfer-note"
	MessageTransferQuestion MessageKind = "transfer-question"
	// MessageTransferRemindOwner reminds an owner to confirm: as
	// MessageTransferRequested.
	MessageTransferRemindOwner MessageKind = "transfer-remind-owner"
	// MessageTransferRemindReceiver reminds of an offer: owner, address,
	// profile, ticket, code, expires.
	MessageTransferRemindReceiver MessageKind = "transfer-remind-receiver"
	// MessageTransferRemindDesk reminds the desk of a ticket, and goes to its
	// address: ticket, profile, missing, expires.
	MessageTransferRemindDesk MessageKind = "transfer-remind-desk"
	// MessageTransferWaiting tells one side what is missing on it: name,
	// ticket, profile, missing, expires.
	MessageTransferWaiting MessageKind = "transfer-waiting"
	// MessageTransferExtended tells both sides of more time: ticket, profile,
	// expires.
	MessageTransferExtended MessageKind = "transfer-extended"
	// MessageTransferEnded tells everybody concerned that a transfer ended
	// without moving the profile: ticket, profile, outcome, reason.
	MessageTransferEnded MessageKind = "transfer-ended"
	// MessageTransferGiven tells the previous owner that the profile has moved:
	// name, ticket, profile, receiver, stays, when, until.
	MessageTransferGiven MessageKind = "transfer-given"
	// MessageTransferReceived tells the new owner that the profile is theirs:
	// name, ticket, profile, owner, amounts, addons, when, until.
	MessageTransferReceived MessageKind = "transfer-received"
	// MessageTransferReturned tells both sides that a transfer was taken back:
	// name, ticket, profile, original, owner, receiver, stays, when.
	MessageTransferReturned MessageKind = "transfer-returned"
	// MessageTransferBack tells one side that a completed transfer is asked
	// back: name, ticket, profile, original, by, expires.
	MessageTransferBack MessageKind = "transfer-back"
	// MessageTransferBackDesk tells the desk the same: ticket, profile,
	// original, by, owner, address, receiver, expires.
	MessageTransferBackDesk MessageKind = "transfer-back-desk"
)

// MessageKinds lists every kind, for the renderer to insist on a template for
// each.
var MessageKinds = []MessageKind{
	MessageAccountConfirm,
	MessageAccountConfirmAgain,
	MessageAccountExists,
	MessageAccountDeleting,
	MessageAccountDeleted,
	MessageAccountLeaving,
	MessageTokenLeaked,
	MessageTokenReused,
	MessageTokenEnds,
	MessagePasswordReset,
	MessagePasswordChanged,
	MessagePin,
	MessageFactors,
	MessageEmailConfirm,
	MessageEmailAsked,
	MessageEmailChanged,
	MessageEmailRestored,
	MessageProfileDeleted,
	MessageTeamInvited,
	MessageTeamInvitedNew,
	MessageTeamReminder,
	MessageTeamAccepted,
	MessageTeamDeclined,
	MessageTeamExpired,
	MessageUsageAlert,
	MessageTransferDesk,
	MessageTransferRequested,
	MessageTransferOffered,
	MessageTransferOfferedNew,
	MessageTransferNote,
	MessageTransferQuestion,
	MessageTransferRemindOwner,
	MessageTransferRemindReceiver,
	MessageTransferRemindDesk,
	MessageTransferWaiting,
	MessageTransferExtended,
	MessageTransferEnded,
	MessageTransferGiven,
	MessageTransferReceived,
	MessageTransferReturned,
	MessageTransferBack,
	MessageTransferBackDesk,
}

// SupportDesk stands for the address of the support desk, which only those who
// deliver mails know.
const SupportDesk value.Email = "support-desk"

// Message is one outgoing mail. It is committed to the outbox together with the
// change that causes it, and rendered when it is delivered. Data may hold a
// one-time code, which is why the outbox forgets Data once the mail is sent.
type Message struct {
	ID      MessageID
	Kind    MessageKind
	To      string // an address, or SupportDesk
	Data    map[string]string
	Created time.Time
}

// In is the message for a reader whose account has a time zone: the mail names
// times there, with UTC beside.
func (m Message) In(timezone string) Message {
	if timezone != "" && timezone != "UTC" {
		data := map[string]string{"zone": timezone}
		maps.Copy(data, m.Data)
		m.Data = data
	}
	return m
}

package mailing

import (
	"slices"
	"time"

	"profiles/shared/value"
)

// ReturnKind says how a mail came back; empty: it did not.
type ReturnKind string

const (
	// ReturnDelayed is a mail that SES still tries to deliver.
	ReturnDelayed ReturnKind = "delayed"
	// ReturnRefused is a mail that SES gave up; a later one may arrive.
	ReturnRefused ReturnKind = "refused"
	// ReturnInvalid is a mail to an address that takes no mail.
	ReturnInvalid ReturnKind = "invalid"
	// ReturnComplaint is a mail that arrived, and that its reader reported as
	// unwanted.
	ReturnComplaint ReturnKind = "complaint"
	// Unwanted is no return: why a mail that waited for its time is not sent.
	// Its reader has switched off mails of its topic, or is gone.
	Unwanted ReturnKind = "unwanted"
)

// weights are the kinds of returns, each outweighing those before it.
var weights = []ReturnKind{"", ReturnDelayed, ReturnRefused, ReturnInvalid, ReturnComplaint}

// Outweighs reports whether a return says more about a mail than what is known
// of it. Events come more than once and in any order, and one that does not
// outweigh the others changes nothing.
func (k ReturnKind) Outweighs(known ReturnKind) bool {
	return slices.Index(weights, k) > slices.Index(weights, known)
}

// Undelivered reports whether the mail did not arrive, and will not.
func (k ReturnKind) Undelivered() bool { return k == ReturnRefused || k == ReturnInvalid }

// Return is the event that a mail came back.
type Return struct {
	Mail ID
	Kind ReturnKind
}

// How long a stop lasts. They are choices of this service: mailboxes that are
// closed by mistake are open again within days, and who reported a mail does
// not want the next one soon.
const (
	InvalidStop   = 7 * 24 * time.Hour
	ComplaintStop = 180 * 24 * time.Hour
)

// Stop keeps mails from an address, because one to it came back. It ends by
// itself, or when a person confirms the address.
type Stop struct {
	Email value.Email
	// Invalid is until when nearly all mails are kept back; see Kind.Tries.
	Invalid time.Time
	// Complaint is until when mails are kept back that are not about security;
	// see Kind.Security.
	Complaint time.Time
}

// After returns the stop as a return leaves it. It is as before for a return
// that stops nothing.
func (s Stop) After(k ReturnKind, now time.Time) Stop {
	switch k {
	case ReturnInvalid:
		s.Invalid = now.Add(InvalidStop)
	case ReturnComplaint:
		s.Complaint = now.Add(ComplaintStop)
	}
	return s
}

// Ends returns when the stop is over.
func (s Stop) Ends() time.Time {
	if s.Invalid.After(s.Complaint) {
		return s.Invalid
	}
	return s.Complaint
}

// IsInvalid reports whether the address takes no mail, as far as is known.
func (s Stop) IsInvalid(now time.Time) bool { return now.Before(s.Invalid) }

// For returns why a mail of a kind is kept back; empty: it is sent.
func (s Stop) For(k Kind, now time.Time) ReturnKind {
	switch {
	case s.IsInvalid(now) && !k.Tries():
		return ReturnInvalid
	case now.Before(s.Complaint) && !k.Security():
		return ReturnComplaint
	}
	return ""
}

// Tries reports whether mails of the kind are sent even to an address that
// takes no mail: only what a person who is signed in, and who has given the
// password, asks for to confirm an address. Any other mail to such an address
// would come back again, and SES suspends senders of many such mails.
func (k Kind) Tries() bool { return k == KindEmailConfirm || k == KindEmailConfirmAgain }

// Security reports whether mails of the kind protect an account, or carry a
// code that the reader has asked for. A complaint does not stop them: otherwise
// whoever can press a button in a mailbox could keep warnings from its owner.
func (k Kind) Security() bool { return slices.Contains(security, k) }

// security and ordinary have all kinds.
var (
	security = []Kind{
		KindAccountConfirm,
		KindAccountConfirmAgain,
		KindAccountExists,
		KindAccountDeleting,
		KindAccountDeleted,
		KindAccountLeaving,
		KindPasswordReset,
		KindPasswordChanged,
		KindAccountExported,
		KindBackupDownloaded,
		KindPin,
		KindFactors,
		KindEmailConfirm,
		KindEmailConfirmAgain,
		KindEmailAsked,
		KindEmailChanged,
		KindEmailRestored,
		KindTokenLeaked,
		KindTokenReused,
		KindTransferRequested,
		KindTransferRemindOwner,
		KindTransferGiven,
		KindTransferReceived,
		KindTransferReturned,
		KindTransferBack,
		KindMailReturned,
	}
	ordinary = []Kind{
		KindProfileDeleted,
		KindUsageAlert,
		KindAlertReached,
		KindUsageDigest,
		KindTokenEnds,
		KindTokenUnused,
		KindTokenDisabled,
		KindWebhookDisabled,
		KindTeamInvited,
		KindTeamInvitedNew,
		KindTeamReminder,
		KindTeamAccepted,
		KindTeamDeclined,
		KindTeamExpired,
		KindTeamEnding,
		KindTeamEndingOwner,
		KindTransferDesk,
		KindTransferOffered,
		KindTransferOfferedNew,
		KindTransferNote,
		KindTransferQuestion,
		KindTransferRemindReceiver,
		KindTransferRemindDesk,
		KindTransferWaiting,
		KindTransferExtended,
		KindTransferEnded,
		KindTransferBackDesk,
	}
)

// MailReturned tells support that a mail came back.
type MailReturned struct {
	Address value.Email `word:"address"` // that the mail went to
	What    string      `word:"what"`    // the mail; see Subject
	Outcome Phrase      `word:"outcome"` // how it came back; see Returned
	When    time.Time   `word:"when"`
}

func (MailReturned) Kind() Kind { return KindMailReturned }

// Returned says how a mail came back, and what follows.
func Returned(k ReturnKind) Phrase { return phrase("returned-" + string(k)) }

// Subject names a mail by its kind and what it is about.
func (m Message) Subject() string {
	if m.Ticket != "" {
		return string(m.Kind) + ", " + string(m.Ticket)
	}
	return string(m.Kind)
}

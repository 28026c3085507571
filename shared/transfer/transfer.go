package transfer

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// The times of a transfer. They are choices of this service, except for
// DeskTarget: the original's support moves a profile within some hours.
const (
	Life     = 7 * 24 * time.Hour  // how long a transfer stays open
	Reminder = 24 * time.Hour      // before the end; another reminder is sent at half time
	Longest  = 28 * 24 * time.Hour // from the request, with all extensions
	Kept     = 183 * 24 * time.Hour
	// SecurityHold is how long a transfer waits after the owner's password,
	// address or second factor changed.
	SecurityHold   = 72 * time.Hour
	SecurityRecent = 7 * 24 * time.Hour // how long before the request such a change still counts
	DeskTarget     = 4 * time.Hour      // in which support means to decide
	// retry is the time between attempts to complete a transfer that lacks a
	// prerequisite only.
	retry = 15 * time.Minute
)

// Policy says whether support must approve transfers.
type Policy string

const (
	PolicySupport Policy = "support"
	PolicyAuto    Policy = "auto" // no approval is needed
)

// ParsePolicy accepts support and auto, and an empty text for support.
func ParsePolicy(s string) (Policy, error) {
	switch p := Policy(s); p {
	case "":
		return PolicySupport, nil
	case PolicySupport, PolicyAuto:
		return p, nil
	}
	return "", problem.Invalid(
		"the transfer policy must be %s or %s, not %q",
		PolicySupport,
		PolicyAuto,
		s,
	)
}

// State is where a transfer is:
//
//	requested -> completed   the last gate closed, and every prerequisite held in that commit
//	requested -> canceled    by the owner
//	requested -> declined    by the receiving side
//	requested -> rejected    by support, with a reason
//	requested -> expired     its time is over; silence never approves
//	requested -> failed      what was to be moved, or one of the two accounts, is gone
//
// A state other than requested never changes again. A completed transfer is
// taken back by a transfer of its own (see Reverts).
type State string

const (
	Requested State = "requested"
	Completed State = "completed"
	Canceled  State = "canceled"
	Declined  State = "declined"
	Rejected  State = "rejected"
	Expired   State = "expired"
	Failed    State = "failed"
)

// Party is a side of a transfer, or who else acts on it.
type Party string

const (
	PartySource      Party = "source"      // the owner of the profile
	PartyDestination Party = "destination" // the account that receives it
	PartySupport     Party = "support"     // the support accounts
	PartySystem      Party = "system"      // this service, as when time is over
)

// Transfer moves a profile to another account.
type Transfer struct {
	ID          ID
	Profile     value.ProfileID
	ProfileName string // kept up to date while the transfer is open
	Source      value.AccountID
	Destination value.AccountID // empty until an account has answered the offer
	Email       value.Email     // the address that the profile is offered to
	Message     string          // of the owner to the receiving side
	Offered     billing.Addons  // the profile's add-ons at the request; the mail names their prices
	Policy      Policy
	// Reverts is the completed transfer that this one takes back; empty for an
	// ordinary transfer. Both sides must agree to it, or two support accounts.
	Reverts ID

	State  State
	Reason string // why it ended, if it was rejected or failed

	Confirmed time.Time // when the owner confirmed it; zero: not yet
	Accepted  time.Time // when the receiving side accepted Terms; zero: not yet
	// SourceEpoch and DestinationEpoch are the epochs of the two accounts when
	// they agreed: the source with the request (with Confirmed if the transfer
	// takes another back), the destination with Accepted. nil: not known, as in
	// transfers from before they were stored.
	SourceEpoch, DestinationEpoch *int64

	Approvals []value.AccountID // the support accounts that approved
	Terms     Terms
	Before    Terms // of a completed transfer: the former terms, to take it back
	// Spent, of a completed transfer, is the counters that stay charged to the
	// source. Of a transfer that takes it back, it is what the counters
	// continue from if the profile returns in the same cycle.
	Spent billing.Spent

	// ConfirmCodes and AnswerCodes are hashes of the codes in the mails. Each
	// reminder adds a new code, and the earlier ones stay valid.
	ConfirmCodes, AnswerCodes [][]byte

	Question bool      // support waits for the owner's answer
	Waiting  string    // why the last attempt to complete it failed
	Retry    time.Time // when it is next tried; zero: it was not tried yet
	Reminded int       // reminders sent
	// Returned has the sides whose latest mail about the transfer came back.
	Returned []MailReturn

	Timeline []Event
	Created  time.Time
	Expires  time.Time
	Ended    time.Time
	Version  int64 // raised by each change
}

// Event is one thing that happened to a transfer.
type Event struct {
	Time time.Time
	What EventKind
	By   Party
	Who  value.AccountID // the support account that acted; only support sees it
	Text string
}

// EventKind says what happened.
type EventKind string

const (
	EventRequested EventKind = "requested"
	EventConfirmed EventKind = "confirmed"
	EventAccepted  EventKind = "accepted"
	EventApproved  EventKind = "approved"
	EventNote      EventKind = "note" // of support to the owner
	// EventQuestion is of support to the owner, who must answer.
	EventQuestion EventKind = "question"
	EventAnswer   EventKind = "answer" // of the owner, recorded by support
	EventExtended EventKind = "extended"
	EventReminded EventKind = "reminded"
	EventWaiting  EventKind = "waiting" // all have agreed, and a prerequisite is missing
	// EventReturned is a mail that came back; Text is the side that it went to.
	EventReturned EventKind = "returned"
	EventEnded    EventKind = "ended"
)

// ErrVoidCode refuses a code that is not valid for the caller.
var ErrVoidCode = problem.Invalid("This link is not valid for your account: open the one in the latest mail, signed in with the account it was sent to").
	For(problem.ReasonLinkVoid)

// MaxText is the most characters of a message, note or reason. maxNoted is the
// most entries that support can add to a transfer. maxTimeline is the number of
// other events after which events that can occur again and again are no longer
// added.
const (
	MaxText     = 1000
	maxNoted    = 40
	maxTimeline = 20
)

// ParseText reads a message, note or reason, which may have line breaks. A
// required one must not be empty. Errors: CodeInvalid naming the field.
func ParseText(field, s string, required bool) (string, error) {
	least := 0
	if required {
		least = 1
	}
	return value.CleanLines(field, strings.TrimSpace(s), least, MaxText)
}

// Request returns the transfer of a profile to the account with an address,
// whether or not there is one yet. Errors: CodeInvalid for the owner's own
// address; CodeForbidden if a prerequisite of the owner's side is missing,
// apart from CheckHold, which can be waited for.
func Request(p tenancy.Profile,
	source tenancy.Account,
	e value.Email,
	message string,
	policy Policy,
	id ID,
	now time.Time,
) (Transfer, error) {
	if e == source.Email {
		return Transfer{}, problem.Invalid("This is your own address: name the account that is to receive the profile").
			For(problem.ReasonOwnAddress).
			At("email")
	}
	t := Transfer{
		ID:          id,
		Profile:     p.ID,
		ProfileName: p.Name,
		Source:      source.ID,
		Email:       e,
		Message:     message,
		Offered:     p.Addons,
		Policy:      policy,
		State:       Requested,
		SourceEpoch: &source.Epoch,
		Created:     now,
		Expires:     now.Add(Life),
	}
	for _, c := range (Context{Transfer: t, Profile: p, Source: source}).Checks(now) {
		if c.Side == PartySource && !c.OK && c.Code != CheckHold {
			return Transfer{}, problem.Forbidden("This profile cannot be transferred: %s", c).
				For(problem.ReasonPrerequisitesMissing).
				With("missing", []CheckCode{c.Code})
		}
	}
	return t.with(EventRequested, PartySource, "", message, now), nil
}

// Revert returns the transfer that takes a completed one back. by is the party
// that requests it, and former the owner before the completed one. Errors:
// CodeForbidden for a transfer that has not completed, took another back
// itself, or completed too long ago (see RevertUntil).
func (t Transfer) Revert(by Party, former tenancy.Account, id ID, now time.Time) (Transfer, error) {
	switch {
	case t.State != Completed:
		return Transfer{}, problem.Forbidden("The transfer %s has not completed, so there is nothing to take back", t.ID).
			For(problem.ReasonTransferFinal)
	case t.Reverts != "":
		return Transfer{}, problem.Forbidden("The transfer %s took another one back and cannot be taken back itself: ask for a new transfer", t.ID).
			For(problem.ReasonTransferFinal)
	case !now.Before(t.RevertUntil()):
		return Transfer{}, problem.Forbidden("The transfer %s could be taken back until %s: ask for a new transfer", t.ID, t.RevertUntil().Format(value.TimeFormat)).
			For(problem.ReasonTransferFinal)
	}
	r := Transfer{
		ID:          id,
		Profile:     t.Profile,
		ProfileName: t.ProfileName,
		Source:      t.Destination,
		Destination: t.Source,
		Email:       former.Email,
		Policy:      t.Policy,
		Reverts:     t.ID,
		State:       Requested,
		Terms:       t.Before,
		Spent:       t.Spent,
		Created:     now,
		Expires:     t.RevertUntil(),
	}
	// If the receiving side was a member before, it becomes one again.
	r.Terms.Owner = t.Before.Members[t.Destination]
	return r.with(EventRequested, by, "", "", now), nil
}

// RevertUntil returns the time from which a completed transfer can no longer be
// taken back.
func (t Transfer) RevertUntil() time.Time { return t.Ended.Add(tenancy.TransferLock) }

// with returns the transfer with one more event.
func (t Transfer) with(
	what EventKind,
	by Party,
	who value.AccountID,
	text string,
	now time.Time,
) Transfer {
	switch what {
	case EventAccepted, EventWaiting, EventReminded, EventExtended, EventReturned:
		// These events can occur again and again, and one side alone can cause
		// them. They are limited, so that the timeline does not grow without
		// end.
		if len(t.Timeline)-t.noted() >= maxTimeline {
			return t
		}
	}
	t.Timeline = append(
		slices.Clip(t.Timeline),
		Event{Time: now, What: what, By: by, Who: who, Text: text},
	)
	return t
}

// Open reports whether the transfer can still complete.
func (t Transfer) Open(now time.Time) bool {
	return t.State == Requested && now.Before(t.Expires)
}

// open refuses (CodeConflict) a transfer that has ended.
func (t Transfer) open(now time.Time) error {
	if t.Open(now) {
		return nil
	}
	return problem.Conflict("The transfer %s %s: nothing can be done about it any more", t.ID, t.Outcome(now)).
		For(problem.ReasonTransferOver)
}

// Unfinished refuses (CodeConflict) a transfer that has ended.
func (t Transfer) Unfinished(now time.Time) error { return t.open(now) }

// Confirm records the owner's confirmation. Errors: problem.ErrDone if it was
// confirmed before; CodeConflict for a transfer that has ended; ErrVoidCode for
// another caller or code.
func (t Transfer) Confirm(by tenancy.Account, hash []byte, now time.Time) (Transfer, error) {
	if t.Reverts != "" || by.ID != t.Source || !knows(t.ConfirmCodes, hash) {
		return t, ErrVoidCode
	}
	if !t.Confirmed.IsZero() && t.stands(now) {
		return t, problem.ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	t.Confirmed = now
	t = t.Reached(PartySource)
	return t.with(EventConfirmed, PartySource, "", "", now), nil
}

// stands reports whether an earlier agreement still counts: the transfer is
// open or has completed.
func (t Transfer) stands(now time.Time) bool { return t.Open(now) || t.State == Completed }

func knows(hashes [][]byte, hash []byte) bool {
	return slices.ContainsFunc(
		hashes,
		func(h []byte) bool { return subtle.ConstantTimeCompare(h, hash) == 1 },
	)
}

// Cancel ends the transfer for the owner. Errors: CodeConflict for a transfer
// that has ended; CodeForbidden for one that takes another back.
func (t Transfer) Cancel(now time.Time) (Transfer, error) {
	if t.Reverts != "" {
		return t, problem.Forbidden(
			"%s takes the transfer %s back: leave it, and it ends by itself on %s",
			t.ID,
			t.Reverts,
			t.Expires.Format(value.TimeFormat),
		)
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	return t.end(Canceled, PartySource, "", "", now), nil
}

func (t Transfer) end(
	state State,
	by Party,
	who value.AccountID,
	reason string,
	now time.Time,
) Transfer {
	t.State, t.Reason, t.Ended = state, reason, now
	t.Question, t.Waiting, t.Retry, t.Returned = false, "", time.Time{}, nil
	text := string(state)
	if reason != "" {
		text += ": " + reason
	}
	return t.with(EventEnded, by, who, text, now)
}

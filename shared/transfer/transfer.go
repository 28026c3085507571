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

// The times of a transfer. Source: the design's state machine; that of the
// desk's target: the original's support moves a profile within some hours.
const (
	Life     = 7 * 24 * time.Hour  // how long the gates may take
	Reminder = 24 * time.Hour      // before the end; another one is sent at half time
	Longest  = 28 * 24 * time.Hour // however often the desk extends
	Kept     = 183 * 24 * time.Hour
	// that a profile waits whose owner's password, address or second factor
	// changed
	SecurityHold   = 72 * time.Hour
	SecurityRecent = 7 * 24 * time.Hour // before the request, or since it
	DeskTarget     = 4 * time.Hour      // in which the desk means to decide
	// until a transfer that only waits for a prerequisite is tried again
	retry = 15 * time.Minute
)

// Policy says whether the support desk has a say in transfers.
type Policy string

const (
	PolicySupport Policy = "support"
	PolicyAuto    Policy = "auto" // the desk is skipped
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
//	requested -> rejected    by the desk, with a reason
//	requested -> expired     its time is over; silence never approves
//	requested -> failed      what was to be moved, or one of the two accounts, is gone
//
// A state other than requested never changes again. Giving a completed transfer
// back is a transfer of its own, see Reverts.
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

// Party is one who takes part in a transfer.
type Party string

const (
	PartySource      Party = "source"      // the owner who gives the profile away
	PartyDestination Party = "destination" // the account that receives it
	PartySupport     Party = "support"     // the desk
	PartySystem      Party = "system"      // time, and this service
)

// Transfer moves a profile to another account.
type Transfer struct {
	ID          ID
	Profile     value.ProfileID
	ProfileName string // as it is while the transfer is open, and as it was when that ended
	Source      value.AccountID
	Destination value.AccountID // empty until an account has answered the offer
	Email       value.Email     // that the profile is offered to
	Message     string          // of the owner, to whoever reads it
	Offered     billing.Addons  // of the profile when it was offered, with their prices in the mail
	Policy      Policy
	// Reverts is the completed transfer that this one takes back, empty for an
	// ordinary one. It needs the word of both sides, or of two agents.
	Reverts ID

	State  State
	Reason string // why it ended, where the state alone does not say it

	Confirmed time.Time // the owner said again that it is meant; zero: not yet
	Accepted  time.Time // the receiving side agreed to Terms
	// SourceEpoch and DestinationEpoch are those of the two accounts when they
	// gave their word: the one with the request, or with Confirmed of a return,
	// the other with Accepted. nil, in transfers from before they were kept:
	// whatever they are.
	SourceEpoch, DestinationEpoch *int64
	Approvals                     []value.AccountID // agents who approved
	Terms                         Terms
	Before                        Terms // of a completed transfer: what was, for taking it back
	// Spent is what the source is charged for the profile, of a completed
	// transfer; of one that takes it back, what the profile goes on from if it
	// returns in the same cycle.
	Spent billing.Spent

	// Hashes of the codes in the mails that lead to a confirmation and to an
	// answer. Reminders bring new ones; the old ones live on.
	ConfirmCodes, AnswerCodes [][]byte

	Question bool      // the desk waits for the owner's answer
	Waiting  string    // why the last attempt to complete it failed
	Retry    time.Time // when that is tried again; zero: it was not tried
	Reminded int       // reminders sent

	Timeline []Event
	Created  time.Time
	Expires  time.Time
	Ended    time.Time
	Version  int64 // counts up with each change
}

// Event is one thing that happened to a transfer.
type Event struct {
	Time time.Time
	What EventKind
	By   Party
	Who  value.AccountID // of an agent, for the desk only
	Text string
}

// EventKind says what happened.
type EventKind string

const (
	EventRequested EventKind = "requested"
	EventConfirmed EventKind = "confirmed"
	EventAccepted  EventKind = "accepted"
	EventApproved  EventKind = "approved"
	EventNote      EventKind = "note" // of the desk, to the owner
	// of the desk, to the owner, who owes an answer from then on
	EventQuestion EventKind = "question"
	EventAnswer   EventKind = "answer" // of the owner, recorded by the desk
	EventExtended EventKind = "extended"
	EventReminded EventKind = "reminded"
	EventWaiting  EventKind = "waiting" // all gates are closed, and a prerequisite is missing
	EventEnded    EventKind = "ended"
)

// ErrVoidCode is the answer to a code that leads to no open transfer of
// the caller.
var ErrVoidCode = problem.Invalid("This link is not valid for your account: open the one in the latest mail, signed in with the account it was sent to").
	For(problem.ReasonLinkVoid)

// MaxText is the longest message, note or reason, in characters. The
// desk may add words of its own maxNoted times. Beside those, up to maxTimeline
// events are kept, and after that what comes once.
const (
	MaxText     = 1000
	maxNoted    = 40
	maxTimeline = 20
)

// ParseText returns a message, note or reason, which may have line
// breaks. A required one must not be empty. Errors: CodeInvalid naming the
// field.
func ParseText(field, s string, required bool) (string, error) {
	least := 0
	if required {
		least = 1
	}
	return value.CleanLines(field, strings.TrimSpace(s), least, MaxText)
}

// Request returns the transfer of a profile to whoever holds an
// address. Which account that is plays no part. Errors: CodeForbidden when what
// only the owner can put right is missing, CodeInvalid for the owner's own
// address.
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

// Revert returns the transfer that takes a completed one back. by is the side
// that asks; PartySupport when an agent does. Errors: CodeForbidden for a
// transfer that cannot be taken back, or not any more.
func (t Transfer) Revert(by Party, former tenancy.Account, id ID, now time.Time) (Transfer, error) {
	switch {
	case t.State != Completed:
		return Transfer{}, problem.Forbidden("The transfer %s has not completed, so there is nothing to take back", t.ID).
			For(problem.ReasonTransferFinal)
	case t.Reverts != "":
		return Transfer{}, problem.Forbidden("The transfer %s took another one back; what it did can be done again only by a new transfer", t.ID).
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
	// A receiving side that was a member before is one again.
	r.Terms.Owner = t.Before.Members[t.Destination]
	return r.with(EventRequested, by, "", "", now), nil
}

// RevertUntil is when a completed transfer can no longer be taken back.
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
	case EventAccepted, EventWaiting, EventReminded, EventExtended:
		// These may come again and again, also by the will of one side alone.
		// They leave room for what the desk writes.
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

// Confirm records that the owner means it. Errors: ErrDone; CodeConflict for a
// transfer that has ended; ErrVoidCode for anybody else.
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
	return t.with(EventConfirmed, PartySource, "", "", now), nil
}

// stands reports whether what one side said before still holds.
func (t Transfer) stands(now time.Time) bool { return t.Open(now) || t.State == Completed }

func knows(hashes [][]byte, hash []byte) bool {
	return slices.ContainsFunc(
		hashes,
		func(h []byte) bool { return subtle.ConstantTimeCompare(h, hash) == 1 },
	)
}

// Cancel ends the transfer for the owner. Errors: CodeConflict for a transfer
// that has ended; CodeForbidden for one that takes another back, which the
// other side or the desk asked for too.
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
	t.State, t.Reason, t.Ended, t.Question, t.Waiting, t.Retry = state, reason, now, false, "", time.Time{}
	text := string(state)
	if reason != "" {
		text += ": " + reason
	}
	return t.with(EventEnded, by, who, text, now)
}

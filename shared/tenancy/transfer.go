package tenancy

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// TransferID is the number of a transfer's ticket, such as TR-7K3M-92QD: short
// enough to be said on the phone, and no secret.
type TransferID string

// ticketDigits are Crockford's: no letter in them looks like another or like a
// digit.
const ticketDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var ticketEncoding = base32.NewEncoding(ticketDigits).WithPadding(base32.NoPadding)

const (
	ticketPrefix = "TR"
	// digits: 40 bits, so that two in one table are unlikely; the store refuses
	// the second
	ticketLength = 8
)

// NewTransferID returns the ticket number that an id stands for.
func NewTransferID(id string) TransferID {
	sum := sha256.Sum256([]byte(id))
	return ticket(ticketEncoding.EncodeToString(sum[:ticketLength*5/8]))
}

func ticket(digits string) TransferID {
	return TransferID(ticketPrefix + "-" + digits[:ticketLength/2] + "-" + digits[ticketLength/2:])
}

// ParseTransferID reads a ticket number as people write it: in any case, with
// or without dashes and blanks, and with the letters O, I and L for the digits
// they look like. Anything else is CodeNotFound.
func ParseTransferID(s string) (TransferID, error) {
	// The capitals of some letters beyond ASCII are within it.
	beyond := strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	s = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").
		Replace(strings.ToUpper(s))
	digits, ok := strings.CutPrefix(s, ticketPrefix)
	if beyond || !ok || len(digits) != ticketLength || strings.Trim(digits, ticketDigits) != "" {
		return "", problem.NotFound("Transfer")
	}
	return ticket(digits), nil
}

// The times of a transfer. Source: the design's state machine; that of the
// desk's target: the original's support moves a profile within some hours.
const (
	TransferLife     = 7 * 24 * time.Hour // how long the gates may take
	TransferReminder = 24 * time.Hour     // before the end; another one is sent at half time
	// between two transfers of one profile, and for asking for the last one
	// back
	TransferLock    = 7 * 24 * time.Hour
	TransferLongest = 28 * 24 * time.Hour // however often the desk extends
	TransferKept    = 183 * 24 * time.Hour
	// that a profile waits whose owner's password, address or second factor
	// changed
	SecurityHold   = 72 * time.Hour
	SecurityRecent = 7 * 24 * time.Hour // before the request, or since it
	DeskTarget     = 4 * time.Hour      // in which the desk means to decide
	// until a transfer that only waits for a prerequisite is tried again
	transferRetry = 15 * time.Minute
)

// TransferPolicy says whether the support desk has a say in transfers.
type TransferPolicy string

const (
	PolicySupport TransferPolicy = "support"
	PolicyAuto    TransferPolicy = "auto" // the desk is skipped
)

// ParseTransferPolicy accepts support and auto, and an empty text for support.
func ParseTransferPolicy(s string) (TransferPolicy, error) {
	switch p := TransferPolicy(s); p {
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

// TransferState is where a transfer is:
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
type TransferState string

const (
	TransferRequested TransferState = "requested"
	TransferCompleted TransferState = "completed"
	TransferCanceled  TransferState = "canceled"
	TransferDeclined  TransferState = "declined"
	TransferRejected  TransferState = "rejected"
	TransferExpired   TransferState = "expired"
	TransferFailed    TransferState = "failed"
)

// Party is one who takes part in a transfer.
type Party string

const (
	PartySource      Party = "source"      // the owner who gives the profile away
	PartyDestination Party = "destination" // the account that receives it
	PartySupport     Party = "support"     // the desk
	PartySystem      Party = "system"      // time, and this service
)

// Terms are what becomes of a profile when it moves: the receiving side chooses
// them, and nothing is chosen for it. Whatever costs or binds the new owner is
// here, as it was agreed to: what is added to the profile afterwards ends with
// the move.
type Terms struct {
	Name       string // empty: as it is
	Allocation plan.Amounts
	Addons     Addons // that come along, if the profile still has them
	// how long its tokens may live; nil, in what was agreed to before there was
	// this: as it is
	TokenPolicy *TokenPolicy
	Members     map[value.AccountID]Permission // who stays; everybody else leaves
	// of the previous owner, who becomes a member; PermissionNone: leaves
	Owner Permission
}

func (t Terms) equal(other Terms) bool {
	samePolicy := t.TokenPolicy == other.TokenPolicy ||
		t.TokenPolicy != nil && other.TokenPolicy != nil && *t.TokenPolicy == *other.TokenPolicy
	return t.Name == other.Name && t.Allocation == other.Allocation && t.Addons == other.Addons &&
		samePolicy &&
		t.Owner == other.Owner &&
		maps.Equal(t.Members, other.Members)
}

// Transfer moves a profile to another account.
type Transfer struct {
	ID          TransferID
	Profile     value.ProfileID
	ProfileName string // as it is while the transfer is open, and as it was when that ended
	Source      value.AccountID
	Destination value.AccountID // empty until an account has answered the offer
	Email       value.Email     // that the profile is offered to
	Message     string          // of the owner, to whoever reads it
	Offered     Addons          // of the profile when it was offered, with their prices in the mail
	Policy      TransferPolicy
	// Reverts is the completed transfer that this one takes back, empty for an
	// ordinary one. It needs the word of both sides, or of two agents.
	Reverts TransferID

	State  TransferState
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
	Spent Spent

	// Hashes of the codes in the mails that lead to a confirmation and to an
	// answer. Reminders bring new ones; the old ones live on.
	ConfirmCodes, AnswerCodes [][]byte

	Question bool      // the desk waits for the owner's answer
	Waiting  string    // why the last attempt to complete it failed
	Retry    time.Time // when that is tried again; zero: it was not tried
	Reminded int       // reminders sent

	Timeline []TransferEvent
	Created  time.Time
	Expires  time.Time
	Ended    time.Time
	Version  int64 // counts up with each change
}

// TransferEvent is one thing that happened to a transfer.
type TransferEvent struct {
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

// ErrDone says that what is asked for has happened already, by the same party:
// there is nothing to write, and nothing is wrong.
var ErrDone = errors.New("it is done already")

// ErrVoidTransferCode is the answer to a code that leads to no open transfer of
// the caller.
var ErrVoidTransferCode = problem.Invalid("This link is not valid for your account: open the one in the latest mail, signed in with the account it was sent to").
	For(problem.ReasonLinkVoid)

// MaxTransferText is the longest message, note or reason, in characters. The
// desk may add words of its own maxNoted times. Beside those, up to maxTimeline
// events are kept, and after that what comes once.
const (
	MaxTransferText = 1000
	maxNoted        = 40
	maxTimeline     = 20
)

// ParseTransferText returns a message, note or reason, which may have line
// breaks. A required one must not be empty. Errors: CodeInvalid naming the
// field.
func ParseTransferText(field, s string, required bool) (string, error) {
	least := 0
	if required {
		least = 1
	}
	return value.CleanLines(field, strings.TrimSpace(s), least, MaxTransferText)
}

// RequestTransfer returns the transfer of a profile to whoever holds an
// address. Which account that is plays no part. Errors: CodeForbidden when what
// only the owner can put right is missing, CodeInvalid for the owner's own
// address.
func (p Profile) RequestTransfer(
	source Account,
	e value.Email,
	message string,
	policy TransferPolicy,
	id TransferID,
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
		State:       TransferRequested,
		SourceEpoch: &source.Epoch,
		Created:     now,
		Expires:     now.Add(TransferLife),
	}
	for _, c := range (TransferContext{Transfer: t, Profile: p, Source: source}).Checks(now) {
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
func (t Transfer) Revert(by Party, former Account, id TransferID, now time.Time) (Transfer, error) {
	switch {
	case t.State != TransferCompleted:
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
		State:       TransferRequested,
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
func (t Transfer) RevertUntil() time.Time { return t.Ended.Add(TransferLock) }

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
		TransferEvent{Time: now, What: what, By: by, Who: who, Text: text},
	)
	return t
}

// Open reports whether the transfer can still complete.
func (t Transfer) Open(now time.Time) bool {
	return t.State == TransferRequested && now.Before(t.Expires)
}

// open refuses (CodeConflict) a transfer that has ended.
func (t Transfer) open(now time.Time) error {
	if t.Open(now) {
		return nil
	}
	return problem.Conflict("The transfer %s %s: nothing can be done about it any more", t.ID, t.Outcome(now)).
		For(problem.ReasonTransferOver)
}

// Outcome says in words how the transfer ended, or that it has not.
func (t Transfer) Outcome(now time.Time) string {
	switch t.State {
	case TransferCompleted:
		return "has completed"
	case TransferCanceled:
		return "was canceled by the owner of the profile"
	case TransferDeclined:
		return "was declined by the receiving side"
	case TransferRejected:
		return "was rejected by support"
	case TransferFailed:
		return "has failed"
	case TransferRequested:
		if now.Before(t.Expires) {
			return "is open"
		}
	}
	return "has expired"
}

// PartyOf returns which side of the transfer an account is, empty for a
// stranger. An offer that nobody has answered is seen by the account that holds
// the address.
func (t Transfer) PartyOf(a Account) Party {
	switch {
	case a.ID == "":
		return ""
	case a.ID == t.Source:
		return PartySource
	case a.ID == t.Destination,
		t.Destination == "" && t.State == TransferRequested && a.Active && a.Email == t.Email:
		return PartyDestination
	}
	return ""
}

// Confirm records that the owner means it. Errors: ErrDone; CodeConflict for a
// transfer that has ended; ErrVoidTransferCode for anybody else.
func (t Transfer) Confirm(by Account, hash []byte, now time.Time) (Transfer, error) {
	if t.Reverts != "" || by.ID != t.Source || !knows(t.ConfirmCodes, hash) {
		return t, ErrVoidTransferCode
	}
	if !t.Confirmed.IsZero() && t.stands(now) {
		return t, ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	t.Confirmed = now
	return t.with(EventConfirmed, PartySource, "", "", now), nil
}

// stands reports whether what one side said before still holds.
func (t Transfer) stands(now time.Time) bool { return t.Open(now) || t.State == TransferCompleted }

func knows(hashes [][]byte, hash []byte) bool {
	return slices.ContainsFunc(
		hashes,
		func(h []byte) bool { return subtle.ConstantTimeCompare(h, hash) == 1 },
	)
}

// answerable refuses (ErrVoidTransferCode) whoever the profile is not offered
// to.
func (t Transfer) answerable(by Account, hash []byte) error {
	if t.Reverts != "" || !knows(t.AnswerCodes, hash) ||
		t.Destination != "" && t.Destination != by.ID ||
		t.Destination == "" && (!by.Active || by.Email != t.Email || by.ID == t.Source) {
		return ErrVoidTransferCode
	}
	return nil
}

// Acceptance is what the receiving side chooses; a nil field stays as it is,
// and a person who is not named leaves.
type Acceptance struct {
	Name *string
	// a lower one, but room for what is stored; of services that are left out
	// it keeps what it has, or holds
	Allocation map[plan.Service]int64
	// of those that the profile has; nil: those that it had when it was offered
	Addons  *Addons
	Members map[value.AccountID]Permission
	Owner   Permission
}

// Accept records that the receiving side agrees, and to what. Until the
// transfer completes it may agree anew to other terms. Errors: ErrDone;
// CodeConflict for a transfer that has ended; ErrVoidTransferCode for anybody
// else; CodeInvalid naming the choice that is wrong.
func (t Transfer) Accept(
	by Account,
	hash []byte,
	a Acceptance,
	p Profile,
	use Usage,
	team Team,
	now time.Time,
) (Transfer, error) {
	if err := t.answerable(by, hash); err != nil {
		return t, err
	}
	if t.State == TransferCompleted {
		return t, ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	terms, err := a.terms(p, use, t.Offered, team)
	if err != nil {
		return t, err
	}
	if !t.Accepted.IsZero() && terms.equal(t.Terms) {
		return t, ErrDone
	}
	t.Destination, t.Accepted, t.DestinationEpoch, t.Terms = by.ID, now, &by.Epoch, terms
	// Whoever accepts again and again must not fill the ticket: the desk writes
	// into it too. The audit log has every one.
	t.Timeline = slices.DeleteFunc(
		slices.Clone(t.Timeline),
		func(e TransferEvent) bool { return e.What == EventAccepted },
	)
	return t.with(EventAccepted, PartyDestination, "", "", now), nil
}

func (a Acceptance) terms(p Profile, use Usage, offered Addons, team Team) (Terms, error) {
	moving, stored := use.moving(p), use.Heights()
	terms := Terms{
		Allocation:  moving,
		Addons:      p.Addons.And(offered),
		TokenPolicy: &p.TokenPolicy,
		Members:     map[value.AccountID]Permission{},
		Owner:       a.Owner,
	}
	if a.Addons != nil {
		if terms.Addons = *a.Addons; terms.Addons != terms.Addons.And(p.Addons) {
			return terms, problem.InvalidField(
				"addons",
				problem.FieldChoice,
				"must name add-ons that the profile has, which are: %s",
				p.Addons,
			)
		}
	}
	if a.Name != nil {
		var err error
		if terms.Name, err = value.ParseName("name", *a.Name); err != nil {
			return terms, err
		}
	}
	for s, n := range a.Allocation {
		if n < 0 || n > moving[s] {
			return terms, problem.InvalidField(
				"allocation."+s.String(),
				problem.FieldRange,
				"must be a number from 0 to the %d that the profile has",
				moving[s],
			)
		}
		if n < stored[s] {
			return terms, problem.InvalidField("allocation."+s.String(), problem.FieldRange, "must be at least %d, as the profile holds that many %s", stored[s], s.Unit()).
				For(problem.ReasonAllocationUnder).
				With("service", s.String()).
				With("limit", stored[s])
		}
		terms.Allocation[s] = n
	}
	for id, right := range a.Members {
		if _, ok := team.Active(id); !ok {
			return terms, problem.InvalidField(
				"members",
				problem.FieldChoice,
				"must name accounts of the profile's team, and %s is none",
				problem.Quoted(id),
			)
		}
		terms.Members[id] = right
	}
	return terms, nil
}

// Decline ends the transfer for the receiving side. Errors: as Confirm.
func (t Transfer) Decline(by Account, hash []byte, now time.Time) (Transfer, error) {
	if err := t.answerable(by, hash); err != nil {
		return t, err
	}
	if t.State == TransferDeclined {
		return t, ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	t.Destination = by.ID
	return t.end(TransferDeclined, PartyDestination, "", "", now), nil
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
	return t.end(TransferCanceled, PartySource, "", "", now), nil
}

func (t Transfer) end(
	state TransferState,
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

// AgreeToRevert records the word of one side for a transfer that takes another
// back. Errors: ErrDone; CodeConflict for a transfer that has ended;
// CodeNotFound for anybody else.
func (t Transfer) AgreeToRevert(by Account, now time.Time) (Transfer, error) {
	said, epoch, what, party := &t.Confirmed, &t.SourceEpoch, EventConfirmed, t.PartyOf(by)
	if party == PartyDestination {
		said, epoch, what = &t.Accepted, &t.DestinationEpoch, EventAccepted
	}
	if t.Reverts == "" || party == "" {
		return t, problem.NotFound("Transfer")
	}
	if !said.IsZero() && t.stands(now) {
		return t, ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	*said, *epoch = now, &by.Epoch
	return t.with(what, party, "", "", now), nil
}

// decidable refuses (CodeForbidden) agents who are a side of the transfer
// themselves, and then (CodeConflict) a transfer that has ended.
func (t Transfer) decidable(agent Account, now time.Time) error {
	if err := t.Impartial(agent); err != nil {
		return err
	}
	return t.open(now)
}

// Impartial refuses (CodeForbidden) agents who are a side of the transfer
// themselves.
func (t Transfer) Impartial(agent Account) error {
	if agent.ID == t.Source || agent.ID == t.Destination || agent.Email == t.Email {
		return problem.Forbidden(
			"The transfer %s concerns your own account: leave it to another agent",
			t.ID,
		)
	}
	return nil
}

// Approve records an agent's approval. Errors: ErrDone when the agent has
// approved before; CodeForbidden for an agent who is a side of it; CodeConflict
// for a transfer that has ended.
func (t Transfer) Approve(agent Account, now time.Time) (Transfer, error) {
	if err := t.Impartial(agent); err != nil {
		return t, err
	}
	if t.stands(now) &&
		(slices.Contains(t.Approvals, agent.ID) || t.Reverts == "" && len(t.Approvals) > 0) {
		return t, ErrDone
	}
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	// Whoever approves has no question left.
	t.Approvals, t.Question = append(slices.Clip(t.Approvals), agent.ID), false
	return t.with(EventApproved, PartySupport, agent.ID, "", now), nil
}

// Reject ends the transfer for the desk, with a reason that both sides read.
// Errors: ErrDone; as Approve.
func (t Transfer) Reject(agent Account, reason string, now time.Time) (Transfer, error) {
	if err := t.Impartial(agent); err != nil {
		return t, err
	}
	if t.State == TransferRejected {
		return t, ErrDone
	}
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	return t.end(TransferRejected, PartySupport, agent.ID, reason, now), nil
}

// Note adds what the desk tells or asks the owner, or what the owner answered.
// Errors: as Approve; CodeConflict for more than a ticket can hold.
func (t Transfer) Note(
	agent Account,
	kind EventKind,
	text string,
	now time.Time,
) (Transfer, error) {
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	if !(kind == EventAnswer && t.Question) && t.noted() >= maxNoted {
		return t, problem.Conflict(
			"The transfer %s has %d entries already: decide about it, or write to the owner directly",
			t.ID,
			maxNoted,
		)
	}
	by := PartySupport
	switch kind {
	case EventQuestion:
		t.Question = true
	case EventAnswer:
		t.Question, by = false, PartySource
	}
	return t.with(kind, by, agent.ID, text, now), nil
}

// noted counts what the desk has written into the ticket: nobody else can use
// up its room.
func (t Transfer) noted() (n int) {
	for _, e := range t.Timeline {
		switch e.What {
		case EventNote, EventQuestion, EventAnswer:
			n++
		}
	}
	return n
}

// Extend gives an open transfer its full time again, up to 28 days from the
// request. Errors: ErrDone for one that has it; as Approve; CodeForbidden at
// the longest.
func (t Transfer) Extend(agent Account, now time.Time) (Transfer, error) {
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	longest := t.Created.Add(TransferLongest)
	if t.Reverts != "" {
		longest = t.Expires
	}
	until := now.Add(TransferLife)
	if !until.After(t.Expires) {
		return t, ErrDone
	}
	if until.After(longest) {
		until = longest
	}
	if !until.After(t.Expires) {
		return t, problem.Forbidden(
			"The transfer %s ends on %s and cannot be extended further",
			t.ID,
			t.Expires.Format(value.TimeFormat),
		)
	}
	t.Expires, t.Reminded = until, min(t.Reminded, 1)
	return t.with(EventExtended, PartySupport, agent.ID, until.Format(value.TimeFormat), now), nil
}

// Expire ends a transfer whose time is over. Errors: ErrDone for any other.
func (t Transfer) Expire(now time.Time) (Transfer, error) {
	if t.State != TransferRequested || now.Before(t.Expires) {
		return t, ErrDone
	}
	return t.end(TransferExpired, PartySystem, "", "", now), nil
}

// Fail ends an open transfer that cannot complete any more. Errors: ErrDone for
// one that has ended.
func (t Transfer) Fail(reason string, now time.Time) (Transfer, error) {
	if t.State != TransferRequested {
		return t, ErrDone
	}
	return t.end(TransferFailed, PartySystem, "", reason, now), nil
}

// reminders are when the parties who owe something are reminded: at half time,
// and a day before the end.
func (t Transfer) reminders() []time.Time {
	return []time.Time{
		t.Created.Add(t.Expires.Sub(t.Created) / 2),
		t.Expires.Add(-TransferReminder),
	}
}

// Remind records that a reminder is sent; ok is false when none is due.
func (t Transfer) Remind(now time.Time) (_ Transfer, ok bool) {
	due := t.reminders()
	if !t.Open(now) || t.Reminded >= len(due) || now.Before(due[t.Reminded]) {
		return t, false
	}
	// One that is late is not followed at once by the next.
	for t.Reminded < len(due) && !now.Before(due[t.Reminded]) {
		t.Reminded++
	}
	return t.with(EventReminded, PartySystem, "", "", now), true
}

// Due is when the transfer needs attention by itself: a reminder, another
// attempt, its end. Zero when it has ended.
func (t Transfer) Due() time.Time {
	if t.State != TransferRequested {
		return time.Time{}
	}
	due := t.Expires
	if at := t.reminders(); t.Reminded < len(at) {
		due = at[t.Reminded]
	}
	if !t.Retry.IsZero() && t.Retry.Before(due) {
		due = t.Retry
	}
	return due
}

// Ready reports whether everybody whose word it takes has given it. Whether the
// prerequisites hold is another question.
func (t Transfer) Ready() bool {
	said := !t.Confirmed.IsZero() && !t.Accepted.IsZero()
	if t.Reverts != "" {
		return said || len(t.Approvals) > 1
	}
	return said && (t.Policy == PolicyAuto || len(t.Approvals) > 0)
}

// Wait returns a ready transfer that a missing prerequisite keeps from
// completing. told says that it waits for that reason for the first time.
func (t Transfer) Wait(checks Checks, heldUntil, now time.Time) (_ Transfer, told bool) {
	reason := checks.reason()
	told = reason != t.Waiting
	t.Waiting, t.Retry = reason, now.Add(transferRetry)
	if heldUntil.After(t.Retry) {
		t.Retry = heldUntil
	}
	if told {
		t = t.with(EventWaiting, PartySystem, "", reason, now)
	}
	return t, told
}

// HeldUntil is until when a change of the owner's password, address or second
// factor holds the transfer; zero: it does not. Whoever takes over an account
// cannot give its profiles away before the person behind it had time to notice.
func (t Transfer) HeldUntil(source Account) time.Time {
	if t.Reverts != "" || source.CredentialsChanged.IsZero() ||
		!source.CredentialsChanged.After(t.Created.Add(-SecurityRecent)) {
		return time.Time{}
	}
	from := t.Created
	if source.CredentialsChanged.After(from) {
		from = source.CredentialsChanged
	}
	return from.Add(SecurityHold)
}

// Gates are what a transfer needs, and what it has of that.
type Gates struct{ Source, Destination, Support, Prerequisites bool }

// Gates returns which gates are closed. Support counts as closed where the desk
// has no say.
func (t Transfer) Gates(checks Checks) Gates {
	g := Gates{
		Source:        !t.Confirmed.IsZero(),
		Destination:   !t.Accepted.IsZero(),
		Prerequisites: checks.OK(),
	}
	if t.Reverts != "" {
		g.Support = len(t.Approvals) > 1
	} else {
		g.Support = t.Policy == PolicyAuto || len(t.Approvals) > 0
	}
	return g
}

// WaitingOn returns whose turn it is, nobody's when the transfer has ended or
// only waits for time.
func (t Transfer) WaitingOn(checks Checks, now time.Time) []Party {
	if !t.Open(now) {
		return nil
	}
	g := t.Gates(checks)
	// A return that is ready needs no further word, though not everybody has
	// given theirs.
	ready := t.Ready()
	owes := func(p Party, open bool) bool {
		return open ||
			slices.ContainsFunc(
				checks,
				func(c Check) bool { return c.Side == p && !c.OK && c.Code != CheckHold },
			)
	}
	var parties []Party
	if owes(PartySource, !g.Source && !ready || t.Question) {
		parties = append(parties, PartySource)
	}
	if owes(PartyDestination, !g.Destination && !ready) {
		parties = append(parties, PartyDestination)
	}
	if !g.Support && !ready && (t.Reverts == "" || len(t.Approvals) > 0) {
		parties = append(parties, PartySupport)
	}
	return parties
}

// Visible returns the part of the timeline that concerns a party: what the desk
// and the owner say to each other is theirs, and which agent acted is the
// desk's.
func (t Transfer) Visible(to Party) []TransferEvent {
	var out []TransferEvent
	for _, e := range t.Timeline {
		switch e.What {
		case EventNote, EventQuestion, EventAnswer:
			if to == PartyDestination {
				continue
			}
		}
		if to != PartySupport {
			e.Who = ""
		}
		out = append(out, e)
	}
	return out
}

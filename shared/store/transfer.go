package store

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

const kindTransfer Kind = "transfer"

const transferPrefix = "X#"

func transferKey(id transfer.ID) key {
	return key{kindTransfer, transferPrefix + string(id), "X"}
}

type transferItem struct {
	key
	due
	ID               string           `dynamodbav:"id"`
	Profile          string           `dynamodbav:"profile"`
	ProfileName      string           `dynamodbav:"profileName"`
	Source           string           `dynamodbav:"source"`
	Destination      string           `dynamodbav:"destination,omitempty"`
	Email            string           `dynamodbav:"email"`
	Message          string           `dynamodbav:"message,omitempty"`
	Offered          []string         `dynamodbav:"offered,omitempty"`
	Policy           string           `dynamodbav:"policy"`
	Reverts          string           `dynamodbav:"reverts,omitempty"`
	State            string           `dynamodbav:"state"`
	Reason           string           `dynamodbav:"reason,omitempty"`
	Confirmed        int64            `dynamodbav:"confirmed,omitempty"`
	Accepted         int64            `dynamodbav:"accepted,omitempty"`
	SourceEpoch      *int64           `dynamodbav:"sourceEpoch,omitempty"`
	DestinationEpoch *int64           `dynamodbav:"destinationEpoch,omitempty"`
	Approvals        []string         `dynamodbav:"approvals,omitempty"`
	Terms            termsAttribute   `dynamodbav:"terms"`
	Before           termsAttribute   `dynamodbav:"before"`
	Spent            *spentAttribute  `dynamodbav:"spent,omitempty"`
	ConfirmCodes     [][]byte         `dynamodbav:"confirmCodes,omitempty"`
	AnswerCodes      [][]byte         `dynamodbav:"answerCodes,omitempty"`
	Question         bool             `dynamodbav:"question"`
	Waiting          string           `dynamodbav:"waiting,omitempty"`
	Retry            int64            `dynamodbav:"retry,omitempty"`
	Reminded         int              `dynamodbav:"reminded"`
	Returned         []returned       `dynamodbav:"returned,omitempty"`
	Timeline         []eventAttribute `dynamodbav:"timeline,omitempty"`
	Created          int64            `dynamodbav:"created"`
	Expires          int64            `dynamodbav:"expires"`
	Ended            int64            `dynamodbav:"ended,omitempty"`
	Version          int64            `dynamodbav:"version"`
	TTL              int64            `dynamodbav:"ttl,omitempty"`
}

// returned is a mail to one side that came back.
type returned struct {
	To      string `dynamodbav:"to"`
	Time    int64  `dynamodbav:"time"`
	Invalid bool   `dynamodbav:"invalid"`
}

type eventAttribute struct {
	Time int64  `dynamodbav:"time"`
	What string `dynamodbav:"what"`
	By   string `dynamodbav:"by"`
	Who  string `dynamodbav:"who,omitempty"`
	Text string `dynamodbav:"text,omitempty"`
}

func transferFrom(t transfer.Transfer) transferItem {
	i := transferItem{
		key: transferKey(t.ID), ID: string(t.ID), Profile: string(t.Profile),
		ProfileName: t.ProfileName, Source: string(t.Source), Destination: string(t.Destination),
		Email: string(t.Email), Message: t.Message, Offered: addonNames(t.Offered),
		Policy: string(t.Policy), Reverts: string(t.Reverts), State: string(t.State),
		Reason: t.Reason, Confirmed: millis(t.Confirmed), Accepted: millis(t.Accepted),
		SourceEpoch: t.SourceEpoch, DestinationEpoch: t.DestinationEpoch, Terms: termsFrom(t.Terms),
		Before: termsFrom(t.Before), Spent: spentFrom(t.Spent), ConfirmCodes: t.ConfirmCodes,
		AnswerCodes: t.AnswerCodes, Question: t.Question, Waiting: t.Waiting,
		Retry: millis(t.Retry), Reminded: t.Reminded, Created: millis(t.Created),
		Expires: millis(t.Expires), Ended: millis(t.Ended), Version: t.Version, TTL: transferTTL(t),
		due: dueAt(DueTransfer, string(t.ID), t.Due()),
	}
	for _, id := range t.Approvals {
		i.Approvals = append(i.Approvals, string(id))
	}
	for _, r := range t.Returned {
		i.Returned = append(i.Returned, returned{string(r.To), millis(r.Time), r.Invalid})
	}
	for _, e := range t.Timeline {
		i.Timeline = append(
			i.Timeline,
			eventAttribute{millis(e.Time), string(e.What), string(e.By), string(e.Who), e.Text},
		)
	}
	return i
}

// transferTTL returns when an ended transfer is removed, and 0 for an open one.
func transferTTL(t transfer.Transfer) int64 {
	if t.Ended.IsZero() {
		return 0
	}
	return t.Ended.Add(transfer.Kept).Unix()
}

func (i transferItem) value() transfer.Transfer {
	t := transfer.Transfer{
		ID: transfer.ID(i.ID), Profile: value.ProfileID(i.Profile),
		ProfileName: i.ProfileName, Source: value.AccountID(i.Source),
		Destination: value.AccountID(i.Destination), Email: value.Email(i.Email),
		Message: i.Message, Offered: addonsFrom(i.Offered),
		Policy: transfer.Policy(i.Policy), Reverts: transfer.ID(i.Reverts),
		State: transfer.State(i.State), Reason: i.Reason, Confirmed: fromMillis(i.Confirmed),
		Accepted: fromMillis(i.Accepted), SourceEpoch: i.SourceEpoch,
		DestinationEpoch: i.DestinationEpoch, Terms: i.Terms.value(), Before: i.Before.value(),
		Spent: i.Spent.value(), ConfirmCodes: i.ConfirmCodes, AnswerCodes: i.AnswerCodes,
		Question: i.Question, Waiting: i.Waiting, Retry: fromMillis(i.Retry), Reminded: i.Reminded,
		Created: fromMillis(i.Created), Expires: fromMillis(i.Expires), Ended: fromMillis(i.Ended),
		Version: i.Version,
	}
	for _, id := range i.Approvals {
		t.Approvals = append(t.Approvals, value.AccountID(id))
	}
	for _, r := range i.Returned {
		t.Returned = append(t.Returned, transfer.MailReturn{
			To:         transfer.Party(r.To),
			MailReturn: tenancy.MailReturn{Time: fromMillis(r.Time), Invalid: r.Invalid},
		})
	}
	for _, e := range i.Timeline {
		t.Timeline = append(t.Timeline, transfer.Event{
			Time: fromMillis(e.Time), What: transfer.EventKind(e.What), By: transfer.Party(e.By),
			Who: value.AccountID(e.Who), Text: e.Text,
		})
	}
	return t
}

// Transfer adds a transfer to the batch.
func (b *Batch) Transfer(id transfer.ID) *Found[transfer.Transfer] {
	return want(b, transferKey(id), transferItem.value)
}

// OpenTransfer adds a transfer of a profile that was read at p.Version. It
// fails with problem.ErrConflict if the profile has an open one.
func (tx *Tx) OpenTransfer(p tenancy.Profile, t transfer.Transfer) {
	tx.put(transferFrom(t), absent)
	tx.put(transferRow(openTransferKey(t.Profile), t), absent)
	tx.bumpVersion(p)
	tx.put(transferRow(queuedKey(t), t), condition{})
	tx.put(transferRow(transferRowKey(t.Source, t), t), condition{})
	if t.Destination != "" {
		tx.put(transferRow(transferRowKey(t.Destination, t), t), condition{})
	} else {
		tx.put(transferRow(offeredKey(t), t), condition{})
	}
}

// UpdateTransfer changes an open transfer that was read at t.Version.
func (tx *Tx) UpdateTransfer(t transfer.Transfer) {
	c := sameVersion(t.Version)
	t.Version++
	tx.put(transferFrom(t), c)
}

// RenameTransfer changes the name of the profile in its open transfer. It fails
// with problem.ErrConflict if the transfer has ended.
func (tx *Tx) RenameTransfer(id transfer.ID, name string) {
	tx.update(
		transferKey(id),
		"SET #profileName = :name, #version = #version + :one",
		item{":name": text(name), ":one": number(1)},
		condition{
			"#state = :requested",
			item{":requested": text(string(transfer.Requested))},
			problem.ErrConflict,
		},
	)
}

// HurryTransfer makes the open transfer of a profile due at now. It fails with
// problem.ErrConflict if the transfer has ended.
func (tx *Tx) HurryTransfer(id transfer.ID, now time.Time) {
	at := dueAt(DueTransfer, string(id), now)
	tx.update(
		transferKey(id),
		"SET #retry = :now, #dueSK = :due, #version = #version + :one",
		item{":now": number(millis(now)), ":due": text(at.SK), ":one": number(1)},
		condition{
			"#state = :requested",
			item{":requested": text(string(transfer.Requested))},
			problem.ErrConflict,
		},
	)
}

// AnswerTransfer is UpdateTransfer for a transfer that an account has accepted.
// It also adds the transfer to the list of that account.
func (tx *Tx) AnswerTransfer(t transfer.Transfer) {
	tx.UpdateTransfer(t)
	tx.put(transferRow(transferRowKey(t.Destination, t), t), condition{})
	tx.delete(offeredKey(t), condition{})
}

// EndTransfer is UpdateTransfer for a transfer that has ended. It also lets the
// profile have another transfer, and removes this one from the queue of
// support.
func (tx *Tx) EndTransfer(t transfer.Transfer) {
	tx.UpdateTransfer(t)
	tx.delete(
		openTransferKey(t.Profile),
		condition{"#ticket = :ticket", item{":ticket": text(string(t.ID))}, problem.ErrConflict},
	)
	tx.delete(queuedKey(t), condition{})
	tx.delete(offeredKey(t), condition{})
	tx.put(transferRow(transferRowKey(t.Source, t), t), condition{})
	if t.Destination != "" {
		tx.put(transferRow(transferRowKey(t.Destination, t), t), condition{})
	}
}

// MoveProfile completes a transfer: it writes the profile, both accounts, all
// grants and the team together. It fails if the profile, its team, its usage,
// one of the accounts or the transfer has changed since it was read. The number
// of steps does not depend on the number of tokens. The tokens of the previous
// owner, of members who leave and of the receiving account's own membership are
// revoked, and due entries have a sweep remove them.
func (tx *Tx) MoveProfile(m transfer.Move) {
	p, from := m.Profile, m.Transfer.Source
	// The profile's epoch and not the clock separates the tokens of the two
	// owners, because clocks differ and the epoch only rises.
	at := fromMillis(p.Epoch)
	tx.EndTransfer(m.Transfer)
	c := sameVersion(p.Version)
	moved := p
	moved.Version++ // and its quota's version, by the rule of the move
	tx.overwrite(profileKey(p.ID), profileFrom(moved), optionalOf[profileItem](), nil, c)
	// Neither side keeps a profile with a smaller allocation than before.
	tx.Reallocate(m.Source, m.Source, nil, at)
	tx.Reallocate(m.Destination, m.Destination, nil, at)
	if m.Instead != nil {
		tx.CreateProfile(*m.Instead)
	}
	tx.MoveUse(p.ID, m.Was, m.Use)
	// The new owner has not agreed to tell anybody of the profile.
	tx.DropWebhooks(string(p.ID))

	if m.Previous != nil {
		tx.put(memberFrom(*m.Previous), absent)
		tx.put(grantFrom(p.MemberGrant(*m.Previous)), exists)
	} else {
		tx.delete(grantKey(from, p.ID), exists)
	}
	tx.queueCleanUp(p.ID, from, at)
	if m.Joined != nil {
		tx.delete(memberKey(*m.Joined), exists)
		tx.put(grantFrom(p.OwnerGrant()), exists)
		tx.queueCleanUp(p.ID, p.Owner, at)
	} else {
		tx.put(grantFrom(p.OwnerGrant()), absent)
	}
	for _, member := range m.Stay {
		tx.put(memberFrom(member), exists)
		tx.put(grantFrom(p.MemberGrant(member)), exists)
	}
	for _, member := range m.Leave {
		tx.delete(memberKey(member), exists)
		tx.delete(grantKey(member.Account, p.ID), exists)
		tx.queueCleanUp(p.ID, member.Account, at)
	}
	for _, place := range m.Void {
		tx.delete(memberKey(place), exists)
		tx.forget(tenancy.Invitation{Code: place.Code, Email: place.Email})
	}
	tx.put(cutItem{
		key: cutKey(p.ID, at), Ticket: string(m.Transfer.ID), From: string(from),
		To: string(p.Owner), Time: millis(at), Allocation: m.Transfer.Before.Allocation.Map(),
	}, absent)
}

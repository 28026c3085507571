package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const (
	kindInvitation Kind = "invitation"
	kindInvited    Kind = "invited-address"
)

const invitedPrefix = "I#"

func invitationKey(code value.CodeID) key { return key{kindInvitation, "I#" + string(code), "I"} }

// answeredLife is how long an ended invitation is stored, so that its code is
// answered with its state.
const answeredLife = 30 * 24 * time.Hour

type invitationItem struct {
	key
	due
	ID         string `dynamodbav:"id"`
	Code       string `dynamodbav:"code"`
	Hash       []byte `dynamodbav:"hash"`
	Profile    string `dynamodbav:"profile"`
	Owner      string `dynamodbav:"owner"`
	OwnerEpoch int64  `dynamodbav:"ownerEpoch,omitempty"`
	Email      string `dynamodbav:"email"`
	Permission string `dynamodbav:"permission"`
	Ends       int64  `dynamodbav:"ends,omitempty"` // of the membership
	State      string `dynamodbav:"state"`
	Reminded   bool   `dynamodbav:"reminded"`
	Created    int64  `dynamodbav:"created"`
	Expires    int64  `dynamodbav:"expires"`
	TTL        int64  `dynamodbav:"ttl"`
}

func invitationFrom(i tenancy.Invitation) invitationItem {
	item := invitationItem{
		key: invitationKey(i.Code), ID: string(i.ID), Code: string(i.Code), Hash: i.Hash,
		Profile: string(i.Profile), Owner: string(i.Owner), OwnerEpoch: i.OwnerEpoch,
		Email: string(i.Email), Permission: i.Permission.String(),
		Ends: millis(i.Ends), State: string(i.State),
		Reminded: i.Reminded, Created: millis(i.Created), Expires: millis(i.Expires),
		TTL: i.Expires.Add(answeredLife).Unix(),
	}
	if i.State == tenancy.InvitationPending {
		item.due = dueAt(DueInvitation, string(i.Code), i.Due())
	}
	return item
}

func (i invitationItem) value() tenancy.Invitation {
	return tenancy.Invitation{
		ID: tenancy.InvitationID(i.ID), Code: value.CodeID(i.Code), Hash: i.Hash,
		Profile: value.ProfileID(i.Profile), Owner: value.AccountID(i.Owner),
		OwnerEpoch: i.OwnerEpoch, Email: value.Email(i.Email),
		Permission: storedPermission(i.Permission), Ends: fromMillis(i.Ends),
		State:    tenancy.InvitationState(i.State),
		Reminded: i.Reminded, Created: fromMillis(i.Created), Expires: fromMillis(i.Expires),
	}
}

// Invitation adds the invitation of a code to the batch.
func (b *Batch) Invitation(code value.CodeID) *Found[tenancy.Invitation] {
	return want(b, invitationKey(code), invitationItem.value)
}

// Invite adds an invitation to a profile that was read at p.Version. renewed is
// the entry of the team for an earlier invitation of the same address, open or
// expired, whose code becomes unknown; the zero Member if there is none.
func (tx *Tx) Invite(p tenancy.Profile, i tenancy.Invitation, renewed tenancy.Member) {
	tx.bumpVersion(p)
	tx.put(memberFrom(i.Pending()), condition{})
	tx.put(invitationFrom(i), absent)
	tx.put(invitedFrom(i), condition{})
	if renewed.Code != "" {
		tx.forget(tenancy.Invitation{Code: renewed.Code, Email: renewed.Email})
	}
	if renewed.Invitation != "" && renewed.Invitation != i.ID {
		tx.delete(memberKey(renewed), condition{})
	}
}

// forget removes an invitation.
func (tx *Tx) forget(i tenancy.Invitation) {
	tx.delete(invitationKey(i.Code), condition{})
	tx.delete(invitedKey(i), condition{})
}

// EndInvitation sets the last state of a pending invitation and frees its place
// in the team. The entry of an expired one stays in the list of the team for
// tenancy.LapsedLife. It fails with ended if the invitation is not pending.
func (tx *Tx) EndInvitation(i tenancy.Invitation, state tenancy.InvitationState, ended error) {
	tx.update(
		invitationKey(i.Code),
		"SET #state = :state REMOVE #duePK, #dueSK",
		item{":state": text(string(state))},
		condition{
			"#state = :pending",
			item{":pending": text(string(tenancy.InvitationPending))},
			ended,
		},
	)
	tx.delete(invitedKey(i), condition{})
	if state == tenancy.InvitationExpired {
		return
	}
	tx.delete(
		memberKey(i.Pending()),
		condition{
			"attribute_not_exists(PK) OR #code = :code",
			item{":code": text(string(i.Code))},
			ended,
		},
	)
}

// RemindInvitation records the reminder of a pending invitation, which is then
// due at its end. It fails with ended if the invitation is not pending.
func (tx *Tx) RemindInvitation(i tenancy.Invitation, ended error) {
	i.Reminded = true
	tx.update(
		invitationKey(i.Code),
		"SET #reminded = :yes, #dueSK = :due",
		item{":yes": boolean(true), ":due": text(dueAt(DueInvitation, string(i.Code), i.Due()).SK)},
		condition{
			"#state = :pending AND #reminded = :no",
			item{":pending": text(string(tenancy.InvitationPending)), ":no": boolean(false)},
			ended,
		},
	)
}

func invitedKey(i tenancy.Invitation) key {
	return key{kindInvited, "E#" + string(i.Email), invitedPrefix + string(i.Code)}
}

// invitedItem lists an open invitation under its address, so that an account
// that is made with this address later is notified of it.
type invitedItem struct {
	key
	Code    string `dynamodbav:"code"`
	Expires int64  `dynamodbav:"expires"`
	TTL     int64  `dynamodbav:"ttl"`
}

func invitedFrom(i tenancy.Invitation) invitedItem {
	return invitedItem{
		key:     invitedKey(i),
		Code:    string(i.Code),
		Expires: millis(i.Expires),
		TTL:     i.Expires.Unix(),
	}
}

// Offers returns the codes of the invitations of an address that are open at
// now.
func (s *Store) Offers(
	ctx context.Context,
	e value.Email,
	now time.Time,
) (codes []value.CodeID, err error) {
	k := reservationKey(e)
	all := span{pk: k.PK, from: invitedPrefix, to: upTo(invitedPrefix)}
	for it, err := range s.query(ctx, all) {
		if err != nil {
			return nil, err
		}
		var i invitedItem
		if err := attributevalue.UnmarshalMap(it, &i); err != nil {
			return nil, err
		}
		if now.Before(fromMillis(i.Expires)) {
			codes = append(codes, value.CodeID(i.Code))
		}
	}
	return codes, nil
}

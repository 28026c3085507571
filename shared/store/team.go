package store

import (
	"context"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// bumpVersion requires that nobody changed the profile, its team or its transfer since it was read, and lets the next one know.
func (tx *Tx) bumpVersion(p tenancy.Profile) {
	tx.update(profileKey(p.ID), "SET #version = #version + :one", item{":one": number(1)}, sameVersion(p.Version))
}

// AddMember shares a profile that was read at p.Version with an account.
func (tx *Tx) AddMember(p tenancy.Profile, m tenancy.Member) {
	tx.bumpVersion(p)
	tx.put(memberFrom(m), absent)
	tx.put(grantFrom(p.MemberGrant(m)), absent)
}

// Invite adds an invitation to a profile that was read at p.Version. renewed is the place that an open invitation of the same address holds,
// whose code is unknown from then on; the zero Member when there is none.
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

// forget removes an invitation as if it had never been.
func (tx *Tx) forget(i tenancy.Invitation) {
	tx.delete(invitationKey(i.Code), condition{})
	tx.delete(invitedKey(i), condition{})
}

// EndInvitation gives a pending invitation its last state and its place in the team back. ended is returned when somebody else was
// first.
func (tx *Tx) EndInvitation(i tenancy.Invitation, state tenancy.InvitationState, ended error) {
	tx.update(invitationKey(i.Code), "SET #state = :state REMOVE #duePK, #dueSK", item{":state": text(string(state))},
		condition{"#state = :pending", item{":pending": text(string(tenancy.InvitationPending))}, ended})
	tx.delete(invitedKey(i), condition{})
	tx.delete(memberKey(i.Pending()), condition{"attribute_not_exists(PK) OR #code = :code", item{":code": text(string(i.Code))}, ended})
}

// RemindInvitation marks a pending invitation as reminded of; it is due again at its end. ended is returned when it is not pending.
func (tx *Tx) RemindInvitation(i tenancy.Invitation, ended error) {
	i.Reminded = true
	tx.update(invitationKey(i.Code), "SET #reminded = :yes, #dueSK = :due",
		item{":yes": boolean(true), ":due": text(dueAt(DueInvitation, string(i.Code), i.Due()).SK)},
		condition{"#state = :pending AND #reminded = :no", item{":pending": text(string(tenancy.InvitationPending)), ":no": boolean(false)}, ended})
}

// RevokeTokens kills all tokens that were made for a profile that was read at p.Version: the owner's, and those of the members named.
// p.Epoch and the members' epochs are the new ones; due entries make the tokens' items go too.
func (tx *Tx) RevokeTokens(p tenancy.Profile, owner bool, members tenancy.Team) {
	if owner {
		tx.update(profileKey(p.ID), "SET #epoch = :epoch, #version = #version + :one", item{":epoch": number(p.Epoch), ":one": number(1)}, sameVersion(p.Version))
		tx.update(grantKey(p.Owner, p.ID), "SET #epoch = :epoch", item{":epoch": number(p.Epoch)}, exists)
		tx.queueCleanUp(p.ID, p.Owner, fromMillis(p.Epoch))
	} else {
		tx.bumpVersion(p)
	}
	for _, m := range members {
		tx.update(memberKey(m), "SET #epoch = :epoch", item{":epoch": number(m.Epoch)}, exists)
		tx.update(grantKey(m.Account, p.ID), "SET #epoch = :epoch", item{":epoch": number(m.Epoch)}, exists)
		tx.queueCleanUp(p.ID, m.Account, fromMillis(m.Epoch))
	}
}

// EditMember changes the permission of an active member of a profile that was read at p.Version.
func (tx *Tx) EditMember(p tenancy.Profile, m tenancy.Member) {
	tx.bumpVersion(p)
	permission := item{":permission": text(m.Permission.String())}
	tx.update(memberKey(m), "SET #permission = :permission", permission, exists)
	tx.update(grantKey(m.Account, m.Profile), "SET #permission = :permission", permission, exists)
}

// RemoveMember takes a profile that was read at p.Version from an active member. The member's tokens for it are dead with that; a due
// entry makes their items go too.
func (tx *Tx) RemoveMember(p tenancy.Profile, m tenancy.Member, now time.Time) {
	tx.bumpVersion(p)
	tx.delete(memberKey(m), exists)
	tx.delete(grantKey(m.Account, m.Profile), exists)
	tx.queueCleanUp(m.Profile, m.Account, now)
}

// queueCleanUp remembers that the tokens are to be reclaimed which an account made for a profile before now.
func (tx *Tx) queueCleanUp(p value.ProfileID, a value.AccountID, now time.Time) {
	tx.put(formerMemberItem{
		key: formerMemberKey(p, a), Removed: millis(now), due: dueAt(DueMember, string(p)+string(a), now),
	}, condition{})
}

// Invitation asks for the invitation of a code.
func (b *Batch) Invitation(code value.CodeID) *Found[tenancy.Invitation] {
	return want(b, invitationKey(code), invitationItem.value)
}

// Offers returns the codes of the invitations of an address that are open at now.
func (s *Store) Offers(ctx context.Context, e value.Email, now time.Time) (codes []value.CodeID, err error) {
	k := reservationKey(e)
	for it, err := range s.query(ctx, span{pk: k.PK, from: invitedPrefix, to: upTo(invitedPrefix)}) {
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

// Notify adds a notification.
func (tx *Tx) Notify(n tenancy.Notification) { tx.put(notificationFrom(n), condition{}) }

// ReadNotification marks a notification as read or unread. gone is returned when it is not there.
func (tx *Tx) ReadNotification(a value.AccountID, id tenancy.NotificationID, read bool, gone error) {
	tx.update(notificationKey(a, id), "SET #read = :read", item{":read": boolean(read)}, condition{"attribute_exists(PK)", nil, gone})
}

// DeleteNotification removes a notification. gone is returned when it is not there.
func (tx *Tx) DeleteNotification(a value.AccountID, id tenancy.NotificationID, gone error) {
	tx.delete(notificationKey(a, id), condition{"attribute_exists(PK)", nil, gone})
}

// Notification asks for a notification of an account.
func (b *Batch) Notification(a value.AccountID, id tenancy.NotificationID) *Found[tenancy.Notification] {
	return want(b, notificationKey(a, id), notificationItem.value)
}

// Notifications walks the notifications of an account by age. pageSize is how many one round trip should read.
func (s *Store) Notifications(ctx context.Context, a value.AccountID, newestFirst bool, pageSize int) iter.Seq2[tenancy.Notification, error] {
	return decoded(s.query(ctx, span{
		pk: notificationKey(a, "").PK, from: "0", to: ":", newestFirst: newestFirst, pageSize: int32(min(pageSize, 1000)),
	}), notificationItem.value)
}

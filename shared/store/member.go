package store

import (
	"fmt"
	"maps"
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const (
	kindMember    Kind = "member"
	kindOpenPlace Kind = "open-place"
)

const memberPrefix = "M#"

// memberKey returns the key of a member, or of an invitation in the list of its
// team.
func memberKey(m tenancy.Member) key {
	kind, id := kindMember, string(m.Account)
	if !m.Active {
		kind, id = kindOpenPlace, invitedPrefix+string(m.Invitation)
	}
	return key{kind, "P#" + string(m.Profile), memberPrefix + id}
}

// memberItem is a member, or an invitation in the list of its team. An
// invitation takes a place in the team while it is open, and stays in the list
// for tenancy.LapsedLife after it has expired. The name and the address of a
// member are read from its account; older items may have copies of them, which
// nothing reads.
type memberItem struct {
	key
	due
	Profile    string `dynamodbav:"profile"`
	Account    string `dynamodbav:"account,omitempty"`
	Permission string `dynamodbav:"permission"`
	Epoch      int64  `dynamodbav:"epoch"`
	Active     bool   `dynamodbav:"active"`
	Email      string `dynamodbav:"email,omitempty"` // of an invitation
	Created    int64  `dynamodbav:"created"`
	Ends       int64  `dynamodbav:"ends,omitempty"`
	Told       bool   `dynamodbav:"told,omitempty"`
	Invitation string `dynamodbav:"invitation,omitempty"`
	Code       string `dynamodbav:"code,omitempty"`
	Expires    int64  `dynamodbav:"expires,omitempty"`
	Returned   int64  `dynamodbav:"returned,omitempty"`
	Invalid    bool   `dynamodbav:"invalid,omitempty"`
	TTL        int64  `dynamodbav:"ttl,omitempty"`
}

func memberFrom(m tenancy.Member) memberItem {
	i := memberItem{
		key: memberKey(m), Profile: string(m.Profile), Account: string(m.Account),
		Permission: m.Permission.String(), Epoch: m.Epoch, Active: m.Active,
		Created: millis(m.Created), Ends: millis(m.Ends), Told: m.Told,
		Invitation: string(m.Invitation), Code: string(m.Code), Expires: millis(m.Expires),
		Returned: millis(m.Returned.Time), Invalid: m.Returned.Invalid,
	}
	if m.Active {
		i.due = membershipDue(m)
	} else {
		i.Email, i.TTL = string(m.Email), m.Expires.Add(tenancy.LapsedLife).Unix()
	}
	return i
}

func (i memberItem) value() tenancy.Member {
	m := tenancy.Member{
		Profile: value.ProfileID(i.Profile), Account: value.AccountID(i.Account),
		Permission: storedPermission(i.Permission), Epoch: i.Epoch, Active: i.Active,
		Created: fromMillis(i.Created), Ends: fromMillis(i.Ends), Told: i.Told,
		Invitation: tenancy.InvitationID(i.Invitation), Code: value.CodeID(i.Code),
		Expires:  fromMillis(i.Expires),
		Returned: tenancy.MailReturn{Time: fromMillis(i.Returned), Invalid: i.Invalid},
	}
	if !m.Active {
		m.Email = value.Email(i.Email)
	}
	return m
}

// AddMember shares a profile that was read at p.Version with an account.
func (tx *Tx) AddMember(p tenancy.Profile, m tenancy.Member) {
	tx.bumpVersion(p)
	tx.put(memberFrom(m), absent)
	tx.put(grantFrom(p.MemberGrant(m)), absent)
}

// membershipDue is the due entry of a membership that ends by itself.
func membershipDue(m tenancy.Member) due {
	return dueAt(DueMembership, string(m.Profile)+string(m.Account), m.Due())
}

// Membership returns the profile and the account of an entry of the kind
// DueMembership or DueMember.
func (d DueEntry) Membership() (value.ProfileID, value.AccountID, error) {
	const at = value.IDLength
	if len(d.ID) <= at {
		return "", "", fmt.Errorf("%q names no member of a profile", d.ID)
	}
	return value.ProfileID(d.ID[:at]), value.AccountID(d.ID[at:]), nil
}

// EditMember changes the permission and the end of an active member of a
// profile that was read at p.Version.
func (tx *Tx) EditMember(p tenancy.Profile, m tenancy.Member) {
	tx.bumpVersion(p)
	permission := item{":permission": text(m.Permission.String())}
	const set = "SET #permission = :permission"
	if m.Ends.IsZero() {
		tx.update(memberKey(m), set+" REMOVE #ends, #told, #duePK, #dueSK", permission, exists)
		tx.update(grantKey(m.Account, m.Profile), set+" REMOVE #ends", permission, exists)
		return
	}
	permission[":ends"] = number(millis(m.Ends))
	tx.update(grantKey(m.Account, m.Profile), set+", #ends = :ends", maps.Clone(permission), exists)
	permission[":told"] = boolean(m.Told)
	at := membershipDue(m)
	permission[":duePK"], permission[":dueSK"] = text(at.PK), text(at.SK)
	tx.update(
		memberKey(m), set+", #ends = :ends, #told = :told, #duePK = :duePK, #dueSK = :dueSK",
		permission, exists,
	)
}

// TellMembership notes that a member and the owner were told of the end of the
// membership, which is then due at that end. It fails with problem.ErrConflict
// if that was done, or the end is another one, by now.
func (tx *Tx) TellMembership(m tenancy.Member) {
	m.Told = true
	tx.update(
		memberKey(m),
		"SET #told = :yes, #dueSK = :due",
		item{":yes": boolean(true), ":due": text(membershipDue(m).SK)},
		condition{
			"#ends = :ends AND (attribute_not_exists(#told) OR #told = :no)",
			item{":ends": number(millis(m.Ends)), ":no": boolean(false)},
			problem.ErrConflict,
		},
	)
}

// ForgetPlace removes the entry of the team for an ended invitation. It fails
// with gone if the entry is that of another invitation, or removed, by now.
func (tx *Tx) ForgetPlace(m tenancy.Member, gone error) {
	tx.delete(memberKey(m), condition{"#code = :code", item{":code": text(string(m.Code))}, gone})
}

// OpenPlace adds the entry of the team for an invitation to the batch.
func (b *Batch) OpenPlace(i tenancy.Invitation) *Found[tenancy.Member] {
	return want(b, memberKey(i.Pending()), memberItem.value)
}

// ReturnInvitation notes with the entry of the team for an invitation that its
// mail came back. It fails with problem.ErrConflict if the entry is that of
// another invitation, or removed, by now.
func (tx *Tx) ReturnInvitation(m tenancy.Member) {
	tx.update(
		memberKey(m),
		"SET #returned = :returned, #invalid = :invalid",
		item{
			":returned": number(millis(m.Returned.Time)),
			":invalid":  boolean(m.Returned.Invalid),
		},
		condition{"#code = :code", item{":code": text(string(m.Code))}, problem.ErrConflict},
	)
}

// RemoveMember removes an active member of a profile that was read at
// p.Version. This revokes the member's tokens for the profile, and a due entry
// has a sweep remove them.
func (tx *Tx) RemoveMember(p tenancy.Profile, m tenancy.Member, now time.Time) {
	tx.bumpVersion(p)
	tx.delete(memberKey(m), exists)
	tx.delete(grantKey(m.Account, m.Profile), exists)
	tx.queueCleanUp(m.Profile, m.Account, now)
}

// RevokeTokens revokes tokens for a profile that was read at p.Version: those
// of the owner, if owner is set, and those of members. p.Epoch and the members'
// epochs are the new ones. Due entries have a sweep remove the tokens.
func (tx *Tx) RevokeTokens(p tenancy.Profile, owner bool, members tenancy.Team) {
	if owner {
		tx.update(
			profileKey(p.ID),
			"SET #epoch = :epoch, #version = #version + :one",
			item{":epoch": number(p.Epoch), ":one": number(1)},
			sameVersion(p.Version),
		)
		tx.update(
			grantKey(p.Owner, p.ID),
			"SET #epoch = :epoch",
			item{":epoch": number(p.Epoch)},
			exists,
		)
		tx.queueCleanUp(p.ID, p.Owner, fromMillis(p.Epoch))
	} else {
		tx.bumpVersion(p)
	}
	for _, m := range members {
		tx.update(memberKey(m), "SET #epoch = :epoch", item{":epoch": number(m.Epoch)}, exists)
		tx.update(
			grantKey(m.Account, p.ID),
			"SET #epoch = :epoch",
			item{":epoch": number(m.Epoch)},
			exists,
		)
		tx.queueCleanUp(p.ID, m.Account, fromMillis(m.Epoch))
	}
}

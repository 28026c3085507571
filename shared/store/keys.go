// Package store keeps the table: keys, items, conditions, transactions and pages. It is the only user of the DynamoDB
// client, and decides nothing: rules live in tenancy, and each write carries the error that its failed condition means.
package store

import (
	"fmt"
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Access patterns. Every key of the table is built here.
//
//	item              PK            SK              read by
//	account           A#account     A               id; with its grants in one query (A .. P#)
//	factors           A#account     F               id; with the account and its grants in one query
//	grant             A#account     P#profile       id; all of an account
//	e-mail claim      E#email       E               address
//	profile           P#profile     P               id; with its members in one query (M# .. P)
//	member            P#profile     M#account       id; all of a profile
//	open place        P#profile     M#I#invitation  with the members
//	token row         P#profile     T#created#id    all of a profile, by age
//	token             T#id          T               id; due index when it expires
//	family of tokens  T#first       F               the id of its first token
//	use of a spent token  J#id      J               id; due index until it is dealt with
//	use of a token    U#id          U               id
//	one-time code     C#id          C               id
//	security code     C#id          S               id
//	invitation        I#code        I               code; due index for its reminder and its end
//	invited address   E#email       I#code          all of an address
//	notification      N#account     id              id; all of an account, newest first
//	transfer          X#ticket      X               ticket; due index while it is open
//	open transfer     P#profile     X               profile: at most one
//	transfer row      A#account     X#created#ticket  all of an account, newest first
//	offered transfer  E#email       X#created#ticket  all that wait for an address's answer
//	queued transfer   Q#desk        created#ticket  all that are open, oldest first
//	cost cut          P#profile     C#time          all of a profile, by time
//	usage             P#profile     U               profile
//	usage of an hour  P#profile     H#time          all of a profile, by time
//	usage event       V#profile#event V             profile and event
//	charge            B#account     C#time#id       all of an account, by time
//	snapshot          B#account     S#version       all of an account, by version
//	mail              O#id          O               id; due index until sent; the stream
//	deleted profile   D#profile     D               due index until its rows are gone
//	deleted account   D#account     A               id; due index until its rest is gone
//	former member     D#profile     M#account       due index until the member's tokens are gone
//	audit entry       L#log#month   time#id         a log's month, by time; the stream
//	head of a log     L#log         H               log
//	rate window       R#subject#end R               subject and time
//	pause             R#subject     R               subject
//	mark              K#scope#key   K               scope and Idempotency-Key
//
// The index "due" has the keys duePK (kind#shard) and dueSK (time#id), and holds only what has a time.
type key struct {
	PK string `dynamodbav:"PK"`
	SK string `dynamodbav:"SK"`
}

const (
	grantPrefix   = "P#"
	memberPrefix  = "M#"
	tokenPrefix   = "T#"
	outboxPrefix  = "O#"
	reusePrefix   = "J#"
	usePrefix     = "U#"
	invitedPrefix = "I#"

	transferPrefix = "X#"
	cutPrefix      = "C#"
	hourPrefix     = "H#"
	auditPrefix    = "L#"
	chargePrefix   = "C#"
	snapshotPrefix = "S#"
	queue          = "Q#desk"
	// afterHash follows '#': the least text greater than every key that begins with a prefix ending in '#'.
	afterHash = "$"
	headSK    = "H"
)

func accountKey(id value.AccountID) key { return key{"A#" + string(id), "A"} }
func factorsKey(id value.AccountID) key { return key{"A#" + string(id), "F"} }
func grantKey(a value.AccountID, p value.ProfileID) key {
	return key{"A#" + string(a), grantPrefix + string(p)}
}
func reservationKey(e value.Email) key  { return key{"E#" + string(e), "E"} }
func profileKey(id value.ProfileID) key { return key{"P#" + string(id), "P"} }

// memberKey is that of a member, or of the place in the team that an open invitation holds.
func memberKey(m tenancy.Member) key {
	id := string(m.Account)
	if !m.Active {
		id = invitedPrefix + string(m.Invitation)
	}
	return key{"P#" + string(m.Profile), memberPrefix + id}
}
func tokenKey(id value.TokenID) key { return key{tokenPrefix + string(id), "T"} }
func tokenRowKey(p value.ProfileID, created time.Time, id value.TokenID) key {
	return key{"P#" + string(p), tokenPrefix + sortable(created) + "#" + string(id)}
}
func familyKey(first value.TokenID) key   { return key{tokenPrefix + string(first), "F"} }
func reuseKey(id value.TokenID) key       { return key{reusePrefix + string(id), "J"} }
func useKey(id value.TokenID) key         { return key{usePrefix + string(id), "U"} }
func codeKey(id value.CodeID) key         { return key{"C#" + string(id), "C"} }
func securityKey(id value.CodeID) key     { return key{"C#" + string(id), "S"} }
func invitationKey(code value.CodeID) key { return key{"I#" + string(code), "I"} }
func invitedKey(i tenancy.Invitation) key {
	return key{"E#" + string(i.Email), invitedPrefix + string(i.Code)}
}
func notificationKey(a value.AccountID, id tenancy.NotificationID) key {
	return key{"N#" + string(a), string(id)}
}
func messageKey(id tenancy.MessageID) key { return key{outboxPrefix + string(id), "O"} }
func formerMemberKey(p value.ProfileID, a value.AccountID) key {
	return key{"D#" + string(p), memberPrefix + string(a)}
}
func deletedProfileKey(p value.ProfileID) key  { return key{"D#" + string(p), "D"} }
func accountDeletionKey(a value.AccountID) key { return key{"D#" + string(a), "A"} }
func transferKey(id tenancy.TransferID) key    { return key{transferPrefix + string(id), "X"} }
func openTransferKey(p value.ProfileID) key    { return key{"P#" + string(p), "X"} }
func transferRowKey(a value.AccountID, t tenancy.Transfer) key {
	return key{"A#" + string(a), transferPrefix + transferOrder(t)}
}
func offeredKey(t tenancy.Transfer) key {
	return key{"E#" + string(t.Email), transferPrefix + transferOrder(t)}
}
func queuedKey(t tenancy.Transfer) key { return key{queue, transferOrder(t)} }
func cutKey(p value.ProfileID, at time.Time) key {
	return key{"P#" + string(p), cutPrefix + sortable(at)}
}
func usageKey(p value.ProfileID) key { return key{"P#" + string(p), "U"} }
func hourKey(p value.ProfileID, hour time.Time) key {
	return key{"P#" + string(p), hourPrefix + sortable(hour)}
}
func eventKey(p value.ProfileID, event string) key { return key{"V#" + string(p) + "#" + event, "V"} }
func chargeKey(c tenancy.Charge) key {
	return key{"B#" + string(c.Account), chargePrefix + sortable(c.From) + "#" + c.ID}
}
func snapshotKey(a tenancy.Account) key {
	return key{"B#" + string(a.ID), snapshotPrefix + fmt.Sprintf("%012d", a.Version)}
}
func transferOrder(t tenancy.Transfer) string { return sortable(t.Created) + "#" + string(t.ID) }
func rateWindowKey(subject string, end time.Time) key {
	return key{"R#" + subject + "#" + sortable(end), "R"}
}
func cooldownKey(subject string) key     { return key{"R#" + subject, "R"} }
func recordKey(m *IdempotencyRecord) key { return key{"K#" + m.Scope + "#" + m.Key, "K"} }
func auditKey(e auditlog.Entry) key {
	return key{auditPrefix + e.Log + "#" + e.Time.UTC().Format("2006-01"), sortable(e.Time) + "#" + e.ID}
}

func headKey(log string) key { return key{auditPrefix + log, headSK} }

// sortable writes a time so that texts sort as times do, from 1970 to 2286. What lies beyond, as in a query for all time, is cut to that.
func sortable(t time.Time) string {
	return fmt.Sprintf("%013d", min(max(t.UnixMilli(), 0), 9_999_999_999_999))
}

// DueKind is a kind of work that has a time.
type DueKind string

const (
	DueToken      DueKind = "token"      // remind of a token's end, retire it, or expire it
	DueReuse      DueKind = "reuse"      // revoke the family of a token that was used after its grace
	DueMail       DueKind = "mail"       // send a mail
	DueProfile    DueKind = "profile"    // reclaim what a deleted profile left
	DueAccount    DueKind = "account"    // remove what a deleted account left
	DueMember     DueKind = "member"     // reclaim the tokens of a membership that has ended
	DueInvitation DueKind = "invitation" // remind of an invitation, or end it
	DueTransfer   DueKind = "transfer"   // remind of a transfer, try to complete it, or end it
	DueRenewal    DueKind = "renewal"    // renew a subscription
)

// dueShards spreads the entries of one kind over partitions of the index, so that many falling due at one instant do not
// meet in one.
const dueShards = 8

type due struct {
	PK string `dynamodbav:"duePK,omitempty"`
	SK string `dynamodbav:"dueSK,omitempty"`
}

func dueAt(kind DueKind, id string, at time.Time) due {
	if at.IsZero() {
		return due{}
	}
	return due{dueShard(kind, int(id[len(id)-1])%dueShards), sortable(at) + "#" + id}
}

func dueShard(kind DueKind, shard int) string { return string(kind) + "#" + strconv.Itoa(shard) }

// Milliseconds since 1970, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

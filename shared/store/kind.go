package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/problem"
)

// Kind is the kind of an item. Every item except an account is written with it,
// as the attribute itemKind. Items from before there were kinds have none, so
// no read relies on it.
type Kind string

// Entity is a row of the table's description: an item and the patterns of its
// keys. A word in a pattern stands for a variable part.
type Entity struct {
	Name   string
	Kind   Kind
	PK, SK string
}

// Entities describes all items that the table may have.
func Entities() []Entity {
	return []Entity{
		{"account", kindAccount, "A#account", "A"},
		{"second factors of an account", kindFactors, "A#account", "F"},
		{"grant: a profile that an account can open", kindGrant, "A#account", "P#profile"},
		{
			"session of a browser, in one of the account's places",
			kindSession,
			"A#account",
			"S#place",
		},
		{"email reservation", kindReservation, "E#address", "E"},
		{"profile", kindProfile, "P#profile", "P"},
		{"logo of a profile that is kept here", kindLogo, "G#hash", "G"},
		{"member", kindMember, "P#profile", "M#account"},
		{
			"invitation in the list of a team, while it is open and 30 days longer",
			kindOpenPlace,
			"P#profile",
			"M#I#invitation",
		},
		{"invitation", kindInvitation, "I#code", "I"},
		{"invitation, by address", kindInvited, "E#address", "I#code"},
		{"notification", kindNotification, "N#account", "id"},
		{"transfer", kindTransfer, "X#ticket", "X"},
		{"open transfer of a profile, at most one", kindOpenTransfer, "P#profile", "X"},
		{"transfer, by account", kindTransferRow, "A#account", "X#created#ticket"},
		{
			"transfer that waits for an address's answer",
			kindOffered,
			"E#address",
			"X#created#ticket",
		},
		{"open transfer in the queue of support", kindQueued, "Q#desk", "created#ticket"},
		{"instant at which a profile's cost changed accounts", kindCostCut, "P#profile", "C#time"},
		{"usage of a profile", kindUsage, "P#profile", "U"},
		{"its usage at the end of an hour, for 13 months", kindUsageHour, "P#profile", "H#hour"},
		{"answer to an event of a report, for 35 days", kindUsageEvent, "V#profile#event", "V"},
		{
			"receipts of reports that were counted in a generation, for 42 days",
			kindReceipts,
			"V#profile",
			"R#generation",
		},
		{"charge", kindCharge, "B#account", "C#time#id"},
		{
			"limits of an account and how they were divided, from a time on",
			kindSnapshot,
			"B#account",
			"S#version",
		},
		{"token row, for lists", kindTokenRow, "P#profile", "T#created#id"},
		{"token", kindToken, "T#id", "T"},
		{"family of tokens that took each other's place", kindFamily, "T#first", "F"},
		{"use of a token after its grace, until it is dealt with", kindReuse, "J#token", "J"},
		{"last use of a token", kindLastUsed, "U#token", "U"},
		{"one-time code", kindConfirmation, "C#id", "C"},
		{"security code: a new password, a new address, its undo", kindSecurityCode, "C#id", "S"},
		{"mail of the outbox", kindMail, "O#id", "O"},
		{"stop of mails to an address, until it ends", kindMailStop, "E#address", "B"},
		{"deleted profile, until its rest is gone", kindDeletedProfile, "D#profile", "D"},
		{
			"deleted profile as it was, while its owner can restore it",
			kindRestorableProfile,
			"D#account",
			"P#profile",
		},
		{"deleted account, until its rest is gone", kindDeletedAccount, "D#account", "A"},
		{"former member, until the tokens are gone", kindFormerMember, "D#profile", "M#account"},
		{
			"member that the owner has removed, for an hour",
			kindRemoval,
			"D#profile",
			"R#account",
		},
		{"audit entry", kindAuditEntry, "L#log#month", "time#id"},
		{"chain head of an audit log", kindChainHead, "L#log", "H"},
		{"webhooks of a profile or an account", kindWebhooks, "W#log", "W"},
		{"queue of a webhook", kindWebhookQueue, "W#webhook", "Q"},
		{
			"event that waits for a webhook, by its place in the queue",
			kindWaiting,
			"W#webhook",
			"P#place",
		},
		{
			"delivery to a webhook that has ended, for 7 days",
			kindDelivery,
			"W#webhook",
			"D#id",
		},
		{"backup of a profile, in the list of its account", kindBackup, "Z#account", "B#id"},
		{
			"backup, in the list of its profile",
			kindBackupRow,
			"Z#account",
			"L#profile#id",
		},
		{"part of the file of a backup", kindBackupPart, "Z#account", "P#file#part"},
		{"rate window", kindRateWindow, "R#subject#end", "R"},
		{"cooldown between two of a kind", kindCooldown, "R#subject", "R"},
		{"idempotency record", kindRecord, "K#scope#key", "K"},
	}
}

// KindOf returns the kind whose patterns match a key best, for an item without
// a kind; "" if none matches.
func KindOf(pk, sk string) (kind Kind) {
	most := -1
	for _, e := range Entities() {
		n, ok := alike(e.PK, pk)
		m, also := alike(e.SK, sk)
		if ok && also && n+m > most {
			kind, most = e.Kind, n+m
		}
	}
	return kind
}

// alike reports whether a part of a key matches a pattern, and how many of its
// letters are fixed by the pattern. The last word of a pattern may contain the
// separator.
func alike(pattern, part string) (letters int, ok bool) {
	patterns := strings.Split(pattern, "#")
	parts := strings.SplitN(part, "#", len(patterns))
	if len(parts) < len(patterns) {
		return 0, false
	}
	for i, p := range patterns {
		switch {
		case p == parts[i]:
			letters++
		case p == strings.ToUpper(p) || parts[i] == "":
			return 0, false
		}
	}
	return letters, true
}

// retryNewer is the wait that a client is told when the service is too old for
// its data. A return to another release takes minutes.
const retryNewer = time.Minute

// Schema is the version of the forms in which this package writes items. Each
// release with another form has a version of its own. A release writes items
// that the release with the version before reads, and reads those of the
// version after, so that both can run on one table. CHANGELOG.md and
// testdata/schema say what each version has changed.
const Schema = 2

// schemaName is the attribute with the version of the code that last wrote the
// whole item. Its name has one letter, because it is in every item. Items of
// version 1 lack it. An update of some attributes leaves it as it is.
const schemaName = "v"

// setNew is the part of an update that gives a new item its kind and version.
const setNew = "#itemKind = :itemKind, #" + schemaName + " = :" + schemaName

// asNew adds the values of setNew to those of an update.
func (k key) asNew(values item) item {
	values[":itemKind"] = text(string(k.Kind))
	values[":"+schemaName] = number(Schema)
	return values
}

// versioned gives a whole item its version.
func versioned(it item) item {
	if it != nil {
		it[schemaName] = number(Schema)
	}
	return it
}

// readable refuses an item of a version that this code does not know. Such an
// item is there after a return to a release that is too old for the table.
// A decision would rest on half of it, and a write would lose the other half.
// Every item that comes from the table passes through this function, except
// those of audit logs that are only verified. Errors: CodeUnavailable with
// ReasonNewerData.
func readable(it item) error {
	v, ok := it[schemaName]
	if !ok {
		return nil
	}
	n, isNumber := v.(*types.AttributeValueMemberN)
	if isNumber {
		version, err := strconv.Atoi(n.Value)
		if err == nil && version <= Schema+1 {
			return nil
		}
	}
	kind := stringOf(it["itemKind"])
	if kind == "" {
		kind = string(KindOf(stringOf(it["PK"]), sortKey(it)))
	}
	refused := problem.Unavailable(
		"The service is at an earlier version than its data, and nothing was changed",
		retryNewer,
	).For(problem.ReasonNewerData)
	refused.Err = fmt.Errorf("an item of kind %s has a schema version above %d", kind, Schema+1)
	return refused
}

package store

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// IDs are what keys are built from.
type IDs struct {
	Account      value.AccountID
	Profile      value.ProfileID
	Token        value.TokenID
	Code         value.CodeID
	Message      tenancy.MessageID
	Invitation   tenancy.InvitationID
	Notification tenancy.NotificationID
	Transfer     tenancy.TransferID
	Email        value.Email
	Log          string // of an audit entry, whose id is Entry
	Entry        string
	Subject      string // of a rate window
	Event        string // of a line of usage
	Charge       string
	Version      int64  // of the account of a snapshot
	Scope, Key   string // of a mark
	Time         time.Time
}

// Keys builds one key of every kind, for the test that no two share one. The result says for each key what went into it.
func Keys(i IDs) map[[2]string]string {
	ms := sortable(i.Time)
	out := map[[2]string]string{}
	add := func(k key, of string) { out[[2]string{k.PK, k.SK}] = of }
	add(accountKey(i.Account), "account "+string(i.Account))
	add(factorsKey(i.Account), "keyring "+string(i.Account))
	add(grantKey(i.Account, i.Profile), "grant "+string(i.Account)+" "+string(i.Profile))
	add(reservationKey(i.Email), "claim "+string(i.Email))
	add(profileKey(i.Profile), "profile "+string(i.Profile))
	add(memberKey(tenancy.Member{Profile: i.Profile, Account: i.Account, Active: true}), "member "+string(i.Profile)+" "+string(i.Account))
	add(memberKey(tenancy.Member{Profile: i.Profile, Invitation: i.Invitation}), "place "+string(i.Profile)+" "+string(i.Invitation))
	add(formerMemberKey(i.Profile, i.Account), "former "+string(i.Profile)+" "+string(i.Account))
	add(invitationKey(i.Code), "invitation "+string(i.Code))
	add(invitedKey(tenancy.Invitation{Email: i.Email, Code: i.Code}), "invited "+string(i.Email)+" "+string(i.Code))
	add(notificationKey(i.Account, i.Notification), "notification "+string(i.Account)+" "+string(i.Notification))
	add(tokenKey(i.Token), "token "+string(i.Token))
	add(tokenRowKey(i.Profile, i.Time, i.Token), "row "+string(i.Profile)+" "+ms+" "+string(i.Token))
	add(familyKey(i.Token), "family "+string(i.Token))
	add(reuseKey(i.Token), "reuse "+string(i.Token))
	add(useKey(i.Token), "use "+string(i.Token))
	add(codeKey(i.Code), "code "+string(i.Code))
	add(securityKey(i.Code), "security code "+string(i.Code))
	add(messageKey(i.Message), "mail "+string(i.Message))
	add(deletedProfileKey(i.Profile), "deleted "+string(i.Profile))
	add(accountDeletionKey(i.Account), "deleted account "+string(i.Account))
	add(cooldownKey(i.Subject), "pause "+i.Subject)
	add(rateWindowKey(i.Subject, i.Time), "window "+i.Subject+" "+ms)
	add(recordKey(&IdempotencyRecord{Scope: i.Scope, Key: i.Key}), "mark "+i.Scope+" "+i.Key)
	t := tenancy.Transfer{ID: i.Transfer, Email: i.Email, Created: i.Time}
	add(transferKey(i.Transfer), "transfer "+string(i.Transfer))
	add(openTransferKey(i.Profile), "open transfer "+string(i.Profile))
	add(transferRowKey(i.Account, t), "transfer row "+string(i.Account)+" "+ms+" "+string(i.Transfer))
	add(offeredKey(t), "offered "+string(i.Email)+" "+ms+" "+string(i.Transfer))
	add(queuedKey(t), "queued "+ms+" "+string(i.Transfer))
	add(cutKey(i.Profile, i.Time), "cut "+string(i.Profile)+" "+ms)
	add(usageKey(i.Profile), "usage "+string(i.Profile))
	add(hourKey(i.Profile, i.Time), "hour "+string(i.Profile)+" "+ms)
	add(eventKey(i.Profile, i.Event), "event "+string(i.Profile)+" "+i.Event)
	add(chargeKey(tenancy.Charge{ID: i.Charge, Account: i.Account, From: i.Time}), "charge "+string(i.Account)+" "+ms+" "+i.Charge)
	add(snapshotKey(tenancy.Account{ID: i.Account, Version: i.Version}), "snapshot "+string(i.Account)+" "+strconv.FormatInt(i.Version, 10))
	add(headKey(i.Log), "head "+i.Log)
	add(auditKey(auditlog.Entry{Log: i.Log, ID: i.Entry, Time: i.Time}), "entry "+i.Log+" "+ms+" "+i.Entry)
	return out
}

// KeyKinds is how many kinds of keys there are.
const KeyKinds = 37

// DueShards is over how many partitions of the index the work of one kind is spread.
const DueShards = dueShards

// DueKey is the key of a piece of work in the index.
func DueKey(kind DueKind, id string, at time.Time) (pk, sk string) {
	d := dueAt(kind, id, at)
	return d.PK, d.SK
}

// MaxAttempts is how often a transaction that meets contention is sent.
const MaxAttempts = maxAttempts

// Actions is how many actions a unit of work has so far.
func Actions(tx *Tx) int { return len(tx.steps) }

// MaxActions is how many it may have.
const MaxActions = maxActions

// PurgePage is how many tokens one step of a purge reclaims.
const PurgePage = purgePage

// Hour puts a row of history, as a report of another hour leaves it.
func Hour(tx *Tx, u tenancy.Usage) { tx.put(hourFrom(u), condition{}) }

// TokenAttributes are the attributes that the stored form of a token may be without, and those that its condition of being as it was read
// knows of.
func TokenAttributes() (omitted, known []string) {
	form := reflect.TypeFor[tokenItem]()
	for _, field := range reflect.VisibleFields(form) {
		name, empty, _ := strings.Cut(field.Tag.Get("dynamodbav"), ",")
		if empty == "omitempty" && name != "ttl" {
			omitted = append(omitted, name)
		}
	}
	slices.Sort(omitted)
	return omitted, tokenOptional
}

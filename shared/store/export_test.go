package store

import (
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// IDs are the parts of which keys are built.
type IDs struct {
	Account      value.AccountID
	Profile      value.ProfileID
	Token        value.TokenID
	Code         value.CodeID
	Message      mailing.ID
	Invitation   tenancy.InvitationID
	Notification tenancy.NotificationID
	Transfer     transfer.ID
	Email        value.Email
	Log          string // of an audit entry, whose id is Entry
	Entry        string
	Subject      string // of a rate window
	Event        string // of a line of usage
	Charge       string
	Version      int64 // of the account of a snapshot
	Webhook      webhook.ID
	Backup       backup.ID
	Delivery     string // to the webhook, at the place that Time has in milliseconds
	Scope, Key   string // of an idempotency record
	Time         time.Time
}

// Keys has a key of every kind, for the test that no two items share a key. The
// value of each key is its kind, a space, and the parts of the key.
func Keys(i IDs) map[[2]string]string {
	ms := sortable(i.Time)
	out := map[[2]string]string{}
	add := func(k key, of string) { out[[2]string{k.PK, k.SK}] = string(k.Kind) + " " + of }
	add(accountKey(i.Account), string(i.Account))
	add(factorsKey(i.Account), string(i.Account))
	add(grantKey(i.Account, i.Profile), string(i.Account)+" "+string(i.Profile))
	place := string(i.Token[:1])
	add(sessionKey(i.Account, place), string(i.Account)+" "+place)
	add(logoKey(string(i.Code)), string(i.Code))
	add(reservationKey(i.Email), string(i.Email))
	add(mailStopKey(i.Email), string(i.Email))
	add(profileKey(i.Profile), string(i.Profile))
	add(
		memberKey(tenancy.Member{Profile: i.Profile, Account: i.Account, Active: true}),
		string(i.Profile)+" "+string(i.Account),
	)
	add(
		memberKey(tenancy.Member{Profile: i.Profile, Invitation: i.Invitation}),
		string(i.Profile)+" "+string(i.Invitation),
	)
	add(formerMemberKey(i.Profile, i.Account), string(i.Profile)+" "+string(i.Account))
	add(restorableKey(i.Account, i.Profile), string(i.Account)+" "+string(i.Profile))
	add(removalKey(i.Profile, i.Account), string(i.Profile)+" "+string(i.Account))
	add(invitationKey(i.Code), string(i.Code))
	add(
		invitedKey(tenancy.Invitation{Email: i.Email, Code: i.Code}),
		string(i.Email)+" "+string(i.Code),
	)
	add(notificationKey(i.Account, i.Notification), string(i.Account)+" "+string(i.Notification))
	add(tokenKey(i.Token), string(i.Token))
	add(tokenRowKey(i.Profile, i.Time, i.Token), string(i.Profile)+" "+ms+" "+string(i.Token))
	add(familyKey(i.Token), string(i.Token))
	add(reuseKey(i.Token), string(i.Token))
	add(useKey(i.Token), string(i.Token))
	add(codeKey(i.Code), string(i.Code))
	add(securityKey(i.Code), string(i.Code))
	add(messageKey(i.Message), string(i.Message))
	add(deletedProfileKey(i.Profile), string(i.Profile))
	add(accountDeletionKey(i.Account), string(i.Account))
	add(cooldownKey(i.Subject), i.Subject)
	add(rateWindowKey(i.Subject, i.Time), i.Subject+" "+ms)
	add(recordKey(&IdempotencyRecord{Scope: i.Scope, Key: i.Key}), i.Scope+" "+i.Key)
	t := transfer.Transfer{ID: i.Transfer, Email: i.Email, Created: i.Time}
	add(transferKey(i.Transfer), string(i.Transfer))
	add(openTransferKey(i.Profile), string(i.Profile))
	add(transferRowKey(i.Account, t), string(i.Account)+" "+ms+" "+string(i.Transfer))
	add(offeredKey(t), string(i.Email)+" "+ms+" "+string(i.Transfer))
	add(queuedKey(t), ms+" "+string(i.Transfer))
	add(cutKey(i.Profile, i.Time), string(i.Profile)+" "+ms)
	add(usageKey(i.Profile), string(i.Profile))
	add(hourKey(i.Profile, i.Time), string(i.Profile)+" "+ms)
	add(eventKey(i.Profile, i.Event), string(i.Profile)+" "+i.Event)
	add(receiptsKey(i.Profile, i.Time.UnixMilli()), string(i.Profile)+" "+ms)
	add(
		chargeKey(billing.Charge{ID: i.Charge, Account: i.Account, From: i.Time}),
		string(i.Account)+" "+ms+" "+i.Charge,
	)
	add(
		snapshotKey(tenancy.Account{ID: i.Account, Version: i.Version}),
		string(i.Account)+" "+strconv.FormatInt(i.Version, 10),
	)
	add(headKey(i.Log), i.Log)
	add(webhooksKey(i.Log), i.Log)
	add(webhookQueueKey(i.Webhook), string(i.Webhook))
	waiting := webhook.Delivery{ID: i.Delivery, Webhook: i.Webhook, Order: i.Time.UnixMilli()}
	add(waitingKey(waiting), string(i.Webhook)+" "+ms+" "+i.Delivery)
	add(deliveryKey(i.Webhook, i.Delivery), string(i.Webhook)+" "+i.Delivery)
	b := backup.Backup{
		ID: i.Backup, Account: i.Account, Profile: i.Profile, File: string(i.Backup),
	}
	add(backupKey(b.Account, b.ID), string(b.Account)+" "+string(b.ID))
	add(backupRowKey(b), string(b.Account)+" "+string(b.Profile)+" "+string(b.ID))
	add(backupPartKey(b, 7), string(b.Account)+" "+b.File)
	add(auditKey(auditlog.Entry{Log: i.Log, ID: i.Entry, Time: i.Time}), i.Log+" "+ms+" "+i.Entry)
	return out
}

// DueShards is the number of partitions of the index that have the work of one
// kind.
const DueShards = dueShards

// DueKey is the key of a piece of work in the index.
func DueKey(kind DueKind, id string, at time.Time) (pk, sk string) {
	d := dueAt(kind, id, at)
	return d.PK, d.SK
}

// MaxAttempts is the number of times that a transaction is sent when it meets
// contention.
const MaxAttempts = maxAttempts

// Actions is the number of actions that a transaction has so far.
func Actions(tx *Tx) int { return len(tx.steps) }

// MaxActions is the largest number of actions that a transaction may have.
const MaxActions = maxActions

// PurgePage is the number of tokens that one step of a purge deletes.
const PurgePage = purgePage

// Hour writes a row of the history of usage, as a report of another hour leaves
// it.
func Hour(tx *Tx, u billing.Usage) { tx.put(hourFrom(u), condition{}) }

// Optional are the attributes that may be missing from items that are updated
// in place, by kind.
func Optional() map[string][]string {
	return map[string][]string{
		"account": optionalOf[accountItem](), "profile": optionalOf[profileItem](),
		"token": optionalOf[tokenItem](),
	}
}

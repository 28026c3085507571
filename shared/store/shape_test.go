package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// windowShape, cooldownShape and sealedShape are attributes that no stored form
// has together. Only updates write the first two, and an update adds the link
// to an audit entry.
type (
	windowShape struct {
		key
		Count int64    `dynamodbav:"count,omitempty"`
		IDs   []string `dynamodbav:"ids,stringset,omitempty"`
		Wrong []string `dynamodbav:"wrong,stringset,omitempty"`
		TTL   int64    `dynamodbav:"ttl"`
	}
	cooldownShape struct {
		key
		Until int64 `dynamodbav:"until"`
		TTL   int64 `dynamodbav:"ttl"`
	}
	sealedShape struct {
		auditItem
		chainLinkItem
	}
	asideShape struct {
		headItem
		Aside int64 `dynamodbav:"aside,omitempty"`
	}
)

// forms has the stored form of each kind.
var forms = map[Kind]any{
	kindAccount: accountItem{}, kindFactors: factorsItem{}, kindGrant: grantItem{},
	kindSession: sessionItem{}, kindReservation: reservationItem{}, kindProfile: profileItem{},
	kindLogo: logoItem{}, kindMember: memberItem{}, kindOpenPlace: memberItem{},
	kindInvitation: invitationItem{}, kindInvited: invitedItem{},
	kindNotification: notificationItem{}, kindTransfer: transferItem{},
	kindOpenTransfer: transferRowItem{}, kindTransferRow: transferRowItem{},
	kindOffered: transferRowItem{}, kindQueued: transferRowItem{}, kindCostCut: cutItem{},
	kindUsage: usageItem{}, kindUsageHour: usageItem{}, kindUsageEvent: eventItem{},
	kindReceipts: receiptsItem{},
	kindCharge:   chargeItem{}, kindSnapshot: snapshotItem{}, kindTokenRow: tokenItem{},
	kindToken: tokenItem{}, kindFamily: familyItem{}, kindReuse: reuseItem{},
	kindLastUsed: useItem{}, kindConfirmation: codeItem{}, kindSecurityCode: securityItem{},
	kindMail: messageItem{}, kindMailStop: mailStopItem{}, kindDeletedProfile: deletedProfileItem{},
	kindDeletedAccount: accountDeletionItem{}, kindFormerMember: formerMemberItem{},
	kindRemoval: removalItem{}, kindRestorableProfile: restorableItem{},
	kindAuditEntry: sealedShape{}, kindChainHead: asideShape{}, kindRateWindow: windowShape{},
	kindCooldown: cooldownShape{}, kindRecord: recordItem{}, kindWebhooks: webhooksItem{},
	kindWebhookQueue: webhookQueueItem{}, kindWaiting: deliveryItem{}, kindDelivery: deliveryItem{},
	kindBackup: backupItem{}, kindBackupRow: backupItem{}, kindBackupPart: backupPartItem{},
}

// inEvery are the attributes that items of all kinds may have.
var inEvery = []string{"PK", "SK", "itemKind", schemaName}

// Shapes are the attributes of the table, one a line: the kind of the item, the
// attribute, its type in DynamoDB, and whether it may be missing. The kind *
// stands for all kinds.
func Shapes() (lines []string) {
	for _, name := range inEvery {
		of := "S"
		if name == schemaName {
			of = "N"
		}
		lines = append(lines, "* "+name+" "+of)
	}
	for kind, form := range forms {
		for _, line := range attributesOf(reflect.TypeOf(form), "") {
			lines = append(lines, string(kind)+" "+line)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// attributesOf are the attributes of a stored form. The attributes of a nested
// form follow the name of its map or list.
func attributesOf(form reflect.Type, path string) (lines []string) {
	for i := range form.NumField() {
		field := form.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("dynamodbav"), ",")
		if name == "" {
			name = field.Name
		}
		switch {
		case !field.IsExported() && !field.Anonymous:
		case field.Anonymous:
			lines = append(lines, attributesOf(field.Type, path)...)
		case path == "" && slices.Contains(inEvery, name):
		default:
			of, inner := typeOf(field.Type, options)
			may := ""
			if strings.Contains(options, "omitempty") {
				may = " optional"
			}
			lines = append(lines, path+name+" "+of+may)
			if inner != nil {
				lines = append(lines, attributesOf(inner, path+name+".")...)
			}
		}
	}
	return lines
}

// typeOf returns the type that a field has in DynamoDB, and the nested form of
// which it is made, or nil.
func typeOf(t reflect.Type, options string) (of string, inner reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer:
		return typeOf(t.Elem(), options)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return "S", nil
		}
		return "M", t
	case reflect.Map:
		of, inner := typeOf(t.Elem(), "")
		return "M of " + of, inner
	case reflect.Slice:
		switch {
		case t.Elem().Kind() == reflect.Uint8:
			return "B", nil
		case t.Elem().Kind() == reflect.Slice: // a slice of byte slices
			return "BS", nil
		case strings.Contains(options, "stringset"):
			return "SS", nil
		}
		of, inner := typeOf(t.Elem(), "")
		return "L of " + of, inner
	case reflect.String:
		return "S", nil
	case reflect.Bool:
		return "BOOL", nil
	case reflect.Int, reflect.Int64, reflect.Uint8:
		return "N", nil
	}
	panic(fmt.Sprintf("%v: no type of DynamoDB", t))
}

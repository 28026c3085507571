package mailing

// Kind names a mail in the outbox, and its templates.
type Kind string

// The kinds of mails, each with the type of its name.
const (
	KindAccountConfirm      Kind = "account-confirm"
	KindAccountConfirmAgain Kind = "account-confirm-again"
	KindAccountExists       Kind = "account-exists"
	KindAccountDeleting     Kind = "account-deleting"
	KindAccountDeleted      Kind = "account-deleted"
	KindAccountLeaving      Kind = "account-leaving"
	KindPasswordReset       Kind = "password-reset"
	KindPasswordChanged     Kind = "password-changed"
	KindAccountExported     Kind = "account-exported"
	KindPin                 Kind = "pin"
	KindFactors             Kind = "factors"
	KindEmailConfirm        Kind = "email-confirm"
	KindEmailConfirmAgain   Kind = "email-confirm-again"
	KindEmailAsked          Kind = "email-asked"
	KindEmailChanged        Kind = "email-changed"
	KindEmailRestored       Kind = "email-restored"

	KindProfileDeleted   Kind = "profile-deleted"
	KindBackupDownloaded Kind = "backup-downloaded"
	KindUsageAlert       Kind = "usage-alert"
	KindAlertReached     Kind = "alert-reached"
	KindUsageDigest      Kind = "usage-digest"
	KindTokenLeaked      Kind = "token-leaked"
	KindTokenReused      Kind = "token-reused"
	KindTokenEnds        Kind = "token-ends"
	KindTokenUnused      Kind = "token-unused"
	KindTokenDisabled    Kind = "token-disabled"

	KindWebhookDisabled Kind = "webhook-disabled"

	KindTeamInvited    Kind = "team-invited"
	KindTeamInvitedNew Kind = "team-invited-new"
	KindTeamReminder   Kind = "team-reminder"
	KindTeamAccepted   Kind = "team-accepted"
	KindTeamDeclined   Kind = "team-declined"
	KindTeamExpired    Kind = "team-expired"

	KindTeamEnding      Kind = "team-ending"
	KindTeamEndingOwner Kind = "team-ending-owner"

	KindTransferDesk           Kind = "transfer-desk"
	KindTransferRequested      Kind = "transfer-requested"
	KindTransferOffered        Kind = "transfer-offered"
	KindTransferOfferedNew     Kind = "transfer-offered-new"
	KindTransferNote           Kind = "transfer-note"
	KindTransferQuestion       Kind = "transfer-question"
	KindTransferRemindOwner    Kind = "transfer-remind-owner"
	KindTransferRemindReceiver Kind = "transfer-remind-receiver"
	KindTransferRemindDesk     Kind = "transfer-remind-desk"
	KindTransferWaiting        Kind = "transfer-waiting"
	KindTransferExtended       Kind = "transfer-extended"
	KindTransferEnded          Kind = "transfer-ended"
	KindTransferGiven          Kind = "transfer-given"
	KindTransferReceived       Kind = "transfer-received"
	KindTransferReturned       Kind = "transfer-returned"
	KindTransferBack           Kind = "transfer-back"
	KindTransferBackDesk       Kind = "transfer-back-desk"

	KindMailReturned Kind = "mail-returned"
)

// Kinds returns the kinds of all mails.
func Kinds() []Kind {
	kinds := make([]Kind, len(all))
	for i, m := range all {
		kinds[i] = m.Kind()
	}
	return kinds
}

// all are the mails that this service sends.
var all = []Mail{
	AccountConfirm{},
	AccountConfirmAgain{},
	AccountExists{},
	AccountDeleting{},
	AccountDeleted{},
	AccountLeaving{},
	TokenLeaked{},
	TokenReused{},
	TokenEnds{},
	TokenUnused{},
	TokenDisabled{},
	WebhookDisabled{},
	PasswordReset{},
	PasswordChanged{},
	AccountExported{},
	Pin{},
	Factors{},
	EmailConfirm{},
	EmailConfirmAgain{},
	EmailAsked{},
	EmailChanged{},
	EmailRestored{},
	ProfileDeleted{},
	BackupDownloaded{},
	TeamInvited{},
	TeamInvitedNew{},
	TeamReminder{},
	TeamAccepted{},
	TeamDeclined{},
	TeamExpired{},
	TeamEnding{},
	TeamEndingOwner{},
	UsageAlert{},
	AlertReached{},
	UsageDigest{},
	TransferDesk{},
	TransferRequested{},
	TransferOffered{},
	TransferOfferedNew{},
	TransferNote{},
	TransferQuestion{},
	TransferRemindOwner{},
	TransferRemindReceiver{},
	TransferRemindDesk{},
	TransferWaiting{},
	TransferExtended{},
	TransferEnded{},
	TransferGiven{},
	TransferReceived{},
	TransferReturned{},
	TransferBack{},
	TransferBackDesk{},
	MailReturned{},
}

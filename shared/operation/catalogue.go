package operation

import (
	"context"
	"time"

	"profiles/shared/service"
	"profiles/shared/static"
)

// All is the catalogue. The functions, the template, the sample events and the
// documents are generated from it. It is a function because a variable would be
// filled at start, which would put every operation into every binary.
func All() []Operation {
	return []Operation{
		AccountCreate,
		AccountConfirm,
		AccountResend,
		AccountLogin,
		AccountTokenCreate,
		AccountGet,
		AccountEdit,
		OverviewGet,
		AccountExport,
		AccountDelete,
		AccountPurge,
		SessionCreate,
		SessionGet,
		SessionExtend,
		SessionDelete,
		SessionList,
		SessionRevoke,
		SessionRevokeOthers,
		PasswordRequest,
		PasswordSet,
		EmailRequest,
		EmailConfirm,
		EmailUndo,
		OtpRequest,
		OtpEnable,
		OtpConfirm,
		OtpDisable,
		OtpRecovery,
		ProfileList,
		ProfileCreate,
		ProfileGet,
		ProfileEdit,
		ProfileLogoSet,
		LogoGet,
		ProfileDelete,
		ProfileDeleted,
		ProfileRestore,
		ProfileSummary,
		ProfileSwitch,
		ProfilePurge,
		TokenCreate,
		TokenList,
		TokenRotate,
		TokenReuse,
		TokenDelete,
		TokenInfo,
		AccountTokenList,
		TokenRevokeAll,
		TokenRevokeMember,
		TokenLeaked,
		TokenExpire,
		TokenEdit,
		TokenPolicySet,
		TeamInvite,
		TeamInviteMany,
		TeamList,
		TeamEdit,
		TeamRemove,
		TeamRestore,
		TeamAccept,
		TeamDecline,
		InvitationAccept,
		InvitationDecline,
		TeamExpire,
		TransferRequest,
		TransferCheck,
		TransferCancel,
		TransferList,
		TransferGet,
		TransferConfirm,
		TransferMail,
		TransferAccept,
		TransferDecline,
		TransferRevert,
		TransferExpire,
		DeskList,
		DeskGet,
		DeskApprove,
		DeskReject,
		DeskNote,
		DeskExtend,
		DeskRevert,
		SubscriptionGet,
		SubscriptionEdit,
		SubscriptionSummary,
		SubscriptionSchedule,
		SubscriptionScheduleCancel,
		SubscriptionRenew,
		PricingGet(),
		PricingProrated,
		PlanGet,
		PlanEdit,
		CouponGet,
		PaymentRetry,
		PaymentMethodGet,
		PaymentMethodEdit,
		BillingGet,
		BillingEdit,
		PaymentHistory,
		BillingOverview,
		AllocationGet,
		AllocationEdit,
		ProfileServices,
		AddonList,
		AddonEdit,
		AddonRemove,
		AccountCost,
		ProfileCost,
		UsageReport,
		UsageCheck,
		StatisticsGet,
		AlertList,
		AlertCreate,
		AlertEdit,
		AlertDelete,
		AlertLift,
		SoftLimitsSet,
		BackupCreate,
		BackupList,
		BackupDownload,
		BackupFile,
		BackupRestore,
		BackupDelete,
		AnalysisList,
		NotificationList,
		NotificationCreate,
		NotificationRead,
		NotificationReadAll,
		NotificationAction,
		NotificationDelete,
		WebhookCreate,
		WebhookList,
		WebhookEdit,
		WebhookDelete,
		WebhookRotate,
		WebhookTest,
		DeliveryList,
		DeliveryResend,
		WebhookDeliver,
		AuditGet,
		AuditQuery,
		AccountAuditGet,
		AccountAuditQuery,
		AuditSeal,
		MailUnsubscribe,
		MailDeliver,
		MailRetry,
		MailReturn,
		ConsolePage(),
		DocsPage(),
		StatusGet(),
		RouteUnknown(),
	}
}

var MailDeliver = Operation{
	Name: "mail-deliver", Tag: "Service", Summary: "Sends mails as they enter the outbox.",
	Trigger: Stream, Of: "O#", Mails: true, Seals: true, Zones: true, handle: each(mailDeliver),
}

func mailDeliver(ctx context.Context, s *service.Services, r Record) error {
	if s.Maintenance().On() {
		return nil // mail-retry sends it when the service may write again
	}
	return s.Outbox.DeliverItem(ctx, r.PK)
}

var MailRetry = Operation{
	Name: "mail-retry", Tag: "Service", Summary: "Sends mails that are due and still unsent.",
	Trigger: Schedule, Every: time.Minute, Mails: true, Seals: true, Zones: true, sweep: mailRetry,
}

func mailRetry(ctx context.Context, s *service.Services) (int, error) { return s.Outbox.Retry(ctx) }

var MailReturn = Operation{
	Name:    "mail-return",
	Tag:     "Service",
	Summary: "Records mails that came back, and stops mails to their addresses.",
	Trigger: Topic, Seals: true, Zones: true, notice: mailReturn,
}

func mailReturn(ctx context.Context, s *service.Services, message string) error {
	return s.Outbox.Receive(ctx, message)
}

// StatusGet and the operations below are functions, because their variables are
// those of package static.
func StatusGet() Operation { return fixed(&static.StatusGet) }

func PricingGet() Operation { return fixed(&static.PricingGet) }

func ConsolePage() Operation { return fixed(&static.ConsolePage) }

func DocsPage() Operation { return fixed(&static.DocsPage) }

func RouteUnknown() Operation { return fixed(&static.RouteUnknown) }

// fixed is the entry of an operation that needs no table.
func fixed(o *static.Operation) Operation {
	out := Operation{
		Name: o.Name, Tag: o.Tag, Summary: o.Summary, Access: Anonymous,
		Static: true, AnyParams: o.AnyParams, Example: Example{Path: o.Example}, static: o,
	}
	for _, route := range o.Routes {
		out.Routes = append(out.Routes, Route(route))
	}
	if o.Result != nil {
		out.Call = constant{o.Result}
	}
	return out
}

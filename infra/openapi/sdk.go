package openapi

import (
	"profiles/shared/operation"
	"profiles/shared/static"
)

// These lines come before every call of the table below. Both SDKs send to the
// address in TAGOIO_API of the environment. The token is that of the demo
// account's owner, as in all examples; calls of Account need none.
const (
	JavaScriptClient = `import { Account, Authorization, Resources } from "@tago-io/sdk";

const token = "p-DemoAna0OnlyForTheLocalStack000KBP";
const resources = new Resources({ token });`

	PythonClient = `from tagoio_sdk import Account, Resources

token = "p-DemoAna0OnlyForTheLocalStack000KBP"
resources = Resources({"token": token})`
)

// sdk are the calls of operations in TagoIO's official SDKs, which name them
// otherwise: @tago-io/sdk 12 and tagoio-sdk 5, with the values of the
// operation's example. An operation that an SDK has no call of is absent, and
// so is one whose call cannot do what it is for: account.delete sends no
// password, Utils.getAPIVersion reads a version from an answer that has none,
// and Device.info of Python is for devices.
var sdk = map[string]*SDK{
	operation.AccountCreate.Name: {
		JavaScript: `await Account.create({
  name: "Zoe Sample", email: "zoe@example.com",
  password: "demo lantern otter", cpassword: "demo lantern otter", timezone: "Europe/Berlin",
})`,
		Python: `Account.create({
    "name": "Zoe Sample", "email": "zoe@example.com",
    "password": "demo lantern otter", "cpassword": "demo lantern otter", "timezone": "Europe/Berlin",
})`,
	},
	operation.AccountConfirm.Name: {
		JavaScript: `await Account.confirmAccount("Sample00ThisCodeConfirmsNobody5aUJ")`,
		Python:     `Account.confirmAccount("Sample00ThisCodeConfirmsNobody5aUJ")`,
	},
	operation.AccountResend.Name: {
		JavaScript: `await Account.resendConfirmation("zoe@example.com")`,
		Python:     `Account.resendConfirmation("zoe@example.com")`,
	},
	operation.AccountLogin.Name: {
		JavaScript: `await Account.login({ email: "ana@example.com", password: "demo lantern otter" })`,
		Python:     `Account.login({"email": "ana@example.com", "password": "demo lantern otter"})`,
	},
	operation.AccountTokenCreate.Name: {
		JavaScript: `await Account.tokenCreate({
  profile_id: "0123456789abcdef01234567", email: "ana@example.com", password: "demo lantern otter",
  name: "Sample", expire_time: "3 months",
})`,
		Python: `Account.tokenCreate({
    "profile_id": "0123456789abcdef01234567", "email": "ana@example.com", "password": "demo lantern otter",
    "name": "Sample", "expire_time": "3 months",
})`,
	},
	operation.AccountGet.Name: {
		JavaScript: `await resources.account.info()`,
		Python:     `resources.account.info()`,
	},
	operation.AccountEdit.Name: {
		JavaScript: `await resources.account.edit({ timezone: "America/Sao_Paulo", options: { time_format: "24" } })`,
		Python:     `resources.account.edit({"timezone": "America/Sao_Paulo", "options": {"time_format": "24"}})`,
	},

	operation.PasswordRequest.Name: {
		JavaScript: `await Account.passwordRecover("ana@example.com")`,
		Python:     `Account.passwordRecover("ana@example.com")`,
	},
	// The SDKs send no password beside the new one, so the code from the mail
	// has to take the place of the token.
	operation.PasswordSet.Name: {
		JavaScript: `await new Resources({ token: "Sample00ThisCodeConfirmsNobody5aUJ" }).account.passwordChange("lantern otter demo")`,
		Python:     `Resources({"token": "Sample00ThisCodeConfirmsNobody5aUJ"}).account.passwordChange("lantern otter demo")`,
	},

	operation.OtpRequest.Name: {
		JavaScript: `await Account.requestLoginPINCode({ email: "ana@example.com", password: "demo lantern otter" }, "email")`,
		Python:     `Account.requestLoginPINCode({"email": "ana@example.com", "password": "demo lantern otter"}, "email")`,
	},
	operation.OtpEnable.Name: {
		JavaScript: `await resources.account.enableOTP({ email: "ana@example.com", password: "demo lantern otter" }, "authenticator")`,
		Python:     `resources.account.enableOTP({"email": "ana@example.com", "password": "demo lantern otter"}, "authenticator")`,
	},
	operation.OtpConfirm.Name: {
		JavaScript: `await resources.account.confirmOTP("123456", "authenticator")`,
		Python:     `resources.account.confirmOTP("123456", "authenticator")`,
	},
	operation.OtpDisable.Name: {
		JavaScript: `await resources.account.disableOTP({
  email: "ana@example.com", password: "demo lantern otter", otp_type: "authenticator", pin_code: "123456",
}, "authenticator")`,
		Python: `resources.account.disableOTP({
    "email": "ana@example.com", "password": "demo lantern otter", "otp_type": "authenticator", "pin_code": "123456",
}, "authenticator")`,
	},

	operation.ProfileList.Name: {
		JavaScript: `await resources.profiles.list()`,
		Python:     `resources.profile.list()`,
	},
	operation.ProfileCreate.Name: {
		JavaScript: `await resources.profiles.create({ name: "Greenhouse" }, { allocate_free_resources: true })`,
		Python:     `resources.profile.create({"name": "Greenhouse"}, allocate_free_resources=True)`,
	},
	operation.ProfileGet.Name: {
		JavaScript: `await resources.profiles.info("current")`,
		Python:     `resources.profile.info("current")`,
	},
	operation.ProfileEdit.Name: {
		JavaScript: `await resources.profiles.edit("current", { name: "Plant A", logo_url: "https://example.com/logo.png" })`,
		Python:     `resources.profile.edit("current", {"name": "Plant A", "logo_url": "https://example.com/logo.png"})`,
	},
	operation.ProfileDelete.Name: {
		JavaScript: `await resources.profiles.delete("0123456789abcdef01234567", { password: "demo lantern otter" })`,
		Python:     `resources.profile.delete("0123456789abcdef01234567", {"password": "demo lantern otter"})`,
	},
	operation.ProfileSummary.Name: {
		JavaScript: `await resources.profiles.summary("current")`,
		Python:     `resources.profile.summary("current")`,
	},
	operation.ProfileSwitch.Name: {
		JavaScript: `await resources.profiles.transferTokenToAnotherProfile("0123456789abcdef01234567")`,
		Python:     `resources.profile.transferTokenToAnotherProfile("0123456789abcdef01234567")`,
	},

	operation.TokenCreate.Name: {
		JavaScript: `await resources.profiles.tokenCreate("current", {
  name: "Sample", permission: "read", expire_time: "1 day", email: "ana@example.com", password: "demo lantern otter",
})`,
		Python: `resources.profile.tokenCreate("current", {
    "name": "Sample", "permission": "read", "expire_time": "1 day", "email": "ana@example.com", "password": "demo lantern otter",
})`,
	},
	operation.TokenList.Name: {
		JavaScript: `await resources.profiles.tokenList("current", {
  page: 1, fields: ["name", "token"], amount: 20, orderBy: ["created_at", "desc"],
})`,
		Python: `resources.profile.tokenList("current", {
    "page": 1, "fields": ["name", "token"], "amount": 20, "orderBy": ["created_at", "desc"],
})`,
	},
	operation.TokenDelete.Name: {
		JavaScript: `await resources.profiles.tokenDelete("current", "Sample00")`,
		Python:     `resources.profile.tokenDelete("current", "Sample00")`,
	},
	operation.TokenInfo.Name: {
		JavaScript: `await new Authorization({ token }).info()`,
	},

	// The SDKs send no permission: who is invited like this may read.
	operation.TeamInvite.Name: {
		JavaScript: `await resources.profiles.addTeamMember("current", "zoe@example.com")`,
		Python:     `resources.profile.addTeamMember("current", "zoe@example.com")`,
	},
	operation.TeamList.Name: {
		JavaScript: `await resources.profiles.teamList("current")`,
		Python:     `resources.profile.teamList("current")`,
	},
	operation.TeamRemove.Name: {
		JavaScript: `await resources.profiles.deleteTeamMember("current", "0123456789abcdef01234567")`,
		Python:     `resources.profile.deleteTeamMember("current", "0123456789abcdef01234567")`,
	},
	operation.TeamAccept.Name: {
		JavaScript: `await Account.acceptTeamInvitation("Sample00ThisCodeConfirmsNobody5aUJ")`,
		Python:     `Account.acceptTeamInvitation("Sample00ThisCodeConfirmsNobody5aUJ")`,
	},
	operation.TeamDecline.Name: {
		JavaScript: `await Account.declineTeamInvitation("Sample00ThisCodeConfirmsNobody5aUJ")`,
		Python:     `Account.declineTeamInvitation("Sample00ThisCodeConfirmsNobody5aUJ")`,
	},

	operation.SubscriptionGet.Name: {
		JavaScript: `await resources.billing.getSubscription()`,
		Python:     `resources.billing.getSubscription()`,
	},
	operation.SubscriptionEdit.Name: {
		JavaScript: `await resources.billing.editSubscription({ services: { input: { limit: 3000000 } } })`,
		Python:     `resources.billing.editSubscription({"services": {"input": {"limit": 3000000}}})`,
	},
	operation.SubscriptionSummary.Name: {
		JavaScript: `await resources.billing.getSubscriptionSummary()`,
	},
	operation.SubscriptionSchedule.Name: {
		JavaScript: `await resources.billing.getSubscriptionSchedule()`,
	},
	operation.SubscriptionScheduleCancel.Name: {
		JavaScript: `await resources.billing.cancelDowngrade()`,
	},
	static.PricingGet.Name: {
		JavaScript: `await resources.billing.getPrices()`,
		Python:     `resources.billing.getPrices()`,
	},
	operation.PricingProrated.Name: {JavaScript: `await resources.billing.getProratedPrices()`},
	operation.PlanGet.Name:         {JavaScript: `await resources.plan.getActivePlan()`},
	operation.PlanEdit.Name: {
		JavaScript: `await resources.plan.setPlanParameters({ plan: "scale" })`,
	},
	operation.CouponGet.Name: {
		JavaScript: `await resources.billing.checkDiscountCoupon("SPRING")`,
	},
	operation.PaymentRetry.Name:      {JavaScript: `await resources.billing.retryLastPayment()`},
	operation.PaymentMethodGet.Name:  {JavaScript: `await resources.billing.getPaymentMethod()`},
	operation.PaymentMethodEdit.Name: {JavaScript: `await resources.billing.removePaymentMethod()`},
	operation.BillingGet.Name: {
		JavaScript: `await resources.billing.getBillingInformation()`,
	},
	operation.BillingEdit.Name: {
		JavaScript: `await resources.billing.editBillingInformation({ company: "Ana & Co", country: "PT", city: "Porto" })`,
	},
	operation.PaymentHistory.Name: {JavaScript: `await resources.billing.getPaymentHistory()`},

	operation.AllocationGet.Name: {JavaScript: `await resources.billing.getAllocation()`},
	operation.AllocationEdit.Name: {
		JavaScript: `await resources.billing.editAllocation([{ profile: "01a20c000000000000000001", input: 100000 }])`,
		Python:     `resources.billing.editAllocation([{"profile": "01a20c000000000000000001", "input": 100000}])`,
	},
	operation.ProfileServices.Name: {
		JavaScript: `await resources.profiles.serviceEdit("current", { input: 100000 })`,
		Python:     `resources.profile.serviceEdit("current", {"input": 100000})`,
	},
	operation.AddonList.Name: {JavaScript: `await resources.profiles.addonList("current")`},
	operation.AddonEdit.Name: {
		JavaScript: `await resources.profiles.addonEdit("current", { custom_dns: true })`,
	},
	operation.AddonRemove.Name: {
		JavaScript: `await resources.profiles.removeAddOn("current", "mobile")`,
	},

	operation.StatisticsGet.Name: {
		JavaScript: `await resources.profiles.usageStatisticList("current")`,
		Python:     `resources.profile.usageStatisticList("current")`,
	},
	operation.AnalysisList.Name: {
		JavaScript: `await resources.analysis.list()`,
		Python:     `resources.analysis.list()`,
	},

	operation.NotificationList.Name: {
		JavaScript: `await resources.notifications.list({ page: 1, amount: 20, orderBy: ["created_at", "desc"] })`,
		Python:     `resources.notifications.list({"page": 1, "amount": 20, "orderBy": ["created_at", "desc"]})`,
	},
	operation.NotificationCreate.Name: {
		JavaScript: `await resources.notifications.create({ title: "Greenhouse", message: "The window is open." })`,
		Python:     `resources.notifications.create({"title": "Greenhouse", "message": "The window is open."})`,
	},
	operation.NotificationRead.Name: {
		JavaScript: `await resources.notifications.markAsRead(["0123456789abcdef01234567"])`,
		Python:     `resources.notifications.markAsRead(["0123456789abcdef01234567"])`,
	},
	operation.NotificationReadAll.Name: {
		JavaScript: `await resources.notifications.markAllAsRead()`,
		Python:     `resources.notifications.markAllAsRead()`,
	},
	operation.NotificationAction.Name: {
		JavaScript: `await resources.notifications.notificationButton("0123456789abcdef01234567", "accept")`,
		Python:     `resources.notifications.notificationButton("0123456789abcdef01234567", "accept")`,
	},
	operation.NotificationDelete.Name: {
		JavaScript: `await resources.notifications.remove("0123456789abcdef01234567")`,
		Python:     `resources.notifications.remove("0123456789abcdef01234567")`,
	},

	operation.AuditGet.Name: {
		JavaScript: `await resources.profiles.auditLog("current")`,
		Python:     `resources.profile.auditLog("current")`,
	},
	operation.AuditQuery.Name: {
		JavaScript: `await resources.profiles.auditLogQuery("current", "cT9saW1pdD0xMA")`,
		Python:     `resources.profile.auditLogQuery("current", "cT9saW1pdD0xMA")`,
	},
}

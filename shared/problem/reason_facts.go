package problem

import "slices"

// ReasonFacts describes a reason.
type ReasonFacts struct {
	Reason Reason
	Class  Code
	// one line for whoever writes a program: what it means, and what a program
	// does about it
	Help string
}

// reasons has every Reason, in the order in which people read of them.
var reasons = []ReasonFacts{
	{
		ReasonInvalid,
		CodeInvalid,
		"The request is wrong: correct it before you send it again; `fields` names the wrong parts where they are known",
	},
	{ReasonUnauthenticated, CodeUnauthenticated, "The request lacks a valid credential"},
	{
		ReasonForbidden,
		CodeForbidden,
		"The caller is known and may not do this; the message says why",
	},
	{ReasonNotFound, CodeNotFound, "There is no such thing, or the caller may not see it"},
	{
		ReasonConflict,
		CodeConflict,
		"It was changed meanwhile, or its state does not allow this: read it again, then decide whether to send the request again",
	},
	{ReasonTooMany, CodeTooMany, "A rate limit is reached: wait for `retry_after` seconds"},
	{ReasonTooLarge, CodeTooLarge, "The body of the request is over `limit` bytes"},
	{
		ReasonUnavailable,
		CodeUnavailable,
		"A part that the service needs failed: send the same request again in a moment",
	},
	{
		ReasonMaintenance,
		CodeUnavailable,
		"The service is read-only for maintenance: send the same request again after `retry_after` seconds",
	},
	{
		ReasonNewerData,
		CodeUnavailable,
		"The service is at an earlier version than its data: send the same request again later, and report it if it lasts",
	},
	{
		ReasonDirectRequest,
		CodeForbidden,
		"The request was sent past the public address of the service: send it to the address that you were given",
	},
	{
		ReasonInternal,
		CodeInternal,
		"The service has a defect: send the same request again, and report the `X-Request-Id` if it fails again",
	},

	{
		ReasonUnknownParameter,
		CodeInvalid,
		"The route does not know a query parameter: `fields` names it",
	},
	{ReasonUnknownField, CodeInvalid, "The body has a key that is not allowed: `fields` names it"},
	{
		ReasonAnswerTooLarge,
		CodeInvalid,
		"The answer would be too large to be sent at once: ask for fewer things, or for a shorter span of time",
	},
	{
		ReasonNotOffered,
		CodeInvalid,
		"TagoIO has this and this service does not: leave it out",
	},

	{
		ReasonNoToken,
		CodeUnauthenticated,
		"The request has no token: send one in the header `token`",
	},
	{
		ReasonTokenInvalid,
		CodeUnauthenticated,
		"The token, or the code in its place, is not valid: sign in again or use another one",
	},
	{ReasonInvalidCredentials, CodeUnauthenticated, "The address or the password is wrong"},
	{ReasonInvalidPassword, CodeUnauthenticated, "The password that the action asks for is wrong"},
	{
		ReasonPasswordRequired,
		CodeInvalid,
		"The action needs the password of the account besides the token: `fields` names where to send it",
	},
	{
		ReasonSecondFactorRequired,
		CodeUnauthenticated,
		"The password is right, and a pin of one of `factors` is needed too: send `otp_type` and `pin_code`; ask for `first` unless the person chooses another one",
	},
	{ReasonInvalidPin, CodeUnauthenticated, "The pin or recovery code is wrong, used or too old"},
	{
		ReasonTooManyAttempts,
		CodeTooMany,
		"Too many wrong passwords or pins: all are refused for `retry_after` seconds",
	},
	{ReasonAccountBlocked, CodeForbidden, "The account is blocked by the operator"},
	{
		ReasonAddressUnconfirmed,
		CodeForbidden,
		"The address is not confirmed: the person must open the link in the mail",
	},
	{
		ReasonLinkVoid,
		CodeInvalid,
		"The link or code from a mail is not valid, or not any more: ask for a new mail",
	},
	{
		ReasonFactorState,
		CodeInvalid,
		"The state of the second factor does not allow this: it is enabled already, or not enabled",
	},

	{
		ReasonSessionEnded,
		CodeUnauthenticated,
		"The session of the browser has ended or does not exist: sign in again",
	},
	{
		ReasonNoSession,
		CodeUnauthenticated,
		"The request needs a session of a browser and has no valid one: sign in with `POST /console/session`, and send no token",
	},
	{
		ReasonNotSameOrigin,
		CodeUnauthenticated,
		"A session of a browser is accepted only in requests of this service's own pages: with `Sec-Fetch-Site: same-origin`, the header `console: 1` and, for a request that changes something, an `Origin` of this host",
	},
	{
		ReasonTokenOnly,
		CodeInvalid,
		"The request is about the calling token and was sent with a session of a browser: send a token",
	},
	{
		ReasonNoOwnProfile,
		CodeInvalid,
		"A session of a browser belongs to no profile: name the profile by its id in place of `current`",
	},

	{ReasonTokenWrongAddress, CodeForbidden, "The token may not be used from this network address"},
	{
		ReasonTokenOneProfile,
		CodeForbidden,
		"The token is for one profile only, and the request is for another one or for the account: use a token with the scope `account`",
	},
	{
		ReasonTokenExceeds,
		CodeForbidden,
		"A token cannot give another token more than it may do itself: use a token that may do more, or sign in",
	},
	{
		ReasonTokenPolicy,
		CodeForbidden,
		"The owner of the profile does not allow tokens to live that long; `longest_days` and `never` say what is allowed",
	},
	{ReasonTokenRotated, CodeConflict, "The token was rotated: use the one that took its place"},
	{
		ReasonTokenDisabled,
		CodeForbidden,
		"The token is disabled: enable it first, or make a new one",
	},

	{
		ReasonNeedsPermission,
		CodeForbidden,
		"The token has the permission `has`, and the request needs `needs`",
	},
	{ReasonOwnerOnly, CodeForbidden, "Only the owner of the profile may do this"},
	{ReasonServiceOnly, CodeForbidden, "Only data-plane accounts may do this"},

	{
		ReasonPlanLacks,
		CodeForbidden,
		"The plan `plan` does not have this; the plans in `needs` do",
	},
	{
		ReasonProfilesFull,
		CodeForbidden,
		"The plan allows `limit` profiles, and the account has `used`",
	},
	{
		ReasonTeamFull,
		CodeForbidden,
		"The plan allows `limit` members of a profile; open invitations count too",
	},
	{
		ReasonOnlyProfile,
		CodeForbidden,
		"It is the only profile of the account: create another one first",
	},
	{
		ReasonAllocationLacks,
		CodeForbidden,
		"The new or restored profile asks for more of a service than the account has left",
	},
	{
		ReasonAllocationOver,
		CodeInvalid,
		"The allocations of `service` add up to `used`, and the account has `limit`",
	},
	{
		ReasonAllocationUnder,
		CodeInvalid,
		"The allocation of `service` would be below `limit`, which the profile stores or has used",
	},
	{
		ReasonAllocationStale,
		CodeConflict,
		"The allocation of `service` is not the `seen` one any more: read it again and decide again",
	},
	{ReasonTierUnknown, CodeInvalid, "The limit of a service must be one of `tiers`"},
	{
		ReasonNothingScheduled,
		CodeInvalid,
		"There is no scheduled change of the subscription to cancel",
	},
	{
		ReasonEventReused,
		CodeConflict,
		"The event was reported before with a different line: give this line an event of its own",
	},

	{ReasonAlreadyMember, CodeInvalid, "The address is that of a member of the profile"},
	{
		ReasonRemovalFinal,
		CodeInvalid,
		"The owner did not remove this member in the last hour, so that only an invitation brings the person back",
	},
	{ReasonOwnAddress, CodeInvalid, "The address is the caller's own: give another one"},
	{
		ReasonInvitationOver,
		CodeInvalid,
		"The invitation is not valid any more, or was answered already",
	},
	{
		ReasonInvitationAddress,
		CodeInvalid,
		"Only an account with the address that the invitation was sent to can answer it",
	},
	{
		ReasonMailLimit,
		CodeTooMany,
		"No more mails of this kind can be sent for `retry_after` seconds; `budget` and `limit` are given if a limit for a day is reached",
	},
	{
		ReasonWebhooksFull,
		CodeForbidden,
		"A profile or an account has at most `limit` webhooks: delete one first",
	},
	{
		ReasonAlertsFull,
		CodeForbidden,
		"A profile has at most `limit` alerts: delete one first",
	},
	{ReasonNotStopped, CodeConflict, "The alert stops nothing now, so that there is nothing to lift"},
	{
		ReasonBackupToday,
		CodeForbidden,
		"A profile has at most `limit` backup in a day of its owner's time zone: the next one can be made at `until`",
	},
	{
		ReasonBackupDamaged,
		CodeConflict,
		"The backup is not as it was made, or the key is gone that it was made with: use another one",
	},

	{
		ReasonPrerequisitesMissing,
		CodeForbidden,
		"The profile cannot be transferred until the prerequisites in `missing` hold",
	},
	{
		ReasonTransferOpen,
		CodeConflict,
		"The profile has an open transfer: cancel it, or wait until it ends",
	},
	{
		ReasonTransferOver,
		CodeConflict,
		"The transfer has ended and cannot be changed any more",
	},
	{ReasonTransferFinal, CodeForbidden, "The transfer cannot be taken back, or not any more"},
	{
		ReasonTransferHold,
		CodeForbidden,
		"The profile came from another account, which can ask for it back until the time in `until`",
	},

	{
		ReasonKeyReused,
		CodeConflict,
		"The `Idempotency-Key` was used for a different request: send this request with a new key",
	},
	{
		ReasonKeyUnanswered,
		CodeConflict,
		"The first request with the `Idempotency-Key` is under way, or it took effect and its answer is not known: check whether its effect is there before you send it with a new key",
	},
}

// Reasons returns every Reason, in the order in which people read of them.
// Functions do not call it: the texts are for documents and tests.
func Reasons() []ReasonFacts { return slices.Clone(reasons) }

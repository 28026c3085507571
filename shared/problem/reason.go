package problem

import (
	"slices"
	"strings"
)

// Reason is the name by which programs know a refusal: in snake case, and the
// same for ever. It has a class, which fixes the HTTP status, and tells no more
// than the message of the refusal does.
type Reason string

// The reasons for refusals. Those of Code.Reason stand for whatever has none of
// its own.
const (
	ReasonInvalid         Reason = "invalid"
	ReasonUnauthenticated Reason = "unauthenticated"
	ReasonForbidden       Reason = "forbidden"
	ReasonNotFound        Reason = "not_found"
	ReasonConflict        Reason = "conflict"
	ReasonTooMany         Reason = "too_many"
	ReasonTooLarge        Reason = "too_large"
	ReasonUnavailable     Reason = "unavailable"
	ReasonInternal        Reason = "internal"

	ReasonUnknownParameter Reason = "unknown_parameter"
	ReasonUnknownField     Reason = "unknown_field"
	ReasonAnswerTooLarge   Reason = "answer_too_large"
	ReasonNotOffered       Reason = "not_offered"

	ReasonNoToken              Reason = "no_token"
	ReasonTokenInvalid         Reason = "token_invalid"
	ReasonInvalidCredentials   Reason = "invalid_credentials"
	ReasonInvalidPassword      Reason = "invalid_password"
	ReasonPasswordRequired     Reason = "password_required"
	ReasonSecondFactorRequired Reason = "second_factor_required"
	ReasonInvalidPin           Reason = "invalid_pin"
	ReasonTooManyAttempts      Reason = "too_many_attempts"
	ReasonAccountBlocked       Reason = "account_blocked"
	ReasonAddressUnconfirmed   Reason = "address_unconfirmed"
	ReasonLinkVoid             Reason = "link_void"
	ReasonFactorState          Reason = "factor_state"

	ReasonSessionEnded  Reason = "session_ended"
	ReasonNoSession     Reason = "no_session"
	ReasonNotSameOrigin Reason = "not_same_origin"
	ReasonTokenOnly     Reason = "token_only"
	ReasonNoOwnProfile  Reason = "no_own_profile"

	ReasonTokenWrongAddress Reason = "token_wrong_address"
	ReasonTokenOneProfile   Reason = "token_one_profile"
	ReasonTokenExceeds      Reason = "token_exceeds"
	ReasonTokenPolicy       Reason = "token_policy"
	ReasonTokenRotated      Reason = "token_rotated"
	ReasonTokenDisabled     Reason = "token_disabled"

	ReasonNeedsPermission Reason = "needs_permission"
	ReasonOwnerOnly       Reason = "owner_only"
	ReasonServiceOnly     Reason = "service_only"

	ReasonPlanLacks        Reason = "plan_lacks"
	ReasonProfilesFull     Reason = "profiles_full"
	ReasonTeamFull         Reason = "team_full"
	ReasonOnlyProfile      Reason = "only_profile"
	ReasonAllocationLacks  Reason = "allocation_lacks"
	ReasonAllocationOver   Reason = "allocation_over"
	ReasonAllocationUnder  Reason = "allocation_under"
	ReasonAllocationStale  Reason = "allocation_stale"
	ReasonTierUnknown      Reason = "tier_unknown"
	ReasonNothingScheduled Reason = "nothing_scheduled"
	ReasonEventReused      Reason = "event_reused"

	ReasonAlreadyMember     Reason = "already_member"
	ReasonOwnAddress        Reason = "own_address"
	ReasonInvitationOver    Reason = "invitation_over"
	ReasonInvitationAddress Reason = "invitation_address"
	ReasonMailLimit         Reason = "mail_limit"

	ReasonPrerequisitesMissing Reason = "prerequisites_missing"
	ReasonTransferOpen         Reason = "transfer_open"
	ReasonTransferOver         Reason = "transfer_over"
	ReasonTransferFinal        Reason = "transfer_final"
	ReasonTransferHold         Reason = "transfer_hold"

	ReasonKeyReused     Reason = "key_reused"
	ReasonKeyUnanswered Reason = "key_unanswered"
)

// ReasonFacts is what there is to know about a reason.
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
		"The request is wrong and never works as sent; `fields` names what of it, where that is known",
	},
	{ReasonUnauthenticated, CodeUnauthenticated, "The request lacks a valid credential"},
	{
		ReasonForbidden,
		CodeForbidden,
		"The caller is known and may not do this; the message says why",
	},
	{ReasonNotFound, CodeNotFound, "It does not exist for this caller"},
	{
		ReasonConflict,
		CodeConflict,
		"Somebody else changed it first, or its state has no room for this: read it again and decide again",
	},
	{ReasonTooMany, CodeTooMany, "A rate limit: wait for `retry_after` seconds"},
	{ReasonTooLarge, CodeTooLarge, "The body of the request is over `limit` bytes"},
	{
		ReasonUnavailable,
		CodeUnavailable,
		"Something that this depends on failed: send the same request again in a moment",
	},
	{
		ReasonInternal,
		CodeInternal,
		"A defect here: send the same request again, and report the `x-request-id` if it stays",
	},

	{
		ReasonUnknownParameter,
		CodeInvalid,
		"The route does not know a query parameter: `fields` names it",
	},
	{ReasonUnknownField, CodeInvalid, "The body has a key that is not taken: `fields` names it"},
	{
		ReasonAnswerTooLarge,
		CodeInvalid,
		"The answer would be larger than what can be sent at once: ask for fewer things, or a shorter span of time",
	},
	{
		ReasonNotOffered,
		CodeInvalid,
		"The original has this and this service does not: leave it out",
	},

	{
		ReasonNoToken,
		CodeUnauthenticated,
		"The request has no token: send one in the header `token`",
	},
	{
		ReasonTokenInvalid,
		CodeUnauthenticated,
		"The token, or the code in its place, does not work, or not any more: sign in again or take another one",
	},
	{ReasonInvalidCredentials, CodeUnauthenticated, "The address or the password is wrong"},
	{ReasonInvalidPassword, CodeUnauthenticated, "The password that the action asks for is wrong"},
	{
		ReasonPasswordRequired,
		CodeInvalid,
		"The action asks for the password of the account besides the token: `fields` names where it goes",
	},
	{
		ReasonSecondFactorRequired,
		CodeUnauthenticated,
		"The password is right, and one of `factors` is needed too: send `otp_type` and `pin_code`; `first` is the one to ask for",
	},
	{ReasonInvalidPin, CodeUnauthenticated, "The pin or recovery code is wrong, used or too old"},
	{
		ReasonTooManyAttempts,
		CodeTooMany,
		"Too many wrong passwords or pins: none is looked at for `retry_after` seconds",
	},
	{ReasonAccountBlocked, CodeForbidden, "The account is blocked by the operator"},
	{
		ReasonAddressUnconfirmed,
		CodeForbidden,
		"The account waits for the link in its mail to be opened",
	},
	{
		ReasonLinkVoid,
		CodeInvalid,
		"The link of a mail does not work, or not any more: ask for a new one",
	},
	{
		ReasonFactorState,
		CodeInvalid,
		"The second factor is not in a state that this goes with: enabled already, or not enabled",
	},

	{
		ReasonSessionEnded,
		CodeUnauthenticated,
		"The session of the browser has ended, or is none: sign in again",
	},
	{
		ReasonNoSession,
		CodeUnauthenticated,
		"Only a session of a browser has this, and the request has none that counts: sign in at POST /console/session, and send no token",
	},
	{
		ReasonNotSameOrigin,
		CodeUnauthenticated,
		"A session of a browser counts only in requests of this service's own pages: with `Sec-Fetch-Site: same-origin`, the header `console: 1` and, where something changes, an `Origin` of this host",
	},
	{
		ReasonTokenOnly,
		CodeInvalid,
		"This is about the token that the request carries, and a session of a browser is none: send a token",
	},
	{
		ReasonNoOwnProfile,
		CodeInvalid,
		"A session of a browser has no profile of its own: name the profile by its id in place of `current`",
	},

	{ReasonTokenWrongAddress, CodeForbidden, "The token may not be used from this network address"},
	{
		ReasonTokenOneProfile,
		CodeForbidden,
		"The token is for one profile, and this concerns another or the account: use one with the scope account",
	},
	{
		ReasonTokenExceeds,
		CodeForbidden,
		"A token cannot give more than it has itself: use one that has it, or sign in",
	},
	{
		ReasonTokenPolicy,
		CodeForbidden,
		"The owner of the profile does not allow tokens to live that long; `longest_days` and `never` are what is allowed",
	},
	{ReasonTokenRotated, CodeConflict, "The token was rotated: use the one that took its place"},
	{
		ReasonTokenDisabled,
		CodeForbidden,
		"The token is disabled: enable it before, or make a new one",
	},

	{
		ReasonNeedsPermission,
		CodeForbidden,
		"The token has the permission `has`, and this needs `needs`",
	},
	{ReasonOwnerOnly, CodeForbidden, "Only the owner of the profile may do this"},
	{ReasonServiceOnly, CodeForbidden, "Only the data plane may do this"},

	{
		ReasonPlanLacks,
		CodeForbidden,
		"The plan `plan` does not have this: `needs` are the plans that do",
	},
	{
		ReasonProfilesFull,
		CodeForbidden,
		"The plan admits `limit` profiles, and the account has `used`",
	},
	{
		ReasonTeamFull,
		CodeForbidden,
		"The plan admits `limit` members of the profile, and open invitations count",
	},
	{
		ReasonOnlyProfile,
		CodeForbidden,
		"The account has this profile only: create another one first",
	},
	{
		ReasonAllocationLacks,
		CodeForbidden,
		"The new profile asks for more of a service than the account has left",
	},
	{
		ReasonAllocationOver,
		CodeInvalid,
		"The allocations of `service` come to `used`, and the account has `limit`",
	},
	{
		ReasonAllocationUnder,
		CodeInvalid,
		"The allocation of `service` would be below `limit`, which the profile holds or has used",
	},
	{
		ReasonAllocationStale,
		CodeConflict,
		"The allocation of `service` is not the one that was `seen`: it was changed in the meantime",
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
		"The event was reported before with another line: name this one by an event of its own",
	},

	{ReasonAlreadyMember, CodeInvalid, "The address is that of a member of the profile already"},
	{ReasonOwnAddress, CodeInvalid, "The address is the caller's own, and another one is needed"},
	{
		ReasonInvitationOver,
		CodeInvalid,
		"The invitation is not valid any more, or is answered already",
	},
	{
		ReasonInvitationAddress,
		CodeInvalid,
		"The invitation needs an account with the address that it was sent to",
	},
	{
		ReasonMailLimit,
		CodeTooMany,
		"No more mails of this kind for `retry_after` seconds; `budget` and `limit` are given where a budget of a day is spent",
	},

	{
		ReasonPrerequisitesMissing,
		CodeForbidden,
		"The profile cannot be transferred before `missing` is put right",
	},
	{
		ReasonTransferOpen,
		CodeConflict,
		"The profile has an open transfer: cancel it, or wait for its end",
	},
	{
		ReasonTransferOver,
		CodeConflict,
		"The transfer has ended: nothing can be done about it any more",
	},
	{ReasonTransferFinal, CodeForbidden, "The transfer cannot be taken back, or not any more"},
	{
		ReasonTransferHold,
		CodeForbidden,
		"The profile came from another account, which can ask for it back until `until`",
	},

	{
		ReasonKeyReused,
		CodeConflict,
		"The `Idempotency-Key` came with another request: send a new request with a new key",
	},
	{
		ReasonKeyUnanswered,
		CodeConflict,
		"The first request with the `Idempotency-Key` is under way or took effect, and its answer is not known: look before sending it with a new key",
	},
}

// Reasons returns every Reason, in the order in which people read of them.
// Functions do not call it: the texts are for documents and tests.
func Reasons() []ReasonFacts { return slices.Clone(reasons) }

// Reason is the reason of refusals of the class that have none of their own.
func (c Code) Reason() Reason { return Reason(strings.ReplaceAll(string(c), "-", "_")) }
